"""Schemas that refer to each other again and again: `check` ends with a sentence, and looks at each of them once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import Mutation, both, show
from language_kit import findings

from mockserver.validation.absence import fields_of, required
from mockserver.validation.shapes import parts_of, properties_of, sees_types

SCHEMAS = "/components/schemas"
REQUEST = f"{SCHEMAS}/JobRequest"


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#{SCHEMAS}/{name}"}


def woven(levels: int, weave: Any, last: Any = None) -> dict[str, Any]:
    """Schemas S0 to S of so many levels, each of which names the next one as `weave` says."""
    found = {f"S{n}": weave(ref(f"S{n + 1}")) for n in range(levels)}
    return {**found, f"S{levels}": {"type": "object", "properties": {"z": {}}} if last is None else last}


def asked(schemas: dict[str, Any], **more: Any) -> Mutation:
    """A request that has a field of the first of these schemas."""
    return both(*(show(f"{SCHEMAS}/{name}", said) for name, said in schemas.items()),
                show(f"{REQUEST}/properties/field", {**ref("S0"), **more}))  # fmt: skip


TWICE = {
    "allOf": lambda next_one: {"allOf": [next_one, next_one]},
    "anyOf": lambda next_one: {"anyOf": [next_one, dict(next_one)]},
    "oneOf": lambda next_one: {"oneOf": [next_one, {"allOf": [next_one]}]},
    "not": lambda next_one: {"not": next_one, "allOf": [next_one]},
    "if": lambda next_one: {"if": next_one, "then": next_one, "else": next_one},
    "dependentSchemas": lambda next_one: {"dependentSchemas": {"a": next_one, "b": next_one}},
}


@pytest.mark.parametrize("word", TWICE)
def test_a_value_that_is_compared_with_very_many_schemas_is_named(word: str, tmp_path: Path) -> None:
    (found,) = findings(tmp_path, asked(woven(40, TWICE[word])))
    assert "a value is compared with 1" in found
    assert "#/components/schemas/S" in found
    assert "Let each schema stand once" in found


def test_a_dozen_of_them_is_none_too_many(tmp_path: Path) -> None:
    assert not findings(tmp_path, asked(woven(10, TWICE["allOf"])))


def test_schemas_that_lead_one_to_another_very_often_are_named(tmp_path: Path) -> None:
    (found,) = findings(tmp_path / "many", asked(woven(3000, lambda next_one: {"allOf": [next_one]})))
    assert "of which lead to one another" in found
    assert not findings(tmp_path / "few", asked(woven(40, lambda next_one: {"allOf": [next_one]})))


@pytest.mark.parametrize(
    "schemas",
    [
        {"S0": {"allOf": [ref("S0")]}},
        {"S0": {"anyOf": [{"type": "string"}, ref("S1")]}, "S1": {"allOf": [ref("S0")]}},
        {"S0": {"if": {"not": ref("S0")}}},
    ],
)
def test_a_schema_that_leads_back_to_itself_is_named(schemas: dict[str, Any], tmp_path: Path) -> None:
    found = findings(tmp_path, asked(schemas))
    assert any("leads back to itself" in each for each in found), found


def test_fields_of_fields_may_be_of_one_kind_for_ever(tmp_path: Path) -> None:
    tree = {"S0": {"type": "object", "properties": {"left": ref("S0"), "right": ref("S0"), "more": {
        "type": "array", "items": ref("S0")}}, "additionalProperties": False}}  # fmt: skip
    assert not findings(tmp_path, asked(tree))


@pytest.mark.parametrize("is_required", [False, True])
def test_fields_that_are_described_again_and_again_hold_nobody(is_required: bool, tmp_path: Path) -> None:
    """Of 24 levels of two fields each there are millions of fields, and of 8 levels of ten as well."""
    for width, levels in ((2, 24), (10, 8)):
        names = [f"f{n}" for n in range(width)]

        def weave(next_one: Any, names: list[str] = names) -> Any:
            inner = {name: {"allOf": [next_one]} for name in names}
            return {"type": "object", "properties": inner, **({"required": names} if is_required else {})}

        assert not findings(tmp_path / str(width), asked(woven(levels, weave)))


def test_each_schema_is_looked_at_once_however_many_ways_lead_to_it() -> None:
    document = {"components": {"schemas": woven(60, TWICE["allOf"])}}
    schema = ref("S0")
    assert len(list(parts_of(schema, document))) == 2 * 60 + 2
    assert [*properties_of(schema, document)] == ["z"]
    assert sees_types(schema, document) == {"object"}
    assert required(schema, document) == frozenset()
    assert fields_of(schema, document).optional == {"z"}
