"""Values as the fields of a form: how lists and objects are told in pairs of texts. Knows no schema."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mockserver.validation.json_text import write_json

FORM = "application/x-www-form-urlencoded"


def pairs(values: Mapping[str, Any], deep: Collection[str]) -> Iterator[tuple[str, str]]:
    """The fields of a form; those in `deep` member by member, other objects as JSON, lists by repeated names."""
    for name, value in values.items():
        if name in deep and isinstance(value, dict | list):
            members = value.items() if isinstance(value, dict) else enumerate(value)
            inner = {f"{name}[{key}]": each for key, each in members}
            yield from pairs(inner, frozenset(inner))
        elif isinstance(value, list):
            yield from ((name, text(each)) for each in value)
        else:
            yield name, text(value)


def text(value: Any) -> str:
    """A value as a field or a parameter has it."""
    return value if isinstance(value, str) else write_json(value).decode()
