"""A plain value that a schema allows: what a reader expects to see, no edge of anything. Knows no operation."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import jsonschema_rs

from mockserver.draws import IdForm
from mockserver.id_patterns import LONGEST
from mockserver.imported.lexicon import FACT_OF, SUCCEEDS, letters
from mockserver.imported.patterns import from_expression, text_of
from mockserver.imported.shapes import SchemaObject, Shapes
from mockserver.validation.schemas import LINEAR

_WIDEST = 30
"""An object of so many fields shows all of them at its top; a larger one, and what is within, what is required."""
_DEEPEST = 8
_MOST = 5_000
"""So many values one sample has at most: lists of lists of lists, each of twenty, have no end."""
_TEXTS = {
    "date-time": "2026-05-07T12:34:56Z", "date": "2026-05-07", "time": "12:34:56Z", "uri": "https://example.com/",
    "url": "https://example.com/", "uri-reference": "https://example.com/", "email": "somebody@example.com",
    "uuid": "3f0e6a54-8f0c-4d7e-9a51-1b1c2a9f4d10", "hostname": "example.com", "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "duration": "PT10S", "binary": "bytes", "iri": "https://example.com/", "json-pointer": "/a", "regex": "a",
    "uri-template": "https://example.com/{id}", "relative-json-pointer": "1/a", "idn-email": "somebody@example.com",
    "idn-hostname": "example.com", "iri-reference": "https://example.com/",
}  # fmt: skip
_MOMENTS = ("at", "time", "timestamp", "date", "created", "updated")
_SECONDS = 1_767_225_600


class Sampler:
    """Makes values of a document's schemas."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document, self.shapes = document, Shapes(document)
        self._left = _MOST

    def value(self, schema: Any, *, is_least: bool = False, choice: int = 0, name: str = "") -> Any:
        """A value; `is_least`: with no field but those that are required; `choice`: which of several forms.

        `name` is what the field is called that has it, where it is one.
        """
        self.shapes.choice, self._left = choice, _MOST
        try:
            return self._made(schema, is_least, name)
        finally:
            self.shapes.choice = 0

    def _made(self, schema: Any, is_least: bool, name: str) -> Any:
        return self._value(self.shapes.said(schema), name, 0, is_least)

    def _value(self, said: SchemaObject, name: str, depth: int, is_least: bool) -> Any:
        self._left -= 1
        listed = [said["const"]] if "const" in said else said.get("enum")
        if isinstance(listed, list) and listed:
            return next((each for each in listed if each is not None), None)
        if _is_usual(said):
            return said["default"]
        kind = said.get("type") or ("object" if said["properties"] else "array" if "items" in said else "")
        if kind == "object" or (not kind and depth == 0):
            return self._object(said, depth, is_least)
        if kind == "array":
            return self._array(said, name, depth, is_least)
        if kind in ("integer", "number"):
            return plain_number(said, name, kind)
        if kind == "boolean":
            return letters(name) in SUCCEEDS
        return None if kind == "null" else plain_text(said, name)

    def _object(self, said: SchemaObject, depth: int, is_least: bool) -> dict[str, Any]:
        must = {each for each in said["required"] if isinstance(each, str)}
        is_wide = is_least or depth > 1 or len(said["properties"]) > _WIDEST or (depth == 1 and len(must) > 0)
        made: dict[str, Any] = {}
        for name, schema in said["properties"].items():
            if name not in must and is_wide:
                continue
            inner = self.shapes.said(schema)
            if name not in must and depth > 0 and inner["properties"]:
                continue
            value = self._member(inner, name, depth, is_least or depth > 0)
            if value is not None or inner["null"] or name in must:
                made[name] = value
        for name in sorted(must - made.keys()):
            made[name] = "text"
        others = said.get("additionalProperties")
        least = said.get("minProperties", 0) if isinstance(others, dict) else 0
        for n in range(len(made), min(least, 20)):
            made[f"key{n + 1}"] = self._member(self.shapes.said(others), f"key{n + 1}", depth, is_least)
        return made

    def _member(self, inner: SchemaObject, name: str, depth: int, is_least: bool) -> Any:
        if depth >= _DEEPEST or self._left <= 0:
            return None
        fact = FACT_OF.get(letters(name))
        if (
            inner["null"]
            and fact not in ("created", "updated", "progress")
            and not (fact == "error" and inner["properties"])
        ):
            return None
        return self._value(inner, name, depth + 1, is_least)

    def _array(self, said: SchemaObject, name: str, depth: int, is_least: bool) -> list[Any]:
        least = said.get("minItems", 0)
        count = least if isinstance(least, int) and 0 <= least <= 20 else 0
        if not count or depth >= _DEEPEST or self._left <= 0:
            return []
        inner = self.shapes.said(said.get("items", {}))
        return [self._value(inner, name, depth + 1, is_least) for _ in range(count) if self._left > 0]


def _is_usual(said: SchemaObject) -> bool:
    """Whether a default is a value of the type, and not empty."""
    value, kind = said.get("default"), said.get("type")
    kinds = {"string": str, "integer": int, "number": int | float, "boolean": bool}
    is_flag = isinstance(value, bool)
    return kind in kinds and isinstance(value, kinds[kind]) and is_flag is (kind == "boolean") and value != ""


