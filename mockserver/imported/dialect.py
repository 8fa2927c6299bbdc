"""A document of OpenAPI 3.0, or one that says what 3.1 does not, in the words of 3.1. Changes it; reads no file.

What is taken away is said: `Loosened` has a sentence for each kind of thing, with how often and where first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mockserver import pointers
from mockserver.json_types import TYPE_NAMES, JsonObject
from mockserver.loader.keywords import FORMATS, KINDS, nodes
from mockserver.validation import runs_in_linear_time

_PROSE = (
    "externalDocs",
    "xml",
    "tags",
    "description",
    "deprecated",
    "example",
    "examples",
    "x-evidence",
    "discriminator",
)
_LONGEST = 80
"""A summary of so many characters is kept; what is longer is prose."""
_BOUNDS = (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"))


@dataclass
class Loosened:
    """What a document says and the contract does not, by sentence: how often, and where first."""

    told: dict[str, tuple[int, str]] = field(default_factory=dict)

    def note(self, sentence: str, at: str) -> None:
        count, first = self.told.get(sentence, (0, at))
        self.told[sentence] = (count + 1, first)


def modern(document: JsonObject, loosened: Loosened) -> JsonObject:
    """Bring a document to 3.1, in place, and take away what is prose or what no contract can say."""
    version = str(document.get("openapi", ""))
    is_old = version.startswith("3.0")
    document["openapi"] = version if version.startswith("3.2.") else "3.1.0"
    for node, kind, at in [*nodes(document)]:
        if isinstance(node, dict):
            if kind == "schema":
                _schema(node, at, is_old, loosened)
            _bare(node, kind)
    return document


def _bare(node: JsonObject, kind: str) -> None:
    """Take away prose, extensions, and words that do not belong there."""
    known = KINDS[kind]
    for word in [*node]:
        if word in _PROSE or (word not in known and not word.startswith("/")):
            del node[word]
    summary = node.get("summary")
    if "summary" in node and not (kind == "operation" and isinstance(summary, str) and len(summary) <= _LONGEST):
        del node["summary"]
    if kind == "response" and "$ref" not in node:
        node["description"] = ""
    if kind == "schema":
        node.pop("title", None)


def _schema(node: JsonObject, at: str, is_old: bool, loosened: Loosened) -> None:
    if is_old and isinstance(node.get("$ref"), str):
        for word in [each for each in node if each not in ("$ref", "nullable")]:
            del node[word]
    for change in (_bounds, _types, _default, _enum, _pattern, _format, _nullable):
        change(node, at, loosened)
    for word, shape in _SHAPES.items():
        if word in node and not shape(node[word]):
            loosened.note(f"{word} is not what it must be, and was left out", at)
            del node[word]


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _all(inner: Callable[[Any], bool], kind: type[Any]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, kind) and all(inner(each) for each in (value.values() if isinstance(value, dict) else value))
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_step(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_list_of_schemas(value: Any) -> bool:
    return _all(_is_schema, list)(value) and bool(value)


_SHAPES: dict[str, Callable[[Any], bool]] = {
    "$ref": _is_text, "required": _all(_is_text, list), "title": _is_text, "default": lambda value: True,
    **dict.fromkeys(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"),
                    _all(_is_schema, dict)),
    **dict.fromkeys(("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
                     "unevaluatedItems", "unevaluatedProperties", "contentSchema"), _is_schema),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _is_list_of_schemas),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
                     "minContains", "maxContains"), _is_count),
    "multipleOf": _is_step, "uniqueItems": _is_flag, "readOnly": _is_flag, "writeOnly": _is_flag,
    "contentEncoding": _is_text, "contentMediaType": _is_text, "dependentRequired": _all(_all(_is_text, list), dict),
}  # fmt: skip


def _bounds(node: JsonObject, at: str, loosened: Loosened) -> None:
    """`exclusiveMinimum: true` beside `minimum` is one number; a whole number may be written `5.0`."""
    for word, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(word), bool) and node.pop(word) and _is_number(node.get(plain)):
            node[word] = node.pop(plain)
    for word in ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"):
        value = node.get(word)
        if isinstance(value, float) and value.is_integer():
            node[word] = int(value)
    for low, high in _BOUNDS:
        if _is_number(node.get(low)) and _is_number(node.get(high)) and node[low] > node[high]:
            loosened.note(f"{low} is above {high}, and both were left out", at)
            del node[low], node[high]


def _types(node: JsonObject, at: str, loosened: Loosened) -> None:
    said = node.get("type")
    if said is None:
        node.pop("type", None)
        return
    several = said if isinstance(said, list) else [said]
    known = [{"file": "string", "any": None}.get(str(each), each) for each in several]
    kept = list(dict.fromkeys(each for each in known if each in TYPE_NAMES))
    if said == "file":
        node["format"] = "binary"
    if len(kept) < len(several):
        loosened.note("a type is no type of JSON, and was left out", at)
    if kept and len(kept) == len(several):
        node["type"] = kept if isinstance(said, list) and len(kept) > 1 else kept[0]
    else:
        del node["type"]


_KINDS = {"string": str, "integer": int, "number": int | float, "boolean": bool, "array": list, "object": dict}


def _default(node: JsonObject, at: str, loosened: Loosened) -> None:
    """A default of another type than its own is no value that anybody means."""
    kind = node.get("type")
    if "default" not in node or not isinstance(kind, str) or kind not in _KINDS:
        return
    value = node["default"]
    if not isinstance(value, _KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        loosened.note("a default is of another type, and was left out", at)
        del node["default"]


def _enum(node: JsonObject, at: str, loosened: Loosened) -> None:
    said = node.get("enum")
    if "enum" not in node:
        return
    if not isinstance(said, list) or not said:
        loosened.note("enum lists nothing, and was left out", at)
        del node["enum"]
        return
    seen: dict[str, Any] = {}
    for each in said:
        value = each
        if node.get("type") == "string" and isinstance(each, bool | int | float):
            loosened.note("enum lists what is no text for one, and it was made one", at)
            value = json.dumps(each)
        seen.setdefault(repr(value), value)
    node["enum"] = [*seen.values()]


def _pattern(node: JsonObject, at: str, loosened: Loosened) -> None:
    pattern, named = node.get("pattern"), node.get("patternProperties")
    if "pattern" in node and not (isinstance(pattern, str) and runs_in_linear_time(pattern)):
        loosened.note("a pattern cannot be matched in linear time, and was left out", at)
        del node["pattern"]
    if isinstance(named, dict) and not all(isinstance(each, str) and runs_in_linear_time(each) for each in named):
        loosened.note("a pattern of names cannot be matched in linear time, and was left out", at)
        del node["patternProperties"]


def _format(node: JsonObject, at: str, loosened: Loosened) -> None:
    if node.get("format") == "byte":
        del node["format"]
        node["contentEncoding"] = "base64"
    elif "format" in node and not (isinstance(node["format"], str) and node["format"] in FORMATS):
        if isinstance(node["format"], str):
            loosened.note(f"the format {node['format']!r:.40} is no known one, and was left out", at)
        del node["format"]


def _nullable(node: JsonObject, at: str, loosened: Loosened) -> None:
    """`nullable` of 3.0, which some write in 3.1 as well."""
    if node.pop("nullable", None) is not True:
        return
    said = node.get("type")
    if isinstance(said, str):
        node["type"] = [said, "null"]
    elif isinstance(said, list):
        node["type"] = list(dict.fromkeys([*said, "null"]))
    if isinstance(node.get("enum"), list) and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]
    several = next((word for word in ("anyOf", "oneOf") if isinstance(node.get(word), list)), None)
    if several and said is None:
        node[several] = [*node[several], {"type": "null"}]
    elif said is None and ("$ref" in node or "allOf" in node):
        inner = {word: node.pop(word) for word in [*node]}
        node["anyOf"] = [inner, {"type": "null"}]


def references(node: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every object with a `$ref` below a node, and where that leads."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if isinstance(each.get("$ref"), str):
                yield each, each["$ref"]
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def is_foreign(reference: str) -> bool:
    """Whether a reference leads out of the document; an empty one leads nowhere."""
    return bool(reference.strip()) and not reference.startswith("#")


def leads(document: Any, reference: str) -> bool:
    """Whether a reference leads to something, and not round and round."""
    found, _ = pointers.resolve(document, {"$ref": reference})
    return found is not pointers.MISSING
