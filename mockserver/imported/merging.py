"""Two changes of one document put together: the vendor's, and what a contract has made of it. Knows no OpenAPI.

What only one of both has changed is as that one says; where both have, ours stays and is told.
"""

from __future__ import annotations

from typing import Any

from mockserver import pointers

_NONE: Any = object()


def merged(base: Any, ours: Any, theirs: Any) -> tuple[Any, list[str]]:
    """The document with both changes, and the pointers at which they contradict each other."""
    conflicts: list[str] = []
    return _merged(base, ours, theirs, "", conflicts), conflicts


def _merged(base: Any, ours: Any, theirs: Any, at: str, conflicts: list[str]) -> Any:
    if _same(ours, theirs) or _same(base, theirs):
        return ours
    if _same(base, ours):
        return theirs
    if isinstance(ours, dict) and isinstance(theirs, dict):
        before = base if isinstance(base, dict) else {}
        names = dict.fromkeys((*ours, *theirs))
        rows = (
            (
                name,
                _merged(
                    before.get(name, _NONE),
                    ours.get(name, _NONE),
                    theirs.get(name, _NONE),
                    f"{at}/{pointers.escape(name)}",
                    conflicts,
                ),
            )
            for name in names
        )
        return {name: value for name, value in rows if value is not _NONE}
    if ours is not _NONE:  # what was taken away here stays away, whatever became of it there
        conflicts.append(at)
    return ours


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(each, other[name]) for name, each in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one is other or (type(one) is type(other) and bool(one == other))
