"""How things of a sandbox are written as JSON: times, clocks, jobs, credentials, attempts, entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.clock import ClockReading, iso_ms
from mockserver.contract import Contract
from mockserver.control.timelines import timeline
from mockserver.endpoints import public_key_of
from mockserver.header_types import RawHeaders
from mockserver.jobs import PlannedJob
from mockserver.journal import Answered, EntryFields, JournalEntry, Sent
from mockserver.redaction import Redaction
from mockserver.sandbox import Sandbox
from mockserver.state.index_port import ListedSandbox
from mockserver.state.journal_port import Activity
from mockserver.state.webhook_records import OwedWebhook
from mockserver.store import AccountRecord, JobRecord
from mockserver.timeline import error_field, next_change
from mockserver.webhooks import DeliveryAttempt

ANSWER_CHARACTERS = 2000
EXTRA, ACCOUNT, JOB = map(JournalEntry._fields.index, ("extra", "account", "job"))
BRIEF = JournalEntry._fields[:EXTRA]


def show_time(moment: float) -> str:
    """`2001-09-09T01:46:40.000Z`."""
    return iso_ms(moment)


def show_clock(reading: ClockReading) -> dict[str, Any]:
    """What a clock says and how it goes."""
    document = {"mode": reading.mode, "now": show_time(reading.now), "epoch": reading.now}
    return {**document, "rate": reading.rate, "step": reading.step}


def show_line(sandbox: Sandbox, reading: ClockReading) -> dict[str, Any]:
    """A sandbox in short."""
    return show_listed(ListedSandbox(0, sandbox.name, sandbox.owner, sandbox.made_at, reading))


def show_listed(sandbox: ListedSandbox) -> dict[str, Any]:
    """The same, as the index of sandboxes has it."""
    made_at, clock = show_time(sandbox.made), show_clock(sandbox.clock)
    return {"name": sandbox.name, "owner": sandbox.owner, "made": made_at, "clock": clock}


def show_job(api: SandboxApi, record: JobRecord, now: float) -> dict[str, Any]:
    """A job as it stands at that time."""
    job = api.peeked(record)
    plan, status = job.plan, job.status(now)
    change = next_change(plan, job.created, job.moves, now)
    return {
        "id": job.id,
        "api": api.contract.name,
        "resource": job.resource,
        "state": status.state,
        "progress": status.progress,
        "created": show_time(job.created),
        "ended": None if status.ended is None else show_time(status.ended),
        "account": job.account,
        "outcome": job.outcome,
        "error": error_field(plan.error),
        "changes_in": None if change is None else change - now,
    }


def show_whole_job(api: SandboxApi, record: JobRecord, now: float) -> dict[str, Any]:
    """The same, with its revision and what will become of it."""
    job = api.peeked(record)
    course = timeline(job)
    return {
        **show_job(api, record, now),
        "rev": record.rev,
        "timeline": {**course, "expiries": _expiries(api, job, course)},
    }


def _expiries(api: SandboxApi, job: PlannedJob, course: Mapping[str, Any]) -> list[dict[str, Any]]:
    """When links to its results expire that are given out as soon as it has succeeded."""
    success = api.contract.resources[job.resource].success
    end = next((step["at"] for step in course["states"] if step["state"] in success), None)
    if end is None:
        return []
    results = ((name, api.result_of(job, name)) for name in result_names(api, job))
    return [
        {"result": name, "at": int(end) + result.expires}
        for name, result in results
        if result is not None and result.expires is not None
    ]


def result_names(api: SandboxApi, job: PlannedJob) -> tuple[str, ...]:
    """The names of all results that a job may have."""
    operation = api.contract.operations.get(job.operation)
    return (*{**api.contract.resources[job.resource].results, **(operation.results if operation is not None else {})},)


def show_credentials(api: SandboxApi) -> dict[str, str]:
    """The credentials of the account that was there from the beginning."""
    return credentials_of(api.contract, next(iter(api.accounts.values())))


def credentials_of(contract: Contract, account: AccountRecord) -> dict[str, str]:
    """An account's credentials, as far as the contract's operations ask for them and its webhooks are signed."""
    ways = {way for operation in contract.operations.values() for way in operation.security.ways}
    credentials = {}
    if any(way.kind == "key" for way in ways):
        credentials["api_key"] = account.key
    if any(way.kind == "token" or way.scheme.lower() == "basic" for way in ways):
        credentials |= {"client_id": account.client_id, "client_secret": account.client_secret}
    if any(webhook.sign is not None for webhook in contract.webhooks.values()):
        credentials["webhook_secret"] = account.webhook_secret
    if (public := public_key_of(contract, account)) is not None:
        credentials["webhook_public_key"] = public
    return credentials


def show_attempt(attempt: DeliveryAttempt, hidden: Redaction) -> dict[str, Any]:
    """One attempt to deliver, with what was sent; signatures are the test's own and shown, and so is what they sign."""
    return {
        "at": None if attempt.at is None else show_time(attempt.at),
        "url": hidden.text(attempt.url),
        "outcome": attempt.outcome,
        "status": attempt.status,
        "sentence": hidden.text(attempt.sentence),
        "headers": dict(attempt.request_headers),
        "body": attempt.request_body.decode("utf-8", "replace"),
        "answer": hidden.body(attempt.response_body).decode("utf-8", "replace")[:ANSWER_CHARACTERS],
    }


