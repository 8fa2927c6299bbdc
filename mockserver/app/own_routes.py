"""Paths of a sandbox that its test answers itself, by handlers of its own process; those of contracts go first."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.app.capture import capture_own
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.overtaken import send_overtaken
from mockserver.app.presence import while_present
from mockserver.app.recording import recorded, whole
from mockserver.app.routes import Match, Routes, parts_below
from mockserver.app.sending import Send, send_reply
from mockserver.bounds import ROUTES
from mockserver.clock import perf_counter
from mockserver.contract import Operation
from mockserver.errors import FullError, UsageError
from mockserver.faults import Reply
from mockserver.generation import Overtaken
from mockserver.intake import Security
from mockserver.mounting import RECORD
from mockserver.request_log import RecordedRequest, Recorder
from mockserver.sandbox import Sandbox
from mockserver.world import World

Handler = Callable[[RecordedRequest], Awaitable[Reply]]
PATH = re.compile(r"(/[^/?#\t\r\n{}]+|/\{[A-Za-z_]\w*\})+/?|/")
NAMES = re.compile(r"\{(\w+)\}").findall
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOBODY = Reply.of(0, b"", b"")
"""What one hears who has left."""
_OWN = frozenset({"/openapi.json", "/docs"})


@dataclass(frozen=True, slots=True)
class OwnRoute:
    """One of them: `api` is empty below the sandbox's own origin, `path` what stands behind the API's prefix."""

    id: str
    api: str
    method: str
    path: str
    handler: Handler


class OwnRoutes:
    """Those of one sandbox. Of two for the same method and path the newer counts."""

    def __init__(self) -> None:
        self._all: dict[str, OwnRoute] = {}
        self._tables: dict[str, Routes] = {}
        self._n = 0

    def add(self, api: str, method: str, path: str, handler: Handler) -> str:
        """Answer a path; gives the name by which it is taken back. Raises FullError."""
        if len(self._all) >= ROUTES:
            raise FullError(f"a sandbox has at most {ROUTES} routes of its own; disarm some")
        self._n += 1
        made = OwnRoute(f"route-{self._n}", api, method, path, handler)
        self._all[made.id] = made
        self._compile(self._all.values())
        return made.id

    def remove(self, identity: str) -> None:
        """Answer it no more."""
        if self._all.pop(identity, None) is not None:
            self._compile(self._all.values())

    def _compile(self, routes: Iterable[OwnRoute]) -> None:
        """A table of routes for each API: an operation's name is that of the route."""
        by_api: dict[str, list[Operation]] = {}
        for each in routes:
            operation = Operation(each.id, each.method, each.path, "answer", Security("open"))
            by_api.setdefault(each.api, []).append(operation)
        self._tables = {api: Routes(operations) for api, operations in by_api.items()}

    def find(
        self, api: str, method: str, path: str, parts: list[str] | None = None
    ) -> tuple[OwnRoute, dict[str, str]] | None:
        """The route of a decoded path, or of `parts` that were split before, with its parameters; None for none."""
        table = self._tables.get(api)
        match = None if table is None else table.match(path) if parts is None else table.match_parts(parts)
        operation = None if match is None else match[0].methods.get(method)
        if match is None or operation is None:
            return None
        names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        return self._all[operation.id], dict(zip(names, match[1], strict=True))


def check_route(sandbox: Sandbox, find: Callable[[str, str], Match | None], method: str, path: str) -> tuple[str, str]:
    """The API and the path behind its prefix of a route that may be added. Raises UsageError."""
    if method not in METHODS:
        raise UsageError(f"{method!r:.40} is no method of HTTP; known: {', '.join(sorted(METHODS))}")
    if not PATH.fullmatch(path):
        raise UsageError(f"{path!r:.200} is no path; write it like /x/{{name}}/y, without host or query")
    names = NAMES(path)
    if len({*names}) < len(names):
        raise UsageError(f"{path:.200} has a name twice: each is found by it in request.path_params")
    if "%" in path or {".", ".."} & {*path.split("/")}:
        raise UsageError(f"{path:.200} is never asked for: clients resolve dots, and a path is written without escapes")
    first, _, rest = path[1:].partition("/")
    api, own = (first, f"/{rest}") if first in sandbox.apis else ("", path)
    if own in _OWN or path.startswith("/_"):
        raise UsageError(f"{path} is the server's own")
    match = find(api, own) if api else None
    operation = None if match is None else match[0].methods.get(method)
    if operation is not None:
        raise UsageError(f"the contract of {api} has {method} {operation.path}: use answer({operation.id!r}, …)")
    return api, own


def own_routes(sandbox: Sandbox) -> OwnRoutes:
    """The routes of a sandbox, to be added to; what is sent is written down from now on, kept or not."""
    if sandbox.routes is None:
        sandbox.routes = OwnRoutes()
    note_requests(sandbox)
    routes: OwnRoutes = sandbox.routes
    return routes


def note_requests(sandbox: Sandbox) -> None:
    """A handler wants to see requests whole, also where none are kept."""
    if sandbox.recorder is None:
        sandbox.recorder = Recorder("", None)


async def send_own(sandbox: World, api: str, path: str, scope: Any, incoming: Incoming, send: Send) -> bool:
    """Answer a request by a route of the test's own; False, and nothing is done, where there is none."""
    routes: OwnRoutes | None = sandbox.routes
    found = None if routes is None else routes.find(api, scope["method"], path, parts_below(scope, path))
    if found is None:
        return False
    started, (route, parameters) = perf_counter(), found
    send = recorded(sandbox, api, "", path, scope, incoming, send, parameters)
    await sandbox.read_clock(tick=True)
    try:
        with sandbox.generation:
            reply = await _handled(sandbox, route, scope, incoming)
            shown = f"{route.method} {route.path}"
            entry, weight = capture_own(sandbox, api, scope, incoming, reply or NOBODY, started, shown)
            sandbox.state.enter(entry if reply else entry._replace(answered=None), weight)
            if reply is not None:
                await send_reply(scope, incoming, send, reply)
    except Overtaken as overtaken:
        await send_overtaken(scope, incoming, send, str(overtaken), sandbox.clock.now())
    return True


async def _handled(sandbox: World, route: OwnRoute, scope: Any, incoming: Incoming) -> Reply | None:
    """What a handler answers; None when its client left before."""
    mark = -id(scope)  # it has no number yet
    sandbox.home.in_flight.add(mark)
    try:
        record = await whole(scope, incoming)
        record.fault = "route"
        reply = await while_present(scope, incoming, route.handler(record))
    except ClientLeft:
        scope[RECORD].is_over = True
        scope[RECORD].tell()
        return None
    finally:
        sandbox.home.in_flight.discard(mark)
    return reply.without_body() if scope["method"] == "HEAD" else reply


def side_of(sandbox: Sandbox, api: str) -> SandboxApi:
    """A sandbox's side of an API. Raises UsageError for one it does not have."""
    if api not in sandbox.apis:
        raise UsageError(f"the server has no API {api!r}; it has: {', '.join(sandbox.apis)}")
    return sandbox.apis[api]
