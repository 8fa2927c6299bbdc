"""Values against schemas: which pass, and whether the refusal names the place and makes sense to a person."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_kit import VALUES

from mockserver.errors import ContractError, RequestError
from mockserver.validation import Schemas, parse_json
from mockserver.validation.explain import explain, pointer

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {"/jobs/{id}": {"post": {"schema": {"$ref": "#/components/schemas/Job"}}}},
    "components": {
        "schemas": {
            "Job": {
                "type": "object",
                "required": ["image", "quality"],
                "properties": {
                    "image": {"type": "string", "minLength": 1, "maxLength": 80},
                    "quality": {"enum": ["hd", "sd"]},
                    "limit": {"type": "integer", "minimum": 1, "maximum": 100},
                    "fps": {"type": "number", "enum": [30, 60]},
                    "hook": {"type": "string", "pattern": "^https://"},
                    "link": {"type": "string", "format": "uri"},
                    "at": {"type": "string", "format": "date-time"},
                    "note": {"type": ["string", "null"]},
                    "tags": {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/Tag"},
                        "minItems": 1,
                        "maxItems": 2,
                        "uniqueItems": True,
                    },
                    "ratio": {"exclusiveMinimum": 0, "exclusiveMaximum": 1},
                    "step": {"multipleOf": 5},
                    "kind": {"const": "job"},
                    "never": False,
                    "part": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"a": True},
                        "maxProperties": 1,
                        "minProperties": 1,
                    },
                    "names": {"propertyNames": {"maxLength": 2}},
                    "closed": {"properties": {"a": True}, "unevaluatedProperties": False},
                    "holds": {"contains": {"const": 1}},
                    "not": {"not": {"required": ["x"]}},
                    "even": {"format": "even"},
                    "pair": {"dependentRequired": {"a": ["b"]}},
                    "one": {"oneOf": [{"minimum": 1}, {"maximum": 5}]},
                    "a/b~c": {"type": "integer"},
                },
            },
            "Tag": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
            "Images": {
                "allOf": [
                    {"anyOf": [{"required": ["target"]}, {"required": ["target_url"]}]},
                    {"anyOf": [{"required": ["garment"]}, {"required": ["garment_url"]}]},
                ]
            },
            "Speech": {
                "anyOf": [
                    {"required": ["avatar", "voice", "text"]},
                    {"required": ["avatar", "media"]},
                ]
            },
            "Mixed": {
                "properties": {
                    "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "integer"}]},
                    "word": {"oneOf": [{"const": "a"}, {"const": "b"}, {"enum": ["c"]}]},
                    "size": {"anyOf": [{"type": "integer", "maximum": 9}, {"const": "auto"}]},
                    "none": {"anyOf": [False, False]},
                    "shape": {
                        "oneOf": [
                            {
                                "required": ["kind", "radius"],
                                "properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}},
                            },
                            {
                                "required": ["kind", "side"],
                                "properties": {"kind": {"const": "square"}, "side": {"type": "number"}},
                            },
                        ]
                    },
                    "nested": {
                        "anyOf": [
                            {"type": "null"},
                            {"anyOf": [{"type": "integer"}, {"type": "string", "minLength": 2}]},
                        ]
                    },
                }
            },
            "Tree": {"type": "object", "properties": {"down": {"$ref": "#/components/schemas/Tree"}}},
            "Dangling": {"$ref": "#/components/schemas/Nobody"},
            "Remote": {"$ref": "https://schemas.invalid/x.json"},
            "Misspelt": {"type": "strnig"},
            "BadPattern": {"pattern": "("},
        }
    },
}


def _even(text: str) -> bool:
    return int(text) % 2 == 0


SCHEMAS = Schemas(DOCUMENT, formats={"even": _even})


def refusal(name: str, value: Any) -> tuple[str, str]:
    error = SCHEMAS.at(f"/components/schemas/{name}").check(value)
    assert isinstance(error, RequestError)
    return error.pointer, error.why


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        ({"image": ""}, "/image", 'image must have at least 1 character, but is ""'),
        ({"image": 5}, "/image", "image must be a string, but is an integer"),
        ({"image": None}, "/image", "image must be a string, but is null"),
        ({"image": 1.5}, "/image", "image must be a string, but is a number"),
        ({"quality": "xx"}, "/quality", 'quality must be one of "hd" or "sd", but is "xx"'),
        ({"limit": 0}, "/limit", "limit must be at least 1, but is 0"),
        ({"limit": 101}, "/limit", "limit must be at most 100, but is 101"),
        ({"limit": True}, "/limit", "limit must be an integer, but is true"),
        ({"fps": 25}, "/fps", "fps must be one of 30 or 60, but is 25"),
        ({"hook": "http://x"}, "/hook", 'hook must match the pattern ^https://, but is "http://x"'),
        ({"link": "no link"}, "/link", 'link must be a valid uri, but is "no link"'),
        ({"at": "2026-02-30T00:00:00Z"}, "/at", "at must be a valid date-time, but is"),
        ({"note": 1}, "/note", "note must be a string or null, but is an integer"),
        ({"tags": []}, "/tags", "tags must have at least 1 item"),
        ({"tags": [{"name": str(n)} for n in range(3)]}, "/tags", "tags must have at most 2 items"),
        ({"tags": [{"name": "a"}] * 2}, "/tags", "tags must not hold the same item twice"),
        ({"tags": [{"name": "a"}, {}]}, "/tags/1/name", "tags[1].name is required"),
        ({"tags": {}}, "/tags", "tags must be a list, but is an object"),
        ({"ratio": 0}, "/ratio", "ratio must be more than 0, but is 0"),
        ({"ratio": 1}, "/ratio", "ratio must be less than 1, but is 1"),
        ({"step": 7}, "/step", "step must be a multiple of 5, but is 7"),
        ({"kind": [1]}, "/kind", 'kind must be "job", but is a list'),
        ({"never": 1}, "/never", "never is not allowed"),
        ({"part": {"b": 1}}, "/part/b", "part.b is not a field known here"),
        ({"part": {}}, "/part", "part must have at least 1 field"),
        ({"names": {"long": 1}}, "/names", "names has a field whose name is not allowed"),
        ({"closed": {"z": 1}}, "/closed/z", "closed.z is not a field known here"),
        ({"holds": [2]}, "/holds", "holds holds none of the items it must hold"),
        ({"not": {"x": 1}}, "/not", "not has a form that is not allowed"),
        ({"even": "3"}, "/even", 'even must be a valid even, but is "3"'),
        ({"even": "three"}, "/even", "even must be a valid even"),
        ({"pair": {"a": 1}}, "/pair/b", "pair.b is required"),
        ({"one": 3}, "/one", "one has more than one of the allowed forms at once"),
        ({"a/b~c": "x"}, "/a~1b~0c", "a/b~c must be an integer, but is a string"),
        ({"image": "x" * 81}, "/image", "x" * 60 + '…"'),
    ],
)
def test_a_refusal_names_the_place_and_what_is_wrong(change: dict[str, Any], where: str, why: str) -> None:
    found, sentence = refusal("Job", {"image": "i", "quality": "hd"} | change)
    assert found == where
    assert why in sentence


def test_a_missing_field_is_named_by_its_own_pointer() -> None:
    assert refusal("Job", {"quality": "hd"}) == ("/image", "image is required")


def test_the_wrong_kind_of_body_is_called_the_body() -> None:
    assert refusal("Job", []) == ("", "the body must be an object, but is a list")


def test_a_parameter_is_called_by_its_name() -> None:
    schema = SCHEMAS.at("/components/schemas/Job/properties/limit")
    assert str(schema.check(0, "limit")) == "/limit: limit must be at least 1, but is 0"
    assert str(schema.check(object(), "limit")) == "/limit: limit holds a value that is not JSON"
    assert str(SCHEMAS.at("/components/schemas/Speech").check({}, "q")) == "/q/avatar: q.avatar is required"
    assert "q.size must be at most 9" in str(SCHEMAS.at("/components/schemas/Mixed").check({"size": 10}, "q"))


def test_what_is_wrong_at_the_top_is_told_before_what_is_wrong_below() -> None:
    assert refusal("Job", {"quality": "hd", "tags": [{}]}) == ("/image", "image is required")


@pytest.mark.parametrize(
    ("name", "value", "where", "why"),
    [
        ("Images", {"garment": 1}, "/target", "target or target_url is required"),
        ("Images", {"target": 1}, "/garment", "garment or garment_url is required"),
        ("Speech", {}, "/avatar", "avatar is required"),
        ("Speech", {"avatar": 1}, "/voice", "voice with text or media is required"),
        ("Speech", {"avatar": 1, "text": 1}, "/voice", "voice or media is required"),
        ("Mixed", {"maybe": []}, "/maybe", "maybe must be a string, an integer or null, but is a list"),
        ("Mixed", {"word": "z"}, "/word", 'word must be one of "a", "b" or "c", but is "z"'),
        ("Mixed", {"size": 10}, "/size", "size must be at most 9, but is 10"),
        ("Mixed", {"none": 1}, "/none", "none is not allowed"),
        ("Mixed", {"shape": {"kind": "square"}}, "/shape/side", "shape.side is required"),
        (
            "Mixed",
            {"shape": {"kind": "circle", "radius": "x"}},
            "/shape/radius",
            "shape.radius must be a number, but is a string",
        ),
        ("Mixed", {"nested": "x"}, "/nested", 'nested must have at least 2 characters, but is "x"'),
    ],
)
def test_of_several_forms_the_nearest_is_explained(name: str, value: Any, where: str, why: str) -> None:
    assert refusal(name, value) == (where, why)


def test_a_value_that_fits_is_not_refused() -> None:
    job = {"image": "i", "quality": "hd", "link": "mailto:a@b", "even": "4", "at": "2026-01-24T13:07:14Z"}
    assert SCHEMAS.at("/components/schemas/Job").check(job) is None


def test_a_schema_is_compiled_once_and_found_under_a_templated_path() -> None:
    place = "/paths/~1jobs~1{id}/post/schema"
    assert SCHEMAS.at(place) is SCHEMAS.at(place)
    assert SCHEMAS.at(place).check({}) is not None


@pytest.mark.parametrize("name", ["Dangling", "Remote", "Misspelt", "BadPattern", "Nobody"])
def test_a_schema_that_does_not_compile_is_an_error_of_the_contract(name: str) -> None:
    with pytest.raises(ContractError) as broken:
        SCHEMAS.at(f"/components/schemas/{name}")
    [finding] = broken.value.findings
    assert finding.file == "openapi.json"
    assert finding.pointer == f"#/components/schemas/{name}"


@pytest.mark.parametrize(
    "value",
    [
        {"image": "\ud800"},
        {"\ud800": 1},
        {1: 2},
        {"image": object()},
        {"limit": 10**5000, "image": "i", "quality": "hd"},
        {"limit": -(10**400)},
        {"image": float("nan")},
        {"image": 1, "quality": "\ud800"},
    ],
)
def test_a_value_that_is_not_json_is_refused_and_raises_nothing(value: Any) -> None:
    assert isinstance(SCHEMAS.at("/components/schemas/Job").check(value), RequestError)


def test_a_very_long_value_is_refused_without_building_every_error() -> None:
    schema = SCHEMAS.at("/components/schemas/Job")
    fitting = {"image": "i", "quality": "hd"}
    long = schema.check({**fitting, "tags": [1] * 400_000})
    assert str(long) == "the body is not as it must be, and too long to say where"
    assert str(schema.check({**fitting, "limit": 0} | {f"x{n}": [[]] for n in range(300)})).startswith("/limit")
    nested = {**fitting, "limit": 0} | {f"x{n}": [[], {"a": 1}] for n in range(300)}
    assert str(schema.check(nested, "job")).startswith("/job: job is not as it must be")
    assert schema.check({**fitting, "other": [1] * 400_000}) is None


def test_the_deepest_value_that_can_be_read_can_be_checked() -> None:
    value = parse_json(b'{"down":' * 64 + b"1" + b"}" * 64)
    error = SCHEMAS.at("/components/schemas/Tree").check(value)
    assert error is not None
    assert error.pointer == "/down" * 64


@pytest.mark.parametrize("name", ["Job", "Images", "Speech", "Mixed", "Tree"])
@given(data=st.data())
def test_an_independent_validator_agrees(name: str, data: st.DataObject) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    names = st.sampled_from(["down", "avatar", "target", *schema.get("properties", {})])
    value = data.draw(st.dictionaries(names, VALUES, max_size=4) | VALUES)
    oracle = jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    assert (SCHEMAS.at(f"/components/schemas/{name}").check(value) is None) == oracle.is_valid(value)


def test_an_unknown_keyword_still_gets_a_sentence() -> None:
    class Kind:
        name = "somethingNew"

    class Error:
        kind = Kind()
        instance_path: tuple[str, ...] = ()
        instance = 1

    assert explain([Error()]).why == "the body is not as it must be"  # type: ignore[list-item]


def test_a_pointer_escapes_what_a_pointer_must() -> None:
    assert pointer(["a/b", 0, "~"]) == "/a~1b/0/~0"


def test_a_sentence_does_not_repeat_a_value_under_a_secret_s_name_or_half_of_a_url_s_authority() -> None:
    short = {"type": "string", "maxLength": 3}
    named = dict.fromkeys(("password", "note", "hook"), short)
    check = Schemas({"a": {"type": "object", "properties": {**named, "pin": {"enum": [1, 2]}}}}).at("/a").check
    told = [check(each) for each in ({"password": "canary"}, {"pin": 4711}, {"password": 4711}, {"note": "shown"})]
    assert [str(each and each.why) for each in told] == [
        "password must have at most 3 characters, but is a string",
        "pin must be one of 1 or 2, but is an integer",
        "password must be a string, but is an integer",
        'note must have at most 3 characters, but is "shown"',
    ]
    error = check({"hook": "https://user:canary" + "x" * 60 + "@a.b/"})
    assert error is not None
    assert error.why.endswith('but is "https://…"')


def test_an_error_repeats_no_long_value_in_its_sentences() -> None:
    compiled = Schemas({"s": {"properties": {"a": {"maxLength": 5}}, "required": ["b"]}}).at("/s")._compiled
    errors = list(compiled.iter_errors({"a": "x" * 100_000}))
    assert [each.kind.name for each in errors] == ["required", "maxLength"]
    assert max(len(text) for each in errors for text in (each.message, each.verbose_message)) < 1000
    assert errors[1].instance == "x" * 100_000
