"""A document whose parts stand in other files → one document. Reads files below one folder; asks no network.

The other files are put into the document as they are, under one word, and references lead there. What is not read stays
as it was, with the reason. Knows nothing of what parts mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mockserver import pointers
from mockserver.errors import ContractError, UsageError
from mockserver.imported.reading import MOST, read
from mockserver.json_types import JsonObject

FILES, UNREAD = "x-files", "x-unread"
"""Where in the document the other files stand, and why references lead nowhere that were not followed."""
MOST_FILES = 1000
_PLAIN = frozenset(("example", "default", "enum", "const", "value"))
"""Words below which values stand, and no references."""
_NAMED = frozenset((
    "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas", "responses", "parameters",
    "examples", "requestBodies", "headers", "paths", "pathItems", "callbacks", "links", "webhooks", "content",
))  # fmt: skip
"""Words below which names stand that somebody chose, and no words."""


@dataclass
class _Bundle:
    """One document in the making: which files it has, by where they are, under which names."""

    root: Path
    folder: Path
    document: JsonObject
    names: dict[Path, str] = field(default_factory=dict)
    waiting: list[tuple[Path, Any]] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    values: int = 0


def bundled(path: Path, document: JsonObject, within: Path | None = None) -> JsonObject:
    """The document of a file with all that it refers to in other files; `within` is the folder that they stay in.

    That is the folder of the file unless it is said. Raises ContractError where the files are too many or too large.
    """
    root = path.resolve()
    for word in (FILES, UNREAD):
        document.pop(word, None)
    bundle = _Bundle(root, (within or path.parent).resolve(), document)
    bundle.waiting.append((root, document))
    while bundle.waiting:
        file, node = bundle.waiting.pop()
        for holder in _holders(node):
            holder["$ref"] = _led(bundle, file, holder["$ref"])
    if bundle.unread:
        document[UNREAD] = bundle.unread
    return document


def why_unread(document: Any, reference: str) -> str:
    """Why a reference to another file was not followed; empty where nothing tried to."""
    said = document.get(UNREAD) if isinstance(document, dict) else None
    return str(said.get(reference, "")) if isinstance(said, dict) else ""


def _holders(root: Any) -> Iterator[JsonObject]:
    """Every object with a reference; values of the API may look like one and are none."""
    waiting: list[tuple[Any, bool]] = [(root, False)]
    while waiting:
        node, has_names = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str) and not has_names:
                yield node
            kept = [word for word in node if has_names or not _is_of_values(word, node[word])]
            waiting += [(node[word], not has_names and word in _NAMED) for word in kept]
        elif isinstance(node, list):
            waiting += [(each, False) for each in node]


def _is_of_values(word: str, node: Any) -> bool:
    return word in _PLAIN or (word == "examples" and isinstance(node, list))


def _led(bundle: _Bundle, file: Path, reference: str) -> str:
    """The same reference from within the one document; itself where it is not followed."""
    named, _, fragment = reference.partition("#")
    if not reference.strip() or (not named and file == bundle.root):
        return reference
    try:
        found = _found(bundle, file, named)
    except _NotReadError as error:
        bundle.unread[reference] = str(error)
        return reference
    if fragment and not fragment.startswith("/"):
        if named or file != bundle.root:
            bundle.unread[reference] = "it names an anchor, and JSON pointers alone are followed"
        return reference
    base = "#" if found == bundle.root else f"#{pointers.join('', FILES, bundle.names[found])}"
    return base + unquote(fragment) if base != "#" or fragment else "#"


class _NotReadError(Exception):
    """Why a file is not read."""


def _found(bundle: _Bundle, file: Path, named: str) -> Path:
    """The file that a reference in another one names, which is in the document by then."""
    if not named:
        return file
    if ":" in named.partition("/")[0] or named.startswith("//"):
        raise _NotReadError("it leads to the network, which is not asked")
    found = (file.parent / unquote(named)).resolve()
    if found == bundle.root or found in bundle.names:
        return found
    if not found.is_relative_to(bundle.folder):
        raise _NotReadError(f"it leads out of {bundle.folder.name or bundle.folder}; name a wider folder with --within")
    _add(bundle, found)
    return found


def _add(bundle: _Bundle, found: Path) -> None:
    shown = found.relative_to(bundle.folder).as_posix()
    if len(bundle.names) >= MOST_FILES:
        raise _NotReadError(f"the document has more than {MOST_FILES} files")
    try:
        node = read(found)
    except UsageError as error:
        raise _NotReadError(str(error).partition(": ")[2] or "it cannot be read") from None
    except ContractError as error:
        raise _NotReadError(error.findings[0].sentence.rstrip(".")) from None
    bundle.values += _count(node) if bundle.values else _count(bundle.document) + _count(node)
    if bundle.values > MOST:
        raise _NotReadError(f"the files have more than {MOST} values together")
    bundle.names[found] = shown
    bundle.document.setdefault(FILES, {})[shown] = node
    bundle.waiting.append((found, node))


def _count(root: Any) -> int:
    """How many values a document has."""
    count, waiting = 0, [root]
    while waiting:
        node = waiting.pop()
        count += 1
        waiting += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return count


def told(reference: str) -> str:
    """A reference within the one document as it was written: a file, and where in it."""
    parts = pointers.split(reference.removeprefix("#"))
    return f"{parts[1]}#{pointers.join('', *parts[2:])}" if parts[:1] == (FILES,) and len(parts) > 1 else reference
