"""An armed fault as a process knows it: its record, the fault itself, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol

from mockserver.bounds import FAULTS, FAULTS_COUNT, weigh
from mockserver.clock import monotonic
from mockserver.contract import Contract
from mockserver.errors import FullError
from mockserver.faults.base import Fault
from mockserver.faults.selector import Selector
from mockserver.signing import new_name
from mockserver.state.configuration import Configuration
from mockserver.state.records import ArmedFault, ExpiredFault, FaultUses


class Uses(Protocol):
    """Who knows what became of faults, where that is kept in this process."""

    contract: Contract

    @property
    def world(self) -> Any: ...


@dataclass(slots=True, eq=False)
class ActiveFault:
    """A fault that waits for its requests. What became of it is told where that is kept in this process."""

    record: ArmedFault
    fault: Fault
    book: Uses
    is_once: bool = False
    """Whether it is meant for one request alone."""
    own: FaultUses = field(default_factory=FaultUses)
    """What became of one that is meant for one request."""
    selector: Selector = field(default_factory=Selector)
    until: float | None = None
    """When it heals by itself, of this process's own monotonic clock: no two machines have one. Reckoned from when it
    was first seen here, which is when it was armed in the process that armed it."""

    def __post_init__(self) -> None:
        self.selector = Selector(**self.record.selector)
        if self.selector.ttl is not None and not self.is_once:
            self.until = monotonic() + self.selector.ttl

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def name(self) -> str:
        return self.fault.name

    @property
    def since(self) -> float:
        """When it was armed."""
        return self.record.since

    @property
    def scenario(self) -> bool:
        """Whether it is one of the scenario that is played."""
        return self.record.scenario

    @property
    def after(self) -> int:
        """The number of the last request that came before it was armed."""
        return self.record.after

    @property
    def weight(self) -> int:
        return self.record.weight

    def left_of(self, uses: FaultUses) -> int | None:
        """How often it takes effect yet; None for endlessly often."""
        return None if self.record.most is None else self.record.most - uses.applied

    @property
    def uses(self) -> FaultUses:
        """What became of it, where that is kept in this process."""
        if self.is_once:
            return self.own
        found: FaultUses = self.book.world.uses_here(self.book.contract.name, self.id)
        return found

    @property
    def seen(self) -> int:
        """How many requests fitted."""
        return self.uses.seen

    @property
    def applied(self) -> int:
        """On how many it took effect."""
        return self.uses.applied

    @property
    def left(self) -> int | None:
        """How often it takes effect yet."""
        return self.left_of(self.uses)

    def take(self) -> FaultUses | None:
        """One that is meant for one request takes effect once."""
        if self.own.applied:
            return None
        self.own = FaultUses(1, 1)
        return self.own

    @property
    def can_lapse(self) -> bool:
        """Whether it lasts for a while only."""
        return self.until is not None or self.selector.for_seconds is not None

    def is_over(self, real: float, now: float) -> bool:
        """Whether it has lasted long enough."""
        until, lasts = self.until, self.selector.for_seconds
        return (until is not None and real >= until) or (lasts is not None and now >= self.since + lasts)


def once(identity: str, fault: Fault, book: Uses) -> ActiveFault:
    """A fault that is meant for one request alone."""
    return ActiveFault(ArmedFault(identity, fault.name, {}, {}, 0.0, most=1), fault, book, is_once=True)


def lapsed(armed: ActiveFault) -> ExpiredFault | None:
    """What is told of a fault that came to nothing; nothing of one that chance may pass by."""
    selector = armed.selector
    lasts, ttl = selector.for_seconds, selector.ttl
    lasted = f"{lasts:g} s of the sandbox's time" if lasts is not None else f"{ttl or 0:g} real seconds"
    return ExpiredFault(armed.id, armed.name, lasted) if selector.is_certain else None


def record_of(fault: Fault, selector: Selector, since: float, **more: Any) -> ArmedFault:
    """A fault as a value; one that has a callable lives in this process alone."""
    values = {each.name: getattr(fault, each.name) for each in fields(fault)}
    is_own = any(callable(value) for value in values.values())
    parameters = {} if is_own else values
    owner = new_name() if is_own else ""  # no other process has one of that name
    return ArmedFault("", fault.name, parameters, selector.given() | {"ttl": selector.ttl}, since, owner=owner, **more)


class Arming:
    """The change that arms a fault; `id` is what it was named then."""

    def __init__(
        self, contract: Contract, fault: Fault, selector: Selector, *, now: float, scenario: bool, after: int
    ) -> None:
        if scenario:  # it stays until another one is played
            selector = replace(selector, ttl=None)
        if fault.in_catalogue:
            from mockserver.faults.uses import check_use

            check_use(contract, fault, selector)
        most = selector.times if selector.times is not None else fault.times
        weight = weigh((fault, selector))
        self._name, self.id = contract.name, ""
        self.record = record_of(fault, selector, now, most=most, scenario=scenario, weight=weight, after=after)

    def __call__(self, configuration: Configuration) -> Configuration:
        """Raises FullError."""
        own = configuration.apis[self._name]
        if not self.record.scenario:
            _check_room(own.faults, self.record.weight)
        self.id = f"{self._name}-{own.numbered + 1}"
        record = self.record._replace(id=self.id)
        return configuration.with_api(self._name, faults=(*own.faults, record), numbered=own.numbered + 1)


def _check_room(faults: tuple[ArmedFault, ...], weight: int) -> None:
    weights = [weight, *(fault.weight for fault in faults)]
    if len(weights) > FAULTS_COUNT or sum(weights) > FAULTS:
        raise FullError(
            f"{len(faults)} faults are armed already, of at most {FAULTS_COUNT} and {FAULTS} bytes together; "
            "disarm some, or reset the sandbox"
        )