def plain_number(said: SchemaObject, name: str, kind: str) -> Any:
    """A number within the bounds of a schema; the lower of them where none can be reckoned: 1e308 by 1e-300."""
    least = next((said[each] for each in ("minimum", "exclusiveMinimum", "exclusiveMaximum") if each in said), 1)
    try:
        found = _number(said, name, kind)
    except (OverflowError, ValueError):  # the latter: no whole number is made of what is none
        return least
    return found if isinstance(found, int) or math.isfinite(found) else least


def _number(said: SchemaObject, name: str, kind: str) -> Any:
    low, high, step = said.get("minimum"), said.get("maximum"), said.get("multipleOf")
    if FACT_OF.get(letters(name)) == "progress":
        is_whole = (high is None or high > 45) and (low is None or low <= 45)
        usual_share: float = 0.5 if high is not None and high <= 1 and kind == "number" else 45 if is_whole else 0
        return usual_share if usual_share or not low else low
    usual: float = _SECONDS if letters(name).endswith(_MOMENTS) and kind == "integer" and high is None else 1
    if "exclusiveMinimum" in said:
        low = max(low if low is not None else said["exclusiveMinimum"], said["exclusiveMinimum"] + (step or 1))
    found = usual if low is None else max(usual, low)
    found = found if high is None else min(found, high)
    if "exclusiveMaximum" in said and found >= said["exclusiveMaximum"]:
        found = said["exclusiveMaximum"] - (1 if kind == "integer" else 0.5)
    if step and found % step:
        found = (found // step + 1) * step
    return int(found) if kind == "integer" or isinstance(found, int) or found.is_integer() else found


def plain_text(said: SchemaObject, name: str) -> str | None:
    if said.get("contentEncoding") == "base64":
        return "dGV4dA=="
    form = said.get("format")
    made = _TEXTS.get(form) if isinstance(form, str) else None
    if made is None:
        is_url = letters(name).endswith(("url", "uri", "href"))
        is_moment = letters(name).endswith(_MOMENTS[:4]) and letters(name) != "at" and len(name) > 4
        made = "https://example.com/" if is_url else _TEXTS["date-time"] if is_moment else name or "text"
    least, most = said.get("minLength", 0), said.get("maxLength")
    made = made if len(made) >= least else made + "x" * min(least - len(made), 100_000)
    made = made[:most] if isinstance(most, int) else made
    return _matching(said["pattern"], made, said) if isinstance(said.get("pattern"), str) else made


_TRIED = (
    "text", "a", "A", "1", "en", "en-US", "16:9", "1280x720", "#ffffff", "ffffff", "2026-05-07", "2026-05-07T12:34:56",
    "2026-05-07T12:34:56.000Z", "1.0", "a.com",
    "https://example.com/", "https://example.com/a.mp4", "https://example.com/a.png", "s3://bucket/key", "+15005550006",
    _TEXTS["uuid"], "f" * 24, "f" * 32, "f" * 40, "f" * 64, "A" * 11, "a.b", "a_b", "a-b", "1s", "10:00", "00:00:00",
    "/a", "45%", "45 %", "0.45",
)  # fmt: skip


_BEGIN = re.compile(r"\^?(?P<prefix>[A-Za-z0-9_-]*)(?P<more>[?*+{]?)")
_COUNT = re.compile(r"\{(\d{1,3})(?:,\d*)?\}")
_USUAL = (24, 16, 12, 32, 26, 20)


def prefix_of(pattern: str) -> str:
    """The text with which all begin that a pattern of the kind `^CA[0-9a-f]{32}$` allows."""
    found = _BEGIN.match(pattern)
    assert found is not None  # all of it may be left out
    return found["prefix"][:-1] if found["more"] else found["prefix"]


def lengths_of(pattern: str) -> list[int]:
    """How many characters may follow that: those that a pattern says, and then those that are usual."""
    return list(dict.fromkeys([*map(int, _COUNT.findall(pattern)), *_USUAL]))


def allows(pattern: str, texts: Iterable[str]) -> bool:
    """Whether a pattern of a document allows all of these."""
    fits = jsonschema_rs.validator_for({"pattern": pattern}, pattern_options=LINEAR).is_valid
    return all(map(fits, texts))


def is_text_of(said: SchemaObject, text: str) -> bool:
    """Whether a schema of a text allows this one, by its length and its pattern."""
    is_long = said.get("minLength", 0) <= len(text) <= said.get("maxLength", len(text))
    return is_long and (not isinstance(said.get("pattern"), str) or allows(said["pattern"], [text]))


def _matching(pattern: str, made: str, said: SchemaObject) -> str | None:
    """A text that a pattern allows, of those that come to mind, else one that is made as the pattern says."""
    fits = jsonschema_rs.validator_for({"pattern": pattern}, pattern_options=LINEAR).is_valid
    prefix, lengths = prefix_of(pattern), lengths_of(pattern)
    alike = [prefix + each * length for length in lengths for each in "aA1"]
    least, most = said.get("minLength", 0), said.get("maxLength", LONGEST)
    several = [each for each in (alike[0], made, *_TRIED, *alike) if least <= len(each) <= most]
    own = from_expression(pattern, least, most, least=1)
    several += [IdForm(pattern=own).made(bytes(64))] if own else []
    other = text_of(pattern, least, most)
    several += [] if other is None else [other]
    return next((each for each in several if fits(each)), None)
