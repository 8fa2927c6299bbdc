"""Where a body breaks a schema, as drift: each complaint led back to the one word of the contract it breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mockserver import pointers
from mockserver.contract import Contract
from mockserver.json_types import TYPES
from mockserver.validation import properties_of
from mockserver.validation.shapes import parts_of
from mockserver.verify.drift import LOOSE, STRICT, Drift, broken

_DOCUMENT = "urn:document"
NOTHING = "false"
"""The word of a schema that allows nothing."""


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
    leaves = [leaf for error in validator.iter_errors(body) for leaf in _leaves(error)]
    found = [drift for leaf in leaves for drift in _of_leaf(contract, operation, pointer, leaf)]
    schema = pointers.get(contract.document, pointer)
    return [*found, *_undescribed(contract, operation, schema, pointer, body, "")]


class _Leaf(NamedTuple):
    """An error that matters, and those of alternatives that come as near."""

    error: Any
    tied: tuple[Any, ...] = ()


def _leaves(error: Any, tied: tuple[Any, ...] = ()) -> Iterator[_Leaf]:
    """The errors that matter: of alternatives, those of the one that comes nearest."""
    if not error.context:
        yield _Leaf(error, tied)
        return
    branches: dict[Any, list[Any]] = {}
    for each in error.context:
        branches.setdefault(each.schema_path[0], []).append(each)
    nearest = min(branches.values(), key=_distance)
    others = [several for several in branches.values() if several is not nearest]
    tied += tuple(leaf.error for o in others if _distance(o) == _distance(nearest) for e in o for leaf in _leaves(e))
    for each in nearest:
        yield from _leaves(each, tied)


def _of_leaf(contract: Contract, operation: str, root: str, leaf: _Leaf) -> Iterator[Drift]:
    """The drift of an error, with what ties it."""
    above, (_, reference) = leaf.error.parent, _led(contract.document, root, leaf.error.absolute_schema_path)
    tied = tuple(drift for each in leaf.tied for drift in _drifts(contract, operation, root, each))
    alternatives = place(contract.document, root, above.absolute_schema_path) if above is not None else ""
    for drift in _drifts(contract, operation, root, leaf.error):
        yield replace(drift, reference=reference, tied=tied, alternatives=alternatives)


def _distance(errors: Iterable[Any]) -> tuple[bool, int]:
    """How far a value is from an alternative: a value of another type is farthest."""
    several = list(errors)
    return any(not e.path and e.validator in ("type", "const", "enum") for e in several), len(several)


def _drifts(contract: Contract, operation: str, root: str, error: Any) -> Iterator[Drift]:
    at = pointers.join("", *error.absolute_path)
    pointer = place(contract.document, root, error.absolute_schema_path)
    value, word, inside = error.instance, error.validator, f" in {at}" if at else ""
    if word in ("additionalProperties", "unevaluatedProperties"):
        for name in _unknown(error):
            sentence = f"the answer has the field {name!r}{inside}, which the contract does not know"
            yield Drift("unknown_field", STRICT, operation, pointers.join(at, name), pointer, sentence, word)
    elif word == "required":
        for name in (n for n in error.validator_value if n not in value):
            sentence = f"the answer lacks the field {name!r}{inside}"
            where = pointers.join(at, name)
            yield Drift("missing_field", broken(contract, pointer), operation, where, pointer, sentence, word)
    elif word == "type" or value is None:
        sentence = f"{at or 'the body'} is {_kind(value)}, where the contract says {_wanted(error)}"
        yield Drift("other_type", broken(contract, pointer), operation, at, pointer, sentence, word or NOTHING)
    elif word == "enum":
        sentence = f"{at} is {value!r:.80}, which the contract does not list"
        yield Drift("new_enum_value", STRICT, operation, at, pointer, sentence, word)
    else:
        sentence = f"{at or 'the body'} is {value!r:.80}, against {word}: {error.validator_value!r:.80}"
        yield Drift("other_value", broken(contract, pointer), operation, at, pointer, sentence, word or NOTHING)


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
    name = TYPES[type(value)]
    return name if value is None else f"{'an' if name[0] in 'aio' else 'a'} {name}"


def place(document: Any, root: str, path: Iterable[Any]) -> str:
    """The pointer to which a path of schema words leads from `root`; the path does not name the references it took."""
    return _led(document, root, path)[0]


def _led(document: Any, root: str, path: Iterable[Any]) -> tuple[str, str]:
    """The same, and where the last reference stands that it took."""
    at, reference = root, ""
    for part in path:
        node = pointers.get(document, at)
        while isinstance(node, dict) and str(part) not in node and "$ref" in node:
            at, reference = str(node["$ref"]).removeprefix("#"), at
            node = pointers.get(document, at)
        at = pointers.join(at, part)
    return at, reference


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
            inside = f" in {at}" if at else ""
            sentence = f"the answer has the field {name!r}{inside}, which the contract lets through undescribed"
            yield Drift("unknown_field", LOOSE, operation, pointers.join(at, name), pointer, sentence, "properties")


def _is_closed(document: Any, schema: Any) -> bool:
    """Whether a schema refuses fields it does not know, or says what any further field must be."""
    said = ("additionalProperties", "unevaluatedProperties", "patternProperties")
    return any(word in part for part in parts_of(schema, document) for word in said)
