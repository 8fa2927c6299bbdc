"""`FaultBook`: the faults armed in a sandbox for one API, and which of them a request meets.

At most one fault of each category meets a request: the oldest that fits. The categories act in the order clock,
job, answer, pace, wire; webhooks are met by faults of their own when they are delivered. Counting requests and
drawing chances is each fault's own, so that arming one changes nothing for another. What is armed is part of the
sandbox's configuration, and counted behind the state's port; the book is what this process knows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from mockserver.bounds import LAPSED
from mockserver.clock import Clock, ClockReading, monotonic
from mockserver.contract import Contract
from mockserver.draws import Draw, Draws
from mockserver.errors import UsageError
from mockserver.faults.armed import ActiveFault, Arming, lapsed, once
from mockserver.faults.base import Category, Fault
from mockserver.faults.parcels import WebhookFault
from mockserver.faults.selector import MEDIA, Selector
from mockserver.state.configuration import ApiConfiguration, Configuration, ConfigurationChange
from mockserver.state.port import State
from mockserver.state.records import ArmedFault, ExpiredFault, FaultUses

NOBODY: frozenset[str] = frozenset()


class BookSandbox(Protocol):
    """What a book needs of its sandbox."""

    clock: Clock
    draws: Draws
    configuration: Configuration

    @property
    def state(self) -> State: ...
    async def read_clock(self) -> ClockReading: ...
    async def change(self, change: ConfigurationChange) -> None: ...
    async def refresh(self) -> None: ...
    def change_here(self, change: ConfigurationChange) -> None: ...
    def uses_here(self, api: str, fault: str) -> FaultUses: ...


class FaultBook:
    """Faults of one API in one sandbox.

    `watched` are the operations whose requests have to ask the book, `downloads` whether downloads have to.
    """

    def __init__(self, contract: Contract, world: BookSandbox) -> None:
        self.contract, self.world = contract, world
        self.always = self.watched = NOBODY
        self.downloads = self.attached = False
        self.armed: dict[str, ActiveFault] = {}
        self.lapsed: Sequence[ExpiredFault] = ()
        self._own: dict[str, Fault] = {}  # those that no other process can have
        self._generation = world.configuration.generation

    def see(self, configured: ApiConfiguration) -> None:
        """What is armed by now."""
        active = [self.armed.get(record.id) or self._seen(record) for record in configured.faults]
        self.armed = {armed.id: armed for armed in active if armed is not None}
        self.lapsed, self.attached = configured.lapsed, configured.holds_jobs
        self._changed()

    def _seen(self, record: ArmedFault) -> ActiveFault | None:
        """One that was armed; of one whose callable lives in another process, what stands for it here."""
        if (own := self._own.get(record.owner)) is not None:
            return ActiveFault(record, own, self)
        from mockserver.faults.given import elsewhere, revived

        fault = elsewhere(record) if record.owner else revived(record)
        return None if fault is None else ActiveFault(record, fault, self)

    def go_on(self, before: FaultBook) -> None:
        """Have what is armed of another book of this process, that which no other process can have as well."""
        self._own = before._own
        self.see(self.world.configuration.apis[self.contract.name])

    def watch_always(self, operations: Iterable[str]) -> None:
        """Operations that have to ask the book although nothing is armed: they are slow."""
        self.always = frozenset(operations)
        self._changed()

    def asks_for_jobs(self, operation: str) -> bool:
        """Whether a fault that could meet the operation is meant for one job only."""
        return any(
            e.selector.job is not None and e.selector.operation in (None, operation) for e in self.armed.values()
        )

    def _changed(self) -> None:
        every = frozenset(self.contract.operations)
        self.downloads = MEDIA not in every and any(e.selector.operation == MEDIA for e in self.armed.values())
        if self.attached:
            self.watched = every
            return
        operations = [e.selector.operation for e in self.armed.values() if _meets_requests(e.fault)]
        self.watched = every if None in operations else self.always.union(name for name in operations if name)

    # --- what can be changed; `Sandbox.change` does it

    def arming(
        self, fault: Fault, selector: Selector | None = None, *, now: float, scenario: bool = False, after: int = 0
    ) -> Arming:
        """Arm a fault. Raises UsageError for one that can never take effect here; the change FullError."""
        made = Arming(self.contract, fault, selector or Selector(), now=now, scenario=scenario, after=after)
        if made.record.owner:
            self._own[made.record.owner] = fault
        return made

    def disarming(self, identity: str) -> ConfigurationChange:
        """Take a fault back; jobs it took hold of keep it. The change raises UsageError when it is not armed."""
        name = self.contract.name

        def change(configuration: Configuration) -> Configuration:
            faults = configuration.apis[name].faults
            others = tuple(fault for fault in faults if fault.id != identity)
            if len(others) == len(faults):
                standing = ", ".join(fault.id for fault in faults) or "none"
                raise UsageError(f"no fault {identity!r} is armed; armed: {standing}")
            return configuration.with_api(name, faults=others)

        return change

    def going_on(self, faults: Sequence[ArmedFault]) -> ConfigurationChange:
        """Have these faults instead of those that are armed, as they were armed elsewhere."""
        name = self.contract.name
        numbers = [int(n) for fault in faults if (n := fault.id.rpartition("-")[2]).isdecimal()]
        return lambda configuration: configuration.with_api(
            name, faults=(*faults,), numbered=max(numbers, default=configuration.apis[name].numbered)
        )

    async def hold(self) -> None:
        """A job is under a fault: every answer may show it."""
        if not self.attached:
            name = self.contract.name
            await self.world.change(lambda configuration: configuration.with_api(name, holds_jobs=True))

    # --- which faults are met

    def once(self, fault: Fault, n: int) -> ActiveFault:
        """A fault for one request alone, the nth, which is not in the book."""
        return once(f"{self.contract.name}-request-{n}", fault, self)

    async def choose(self, operation: str, job: str | None, account: str | None) -> dict[Category, ActiveFault]:
        """The fault of each category that a request meets. Nothing is counted as applied yet."""
        chosen: dict[Category, ActiveFault] = {}
        fitting = await self._fitting(operation, job, account, lambda fault: not isinstance(fault, WebhookFault))
        for armed in fitting:
            chosen.setdefault(armed.fault.category, armed)
        return chosen

    async def webhook(self, operation: str, job: str, account: str | None, *, early: bool) -> ActiveFault | None:
        """The fault that a webhook meets; `early` before the answer that creates its job."""

        def acts_now(fault: Fault) -> bool:
            return isinstance(fault, WebhookFault) and fault.early == early

        return next(iter(await self._fitting(operation, job, account, acts_now)), None)

    async def _fitting(
        self, operation: str, job: str | None, account: str | None, acts_now: Callable[[Fault], bool]
    ) -> list[ActiveFault]:
        """The armed faults that act now and are meant for this. Each is counted as seen."""
        await self.heal()
        candidates = [
            a for a in self.armed.values() if acts_now(a.fault) and a.selector.counts(operation, job, account)
        ]
        uses = await self.count(candidates) if candidates else ()
        return [
            armed for armed, uses_now in zip(candidates, uses, strict=True) if uses_now and self._picks(armed, uses_now)
        ]

    async def count(self, armed: Sequence[ActiveFault]) -> Sequence[FaultUses | None]:
        """One more request fits each of these."""
        return await self.world.state.count_faults(self.contract.name, self._generation, [fault.id for fault in armed])

    def _picks(self, armed: ActiveFault, uses: FaultUses) -> bool:
        is_picked, chance = armed.selector.picks(uses.seen), armed.selector.probability
        return is_picked if chance is None else self._drawn(armed, "", uses.seen - 1).unit() < chance and is_picked

    def _drawn(self, armed: ActiveFault, purpose: str, n: int) -> Draw:
        return Draw(self.world.draws.reserved(f"fault.{armed.id}{purpose}", n))

    async def draw(self, armed: ActiveFault, purpose: str) -> Draw:
        """The next draw of an armed fault."""
        if armed.is_once:
            return self._drawn(armed, purpose, 0)
        n = await self.world.state.draw_fault(self.contract.name, self._generation, armed.id, purpose)
        return self._drawn(armed, purpose, n)

    async def take(self, armed: ActiveFault) -> FaultUses | None:
        """The fault takes effect now, and is counted; None when others were faster. `release` it when it is over."""
        if armed.is_once:
            return armed.take()
        uses = await self.world.state.take_fault(self.contract.name, self._generation, armed.id)
        if uses is not None and uses.applied == armed.record.most:
            await self.world.refresh()
        return uses

    def release(self, armed: ActiveFault, uses: FaultUses) -> None:
        """The request on which the fault took effect, with these uses then, is over."""
        if not armed.is_once:
            self.world.state.release_fault(self.contract.name, self._generation, armed.id, uses.applied)

    async def foresee(self, armed: ActiveFault, *, is_late: bool) -> bool:
        """A silence is passed by a client itself; False when there are too many."""
        return await self.world.state.foresee(self.contract.name, self._generation, armed.id, is_late)

    async def meet_foreseen(self, armed: ActiveFault) -> bool | None:
        """Whether the next silence that was foreseen outlasts its client; None when none was."""
        if armed.is_once:
            return None
        return await self.world.state.meet_foreseen(self.contract.name, self._generation, armed.id)

    async def heal(self) -> None:
        """Take back what has lasted long enough."""
        if not any(fault.can_lapse for fault in self.armed.values()):
            return
        real, now = monotonic(), (await self.world.read_clock()).now
        over = [fault for fault in self.armed.values() if fault.is_over(real, now)]
        if over:
            uses = await self.uses(over)
            name, ids = self.contract.name, {fault.id for fault in over}
            expired = [lapsed(fault) for fault, used in zip(over, uses, strict=True) if not used.applied]
            await self.world.change(
                lambda configuration: without(configuration, name, ids, [fault for fault in expired if fault])
            )

    async def standing(self) -> list[ActiveFault]:
        """The faults that are armed, oldest first."""
        await self.heal()
        return list(self.armed.values())

    async def uses(self, armed: Sequence[ActiveFault]) -> Sequence[FaultUses]:
        """What became of these."""
        if not armed:
            return ()
        return await self.world.state.fault_uses(self.contract.name, [fault.id for fault in armed])

    # --- the same where the state is kept in this process

    def arm(
        self, fault: Fault, selector: Selector | None = None, *, scenario: bool = False, after: int = 0
    ) -> ActiveFault:
        """Arm a fault; see `arming`."""
        arming = self.arming(fault, selector, now=self.world.clock.now(), scenario=scenario, after=after)
        self.world.change_here(arming)
        return self.armed[arming.id]

    def disarm(self, identity: str) -> None:
        """Take a fault back; see `disarming`."""
        self.world.change_here(self.disarming(identity))


def without(configuration: Configuration, name: str, ids: set[str], expired: Sequence[ExpiredFault]) -> Configuration:
    """These faults are over; of those that came to nothing the last ones are known."""
    api = configuration.apis[name]
    others = tuple(fault for fault in api.faults if fault.id not in ids)
    return configuration.with_api(name, faults=others, lapsed=(*api.lapsed, *expired)[-LAPSED:])


def _meets_requests(fault: Fault) -> bool:
    """Whether it acts on requests; most faults of webhooks act later."""
    return fault.early if isinstance(fault, WebhookFault) else True
