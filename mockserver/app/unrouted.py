"""Requests that no operation of a contract answers: 404 or 405 in the API's own form."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import inf
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.app.capture import capture_unrouted
from mockserver.app.cors import Cors
from mockserver.app.fields import by_name
from mockserver.app.incoming import Incoming
from mockserver.app.recording import heard, recorded
from mockserver.app.routes import RouteMatch, parts_below
from mockserver.app.sending import SendMessage, send_answer
from mockserver.contract import Limit
from mockserver.errors import Closed
from mockserver.ratelimit import headers as limit_headers
from mockserver.ratelimit import tightest, windows
from mockserver.sandbox import Sandbox
from mockserver.sandbox_view import SandboxView
from mockserver.state.port import Begin, Begun
from mockserver.subject import Subject


def is_own(sandbox: Sandbox | None, scope: Any, path: str) -> bool:
    """Whether a sandbox's test answers a path below its origin itself."""
    if sandbox is None or not sandbox.configuration.routes:
        return False
    from mockserver.app.own_routes import routes_of

    return routes_of(sandbox).find("", scope["method"], path, parts_below(scope, path)) is not None


def is_beside(sandbox: Sandbox) -> bool:
    """Whether what comes to a sandbox, and to none of its APIs, has to do with its test."""
    return bool(sandbox.recorder or sandbox.configuration.routes) or not sandbox.is_alone


async def _is_answered(
    sandbox: SandboxView, api: str, path: str, scope: Any, incoming: Incoming, send: SendMessage
) -> bool:
    """Whether a route of the test's own answers it; it has done so then."""
    if not sandbox.is_alone:  # another process may have armed one
        with suppress(Closed):  # whoever begins the request finds that out
            await sandbox.refresh()
    if not sandbox.configuration.routes:
        return False
    from mockserver.app.own_routes import send_own  # few tests have any

    return await send_own(sandbox, api, path, scope, incoming, send)


async def send_beside(sandbox: Sandbox, path: str, scope: Any, receive: Any, send: SendMessage, otherwise: Any) -> None:
    """Answer what comes to a sandbox and to none of its APIs: by a route of the test's own, else as anywhere."""
    incoming = Incoming(receive, by_name(scope["headers"]))
    if not await _is_answered(sandbox, "", path, scope, incoming, send):
        send = recorded(sandbox, "", "", path, scope, incoming, send)
        await otherwise(scope, heard(scope, receive), send)


async def send_unrouted(
    cors: Cors,
    side: SandboxApi,
    api_path: str,
    match: RouteMatch | None,
    scope: Any,
    incoming: Incoming,
    send: SendMessage,
) -> None:
    """Refuse a path or a method that the contract does not have."""
    contract, sandbox = side.contract, side.sandbox
    if await _is_answered(sandbox, contract.name, api_path, scope, incoming, send):
        return
    send = recorded(sandbox, contract.name, "", api_path, scope, incoming, send)
    await incoming.drain()
    limits, begun = await _begun(side, api_path, (scope.get("client") or ("",))[0])
    method, now = scope["method"], begun.now
    refused = "unknown_path" if match is None else "wrong_method"
    # What is cut off must not hide the half of a secret from redaction.
    path_shown, method_shown = sandbox.redaction.text(scope["path"])[:200], "GET" if method == "HEAD" else method[:20]
    why = f"there is no {path_shown}" if match is None else f"{method_shown} is not allowed here" + cors.remedy(scope)
    extra = [] if match is None else [(b"allow", match[0].allow)]
    hit = tightest(limits, begun.counts)
    if hit is not None:
        refused = "rate_limited" if hit.refused else refused
        extra += limit_headers(contract.limit_headers, hit, now)
    answer = side.table[""][refused]
    body = answer.body(Subject(now, why=why))
    entry, weight = capture_unrouted(sandbox, contract.name, scope, incoming, answer, why, body)
    sandbox.state.enter(entry._replace(n=begun.n, at=now), weight)
    sandbox.state.finish(begun.n)
    await send_answer(scope, send, answer, body, now, extra)


async def _begun(side: SandboxApi, path: str, client: str) -> tuple[Sequence[Limit], Begun]:
    """What a request begins with that no operation answers, and the limits that count it."""
    while True:
        limits, rev = side.limits_under(path), side.sandbox.configuration.rev
        begin = Begin(side.contract.name, by_address=windows(limits, client), rev=rev)
        begun = await side.state.begin(begin, "", inf, 0)
        if begun is not None:
            return limits, begun
        await side.sandbox.refresh()
