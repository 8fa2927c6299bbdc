"""Silence foreseen: a request that would outlast its client's patience need not be sent to find that out.

A test in virtual time asks here before each request. What is foreseen counts as applied and stands in the journal.
Latency and stalls come after the verb, so that they are foreseen for reading alone; what they would do to other
requests, and faults that choose by chance or account, take real seconds.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mockserver.faults import MEDIA, Armed, FaultBook
from mockserver.faults.pace import Hang, Latency, Stall
from mockserver.sandbox import SandboxApi

if TYPE_CHECKING:
    from mockserver.app.application import Mockserver

DOWNLOADS = "/_media/"


async def foresee(server: Mockserver, method: str, path: str, patience: float | None) -> float | None:
    """The seconds of silence (inf: for ever) a request would meet, if they outlast the client; else None: send it."""
    found = _download(server, path) if path.startswith(DOWNLOADS) else _request(server, method, path)
    if found is None:
        return None
    side, operation, job = found
    for armed in side.faults.standing():
        silence = _silence(armed, operation, method, job)
        if silence is not None and silence >= (math.inf if patience is None else patience):
            return silence if _applied(side, side.faults, armed, operation, method, path) else None
    return None


def _request(server: Mockserver, method: str, path: str) -> tuple[SandboxApi, str, str | None] | None:
    """Which side of which sandbox a request reaches, by which operation, about which job."""
    name, rest, api = server.address(path, {})
    sandbox = server.sandboxes.default if name is None else server.sandboxes.get(name)
    match = None if api is None else api.routes.match(rest)
    operation = None if match is None else match[0].methods.get(method)
    if sandbox is None or api is None or match is None or operation is None:
        return None
    return sandbox.apis[api.contract.name], operation.id, match[1][0] if match[1] else None


def _download(server: Mockserver, path: str) -> tuple[SandboxApi, str, str | None] | None:
    """The same of a download."""
    parts = path.split("/")
    sandbox = server.sandboxes.get(parts[2].removeprefix("@"))
    side = None if sandbox is None or len(parts) < 5 else sandbox.apis.get(parts[3])
    return None if side is None or not side.faults.downloads else (side, MEDIA, parts[4])


def _silence(armed: Armed, operation: str, method: str, job: str | None) -> float | None:
    """How long an armed fault keeps silent towards this request; None when it does not, or that cannot be said."""
    selector, fault = armed.selector, armed.fault
    if not selector.counts(operation, job, None) or not selector.picks(armed.seen + 1):
        return None
    if selector.probability is not None:
        return None
    if isinstance(fault, Hang) or (isinstance(fault, Stall) and method == "GET"):
        return fault.seconds or math.inf
    if isinstance(fault, Latency) and fault.how == "fixed" and method == "GET":
        return fault.seconds
    return None


def _applied(side: SandboxApi, book: FaultBook, armed: Armed, operation: str, method: str, path: str) -> bool:
    sandbox = side.sandbox
    armed.seen += 1
    if not book.take(armed):
        return False
    book.release(armed)
    why = "the client lost its patience before an answer"
    kind, named = ("media", "") if path.startswith(DOWNLOADS) else ("request", operation)
    sandbox.journal.add((
        sandbox.journal.next(), sandbox.clock.now(), kind, side.contract.name, named, method,
        path, 0, "", why, 0.0, {"fault": armed.name},
    ))  # fmt: skip
    return True
