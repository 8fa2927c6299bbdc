"""Null for a field that may be missing: what is read as left out, and how the shown document says so."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.validation.absence import fields_of, without_blanks, without_nulls
from mockserver.validation.nullable import with_nulls

TEXT = {"type": "string"}
FORMS: dict[str, Any] = {
    "plain": {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["a"]},
    "choice": {
        "type": "object",
        "properties": {"a": TEXT, "b": TEXT, "c": {"enum": ["x", "y"]}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "one of": {
        "type": "object",
        "oneOf": [{"properties": {"a": TEXT}, "required": ["a"]}, {"properties": {"b": TEXT}, "required": ["b"]}],
    },
    "all of": {"allOf": [{"properties": {"a": TEXT}, "required": ["a"]}, {"properties": {"b": TEXT, "c": TEXT}}]},
    "referred": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Text"}, "b": {"const": "x"}}},
    "nested": {
        "type": "object",
        "properties": {"a": {"type": "object", "properties": {"b": TEXT, "c": TEXT}, "required": ["c"]}},
    },
    "closed": {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
    "nullable": {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"]}, "b": TEXT},
        "required": ["a", "b"],
    },
    "anything": {"type": "object", "properties": {"a": True, "b": {}}},
}
VALUES: list[Any] = [None, [], "x", {}] + [
    {name: value for name, value in zip("abc", row, strict=True) if value != "-"}
    for first in ("-", None, "x", {"b": None, "c": "x"}, {"b": "x", "c": None})
    for row in [(first, b, c) for b in ("-", None, "x") for c in ("-", None, "x")]
]


BODY = "#/paths/~1/post/requestBody/content/application~1json/schema"


def document(schema: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}
    return {
        "paths": {"/": {"post": {"requestBody": {"content": content}}}},
        "components": {"schemas": {"Body": schema, "Text": TEXT}},
    }


def valid(whole: dict[str, Any], value: Any) -> bool:
    return bool(Draft202012Validator({**whole, "$ref": BODY}).is_valid(value))


@pytest.mark.parametrize("form", FORMS)
def test_the_shown_document_allows_exactly_what_is_taken(form: str) -> None:
    own = document(FORMS[form])
    shown, fields = with_nulls(own), fields_of(FORMS[form], own)
    for value in VALUES:
        taken = valid(own, without_nulls(copy.deepcopy(value), fields))
        if form == "one of" and isinstance(value, dict) and None in value.values():
            continue  # a null in the way that is not taken: the shown document is narrower than what is read
        assert valid(shown, value) == taken, value


def test_a_schema_that_answers_share_stays_as_it_is() -> None:
    own = document(FORMS["plain"])
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}}
    own["paths"]["/"]["get"] = {"responses": {"200": answer}}
    before = copy.deepcopy(own)
    shown = with_nulls(own)
    assert own == before
    assert shown["components"] == own["components"]
    assert shown["paths"]["/"]["get"] == own["paths"]["/"]["get"]
    body = shown["paths"]["/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"] == {"a": TEXT, "b": {"type": ["string", "null"]}}


def test_a_schema_that_two_requests_share_is_loosened_once() -> None:
    own = document(FORMS["choice"])
    own["paths"]["/2"] = copy.deepcopy(own["paths"]["/"])
    once = with_nulls(document(FORMS["choice"]))
    assert with_nulls(own)["components"] == once["components"]


def test_forms_and_schemas_that_refer_to_themselves_are_left_alone() -> None:
    form = {"paths": {"/": {"post": {"requestBody": {"content": {"multipart/form-data": {"schema": FORMS["plain"]}}}}}}}
    assert with_nulls(form) == form
    tree = {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/Body"}, "text": TEXT}}
    own = document(tree)
    inner = {"left": {"left": None}}
    assert without_nulls({**inner, "text": None}, fields_of(tree, own)) == inner
    assert [valid(with_nulls(own), value) for value in (inner, {"left": None, "text": None})] == [False, True]


def test_empty_text_is_left_out_where_that_is_said() -> None:
    value = {"a": "", "b": "", "c": {"a": ""}}
    assert without_blanks(value, ("/a", "/c/a", "/d/a")) == {"b": "", "c": {}}
    assert without_blanks([""], ("/0",)) == [""]
