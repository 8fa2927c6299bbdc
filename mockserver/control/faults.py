"""Control of the faults armed in a sandbox: arm one, list them, take one back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.showing import show_time
from mockserver.faults import Armed
from mockserver.turns import paced


async def arm_fault(request: ControlRequest) -> dict[str, Any]:
    """A fault for the requests it is meant for."""
    from mockserver.faults import check_wire, fault_of_json

    data = {name: value for name, value in request.body.items() if name != "api"}
    api, (fault, selector) = request.api(), fault_of_json(data)
    if not request.has_wire:
        check_wire(fault)
    return show_fault(api, api.faults.arm(fault, selector, after=api.sandbox.journal.newest))


async def list_faults(request: ControlRequest) -> JsonList:
    """Those that are armed, oldest first in each API."""
    standing = [(api, armed) for api in request.apis() for armed in api.faults.standing() if armed.fault.in_catalogue]
    return JsonList(show_fault(api, armed) async for api, armed in paced(standing))


async def disarm_fault(request: ControlRequest) -> None:
    """Take one back."""
    identity = request.path["id"]
    for api in request.sandbox().apis.values():
        if any(armed.id == identity and armed.fault.in_catalogue for armed in api.faults.standing()):
            api.faults.disarm(identity)
            return
    raise Problem(404, f"no fault {identity[:100]!r} is armed (any more)")


def show_fault(api: SandboxApi, armed: Armed) -> dict[str, Any]:
    """A fault that is or was armed."""
    return {
        "id": armed.id,
        "api": api.contract.name,
        "fault": armed.name,
        "parameters": asdict(armed.fault),
        "selector": armed.selector.given(),
        "since": show_time(armed.since),
        "scenario": armed.scenario,
        "seen": armed.seen,
        "applied": armed.applied,
        "left": armed.left,
    }
