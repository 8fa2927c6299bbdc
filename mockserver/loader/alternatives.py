"""The words that a schema allows for a text: those of its enums, and those that its pattern lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mockserver import pointers

FREE = "NAME"
"""What stands for a part that may be anything."""
_PART = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|.", re.S)


def words_of(schema: Any, root: Any) -> list[str]:
    """The words; of a pattern that lists none there are none."""
    return list(dict.fromkeys(_words(schema, root)))


def _words(schema: Any, root: Any) -> Iterator[str]:
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = pointers.get(root, schema["$ref"].removeprefix("#"))
    if not isinstance(schema, dict):
        return
    yield from (each for each in schema.get("enum", ()) if isinstance(each, str))
    found = listed(schema["pattern"]) if isinstance(schema.get("pattern"), str) else ()
    yield from found if len(found) > 4 else ()
    for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from _words(each, root)


@lru_cache(maxsize=64)
def listed(pattern: str) -> tuple[str, ...]:
    """The words of a pattern like `^(id|page\\.(next|more)|result\\..+)$`."""
    parts = _PART.findall(pattern.removeprefix("^").removesuffix("$"))
    return tuple(_alternatives(parts)[0])


def _alternatives(parts: list[str], at: int = 0) -> tuple[list[str], int]:
    """The words from a place on, up to the end of its group; and where that is."""
    done: list[str] = []
    now = [""]
    while at < len(parts) and parts[at] != ")":
        part = parts[at]
        if part == "|":
            done, now = done + now, [""]
        elif part == "(":
            inner, at = _alternatives(parts, at + 1)
            now = [before + each for before in now for each in inner]
        elif part in "*+?":
            pass
        elif part == "." or part.startswith("["):
            now = [each if each.endswith(FREE) else each + FREE for each in now]
        else:
            now = [each + part[-1] for each in now]
        at += 1
    return done + now, at
