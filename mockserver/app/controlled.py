"""The control API in front of the Starlette routes, which are slow to import and which most tests never ask."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.clock import date_header
from mockserver.control import ControlRoutes, Guard
from mockserver.control.asking import Asked, Handler, Told
from mockserver.sandboxes import Sandboxes

if TYPE_CHECKING:
    from mockserver.app.application import Mockserver


def guard_of(server: Mockserver) -> Guard:
    """Who may steer this server."""
    own = {urlsplit(url).hostname or "" for url in (server.base_url, server.settings.public_url or "")}
    return Guard({*server.settings.allow_hosts, *own}, server.settings.control_token)


def controlled(server: Mockserver, otherwise: Any) -> Any:
    """The control API as an ASGI application; `otherwise` answers for paths that it does not have."""
    routes = ControlRoutes(server.sandboxes, guard_of(server), {"foreseeSilence": _foreseen(server)})

    async def steer(scope: Any, receive: Any, send: Any) -> None:
        found = routes.find(scope["path"])
        if found is None:
            await otherwise(scope, receive, send)
            return
        endpoint, values = found
        await dated(endpoint, server.sandboxes)({**scope, "path_params": values}, receive, send)

    return steer


def _foreseen(server: Mockserver) -> Handler:
    async def answer(asked: Asked) -> Told:
        """The silence a request would meet."""
        from mockserver.app.foresight import foresee

        path = f"/@{asked.sandbox().name}{asked.body['path']}"
        body = asked.body
        found = await foresee(server, body["method"], path, body.get("patience"), virtual=body.get("virtual", False))
        if found is None:
            return Told({"silent": False, "seconds": None, "done": False})
        seconds = None if found.seconds == math.inf else found.seconds
        return Told({"silent": True, "seconds": seconds, "done": found.is_done})

    return answer


def dated(application: Any, sandboxes: Sandboxes) -> Any:
    """Every answer carries the time of the default sandbox's clock, as the rest of the server does it."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def date(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], date_header(int(sandboxes.default.clock.now()))]
            await send(message)

        await application(scope, receive, date)

    return answer
