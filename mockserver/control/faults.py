"""Control of the faults armed in a sandbox: arm one, list them, take one back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.control.asking import Asked, Listed, Told
from mockserver.control.problems import Problem
from mockserver.control.showing import show_time
from mockserver.faults import Armed
from mockserver.turns import paced


async def arm_fault(asked: Asked) -> Told:
    """A fault for the requests it is meant for."""
    from mockserver.faults import fault_of

    data = {name: _whole(value) for name, value in asked.body.items() if name != "api"}
    api = asked.api()
    armed = api.faults.arm(*fault_of(data), after=api.sandbox.journal.newest)
    return Told(_shown(api, armed), 201)


def _whole(value: Any) -> Any:
    """JSON knows one kind of number: 2.0 is 2."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


async def list_faults(asked: Asked) -> Told:
    """Those that are armed, oldest first in each API."""
    standing = [(api, armed) for api in asked.apis() for armed in api.faults.standing()]
    return Told(Listed(_shown(api, armed) async for api, armed in paced(standing)))


async def disarm_fault(asked: Asked) -> Told:
    """Take one back."""
    identity = asked.path["id"]
    for api in asked.sandbox().apis.values():
        if any(armed.id == identity for armed in api.faults.standing()):
            api.faults.disarm(identity)
            return Told(status=204)
    raise Problem(404, f"no fault {identity[:100]!r} is armed (any more)")


def _shown(api: SandboxApi, armed: Armed) -> dict[str, Any]:
    return {
        "id": armed.id,
        "api": api.contract.name,
        "fault": armed.name,
        "parameters": asdict(armed.fault),
        "selector": {name: value for name, value in asdict(armed.selector).items() if value is not None},
        "since": show_time(armed.since),
        "scenario": armed.scenario,
        "seen": armed.seen,
        "applied": armed.applied,
        "left": armed.left,
    }
