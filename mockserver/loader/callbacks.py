"""Where openapi.json declares a webhook: under `webhooks`, or as a callback that names its target. Sends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.lifecycle import NOTHING
from mockserver.loader.document import operations as documented
from mockserver.loader.source import OPENAPI, Source

_EXPRESSION = re.compile(r"\{\$request\.(?:body#(?P<body>/.*)|(?P<place>(?:query|header|path)\.[^{}]+))\}")
_COMPONENTS = "/components/callbacks"


class Declared(NamedTuple):
    """Where a webhook's request stands, and the places of its target: by operation, or the same for all."""

    pointer: str = ""
    targets: Mapping[str, str] = NOTHING
    target: str = ""

    @property
    def is_callback(self) -> bool:
        """Whether openapi.json says where it goes."""
        return bool(self.targets or self.target)


def declared(source: Source, name: str) -> Declared:
    """What openapi.json says of a webhook of that name; nothing where it has none."""
    hook = pointers.join("/webhooks", name)
    found = [*_of_operations(source, name)]
    shared = pointers.join(_COMPONENTS, name)
    if not found and pointers.get(source.openapi, shared) is not pointers.MISSING:
        read = _callback(source, pointers.get(source.openapi, shared), shared)
        return Declared(read[1], target=read[0]) if read else Declared()
    if pointers.get(source.openapi, hook) is not pointers.MISSING:
        if found:
            source.say(OPENAPI, hook, f"{name!r} is a webhook here and a callback there.", "Rename one of them.")
        return Declared(f"{hook}/post")
    if not found:
        return Declared()
    return Declared(found[0][2], {operation: target for operation, target, _ in found})


def every_name(source: Source) -> Iterator[str]:
    """The names of all that openapi.json declares."""
    yield from source.openapi.get("webhooks", {})
    yield from source.openapi.get("components", {}).get("callbacks", {})
    for _, _, _, operation, _ in documented(source):
        yield from operation.get("callbacks", {})


def _of_operations(source: Source, name: str) -> Iterator[tuple[str, str, str]]:
    """The (operation, place of the target, pointer) of each callback of that name."""
    for pointer, _, _, operation, _ in documented(source):
        callbacks = operation.get("callbacks")
        if isinstance(callbacks, dict) and name in callbacks:
            read = _callback(source, callbacks[name], pointers.join(f"{pointer}/callbacks", name))
            if read is not None:
                yield operation.get("operationId", ""), *read


def _callback(source: Source, node: Any, at: str) -> tuple[str, str] | None:
    """The place that a callback names, and the pointer to its request."""
    callback, where = source.resolve(node, at)
    keys = [key for key in callback if not key.startswith("x-")] if isinstance(callback, dict) else []
    found = _EXPRESSION.fullmatch(keys[0]) if len(keys) == 1 else None
    if found is None:
        sentence = f"where the callback goes is no single expression: {', '.join(map(repr, keys)) or 'nothing'}."
        remedy = "Write {$request.body#/callbackUrl}, {$request.query.NAME} or {$request.header.NAME}, no more."
        source.say(OPENAPI, at, sentence, remedy)
        return None
    return found["body"] or found["place"], f"{pointers.join(where, keys[0])}/post"
