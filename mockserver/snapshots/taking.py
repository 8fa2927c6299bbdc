"""A sandbox as a JSON value: its head at once, then its jobs one by one, so that others are answered meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.bounds import SNAPSHOT_JOBS, SNAPSHOT_TEXT, SNAPSHOT_UPLOAD, SNAPSHOT_UPLOADS
from mockserver.contract import Contract
from mockserver.sandbox import Sandbox
from mockserver.shelf import Upload
from mockserver.snapshots.records import account_told, armed_told, job_told, waiting_told
from mockserver.store import Job

FORMAT = 1
JOB = 1024
"""What a job takes beside what its request said, about."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot: `head` is all but the jobs, `jobs` are made one by one, oldest first in each API."""

    head: Mapping[str, Any]
    jobs: Iterator[Mapping[str, Any]]


async def take(sandbox: Sandbox) -> Taken:
    """The state of a sandbox. Changes nothing."""
    now = sandbox.clock.now()
    found = [(api, await api.store.newest(SNAPSHOT_JOBS)) for api in sandbox.apis.values()]
    chosen = _fitting(found)
    uploads = [each for _, job in chosen for each in (job.uploads or {}).values()]
    kept = _small(uploads)
    missing = {
        "jobs": sum([await api.store.count() for api in sandbox.apis.values()]) - len(chosen),
        "uploads": len([each for each in uploads if id(each) not in kept]),
        "answers": sum(not each.fault.in_catalogue for api in sandbox.apis.values() for each in api.faults.standing()),
    }
    jobs = (job_told(api.contract.name, job, now, kept) for api, job in chosen)
    return Taken(_head(sandbox, now, {job.id for _, job in chosen}, missing), jobs)


def _head(sandbox: Sandbox, now: float, jobs: set[str], missing: Mapping[str, int]) -> dict[str, Any]:
    clock = sandbox.clock
    waiting = sorted(sandbox.outbox.waiting(), key=lambda each: each[0])
    return {
        "format": FORMAT,
        "seed": sandbox.seed,
        "secret": sandbox.secret.decode("ascii"),
        "clock": {"mode": clock.mode, "epoch": now, "rate": clock.rate, "step": clock.step},
        "limits": sandbox.limits_on,
        "insecure_webhooks": sandbox.insecure_webhooks,
        "webhook_ca": sandbox.webhook_ca,
        "webhook_timeout": sandbox.webhook_timeout,
        "strict": sandbox.strict,
        "draws": sandbox.draws.counts(),
        "apis": {name: _side(api) for name, api in sandbox.apis.items()},
        "webhooks": [waiting_told(due, each) for due, each in waiting if each.job.id in jobs],
        "left_out": dict(missing),
    }


def _side(api: SandboxApi) -> dict[str, Any]:
    return {
        "digest": digest_of(api.contract),
        "scenario": api.scenario,
        "quirks": api.switched(),
        "accounts": [account_told(each) for each in {each.key: each for each in api.accounts.values()}.values()],
        "plans": [{"resource": o.resource, "count": o.left, "wishes": dict(o.wishes)} for o in api.orders],
        "faults": [armed_told(each) for each in api.faults.standing() if each.fault.in_catalogue],
        "windows": [
            {"limit": limit, "caller": caller, "end": end, "hits": int(hits)}
            for limit, caller, end, hits in api.limiter.windows()
        ],
    }


def _fitting(found: Sequence[tuple[SandboxApi, Sequence[Job]]]) -> list[tuple[SandboxApi, Job]]:
    """The newest jobs of all, as many as there is room for; oldest first."""
    newest = sorted(((api, job) for api, jobs in found for job in jobs), key=lambda each: -each[1].created)
    weight, chosen = 0, set[int]()
    for _, job in newest[:SNAPSHOT_JOBS]:
        weight += JOB + job.weight
        if weight > SNAPSHOT_TEXT:
            break
        chosen.add(id(job))
    return [(api, job) for api, jobs in found for job in reversed(jobs) if id(job) in chosen]


def _small(uploads: Sequence[Upload]) -> dict[int, Upload]:
    """The uploads whose bytes go along, by identity: small ones that are there, newest first while there is room."""
    kept, size = dict[int, Upload](), 0
    for each in reversed(uploads):
        if not each.gone and each.blob.length <= SNAPSHOT_UPLOAD and size + each.blob.length <= SNAPSHOT_UPLOADS:
            size += each.blob.length
            kept[id(each)] = each
    return kept


def digest_of(contract: Contract) -> str:
    """What tells whether a contract is another one than it was when a snapshot was taken."""
    states = {resource.name: [*resource.states] for resource in contract.resources.values()}
    return sha256(json.dumps([contract.name, contract.document, states], sort_keys=True).encode()).hexdigest()
