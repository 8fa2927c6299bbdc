"""Control of the answers that a test gives itself: arm one, list them, take one back."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from mockserver.api_state import SandboxApi
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.serialize import show_time
from mockserver.state.records import FaultUses
from mockserver.time_slices import paced

if TYPE_CHECKING:
    from mockserver.faults import ActiveFault
    from mockserver.faults.given import GivenAnswer
    from mockserver.faults.given_answers import GivenAnswers


async def arm_answer(request: ControlRequest) -> Any:
    """An answer in place of an operation's own."""
    from mockserver.control.preparing import prepared  # the control API is imported with the first sandbox

    api, body = request.api(), dict(request.body)
    if "content" in body:
        body["content"] = b64decode(body["content"])
    operation, times = body.pop("operation"), body.pop("times", 1)
    body.pop("api")
    armed = await arm(api, prepared(api.contract, operation, **body), operation, times)
    return _shown(api, armed, FaultUses())


async def arm(api: SandboxApi, answer: GivenAnswer, operation: str, times: int | None) -> ActiveFault:
    """Give this answer to the next requests. Raises FullError."""
    from mockserver.faults.given_answers import GivenAnswers

    if api.given is None:
        api.given = GivenAnswers()
    given: GivenAnswers = api.given
    least = (await api.state.activity()).newest
    return await given.arm(api.faults, answer, operation, None if times is None else int(times), least)


async def list_answers(request: ControlRequest) -> Any:
    """Those that were armed, oldest first in each API; the last of those that are used up as well."""
    found: list[tuple[SandboxApi, ActiveFault, FaultUses]] = []
    for api in request.apis():
        armed = [*(api.given or ())]
        armed += [each for each in api.faults.armed.values() if not each.fault.in_catalogue and each not in armed]
        found += [(api, *each) for each in zip(armed, await api.faults.uses(armed), strict=True)]
    return JsonList(_shown(*each) async for each in paced(found))


async def disarm_answer(request: ControlRequest) -> Any:
    """Take one back."""
    identity = request.path["id"]
    sandbox = request.sandbox()
    for api in sandbox.apis.values():
        armed = api.faults.armed.get(identity)
        if armed is not None and not armed.fault.in_catalogue:
            await sandbox.change(api.faults.disarming(identity))
            return None
    raise Problem(404, f"no answer {identity[:100]!r} is armed (any more)")


def _shown(api: SandboxApi, armed: ActiveFault, uses: FaultUses) -> dict[str, Any]:
    answer: GivenAnswer = armed.fault  # type: ignore[assignment]  # nothing else is among answers
    is_armed = armed.id in api.faults.armed
    return {
        "id": armed.id,
        "api": api.contract.name,
        "operation": armed.selector.operation,
        "status": None if answer.handler is not None else answer.status,
        "since": show_time(armed.since),
        "applied": uses.applied,
        "left": armed.left_of(uses) if is_armed else 0,
    }
