"""For each word of a schema that an answer breaks there is a change after which it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.json_patch import patched
from mockserver.launch import contracts_in
from mockserver.verify.schema_drift import body_drifts
from mockserver.verify.suggest.inferred import schema_of
from mockserver.verify.suggest.schemas import loosened, one_more

VIDGEN = next(contract for contract in contracts_in() if contract.name == "vidgen")


def differences(document: Any, body: Any) -> list[Any]:
    return body_drifts(replace(VIDGEN, document=document), "op", "/schema", body)


def seen(body: Any, at: str) -> list[Any]:
    from mockserver import pointers

    value = pointers.get(body, at)
    return [] if value is pointers.MISSING else [value]


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        ({"type": "string"}, 3),
        ({"type": ["string", "null"]}, 3),
        ({"type": "integer"}, 3.5),
        ({"type": "string"}, None),
        ({"enum": ["a"]}, "b"),
        ({"enum": ["a"]}, None),
        ({"enum": [1, 2]}, True),
        ({"const": "a"}, "b"),
        ({"const": "a"}, None),
        ({"const": "a", "enum": ["a", "b"]}, "b"),
        ({"minimum": 3}, 2),
        ({"maximum": 3}, 4.5),
        ({"exclusiveMinimum": 3}, 3),
        ({"exclusiveMaximum": 3, "maximum": 9}, 4),
        ({"multipleOf": 2}, 3),
        ({"minLength": 3}, "ab"),
        ({"maxLength": 3}, "abcd"),
        ({"pattern": "^a$"}, "b"),
        ({"format": "date"}, "tomorrow"),
        ({"minItems": 1}, []),
        ({"maxItems": 1}, [1, 2]),
        ({"uniqueItems": True}, [1, 1]),
        ({"items": {"type": "string"}}, ["a", 1]),
        ({"prefixItems": [{"type": "string"}], "items": False}, ["a", 1]),
        ({"contains": {"const": 1}, "minContains": 2}, [1]),
        ({"minProperties": 1}, {}),
        ({"maxProperties": 1}, {"a": 1, "b": 2}),
        ({"properties": {"a": {"type": "integer"}}, "additionalProperties": False}, {"a": 1, "b": 2}),
        ({"additionalProperties": False}, {"a": 1}),
        ({"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": False}, {"y/z~": 1}),
        ({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}, {"a": 1, "b": 2}),
        ({"required": ["a"]}, {}),
        ({"required": ["a", "b", "c"]}, {"b": 1}),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}),
        ({"not": {"type": "integer"}}, 3),
        ({"oneOf": [{"type": "integer"}, {"minimum": 1}]}, 3),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 3),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, None),
        ({"if": {"type": "integer"}, "then": {"minimum": 3}}, 2),
        ({"$ref": "#/shared"}, 3),
        ({"allOf": [{"$ref": "#/shared"}, {"minLength": 2}]}, "a"),
    ],
)
def test_what_breaks_a_word_does_not_after_the_change(schema: Any, body: Any) -> None:
    document = {"schema": schema, "shared": {"type": "string"}}
    found = differences(document, body)
    assert found
    for _ in range(5):
        if not found:
            break
        values = seen(body, found[0].at)
        changes = one_more(document, found[0], values) if found[0].tied else []
        changes = changes or loosened(document, found[0], values)
        assert changes, found[0]
        document = patched(document, changes)
        found = [drift for drift in differences(document, body) if drift.word != "properties"]
    assert not found


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        ([1], {"type": "integer"}),
        ([1, 2.5], {"type": "number"}),
        ([1, "a"], {"type": ["integer", "string"]}),
        ([True], {"type": "boolean"}),
        ([None], {}),
        (["a", None], {"type": ["string", "null"]}),
        ([[1, "a"]], {"type": "array", "items": {"type": ["integer", "string"]}}),
        ([[]], {"type": "array"}),
        ([{"a": 1}, {"b": None}], {"type": "object", "properties": {"a": {"type": "integer"}, "b": {}}}),
    ],
)
def test_a_schema_says_what_values_are_and_not_what_they_say(values: list[Any], schema: Any) -> None:
    assert schema_of(values) == {**schema, "x-evidence": "observed"}


def test_alternatives_that_are_equally_near_are_told() -> None:
    alternatives = [
        {"type": "object", "properties": {"a": {"const": 1}}},
        {"type": "object", "properties": {"a": {"const": 2}}},
    ]
    (found,) = differences({"schema": {"oneOf": alternatives}}, {"a": 3})
    assert [each.pointer for each in (found, *found.tied)] == [
        "/schema/oneOf/0/properties/a/const",
        "/schema/oneOf/1/properties/a/const",
    ]
