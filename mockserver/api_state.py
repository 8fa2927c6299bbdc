"""One API in one sandbox: its jobs, accounts, limits, plans that wait, quirks, scenario and faults.

Knows what a contract says and how answers are prepared, but no HTTP. What is kept of it is behind the state's port.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mockserver import answers, kept, pointers, signatures, signing
from mockserver.bounds import ACCOUNTS, ORDERS, ORDERS_COUNT, weigh
from mockserver.contract import Contract, Limit, Webhook
from mockserver.draws import IDS
from mockserver.endpoints import Endpoints
from mockserver.errors import FullError, UsageError
from mockserver.faults import FaultBook
from mockserver.job_plans import JobPlans, offspring
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Duration, Result
from mockserver.links import SandboxLinks, result_of
from mockserver.ratelimit import Limiter
from mockserver.refunds import refunds_of
from mockserver.rules import USUAL, playable
from mockserver.state.keys import Keys
from mockserver.state.port import Begin, PlanOrder, Post, State
from mockserver.store import Account, MemoryStore
from mockserver.subject import Subject
from mockserver.suggestions import hint
from mockserver.triggers import triggers_of
from mockserver.turns import emptied
from mockserver.values import reader
from mockserver.wishes import refusal

if TYPE_CHECKING:
    from mockserver.sandbox import Sandbox


def purposes_of(contract: Contract) -> dict[str, tuple[str, str]]:
    """What a new job of a resource gets numbers for: its id and its plan."""
    return {name: (f"id.{contract.name}.{name}", f"plan.{contract.name}.{name}") for name in contract.resources}


class SandboxApi:
    """A sandbox's side of one API."""

    def __init__(self, contract: Contract, sandbox: Sandbox) -> None:
        self.contract = contract
        self.sandbox = sandbox
        self.state: State = sandbox.state
        self.part = sandbox.home.part(contract.name)
        self.tokens: dict[str, tuple[str, float]] = {}  # → the client_id they were given to, and when they end
        self.accounts: dict[str, Account] = {}
        self.ordered = 0  # plans, waiting or not
        self._switched: dict[str, bool] = {}
        self.scenario = USUAL
        self._switch()
        self.kept = {r: {p: pointers.key(p) for p in kept.kept_pointers(contract, r)} for r in contract.resources}
        self.kept_parts = {name: kept.kept_uploads(contract, name) for name in contract.resources}
        self.hashed_parts = {name: kept.hashed_uploads(contract, name) for name in contract.resources}
        self.credited = kept.credited(contract)
        """The operations that tell what an account has."""
        self.purposes = purposes_of(contract)
        self.offspring = {r.name: offspring(contract, r) for r in contract.resources.values()}
        hooks = contract.webhooks.values()
        self.told = {name: tuple(w for w in hooks if w.resource == name) for name in contract.resources}
        """The webhooks that tell of each resource."""
        self.shown: dict[str, Any] = {}
        """By job: what clients were shown of it last."""
        self.plans = JobPlans(contract, sandbox, self.purposes)
        self.planned, self.peeked = self.plans.planned, self.plans.peeked
        self.links = SandboxLinks(self)
        made = {each.resource for resource in contract.resources.values() for each in resource.makes.values()}
        self.gone = {name: each.gone for name, each in contract.resources.items() if each.gone or name in made}
        """The states in which jobs are found no more, by resource; jobs of these may not be there yet, either."""
        self.matches, self.tested, self.refusals, self.worded = triggers_of(contract)
        self.tells_moves = bool(contract.webhooks) or contract.holds
        """Whether somebody may wait for what becomes of a job."""
        self.faults = FaultBook(contract, sandbox)
        self.endpoints = Endpoints(self)
        self.part.refunds = self.refunds = refunds_of(self)
        self.given: Any = None
        """The answers that a test gave itself; None without any."""
        self.set_limits(contract.limits)
        self._watch()

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

    def set_limits(self, limits: Sequence[Limit]) -> None:
        """Which limits cover which operation, by what they count."""
        found: dict[tuple[str, str], tuple[Limit, ...]] = {}
        for limit in limits:
            for operation in limit.operations:
                key = (operation, limit.per)
                found[key] = (*found.get(key, ()), limit)
        self._limits = found
        both = {o: (*found.get((o, "ip"), ()), *found.get((o, "account"), ())) for o in self.contract.operations}
        self.limits_of = both
        """All limits of an operation: those that count per address, then those per account."""
        self.begins: dict[tuple[str, str, str, bool], Begin] = {}
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
        if found is None and scenario != USUAL:
            near = hint(scenario, playable(self.contract.scenarios))
            raise UsageError(f"{self.contract.name} has no scenario {scenario!r}; {near}")
        self.scenario = scenario
        self._switch()
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

    def plan(self, wishes: Mapping[str, Any], *, resource: str | None = None, count: int = 1) -> PlanOrder:
        """Order what the next `count` jobs shall do; without `resource`, jobs of any that can fulfil the wishes.

        Raises UsageError when none can, FullError when too many orders wait.
        """
        name, fits = f"{self.contract.name}-plan-{self.ordered + 1}", self._fitting(wishes, resource)
        order = PlanOrder(resource, count, wishes, weigh(wishes), fits, name, 0, self.sandbox.journal.newest)
        weight = order.weight + sum([each.weight for each in self.orders])
        if len(self.orders) >= ORDERS_COUNT or weight > ORDERS:
            raise FullError(
                f"{len(self.orders)} plans wait already, of at most {ORDERS_COUNT} and {ORDERS} bytes together; "
                "let jobs use them up, or reset the sandbox"
            )
        self.ordered += 1
        self.orders.append(order)
        return order

    def take_back(self, identity: str) -> bool:
        """Whether an order of that name waited; it is taken back."""
        found = next((each for each in self.orders if each.id == identity), None)
        if found is not None:
            self.orders.remove(found)
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

    def is_gone(self, job: PlannedJob, now: float) -> bool:
        """Whether a job is found no more, or not yet."""
        gone = self.gone.get(job.resource)
        return gone is not None and (now < job.created or job.status(now).state in gone)

    def result_of(self, job: PlannedJob, name: str) -> Result | None:
        """What a job's result of that name is."""
        return result_of(self, job, name)

    def posts(self, job: PlannedJob, at: Callable[[str], Any], entry: int) -> list[Post]:
        """The webhooks that a new job will cause, as far as they go anywhere. `at` reads a place of the request."""
        found = []
        for webhook in self.told[job.resource]:
            place = webhook.targets.get(job.operation, "") if webhook.targets else webhook.target
            target = at(place) if place else "" if webhook.is_for_account else self._url(webhook, job)
            if isinstance(target, str) and (target or webhook.is_for_account):
                found.append(Post(webhook.name, job.record, job.account, target, entry))
        return found

    def _url(self, webhook: Webhook, job: PlannedJob) -> Any:
        """The URL that a value gives; None where there is none."""
        if webhook.to is None:
            return None
        account, status = self.account_of(job.account), job.status(job.created)
        return reader(webhook.to)(Subject(job.created, job=job, status=status, account=account, links=self.links))

    def account_of(self, identity: str) -> Account | None:
        """The account of an id."""
        return next((account for account in self.accounts.values() if account.id == identity), None)

    def account(self, *, active: bool = True, credits: float | None = None, demo: bool = False) -> Account:
        """A new account with credentials of its own (the published ones for `demo`). Raises FullError."""
        if len(self.accounts) >= 2 * ACCOUNTS:  # each stands there by its key and by its client_id
            raise FullError(f"there are {ACCOUNTS} accounts already; make a new sandbox")
        kind, name = self.contract.account_id, self.contract.name
        identity = IDS[kind](self.sandbox.draws.digest(f"account.{name}"))
        key = signing.new_key(self.contract.account_key)
        secrets = _DEMO if demo else (key, signing.new_key(), signing.new_secret(), signing.new_secret())
        if signatures.wants_base64(webhook.sign for webhook in self.contract.webhooks.values()):
            secrets = (*secrets[:3], signatures.in_base64(secrets[3]))
        facts, full = self.contract.account_facts, self.contract.account_credits
        made = Account(name, identity, *secrets, active, credits, facts, full)
        self._have(made, made.opening)
        return made

    def adopt(self, accounts: Iterable[tuple[Account, float | None]]) -> None:
        """Have these accounts, with what each shows as its credits, instead of those that are there.

        The first one is the sandbox's own.
        """
        self.accounts.clear()
        for account, credits in accounts:
            self._have(account, credits)

    def _have(self, account: Account, credits: float | None) -> None:
        self.part.credits[account.id] = credits
        secrets = (account.key, account.client_secret, account.webhook_secret)  # a client_id is no secret
        self.sandbox.redaction.know(*secrets)
        self.accounts[account.key] = self.accounts[account.client_id] = account

    def signer(self, account: Account | None) -> Account:
        """The account that signs, as it is now: the sandbox's own one where nobody has an account."""
        found = None if account is None else self.account_of(account.id)
        return found or next(iter(self.accounts.values()))

    def replace(self, account: Account, by: Account) -> None:
        """Have an account as it is now in the place of what it was."""
        self.accounts = {key: by if each is account else each for key, each in self.accounts.items()}

    def leave(self) -> Iterator[None]:
        """Forget the jobs at once; they are let go step by step."""
        store, self.part.store = self.part.store, MemoryStore()
        self.shown.clear()
        self.part.keys = Keys()
        if self.refunds is not None:
            self.refunds.clear()
        return emptied(store.leave(), self.plans.leave())

    def reset(self) -> Iterator[None]:
        """Forget jobs, orders, limits, quirks and scenario; accounts stay. The jobs are let go step by step."""
        jobs = self.leave()
        self.part.limiter, self.part.orders = Limiter(), deque()
        self._switched.clear()
        self.endpoints.clear()
        for account in self.accounts.values():
            if account.credits is None:
                self.part.credits[account.id] = account.opening
        self.faults, self.given = FaultBook(self.contract, self.sandbox), None
        self.play(USUAL)
        return jobs


_DEMO = ("demo-key", "demo-client", "demo-secret", "demo-webhook-secret")
