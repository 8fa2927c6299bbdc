"""Control of a sandbox's clock: read it, switch it, move it on, by seconds or until a job is in a state."""

from __future__ import annotations

from typing import Any

from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest
from mockserver.control.serialize import show_clock, show_job
from mockserver.control.upcoming import next_event
from mockserver.errors import DeliveryDue, Overtaken
from mockserver.sandbox import Sandbox
from mockserver.suggestions import guess

INSTANT = 1e-6  # the least step that a float of seconds since 1970 can surely take
PATIENCE = 7 * 86_400.0


async def read_clock(request: ControlRequest) -> dict[str, Any]:
    """What time it is."""
    return show_clock(await request.sandbox().read_clock())


async def set_clock(request: ControlRequest) -> dict[str, Any]:
    """Switch the clock; what is due is looked at anew."""
    sandbox = request.sandbox()
    switched = await sandbox.switch_clock(**request.body)
    sandbox.outbox.wake()
    return show_clock(switched)


async def advance_clock(request: ControlRequest) -> dict[str, Any]:
    """Move the clock; every delivery on the way is made before this is answered."""
    sandbox = request.sandbox()
    try:
        await _move(sandbox, request.body["seconds"], request)
    except Overtaken as overtaken:
        raise Problem(410, str(overtaken)) from None
    return show_clock(await sandbox.read_clock())


async def read_next(request: ControlRequest) -> dict[str, Any]:
    """What happens next by itself."""
    return {"next": await next_event(request.sandbox())}


async def advance_to_next(request: ControlRequest) -> dict[str, Any]:
    """Move the clock to what happens next, and let it happen."""
    sandbox = request.sandbox()
    coming = await next_event(sandbox)
    if coming is None:
        raise Problem(409, "nothing happens by itself here: no job changes, no webhook waits, no request is held")
    try:
        with sandbox.generation:
            while (
                remaining := coming["at"] - (await sandbox.read_clock()).now
            ) > 0:  # moments are finer than a clock's steps
                await _move(sandbox, max(INSTANT, remaining), request)
            await sandbox.state.settle_webhooks(sandbox.configuration.generation)
    except Overtaken as overtaken:
        raise Problem(410, str(overtaken)) from None
    return {"next": coming, "clock": show_clock(await sandbox.read_clock())}


async def run_until(request: ControlRequest) -> dict[str, Any]:
    """Move the clock from change to change of a job until it is in a state, or will not come to it."""
    sandbox = request.sandbox()
    try:
        with sandbox.generation:
            return await _run_until(sandbox, request)
    except Overtaken as overtaken:
        raise Problem(410, str(overtaken)) from None


async def _run_until(sandbox: Sandbox, request: ControlRequest) -> dict[str, Any]:
    identity, state, timeout = request.body["job"], request.body["state"], request.body.get("timeout", PATIENCE)
    deadline, met = (await sandbox.read_clock()).now + timeout, dict[str, None]()
    while (job := await _shown(sandbox, identity))["state"] != state:
        met |= {job["state"]: None, job["outcome"]: None}
        wait = job["changes_in"]
        if wait is None:
            why = f"job {identity} is {job['state']} and will not become {state} by itself{guess(state, met)}"
            raise Problem(409, why, pointer="/state")
        if (await sandbox.read_clock()).now + wait > deadline:
            why = f"job {identity} is still {job['state']} after {timeout:g} s, not {state}"
            raise Problem(409, why, pointer="/timeout")
        await _move(sandbox, max(INSTANT, wait), request)
    return job


async def _shown(sandbox: Sandbox, identity: str) -> dict[str, Any]:
    for api in sandbox.apis.values():
        record = (await api.state.look_up(api.contract.name, (identity,)))[identity].job
        if record is not None:
            return show_job(api, record, (await sandbox.read_clock()).now)
    raise Problem(404, f"the sandbox has no job {identity!r}", pointer="/job")


async def _move(sandbox: Sandbox, seconds: float, request: ControlRequest) -> None:
    try:
        await sandbox.advance(seconds, quietly=request.body.get("without_deliveries", False))
    except DeliveryDue as due:
        raise Problem(409, str(due), pointer="/without_deliveries") from None
