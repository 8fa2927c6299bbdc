"""What listed values mean where their words tell no life of a job: by the words that are known, else by their place.

Knows no document; all that comes of it is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockserver.imported.lexicon import HELD, NO_STATES, letters, meaning_of, parts

ORDER = ("queued", "running", "unknown", "cancelling", "success", "failure", "cancelled", "gone")
_PENDING, _ENDED = ("queued", "running"), ("success", "failure", "cancelled")
_FEW = 12
"""So many values may be passed one after the other; of more a job passes the first and the last alone."""
_MOST = 100
"""Prose that explains more values than so many is not looked through."""
_PAIR = r"(?<![\w.]){value}[`'\"”’]?\s*(?:=+>?|:|-+>?|–|—|→|\(|is|means)\s*[`'\"“‘]?([A-Za-z][\w -]{{1,40}})"
_NUMBERED = re.compile(_PAIR.format(value=r"[`'\"“‘]?(-?\d{1,6})"))


def numbered(said: str) -> list[str]:
    """The numbers that prose explains, one after the other: `0 = queued, 1 = running`."""
    return list(dict.fromkeys(number for number, word in _NUMBERED.findall(said) if meaning_of(_first(word))))


def explained(values: Sequence[str], said: str) -> dict[str, str]:
    """What prose says that each value means, in a word that is known."""
    found: dict[str, str] = {}
    for each in values if said and len(values) <= _MOST else ():
        match = re.search(_PAIR.format(value=re.escape(each)), said)
        if match is not None and meaning_of(_first(match[1])):
            found[each] = _first(match[1])
    return found


def _first(words: str) -> str:
    """The first of these words of which something is known, else all of them."""
    several = words.split()
    return next((each for each in several[:3] if letters(each) and meaning_of(each)), words)


def guessed(values: Sequence[str], said: str = "") -> dict[str, str]:
    """What each value means, in the order in which jobs come to them; none where no life can be made of them.

    The first value is where jobs begin; what ends them is told by words, else it is the last one. `said` is the prose
    about the field.
    """
    named = [value for value in values if (parts(value) or [""])[-1] not in NO_STATES]
    words = explained(named, said)
    found = {each: meaning_of(words.get(each, each)) or "unknown" for each in dict.fromkeys(named)}
    is_known = any(meaning != "unknown" for meaning in found.values())
    if len(found) > 1:
        _begin(found)
        _end(found)
    told = {*found.values()}
    if not (told & {"success"} or (told & {*_PENDING} and told & {*_ENDED})):
        return {}
    if not is_known and len(found) <= _FEW:
        found = {each: "running" if meaning == "unknown" else meaning for each, meaning in found.items()}
    return dict(sorted(found.items(), key=lambda row: ORDER.index(row[1])))


def _begin(found: dict[str, str]) -> None:
    """Let jobs begin in the first value, unless it is known to mean another thing, or another one to be the first."""
    first = next((each for each, meaning in found.items() if meaning == "unknown"), "")
    is_first = first == next(iter(found)) or not {*found.values()} & {*_PENDING}
    if first and is_first and "queued" not in found.values():
        found[first] = "queued"


def _end(found: dict[str, str]) -> None:
    """Let jobs end in the last value of which nothing is known, where no word says how one succeeds.

    Where nothing else ends a job, the last one of all is it, but for the one in which jobs begin.
    """
    if "success" in found.values():
        return
    free = [each for each, meaning in found.items() if meaning == "unknown" and letters(each) not in HELD]
    if not free and not {*found.values()} & {*_ENDED}:
        free = [each for each, meaning in found.items() if meaning != "gone"][1:]
    if free:
        found[free[-1]] = "success"
