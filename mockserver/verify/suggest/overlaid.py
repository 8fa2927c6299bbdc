"""Changes of a vendor's document as actions of the overlay beside it: the vendor's file stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from mockserver import pointers
from mockserver.json_patch import PatchError, PatchOperation, patched, place, renames

_VERSION = "1.1.0"
"""The first version that copies, and writes single values."""


def as_actions(document: Any, overlay: Any, changes: Sequence[PatchOperation]) -> list[PatchOperation]:
    """The changes of overlay.json that change the document, which is as it makes it, by these. Raises PatchError."""
    found: list[PatchOperation] = []
    for change in changes:
        found += [PatchOperation("add", "/actions/-", action) for action in _actions(document, change)]
        document = patched(document, [change])
    if found and str(overlay.get("overlay", "")).startswith("1.0"):
        found.insert(0, PatchOperation("replace", "/overlay", _VERSION))
    return found


def _actions(document: Any, change: PatchOperation) -> Iterator[dict[str, Any]]:
    if change.op == "test":
        return
    if change.op == "remove":
        yield {"target": _query(document, change.path), "remove": True}
        return
    parent, name = place(document, change.path)
    above = change.path.rpartition("/")[0]
    if change.op == "move":
        if not (renames(change) and isinstance(parent, dict)):
            raise PatchError("an overlay cannot move that")
        old = pointers.get(document, change.source)
        yield {"target": _query(document, above), "update": {name: [] if isinstance(old, list) else {}}}
        yield {"target": _query(document, change.path), "copy": _query(document, change.source)}
        yield {"target": _query(document, change.source), "remove": True}
        return
    yield from _written(document, change, parent, name, above)


def _written(document: Any, change: PatchOperation, parent: Any, name: str, above: str) -> Iterator[dict[str, Any]]:
    """What writes a value, in the place of another one where there is one."""
    old = pointers.step(parent, name)
    if isinstance(parent, list) and change.op == "add":
        if name not in ("-", str(len(parent))):
            raise PatchError("an overlay adds to the end of a list")
        yield {"target": _query(document, above), "update": [change.value]}
    elif old is pointers.MISSING:
        yield {"target": _query(document, above), "update": {name: change.value}}
    elif not isinstance(old, dict | list) and not isinstance(change.value, dict | list):
        yield {"target": _query(document, change.path), "update": change.value}
    elif isinstance(parent, list):
        raise PatchError("an overlay cannot replace an item of a list")
    else:
        yield {"target": _query(document, change.path), "remove": True}
        yield {"target": _query(document, above), "update": {name: change.value}}


def _query(document: Any, pointer: str) -> str:
    """The JSONPath of one place."""
    written, value = "$", document
    for part in pointers.split(pointer):
        written += f"[{part}]" if isinstance(value, list) else f"[{json.dumps(part)}]"
        value = pointers.step(value, part)
    return written
