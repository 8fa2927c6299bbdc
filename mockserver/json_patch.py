"""JSON Patch (RFC 6902): changes of a document, and the document with them. Knows no text and no file."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from mockserver import pointers


class PatchError(ValueError):
    """A change that the document does not allow; the message says which."""


class PatchOperation(NamedTuple):
    """One operation of a JSON Patch; `source` is what RFC 6902 calls `from`."""

    op: Literal["add", "remove", "replace", "move", "test"]
    path: str
    value: Any = None
    source: str = ""

    def data(self) -> dict[str, Any]:
        """As RFC 6902 writes it."""
        document: dict[str, Any] = {"op": self.op, "path": self.path}
        if self.op == "move":
            document["from"] = self.source
        elif self.op != "remove":
            document["value"] = self.value
        return document


def patched(document: Any, changes: Iterable[PatchOperation]) -> Any:
    """The document with these changes, one after the other. Raises PatchError for one that it does not allow."""
    document = copy.deepcopy(document)
    for change in changes:
        document = _changed(document, change)
    return document


def _changed(document: Any, change: PatchOperation) -> Any:
    if change.op == "test":
        _test(document, change)
    elif change.op == "move":
        return _moved(document, change)
    elif not change.path:
        return copy.deepcopy(change.value)
    else:
        parent, name = place(document, change.path)
        if change.op != "add" and pointers.step(parent, name) is pointers.MISSING:
            raise PatchError(f"nothing stands at {change.path}")
        _write(parent, name, change)
    return document


def place(document: Any, path: str) -> tuple[Any, str]:
    """The object or the list in which a path ends, and the name or the number there. Raises PatchError."""
    above, _, last = path.rpartition("/")
    parent, name = pointers.get(document, above), pointers.split(f"/{last}")[0]
    is_number = name == "-" or (name.isdecimal() and int(name) <= len(parent)) if isinstance(parent, list) else False
    if not (isinstance(parent, dict) or is_number):
        raise PatchError(f"nothing can stand at {path}")
    return parent, name


def _write(parent: Any, name: str, change: PatchOperation) -> None:
    value = copy.deepcopy(change.value)
    if isinstance(parent, dict):
        if change.op == "remove":
            del parent[name]
        else:
            parent[name] = value
    elif change.op == "add":
        parent.insert(len(parent) if name == "-" else int(name), value)
    elif change.op == "remove":
        del parent[int(name)]
    else:
        parent[int(name)] = value


def _test(document: Any, change: PatchOperation) -> None:
    if pointers.get(document, change.path) != change.value:
        raise PatchError(f"{change.path} is not what it was")


def _moved(document: Any, change: PatchOperation) -> Any:
    """A member that is renamed keeps its place among the others: the order of examples says something."""
    value = pointers.get(document, change.source)
    if value is pointers.MISSING:
        raise PatchError(f"nothing stands at {change.source}")
    if renames(change):
        parent, new = place(document, change.path)
        old = pointers.split(change.source)[-1]
        if isinstance(parent, dict) and new not in parent:
            members = [(new if name == old else name, member) for name, member in parent.items()]
            parent.clear()
            parent.update(members)
            return document
    document = _changed(document, PatchOperation("remove", change.source))
    return _changed(document, PatchOperation("add", change.path, value))


def renames(change: PatchOperation) -> bool:
    """Whether something is moved within what it stands in."""
    return change.op == "move" and change.path.rpartition("/")[0] == change.source.rpartition("/")[0]
