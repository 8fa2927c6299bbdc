"""A `$ref` of openapi.json leads to what may stand in its place: a parameter to a parameter. Knows no behavior."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jsonschema_rs

from mockserver import pointers
from mockserver.bounds import NAME, cut
from mockserver.loader.source import OPENAPI, Source

SchemaNode = tuple[Mapping[str, Any], str, str]
"""An object of the document, its kind, and its pointer."""

_HOMES = {
    "path": "pathItems", "parameter": "parameters", "body": "requestBodies", "response": "responses",
    "header": "headers", "example": "examples", "link": "links", "schema": "schemas",
}  # fmt: skip
"""By kind the member of `components` that holds such: the kinds on whose shape the readers of openapi.json rely."""


def check_kinds(source: Source, shapes: Mapping[str, Any], nodes: Iterable[SchemaNode]) -> None:
    """Note each reference to what has another shape; one that leads nowhere is noted by those who follow it."""
    seen: set[tuple[str, str]] = set()
    for node, kind, at in nodes:
        target = node.get("$ref")
        if kind in _HOMES and isinstance(target, str) and (target, kind) not in seen:
            seen.add((target, kind))
            if not _is_led(source, node, at, kind, shapes):
                sentence = f"the reference leads to what is no {kind}: {cut(target, NAME)}."
                source.say(OPENAPI, f"{at}/$ref", sentence, f"Refer to one, as in components/{_HOMES[kind]}.")


def _is_led(source: Source, node: Mapping[str, Any], at: str, kind: str, shapes: Mapping[str, Any]) -> bool:
    """Whether a reference leads to its kind, or nowhere."""
    found, where = pointers.resolve(source.openapi, node, at)
    if found is pointers.MISSING or where.rpartition("/")[0] == f"/components/{_HOMES[kind]}":
        return True  # what is at home was judged with the document
    shape = {"$ref": f"#/$defs/{kind}", "$defs": shapes["$defs"]}
    return bool(jsonschema_rs.validator_for(shape).is_valid(found))
