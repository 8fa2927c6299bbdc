"""References of JSON Schema by `$id`, `$anchor` and `$dynamicAnchor` → pointers into the one document. Reads no file.

Below a schema with an `$id` a reference `#/$defs/…` leads into that schema, as OpenAPI 3.1 has it; where it has no such
place, into the document, as many mean it.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin

from mockserver import pointers
from mockserver.json_types import JsonObject
from mockserver.loader.keywords import nodes

_ANCHORS = ("$anchor", "$dynamicAnchor")


class _Base(NamedTuple):
    """A schema with an `$id`, or the document: its address, and where it stands."""

    uri: str
    at: str


class _Index:
    """What a document says of addresses."""

    def __init__(self, document: JsonObject, schemas: list[tuple[JsonObject, str]]) -> None:
        self.bases = {"": _Base(str(document.get("$self", "")), "")}
        for node, at in sorted(schemas, key=lambda row: row[1].count("/")):
            if isinstance(node.get("$id"), str):
                self.bases[at] = _Base(_joined(self.base(at).uri, node["$id"]).partition("#")[0], at)
        self.by_uri = {base.uri: base for base in self.bases.values()}
        self.anchors = {
            (self.base(at).at, node[word]): at
            for node, at in schemas for word in _ANCHORS if isinstance(node.get(word), str)
        }  # fmt: skip

    def base(self, at: str) -> _Base:
        """The base of what stands at a place."""
        while at not in self.bases:
            at = at.rpartition("/")[0]
        return self.bases[at]

    def led(self, document: JsonObject, at: str, reference: str) -> str:
        """A reference as a pointer into the document; itself where it leads elsewhere."""
        named, _, fragment = reference.partition("#")
        own = self.base(at)
        base = self.by_uri.get(_joined(own.uri, named)) if named else own
        fragment = unquote(fragment)
        if base is None:
            return reference
        if fragment and not fragment.startswith("/"):
            found = self.anchors.get((base.at, fragment))
            return reference if found is None else f"#{found}"
        pointer = base.at + fragment
        is_there = pointers.get(document, pointer) is not pointers.MISSING
        return f"#{pointer}" if is_there and (named or base.at) else reference


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:  # brackets that are no address
        return reference


def by_pointers(document: JsonObject) -> None:
    """Write each of these references as a pointer, in place, and take the names away that are needed no more."""
    schemas = [(node, at) for node, kind, at in nodes(document) if kind == "schema" and isinstance(node, dict)]
    named = [row for row in schemas if any(isinstance(row[0].get(word), str) for word in ("$id", *_ANCHORS))]
    if not named:
        return
    index = _Index(document, named)
    for node, at in schemas:
        _lead(index, document, node, at)
    for node, _ in named:
        for word in ("$id", *_ANCHORS):
            if isinstance(node.get(word), str):
                del node[word]


def _lead(index: _Index, document: JsonObject, node: JsonObject, at: str) -> None:
    reference: Any = node.get("$ref")
    if isinstance(reference, str):
        node["$ref"] = index.led(document, at, reference)
    dynamic: Any = node.get("$dynamicRef")
    if isinstance(dynamic, str) and reference is None:
        led = index.led(document, at, dynamic)
        if led.startswith(("#/", "#")) and led != dynamic:
            del node["$dynamicRef"]
            node["$ref"] = led
