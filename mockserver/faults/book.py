"""`FaultBook`: the faults armed in a sandbox for one API, and which of them a request meets.

At most one fault of each category meets a request: the oldest that fits. The categories act in the order clock,
job, answer, pace, wire; webhooks are met by faults of their own when they are delivered. Counting requests and
drawing chances is each fault's own, so that arming one changes nothing for another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from mockserver.bounds import FAULTS, FAULTS_COUNT, LAPSED, weigh
from mockserver.clock import Clock, monotonic
from mockserver.contract import Contract
from mockserver.draws import Draw, Draws
from mockserver.errors import FullError, UsageError
from mockserver.faults.base import Category, Fault
from mockserver.faults.parcels import WebhookFault
from mockserver.faults.selector import MEDIA, Selector

NOBODY: frozenset[str] = frozenset()


class World(Protocol):
    """What a book needs of its sandbox."""

    clock: Clock
    draws: Draws


@dataclass(slots=True, eq=False)
class Armed:
    """A fault that waits for its requests. `seen` counts requests that fit, `applied` those it took effect on.

    `foreseen` are those whose clients pass the silence by themselves: whether each loses its patience meanwhile.
    `after` is the number of the last request that came before it was armed.
    """

    id: str
    fault: Fault
    selector: Selector
    since: float
    until: float | None
    left: int | None
    scenario: bool = False
    seen: int = 0
    applied: int = 0
    active: int = 0
    weight: int = 0
    after: int = 0
    foreseen: list[bool] = field(default_factory=list)
    drawn: dict[str, int] = field(default_factory=dict)
    """How often was drawn for a purpose: counted here, so that nothing of it stays when the fault is over."""

    @property
    def name(self) -> str:
        return self.fault.name


class Lapsed(NamedTuple):
    """A fault whose time was over before it took effect, and for how long it was armed."""

    id: str
    name: str
    lasted: str


@dataclass(slots=True)
class FaultBook:
    """Faults of one API in one sandbox.

    `watched` are the operations whose requests have to ask the book, `downloads` whether downloads have to.
    """

    contract: Contract
    world: World
    always: frozenset[str] = NOBODY
    armed: dict[str, Armed] = field(default_factory=dict)
    watched: frozenset[str] = NOBODY
    attached: bool = False
    downloads: bool = False
    lapsed: deque[Lapsed] = field(default_factory=lambda: deque(maxlen=LAPSED))
    _n: int = 0

    def __post_init__(self) -> None:
        self._changed()

    def arm(self, fault: Fault, selector: Selector | None = None, *, scenario: bool = False, after: int = 0) -> Armed:
        """Arm a fault. Raises UsageError for one that can never take effect here, FullError when there is no room."""
        selector = selector or Selector()
        if scenario:  # it stays until another one is played
            selector = replace(selector, ttl=None)
        if fault.in_catalogue:
            from mockserver.faults.uses import check_use

            check_use(self.contract, fault, selector)
        weight = weigh((fault, selector))
        if not scenario:
            self._check_room(weight)
        self._n += 1
        until = None if selector.ttl is None else monotonic() + selector.ttl
        left = selector.times if selector.times is not None else fault.times
        name, now = f"{self.contract.name}-{self._n}", self.world.clock.now()
        made = Armed(name, fault, selector, now, until, left, scenario, weight=weight, after=after)
        self.armed[made.id] = made
        self._changed()
        return made

    def go_on(self, armed: Iterable[Armed]) -> None:
        """Have these faults instead of those that are armed, as they were armed elsewhere."""
        self.armed = {each.id: replace(each, weight=weigh((each.fault, each.selector))) for each in armed}
        numbers = [each.rpartition("-")[2] for each in self.armed]
        self._n = max((int(n) for n in numbers if n.isdecimal()), default=self._n)
        self._changed()

    def _check_room(self, weight: int) -> None:
        self._heal()
        weights = [weight, *(each.weight for each in self.armed.values())]
        if len(weights) > FAULTS_COUNT or sum(weights) > FAULTS:
            raise FullError(
                f"{len(self.armed)} faults are armed already, of at most {FAULTS_COUNT} and {FAULTS} bytes together; "
                "disarm some, or reset the sandbox"
            )

    def once(self, fault: Fault) -> Armed:
        """A fault for one request alone, which is not in the book."""
        self._n += 1
        identity = f"{self.contract.name}-{self._n}"
        return Armed(identity, fault, Selector(), self.world.clock.now(), None, 1)

    def disarm(self, identity: str) -> Armed:
        """Take a fault back; jobs it took hold of keep it. Raises UsageError when it is not armed (any more)."""
        found = self.armed.pop(identity, None)
        if found is None:
            raise UsageError(f"no fault {identity!r} is armed; armed: {', '.join(self.armed) or 'none'}")
        self._changed()
        return found

    def disarm_scenario(self) -> None:
        """Take back the faults that a scenario armed."""
        self.armed = {name: each for name, each in self.armed.items() if not each.scenario}
        self._changed()

    def watch_always(self, operations: Iterable[str]) -> None:
        """Operations that have to ask the book although nothing is armed: they are slow."""
        self.always = frozenset(operations)
        self._changed()

    def hold(self) -> None:
        """A job is under a fault: every answer may show it."""
        self.attached = True
        self._changed()

    def asks_for_jobs(self, operation: str) -> bool:
        """Whether a fault that could meet the operation is meant for one job only."""
        return any(
            e.selector.job is not None and e.selector.operation in (None, operation) for e in self.armed.values()
        )

    def choose(self, operation: str, job: str | None, account: str | None) -> dict[Category, Armed]:
        """The fault of each category that a request meets. Nothing is counted as applied yet."""
        found: dict[Category, Armed] = {}
        for armed in self._fitting(operation, job, account, lambda fault: not isinstance(fault, WebhookFault)):
            found.setdefault(armed.fault.category, armed)
        return found

    def webhook(self, operation: str, job: str, account: str | None, *, early: bool) -> Armed | None:
        """The fault that a webhook meets; `early` before the answer that creates its job."""

        def acts_now(fault: Fault) -> bool:
            return isinstance(fault, WebhookFault) and fault.early == early

        return next(iter(self._fitting(operation, job, account, acts_now)), None)

    def _fitting(
        self, operation: str, job: str | None, account: str | None, acts_now: Callable[[Fault], bool]
    ) -> list[Armed]:
        """The armed faults that act now and are meant for this. Each is counted as seen."""
        self._heal()
        return [
            armed
            for armed in tuple(self.armed.values())
            if acts_now(armed.fault) and armed.selector.counts(operation, job, account) and self._picks(armed)
        ]

    def _picks(self, armed: Armed) -> bool:
        armed.seen += 1
        chosen, chance = armed.selector.picks(armed.seen), armed.selector.probability
        if chance is None:
            return chosen
        return self.draw(armed, "").unit() < chance and chosen

    def draw(self, armed: Armed, what: str) -> Draw:
        """The next draw of an armed fault."""
        n = armed.drawn[what] = armed.drawn.get(what, -1) + 1
        return Draw(self.world.draws.reserved(f"fault.{armed.id}{what}", n))

    def take(self, armed: Armed) -> bool:
        """The fault takes effect now, and is counted; False when others were faster. `release` it when it is over."""
        most = armed.selector.at_once
        if armed.left == 0 or (most is not None and armed.active >= most):
            return False
        armed.applied += 1
        armed.active += 1
        if armed.left is not None:
            armed.left -= 1
            if armed.left == 0 and self.armed.pop(armed.id, None) is not None:
                self._changed()
        return True

    def release(self, armed: Armed) -> None:
        """The request on which the fault took effect is over."""
        armed.active -= 1

    def _heal(self) -> None:
        """Take back what has lasted long enough."""
        real, now = monotonic(), self.world.clock.now()
        over = [each.id for each in self.armed.values() if _is_over(each, real, now)]
        for identity in over:
            lapsed = self.armed.pop(identity)
            if not lapsed.applied and lapsed.selector.is_certain:
                self.lapsed.append(Lapsed(identity, lapsed.name, _lasted(lapsed.selector)))
        if over:
            self._changed()

    def standing(self) -> list[Armed]:
        """The faults that are armed, oldest first."""
        self._heal()
        return list(self.armed.values())

    def _changed(self) -> None:
        every = frozenset(self.contract.operations)
        self.downloads = MEDIA not in every and any(e.selector.operation == MEDIA for e in self.armed.values())
        if self.attached:
            self.watched = every
            return
        named = [e.selector.operation for e in self.armed.values() if _meets_requests(e.fault)]
        self.watched = every if None in named else self.always.union(name for name in named if name)


def _is_over(armed: Armed, real: float, now: float) -> bool:
    lasts = armed.selector.for_seconds
    return (armed.until is not None and real >= armed.until) or (lasts is not None and now >= armed.since + lasts)


def _lasted(selector: Selector) -> str:
    lasts, ttl = selector.for_seconds, selector.ttl
    return f"{lasts:g} s of the sandbox's time" if lasts is not None else f"{ttl or 0:g} real seconds"


def _meets_requests(fault: Fault) -> bool:
    """Whether it acts on requests; most faults of webhooks act later."""
    return fault.early if isinstance(fault, WebhookFault) else True
