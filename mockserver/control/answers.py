"""Control of the answers that a test gives itself: arm one, list them, take one back."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from mockserver.api_state import SandboxApi
from mockserver.bounds import FAULTS_COUNT
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.serialize import show_time
from mockserver.state.configuration import Configuration
from mockserver.state.records import FaultUses, OwnAnswer
from mockserver.time_slices import paced

if TYPE_CHECKING:
    from mockserver.faults.given import GivenAnswer


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


async def arm(api: SandboxApi, answer: GivenAnswer, operation: str, times: int | None) -> OwnAnswer:
    """Give this answer to the next requests. Raises FullError."""
    from mockserver.faults import Selector

    await api.faults.heal()
    selector = Selector(operation=operation, times=None if times is None else int(times))
    now, least = (await api.sandbox.read_clock()).now, (await api.state.activity()).newest
    arming = api.faults.arming(answer, selector, now=now, after=least)
    own_answer = OwnAnswer("", operation, None if answer.handler is not None else answer.status, now, selector.times)
    name = api.contract.name

    def listed(configuration: Configuration) -> Configuration:
        armed = arming(configuration)
        own = (*armed.apis[name].own, own_answer._replace(id=arming.id))[-FAULTS_COUNT:]
        return armed.with_api(name, own=own)._replace(rev=armed.rev)

    await api.sandbox.change(listed)
    return own_answer._replace(id=arming.id)


async def list_answers(request: ControlRequest) -> Any:
    """Those that were armed, oldest first in each API; the last of those that are used up as well."""
    rows: list[tuple[SandboxApi, OwnAnswer, FaultUses]] = []
    for api in request.apis():
        own = request.sandbox().configuration.apis[api.contract.name].own
        uses = await api.state.fault_uses(api.contract.name, [row.id for row in own]) if own else ()
        rows += [(api, *row) for row in zip(own, uses, strict=True)]
    return JsonList(_shown(*row) async for row in paced(rows))


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


def _shown(api: SandboxApi, answer: OwnAnswer, uses: FaultUses) -> dict[str, Any]:
    remaining = None if answer.most is None else answer.most - uses.applied
    return {
        "id": answer.id,
        "api": api.contract.name,
        "operation": answer.operation,
        "status": answer.status,
        "since": show_time(answer.since),
        "applied": uses.applied,
        "left": remaining if answer.id in api.faults.armed else 0,
    }
