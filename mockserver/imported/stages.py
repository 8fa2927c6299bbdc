"""Which field tells how a job stands, and what each of its values means: phases in order, ends, what nobody knows.

Reads what is known of an answer's fields; knows no document and no verb.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mockserver.imported.facts import MANY, FieldMap, Guess, listing
from mockserver.imported.guessing import ORDER, guessed, numbered
from mockserver.imported.lexicon import HELD, JOBS, NO_STATES, STATE_FIELDS, STATES, WORK, letters, meaning_of, parts

USUAL = {"queued": "queued", "processing": "running", "completed": "success", "failed": "failure"}
"""The states where a document names none."""
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


_OF = JOBS | WORK | {"current", "overall", "processing", "lifecycle", "life"}
"""Words before `status`, of which it is then the state of the whole."""


class StateField(NamedTuple):
    """A field that tells a state: where it is, and what its values mean; none are known where a text may be any.

    `why` says where they were read, where they are not listed. `is_guess`: the values are listed, and their words tell
    no life of a job. `untold` are those of a field of which no life can be guessed either, with where it is.
    """

    at: str
    states: dict[str, str]
    score: int
    why: str = ""
    is_guess: bool = False
    untold: tuple[str, tuple[str, ...]] = ("", ())

    @property
    def is_sure(self) -> bool:
        """Whether a field tells the state, and not only may."""
        return bool(self.at) and not self.is_guess


def state_field(fields: FieldMap, parameter: str = "") -> StateField | None:
    """The field of an answer that tells how a job stands; None where none does. `parameter` names the job elsewhere."""
    found = [each for at in fields if (each := _state_field(fields, at, letters(parameter))) is not None]
    return max(found, key=lambda each: each.score, default=None)


def listed_field(fields: FieldMap, parameter: str = "") -> StateField:
    """How a job stands by its noun alone is told: by the likeliest field that lists values, whatever their words are.

    Where there is none, or its values tell no life, no field tells it.
    """
    rows = [
        (at, _listed(field.kind, field.values, field.said)) for at, field in fields.items() if _may_tell(fields, at)
    ]
    found = [(_rank(at.rpartition("/")[2]) - 4 * at.count("/"), at, values) for at, values in rows if values]
    found.sort(key=lambda row: row[0] + (6 if _is_beside_id(fields, row[1], letters(parameter)) else 0), reverse=True)
    for score, at, values in found:
        if states := guessed(values, fields[at].said):
            return StateField(at, states, score, is_guess=True)
    told = next(((at, values) for _, at, values in found), next(((at, ()) for at, _ in rows), ("", ())))
    return StateField("", {}, 0, untold=told)


def _may_tell(fields: FieldMap, at: str) -> bool:
    """Whether the field at a place may tell a state, by its name and its type."""
    names = at.split("/")[1:]
    is_near = bool(names) and "*" not in names and len(names) < 4
    return is_near and _rank(names[-1]) >= 0 and fields[at].kind in ("string", "integer", "number", "")


def _listed(kind: str, values: tuple[str, ...], said: str) -> tuple[str, ...]:
    """The values of a field: those that are listed, else the numbers that prose explains."""
    if kind in ("integer", "number"):
        several = values or tuple(numbered(said))
        return several if all(each.lstrip("-").isdecimal() for each in several) else ()
    return values


def _state_field(fields: FieldMap, at: str, parameter: str) -> StateField | None:
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


def _is_beside_id(fields: FieldMap, at: str, parameter: str) -> bool:
    """Whether the object around has the job's id; what stands in an envelope tells of something else."""
    above = at.rpartition("/")[0]
    own = (field.rpartition("/")[2] for field in fields if field.rpartition("/")[0] == above and field)
    return any(letters(each) in ("id", "uuid", "sid", parameter) for each in own)


_QUOTED = re.compile(r"[`'\"“‘]([A-Za-z][\w -]{1,30})[`'\"”’]")
_LISTED = re.compile(r"[\s,|/;:()\[\].]+")


def _words_of(prose: str) -> list[str]:
    """The states that a description names: in quotes, or one after the other."""
    quoted = [each for each in _QUOTED.findall(prose) if letters(each) in STATES]
    split = (each for each in _LISTED.split(prose) if len(each) > 2 and each[0].isalpha() and not each.endswith("-"))
    plain = [each for each in split if letters(each) in STATES]
    return list(dict.fromkeys(quoted if len({*quoted}) > 1 else plain))


