"""What the states of a lifecycle are called in a contract: each its own name, as near to the vendor's as may be.

Knows no document and no life.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 60


def name_of(state: str) -> str:
    """A name for a state: a letter, then letters, digits, `_` and `-`."""
    plain = _UNFIT.sub("_", _spelled(state)).strip("_-")[:_LONGEST]
    plain = plain if plain[:1].isascii() and plain[:1].isalpha() else f"state_{plain}".rstrip("_")
    return f"{plain}_" if plain.endswith("-off") else plain


def _spelled(state: str) -> str:
    """The state in ASCII: letters without their accents, a sign by its name, any other letter by its number."""
    return state if state.isascii() else "".join(map(_in_ascii, unicodedata.normalize("NFKD", state)))


def _in_ascii(character: str) -> str:
    if character.isascii():
        return character
    kind = unicodedata.category(character)
    if kind.startswith("M"):
        return ""  # an accent, or what says how a sign is drawn
    said = unicodedata.name(character, "").lower() if kind.startswith("S") else ""
    return f" {said or f'u{ord(character):x}'} "


@lru_cache(maxsize=256)
def names_of(states: Sequence[str]) -> dict[str, str]:
    """By state its name; of several that would have the same one, those behind the first get a number."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for state in states:
        base, count = name_of(state), 1
        name = base
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        found[state] = name
    return found