def show_activity(sandbox: Sandbox, activity: Activity) -> dict[str, Any]:
    """How many requests are under way and held back, and how much made room."""
    waiting = sandbox.held
    return {
        "in_flight": activity.in_flight - sandbox.moments.held,
        "held": None if waiting is None else {"requests": waiting[0], "due": waiting[1]},
        "dropped": {
            "journal": activity.entries,
            "jobs": activity.jobs,
            "webhooks": activity.webhooks,
            "requests": activity.requests,
        },
    }


def show_entry(entry: JournalEntry) -> dict[str, Any]:
    """An entry of the journal; a delivery without the body and headers, which the list of webhooks has."""
    document = {**entry._asdict(), "at": show_time(entry.at)}
    document["sent"] = entry.sent and _sent(entry.sent)
    document["answered"] = entry.answered and _answered(entry.answered)
    extra: Mapping[str, Any] = document.pop("extra") or {}
    for name, value in extra.items():
        document |= _delivery(value) if isinstance(value, DeliveryAttempt) else {name: value}
    return document


def show_brief(fields: EntryFields) -> dict[str, Any]:
    """An entry in short: without what was sent and answered."""
    document = {**dict(zip(BRIEF, fields, strict=False)), "at": show_time(fields[1])}
    document |= {"account": fields[ACCOUNT], "job": fields[JOB]}
    for name, value in (fields[EXTRA] or {}).items():
        document |= _delivery(value) if isinstance(value, DeliveryAttempt) else {name: value}
    return document


def show_posting(posting: OwedWebhook, hidden: Redaction) -> dict[str, Any]:
    """A webhook in short: what it comes to, and the last attempt without what was sent."""
    last = posting.attempts[-1] if posting.attempts else None
    last_attempt = None if last is None else {"status": last.status, "sentence": hidden.text(last.sentence)}
    return {**_posting(posting, hidden), "tries": posting.tries, "last": last_attempt}


def show_whole_posting(posting: OwedWebhook, hidden: Redaction) -> dict[str, Any]:
    """A webhook with every attempt to deliver it."""
    return {**_posting(posting, hidden), "attempts": [show_attempt(attempt, hidden) for attempt in posting.attempts]}


def _posting(posting: OwedWebhook, hidden: Redaction) -> dict[str, Any]:
    return {
        "id": posting.id,
        "api": posting.api,
        "webhook": posting.webhook,
        "job": posting.job.id,
        "url": hidden.text(posting.target),
        "outcome": posting.outcome,
        "due": posting.next_at,
        "request": posting.entry,
    }


def _sent(sent: Sent) -> dict[str, Any]:
    return {"headers": _headers(sent.headers), "query": sent.query, "size": sent.size, "text": sent.text}


def _answered(answered: Answered) -> dict[str, Any]:
    return {"headers": _headers(answered.headers), "size": answered.length, "text": answered.text}


def _headers(pairs: RawHeaders) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in pairs]


def _delivery(attempt: DeliveryAttempt) -> dict[str, Any]:
    return {"url": attempt.url, "outcome": attempt.outcome, "status": attempt.status}
