"""What `discriminator` says of the forms of a value, in words of JSON Schema: each form has its own key. Changes it.

The key of a form is the one that `mapping` has for it, else the name of its schema, as OpenAPI has it; a form that says
its key itself, by `const` or `enum`, keeps that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.imported.described import items, members
from mockserver.imported.shapes import Shapes
from mockserver.json_types import JsonObject
from mockserver.loader.keywords import nodes


def as_keys(document: JsonObject) -> None:
    """Let each form that a discriminator chooses list its key, in place."""
    shapes = Shapes(document)
    for node, kind, at in [*nodes(document)]:
        said = node.get("discriminator") if kind == "schema" and isinstance(node, dict) else None
        name = said.get("propertyName") if isinstance(said, dict) else None
        if isinstance(node, dict) and isinstance(said, dict) and isinstance(name, str):
            mapping = {key: each for key, each in members(said.get("mapping")) if isinstance(each, str)}
            if any(items(node.get(word)) for word in ("oneOf", "anyOf")):
                _of_forms(shapes, node, name, mapping)
            else:
                _of_heirs(shapes, document, node, at, name, mapping)


def _of_forms(shapes: Shapes, node: JsonObject, name: str, mapping: dict[str, str]) -> None:
    """Those that are listed beside it."""
    for word in ("oneOf", "anyOf"):
        if items(node.get(word)):
            node[word] = [_keyed(shapes, each, name, mapping) for each in node[word]]


def _keyed(shapes: Shapes, form: Any, name: str, mapping: dict[str, str]) -> Any:
    reference = form.get("$ref") if isinstance(form, dict) else None
    keys = _keys(shapes, form, name, reference, mapping) if isinstance(reference, str) else []
    return {"allOf": [form, _key(name, keys)]} if keys else form


def _key(name: str, keys: list[str]) -> JsonObject:
    return {"type": "object", "required": [name], "properties": {name: {"enum": keys}}}


def _keys(shapes: Shapes, form: Any, name: str, reference: str, mapping: dict[str, str]) -> list[str]:
    """The keys of a form that does not say its own; none where it does, or they contradict what it lists."""
    own = reference.rpartition("/")[2]
    found = [key for key, each in mapping.items() if each == reference or _named(each) == own]
    said = shapes.at(form, pointers.join("", name))[0]
    usual = said.get("default")
    found = found or [usual if isinstance(usual, str) else pointers.split(f"/{own}")[0]]
    listed = [said["const"]] if "const" in said else items(said.get("enum"))
    return [key for key in found if key in listed] if len(listed) > 1 else [] if listed else found


def _named(said: str) -> str:
    """The name of a schema that a mapping says: by a pointer, a file or the name alone."""
    return said.rpartition("/")[2].removesuffix(".json").removesuffix(".yaml").removesuffix(".yml")


def _of_heirs(
    shapes: Shapes, document: JsonObject, node: JsonObject, at: str, name: str, mapping: dict[str, str]
) -> None:
    """Those that are put together from it by `allOf`: it lists the keys of all, and each has its own."""
    every: list[str] = []
    for own, heir in _heirs(document, f"#{at}"):
        keys = _keys(shapes, heir, name, f"#{own}", mapping)
        every += keys
        if keys:
            heir["allOf"] = [*heir["allOf"], _key(name, keys)]
    properties = node.get("properties")
    said = shapes.at(node, pointers.join("", name))[0]
    if every and isinstance(properties, dict) and not ("const" in said or "enum" in said):
        properties[name] = {"allOf": [properties.get(name, {}), {"enum": list(dict.fromkeys(every))}]}


def _heirs(document: JsonObject, reference: str) -> Iterator[tuple[str, JsonObject]]:
    """The schemas of the document that are put together from one, with their pointers."""
    components = document.get("components")
    for own, each in members(components.get("schemas") if isinstance(components, dict) else None):
        parts = items(each.get("allOf")) if isinstance(each, dict) else []
        if any(isinstance(part, dict) and part.get("$ref") == reference for part in parts):
            yield pointers.join("/components/schemas", own), each
