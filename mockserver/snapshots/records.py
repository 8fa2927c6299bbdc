"""Accounts, jobs, plans, faults and webhooks that wait, written as JSON. The only place that knows their fields."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict
from math import isinf
from typing import Any

from mockserver.faults import ActiveFault, Fault, Selector, attached
from mockserver.jobs import PlannedJob
from mockserver.json_types import JsonObject
from mockserver.lifecycle import Curve
from mockserver.posting_values import webhook_fault
from mockserver.state.configuration import ApiConfiguration
from mockserver.state.port import KeyName, KeyUse
from mockserver.state.records import FaultUses
from mockserver.state.webhook_records import OwedWebhook
from mockserver.store import AccountRecord, Handle, JobRecord
from mockserver.timeline import TimelinePlan
from mockserver.upload_store import Upload


def account_told(account: AccountRecord, shown: float | None) -> JsonObject:
    """An account with its credentials, and with what it shows as its credits."""
    is_limited = account.credits is not None
    return {
        "id": account.id,
        "api_key": account.key,
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "webhook_secret": account.webhook_secret,
        "state": "active" if account.active else "deactivated",
        "credits": shown if is_limited else None,
        "purse": None if is_limited or shown == account.full else shown,
    }


def endpoints_told(known: ApiConfiguration) -> JsonObject:
    """The webhook endpoints that tests registered, and the secrets of others that are not their first ones."""
    return {
        "registered": [
            {
                "id": endpoint.id, "account": endpoint.account, "url": endpoint.url, "secret": endpoint.secret,
                "events": None if endpoint.events is None else [*endpoint.events],
            }
            for endpoint in known.endpoints.values()
        ],
        "rotated": dict(known.rotated),
        "replaced": {owner: [[*each] for each in several] for owner, several in known.replaced.items()},
    }  # fmt: skip


def key_told(key: KeyName, use: KeyUse) -> JsonObject:
    """An answer that is kept under an idempotency key."""
    assert use.answer is not None, "those that are kept have one"
    answer = {**use.answer._asdict(), "headers": [[*pair] for pair in use.answer.headers]}
    answer["body"] = use.answer.body.decode("utf-8", "surrogateescape")
    return {
        "account": key.account,
        "operation": key.operation,
        "key": key.name,
        "request": use.digest,
        "at": use.at,
        "answer": answer,
    }


def job_told(api: str, job: PlannedJob, until: float, kept: Mapping[str, Upload]) -> JsonObject:
    """A job as it stood at `until`; of its uploads, those in `kept` (by their handles) with their bytes."""
    fault = job.record.fault
    return {
        "api": api,
        "id": job.id,
        "resource": job.resource,
        "account": job.account,
        "operation": job.operation,
        "created": None if isinf(job.created) else job.created,
        "plan": plan_told(job.plan),
        "moves": [
            {"at": None if isinf(move.at) else move.at, "state": move.state}
            for move in job.moves
            if move.at <= max(until, job.created)
        ],
        "kept": dict(job.kept or {}),
        "uploads": {part: upload_told(upload, kept.get(key_of(upload))) for part, upload in kept_uploads(job).items()},
        "produced": job.produced,
        "credits_before": job.credits_before,
        "fault": None if fault is None else {"since": fault.since, "fault": fault_told(attached(fault))},
    }


def kept_uploads(job: JobRecord | PlannedJob) -> Mapping[str, Handle]:
    """The bytes that go along with a job; not those that follow from the job which brought it forth."""
    uploads = job.uploads or {}
    return {part: upload for part, upload in uploads.items() if not upload.result or part.startswith("source.")}


def plan_told(plan: TimelinePlan) -> JsonObject:
    """What will happen to a job; `until` null is never. `rests`: once a move begins it."""
    if plan.run is not None:
        return {**plan_told(plan.run), "rests": True}
    weights = {} if plan.items is None else {"items": dict(plan.items.said.outcomes)}
    return {
        "steps": [
            {"state": step.state, "phase": step.phase, "until": None if isinf(step.until) else step.until}
            for step in plan.steps
        ],
        "outcome": plan.outcome,
        "curve": curve_told(plan.curve),
        "error": plan.error,
        "result_bytes": plan.result_bytes,
        "retries": plan.retries,
        "item_seed": None if plan.items is None else plan.items.seed,
        **weights,
        **({} if plan.run_seconds is None else {"run_seconds": plan.run_seconds}),
        "delays": {state: None if isinf(seconds) else seconds for state, seconds in plan.delays.items()},
    }


def curve_told(curve: Curve) -> Any:
    """A curve as a contract and a plan that is ordered write it."""
    match curve.kind:
        case "steps":
            return {"steps": int(curve.numbers[0])}
        case "stall":
            return {"stall": {"at": curve.numbers[0], "for": curve.numbers[1]}}
        case "keyframes":
            return {"keyframes": [list(point) for point in curve.points]}
        case kind:
            return kind


def key_of(handle: Handle) -> str:
    """What tells kept bytes from others."""
    return f"{handle.id} {handle.result}"


def upload_told(handle: Handle, upload: Upload | None) -> JsonObject:
    """An uploaded part; without its bytes it is as one that made room for newer ones."""
    told: JsonObject = {
        "content_type": handle.content_type,
        "filename": handle.filename,
        "size": handle.size,
        "checksum": handle.checksum,
        "md5": handle.md5,
        "mismatch": handle.mismatch,
        **({"sha256": handle.sha256} if handle.sha256 else {}),
    }
    if upload is not None:
        data = b"".join(upload.blob.chunks(0, upload.blob.length))
        told["base64"] = base64.b64encode(data).decode("ascii")
    return told


def fault_told(fault: Fault, selector: Selector | None = None) -> JsonObject:
    """A fault as it is armed: its name, its parameters, and which requests it is meant for."""
    return {"fault": fault.name, **asdict(fault), **({} if selector is None else selector.given())}


def armed_told(armed: ActiveFault, uses: FaultUses) -> JsonObject:
    """An armed fault with its counts; its `ttl`, which is real time, begins anew, and null is for ever."""
    return {
        "id": armed.id,
        "fault": {**fault_told(armed.fault, armed.selector), "ttl": armed.selector.ttl},
        "since": armed.since,
        "left": armed.left_of(uses),
        "scenario": armed.scenario,
        "seen": uses.seen,
        "applied": uses.applied,
        "drawn": {**uses.drawn, **({} if armed.selector.probability is None or not uses.seen else {"": uses.seen - 1})},
    }


def waiting_told(posting: OwedWebhook) -> JsonObject:
    """A webhook that waits for its time."""
    return {
        "api": posting.api,
        "webhook": posting.webhook,
        "job": posting.job.id,
        "account": posting.account or None,
        "url": posting.target,
        "due": None if posting.next_at is None or isinf(posting.next_at) else posting.next_at,
        "tries": posting.tries,
        "fault": None if posting.fault is None else fault_told(webhook_fault(posting.fault)),
        "met": posting.is_met,
        "repeated": posting.is_repeated,
        "state": posting.state,
        "update": posting.update,
        "entered": None if posting.due is None or isinf(posting.due) else posting.due,
        "endpoint": posting.endpoint,
        "signed_at": posting.signed_at,
    }
