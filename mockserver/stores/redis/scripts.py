"""The scripts that the engine runs, one for each call: their texts, and the names by which it knows them.

The first line of a script says which parts stand before it. Knows no engine.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import NamedTuple

from mockserver import bounds
from mockserver.clock import LAST

MARK = "--!"
BOUND = re.compile(r"\bBOUND_([A-Z_]+)")
"""A number that the whole server goes by."""


class Script(NamedTuple):
    """The text of a script, and the name by which the engine knows it: a digest of that."""

    text: str
    name: str


@cache
def scripts() -> dict[str, Script]:
    """All of them, by what they are for."""
    folder = files(__package__) / "lua"
    return {file.name.removesuffix(".lua"): _script(file.read_text("utf-8")) for file in folder.iterdir()
            if file.name.endswith(".lua")}  # fmt: skip


def _script(text: str) -> Script:
    first, _, body = text.partition("\n")
    assert first.startswith(MARK), "its first line says which parts it needs"
    whole = BOUND.sub(_bound, "\n".join([*map(_part, first.removeprefix(MARK).split()), body]))
    return Script(whole, sha1(whole.encode(), usedforsecurity=False).hexdigest())


def _bound(match: re.Match[str]) -> str:
    return str(int(LAST if match[1] == "LAST" else getattr(bounds, match[1])))


@cache
def _part(name: str) -> str:
    return (files(__package__) / "lua" / "parts" / f"{name}.lua").read_text("utf-8")
