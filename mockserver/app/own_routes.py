"""Paths of a sandbox that its test answers itself, by handlers of its own process; those of contracts go first."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.app.capture import capture_own
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.overtaken import ENDED, send_overtaken
from mockserver.app.presence import while_present
from mockserver.app.recording import recorded, whole
from mockserver.app.routes import RouteMatch, RouteTable, parts_below
from mockserver.app.sending import SendMessage, send_reply
from mockserver.bounds import ROUTES
from mockserver.clock import perf_counter
from mockserver.contract import Operation
from mockserver.errors import FullError, UsageError
from mockserver.faults import Reply
from mockserver.intake import Security
from mockserver.mounting import RECORD
from mockserver.problems import MEDIA_TYPE, problem
from mockserver.request_log import RecordedRequest, Recorder
from mockserver.sandbox import Sandbox
from mockserver.sandbox_view import SandboxView
from mockserver.signing import new_name
from mockserver.state.configuration import Configuration, ConfigurationChange, OwnedRoute

RouteHandler = Callable[[RecordedRequest], Awaitable[Reply]]
PATH = re.compile(r"(/[^/?#\t\r\n{}]+|/\{[A-Za-z_]\w*\})+/?|/")
NAMES = re.compile(r"\{(\w+)\}").findall
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOBODY = Reply.of(0, b"", b"")
"""What one hears who has left."""
_OWN = frozenset({"/openapi.json", "/docs"})


class OwnRoutes:
    """Those of one sandbox, and the callables of this process. Of two for the same method and path the newer counts."""

    def __init__(self) -> None:
        self._handlers: dict[str, RouteHandler] = {}
        self._seen: tuple[OwnedRoute, ...] = ()
        self._tables: dict[str, RouteTable] = {}

    def adding(self, api: str, method: str, path: str, handler: RouteHandler) -> Adding:
        """The change that adds a route. It raises FullError."""
        owner = new_name()
        self._handlers[owner] = handler
        return Adding(api, method, path, owner)

    def removing(self, identity: str) -> ConfigurationChange:
        """The change that takes one back."""

        def change(configuration: Configuration) -> Configuration:
            routes = tuple(route for route in configuration.routes if route.id != identity)
            for route in configuration.routes:
                if route not in routes:
                    self._handlers.pop(route.owner, None)
            return configuration.but(routes=routes)

        return change

    def see(self, routes: tuple[OwnedRoute, ...]) -> OwnRoutes:
        """These are all there are by now: a table of them for each API, in which an operation's name is a route's."""
        if routes != self._seen:
            self._seen = routes
            by_api: dict[str, list[Operation]] = {}
            for route in routes:
                operation = Operation(route.id, route.method, route.path, "answer", Security("open"))
                by_api.setdefault(route.api, []).append(operation)
            self._tables = {api: RouteTable(operations) for api, operations in by_api.items()}
        return self

    def find(
        self, api: str, method: str, path: str, parts: list[str] | None = None
    ) -> tuple[OwnedRoute, dict[str, str]] | None:
        """The route of a decoded path, or of `parts` that were split before, with its parameters; None for none."""
        table = self._tables.get(api)
        match = None if table is None else table.match(path) if parts is None else table.match_parts(parts)
        operation = None if match is None else match[0].methods.get(method)
        if match is None or operation is None:
            return None
        names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        route = next(own for own in self._seen if own.id == operation.id)
        return route, dict(zip(names, match[1], strict=True))

    def handler(self, route: OwnedRoute) -> RouteHandler:
        """What answers it; where that lives in another process, a sentence that says so."""
        return self._handlers.get(route.owner, _elsewhere)


async def _elsewhere(record: RecordedRequest) -> Reply:
    why = "a callable of a test answers this path, in another process of this server than the one it has met"
    return Reply.of(500, MEDIA_TYPE.encode(), problem(500, why))


class Adding:
    """The change that adds a route; `id` is what it was named then, by which it is taken back."""

    def __init__(self, *route: str) -> None:
        self.id, self._route = "", route

    def __call__(self, configuration: Configuration) -> Configuration:
        if len(configuration.routes) >= ROUTES:
            raise FullError(f"a sandbox has at most {ROUTES} routes of its own; disarm some")
        self.id = f"route-{configuration.numbered + 1}"
        route = OwnedRoute(self.id, *self._route)
        return configuration.but(routes=(*configuration.routes, route), numbered=configuration.numbered + 1)


def check_route(
    sandbox: Sandbox, find: Callable[[str, str], RouteMatch | None], method: str, path: str
) -> tuple[str, str]:
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


def routes_of(sandbox: SandboxView) -> OwnRoutes:
    """The routes of a sandbox as they are by now."""
    if sandbox.routes is None:
        sandbox.routes = OwnRoutes()
    routes: OwnRoutes = sandbox.routes
    return routes.see(sandbox.configuration.routes)


async def add_route(sandbox: Sandbox, api: str, method: str, path: str, handler: RouteHandler) -> str:
    """Answer a path; gives the name by which that is taken back. What is sent is written down from now on, kept or not.

    Raises FullError.
    """
    note_requests(sandbox)
    adding = routes_of(sandbox).adding(api, method, path, handler)
    await sandbox.change(adding)
    return adding.id


def note_requests(sandbox: Sandbox) -> None:
    """A handler wants to see requests whole, also where none are kept."""
    if sandbox.recorder is None:
        sandbox.recorder = Recorder("", None)


async def send_own(
    sandbox: SandboxView, api: str, path: str, scope: Any, incoming: Incoming, send: SendMessage
) -> bool:
    """Answer a request by a route of the test's own; False, and nothing is done, where there is none."""
    routes = routes_of(sandbox)
    matched_route = routes.find(api, scope["method"], path, parts_below(scope, path))
    if matched_route is None:
        return False
    started, (route, parameters) = perf_counter(), matched_route
    handler = routes.handler(route)
    send = recorded(sandbox, api, "", path, scope, incoming, send, parameters)
    try:
        await sandbox.read_clock(tick=True)
        with sandbox.generation:
            reply = await _handled(sandbox, handler, scope, incoming)
            label = f"{route.method} {route.path}"
            entry, weight = capture_own(sandbox, api, scope, incoming, reply or NOBODY, started, label)
            sandbox.state.enter(entry if reply else entry._replace(answered=None), weight)
            if reply is not None:
                await send_reply(scope, incoming, send, reply)
    except ENDED as overtaken:
        await send_overtaken(scope, incoming, send, overtaken, sandbox.clock.now())
    return True


async def _handled(sandbox: SandboxView, handler: RouteHandler, scope: Any, incoming: Incoming) -> Reply | None:
    """What a handler answers; None when its client left before."""
    mark = -id(scope)  # it has no number yet
    sandbox.home.in_flight.add(mark)
    try:
        record = await whole(scope, incoming)
        record.fault = "route"
        reply = await while_present(scope, incoming, handler(record))
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
