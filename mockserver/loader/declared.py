"""What requests of an operation can hold, as openapi.json declares it. Knows no request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver import pointers
from mockserver.contract import Operation
from mockserver.lifecycle import Json
from mockserver.validation import properties_of
from mockserver.validation.shapes import parts_of


def declares(document: Json, operation: Operation, place: str) -> bool:
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


def _holds(document: Json, schema: Any, path: Sequence[str]) -> bool:
    if not path:
        return True
    parts = list(parts_of(schema, document))
    if not isinstance(schema, dict) or any(_is_open(part, path[0]) for part in parts):
        return schema is not False
    if path[0] == "*" or path[0].isdigit():
        inner = [p["items"] for p in parts if isinstance(p.get("items"), dict)]
        inner += [each for p in parts for each in p.get("prefixItems", ())]
    else:
        inner = properties_of(schema, document).get(path[0], [])
        inner += [p["additionalProperties"] for p in parts if isinstance(p.get("additionalProperties"), dict)]
        inner += [said for p in parts for said in p.get("patternProperties", {}).values()]
    return any(_holds(document, each, path[1:]) for each in inner)


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
