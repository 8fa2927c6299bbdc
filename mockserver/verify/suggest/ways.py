"""By which changes of a contract a difference could go away, kind by kind. Tries none of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mockserver import pointers
from mockserver.json_patch import PatchOperation
from mockserver.loader.source import OPENAPI
from mockserver.verify.drift import Drift
from mockserver.verify.suggest import examples, headers, requests, responses, schemas
from mockserver.verify.suggest.draft import DraftChanges, PatchDraft, SeenDrift
from mockserver.verify.suggest.responses import NoWay

PatchWay = Sequence[DraftChanges]
"""Changes, and others to try where those leave no sound contract."""


def ways(draft: PatchDraft, seen: SeenDrift) -> list[PatchWay]:
    """Each place that could be changed. Raises NoWay with the reason where there is none."""
    drift = seen.drift
    if drift.kind in _NONE:
        raise NoWay(_NONE[drift.kind])
    if drift.word == "properties":
        return _one(examples.undescribed(draft, seen))
    if drift.word:
        return _of_schema(draft, seen)
    if drift.kind == "new_enum_value":
        raise NoWay("add it to `states` of behavior.json by hand, with what it means and when jobs come to it")
    if drift.kind not in _PLACES:
        raise NoWay("what is said to be JSON is none: no contract can say that")
    return _PLACES[drift.kind](draft, seen)


_NONE = {
    "refused": "ambiguous: what the server wants beside what the contract asks for cannot be told from a refusal",
    "broken_link": "ambiguous: `results` of behavior.json say what a link leads to, and whether the server meant to"
    " give something else, or gave nothing by mistake, cannot be told",
    "unmet_criterion": "the journey asks for it, and not the contract: change the criterion, or the server",
    "no_limit": "ambiguous: there may be no such limit, or a higher one, or one that counts otherwise",
}


_PLACES: dict[str, Callable[[PatchDraft, SeenDrift], list[PatchWay]]] = {
    "missing_header": lambda draft, seen: [headers.missing_header(draft, seen)],
    "other_header": lambda draft, seen: [[headers.other_header(draft, seen)]],
    "missing_field": lambda draft, seen: [[{OPENAPI: each} for each in examples.left_out(draft, seen)]],
    "other_value": lambda draft, seen: _one(examples.unlike_all(draft, seen)),
    "other_status": lambda draft, seen: _one(responses.other_status(draft, seen)),
    "other_media_type": lambda draft, seen: _one(responses.other_media_type(draft, seen)),
    "accepted": lambda draft, seen: _one(requests.accepted(draft, seen)),
}


def _one(changes: Sequence[PatchOperation]) -> list[PatchWay]:
    return [[{OPENAPI: changes}]]


def _of_schema(draft: PatchDraft, seen: SeenDrift) -> list[PatchWay]:
    """The word that is broken; of alternatives that are equally near, one of each."""
    document, drift = draft.openapi, seen.drift
    if drift.word in ("enum", "const") and any(isinstance(value, dict | list) for value in seen.values):
        raise NoWay("what came there is no word that could be listed")
    more = schemas.one_more(document, drift, seen.values) if drift.tied else []
    if more:
        return _one(more)
    found = [(drift, schemas.loosened(document, drift, seen.values))]
    found += [(each, schemas.loosened(document, each, _values(seen, each))) for each in drift.tied]
    ways: list[PatchWay] = [
        [{OPENAPI: several} for several in (changes, schemas.of_its_own(document, each, changes)) if several]
        for each, changes in found
        if changes
    ]
    if not ways:
        raise NoWay("the file says nothing of it at that place")
    return list({repr(way): way for way in ways}.values())


def _values(seen: SeenDrift, tied: Drift) -> list[object]:
    """What came where another alternative is broken."""
    came = (pointers.get(exchange.reply.json, tied.at) for exchange in seen.exchanges)
    return list({repr(value): value for value in came if value is not pointers.MISSING}.values())
