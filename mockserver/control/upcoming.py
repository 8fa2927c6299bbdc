"""What happens next in a sandbox by itself: a job changes, a webhook goes out, a request that waits is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from mockserver.control.serialize import show_time
from mockserver.sandbox import Sandbox
from mockserver.time_slices import paced

LOOKED_AT = 10_000
"""The newest jobs of each API that are looked at."""


async def next_event(sandbox: Sandbox) -> dict[str, Any] | None:
    """The first of what is to come; None where nothing is."""
    now = (await sandbox.read_clock()).now
    events = [job async for job in _jobs(sandbox, now)]
    waiting = (("webhook", await sandbox.state.next_webhook()), ("request", sandbox.moments.next_due()))
    events += [(max(at, now), {"kind": kind}) for kind, at in waiting if at is not None]
    at, description = min(events, key=lambda event: event[0], default=(None, {}))
    if at is None:
        return None
    none = {"api": None, "job": None, "state": None}
    return {**none, **description, "at": at, "in": at - now, "time": show_time(at)}


async def _jobs(sandbox: Sandbox, now: float) -> AsyncIterator[tuple[float, dict[str, Any]]]:
    """When each job that goes on changes next, and what it becomes."""
    for name, api in sandbox.apis.items():
        async for record in paced(await api.state.newest(name, LOOKED_AT)):
            job = api.peeked(record)
            at = next(iter(job.moments(now)), None)
            if at is not None:
                yield at, {"kind": "job", "api": name, "job": job.id, "state": job.status(at).state}
