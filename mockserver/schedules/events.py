"""All events that can happen to a client of an API, derived from its contract and from the catalogue of faults.

Left out are faults that hold a client up in real seconds, which virtual time cannot hurry (what trickles, what is half
open), and bodies that somebody has to give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract, Operation
from mockserver.errors import UsageError
from mockserver.faults import CATALOGUE, Fault, Receiving, check_use, fault_of
from mockserver.generator import Pick
from mockserver.lifecycle import Resource
from mockserver.schedules.model import Event, Schedule

MOST = 3  # events in a schedule made by chance
_LIVED = ("create", "show", "content", "token")  # the verbs that every client of jobs uses


def is_revealing(event: Mapping[str, Any]) -> bool:
    """Whether an event is one that finds most bugs of clients."""
    return "fault" in event and CATALOGUE[event["fault"]].revealing


def that_cut(faults: Iterable[str]) -> list[str]:
    """Those of these faults, by name, under which a client may get less of a body than there was."""
    return [name for name in faults if name in CATALOGUE and CATALOGUE[name].cuts_body]


class Alphabet:
    """The events of one API. `singles` are all of them, each at its plainest.

    Those of `pace` (hang, stall, latency) pass in virtual time where requests are intercepted, else in real seconds.
    """

    def __init__(self, contract: Contract, *, webhooks: bool = False, pace: bool = True) -> None:
        self.contract = contract
        self._pace = pace
        self._webhooks = webhooks and bool(contract.webhooks)
        self.singles: list[Event] = [*self._plans(), *self._faults()]

    def make(self, pick: Pick, among: Sequence[Event] = ()) -> Schedule:
        """A schedule of events `among` these, by default all of them; `pick(n)` is a number below n.

        Zeros alone make the schedule in which nothing happens.
        """
        events = among or self.singles
        return [self._varied(events[pick(len(events))], pick) for _ in range(pick(MOST + 1))]

    def _varied(self, event: Event, pick: Pick) -> Event:
        """An event that meets another request, or more of them."""
        if "fault" not in event or "operation" not in event:
            return event
        which = ({}, {"nth": 2}, {"times": 3}, {"nth": 3}, {"every": 2})[pick(5)]
        rest = {name: value for name, value in event.items() if not which or name != "times"}
        return {**rest, **which}

    def _plans(self) -> Iterator[Event]:
        for resource in self.contract.resources.values():
            if resource.run is not None:
                for plan in _plans_of(resource):
                    yield {"api": self.contract.name, "plan": {"resource": resource.name, **plan}}

    def _faults(self) -> Iterator[Event]:
        for name, kind in CATALOGUE.items():
            if not self._is_wanted(kind):
                continue
            if kind.category in ("job", "webhook"):  # these name no operation
                found = [{"fault": name, **more} for more in kind.variants]
            else:
                found = [e for operation in self._lived(kind) for e in self._struck(kind, operation)]
            yield from ({"api": self.contract.name, **event} for event in found if self._can_be(event))

    def _is_wanted(self, kind: type[Fault]) -> bool:
        left_out = {"pace": not self._pace, "webhook": not self._webhooks}
        return kind.in_schedules and not left_out.get(kind.category, False)

    def _struck(self, kind: type[Fault], operation: Operation) -> Iterator[dict[str, Any]]:
        """A fault at an operation: once, where it would strike for ever, so that a client can survive it."""
        times = {"times": 1} if kind.times is None else {}
        fields = [{"field": field} for field in _fields(operation)] if kind.each_field else []
        for more in fields or kind.variants:
            yield {"fault": kind.name, "operation": operation.id, **more, **times}

    def _lived(self, kind: type[Fault]) -> list[Operation]:
        verbs = ("upload",) if issubclass(kind, Receiving) else _LIVED
        return [o for o in self.contract.operations.values() if o.verb in verbs]

    def _can_be(self, event: Mapping[str, Any]) -> bool:
        try:
            check_use(self.contract, *fault_of(event))
        except UsageError:
            return False
        return True


def _fields(operation: Operation) -> list[str]:
    """The fields of an operation's answers of success; below an envelope, those within."""
    found: dict[str, None] = {}
    for example in (e for several in operation.examples.values() for e in several if e.status < 300):
        for at, value in pointers.walk(example.value):
            if at and at.count("/") <= 2 and not isinstance(value, dict | list):
                found[at if at.count("/") == 2 else at[1:]] = None
    return list(found)


def _plans_of(resource: Resource) -> Iterator[dict[str, Any]]:
    phases = [state.phase for state in resource.states.values() if state.phase]
    for state in resource.states.values():
        if state.end == "failure":
            yield {"outcome": state.name}
    yield dict.fromkeys(dict.fromkeys(phases), 0)
    yield {phases[-1]: 300}
    if "queued" in phases:
        yield {"queued": 300}
