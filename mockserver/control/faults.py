"""Control of the faults that are armed in a sandbox."""

from __future__ import annotations

from typing import Any

from mockserver.control.asking import Asked, Told
from mockserver.control.problems import Problem
from mockserver.faults import Armed, fault_of


async def arm_fault(asked: Asked) -> Told:
    """Arm a fault."""
    words = dict(asked.body)
    api = words.pop("api")
    return Told(_armed(api, asked.api().faults.arm(*fault_of(words))), 201)


async def list_faults(asked: Asked) -> Told:
    """Those that are armed, oldest first, by API."""
    return Told([_armed(api.contract.name, armed) for api in asked.apis() for armed in api.faults.standing()])


async def disarm_fault(asked: Asked) -> Told:
    """Take a fault back."""
    for api in asked.sandbox().apis.values():
        if asked.path["id"] in api.faults.armed:
            api.faults.disarm(asked.path["id"])
            return Told(status=204)
    raise Problem(404, f"no fault {asked.path['id'][:100]!r} is armed")


def _armed(api: str, armed: Armed) -> dict[str, Any]:
    return {"id": armed.id, "api": api, "fault": armed.name, "applied": armed.applied, "left": armed.left}
