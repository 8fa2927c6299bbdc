"""What a request wants of a list: where its page begins, how many are on it, in which order; and what leads on.

A token is opaque to clients: the way to go, and the job at which the page before ended.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.intake import Paging
from mockserver.jobs import PlannedJob
from mockserver.notation import bare
from mockserver.operations.call import Breach, Call, Refused
from mockserver.operations.decision import LookedUp, More
from mockserver.operations.filters import name_of
from mockserver.operations.places import value_at
from mockserver.operations.walking import Start, Unseen
from mockserver.sorting import direction

MOST = 10**9
WAYS = ("token", "cursor", "after", "before", "page", "offset")
"""The ways to say where a page begins; of several that are given the first is followed."""
_ON, _BACK = "on:", "back:"


class PageRequest(NamedTuple):
    """What a request asks for: `way` is how it says, or would say, where its page begins; `number` is told there."""

    limit: int
    start: Start
    way: str = ""
    number: int = 0
    is_ascending: bool = False


def asked(call: Call, records: LookedUp, paging: Paging) -> PageRequest:
    """What is asked for. Raises Breach for what is no number, order or token, Refused for a cursor of no job here."""
    limit = _limit(_given(call, paging, "limit"), paging.size)
    ascending = _order(call, paging)
    for way in WAYS:
        value = _given(call, paging, way)
        if value is not pointers.MISSING:
            start, number = _start(call, records, paging, way, value, limit)
            return PageRequest(limit, start, way, number, ascending)
    usual = next((way for way in WAYS if way in paging.places and way != "before"), "")
    return PageRequest(limit, Start(), usual, paging.first if usual == "page" else 0, ascending)


def _given(call: Call, paging: Paging, meaning: str) -> Any:
    place = paging.places.get(meaning)
    return pointers.MISSING if place is None else value_at(call, place)


def _limit(value: Any, usual: int) -> int:
    """How many a page shall have, whatever type the parameter has."""
    number = _whole(value)
    return usual if number is None else max(0, min(number, MOST))


def _whole(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _order(call: Call, paging: Paging) -> bool:
    value = _given(call, paging, "order")
    if value is pointers.MISSING:
        return paging.is_ascending
    is_ascending = direction(value)
    if is_ascending is None:
        raise _breach(call, paging, "order", "must be an order, like asc or desc")
    return is_ascending


def _start(call: Call, records: LookedUp, paging: Paging, way: str, value: Any, limit: int) -> tuple[Start, int]:
    if way in ("page", "offset"):
        number = _whole(value)
        if number is None or number < (paging.first if way == "page" else 0):
            raise _breach(call, paging, way, "must be the number of a page" if way == "page" else "must be a number")
        return Start(skip=min(MOST, number if way == "offset" else (number - paging.first) * limit)), number
    if way == "cursor":
        return Start(bare(value), paging.from_next), 0
    identity, is_back = _read_token(call, paging, bare(value)) if way == "token" else (bare(value), way == "before")
    _check_known(call, records, paging, way, identity)
    return Start(identity, is_back=is_back), 0


def _check_known(call: Call, records: LookedUp, paging: Paging, way: str, identity: str) -> None:
    """A cursor is a job of this list."""
    if identity not in records.jobs:
        raise Unseen(More(ids=(identity,)))
    job = records.jobs[identity]
    owner = call.account.id if call.account else ""
    if job is None or job.resource != call.operation.resources[0] or job.account != owner:
        raise Refused(*_wrong(call, paging, way, "leads to nothing in this list"))


def _breach(call: Call, paging: Paging, meaning: str, why: str) -> Breach:
    return Breach(*_wrong(call, paging, meaning, why))


def _wrong(call: Call, paging: Paging, meaning: str, why: str) -> tuple[str, str, str]:
    """What a request is refused with for one of the parameters: the problem, the sentence, the parameter."""
    place = paging.places[meaning]
    name = name_of(place)
    return call.operation.invalid.get(place, "bad_request"), f"{name} {why}", name


def _token(identity: str, is_back: bool) -> str:
    return urlsafe_b64encode(f"{_BACK if is_back else _ON}{identity}".encode()).decode().rstrip("=")


def _read_token(call: Call, paging: Paging, token: str) -> tuple[str, bool]:
    try:
        text = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4)).decode()
    except ValueError:
        text = ""
    for begin in (_ON, _BACK):
        if text.startswith(begin):
            return text.removeprefix(begin), begin == _BACK
    raise _breach(call, paging, "token", "is no token of a page")


def leads_on(want: PageRequest, jobs: Sequence[PlannedJob]) -> str | int | None:
    """What leads to the page behind one with these jobs."""
    if want.way in ("page", "offset"):
        return want.number + (1 if want.way == "page" else want.limit)
    if not jobs:
        return None
    return _token(jobs[-1].id, False) if want.way == "token" else jobs[-1].id


def leads_back(want: PageRequest, paging: Paging, jobs: Sequence[PlannedJob]) -> str | int | None:
    """What leads to the page before; None on the first one."""
    if want.way == "page":
        return want.number - 1 if want.number > paging.first else None
    if want.way == "offset":
        return max(0, want.number - want.limit) if want.number else None
    if not jobs or want.way == "cursor":
        return None
    return _token(jobs[0].id, True) if want.way == "token" else jobs[0].id


def query(call: Call, paging: Paging, way: str, lead: str | int | None) -> list[tuple[str, str]]:
    """The parameters of a page elsewhere in a list: as they were given, but for where it begins."""
    own = {name_of(place) for meaning, place in paging.places.items() if meaning in WAYS}
    pairs = [(name, text) for name, text in _flat(call.query) if name not in own]
    place = paging.places.get(way, "")
    return pairs if lead is None else [*pairs, (name_of(place), bare(lead))]


def page_parameters(call: Call) -> list[tuple[str, str]]:
    """The parameters of this page, as they were given."""
    return [*_flat(call.query)]


def _flat(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat({f"{name}[{inner}]": member for inner, member in value.items()})
        elif isinstance(value, list):
            yield from ((name, bare(member)) for member in value)
        else:
            yield name, bare(value)
