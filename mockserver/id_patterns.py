"""Patterns of ids: literal characters, classes of them and how often each stands. Knows no draw and no contract.

They are a part of regular expressions, so that what is made of a pattern matches it: `job_[0-9a-f]{12}`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import prod

LEAST = 10**8
"""So many different ids a pattern must have: of fewer, those of one sandbox would soon be used up."""
LONGEST = 128
LONGEST_NUMBER = 15
"""A whole number of more digits is another one for some readers of JSON."""
SAFE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_~.:-"
"""What may stand in an id: nothing that a path would have to write otherwise."""
_PART = re.compile(r"(?P<one>[A-Za-z0-9_~:-])|\[(?P<many>[A-Za-z0-9_~.:-]+)\]")
_COUNT = re.compile(r"\{([1-9][0-9]{0,2})\}")
_DIGITS = "0123456789"


@lru_cache(maxsize=256)
def alphabets(pattern: str) -> tuple[str, ...]:
    """The characters of which each place of an id may be one. Raises ValueError with a sentence."""
    places: list[str] = []
    at = 0
    while at < len(pattern):
        part = _PART.match(pattern, at)
        if part is None:
            raise ValueError(f"{pattern[at : at + 20]!r} is neither a character nor a class of them")
        at = part.end()
        count = _COUNT.match(pattern, at)
        at = count.end() if count else at
        places += [_class(part["many"]) if part["many"] else str(part["one"])] * (int(count[1]) if count else 1)
        if len(places) > LONGEST:
            raise ValueError(f"ids would be longer than {LONGEST} characters")
    return (*places,)


def _class(inner: str) -> str:
    """The characters of a class, each once: `a-f0-9`; a hyphen at its begin or end stands for itself."""
    characters, at = "", 0
    while at < len(inner):
        if inner[at + 1 : at + 2] == "-" and at + 2 < len(inner):
            first, last = inner[at], inner[at + 2]
            if not (first.isalnum() and last.isalnum()) or first > last:
                raise ValueError(f"{inner[at : at + 3]!r} is no range of characters")
            characters += "".join(map(chr, range(ord(first), ord(last) + 1)))
            at += 3
        else:
            characters, at = characters + inner[at], at + 1
    if unsafe := {*characters} - {*SAFE}:
        raise ValueError(f"{inner!r} has {min(unsafe)!r}, which no id may have")
    return "".join(dict.fromkeys(characters))


def different(pattern: str) -> int:
    """How many ids a pattern has. Raises ValueError as `alphabets` does."""
    return prod(map(len, alphabets(pattern)))


def is_number(pattern: str) -> bool:
    """Whether its ids are whole numbers that every reader of JSON takes for what they are: not too long, no 0 first."""
    places = alphabets(pattern)
    return (
        0 < len(places) <= LONGEST_NUMBER and "0" not in places[0] and all({*place} <= {*_DIGITS} for place in places)
    )


def written(alphabet: str) -> str:
    """A place with these characters as a pattern says it, ranges for what stands side by side."""
    several: list[str] = sorted({*alphabet} - {"-"})
    if len(alphabet) == 1 and alphabet != ".":
        return alphabet
    rows: list[list[str]] = []
    for character in several:
        if rows and ord(character) == ord(rows[-1][-1]) + 1 and character.isalnum() and rows[-1][-1].isalnum():
            rows[-1].append(character)
        else:
            rows.append([character])
    ranges = "".join(f"{row[0]}-{row[-1]}" if len(row) > 2 else "".join(row) for row in rows)
    return f"[{ranges}{'-' if '-' in alphabet else ''}]"
