"""Control of the faults armed in a sandbox: arm one, list them, take one back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.serialize import show_time
from mockserver.faults import ActiveFault
from mockserver.state.records import FaultUses
from mockserver.time_slices import paced


async def arm_fault(request: ControlRequest) -> dict[str, Any]:
    """A fault for the requests it is meant for."""
    from mockserver.faults import check_wire, fault_of_json

    data = {name: value for name, value in request.body.items() if name != "api"}
    api, (fault, selector) = request.api(), fault_of_json(data)
    if not request.has_wire:
        check_wire(fault)
    after, now = (await api.state.activity()).newest, (await api.sandbox.read_clock()).now
    await api.faults.heal()
    arming = api.faults.arming(fault, selector, now=now, after=after)
    await api.sandbox.change(arming)
    return show_fault(api, api.faults.armed[arming.id], FaultUses())


async def list_faults(request: ControlRequest) -> JsonList:
    """Those that are armed, oldest first in each API."""
    rows: list[tuple[SandboxApi, ActiveFault, FaultUses]] = []
    for api in request.apis():
        standing = [armed for armed in await api.faults.standing() if armed.fault.in_catalogue]
        rows += [(api, *row) for row in zip(standing, await api.faults.uses(standing), strict=True)]
    return JsonList(show_fault(*row) async for row in paced(rows))


async def disarm_fault(request: ControlRequest) -> None:
    """Take one back."""
    identity = request.path["id"]
    sandbox = request.sandbox()
    for api in sandbox.apis.values():
        if any(armed.id == identity and armed.fault.in_catalogue for armed in await api.faults.standing()):
            await sandbox.change(api.faults.disarming(identity))
            return
    raise Problem(404, f"no fault {identity[:100]!r} is armed (any more)")


def show_fault(api: SandboxApi, armed: ActiveFault, uses: FaultUses) -> dict[str, Any]:
    """A fault that is or was armed, and what became of it."""
    return {
        "id": armed.id,
        "api": api.contract.name,
        "fault": armed.name,
        "parameters": asdict(armed.fault),
        "selector": armed.selector.given(),
        "since": show_time(armed.since),
        "scenario": armed.scenario,
        "seen": uses.seen,
        "applied": uses.applied,
        "left": armed.left_of(uses),
    }
