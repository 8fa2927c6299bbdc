"""Surprising answers: valid, varied, shrinking to the contract's own example, fast, the same for the same seed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mockserver.clock import perf_counter
from mockserver.errors import UsageError
from mockserver.generator import AnswerMaker, Maker, answer_maker, stream
from mockserver.launch import contracts_in
from mockserver.pointers import MISSING

CONTRACTS = {contract.name: contract for contract in contracts_in()}


def json_answers() -> Iterator[tuple[str, str, str]]:
    for contract in CONTRACTS.values():
        for operation in contract.operations.values():
            for name, variants in operation.examples.items():
                if variants[0].schema is not None and "json" in variants[0].media_type:
                    yield contract.name, operation.id, name


EVERY = list(json_answers())


def maker(api: str, operation: str, name: str | None = None, **options: bool) -> AnswerMaker:
    return answer_maker(CONTRACTS[api], operation, name, **options)


@pytest.mark.parametrize(("api", "operation", "name"), EVERY)
def test_the_plainest_answer_is_the_example(api: str, operation: str, name: str) -> None:
    made = maker(api, operation, name)
    assert made.make(lambda n: 0) == made.example.value


def judge(api: str, pointer: str) -> Callable[[Any], bool]:
    """Another engine than the generator's own says what is valid."""
    resource = DRAFT202012.create_resource(CONTRACTS[api].document)
    registry: Any = Registry().with_resource("urn:d", resource)
    reference = "urn:d#" + pointer.replace("{", "%7B").replace("}", "%7D")
    return lambda value: bool(Draft202012Validator({"$ref": reference}, registry=registry).is_valid(value))


@pytest.mark.parametrize(
    ("api", "operation", "name"),
    [
        ("vidgen", "getStatus", "COMPLETED"),
        ("vidgen", "listJobs", "ok"),
        ("miraflow", "getJob", "image.inference_complete"),
        ("miraflow", "getVideoStatus", "inference_working"),
        ("miragic", "getSpeedPaintingJob", "COMPLETED"),
        ("mirrago", "getJob", "failed"),
    ],
)
def test_answers_are_valid_and_varied(api: str, operation: str, name: str) -> None:
    made = maker(api, operation, name)
    valid = judge(api, str(made.example.schema))
    values = list(islice(stream(made, "1"), 150))
    assert all(valid(value) for value in values)
    assert len({json.dumps(value, sort_keys=True) for value in values}) > 50 or operation == "getVideoStatus"


def test_a_state_that_was_asked_for_stays() -> None:
    assert {v["status"] for v in islice(stream(maker("vidgen", "getStatus", "COMPLETED"), "1"), 200)} == {"COMPLETED"}
    assert len({v["status"] for v in islice(stream(maker("vidgen", "getStatus"), "1"), 200)}) == 5


def test_the_same_seed_gives_the_same_answers() -> None:
    made = maker("vidgen", "getStatus", "COMPLETED")
    assert list(islice(stream(made, "1"), 20)) == list(islice(stream(made, "1"), 20))
    assert list(islice(stream(made, "1"), 20)) != list(islice(stream(made, "2"), 20))


@pytest.mark.soak
def test_ten_thousand_answers_come_in_a_second() -> None:
    values = stream(maker("vidgen", "getStatus", "COMPLETED"), "1")
    next(values)
    best = min(timed(values) for _ in range(5))
    assert best < 0.1, f"1000 answers took {best:.3f} s"


def timed(values: Iterator[Any]) -> float:
    began = perf_counter()
    for _ in islice(values, 1000):
        pass
    return perf_counter() - began


def test_unknown_states_and_fields_come_on_request_only() -> None:
    shown = maker("vidgen", "getStatus", "COMPLETED").example.value
    plain = list(islice(stream(maker("vidgen", "getStatus", "COMPLETED"), "1"), 200))
    odd = list(
        islice(stream(maker("vidgen", "getStatus", "COMPLETED", unknown_enums=True, extra_fields=True), "1"), 200)
    )
    assert all(value.keys() == shown.keys() for value in plain)
    assert any(value.keys() > shown.keys() for value in odd)
    assert "ON_HOLD" in {value["status"] for value in odd}


@st.composite
def picked(draw: Any, made: AnswerMaker) -> Any:
    return made.make(lambda n: draw(st.integers(0, n - 1)))


def test_a_failing_answer_shrinks_to_one_surprise() -> None:
    made = maker("vidgen", "getStatus", "FAILED")
    smallest = find(picked(made), lambda value: len(value["errorMessage"].encode()) > 1000)
    differs = {name for name, value in smallest.items() if value != made.example.value[name]}
    assert differs == {"errorMessage"}


@pytest.mark.parametrize(
    ("operation", "state", "said"),
    [("nothing", None, "known: getHealth"), ("getStatus", "GONE", "known: PENDING")],
)
def test_what_the_contract_does_not_have_is_refused(operation: str, state: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        maker("vidgen", operation, state)


SCHEMAS: dict[str, Any] = {
    "list": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer", "minimum": 5}},
    "anything": {"type": "array"},
    "open": {"type": "object", "properties": {"a": {"type": "boolean"}}},
    "either": {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "number", "exclusiveMinimum": 2}]},
    "both": {"allOf": [{"$ref": "#/open"}, {"required": ["b"], "properties": {"b": {"type": ["null", "object"]}}}]},
    "nothing": {"type": "string", "enum": ["x"], "minLength": 2},
    "texts": {"type": "string", "minLength": 3},
    "fixed": {"const": None},
    "if": {
        "type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["a", "b"]}, "n": {"type": "integer"}},
        "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["n"]},
        "additionalProperties": False,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name != "nothing"])
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_schemas_without_an_example_are_filled_too(name: str, data: st.DataObject) -> None:
    value = Maker(SCHEMAS).of([f"/{name}"])(lambda n: data.draw(st.integers(0, n - 1)), MISSING)
    registry: Any = Registry().with_resource("urn:d", DRAFT202012.create_resource(SCHEMAS))
    assert Draft202012Validator({"$ref": f"urn:d#/{name}"}, registry=registry).is_valid(value)


def test_a_schema_that_nothing_fits_gives_null() -> None:
    assert Maker(SCHEMAS).of(["/nothing"])(lambda n: 0, MISSING) is None
