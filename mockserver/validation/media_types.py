"""Media types and the parameters behind them, read tolerantly: never an error, at worst an empty type."""

from __future__ import annotations

import re

FORMS = frozenset(("application/x-www-form-urlencoded", "multipart/form-data"))
"""Both ways to send the fields of a form."""
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = re.compile(rf';[ \t]*+({_TOKEN}+)[ \t]*+=[ \t]*+("(?:[^"\\]++|\\.)*+"|[^;]*+)', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')


def media_type(header: str | None) -> tuple[str, dict[str, str]]:
    """The type in lower case, and its parameters by lower-case name; `("", {})` without a header."""
    return options(header) if header else ("", {})


def is_json(declared: str) -> bool:
    """Whether bodies of a type are one JSON value: `application/json`, `application/merge-patch+json` and its like."""
    kind = options(declared)[0]
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def options(header: str) -> tuple[str, dict[str, str]]:
    """A header of the form `word; name=value; name="value"`; of a repeated parameter the first counts."""
    first = header.partition(";")[0]
    found: dict[str, str] = {}
    for name, value in _PARAMETER.findall(header, len(first)):
        found.setdefault(name.lower(), _unquoted(value.strip()))
    return first.strip().lower(), found


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return _ESCAPED.sub(r"\1", value[1:-1])
    return value


def matches(sent: str, declared: str) -> bool:
    """Whether the type `sent` (bare, lower case) is among `declared`: types or ranges, comma-separated."""
    return any(_fits(sent, media_type(one)[0]) for one in declared.split(","))


def _fits(sent: str, wanted: str) -> bool:
    if wanted.endswith("/*"):
        return wanted == "*/*" or sent.startswith(wanted[:-1])
    return bool(sent) and sent == wanted
