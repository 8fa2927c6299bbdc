"""What requests of an operation can hold, as openapi.json declares it. Knows no request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver import pointers
from mockserver.contract import Operation
from mockserver.json_types import JsonValue
from mockserver.validation.shapes import parts_of_all


def declares(document: JsonValue, operation: Operation, place: str) -> bool:
    """Whether a request of an operation can hold something at a place; `*` stands for every item of a list."""
    if place[:1] in ("/", ""):
        return any(_holds(document, body.schema, pointers.split(place)) for body in operation.bodies)
    if place == "body":
        return bool(operation.bodies)
    where, _, name = place.partition(".")
    outer, inner = within(operation, where, name)
    return any(
        (p.where, p.name) == (where, outer) and _holds(document, p.schema, pointers.split(inner))
        for p in operation.parameters
    )


def within(operation: Operation, where: str, name: str) -> tuple[str, str]:
    """A parameter and a pointer into it: `created[gte]` is a member of one, unless one is called so."""
    outer, bracket, inner = name.partition("[")
    if not bracket or any((p.where, p.name) == (where, name) for p in operation.parameters):
        return name, ""
    return outer, "/" + inner.rstrip("]").replace("][", "/")


def _holds(document: JsonValue, schema: Any, path: Sequence[str]) -> bool:
    said = [schema]
    for step in path:
        parts = list(parts_of_all(said, document))
        if any(each is True for each in said) or any(_is_open(part, step) for part in parts):
            return True
        said = _below(parts, step)
    return bool(said)


def _below(parts: Sequence[Any], step: str) -> list[Any]:
    """What schemas say of what stands one step further down."""
    if step == "*" or step.isdigit():
        inner = [p["items"] for p in parts if isinstance(p.get("items"), dict)]
        return [*inner, *(each for p in parts for each in p.get("prefixItems", ()))]
    inner = [p["properties"][step] for p in parts if step in p.get("properties", {})]
    inner += [p["additionalProperties"] for p in parts if isinstance(p.get("additionalProperties"), dict)]
    return [*inner, *(said for p in parts for said in p.get("patternProperties", {}).values())]


def _is_open(part: Any, step: str) -> bool:
    """Whether a schema says that anything may stand there: by `true`, or by saying nothing of what it holds.

    An object that names its fields may hold others as well, by JSON Schema; here that has to be said, for a name that
    is misspelt would be no mistake else.
    """
    if part.get("additionalProperties") is True or part.get("unevaluatedProperties") is True:
        return step != "*"
    if part.keys() & _DESCRIBING:
        return False
    types = part.get("type")
    if types is None:
        return all(word in _ABOUT or word.startswith("x-") for word in part)
    return "object" in types or ("array" in types and (step == "*" or step.isdigit()))


_ABOUT = ("title", "description", "default", "example", "examples", "deprecated", "$comment")
_DESCRIBING = frozenset((
    "properties", "additionalProperties", "patternProperties", "items", "prefixItems", "$ref", "allOf", "anyOf",
    "oneOf", "unevaluatedProperties", "enum", "const",
))  # fmt: skip
