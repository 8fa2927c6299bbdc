"""What a handler of the control API is given, and what it may give back. Knows no HTTP beyond the header Accept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.control.problems import Problem
from mockserver.errors import Closed
from mockserver.printable import printable_json
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.state.index_port import ClosedSandbox

PIECE = 64 << 10  # of a long list


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """A control request that was validated: parameters of path and query, and the body (`{}` without one).

    `accept` and `last_event_id` are the headers of those names, `root_path` where this application is mounted;
    `has_wire` says whether the server in front of it is ours, whose connections can be broken. `found` is the sandbox
    that the path names, or why there is none.
    """

    sandboxes: Sandboxes
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    accept: str = ""
    root_path: str = ""
    has_wire: bool = True
    last_event_id: str | None = None
    found: Sandbox | Problem | None = None

    def accepts(self, media_type: str) -> bool:
        """Whether the client names this very media type as one that it takes."""
        ranges = (part.lower().replace(" ", "").split(";") for part in self.accept.split(","))
        return any(name == media_type and "q=0" not in parameters for name, *parameters in ranges)

    async def addressed(self) -> ControlRequest:
        """The same, with the sandbox that the path names, or the Problem: 404, or 410 with those who came too late."""
        name = self.path.get("name")
        if name is None:
            return self
        sandbox = await self.sandboxes.find(name, used=True, anew=True)
        if not isinstance(sandbox, Sandbox):
            return replace(self, found=await no_sandbox(self.sandboxes, name, sandbox))
        return replace(self, found=sandbox)

    def sandbox(self) -> Sandbox:
        """The sandbox the path names. Raises Problem."""
        if isinstance(self.found, Sandbox):
            return self.found
        assert self.found is not None, "the path names one"
        raise self.found

    async def handled(self, handler: ControlHandler) -> Any:
        """What a handler gives for it. Raises Problem where another process closes the sandbox meanwhile."""
        try:
            return await handler(self)
        except Closed:
            (await self.addressed()).sandbox()
            raise

    def touch(self) -> None:
        """Something may have changed in the sandbox that the path names: whoever watches it may look."""
        if isinstance(self.found, Sandbox) and self.found.observer is not None:
            self.found.observer.touched()

    def api(self) -> SandboxApi:
        """The sandbox's side of the API that the body names."""
        return self.sandbox().apis[self.body["api"]]

    def apis(self) -> list[SandboxApi]:
        """The sandbox's side of the API that the query names, else of all."""
        sandbox, name = self.sandbox(), self.query.get("api")
        return list(sandbox.apis.values()) if name is None else [sandbox.apis[name]]


async def no_sandbox(sandboxes: Sandboxes, name: str, closed: ClosedSandbox | None) -> Problem:
    """404 for a sandbox that was never there, 410 with the late requests to one that was closed."""
    if closed is None:
        return Problem(404, f"there is no sandbox named {name[:100]!r}")
    late = [{"method": request.method, "path": request.path} for request in await sandboxes.index.late(name)]
    return Problem(410, f"the sandbox {name!r} was closed", owner=closed.owner, late=late)


@dataclass(frozen=True, slots=True)
class JsonList:
    """A list that may be long: its items are made and sent a slice at a time, so that others are answered meanwhile.

    An item that is long by itself is an iterator of the pieces of its JSON. `before` and `after` stand around them;
    `varies` says that another Accept would have got another answer.
    """

    items: AsyncIterator[Any]
    before: bytes = b"["
    after: bytes = b"]"
    media_type: str = "application/json"
    varies: bool = False

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Its bytes, in pieces that are neither small nor large."""
        part, comma = bytearray(self.before), b""
        async for item in self.items:
            part += comma
            comma = b","
            for chunk in item if isinstance(item, Iterator) else (printable_json(item).encode(),):
                part += chunk
                if len(part) >= PIECE:
                    yield bytes(part)
                    part.clear()
                    await asyncio.sleep(0)
        yield bytes(part + self.after)


@dataclass(frozen=True, slots=True)
class TextBody:
    """An answer that is no JSON, whole."""

    data: bytes
    media_type: str


ControlHandler = Callable[[ControlRequest], Awaitable[Any]]
"""Gives a JSON value, the bytes of one, a JsonList, an EventStream, a Text, or None for no body.

The status is that of the document."""
