"""A document that somebody else wrote, JSON or YAML, as plain JSON values. Knows nothing of what they mean.

YAML is read as OpenAPI wants it (the words of JSON: `no` is a text, a date is a text), by PyYAML where that is there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from errno import EFBIG
from importlib import import_module
from pathlib import Path
from typing import Any

from mockserver import pointers
from mockserver.errors import ContractError, Finding, UsageError
from mockserver.files import LARGEST, bytes_of
from mockserver.loader.source import DEEPEST, read_json

MOST = 2_000_000
"""So many values a document may have: aliases of YAML make many of few."""
_WIDEST = 1000
"""A whole number of more bits is none that anybody means: JSON's own readers take it for infinity."""
INSTALL = "pip install 'mockserver-kit[yaml]'"


def read(path: Path) -> dict[str, Any]:
    """The document of a file. Raises ContractError or UsageError with a sentence."""
    try:
        text = bytes_of(path)
    except OSError as error:
        why = f"it is larger than {LARGEST >> 20} MiB" if error.errno == EFBIG else error.strerror or "no reason given"
        raise UsageError(f"{path} cannot be read: {why}") from None
    return parsed(text, path.name)


def parsed(text: bytes, name: str) -> dict[str, Any]:
    """The document of a text; `name` is what it is called in errors. Raises ContractError or UsageError."""
    bare = text.removeprefix(b"\xef\xbb\xbf")
    is_named = name.lower().endswith(".json")
    if bare.lstrip()[:1] in ((b"{", b"[", b"") if is_named else (b"{", b"")):
        return read_json(bare, name)
    found = plain(_yaml(bare, name), name)
    if not isinstance(found, dict):
        raise wrong(name, "", "the document is no object.", "Name an OpenAPI document.")
    return found


def wrong(name: str, pointer: str, sentence: str, remedy: str) -> ContractError:
    """A mistake of a document, at a JSON pointer of it."""
    return ContractError([Finding(name, f"#{pointer}", sentence, remedy)])


def _yaml(text: bytes, name: str) -> Any:
    try:
        yaml = import_module("yaml")
    except ImportError:
        raise UsageError(
            f"{name} is YAML, which PyYAML reads, and it is not installed: {INSTALL}, or write the document as JSON"
        ) from None
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        raise wrong(name, "", "the text is not UTF-8.", "Save it as UTF-8.") from None
    try:
        return yaml.load(decoded, Loader=_loader(yaml))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise _not_yaml(name, error) from None
    except (LookupError, AttributeError) as error:  # what PyYAML raises for `!!bool maybe`, `!!int ""` and the like
        raise _not_yaml(name, ValueError("a value is not of the type that its tag names")) from error


def _not_yaml(name: str, error: Exception) -> ContractError:
    mark = getattr(error, "problem_mark", None)
    why = str(getattr(error, "problem", None) or ("values nest too deeply" if not str(error) else error))
    kind = "neither JSON nor YAML" if name.lower().endswith(".json") else "no YAML"
    finding = Finding(name, "#", f"this is {kind}: {why[:200]}.", "Fix it there.", mark.line + 1 if mark else 0)
    return ContractError([finding])


