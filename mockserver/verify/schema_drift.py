"""Where a body breaks a schema, as drift: each complaint led back to the one word of the contract it breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mockserver import pointers
from mockserver.contract import Contract
from mockserver.validation import properties_of
from mockserver.validation.shapes import parts_of
from mockserver.verify.drift import LOOSE, STRICT, Drift, broken

_DOCUMENT = "urn:document"


@lru_cache(maxsize=8)
def _registry(holder: _Holder) -> Registry[Any]:
    resource = DRAFT202012.create_resource(holder.document)
    empty: Registry[Any] = Registry()
    filled: Registry[Any] = empty.with_resource(_DOCUMENT, resource)
    return filled


class _Holder:
    """A document, known by its identity."""

    def __init__(self, document: Any) -> None:
        self.document = document

    def __hash__(self) -> int:
        return id(self.document)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder) and other.document is self.document


def body_drifts(contract: Contract, operation: str, pointer: str, body: Any) -> list[Drift]:
    """What a JSON body has that the schema at `pointer` does not allow, lacks, or does not describe."""
    reference = f"{_DOCUMENT}#{quote(pointer, safe='/~!$&()*+,;=:@')}"
    validator = Draft202012Validator(
        {"$ref": reference},
        registry=_registry(_Holder(contract.document)),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    errors = [leaf for error in validator.iter_errors(body) for leaf in _leaves(error)]
    found = [drift for error in errors for drift in _drifts(contract, operation, pointer, error)]
    schema = pointers.get(contract.document, pointer)
    return [*found, *_undescribed(contract, operation, schema, pointer, body, "")]


def _leaves(error: Any) -> Iterator[Any]:
    """The errors that matter: of alternatives, those of the one that comes nearest."""
    if not error.context:
        yield error
        return
    branches: dict[Any, list[Any]] = {}
    for each in error.context:
        branches.setdefault(each.schema_path[0], []).append(each)
    nearest = min(branches.values(), key=_distance)
    for each in nearest:
        yield from _leaves(each)


def _distance(errors: Iterable[Any]) -> tuple[bool, int]:
    """How far a value is from an alternative: a value of another type is farthest."""
    several = list(errors)
    return any(not e.path and e.validator in ("type", "const", "enum") for e in several), len(several)


def _drifts(contract: Contract, operation: str, root: str, error: Any) -> Iterator[Drift]:
    at = pointers.join("", *error.absolute_path)
    pointer = place(contract.document, root, error.absolute_schema_path)
    value, word = error.instance, error.validator
    if word in ("additionalProperties", "unevaluatedProperties"):
        for name in _unknown(error):
            sentence = f"the answer has the field {name!r}, which the contract does not know"
            yield Drift("unknown_field", STRICT, operation, pointers.join(at, name), pointer, sentence)
    elif word == "required":
        for name in (n for n in error.validator_value if n not in value):
            sentence = f"the answer lacks the field {name!r}"
            where = pointers.join(at, name)
            yield Drift("missing_field", broken(contract, pointer), operation, where, pointer, sentence)
    elif word == "type" or value is None:
        sentence = f"{at or 'the body'} is {_kind(value)}, where the contract says {_wanted(error)}"
        yield Drift("other_type", broken(contract, pointer), operation, at, pointer, sentence)
    elif word == "enum":
        sentence = f"{at} is {value!r:.80}, which the contract does not list"
        yield Drift("new_enum_value", STRICT, operation, at, pointer, sentence)
    else:
        sentence = f"{at or 'the body'} is {value!r:.80}, against {word}: {error.validator_value!r:.80}"
        yield Drift("other_value", broken(contract, pointer), operation, at, pointer, sentence)


def _unknown(error: Any) -> list[str]:
    known = error.schema.get("properties", {})
    if error.validator == "unevaluatedProperties":
        return [name for name in error.instance if repr(name) in error.message]
    return [name for name in error.instance if name not in known]


def _wanted(error: Any) -> str:
    said = error.validator_value
    if error.validator != "type":
        return f"{error.validator} {said!r:.60}"
    return said if isinstance(said, str) else " or ".join(said)


def _kind(value: Any) -> str:
    names: Mapping[type, str] = {
        type(None): "null", bool: "a boolean", int: "an integer", float: "a number", str: "a string",
        list: "an array", dict: "an object",
    }  # fmt: skip
    return names[type(value)]


def place(document: Any, root: str, path: Iterable[Any]) -> str:
    """The pointer to which a path of schema words leads from `root`; the path does not name the references it took."""
    at = root
    for part in path:
        node = pointers.get(document, at)
        while isinstance(node, dict) and str(part) not in node and "$ref" in node:
            at = str(node["$ref"]).removeprefix("#")
            node = pointers.get(document, at)
        at = pointers.join(at, part)
    return at


def _undescribed(contract: Contract, operation: str, schema: Any, pointer: str, body: Any, at: str) -> Iterator[Drift]:
    """Fields that an open schema lets through without a word about them."""
    if not isinstance(body, dict):
        return
    described = properties_of(schema, contract.document)
    for name, value in body.items():
        if name in described:
            for each in described[name]:
                yield from _undescribed(contract, operation, each, pointer, value, pointers.join(at, name))
        elif described and not _is_closed(contract.document, schema):
            sentence = f"the answer has the field {name!r}, which the contract lets through undescribed"
            yield Drift("unknown_field", LOOSE, operation, pointers.join(at, name), pointer, sentence)


def _is_closed(document: Any, schema: Any) -> bool:
    """Whether a schema refuses fields it does not know, or says what any further field must be."""
    said = ("additionalProperties", "unevaluatedProperties", "patternProperties")
    return any(word in part for part in parts_of(schema, document) for word in said)
