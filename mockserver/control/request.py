"""What a handler of the control API is given, and what it may give back. Knows no HTTP beyond the header Accept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.clock import monotonic
from mockserver.control.problems import Problem
from mockserver.printable import printable_json
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes

PIECE = 64 << 10  # of a long list


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """A control request that was validated: parameters of path and query, and the body (`{}` without one).

    `accept` is the header of that name, `root_path` where this application is mounted; `has_wire` says whether the
    server in front of it is ours, whose connections can be broken.
    """

    sandboxes: Sandboxes
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    accept: str = ""
    root_path: str = ""
    has_wire: bool = True

    def accepts(self, media_type: str) -> bool:
        """Whether the client names this very media type as one that it takes."""
        ranges = (each.lower().replace(" ", "").split(";") for each in self.accept.split(","))
        return any(name == media_type and "q=0" not in rest for name, *rest in ranges)

    def sandbox(self) -> Sandbox:
        """The sandbox the path names. Raises Problem: 404, or 410 with the late requests to a closed one."""
        name = self.path["name"]
        found = self.sandboxes.get(name)
        if found is None:
            raise unknown_sandbox(self.sandboxes, name)
        found.used = monotonic()
        return found

    def api(self) -> SandboxApi:
        """The sandbox's side of the API that the body names."""
        return self.sandbox().apis[self.body["api"]]

    def apis(self) -> list[SandboxApi]:
        """The sandbox's side of the API that the query names, else of all."""
        sandbox, name = self.sandbox(), self.query.get("api")
        return list(sandbox.apis.values()) if name is None else [sandbox.apis[name]]


def unknown_sandbox(sandboxes: Sandboxes, name: str) -> Problem:
    """404 for a sandbox that is not open, 410 with the late requests to one that was."""
    owner = sandboxes.owner_of_closed(name)
    if owner is None:
        return Problem(404, f"there is no sandbox named {name[:100]!r}")
    late = [{"method": each.method, "path": each.path} for each in sandboxes.late if each.sandbox == name]
    return Problem(410, f"the sandbox {name!r} was closed", owner=owner, late=late)


@dataclass(frozen=True, slots=True)
class JsonList:
    """A list that may be long: its items are made and sent a slice at a time, so that others are answered meanwhile.

    `before` and `after` stand around them; `varies` says that another Accept would have got another answer.
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
            part += comma + printable_json(item).encode()
            comma = b","
            if len(part) >= PIECE:
                yield bytes(part)
                part.clear()
        yield bytes(part + self.after)


Handler = Callable[[ControlRequest], Awaitable[Any]]
"""Gives a JSON value, the bytes of one, a JsonList, or None for no body. The status is that of the document."""