def _loader(yaml: Any) -> Any:
    """PyYAML's own safe loader, with the words of JSON and no others."""
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def construct_mapping(self: Any, node: Any, deep: bool = False) -> Any:
        _check_names(yaml, node)
        _keep_texts(yaml, node)
        return base.construct_mapping(self, node, deep=deep)

    words = {"yaml_implicit_resolvers": {}, "construct_mapping": construct_mapping}
    made: Any = type("Loader", (base,), words)
    rows = (
        ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
        ("int", r"^-?(?:0|[1-9][0-9]*)$", "-+0123456789"),
        ("float", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
        ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("merge", r"^(?:<<)$", "<"),
    )
    for word, pattern, first in rows:
        made.add_implicit_resolver(f"tag:yaml.org,2002:{word}", re.compile(pattern), list(first))
    return made


_TEXT = "tag:yaml.org,2002:str"
_PLAIN = frozenset(f"tag:yaml.org,2002:{word}" for word in ("bool", "int", "float"))


def _keep_texts(yaml: Any, node: Any) -> None:
    """Let the values of a schema of texts be what was written, though they look like others: `enum: [1.0, true]`."""
    rows = node.value if isinstance(node, yaml.MappingNode) else ()
    found = {key.value: value for key, value in rows if isinstance(key, yaml.ScalarNode)}
    kind, listed = found.get("type"), found.get("enum")
    if not isinstance(kind, yaml.ScalarNode) or kind.value != "string":
        return
    for each in (*(listed.value if isinstance(listed, yaml.SequenceNode) else ()), found.get("const")):
        if isinstance(each, yaml.ScalarNode) and each.tag in _PLAIN:
            each.tag = _TEXT


def _check_names(yaml: Any, node: Any) -> None:
    """Raise where a name stands twice in one object: which of both is meant, nobody knows."""
    seen: set[str] = set()
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        is_merge = key.tag.endswith(":merge")
        own = key.value if isinstance(key, yaml.ScalarNode) and not is_merge else None  # `200` and `"200"` are one name
        if own in seen and own is not None:
            problem = f"{own!r:.80} stands twice in one object"
            raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
        seen |= {own} if own is not None else set()


PlaceAbove = tuple[Any, Any] | None
"""Where a value stands: where what holds it stands, and its name or index there; None for the whole document."""


def plain(root: Any, name: str) -> Any:
    """A value of JSON alone: names are texts, and nothing holds itself. Raises ContractError with the place."""
    count = 0
    holder: list[Any] = [None]
    waiting: list[tuple[Any, Any, Any, PlaceAbove, int]] = [(root, holder, 0, None, 0)]
    while waiting:
        value, into, key, place, depth = waiting.pop()
        count += 1
        if depth > DEEPEST or count > MOST:
            raise _too_much(name, _at(place), depth)
        kind = value.__class__
        if kind is str or kind is bool or (kind is int and value.bit_length() <= _WIDEST):  # most values are
            into[key] = value
            continue
        into[key] = made = _made(value, name, place)
        waiting += [(each, made, below, (place, below), depth + 1) for below, each in _members(value)]
    return holder[0]


def _at(place: PlaceAbove) -> str:
    parts: list[Any] = []
    while place is not None:
        place, part = place
        parts.append(part)
    return pointers.join("", *reversed(parts))


def _too_much(name: str, at: str, depth: int) -> ContractError:
    if depth > DEEPEST:
        sentence = f"values nest deeper than {DEEPEST} levels, or hold themselves."
        return wrong(name, _short(at), sentence, "Name inner schemas and refer to them.")
    return wrong(name, _short(at), f"the document has more than {MOST} values.", "Import a part: cut it first.")


def _short(at: str) -> str:
    return at if len(at) <= 200 else f"{at[:200]}…"


def _members(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        yield from ((_key(key), each) for key, each in value.items())
    elif isinstance(value, list):
        yield from enumerate(value)


def _key(key: Any) -> str:
    if isinstance(key, int) and not isinstance(key, bool) and key.bit_length() > _WIDEST:
        return hex(key)  # Python writes no longer number in digits
    return str(key).lower() if isinstance(key, bool) else "null" if key is None else str(key)


def _made(value: Any, name: str, place: PlaceAbove) -> Any:
    """A container to be filled, or the value itself."""
    if isinstance(value, dict):
        return {}
    if isinstance(value, list):
        return [None] * len(value)
    if isinstance(value, int) and value.bit_length() > _WIDEST:
        raise wrong(name, _short(_at(place)), "there is a number that cannot be counted with.", "Write a smaller one.")
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    sentence = f"there is {type(value).__name__}, which is no value of JSON."
    raise wrong(name, _at(place), sentence, "Write a text in its place.")
