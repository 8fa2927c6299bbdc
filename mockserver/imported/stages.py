"""Which field tells how a job stands, and what each of its values means: phases in order, ends, what nobody knows.

Reads what is known of an answer's fields; knows no document and no verb.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mockserver.imported.facts import Fields, Guess
from mockserver.imported.lexicon import STATE_FIELDS, letters, meaning_of, parts

USUAL = {"queued": "queued", "processing": "running", "completed": "success", "failed": "failure"}
"""The states where a document names none."""
ORDER = ("queued", "running", "unknown", "cancelling", "success", "failure", "cancelled", "gone")
_PENDING, _ENDED = ("queued", "running"), ("success", "failure", "cancelled")
_WEAK = frozenset(
    [
        "active",
        "open",
        "available",
        "approved",
        "published",
        "stopped",
        "paused",
        "revoked",
        "accepted",
        "received",
        "new",
        "draft",
    ]
)
"""Words that things have which are no jobs: alone they tell no life."""


_NO_STATES = ("unspecified", "undefined", "unknown", "none")
"""Words that are listed for what has no state yet."""


class StateField(NamedTuple):
    """A field that tells a state: where it is, and what its values mean; none are listed where a text may be any."""

    at: str
    states: dict[str, str]
    score: int


def state_field(fields: Fields) -> StateField | None:
    """The field of an answer that tells how a job stands; None where none does."""
    found = [each for at in fields if (each := _state_field(fields, at)) is not None]
    return max(found, key=lambda each: each.score, default=None)


def _state_field(fields: Fields, at: str) -> StateField | None:
    names = at.split("/")[1:]
    if not names or "*" in names or len(names) > 3:
        return None
    rank, field = _rank(names[-1]), fields[at]
    if rank < 0 or field.kind not in ("string", ""):
        return None
    if not field.values:
        return StateField(at, {}, rank - 4 * len(names) - 6) if field.kind == "string" and rank > 4 else None
    states = meanings(field.values)
    return StateField(at, states, rank - 4 * len(names) + 6) if states else None


def _rank(name: str) -> int:
    word = letters(name)
    if word in STATE_FIELDS:
        return 10 - STATE_FIELDS.index(word)
    return 3 if parts(name)[-1:] in (["status"], ["state"]) else -1


def meanings(values: Sequence[str]) -> dict[str, str]:
    """What each value means, in the order in which jobs come to them; none where they tell no life of a job."""
    values = [each for each in values if (parts(each) or [""])[-1] not in _NO_STATES]
    found = {each: meaning_of(each) or "unknown" for each in values}
    strong = {found[each] for each in values if letters(each) not in _WEAK}
    pending, ended = strong & {*_PENDING}, strong & {*_ENDED}
    unknown = [each for each, meaning in found.items() if meaning == "unknown"]
    if pending and not ended and len(unknown) == 1 and len(values) > 2:
        found[unknown[0]] = "success"
    elif not (pending and ended) or 2 * len(unknown) > len(values):
        return {}
    if "success" not in found.values():
        _add_success(found)
    if "success" not in found.values():
        return {}
    return dict(sorted(found.items(), key=lambda row: ORDER.index(row[1])))


def _add_success(found: dict[str, str]) -> None:
    """A life that nobody says to succeed: the last word that is not known may be it, else a word that is weak."""
    for wanted in ("unknown", "running"):
        several = [each for each, meaning in found.items() if meaning == wanted]
        if several and (wanted == "unknown" or len(several) > 1):
            found[several[-1]] = "success"
            return


def told(states: dict[str, str], at: str, *, is_listed: bool) -> list[Guess]:
    """A guess for the states in all, and one for each whose word says nothing."""
    if not is_listed:
        look = "the vendor's words for its states; none are listed in the document"
        return [Guess(at, ", ".join(states), "a text without listed values: the usual words", look)]
    known = [f"{each} {meaning}" for each, meaning in states.items() if meaning != "unknown"]
    rows = [Guess(at, ", ".join(known), "what these words usually mean", "which of them are final, and their order")]
    for each in (each for each, meaning in states.items() if meaning == "unknown"):
        look = "what leads there, and what it leads to; no job comes there by itself"
        rows.append(Guess(f"{at} {each}", "a state by chance, of chance 0", "the word is not known", look))
    return rows
