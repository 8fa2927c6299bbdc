"""A schema for values that were seen: what they are, and not what they say. Knows no contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.json_types import TYPES
from mockserver.printable import printable

OBSERVED = {"x-evidence": "observed"}
_DEEPEST, _MOST_NAMES = 8, 50


def schema_of(values: Sequence[Any]) -> dict[str, Any]:
    """A schema that allows these values, marked as observed."""
    return {**_schema(values, _DEEPEST), **OBSERVED}


def kind_of(value: Any) -> str:
    """What JSON Schema calls a value."""
    return TYPES[type(value)]


def kinds_of(values: Iterable[Any]) -> list[str]:
    """The same of several; a whole number among fractions is a number."""
    found = list(dict.fromkeys(map(kind_of, values)))
    return [each for each in found if each != "integer" or "number" not in found]


def _schema(values: Sequence[Any], depth: int) -> dict[str, Any]:
    kinds = kinds_of(values)
    if not kinds or kinds == ["null"]:
        return {}  # nobody knows yet what else there may be
    said: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    items = [item for value in values if isinstance(value, list) for item in value]
    if items and depth:
        said["items"] = _schema(items, depth - 1)
    objects = [value for value in values if isinstance(value, dict)]
    names = list(dict.fromkeys(name for each in objects for name in each))
    if names and depth and len(names) <= _MOST_NAMES and all(name == printable(name) for name in names):
        said["properties"] = {
            name: _schema([each[name] for each in objects if name in each], depth - 1) for name in names
        }
    return said
