"""3.0 in the words of 3.1: one row for each word that is written otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.imported.dialect import Loosened, modern


def schema(said: Any, version: str = "3.0.3") -> Any:
    """The same schema in the words of 3.1."""
    document = {"openapi": version, "components": {"schemas": {"A": said, "B": {"type": "string"}}}}
    return modern(document, Loosened())["components"]["schemas"]["A"]


@pytest.mark.parametrize(("old", "new"), [
    ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ({"type": "string", "nullable": False}, {"type": "string"}),
    ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
    ({"$ref": "#/components/schemas/B", "nullable": True}, {"anyOf": [{"$ref": "#/components/schemas/B"},
     {"type": "null"}]}),
    ({"allOf": [{"type": "object"}], "nullable": True}, {"anyOf": [{"allOf": [{"type": "object"}]}, {"type": "null"}]}),
    ({"oneOf": [{"type": "string"}], "nullable": True}, {"oneOf": [{"type": "string"}, {"type": "null"}]}),
    ({"minimum": 0, "exclusiveMinimum": True}, {"exclusiveMinimum": 0}),
    ({"maximum": 9, "exclusiveMaximum": False}, {"maximum": 9}),
    ({"exclusiveMinimum": True}, {}),
    ({"type": "string", "format": "byte"}, {"type": "string", "contentEncoding": "base64"}),
    ({"type": "file"}, {"type": "string", "format": "binary"}),
    ({"type": "string", "example": "x", "title": "A", "xml": {}, "x-more": 1, "description": "Prose"},
     {"type": "string"}),
    ({"$ref": "#/components/schemas/B", "description": "Prose"}, {"$ref": "#/components/schemas/B"}),
    ({"type": "integer", "default": "16"}, {"type": "integer"}), ({"type": "integer", "default": True},
     {"type": "integer"}),
    ({"type": "number", "default": 1}, {"type": "number", "default": 1}),
    ({"enum": ["a", "a", "b"]}, {"enum": ["a", "b"]}),
    ({"type": "string", "pattern": "(?=a)b"}, {"type": "string"}),
    ({"type": "string", "pattern": "["}, {"type": "string"}),
    ({"type": "string", "format": "fancy"}, {"type": "string"}),
    ({"type": "string", "minLength": 5, "maxLength": 2}, {"type": "string"}),
    ({"type": "string", "maxLength": 5.0}, {"type": "string", "maxLength": 5}),
    ({"type": "int"}, {}), ({"type": None}, {}), ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
    ({"properties": {"type": {"type": "string"}}, "required": True}, {"properties": {"type": {"type": "string"}}}),
    ({"properties": []}, {}), ({"items": [{"type": "string"}]}, {}), ({"allOf": []}, {}), ({"enum": []}, {}),
    ({"minLength": -1}, {}), ({"multipleOf": 0}, {}), ({"pattern": 3}, {}),
    ({"discriminator": {"propertyName": "kind"}, "oneOf": [{"type": "object"}]}, {"oneOf": [{"type": "object"}]}),
    ({"properties": {"example": {"type": "string", "example": "x"}}}, {"properties": {"example": {"type": "string"}}}),
])  # fmt: skip
def test_a_word_of_3_0_is_written_as_3_1_has_it(old: Any, new: Any) -> None:
    assert schema(old) == new


def test_nullable_is_understood_in_3_1_as_well() -> None:
    assert schema({"type": "string", "nullable": True}, "3.1.0") == {"type": ["string", "null"]}


def test_words_beside_a_reference_count_in_3_1() -> None:
    said = {"$ref": "#/components/schemas/B", "minLength": 2}
    assert schema(said, "3.1.0") == said
    assert schema(said) == {"$ref": "#/components/schemas/B"}


@pytest.mark.parametrize(("version", "found"), [("3.0.0", "3.1.0"), ("3.1.1", "3.1.0"), ("3.2.0", "3.2.0")])
def test_the_version_is_one_of_contracts(version: str, found: str) -> None:
    assert modern({"openapi": version}, Loosened())["openapi"] == found


def test_what_was_left_out_is_told_once_with_how_often() -> None:
    loosened = Loosened()
    said = {"type": "string", "format": "fancy"}
    modern({"openapi": "3.0.0", "components": {"schemas": {"A": dict(said), "B": dict(said)}}}, loosened)
    ((sentence, (count, at)),) = loosened.told.items()
    assert "'fancy'" in sentence
    assert (count, at.startswith("/components/schemas/")) == (2, True)
