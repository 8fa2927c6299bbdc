"""A sandbox as a JSON value that is small enough to be restored: its head at once, then its jobs, one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import inf
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.bounds import SNAPSHOT, SNAPSHOT_JOBS, SNAPSHOT_UPLOAD, SNAPSHOT_UPLOADS
from mockserver.clock import ClockReading
from mockserver.contract import Contract
from mockserver.results import blob_of
from mockserver.sandbox import Sandbox
from mockserver.snapshots.records import (
    account_told,
    armed_told,
    endpoints_told,
    job_told,
    kept_uploads,
    key_of,
    key_told,
    waiting_told,
)
from mockserver.state.port import KeyName, KeyUse, WantedRecords
from mockserver.store import Handle
from mockserver.time_slices import paced
from mockserver.upload_store import Upload

FORMAT = 1
SPARE = 4096  # for what is asked for beside a snapshot


@dataclass(frozen=True, slots=True)
class TakenSnapshot:
    """A snapshot: `head` is all but the jobs; these stand oldest first."""

    head: Mapping[str, Any]
    jobs: Sequence[Mapping[str, Any]]


async def take(sandbox: Sandbox) -> TakenSnapshot:
    """The state of a sandbox, with its newest jobs as far as there is room. Changes nothing, and lets others in."""
    read = await sandbox.read_clock()
    now = read.now
    head, waiting = await _head(sandbox, read), await _waiting(sandbox)
    sides = sandbox.apis.items()
    newest = [(api, job) for name, api in sides for job in await api.state.newest(name, SNAPSHOT_JOBS)]
    newest.sort(key=lambda each: -each[1].created)
    kept = await _small([(api, each) for api, job in newest for each in kept_uploads(job).values()])
    jobs, webhooks, left = list[Any](), list[Any](), SNAPSHOT - len(json.dumps(head)) - SPARE
    async for api, job in paced(newest[:SNAPSHOT_JOBS]):
        told, owed = (
            job_told(api.contract.name, api.peeked(job), now, kept),
            waiting.get((api.contract.name, job.id), []),
        )
        left -= len(json.dumps([told, owed]))
        if left < 0:
            break
        jobs.append(told)
        webhooks += owed
    missing = {
        "jobs": sum([(await api.state.remainder(name)).jobs for name, api in sides]) - len(jobs),
        "uploads": sum("base64" not in upload for job in jobs for upload in job["uploads"].values()),
        "answers": sum(
            [not each.fault.in_catalogue for api in sandbox.apis.values() for each in await api.faults.standing()]
        ),
    }
    return TakenSnapshot({**head, "webhooks": sorted(webhooks, key=_due), "left_out": missing}, jobs[::-1])


def _due(told: Mapping[str, Any]) -> float:
    return inf if told["due"] is None else told["due"]


async def _waiting(sandbox: Sandbox) -> dict[tuple[str, str], list[Any]]:
    """The webhooks that wait, by API and job."""
    found: dict[tuple[str, str], list[Any]] = {}
    for webhook in await sandbox.state.waiting_webhooks():
        found.setdefault((webhook.api, webhook.job.id), []).append(waiting_told(webhook))
    return found


async def _head(sandbox: Sandbox, clock: ClockReading) -> dict[str, Any]:
    await sandbox.refresh()
    return {
        "format": FORMAT,
        "seed": sandbox.seed,
        "secret": sandbox.secret.decode("ascii"),
        "clock": {"mode": clock.mode, "epoch": clock.now, "rate": clock.rate, "step": clock.step},
        "limits": sandbox.limits_on,
        "insecure_webhooks": sandbox.insecure_webhooks,
        "webhook_ca": sandbox.webhook_ca,
        "webhook_timeout": sandbox.webhook_timeout,
        "strict": sandbox.strict,
        "draws": dict(await sandbox.state.drawn()),
        "apis": {name: await _side(api, clock.now) for name, api in sandbox.apis.items()},
    }


def still_kept(contract: Contract, keys: Iterable[tuple[KeyName, KeyUse]], now: float) -> list[tuple[KeyName, KeyUse]]:
    """The uses of idempotency keys whose answers are given still, as long as each operation says."""
    ttls = {o.id: o.idempotency.ttl for o in contract.operations.values() if o.idempotency is not None}
    return [(key, use) for key, use in keys if now - use.at < ttls.get(key.operation, 0.0)]


async def _side(api: SandboxApi, now: float) -> dict[str, Any]:
    name, accounts = api.contract.name, api.sandbox.configuration.apis[api.contract.name].accounts
    shown = [await api.state.look(name, "", WantedRecords(account=account.id)) for account in accounts]
    standing = [each for each in await api.faults.standing() if each.fault.in_catalogue]
    used = zip(standing, await api.faults.uses(standing), strict=True)
    remainder = await api.state.remainder(name)
    return {
        "digest": digest_of(api.contract),
        "scenario": api.scenario,
        "quirks": api.switched(),
        "accounts": [account_told(each, found.credits) for each, found in zip(accounts, shown, strict=True)],
        "endpoints": endpoints_told(api.sandbox.configuration.apis[name]),
        "plans": [
            {"resource": o.resource, "count": o.left, "wishes": dict(o.wishes)} for o in await api.state.orders(name)
        ],
        "faults": [armed_told(*each) for each in used],
        "windows": [
            {"limit": limit, "caller": caller, "end": end, "hits": int(hits)}
            for limit, caller, end, hits in remainder.windows
        ],
        "keys": [key_told(*each) for each in still_kept(api.contract, remainder.keys, now)],
    }


async def _small(handles: Sequence[tuple[SandboxApi, Handle]]) -> dict[str, Upload]:
    """The uploads whose bytes go along, by handle: small ones that are there, the first ones while there is room."""
    kept, size = dict[str, Upload](), 0
    for api, handle in handles:
        if handle.size > SNAPSHOT_UPLOAD:
            continue
        blob = await blob_of(api, handle)
        if blob is not None and size + blob.length <= SNAPSHOT_UPLOADS:
            size += blob.length
            made = Upload(handle.content_type, handle.filename, blob) if handle.result else Upload.behind(handle, blob)
            kept[key_of(handle)] = made
    return kept


def digest_of(contract: Contract) -> str:
    """What tells whether a contract is another one than it was when a snapshot was taken."""
    states = {resource.name: [*resource.states] for resource in contract.resources.values()}
    return sha256(json.dumps([contract.name, contract.document, states], sort_keys=True).encode()).hexdigest()
