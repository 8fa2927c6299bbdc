"""Which field of a request an answer repeats: by an index of what each request said, made once. Knows no document."""

from __future__ import annotations

from itertools import chain
from typing import Any

from mockserver.imported.lexicon import letters
from mockserver.observed.archive import ObservedCall, is_whole
from mockserver.observed.entries import FORM, URLENCODED
from mockserver.observed.flow import HIDDEN, looks_like_id, sent
from mockserver.observed.model import ObservedJob

SHORTEST_ECHO = 2
MOST_PLACES = 16
"""At so many places of a request the same value is looked for: one that stands everywhere tells nothing."""
ShownValues = list[tuple[ObservedJob, ObservedCall, Any]]


def request_values(call: ObservedCall) -> dict[Any, dict[str, str]]:
    """By value, and by value and last name: where a request says it, and the letters of each place."""
    if "said" not in call.known:
        index: dict[Any, dict[str, str]] = {}
        fields = sent(call) if isinstance(call.body, dict) else ()
        for at, value in (*fields, *((f"query.{name}", text) for name, text in call.query.items())):
            is_hidden = not at.startswith("query.") and HIDDEN in str(value)
            if value is not None and not is_hidden:
                for key in chain.from_iterable((each, (each, _last(at))) for each in _meant(call, at, value)):
                    places = index.setdefault(key, {})
                    if len(places) < MOST_PLACES:
                        places[at] = letters(at)
        call.known["said"] = index
    found: dict[Any, dict[str, str]] = call.known["said"]
    return found


def _meant(call: ObservedCall, at: str, value: Any) -> tuple[Any, ...]:
    """What a value may be: a number that is written in a form or a query is text there."""
    is_text = at.startswith("query.") or call.media in (FORM, URLENCODED)
    return (value, int(value)) if is_text and is_whole(str(value)) else (value,)


def _last(at: str) -> str:
    return letters(at.rpartition("/")[2].rpartition(".")[2])


def echo(at: str, shown: ShownValues) -> Any:
    """The field of the request that is repeated there; of several the one of the same name."""
    fields: set[str] | None = None
    name, last = letters(at.rpartition("/")[2]), _last(at)
    for job, _, value in shown:
        if isinstance(value, bool | dict | list) or (isinstance(value, str) and len(value) < SHORTEST_ECHO):
            return None
        index = request_values(job.created)
        places = index.get(value, {}) | index.get((value, last), {})
        same = {f"request.{place}" for place, called in places.items() if type(value) is str or called == name}
        fields = same if fields is None else fields & same
        if not fields:
            return None
    several = sorted(fields or (), key=lambda each: (_last(each) != last, each))
    if not several:
        return None
    is_told_apart = len({value for _, _, value in shown}) > 1 or looks_like_id(str(shown[0][2]))
    plain = shown[0][2] if type(shown[0][2]) in (str, int, float) else None
    is_meant = _last(several[0]) == last or is_told_apart
    if plain is None or not is_meant or not all(_is_one_type(job, several[0], type(plain)) for job, _, _ in shown):
        return None
    return {"fact": several[0], "else": plain}


def _is_one_type(job: ObservedJob, field: str, kind: type) -> bool:
    """Whether answers repeat a field always as one type; what is first found counts."""
    place = field.removeprefix("request.")
    is_text = place.startswith("query.") or job.created.media in (FORM, URLENCODED)
    return not is_text or job.maker.repeated.setdefault(place, kind) is kind
