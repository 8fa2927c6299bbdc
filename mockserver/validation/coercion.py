"""Text to typed values by schema: form fields, query and path parameters. Strict, and no validator.

What the schema says beyond the type (bounds, enums, required fields) is for the validator, afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.errors import RequestError
from mockserver.validation.explain import label, pointer
from mockserver.validation.json_text import parse_json
from mockserver.validation.shapes import ANY, Document, Schema, parts_of, properties_of, sees_types

MAX_UNDECLARED = 100
"""How many fields that no schema names are passed on; more are dropped."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,100})?(?:[eE][+-]?[0-9]{1,3})?")
_WORDS = {
    "integer": "an integer of at most 18 digits",
    "number": "a number",
    "boolean": "true or false",
    "object": "a JSON object",
}


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What text a field takes: its JSON types, those of its items if a list, and if it is a file."""

    types: frozenset[str]
    items: frozenset[str] = ANY
    file: bool = False

    @property
    def repeatable(self) -> bool:
        return "array" in self.types


def field_rule(said: Sequence[Schema], document: Document) -> FieldRule:
    """The rule for a field about which the schemas `said` speak. Raises LookupError for a dead reference."""
    kinds = [sees_types(schema, document) for schema in said]
    items = [part["items"] for one in said for part in parts_of(one, document) if "items" in part]
    return FieldRule(
        types=frozenset.intersection(*kinds) or frozenset.union(*kinds),
        items=sees_types(items[0], document) if items else ANY,
        file=any(_is_file(part, document) for schema in [*said, *items] for part in parts_of(schema, document)),
    )


def _is_file(schema: Mapping[str, Any], document: Document) -> bool:
    return schema.get("format") == "binary" or ("contentMediaType" in schema and "contentEncoding" not in schema)


def field_rules(schema: Schema, document: Document) -> dict[str, FieldRule]:
    """A rule for every property that `schema` names, through references and combinations."""
    return {name: field_rule(said, document) for name, said in properties_of(schema, document).items()}


def coerce_fields(fields: Sequence[tuple[str, str]], rules: Mapping[str, FieldRule]) -> dict[str, Any]:
    """The fields as one JSON object. What no rule names stays text, the first of each name, up to a bound.

    Raises RequestError for text of the wrong type, a repeated scalar, or text in place of a file.
    """
    value: dict[str, Any] = {}
    undeclared = 0
    for name, texts in _grouped(fields).items():
        rule = rules.get(name)
        if rule is None:
            undeclared += 1
            if undeclared <= MAX_UNDECLARED:
                value[name] = texts[0]
        elif not rule.file:
            value[name] = _coerced(name, texts, rule)
        elif any(texts):  # an empty text stands for no file
            why = f"{label([name])} is required as a file: without a file name it is text"
            raise RequestError(pointer([name]), why, missing=True)
    return value


def coerce_form(
    fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, str]], rules: Mapping[str, FieldRule]
) -> dict[str, Any]:
    """A form as one JSON object: fields as in `coerce_fields`, and for each file (name, stand-in text).

    Raises RequestError also for a file in place of text, and for a repeated file that is not a list.
    """
    value = coerce_fields(fields, rules)
    for name, stand_ins in _grouped(files).items():
        rule = rules.get(name, FieldRule(ANY, file=True))
        if not rule.file:
            raise _refusal(name, "must be text, not a file")
        if len(stand_ins) > 1 and not rule.repeatable:
            raise _refusal(name, "must be given only once")
        listed = len(stand_ins) > 1 or "string" not in rule.types
        value.setdefault(name, stand_ins if listed else stand_ins[0])
    return value


def _grouped(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, text in pairs:
        groups.setdefault(name, []).append(text)
    return groups


def _coerced(name: str, texts: list[str], rule: FieldRule) -> Any:
    if rule.repeatable and (len(texts) > 1 or not rule.types - {"array", "null"}):
        return [coerce_text(name, text, rule.items) for text in texts]
    if len(texts) > 1:
        raise _refusal(name, "must be given only once")
    return coerce_text(name, texts[0], rule.types)


def coerce_text(name: str, text: str, types: frozenset[str]) -> Any:
    """`text` as the narrowest of `types` it can be; text for all seven types stays text.

    Raises RequestError, naming the field and what it must be.
    """
    if types >= ANY:
        return text
    for kind in _READERS:
        if kind in types and (value := _READERS[kind](text)) is not None:
            return value
    if "string" in types:
        return text
    words = [_WORDS[kind] for kind in ("number", "integer", "boolean", "object") if kind in types]
    words = [word for word in words if word != _WORDS["integer"] or "number" not in types]
    raise _refusal(name, f"must be {' or '.join(words)}" if words else "cannot be given as text")


def _integer(text: str) -> int | None:
    return int(text) if _INTEGER.fullmatch(text) else None


def _number(text: str) -> float | None:
    number = float(text) if _NUMBER.fullmatch(text) else None
    return None if number in (float("inf"), float("-inf")) else number


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = parse_json(text.encode(errors="surrogatepass"))
    except RequestError:
        return None
    return value if isinstance(value, dict) else None


_READERS = {"integer": _integer, "number": _number, "boolean": _boolean, "object": _object}


def _refusal(name: str, sentence: str) -> RequestError:
    return RequestError(pointer([name]), f"{label([name])} {sentence}")
