"""Which field tells how a job stands, and what each of its values means: phases in order, ends, what nobody knows.

Reads what is known of an answer's fields; knows no document and no verb.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mockserver.imported.facts import Fields, Guess
from mockserver.imported.lexicon import HELD, JOBS, STATE_FIELDS, STATES, WORK, letters, meaning_of, parts

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


_NEUTRAL = frozenset(["terminated", "stopped", "ended", "exited", "closed", "inactive"])
"""Words for an end of which nobody says how it went."""
_NO_STATES = ("unspecified", "undefined", "unknown", "none")
"""Words that are listed for what has no state yet."""


_OF = JOBS | WORK | {"current", "overall", "processing", "lifecycle", "life"}
"""Words before `status`, of which it is then the state of the whole."""


class StateField(NamedTuple):
    """A field that tells a state: where it is, and what its values mean; none are known where a text may be any.

    `why` says where they were read, where they are not listed.
    """

    at: str
    states: dict[str, str]
    score: int
    why: str = ""


def state_field(fields: Fields, parameter: str = "") -> StateField | None:
    """The field of an answer that tells how a job stands; None where none does. `parameter` names the job elsewhere."""
    found = [each for at in fields if (each := _state_field(fields, at, letters(parameter))) is not None]
    return max(found, key=lambda each: each.score, default=None)


def _state_field(fields: Fields, at: str, parameter: str) -> StateField | None:
    names = at.split("/")[1:]
    if not names or "*" in names or len(names) > 3:
        return None
    rank, field = _rank(names[-1]), fields[at]
    if rank < 0 or field.kind not in ("string", ""):
        return None
    score = rank - 4 * len(names) + (6 if _is_beside_id(fields, at, parameter) else 0)
    if not field.values:
        said = meanings(_words_of(field.said)) if field.kind == "string" else {}
        if said:
            return StateField(at, said, score, "words of its description")
        return StateField(at, {}, score - 6) if field.kind == "string" and rank > 4 else None
    states = meanings(field.values)
    return StateField(at, states, score + 6) if states else None


def _is_beside_id(fields: Fields, at: str, parameter: str) -> bool:
    """Whether the object around has the job's id; what stands in an envelope tells of something else."""
    above = at.rpartition("/")[0]
    own = (each.rpartition("/")[2] for each in fields if each.rpartition("/")[0] == above and each)
    return any(letters(each) in ("id", "uuid", "sid", parameter) for each in own)


_QUOTED = re.compile(r"[`'\"“‘]([A-Za-z][\w -]{1,30})[`'\"”’]")
_LISTED = re.compile(r"[\s,|/;:()\[\].]+")


def _words_of(prose: str) -> list[str]:
    """The states that a description names: in quotes, or one after the other."""
    quoted = [each for each in _QUOTED.findall(prose) if letters(each) in STATES]
    split = (each for each in _LISTED.split(prose) if len(each) > 2 and each[0].isalpha() and not each.endswith("-"))
    plain = [each for each in split if letters(each) in STATES]
    return list(dict.fromkeys(quoted if len({*quoted}) > 1 else plain))


def states_anywhere(fields: Fields, name: str) -> dict[str, str]:
    """The states that a field of this name lists, wherever it stands: in the items of a list, say."""
    several = (each for at, each in fields.items() if at.rpartition("/")[2] == name and each.values)
    return next((found for each in several if (found := meanings(each.values))), {})


def _rank(name: str) -> int:
    word = letters(name)
    if word in STATE_FIELDS:
        return 10 - STATE_FIELDS.index(word)
    if parts(name)[-1:] in (["status"], ["state"]) and parts(name)[0] in _OF:
        return 5
    return 3 if parts(name)[-1:] in (["status"], ["state"]) else -1


def meanings(values: Sequence[str]) -> dict[str, str]:
    """What each value means, in the order in which jobs come to them; none where they tell no life of a job."""
    values = [each for each in values if (parts(each) or [""])[-1] not in _NO_STATES]
    found = {each: meaning_of(each) or "unknown" for each in values}
    strong = {found[each] for each in values if letters(each) not in _WEAK}
    pending, ended = strong & {*_PENDING}, strong & {*_ENDED}
    if _is_endless(found):
        return {each: "success" if meaning == "running" else meaning for each, meaning in found.items()}
    if not pending and len(ended) > 1:  # a session is `active`, `closed` or in `error`
        pending = {*found.values()} & {*_PENDING}
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


def _is_endless(found: dict[str, str]) -> bool:
    """Whether these are the states of what runs, or is held, until somebody ends it: what runs is as it shall be."""
    held = [each for each in found if letters(each) in HELD]
    running = [each for each, meaning in found.items() if meaning == "running"]
    begun = [each for each, meaning in found.items() if meaning == "queued"]
    return bool(held) and len(running) == 1 and len(held) + len(running) + len(begun) == len(found)


def _add_success(found: dict[str, str]) -> None:
    """A life that nobody says to succeed: the last word that is not known may be it, else a word that is weak."""
    neutral = [each for each in found if letters(each) in _NEUTRAL]
    if neutral:
        found[neutral[0]] = "success"
        return
    for wanted in ("unknown", "running"):
        several = [each for each, meaning in found.items() if meaning == wanted]
        if several and (wanted == "unknown" or len(several) > 1):
            found[several[-1]] = "success"
            return


def told(states: dict[str, str], at: str, *, is_listed: bool, why: str = "") -> list[Guess]:
    """A guess for the states in all, and one for each whose word says nothing; `why`: where they were read instead."""
    if why:
        return [Guess(at, ", ".join(states), why, "the vendor's words for its states; none are listed in the document")]
    if not is_listed:
        look = "the vendor's words for its states; none are listed in the document"
        return [Guess(at, ", ".join(states), "a text without listed values: the usual words", look)]
    known = [f"{each} {meaning}" for each, meaning in states.items() if meaning != "unknown"]
    rows = [Guess(at, ", ".join(known), "what these words usually mean", "which of them are final, and their order")]
    for each in (each for each, meaning in states.items() if meaning == "unknown"):
        look = "what leads there, and what it leads to; no job comes there by itself"
        rows.append(Guess(f"{at} {each}", "a state by chance, of chance 0", "the word is not known", look))
    return rows
