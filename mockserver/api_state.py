"""One API in one sandbox: its jobs, accounts, limits, plans that wait, quirks, scenario and faults.

Knows what a contract says and how answers are prepared, but no HTTP. What is kept of it is behind the state's port.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver import kept, pointers
from mockserver.bounds import ORDERS, ORDERS_COUNT, weigh
from mockserver.configured import Configured
from mockserver.contract import Contract, Webhook
from mockserver.endpoints import Endpoints
from mockserver.errors import FullError, UsageError
from mockserver.event_loops import OneAtATime
from mockserver.faults import FaultBook
from mockserver.job_plans import JobPlans, offspring
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Result
from mockserver.links import SandboxLinks, result_of
from mockserver.mounting import base_of_request
from mockserver.plan_overrides import refusal
from mockserver.ratelimit import Limiter
from mockserver.sandbox_view import SandboxView
from mockserver.state.configuration import ApiConfiguration, Configuration, ConfigurationChange
from mockserver.state.port import PlanOrder, Post, State
from mockserver.store import MemoryStore
from mockserver.subject import Subject
from mockserver.suggestions import hint
from mockserver.time_slices import emptied
from mockserver.triggers import triggers_of
from mockserver.values import reader


def purposes_of(contract: Contract) -> dict[str, tuple[str, str]]:
    """What a new job of a resource gets numbers for: its id and its plan."""
    return {name: (f"id.{contract.name}.{name}", f"plan.{contract.name}.{name}") for name in contract.resources}


class SandboxApi(Configured):
    """A sandbox's side of one API."""

    def __init__(self, contract: Contract, sandbox: SandboxView) -> None:
        super().__init__(contract, sandbox)
        self.state: State = sandbox.state
        self.part = sandbox.home.part(contract.name)
        self.tokens: dict[str, tuple[str, float]] = {}  # → the client_id they were given to, and when they end
        self.kept = {r: {p: pointers.key(p) for p in kept.kept_pointers(contract, r)} for r in contract.resources}
        self.kept_parts = {name: kept.kept_uploads(contract, name) for name in contract.resources}
        self.hashed_parts = {name: kept.hashed_uploads(contract, name) for name in contract.resources}
        self.credited = kept.credited(contract)
        """The operations that tell what an account has."""
        self.sized = kept.sized(contract)
        """Those that tell how large something is, which another job may have brought forth."""
        self.purposes = purposes_of(contract)
        self.offspring = {r.name: offspring(contract, r) for r in contract.resources.values()}
        hooks = contract.webhooks.values()
        self.told = {name: tuple(w for w in hooks if w.resource == name) for name in contract.resources}
        """The webhooks that tell of each resource."""
        self.shown: dict[str, Any] = {}
        """By job: what clients were shown of it last."""
        self._turns = OneAtATime()
        self.plans = JobPlans(contract, sandbox, self.purposes)
        self.planned, self.peeked = self.plans.planned, self.plans.peeked
        self.links = SandboxLinks(self)
        produced = {each.resource for resource in contract.resources.values() for each in resource.makes.values()}
        self.gone = {name: each.gone for name, each in contract.resources.items() if each.gone or name in produced}
        """The states in which jobs are found no more, by resource; jobs of these may not be there yet, either."""
        self.matches, self.tested, self.refusals, self.fault_triggers = triggers_of(contract)
        self.tells_moves = bool(contract.webhooks) or contract.holds
        """Whether somebody may wait for what becomes of a job."""
        self.faults = FaultBook(contract, sandbox)
        self.endpoints = Endpoints(self)
        self.see(sandbox.configuration.apis[contract.name])

    @property
    def turn(self) -> asyncio.Lock:
        """Held by one at a time of those who decide again because others were faster."""
        return self._turns.lock()

    @property
    def store(self) -> MemoryStore:
        """The jobs, where they are kept in this process."""
        return self.part.store

    @property
    def limiter(self) -> Limiter:
        """The windows, where they are kept in this process."""
        return self.part.limiter

    @property
    def orders(self) -> deque[PlanOrder]:
        """The orders, where they are kept in this process."""
        return self.part.orders

    def play(self, scenario: str) -> None:
        """Switch to a scenario where the state is kept in this process; see `scenario_played`."""
        self.sandbox.change_here(self.scenario_played(scenario, self.sandbox.clock.now()))

    def scenario_played(self, scenario: str, now: float) -> ConfigurationChange:
        """Switch to a scenario, with its faults in the place of those of another one. Raises UsageError."""
        name, changes = self.contract.name, [self.scenario_switched(scenario), *self._armings(scenario, now)]

        def change(configuration: Configuration) -> Configuration:
            faults = tuple(fault for fault in configuration.apis[name].faults if not fault.scenario)
            changed = configuration.with_api(name, faults=faults)
            for each in changes:
                changed = each(changed)
            return changed._replace(rev=configuration.rev + 1)

        return change

    def _armings(self, scenario: str, now: float) -> list[ConfigurationChange]:
        found = self.contract.scenarios.get(scenario)
        if found is None or not found.faults:
            return []
        from mockserver.faults import fault_of  # faults are imported where the first one is armed

        return [self.faults.arming(*fault_of(data), now=now, scenario=True) for data in found.faults]

    def see(self, configured: ApiConfiguration) -> None:
        self.faults.see(configured)
        self.endpoints.see(configured)
        super().see(configured)

    def switch(self) -> None:
        super().switch()
        # Operations that a contract slows down go the long way at all times.
        self.faults.watch_always(name for name in self.contract.operations if self.latency(name) is not None)

    def plan(self, wishes: Mapping[str, Any], *, resource: str | None = None, count: int = 1) -> PlanOrder:
        """Place an order where the state is kept in this process; see `order` and `placed`."""
        order = self.sandbox.home.put_order(self.contract.name, self.order(wishes, resource, count))
        return self.placed(order, len(self.orders))

    async def place(self, wishes: Mapping[str, Any], resource: str | None, count: int) -> PlanOrder:
        """Place an order; see `order` and `placed`."""
        name = self.contract.name
        order = await self.state.place(name, self.order(wishes, resource, count))
        return self.placed(order, 0 if order is not None else len(await self.state.orders(name)))

    def order(self, wishes: Mapping[str, Any], resource: str | None, count: int) -> PlanOrder:
        """What the next `count` jobs shall do; without `resource`, jobs of any that can fulfil the wishes.

        Raises UsageError when none can.
        """
        return PlanOrder(resource, count, wishes, weigh(wishes), self._fitting(wishes, resource))

    def placed(self, order: PlanOrder | None, waiting: int) -> PlanOrder:
        """The order that was placed. Raises FullError where there was no room for it."""
        if order is None:
            raise FullError(
                f"{waiting} plans wait already, of at most {ORDERS_COUNT} and {ORDERS} bytes together; "
                "let jobs use them up, or reset the sandbox"
            )
        return order

    def _fitting(self, wishes: Mapping[str, Any], resource: str | None) -> frozenset[str]:
        """The resources meant that can fulfil the wishes. Raises UsageError, the first refusal, when none can."""
        running = [r for r in self.contract.resources.values() if r.run is not None]
        meant = [r for r in running if resource in (None, r.name)]
        if not meant:
            near = hint(resource, (r.name for r in running))
            raise UsageError(f"{self.contract.name} has no job named {resource!r}; {near}")
        refusals = {r.name: refusal(r, wishes) for r in meant}
        fitting = frozenset(name for name, refused in refusals.items() if refused is None)
        if not fitting and (first := refusals[meant[0].name]) is not None:
            raise first
        return fitting

    async def drawn(self, purpose: str) -> bytes:
        """The next 64 bytes for a purpose."""
        (n,) = await self.state.reserve((purpose,))
        return self.sandbox.draws.reserved(purpose, n)

    def is_gone(self, job: PlannedJob, now: float) -> bool:
        """Whether a job is found no more, or not yet."""
        states = self.gone.get(job.resource)
        return states is not None and (now < job.created or job.status(now).state in states)

    def result_of(self, job: PlannedJob, name: str) -> Result | None:
        """What a job's result of that name is."""
        return result_of(self.contract, job, name)

    def posts(self, job: PlannedJob, at: Callable[[str], Any], entry: int) -> list[Post]:
        """The webhooks that a new job will cause, as far as they go anywhere. `at` reads a place of the request."""
        posts, base = [], base_of_request()
        for webhook in self.told[job.resource]:
            place = webhook.targets.get(job.operation, "") if webhook.targets else webhook.target
            target = at(place) if place else "" if webhook.is_for_account else self._url(webhook, job)
            if isinstance(target, str) and (target or webhook.is_for_account):
                posts.append(Post(webhook.name, job.record, job.account, target, entry, base=base))
        return posts

    def _url(self, webhook: Webhook, job: PlannedJob) -> Any:
        """The URL that a value gives; None where there is none."""
        if webhook.to is None:
            return None
        account, status = self.account_of(job.account), job.status(job.created)
        return reader(webhook.to)(Subject(job.created, job=job, status=status, account=account, links=self.links))

    def begin_anew(self) -> Iterator[None]:
        """The sandbox was reset: what follows from jobs is forgotten at once, and let go step by step."""
        self.shown.clear()
        self.faults = FaultBook(self.contract, self.sandbox)
        self.configured = None  # what follows from it is made anew
        return emptied(self.plans.leave())
