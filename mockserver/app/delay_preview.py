"""Silence foreseen: a request that would outlast its client's patience need not be sent to find that out.

A test asks here before each request. A hang comes before the verb: it counts as applied, stands in the journal, and
the request is not sent. Latency and stalls come after it: in virtual time the request is sent, answered at once, and
the client holds the answer back; in real time they are foreseen for reading alone, as if they came before.
What they would do else, and faults that choose by chance or account, take real seconds.
"""

from __future__ import annotations

import math

from mockserver.api_state import SandboxApi
from mockserver.app.addresses import DOWNLOADS, Addresses
from mockserver.app.recording import record_unsent
from mockserver.bounds import ENTRY, FORESEEN, PATH, cut, weigh
from mockserver.contract import Operation
from mockserver.errors import FullError
from mockserver.expected_silence import Silence
from mockserver.faults import MEDIA, ActiveFault, Silencing
from mockserver.journal import JournalEntry
from mockserver.operations import bare_id
from mockserver.state.index_port import DEFAULT


def may_be_silent(addresses: Addresses, path: str) -> bool:
    """Whether asking `foresee` is worth while: is anything armed? May be called from any thread."""
    side = _side(addresses, path)
    if side is None and not addresses.sandboxes.is_alone:
        return True  # another process may know it
    return side is not None and any(
        armed.fault.silence_seconds is not None for armed in list(side.faults.armed.values())
    )


async def foresee(
    addresses: Addresses, method: str, path: str, patience: float | None, *, virtual: bool = False
) -> Silence | None:
    """The silence a request would meet, if it outlasts the client or time is virtual; else None: send it."""
    await addresses.sandboxes.find(_sandbox_in(addresses, path), anew=True)
    side = _side(addresses, path)
    target = (
        None if side is None else _download(side, path) if _is_download(path) else _request(addresses, method, path)
    )
    if side is None or target is None:
        return None
    operation, job = target
    standing = await side.faults.standing()
    for armed, uses in zip(standing, await side.faults.uses(standing), strict=True):
        silence = _silence(armed, uses.seen, operation, job)
        if silence is None:
            continue
        is_late = silence >= (math.inf if patience is None else patience)
        if virtual and not isinstance(armed.fault, Silencing):
            if not await side.faults.foresee(armed, is_late=is_late):
                raise FullError(f"{FORESEEN} requests were foreseen and did not come; disarm {armed.id!r}, or reset")
            return Silence(silence, is_done=True)
        if is_late and (method == "GET" or isinstance(armed.fault, Silencing)):
            return Silence(silence) if await _applied(side, armed, operation, method, path) else None
    return None


def _is_download(path: str) -> bool:
    return path.startswith(DOWNLOADS)


def _sandbox_in(addresses: Addresses, path: str) -> str:
    """The name of the sandbox that a path leads to."""
    if _is_download(path):
        return path.split("/")[2].removeprefix("@")
    return addresses.address(path, {})[0] or DEFAULT


def _side(addresses: Addresses, path: str) -> SandboxApi | None:
    """The API in its sandbox that a path leads to, where that is open here."""
    sandbox, parts = addresses.sandboxes.get(_sandbox_in(addresses, path)), path.split("/")
    if _is_download(path):
        return None if sandbox is None or len(parts) < 5 else sandbox.apis.get(parts[3])
    api = addresses.address(path, {})[2]
    return None if sandbox is None or api is None else sandbox.apis[api.contract.name]


def _request(addresses: Addresses, method: str, path: str) -> tuple[str, str | None] | None:
    """The operation that a request asks for, and the job it names."""
    _, api_path, api = addresses.address(path, {})
    match = None if api is None else api.routes.match(api_path)
    operation = None if match is None else match[0].methods.get(method)
    return None if match is None or operation is None else (operation.id, _job_in(operation, match[1]))


def _job_in(operation: Operation, path: tuple[str, ...]) -> str | None:
    """The job that a path names."""
    if operation.id_index is None:
        return path[0] if len(path) == 1 else None
    return bare_id(operation, path[operation.id_index])


def _download(side: SandboxApi, path: str) -> tuple[str, str | None] | None:
    """The same of a download."""
    return (MEDIA, path.split("/")[4]) if side.faults.downloads else None


def _silence(armed: ActiveFault, count: int, operation: str, job: str | None) -> float | None:
    """How long an armed fault keeps silent towards this request; None when it does not, or that cannot be said."""
    selector, fault = armed.selector, armed.fault
    if not selector.counts(operation, job, None) or not selector.picks(count + 1):
        return None
    return fault.silence_seconds if selector.probability is None else None


async def _applied(side: SandboxApi, armed: ActiveFault, operation: str, method: str, path: str) -> bool:
    sandbox = side.sandbox
    await side.faults.count([armed])
    if (uses := await side.faults.take(armed)) is None:
        return False
    side.faults.release(armed, uses)
    why = "the client lost its patience before an answer"
    kind, operation_id = ("media", "") if _is_download(path) else ("request", operation)
    record_unsent(sandbox, side.contract.name, operation, method, path, armed.name)
    path = cut(sandbox.redaction.text(path), PATH)
    now, api = sandbox.clock.now(), side.contract.name
    entry = JournalEntry(0, now, kind, api, operation_id, method, path, why=why, extra={"fault": armed.name})
    side.state.enter(entry, ENTRY + weigh((path, why)))
    return True
