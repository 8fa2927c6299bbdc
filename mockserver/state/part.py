"""What is kept of one API in this process: jobs, windows, orders, credits, idempotency keys."""

from __future__ import annotations

from collections import deque
from math import inf

from mockserver.bounds import ORDERS, ORDERS_COUNT
from mockserver.ratelimit import Limiter
from mockserver.state.fault_counts import FaultCounts
from mockserver.state.keys import KeyUses
from mockserver.state.port import Charge, Drop, Effect, Occupy, PlanOrder, Prolong, UseOrder, WantedRecords
from mockserver.state.refunds import Refunds
from mockserver.store import JobRecord, MemoryStore


class ApiPart:
    """What is kept of one API; `credits` by account, `orders` oldest first."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.limiter = Limiter()
        self.orders: deque[PlanOrder] = deque()
        self._ordered = 0  # waiting or not
        self.credits: dict[str, float | None] = {}
        self.keys = KeyUses()
        self.refunds = Refunds()
        self.faults = FaultCounts()

    def leave(self) -> dict[str, JobRecord]:
        """Forget jobs, keys and refunds; gives the jobs, which take a while to let go."""
        store, self.store, self.keys, self.refunds = self.store, MemoryStore(), KeyUses(), Refunds()
        return store.leave()

    def see(
        self, job: str, wanted: WantedRecords | None, now: float
    ) -> tuple[JobRecord | None, float, float | None, PlanOrder | None]:
        """The job that is named, and what is wanted, as they stand at a time."""
        record = self.store.get(job) if job else None
        if wanted is None:
            return record, -inf, None, None
        owner, account, resource, most = wanted
        if now >= self.refunds.due:
            self.refunds.settle(self.credits, self.store, now)
        order = next((waiting for waiting in self.orders if waiting.fits_to(resource)), None) if self.orders else None
        busy = self.store.busy_until(owner, most) if owner is not None else -inf
        return record, busy, self.credits.get(account), order

    def holds(self, effect: Effect) -> bool:
        """Whether things are as an effect expects them."""
        if isinstance(effect, Occupy):
            return self.store.busy_until(effect.owner, effect.most) <= effect.now
        if isinstance(effect, Charge):
            return self.credits.get(effect.account) == effect.expected
        if isinstance(effect, Drop):
            records = map(self.store.get, effect.jobs)
            return all(record is None or record.rev == effect.jobs[record.id] for record in records)
        return not isinstance(effect, UseOrder) or any(order.id == effect.order for order in self.orders)

    def occupy(self, effect: Occupy | Prolong) -> None:
        """An owner has a job that counts as active until a time."""
        busy = self.store.busy.get(effect.owner, {})
        if isinstance(effect, Occupy):
            busy = {job: until for job, until in busy.items() if until > effect.now}
        if isinstance(effect, Occupy) or effect.job in busy:
            self.store.busy[effect.owner] = {**busy, effect.job: effect.until}

    def place(self, api: str, order: PlanOrder) -> PlanOrder | None:
        """Let one more order wait; None where there is no room."""
        weight = order.weight + sum([waiting.weight for waiting in self.orders])
        if len(self.orders) >= ORDERS_COUNT or weight > ORDERS:
            return None
        self._ordered += 1
        numbered = order._replace(id=f"{api}-plan-{self._ordered}")
        self.orders.append(numbered)
        return numbered

    def use(self, effect: UseOrder) -> None:
        """An order was used once."""
        (at,) = (at for at, order in enumerate(self.orders) if order.id == effect.order)
        order = self.orders[at]
        if order.left == 1:
            del self.orders[at]
        else:
            self.orders[at] = order._replace(left=order.left - 1, used=order.used + 1)

    def charge(self, effect: Charge) -> None:
        """An account has other credits."""
        self.credits[effect.account] = effect.left
