"""Text to types: what each type takes, what it refuses, and how schemas say which type it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import RequestError
from mockserver.validation import (
    FieldRule,
    coerce_fields,
    coerce_form,
    coerce_text,
    field_rule,
    field_rules,
    properties_of,
    resolve,
    sees_types,
)
from mockserver.validation.shapes import ANY

NUMBER = frozenset({"number", "integer"})
INTEGER = frozenset({"integer"})

DOCUMENT: dict[str, Any] = {
    "list": [{"type": "null"}],
    "schemas": {
        "Limit": {"type": "integer", "minimum": 1},
        "Loop": {"$ref": "#/schemas/Loop"},
        "Ring": {"anyOf": [{"$ref": "#/schemas/Ring"}, {"type": "string"}]},
        "a/b~c d": {"type": "boolean"},
        "Base": {"properties": {"name": {"type": "string"}, "size": {"$ref": "#/schemas/Limit"}}},
        "Form": {
            "allOf": [{"$ref": "#/schemas/Base"}, True],
            "anyOf": [
                {"properties": {"image": {"type": "string", "format": "binary"}}, "required": ["image"]},
                {"properties": {"image_url": {"type": "string", "format": "uri"}}},
            ],
            "properties": {
                "fps": {"type": "number", "enum": [30, 60]},
                "hd": {"type": "boolean"},
                "note": {"type": ["string", "null"]},
                "gone": {"type": "null"},
                "free": {},
                "size": {"maximum": 9},
                "ids": {"type": "array", "items": {"type": "integer"}},
                "words": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
                "box": {"type": "object"},
                "images": {"type": "array", "items": {"contentMediaType": "image/png"}},
                "clash": {"allOf": [{"type": "string"}, {"type": "integer"}]},
                "audio": {"contentMediaType": "audio/mpeg"},
                "inline": {"contentMediaType": "image/png", "contentEncoding": "base64"},
            },
        },
    },
}
RULES = field_rules({"$ref": "#/schemas/Form"}, DOCUMENT)


@pytest.mark.parametrize("text", ["0", "-1", "42", "9" * 18, "-" + "9" * 18])
def test_an_integer_is_plain_digits(text: str) -> None:
    assert coerce_text("n", text, INTEGER) == int(text)


@pytest.mark.parametrize(
    "text",
    ["", "1.0", " 1", "1 ", "+1", "1e3", "01", "--1", "-", "1_000", "٣", "1\n", "0x1", "null", "true", "9" * 19],
)
def test_what_only_looks_like_an_integer_is_refused(text: str) -> None:
    with pytest.raises(RequestError) as refused:
        coerce_text("limit", text, INTEGER)
    assert (refused.value.pointer, refused.value.why) == (
        "/limit",
        "limit must be an integer of at most 18 digits",
    )


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), ("1.0", 1.0), ("-0.5", -0.5), ("1e3", 1000.0), ("2E-2", 0.02), ("9" * 19, 1e19)]
)
def test_a_number_is_a_json_number(text: str, number: float) -> None:
    assert coerce_text("n", text, NUMBER) == number


@pytest.mark.parametrize("text", ["", ".5", "5.", "1e", "NaN", "inf", "Infinity", "1e999", "-1e999", "1,5", " 1", "١"])
def test_what_only_looks_like_a_number_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match=r"n must be a number$"):
        coerce_text("n", text, NUMBER)


@pytest.mark.parametrize("text", ["True", "1", "yes", "on", "", "null", " true"])
def test_only_true_and_false_are_boolean(text: str) -> None:
    boolean = frozenset({"boolean"})
    assert coerce_text("b", "true", boolean) is True
    assert coerce_text("b", "false", boolean) is False
    with pytest.raises(RequestError, match="b must be true or false"):
        coerce_text("b", text, boolean)


def test_text_is_never_null() -> None:
    assert coerce_fields([("note", "null")], RULES) == {"note": "null"}
    with pytest.raises(RequestError, match="gone cannot be given as text"):
        coerce_fields([("gone", "null")], RULES)


def test_of_several_types_the_narrowest_is_taken() -> None:
    types = frozenset({"string", "integer", "boolean"})
    assert [coerce_text("x", text, types) for text in ("1", "true", "01")] == [1, True, "01"]


def test_a_refusal_names_every_type_that_would_do() -> None:
    with pytest.raises(RequestError, match="x must be a number or true or false"):
        coerce_text("x", "maybe", NUMBER | {"boolean"})


def test_text_for_anything_stays_text() -> None:
    assert coerce_fields([("free", "5")], RULES) == {"free": "5"}


def test_an_object_is_json_text() -> None:
    assert coerce_fields([("box", '{"a": 1}')], RULES) == {"box": {"a": 1}}
    for text in ("[1]", "{", "\ud800"):
        with pytest.raises(RequestError, match="box must be a JSON object"):
            coerce_fields([("box", text)], RULES)


def test_fields_take_the_types_of_their_schema() -> None:
    fields = [("fps", "30"), ("hd", "true"), ("size", "3"), ("name", "7"), ("image_url", "u"), ("inline", "aGk=")]
    expected = {"fps": 30, "hd": True, "size": 3, "name": "7", "image_url": "u", "inline": "aGk="}
    assert coerce_fields(fields, RULES) == expected


def test_a_repeated_scalar_is_refused() -> None:
    with pytest.raises(RequestError) as refused:
        coerce_fields([("hd", "true"), ("hd", "true")], RULES)
    assert (refused.value.pointer, refused.value.why) == ("/hd", "hd must be given only once")


def test_a_list_is_a_repeated_field_and_its_items_have_types() -> None:
    assert coerce_fields([("ids", "1"), ("ids", "2")], RULES) == {"ids": [1, 2]}
    assert coerce_fields([("ids", "1")], RULES) == {"ids": [1]}
    with pytest.raises(RequestError, match="/ids: ids must be an integer"):
        coerce_fields([("ids", "1"), ("ids", "x")], RULES)


def test_a_scalar_or_a_list_is_what_was_sent() -> None:
    assert coerce_fields([("words", "a")], RULES) == {"words": "a"}
    assert coerce_fields([("words", "a"), ("words", "b")], RULES) == {"words": ["a", "b"]}
    assert coerce_fields([("free", "a"), ("free", "b")], RULES) == {"free": ["a", "b"]}


def test_undeclared_fields_pass_as_text_once_and_not_without_end() -> None:
    assert coerce_fields([("x", "1"), ("x", "2")], RULES) == {"x": "1"}
    many = coerce_fields([(f"x{n}", "") for n in range(500)] + [("hd", "true")], RULES)
    assert len(many) == 101
    assert many["hd"] is True


def test_a_file_stands_in_the_object_by_its_name() -> None:
    files = [("image", "a.png"), ("images", "b.png"), ("images", "c.png"), ("other", "d")]
    expected = {"image": "a.png", "images": ["b.png", "c.png"], "other": "d", "fps": 60}
    assert coerce_form([("fps", "60")], files, RULES) == expected
    assert coerce_form([], [("images", "b.png")], RULES) == {"images": ["b.png"]}


def test_an_undeclared_file_may_repeat() -> None:
    assert coerce_form([], [("other", "a"), ("other", "b")], RULES) == {"other": ["a", "b"]}


@pytest.mark.parametrize(
    ("fields", "files", "why"),
    [
        ([("image", "text")], [], "image is required as a file: without a file name it is text"),
        ([("audio", "text")], [], "audio is required as a file: without a file name it is text"),
        ([], [("name", "a.txt")], "name must be text, not a file"),
        ([], [("image", "a"), ("image", "b")], "image must be given only once"),
    ],
)
def test_files_and_text_are_not_mistaken(fields: Any, files: Any, why: str) -> None:
    with pytest.raises(RequestError, match=why):
        coerce_form(fields, files, RULES)


def test_an_empty_text_stands_for_no_file() -> None:
    assert coerce_form([("image", ""), ("audio", "")], [], RULES) == {}


def test_the_pointer_of_an_odd_name_is_escaped_and_its_sentence_short() -> None:
    with pytest.raises(RequestError) as refused:
        coerce_text("a/b~" + "x" * 500, "", INTEGER)
    assert refused.value.pointer.startswith("/a~1b~0xxx")
    assert len(refused.value.why) < 120


@given(
    st.lists(st.tuples(st.sampled_from([*RULES, "x", ""]), st.text(max_size=5) | st.integers().map(str))),
    st.lists(st.tuples(st.sampled_from([*RULES, "x"]), st.text(max_size=3))),
)
def test_no_fields_raise_anything_but_a_request_error(fields: Any, files: Any) -> None:
    try:
        value = coerce_form(fields, files, RULES)
    except RequestError:
        return
    no_files = {name for name, text in fields if not text and name in RULES and RULES[name].file}
    assert set(value) == {name for name, _ in fields} - no_files | {name for name, _ in files}


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        (True, ANY),
        (False, frozenset()),
        ({}, ANY),
        ({"type": "number"}, NUMBER),
        ({"type": ["string", "null"]}, {"string", "null"}),
        ({"$ref": "#/schemas/Limit"}, {"integer"}),
        ({"$ref": "#/schemas/a~1b~0c%20d"}, {"boolean"}),
        ({"$ref": "#/list/0"}, {"null"}),
        ({"$ref": "#/schemas/Loop"}, ANY),
        ({"$ref": "#/schemas/Ring"}, ANY),
        ({"$ref": "#/schemas/Limit", "type": "string"}, frozenset()),
        ({"enum": ["a", 1, None]}, {"string", "integer", "number", "null"}),
        ({"type": "integer", "enum": [1, 2]}, {"integer"}),
        ({"const": False}, {"boolean"}),
        ({"const": {}}, {"object"}),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, {"string", "array"}),
        ({"oneOf": [{"const": 1.5}, {"const": []}]}, {"integer", "number", "array"}),
        ({"allOf": [{"type": ["string", "integer"]}, {"type": "number"}]}, {"integer"}),
    ],
)
def test_the_types_of_a_schema_are_read_through_its_parts(schema: Any, types: set[str]) -> None:
    assert sees_types(schema, DOCUMENT) == types


@pytest.mark.parametrize("ref", ["#/schemas/Nobody", "#/list/7", "#/list/x", "#/schemas/Limit/type/x", "other.json"])
def test_a_reference_to_nothing_is_an_error(ref: str) -> None:
    with pytest.raises(LookupError):
        resolve(DOCUMENT, ref)


def test_properties_are_found_wherever_they_stand() -> None:
    found = properties_of({"$ref": "#/schemas/Form"}, DOCUMENT)
    assert {"name", "image", "image_url", "fps"} <= set(found)
    assert found["size"] == [{"maximum": 9}, {"$ref": "#/schemas/Limit"}]
    assert properties_of({"$ref": "#/schemas/Loop"}, DOCUMENT) == {}


def test_schemas_that_contradict_each_other_leave_every_type_open() -> None:
    assert field_rule([{"type": "string"}, {"type": "integer"}], DOCUMENT).types == {"string", "integer"}
    assert field_rule([{"type": "array"}], DOCUMENT) == FieldRule(frozenset({"array"}))
