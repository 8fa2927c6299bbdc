"""JSON pointers: reading, writing and walking them. Knows nothing of what stands at their ends."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

MISSING: Any = object()


@lru_cache(maxsize=1024)
def split(pointer: str) -> tuple[str, ...]:
    """`/a/b~1c` or `#/a/b~1c` → `("a", "b/c")`; the empty pointer is the whole document."""
    return tuple(p.replace("~1", "/").replace("~0", "~") for p in pointer.split("/")[1:])


def escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def join(pointer: str, *parts: str | int) -> str:
    """Append parts, escaped, to a pointer."""
    for each in parts:
        part = str(each)
        pointer = f"{pointer}/{escape(part) if '/' in part or '~' in part else part}"
    return pointer


def step(value: Any, part: str) -> Any:
    """One step down; MISSING when there is nothing."""
    if isinstance(value, dict):
        return value.get(part, MISSING)
    if isinstance(value, list) and part.isdigit() and len(part) < 10 and int(part) < len(value):
        return value[int(part)]
    return MISSING


def get(document: Any, pointer: str) -> Any:
    """What stands at a pointer (`#/…` is allowed); MISSING when nothing does."""
    value, parts = document, split(pointer)
    if len(parts) == 1 and isinstance(value, dict):
        return value.get(parts[0], MISSING)
    for part in parts:
        value = step(value, part)
        if value is MISSING:
            return MISSING
    return value


def key(pointer: str) -> str | None:
    """The only part of a pointer that leads one step down, for those who look it up in an object by themselves."""
    parts = split(pointer)
    return parts[0] if len(parts) == 1 else None


def find(document: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """All (pointer, value) that a pointer with `*` parts leads to."""
    return _find(document, split(pointer), "")


def _find(value: Any, parts: tuple[str, ...], pointer: str) -> Iterator[tuple[str, Any]]:
    if not parts:
        yield pointer, value
    elif parts[0] == "*":
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from _find(item, parts[1:], join(pointer, index))
    else:
        below = step(value, parts[0])
        if below is not MISSING:
            yield from _find(below, parts[1:], join(pointer, parts[0]))


def put(document: Any, pointer: str, new: Any) -> None:
    """Replace what stands at a pointer. Raises KeyError or IndexError when nothing does."""
    *path, last = split(pointer)
    for part in path:
        document = document[int(part)] if isinstance(document, list) else document[part]
    document[int(last) if isinstance(document, list) else last] = new


def remove(document: Any, pointer: str) -> None:
    """Take away what stands at a pointer; nothing happens where nothing does."""
    above, _, name = pointer.rpartition("/")
    parent = get(document, above) if pointer else MISSING
    if isinstance(parent, list) and step(parent, name) is not MISSING:
        del parent[int(name)]
    elif isinstance(parent, dict):
        parent.pop(split(f"/{name}")[0], None)


def resolve(document: Any, node: Any, at: str = "") -> tuple[Any, str]:
    """Follow local `$ref`s from a node that stands at `at`; gives the node and where it stands.

    A reference that leads nowhere, abroad or in a circle gives MISSING and the reference.
    """
    for _ in range(20):
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            return node, at
        at = node["$ref"].removeprefix("#")
        node = get(document, at) if node["$ref"].startswith("#/") else MISSING
    return MISSING, at


def walk(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every (pointer, value) of a document, parents first."""
    waiting = [(pointer, value)]
    while waiting:
        at, node = waiting.pop()
        yield at, node
        if isinstance(node, dict):
            waiting += [(join(at, key), item) for key, item in reversed(node.items())]
        elif isinstance(node, list):
            waiting += [(f"{at}/{index}", node[index]) for index in reversed(range(len(node)))]
