"""Control of single webhooks: one that no job owes, to see whether it arrives, and one that is sent once more."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from mockserver import webhooks
from mockserver.api_state import SandboxApi
from mockserver.contract import Webhook
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest
from mockserver.control.serialize import show_whole_posting
from mockserver.draws import IDS, Draw
from mockserver.generation import Overtaken
from mockserver.jobs import PlannedJob
from mockserver.planning import draw_plan
from mockserver.posting import Posting
from mockserver.posting_values import owed_of
from mockserver.store import AccountRecord, JobRecord
from mockserver.suggestions import hint
from mockserver.timeline import rest
from mockserver.webhooks.relaxed import REMEDY, is_plain_http


async def test_webhook(request: ControlRequest) -> dict[str, Any]:
    """Send one about a job that is nowhere, written and signed as those of real jobs are."""
    api, body = request.api(), request.body
    webhook = _webhook(api, body.get("webhook"))
    state = _state(webhook, body.get("event"))
    account, now = _account(api, body.get("account")), (await api.sandbox.read_clock()).now
    drawn = await api.drawn(f"test-webhook.{api.contract.name}")
    job = _job(api, webhook.resource, state, account, now, drawn)
    posting = Posting(api, webhook._replace(retries=()), job, account, _target(api, webhook, body["url"]), 0)
    posting.state, posting.due, posting.is_met, posting.is_settled = state, now, True, True
    try:
        delivered = await api.state.send_once(api.sandbox.configuration.generation, owed_of(posting))
    except Overtaken as overtaken:
        raise Problem(410, str(overtaken)) from None
    return show_whole_posting(delivered, api.sandbox.redaction)


async def resend_webhook(request: ControlRequest) -> list[dict[str, Any]]:
    """Try once more what was tried before, to each of its receivers."""
    sandbox, identity = request.sandbox(), request.path["id"]
    try:
        sent = await sandbox.state.resend(sandbox.configuration.generation, identity)
    except Overtaken as overtaken:
        raise Problem(410, str(overtaken)) from None
    if sent is None:
        raise Problem(409, "its job is not as the webhook tells of it: it is sent when that comes")
    if not sent:
        raise Problem(404, f"there is no webhook {identity[:100]!r} (any more)")
    return [show_whole_posting(webhook, sandbox.redaction) for webhook in sent]


def _webhook(api: SandboxApi, name: str | None) -> Webhook:
    known = api.contract.webhooks
    if not known:
        raise Problem(409, f"{api.contract.name} sends no webhooks", pointer="/api")
    if name is not None and name not in known:
        raise Problem(404, f"{api.contract.name} has no webhook {name[:80]!r}; {hint(name, known)}", pointer="/webhook")
    return next(iter(known.values())) if name is None else known[name]


def _state(webhook: Webhook, event: str | None) -> str:
    """The state of which it tells: by its own name or that of its event."""
    events = {webhook.event_of(state): state for state in sorted(webhook.states)}
    states = {**{state: state for state in webhook.states}, **events}
    if event is None:
        return next(iter(events.values()))
    if event not in states:
        raise Problem(404, f"{webhook.name} tells of no {event[:80]!r}; {hint(event, states)}", pointer="/event")
    return states[event]


def _account(api: SandboxApi, identity: str | None) -> AccountRecord:
    account = api.signer(None) if identity is None else api.account_of(identity)
    if account is None:
        raise Problem(404, f"{api.contract.name} has no account {str(identity)[:100]!r} here", pointer="/account")
    return account


def _target(api: SandboxApi, webhook: Webhook, url: str) -> str:
    if why := webhooks.unreadable(url):
        raise Problem(400, why, pointer="/url")
    if is_plain_http(url) and webhook.https_only and not api.sandbox.insecure_webhooks:
        raise Problem(409, f"webhooks of {api.contract.name} go to https only. {REMEDY}", pointer="/url")
    return url


def _job(api: SandboxApi, name: str, state: str, account: AccountRecord, now: float, digest: bytes) -> PlannedJob:
    """A job that has just come to a state, drawn with numbers that no other job is drawn with."""
    resource = api.contract.resources[name]
    plan = draw_plan(resource, resource.run, Draw(digest))
    before = tuple(takewhile(lambda step: step.state != state, plan.steps))
    end = resource.states[state].end
    plan = plan._replace(steps=before, outcome=state, end=end, error=resource.error_in(state))
    created = rest(now, plan.seconds)  # rounding must not leave it in the state before
    return PlannedJob(JobRecord(IDS[resource.id](digest), name, account.id, created, plan=plan), plan=plan)
