"""Control of snapshots: one of a sandbox, and a sandbox made of one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from mockserver.clock import Clock
from mockserver.control.document import shapes
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.trust import authority
from mockserver.errors import Closed, Overtaken, RequestError
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.time_slices import drive, paced
from mockserver.validation import Schemas, Validator, write_json

AT = "/snapshot"
Create = Callable[..., Awaitable[Sandbox]]


async def take_snapshot(request: ControlRequest) -> JsonList:
    """The state of a sandbox; its jobs are made and sent a slice at a time."""
    from mockserver.snapshots import take

    snapshot = await take(request.sandbox())
    before, after = write_json({**snapshot.head, "jobs": []}).rsplit(b"[]", 1)
    return JsonList(paced(snapshot.jobs), before + b"[", b"]" + after)


async def restored(
    sandboxes: Sandboxes, data: Mapping[str, Any], changes: Mapping[str, Any], create: Create | None = None
) -> Sandbox:
    """A sandbox made of a snapshot, with `changes` in the place of what it says, by `create` of the sandboxes.

    Raises RequestError, UsageError, and Overtaken where somebody resets or closes it before it is filled.
    """
    from mockserver.snapshots import check_format, read, restore

    check_format(data, AT)
    await check_shape(data)
    snapshot = await read(data, sandboxes.contracts, AT)
    settings = {**snapshot.settings, **changes}
    if "clock" in changes:  # it goes otherwise, from the same moment
        clock = changes["clock"]
        settings["clock"] = Clock(clock.mode, rate=clock.rate, step=clock.step, start=snapshot.settings["clock"].now())
    if "webhook_ca" not in changes and settings["webhook_ca"] is not None:
        settings["webhook_ca"] = authority(sandboxes, settings["webhook_ca"], f"{AT}/webhook_ca")
    sandbox = await (create or sandboxes.make)(**settings)
    try:
        with sandbox.generation:
            await _filled(sandbox, restore(sandbox, snapshot))
    except BaseException:
        if sandboxes.get(sandbox.name) is sandbox and sandbox is not sandboxes.default:
            await sandboxes.shut(sandbox.name)
        raise
    await sandboxes.know_instead(sandbox)
    return sandbox


async def _filled(sandbox: Sandbox, filling: Awaitable[None]) -> None:
    try:
        await filling
    except Closed:
        await asyncio.sleep(0)  # this task is cancelled where it was closed here
        raise Overtaken(f"the sandbox {sandbox.name!r} was closed while this was under way") from None


async def check_shape(data: Mapping[str, Any]) -> None:
    """Raises RequestError where a snapshot is none by the document; its jobs are looked at one by one."""
    head, job = _validator("Snapshot"), _validator("SnapshotJob")
    _refuse(head, {**data, "jobs": []} if isinstance(data.get("jobs"), list) else data, AT)
    await drive(_judged(job, data["jobs"]))


def _judged(job: Validator, jobs: Sequence[Any]) -> Iterator[None]:
    for n, job_data in enumerate(jobs):
        _refuse(job, job_data, f"{AT}/jobs/{n}")
        yield


def _refuse(validator: Validator, value: Any, at: str) -> None:
    error = validator.check(value)
    if error is not None:
        raise RequestError(at + error.pointer, error.why)


@cache
def _validator(name: str) -> Validator:
    return Schemas(shapes(), file="control/openapi.json").at(f"/components/schemas/{name}")
