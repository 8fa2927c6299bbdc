"""The schemas of one OpenAPI 3.1 document, each compiled once. Knows nothing of operations or media types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from mockserver.errors import ContractError, Finding, RequestError
from mockserver.validation.explain import Path, explain, label, pointer

Format = Callable[[str], bool]

EXPLAINED = 1000
"""The most values a refused value may hold and still be explained: the engine builds every error at once,
about 60 µs and 6 kB each, so that one megabyte of wrong items would take half a minute and gigabytes."""

LINEAR = jsonschema_rs.RegexOptions()
"""An engine whose time is linear in the text, whatever the pattern; it looks neither around nor back."""

_BASE = "urn:document"
_IN_FRAGMENT = "/~!$&'()*+,;=:@"


class Validator:
    """One compiled schema."""

    __slots__ = ("_compiled", "is_valid")

    def __init__(self, compiled: jsonschema_rs.Validator) -> None:
        self._compiled = compiled
        self.is_valid = compiled.is_valid
        """The bare yes or no; unlike `check` it may raise ValueError for a value that is not JSON."""

    def check(self, value: Any, name: str | None = None) -> RequestError | None:
        """None when `value` fits, else where and why it does not; `name` if the value is one parameter.

        `value` comes from `parse_json` or from coercion: the engine below overflows its stack on values
        nested tens of thousands deep. Other oddities (lone surrogates, keys that are not text) are refused.
        """
        root: Path = [] if name is None else [name]
        try:
            if self.is_valid(value):
                return None
            if _has_more_values_than(EXPLAINED, value):
                return RequestError(pointer(root), f"{label(root)} is not as it must be, and too long to say where")
            return explain(list(self._compiled.iter_errors(value)), root)
        except ValueError:
            return RequestError(pointer(root), f"{label(root)} holds a value that is not JSON")


class Schemas:
    """Every schema of `document`, found by JSON pointer, with references into the whole document."""

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        file: str = "openapi.json",
        formats: Mapping[str, Format] | None = None,
    ) -> None:
        """`file` names the document in errors; `formats` adds to the formats that are asserted."""
        self.document = document
        self._file = file
        self._formats = {name: _forgiving(holds) for name, holds in (formats or {}).items()}
        self._registry = jsonschema_rs.Registry([(_BASE, dict(document))])
        self._compiled: dict[str, Validator] = {}

    def at(self, pointer: str) -> Validator:
        """The validator of the schema at `pointer` (`/components/schemas/Job`, no `#`).

        Raises ContractError when nothing stands there, a reference leads nowhere or outside the document,
        or the schema is not a JSON Schema 2020-12.
        """
        if pointer not in self._compiled:
            self._compiled[pointer] = Validator(self._compile(pointer))
        return self._compiled[pointer]

    def _compile(self, pointer: str) -> jsonschema_rs.Validator:
        try:
            return jsonschema_rs.Draft202012Validator(
                {"$ref": f"{_BASE}#{quote(pointer, safe=_IN_FRAGMENT)}"},
                registry=self._registry,
                formats=self._formats,
                validate_formats=True,
                pattern_options=LINEAR,
                mask="",  # else each error holds two sentences with the whole value in it: 25 ms for a megabyte
                offline=True,
            )
        except ValueError as error:
            raise ContractError([self._finding(pointer, error)]) from None

    def _finding(self, pointer: str, error: ValueError) -> Finding:
        said = getattr(error, "message", str(error)).splitlines()[0]
        sentence = f"the schema does not compile: {said}."
        return Finding(self._file, f"#{pointer}", sentence, "Write a schema of JSON Schema 2020-12.")


def anything() -> Validator:
    """What any value fits."""
    return Validator(jsonschema_rs.Draft202012Validator({}, offline=True))


def runs_in_linear_time(pattern: str) -> bool:
    """Whether the engine that never looks back can match a pattern. No lookaround and no back-reference can."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=LINEAR, offline=True)
    except ValueError:
        return False
    return True


def _has_more_values_than(most: int, value: Any) -> bool:
    waiting, seen = [value], 1
    while waiting and seen <= most:
        parent = waiting.pop()
        if isinstance(parent, dict | list):
            seen += len(parent)
            waiting.extend(islice(parent.values() if isinstance(parent, dict) else parent, most))
    return seen > most


def _forgiving(holds: Format) -> Format:
    def never_raises(text: str) -> bool:
        try:
            return bool(holds(text))
        except ValueError:
            return False

    return never_raises
