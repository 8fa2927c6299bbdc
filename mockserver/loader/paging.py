"""What behavior.json says of a list → Paging; sizes and defaults are those of its parameters. Knows no request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.intake import CONTAINS, Filter, Paging, Parameter
from mockserver.lifecycle import Value
from mockserver.loader import resources as parts
from mockserver.loader.source import Source
from mockserver.sorting import direction

ALL = 10**9
PLACES = frozenset(("limit", "after", "before", "token", "offset", "page", "order"))
"""Meanings of a parameter that say which part of a list is wanted."""
FILTERS = frozenset((
    "state", "created.from", "created.until", "created.on", "created.after", "created.before",
))  # fmt: skip
"""Meanings of a parameter that say which jobs are wanted; further ones are facts."""
_PLACE = re.compile(r"/|(path|query|header|cookie)\.")


def paging(source: Source, data: Mapping[str, Any], parameters: Sequence[Parameter]) -> Paging:
    """How a list is read."""
    like, like_at = liked(data.get("like", ""))
    limit, cursor, said = data.get("limit"), data.get("cursor"), data.get("parameters", {})
    places = {each: place_of(name) for name, each in said.items() if isinstance(each, str) and each in PLACES}
    if isinstance(limit, dict):
        places["limit"] = place_of(limit["parameter"])
    if cursor:
        places["cursor"] = place_of(cursor["parameter"])
    usual = {meaning: _schema(source, place, parameters) for meaning, place in places.items()}
    beside = {at: each for at, each in data.get("bindings", {}).items() if is_of_page(each)}
    page = parts.values({**data.get("page", {}), **{at: v for at, v in beside.items() if at.startswith("/")}})
    return Paging(
        data["items"],
        data.get("item_state"),
        tuple(data.get("states", ())),
        (*_old_filters(data), *_filters(said)),
        places,
        _size(limit, usual.get("limit", {})),
        page,
        (cursor or {}).get("names") == "next",
        _is_ascending(data, usual.get("order", {})),
        0 if 0 in (usual.get("page", {}).get("minimum"), usual.get("page", {}).get("default")) else 1,
        like,
        frozenset(at for at in beside if at.startswith("/")),
        frozenset(fact for each in (*page.values(), *parts.values(beside).values()) for fact in _page_facts(each)),
        bool(said),
        like_at,
    )


def liked(said: Any) -> tuple[str, str]:
    """The operation that something is like, and where in its answer that stands."""
    return (said["operation"], said["at"]) if isinstance(said, dict) else (said, "")


def of_items(data: Mapping[str, Any]) -> dict[str, Any]:
    """The bindings of an operation, without those of a list that fall on its page."""
    found = data.get("bindings", {})
    if data["verb"] != "list":
        return dict(found)
    return {at: each for at, each in found.items() if at.startswith("header.") or not is_of_page(each)}


def is_of_page(said: Any) -> bool:
    """Whether a value, as it is written, tells of a list's page."""
    if isinstance(said, str):
        return said.startswith("page.")
    if not isinstance(said, dict):
        return False
    inner = [each for each in said.get("join", ()) if isinstance(each, dict)]
    return is_of_page(said.get("fact")) or any(map(is_of_page, [*inner, said.get("else")]))


def place_of(name: str) -> str:
    """The place of a parameter: one of the query, unless it says another."""
    return name if _PLACE.match(name) else f"query.{name}"


def _page_facts(value: Value) -> Iterator[str]:
    if value.fact.startswith("page."):
        yield value.fact.removeprefix("page.")
    for part in (*value.parts, value.otherwise):
        if isinstance(part, Value):
            yield from _page_facts(part)


def _old_filters(data: Mapping[str, Any]) -> Iterator[Filter]:
    yield from (Filter(place_of(name), meaning) for name, meaning in data.get("filters", {}).items())


def _filters(said: Mapping[str, Any]) -> Iterator[Filter]:
    for name, each in said.items():
        if isinstance(each, dict) and CONTAINS in each:
            yield Filter(place_of(name), CONTAINS, parts.value(each[CONTAINS]))
        elif isinstance(each, dict) or each not in PLACES | FILTERS:
            yield Filter(place_of(name), "", parts.value(each))
        elif each in FILTERS:
            yield Filter(place_of(name), each)


def _schema(source: Source, place: str, parameters: Sequence[Parameter]) -> Mapping[str, Any]:
    """The schema of a parameter, or of what its name stands for within one: `created[gte]`."""
    where, _, name = place.partition(".")
    outer, _, inner = name.partition("[")
    for parameter in parameters:
        if parameter.where == where and parameter.name in (name, outer):
            schema, _ = source.resolve(parameter.schema, parameter.pointer)
            if parameter.name != name:
                schema, _ = source.resolve(schema.get("properties", {}).get(inner.rstrip("]"), {}), parameter.pointer)
            return schema if isinstance(schema, dict) else {}
    return {}


def _size(limit: Any, schema: Mapping[str, Any]) -> int:
    """How many are on a page where the request does not say."""
    if isinstance(limit, dict):
        return int(limit["default"])
    usual = schema.get("default", limit)
    return usual if isinstance(usual, int) else ALL


def _is_ascending(data: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    usual = direction(schema["default"]) if "default" in schema else None
    return data.get("order") == "ascending" if usual is None else usual