def states_anywhere(fields: FieldMap, name: str) -> dict[str, str]:
    """The states that a field of this name lists, wherever it stands: in the items of a list, say."""
    several = (field for at, field in fields.items() if at.rpartition("/")[2] == name and field.values)
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
    values = [value for value in values if (parts(value) or [""])[-1] not in NO_STATES]
    values = [*{value.lower(): value for value in reversed(values)}.values()][::-1]  # of one word the first spelling
    found = {value: meaning_of(value) or "unknown" for value in values}
    strong = {found[value] for value in values if letters(value) not in _WEAK}
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


def respelled(field: StateField, values: Sequence[str]) -> list[Guess]:
    """A row for the listed values that are a state in another spelling, and are not shown."""
    words = {state.lower() for state in field.states}
    others = [value for value in values if value not in field.states and value.lower() in words]
    why = "each is another state's word in other letters, small or large"
    return [Guess(f"{field.at} {listing(others)}", "never shown", why, "which spelling clients see")] if others else []


_UNLISTED = "the vendor's words for its states; none are listed in the document"
_TO_WRITE = "write the vendor's states into the enum of {at} in openapi.json, and what they mean into behavior.json"


def guessed_states(field: StateField, states: dict[str, str], name: str, why: str = "") -> list[Guess]:
    """A guess for the states of a resource in all, and one for each whose word says nothing.

    `why`: where they were read, where the field does not list them.
    """
    at = field.at or f"{name} states"
    if why:
        return [Guess(at, listing(states), why, _UNLISTED)]
    if field.is_guess:
        return [_guessed(at, states)]
    if not field.states:
        return [_untold(field, at, states)]
    known = [with_meaning(each, meaning) for each, meaning in states.items() if meaning != "unknown"]
    look = "which of them are final, and their order"
    return [Guess(at, listing(known), "what these words usually mean", look), *_unknown(at, states)]


def with_meaning(state: str, meaning: str, more: str = "") -> str:
    """A state with what it was taken for, which is not said again where it is the state's own word; `more` is."""
    is_own = letters(state).replace("canceled", "cancelled").replace("canceling", "cancelling") == meaning
    words = ", ".join(filter(None, ("" if is_own else meaning, more)))
    return f"{state} ({words})" if words else state


def _unknown(at: str, states: dict[str, str]) -> list[Guess]:
    """A row for each state of which nothing is known; one for all of very many."""
    several = [each for each, meaning in states.items() if meaning == "unknown"]
    look = "what leads there, and what it leads to; no job comes there by itself"
    rows = several if len(several) <= MANY else [listing(several)]
    why = "the word is not known" if len(several) <= MANY else "the words are not known"
    return [Guess(f"{at} {row}".rstrip(), "a state by chance, of chance 0", why, look) for row in rows]


def _guessed(at: str, states: dict[str, str]) -> Guess:
    """What was made of values whose words tell no life."""
    unknown = [each for each, meaning in states.items() if meaning == "unknown"]
    rows = [with_meaning(each, meaning) for each, meaning in states.items() if meaning != "unknown"]
    rows += [f"of chance 0: {listing(unknown)}"] if unknown else []
    ended = [meaning for meaning in states.values() if meaning in _ENDED]
    look = "what each of them means, and their order"
    if "success" not in ended:
        look = "which of them says that a job succeeded: none does, and every job ends as it is written here"
    elif not {*states.values()} & {*_PENDING}:
        look = "which of them is told before a job ends: none is, and every job has ended when it is created"
    why = "by its words as far as they are known, else by its place: the first begins, the last ends"
    return Guess(at, listing(rows), why, look)


def _untold(field: StateField, at: str, states: dict[str, str]) -> Guess:
    """The usual words, and why those."""
    place, values = field.untold
    if values:
        why = (
            f"{place} lists {listing(values)}, which tells no life: the usual words are kept apart, and it is constant"
        )
        return Guess(at, listing(states), why, _TO_WRITE.format(at=place))
    if place:
        why = f"{place} tells it, and lists no values: the usual words are kept apart, and it is constant"
        return Guess(at, listing(states), why, _TO_WRITE.format(at=place))
    if not field.at:
        why = "no field of the answer tells a state: the usual words, which no client sees"
        return Guess(at, listing(states), why, "by what a client sees that a job has ended")
    return Guess(at, listing(states), "a text without listed values: the usual words", _UNLISTED)
