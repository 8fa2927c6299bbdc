"""The word that somebody may have meant who wrote another one. Knows no words itself."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SHORT, LONG = 80, 240
"""How many characters of known words are listed beside a word that is like one of them, and where none is."""
MANY = 1000
"""Of more known words only one that differs in case and joints is found: each of them would be compared."""
_MEANT = "did you mean"
_JOINTS = str.maketrans("", "", "-_. ")


def nearest(word: object, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that is most like it, whatever its letters' case and its joints.

    None when none is like it, and of a word that is known itself: something else is wrong with that.
    """
    known = list(known)
    if word in known:
        return None
    plain, meant = {_plain(each): each for each in reversed(known)}, _plain(str(word)[:80])
    if len(plain) > MANY:
        return plain.get(meant)
    matches = difflib.get_close_matches(meant, plain, 1, likeness)
    return plain[matches[0]] if matches else None


def is_like(word: object, known: str) -> bool:
    """Whether a word is hardly anything but the other one, misspelt: where most words are nobody's business."""
    return nearest(word, [known], 0.8) is not None


def hint(word: object, known: Iterable[str], more: str = "") -> str:
    """`did you mean 'status'?`, else `known: …`, to stand after the sentence that refuses `word`.

    `more` says where all of them are listed, or how there would be others.
    """
    known = list(known)
    near, listing = nearest(word, known), ", ".join(known) or "none"
    if near is not None:
        return f"{_MEANT} {near!r}?" + (f" Known: {listing}" if len(listing) <= SHORT else "")
    text = f"known: {_cut(listing)}"
    return f"{text} ({more})" if more else text


def guess(word: object, known: Iterable[str]) -> str:
    """`; did you mean 'status'?`, to stand after a sentence that lists what is known; empty when none is like it."""
    near = nearest(word, known)
    return "" if near is None else f"; {_MEANT} {near!r}?"


def guesses(refusal: object) -> bool:
    """Whether a message knows the word that may have been meant."""
    return _MEANT in str(refusal)


def mend_word(word: object, known: Iterable[str], otherwise: str = "") -> str:
    """What mends a word of a contract: the one that was meant, and which there are; else `otherwise`."""
    known = list(known)
    near, listing = nearest(word, known), f"Known: {', '.join(known) or 'none'}."
    return f"Did you mean {near!r}? {listing}" if near is not None else otherwise or listing


def _cut(listing: str) -> str:
    """As many words as there is room for, and how many more there are."""
    if len(listing) <= LONG:
        return listing
    beginning = listing[:LONG].rpartition(", ")[0]
    return f"{beginning} and {listing.count(', ') - beginning.count(', ')} more"


def _plain(word: str) -> str:
    return word.casefold().translate(_JOINTS)
