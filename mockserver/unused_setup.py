"""What was armed or planned in a sandbox and never took effect, and the request that came nearest to it.

Pure reading of books, plans, webhooks and journal. Left out is what nobody can rely on: faults of a scenario, and those
that chance may pass by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mockserver.api_state import SandboxApi
from mockserver.docstrings import docstring
from mockserver.faults import ActiveFault, Fault, Selector
from mockserver.journal import JournalEntry
from mockserver.sandbox import Sandbox
from mockserver.state.pages import all_entries, all_webhooks
from mockserver.state.port import PlanOrder
from mockserver.state.records import ExpiredFault
from mockserver.state.webhook_records import OwedWebhook

LAST = 500
"""Of so many requests the nearest is looked for."""


class Idle(NamedTuple):
    """An armed fault that took no effect, however many requests fitted."""

    id: str
    name: str
    fault: Fault
    selector: Selector
    after: int
    seen: int


Thing = Idle | ExpiredFault | PlanOrder


class SeenTraffic(NamedTuple):
    """What came near: the last requests of a sandbox, in the order in which they came, and its webhooks."""

    requests: Sequence[JournalEntry]
    webhooks: Sequence[OwedWebhook]
    now: float


@dataclass(frozen=True, slots=True)
class UnusedItem:
    """Something that never took effect; `entry` is the number of the request that came nearest, None for none."""

    id: str
    api: str
    kind: Literal["fault", "answer", "plan"]
    why: str
    entry: int | None


class Miss(NamedTuple):
    """Why a request did not meet something; `near` says how much of what was wanted it had."""

    near: int
    why: str


OTHER_API, OTHER_OPERATION, OTHER_JOB, TOO_EARLY, MET = range(5)


async def unused(apis: Iterable[SandboxApi]) -> list[tuple[SandboxApi, Thing]]:
    """All that took no effect, in the order in which it was armed."""
    things: list[tuple[SandboxApi, Thing]] = []
    for api in apis:
        await api.sandbox.refresh()
        standing = await api.faults.standing()  # what is over lapses now
        things += [(api, armed) for armed in api.faults.lapsed]
        idle = [armed for armed in standing if not armed.scenario and armed.selector.is_certain]
        used = zip(idle, await api.faults.uses(idle), strict=True)
        things += [(api, _idle(armed, uses.seen)) for armed, uses in used if not uses.applied]
        things += [(api, order) for order in await api.state.orders(api.contract.name) if not order.used]
    return things


def _idle(armed: ActiveFault, count: int) -> Idle:
    return Idle(armed.id, armed.name, armed.fault, armed.selector, armed.after, count)


async def seen_of(sandbox: Sandbox) -> SeenTraffic:
    """What can have come near in a sandbox by now."""
    entries = [each async for each in all_entries(sandbox.state, kinds=("request", "media"))][-LAST:]
    now, webhooks = (await sandbox.read_clock()).now, [webhook async for webhook in all_webhooks(sandbox.state)]
    return SeenTraffic(sorted(entries, key=lambda entry: entry.n), webhooks, now)


def unused_of(api: SandboxApi, thing: Thing, seen: SeenTraffic) -> UnusedItem:
    """Why something took no effect, as the journal tells it."""
    name, requests = api.contract.name, seen.requests
    if isinstance(thing, PlanOrder):
        return UnusedItem(
            thing.id, name, "plan", *_nearest(name, requests, lambda entry: _miss_of_plan(api, thing, entry))
        )
    if isinstance(thing, ExpiredFault):
        return UnusedItem(thing.id, name, "fault", f"it was over after {thing.lasted}, before a request met it", None)
    return UnusedItem(thing.id, name, _kind(thing), *_why_fault(api, thing, seen))


def _kind(armed: Idle) -> Literal["fault", "answer"]:
    return "fault" if armed.fault.in_catalogue else "answer"


def _nearest(
    api: str, requests: Sequence[JournalEntry], miss: Callable[[JournalEntry], Miss]
) -> tuple[str, int | None]:
    """Of the requests that had most of what was wanted, the last one; and why it did not do."""
    misses = [(miss(entry), entry.n) for entry in requests if entry.api == api]
    if misses:
        (_, why), n = max(misses, key=lambda candidate: (candidate[0].near, candidate[1]))
        return why, n
    if requests:
        return f"no request came to {api} at all; the last one went to {requests[-1].api or 'no API'}", requests[-1].n
    return f"no request came to {api} at all", None


# --- plans


def _miss_of_plan(api: SandboxApi, order: PlanOrder, entry: JournalEntry) -> Miss:
    operation = api.contract.operations.get(entry.operation)
    if operation is None or operation.verb != "create":
        return Miss(OTHER_OPERATION, f"{_asked(entry)} was asked, which creates no job")
    wanted = (order.resource,) if order.resource else tuple(sorted(order.fits or ()))
    made = operation.resources[0]
    if wanted and made not in wanted:
        return Miss(OTHER_JOB, f"{entry.operation} creates a job of the kind {made}, the plan is for {_or(wanted)}")
    if entry.n <= order.after:
        return Miss(TOO_EARLY, f"{entry.operation} was asked before the plan was made")
    if not entry.job:
        return Miss(MET, f"{entry.operation} {_answered(entry)}, and created no job")
    return Miss(MET, f"the job that {entry.operation} created followed a plan made before this one")


# --- faults


def _why_fault(api: SandboxApi, armed: Idle, seen: SeenTraffic) -> tuple[str, int | None]:
    from mockserver.faults import WebhookFault

    if isinstance(armed.fault, WebhookFault) and not armed.fault.early:
        owed = [webhook for webhook in seen.webhooks if webhook.api == api.contract.name]
        if owed:
            return _nearest_webhook(api, armed, owed, seen.now)
    return _nearest(api.contract.name, seen.requests, lambda entry: _miss_of_fault(api, armed, entry))


def _miss_of_fault(api: SandboxApi, armed: Idle, entry: JournalEntry) -> Miss:
    miss = _other_operation(api, armed, entry) or _other_job(armed, entry)
    if miss is not None:
        return miss
    if entry.n <= armed.after:
        return Miss(TOO_EARLY, f"{_asked(entry)} was asked before the {_kind(armed)} was armed")
    return Miss(MET, _turn(armed) or _no_webhook(armed, entry) or _no_effect(api, armed, entry))


def _other_operation(api: SandboxApi, armed: Idle, entry: JournalEntry) -> Miss | None:
    from mockserver.faults import MEDIA
    from mockserver.faults.uses import never_on

    wanted = armed.selector.operation
    asked = MEDIA if entry.kind == "media" else entry.operation
    if not asked:
        return Miss(OTHER_OPERATION, f"a request came for a path or method that {api.contract.name} lacks")
    if wanted is not None and asked != wanted:
        return Miss(OTHER_OPERATION, f"{_asked(entry)} was asked, the {_kind(armed)} waits for {wanted}")
    if asked == MEDIA and wanted is None:
        return Miss(OTHER_OPERATION, f'a download was asked for, which only faults with operation="{MEDIA}" meet')
    operation = api.contract.operations.get(asked)
    why = None if operation is None else never_on(api.contract, armed.fault, operation)
    return None if why is None else Miss(OTHER_OPERATION, f"{armed.name} takes no effect on {asked}: {why}")


def _other_job(armed: Idle, entry: JournalEntry) -> Miss | None:
    selector = armed.selector
    if selector.job not in (None, entry.job):
        return Miss(OTHER_JOB, f"{_asked(entry)} was about {_job(entry.job)}, the fault waits for {selector.job}")
    if selector.account not in (None, entry.account):
        return Miss(OTHER_JOB, f"{_asked(entry)} came from another account than {selector.account}")
    return None


def _turn(armed: Idle) -> str | None:
    """What the counting of requests says; None when one of them was meant, or none was counted."""
    selector = armed.selector
    if not armed.seen or any(selector.picks(n) for n in range(1, armed.seen + 1)):
        return None
    wanted = (
        f"number {selector.nth}"
        if selector.nth is not None
        else f"numbers {selector.every}, {2 * (selector.every or 0)}, …"
    )
    return f"{armed.seen} fitting {'request' if armed.seen == 1 else 'requests'} came, the fault waits for {wanted}"


def _no_webhook(armed: Idle, entry: JournalEntry) -> str | None:
    from mockserver.faults import WebhookFault

    if armed.seen or not isinstance(armed.fault, WebhookFault):
        return None
    return f"{_asked(entry)} asked for no webhook" if entry.job else f"{_asked(entry)} {_answered(entry)}"


def _no_effect(api: SandboxApi, armed: Idle, entry: JournalEntry) -> str:
    """Why a fault did nothing to a request that it was meant for."""
    from mockserver.faults import CATALOGUE, JobFault
    from mockserver.faults.bodies import GivenBody

    applied = str((entry.extra or {}).get("fault", "")).split(", ")
    categories = {"answer": "answer", **{name: CATALOGUE[name].category for name in applied if name in CATALOGUE}}
    rival = next((name for name in applied if categories.get(name) == armed.fault.category), None)
    if rival is not None:
        met = f"the fault {rival}" if rival in CATALOGUE else "another answer"
        return f"{_asked(entry)} met {met}, which went first"
    states = {state for resource in api.contract.resources.values() for state in resource.states}
    state = entry.example.rsplit(".", 1)[-1]
    if isinstance(armed.fault, GivenBody) and armed.fault.state not in ("", state) and state in states:
        return f"{_asked(entry)} fitted, but the job was {state}, the fault waits for {armed.fault.state}"
    found = f"the job was {state}" if isinstance(armed.fault, JobFault) and state in states else _answered(entry)
    return f"{_asked(entry)} fitted, but {found}, and the fault found nothing to do ({docstring(type(armed.fault))})"


def _nearest_webhook(api: SandboxApi, armed: Idle, owed: Sequence[OwedWebhook], now: float) -> tuple[str, int | None]:
    misses = [(_miss_of_webhook(api, armed, each, now), each.entry) for each in owed[-LAST:]]
    (_, why), n = max(misses, key=lambda found: (found[0].near, found[1]))
    return why, n


def _miss_of_webhook(api: SandboxApi, armed: Idle, posting: OwedWebhook, now: float) -> Miss:
    selector, job = armed.selector, posting.job
    if selector.operation not in (None, job.operation):
        return Miss(OTHER_OPERATION, f"the webhook is of {job.operation}, the fault waits for {selector.operation}")
    if selector.job not in (None, job.id):
        return Miss(OTHER_JOB, f"the webhook is about {job.id}, the fault waits for {selector.job}")
    if selector.account not in (None, posting.account):
        return Miss(OTHER_JOB, f"the webhook is of another account than {selector.account}")
    if not posting.is_met:
        state = api.planned(job).status(now).state
        reason = "not due" if posting.outcome == "waiting" else posting.outcome
        return Miss(MET, f"the webhook of the job, which is {state}, is {reason}")
    if posting.fault is not None:
        return Miss(MET, f"the webhook met the fault {posting.fault.name}, which went first")
    return Miss(MET, _turn(armed) or "the webhook was delivered before the fault was armed")


# --- words


def _asked(entry: JournalEntry) -> str:
    return "a download" if entry.kind == "media" else entry.operation or "an unknown path"


def _answered(entry: JournalEntry) -> str:
    """What came of a request."""
    if entry.status:
        return f"was answered {entry.status} {entry.example}".rstrip()
    return "got no answer"


def _job(identity: str) -> str:
    return f"the job {identity}" if identity else "no job"


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)
