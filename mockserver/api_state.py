"""One API in one sandbox: its jobs, accounts, limits, plans that wait, quirks, scenario and faults.

Knows what a contract says and how answers are prepared, but no HTTP.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockserver import answers, pointers, signing
from mockserver.bounds import ACCOUNTS, ORDERS, ORDERS_COUNT, weigh
from mockserver.contract import Contract, Limit, Match
from mockserver.draws import IDS
from mockserver.errors import FullError, UsageError
from mockserver.faults import FaultBook
from mockserver.lifecycle import Duration, Resource, Result, Run
from mockserver.links import SandboxLinks, result_of
from mockserver.posting import Posting
from mockserver.ratelimit import Limiter
from mockserver.shelf import Upload
from mockserver.store import Account, Job, MemoryStore, Sketch, Store
from mockserver.suggestions import hint
from mockserver.timeline import Plan
from mockserver.turns import emptied
from mockserver.wishes import refusal, wished

if TYPE_CHECKING:
    from mockserver.sandbox import Sandbox


@dataclass(slots=True, eq=False)
class PlanOrder:
    """What a test wants of the next jobs: `wishes` lie over the plan that is drawn anyway.

    Without `resource`, jobs of any that can fulfil the wishes: of those in `fits`, where that was found out. `used`
    counts the jobs that followed it, `after` is the number of the last request that came before it was ordered.
    """

    resource: str | None
    left: int
    wishes: Mapping[str, Any]
    weight: int = 0
    fits: frozenset[str] | None = None
    id: str = ""
    used: int = 0
    after: int = 0


def purposes_of(contract: Contract) -> dict[str, tuple[str, str]]:
    """What a new job of a resource gets numbers for: its id and its plan."""
    return {name: (f"id.{contract.name}.{name}", f"plan.{contract.name}.{name}") for name in contract.resources}


class SandboxApi:
    """A sandbox's side of one API."""

    def __init__(self, contract: Contract, sandbox: Sandbox) -> None:
        self.contract = contract
        self.sandbox = sandbox
        self.tokens: dict[str, tuple[Account, float]] = {}
        self.store: Store = MemoryStore()
        self.limiter = Limiter()
        self.accounts: dict[str, Account] = {}
        self.orders: deque[PlanOrder] = deque()
        self._ordered = 0
        self._switched: dict[str, bool] = {}
        self.scenario = "happy"
        self._switch()
        self.kept = {r: [(p, pointers.key(p)) for p in answers.kept_pointers(contract, r)] for r in contract.resources}
        self.kept_parts = {name: answers.kept_uploads(contract, name) for name in contract.resources}
        self.purposes = purposes_of(contract)
        self.shown: dict[str, tuple[Any, ...]] = {}
        """By job: an answer, the status and fault it shows, and the bytes rendered for them."""
        self.links = SandboxLinks(self)
        self.matches = {name: _rows(contract, name) for name in contract.operations}
        self.worded = frozenset(name for match in contract.matches if match.fault for name in match.operations)
        """The operations whose requests may ask for a fault by their own words."""
        self.faults = FaultBook(contract, sandbox)
        self.given: Any = None
        """The answers that a test gave itself; None without any."""
        self.set_limits(contract.limits)
        self._sketch()
        self._watch()

    def set_limits(self, limits: Sequence[Limit]) -> None:
        """Which limits cover which operation, by what they count."""
        found: dict[tuple[str, str], tuple[Limit, ...]] = {}
        for limit in limits:
            for operation in limit.operations:
                key = (operation, limit.per)
                found[key] = (*found.get(key, ()), limit)
        self._limits = found
        self._under = tuple(limit for limit in limits if limit.under)

    def limits_under(self, path: str) -> tuple[Limit, ...]:
        """The limits that count a request which no operation answers."""
        return tuple(each for each in self._under if path.startswith(each.under)) if self.sandbox.limits_on else ()

    def limits(self, operation: str, per: str) -> tuple[Limit, ...] | None:
        """The limits of an operation that count per `ip` or `account`; None when none do or limits are off."""
        return self._limits.get((operation, per)) if self.sandbox.limits_on else None

    def quirk(self, name: str, on: bool) -> None:
        """Switch a quirk. Raises UsageError when the contract has none of that name."""
        if name not in self.contract.quirks:
            raise UsageError(f"{self.contract.name} has no quirk {name!r}; {hint(name, self.contract.quirks)}")
        self._switched[name] = on
        self._switch()

    def switched(self) -> dict[str, bool]:
        """The quirks that a test switched."""
        return dict(self._switched)

    def _switch(self) -> None:
        """Quirks are as a test switched them, else as the scenario says, else as the contract does."""
        scenario = self.contract.scenarios.get(self.scenario)
        said = {**(scenario.quirks if scenario else {}), **self._switched}
        self.off = frozenset(q.name for q in self.contract.quirks.values() if not said.get(q.name, q.default))
        self.table = answers.prepare(self.contract, self.off)

    def play(self, scenario: str) -> None:
        """Switch to a scenario. Raises UsageError when the contract has none of that name."""
        found = self.contract.scenarios.get(scenario)
        if found is None and scenario != "happy":
            near = hint(scenario, dict.fromkeys(("happy", *self.contract.scenarios)))
            raise UsageError(f"{self.contract.name} has no scenario {scenario!r}; {near}")
        self.scenario = scenario
        self._switch()
        self._sketch()
        self.faults.disarm_scenario()
        if found is not None and found.faults:
            from mockserver.faults import fault_of  # faults are imported where the first one is armed

            for data in found.faults:
                self.faults.arm(*fault_of(data), scenario=True)
        self._watch()
        self.set_limits(found.limits if found is not None and found.limits is not None else self.contract.limits)

    def _watch(self) -> None:
        """Operations that a contract slows down go the long way at all times."""
        self.faults.watch_always(name for name in self.contract.operations if self.latency(name) is not None)

    def latency(self, operation: str) -> Duration | None:
        """How much later than at once an operation answers, in real seconds; the scenario's word goes first."""
        scenario = self.contract.scenarios.get(self.scenario)
        own = self.contract.operations[operation].latency
        return scenario.latency if scenario is not None and scenario.latency is not None else own

    def run(self, resource: Resource) -> Run | None:
        """What jobs of a resource do by themselves in the scenario of now."""
        scenario = self.contract.scenarios.get(self.scenario)
        return scenario.run.get(resource.name, resource.run) if scenario else resource.run

    def plan_of(self, resource: str, wishes: Mapping[str, Any], n: int) -> Plan | Sketch:
        """What the plan of the new job of that number is drawn from; with wishes, the plan with these laid over it."""
        sketch = self.sketches[resource]
        return wished(sketch.resource, sketch.plan(n), wishes) if wishes else sketch

    def _sketch(self) -> None:
        draws = self.sandbox.draws
        self.sketches = {
            r.name: Sketch(r, self.run(r), draws, self.purposes[r.name][1]) for r in self.contract.resources.values()
        }

    def plan(self, wishes: Mapping[str, Any], *, resource: str | None = None, count: int = 1) -> PlanOrder:
        """Order what the next `count` jobs shall do; without `resource`, jobs of any that can fulfil the wishes.

        Raises UsageError when none can, FullError when too many orders wait.
        """
        order = PlanOrder(resource, count, wishes, weigh(wishes), self._fitting(wishes, resource))
        order.after = self.sandbox.journal.newest
        weight = order.weight + sum([each.weight for each in self.orders])
        if len(self.orders) >= ORDERS_COUNT or weight > ORDERS:
            raise FullError(
                f"{len(self.orders)} plans wait already, of at most {ORDERS_COUNT} and {ORDERS} bytes together; "
                "let jobs use them up, or reset the sandbox"
            )
        self._ordered += 1
        order.id = f"{self.contract.name}-plan-{self._ordered}"
        self.orders.append(order)
        return order

    def take_back(self, identity: str) -> bool:
        """Whether an order of that name waited; it is taken back."""
        found = next((each for each in self.orders if each.id == identity), None)
        if found is not None:
            self.orders.remove(found)
            found.left = 0  # a job that is being made with it is made without
        return found is not None

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

    def order(self, resource: str) -> PlanOrder | None:
        """The oldest order that fits a resource."""
        return next((o for o in self.orders if self._fits(o, resource)), None) if self.orders else None

    def _fits(self, order: PlanOrder, resource: str) -> bool:
        if order.fits is not None:
            return resource in order.fits
        if order.resource is not None:
            return order.resource == resource
        found = self.contract.resources[resource]
        return found.run is not None and refusal(found, order.wishes) is None

    def take(self, order: PlanOrder) -> None:
        """An order was used once."""
        order.left -= 1
        order.used += 1
        if order.left == 0:
            self.orders.remove(order)

    def result_of(self, job: Job, name: str) -> Result | None:
        """What a job's result of that name is."""
        return result_of(self, job, name)

    def keep(self, upload: Upload) -> Upload:
        """Keep the bytes of an upload within the server's bounds; what had to make room is noted in the journal."""
        for why in self.sandbox.shelf.keep(upload, self.sandbox.name):
            self.sandbox.journal.note(self.sandbox.clock.now(), "dropped", self.contract.name, why)
        return upload

    def webhook(self, job: Job, account: Account | None, at: Callable[[str], Any], entry: int) -> Posting | None:
        """The posting that a job will cause; None when nobody asked for one. `at` reads a place of the request."""
        for webhook in self.contract.webhooks.values():
            target = at(webhook.target) if webhook.resource == job.resource else None
            if isinstance(target, str) and target:
                return Posting(self, webhook, job, account, target, entry)
        return None

    def account(self, *, active: bool = True, credits: float | None = None, demo: bool = False) -> Account:
        """A new account with credentials of its own (the published ones for `demo`). Raises FullError."""
        if len(self.accounts) >= 2 * ACCOUNTS:  # each stands there by its key and by its client_id
            raise FullError(f"there are {ACCOUNTS} accounts already; make a new sandbox")
        kind, name = self.contract.account_id, self.contract.name
        identity = IDS[kind](self.sandbox.draws.digest(f"account.{name}"))
        key = signing.new_key(self.contract.account_key)
        secrets = _DEMO if demo else (key, signing.new_key(), signing.new_secret(), signing.new_secret())
        if signing.is_standard(webhook.scheme for webhook in self.contract.webhooks.values()):
            secrets = (*secrets[:3], signing.standard_webhooks_secret(secrets[3]))
        made = Account(name, identity, *secrets, active, credits, self.contract.account_facts)
        made.full = self.contract.account_credits
        self._have(made)
        return made

    def adopt(self, accounts: Iterable[Account]) -> None:
        """Have these accounts instead of those that are there; the first one is the sandbox's own."""
        self.accounts.clear()
        for each in accounts:
            self._have(each)

    def _have(self, account: Account) -> None:
        secrets = (account.key, account.client_secret, account.webhook_secret)  # a client_id is no secret
        self.sandbox.redaction.know(*secrets)
        self.accounts[account.key] = self.accounts[account.client_id] = account

    def leave(self) -> Iterator[None]:
        """Forget the jobs at once; they are let go step by step."""
        store, self.store = self.store, MemoryStore()
        self.shown.clear()
        return emptied(store.leave()) if isinstance(store, MemoryStore) else iter(())

    def reset(self) -> Iterator[None]:
        """Forget jobs, orders, limits, quirks and scenario; accounts stay. The jobs are let go step by step."""
        jobs = self.leave()
        self.limiter, self.orders = Limiter(), deque()
        self._switched.clear()
        for account in self.accounts.values():
            account.purse = None
        self.faults, self.given = FaultBook(self.contract, self.sandbox), None
        self.play("happy")
        return jobs


def _rows(contract: Contract, operation: str) -> list[tuple[str, str | None, dict[Any, Match]]]:
    """The exact matches of an operation, by pointer and value."""
    found: dict[str, dict[Any, Match]] = {}
    for match in contract.matches:
        if operation in match.operations:
            found.setdefault(match.at, {})[match.equals] = match
    return [(pointer, pointers.key(pointer), rows) for pointer, rows in found.items()]


_DEMO = ("demo-key", "demo-client", "demo-secret", "demo-webhook-secret")
