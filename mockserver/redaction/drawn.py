"""Parts of URLs that only a generator of random numbers writes: a token has no other name there than its own form.

An id is drawn as well: which of these are ids, who sees the answers knows. Knows no request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from mockserver.secret_names import sensitive

SHORTEST, SHORTEST_TOLD = 20, 8
"""How many letters and digits such a part has, and one of which the part before it says what it is."""
LONGEST_PIECE = 12
WORDLESS, CHANGES = 0.6, 0.2
"""At most so much of it is words, and so often at least it changes between capitals, small letters and digits."""
_UUID = re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}-?[0-9]{2}-?[0-9]{2}(?:T[0-9:.]+Z?)?")
_SIGNS = re.compile(r"[^A-Za-z0-9]+")
_WORD = re.compile(r"(?:[A-Z][a-z]{3,}|[a-z]{4,}|[A-Z]{4,})")
_UNSPEAKABLE = re.compile(
    r"(?i)^[^aeiouy]+$|q[^u]|j[^aeiou]|[^aeiouyn]j|v[^aeiouy]|[bcdfghjkmpqtvwxz]x|x[bdfgjkmnqrsvwxz]|z[bcdfghjkmnpqrstvwx]|"
    r"w[bcfgjmpqvxz]|[bcdfgjkmpqvwxz]{3}|[^aeiouy]{5}|[bfghkmpqvwxz]c|k[bcdgjkmpqvxz]|[cdgjkmpqtvxz]b|h[bcdfghjkpqvxz]"
)
"""What no word has in it: only vowels make one, and some letters do not follow others."""
_NUMBERED = re.compile(r"[A-Za-z]*([0-9]{5,}:([A-Za-z0-9_-]{16,}))")
_KINDS = str.maketrans(
    {**dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A"), **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "a"),
     **dict.fromkeys("0123456789", "0")}
)  # fmt: skip
_HOOKS = frozenset(("hook", "hooks", "webhook", "webhooks", "services", "bot", "signed", "sig", "s", "t", "capability"))


def is_drawn(text: str) -> bool:
    """Whether a text is long and random; no UUID, which is an id by custom, and no words with numbers and dates."""
    if len(text) < SHORTEST or _UUID.search(text):
        return False
    if _NUMBERED.fullmatch(text):
        return True
    pieces = [each for each in _SIGNS.split(text) if each]
    if len(pieces) > 2 and max(map(len, pieces)) <= LONGEST_PIECE and any(map(is_word, pieces)):
        return False  # `mistral-7b-instruct-v0.2-q4`: what is written with so many signs was named
    plain = _SIGNS.sub("", _DATE.sub("", text))
    return len(plain) >= SHORTEST and _is_random(plain)


def is_word(text: str) -> bool:
    """Whether somebody may have said it: a few letters, of one size or with a capital before, that can be spoken."""
    return _WORD.fullmatch(text) is not None and not _UNSPEAKABLE.search(text)


def _is_random(plain: str) -> bool:
    kinds = plain.translate(_KINDS)
    if "0" not in kinds and not ("a" in kinds and "A" in kinds):
        return False
    words = sum(len(word) for word in _WORD.findall(plain) if is_word(word))
    changes = sum(a != b for a, b in pairwise(kinds))
    return words < WORDLESS * len(plain) and changes >= CHANGES * (len(plain) - 1) and "a" in kinds.lower()


def is_secret(part: str, before: Sequence[str]) -> bool:
    """Whether a part of a path is a secret by its form, or as the parts before it say; `before` are these, in order."""
    if is_drawn(part.partition(".")[0]) or is_drawn(part):
        return True
    plain = _SIGNS.sub("", part)
    if len(plain) < SHORTEST_TOLD or _UUID.search(part) or not _is_mixed(plain):
        return False
    return any(each.lower() in _HOOKS for each in before[-3:]) or bool(before and sensitive(before[-1]))


def secrets_of(part: str) -> Iterator[str]:
    """A part that is a secret, and what of it may stand elsewhere without the rest: `123456:ABC` of `bot123456:ABC`."""
    yield part
    name = part.partition(".")[0]
    if name != part and is_drawn(name):
        yield name
    if numbered := _NUMBERED.fullmatch(name):
        yield from numbered.groups()


def _is_mixed(plain: str) -> bool:
    kinds = {*plain.translate(_KINDS)}
    return "0" in kinds and len(kinds) > 1
