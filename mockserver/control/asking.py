"""What a control operation is given and what it gives back. Knows no HTTP beyond statuses and headers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.clock import monotonic
from mockserver.control.problems import Problem
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes


@dataclass(frozen=True, slots=True)
class Asked:
    """One control request, read and found valid: parameters of path and query, and the body (`{}` without one).

    `accept` is the header of that name.
    """

    sandboxes: Sandboxes
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    accept: str = ""

    def accepts(self, media_type: str) -> bool:
        """Whether the client names this very media type as one that it takes."""
        ranges = (each.lower().replace(" ", "").split(";") for each in self.accept.split(","))
        return any(name == media_type and "q=0" not in rest for name, *rest in ranges)

    def sandbox(self) -> Sandbox:
        """The sandbox the path names. Raises Problem: 404, or 410 with the late requests to a closed one."""
        name = self.path["name"]
        found = self.sandboxes.get(name)
        if found is None:
            raise self._missing(name)
        found.used = monotonic()
        return found

    def _missing(self, name: str) -> Problem:
        owner = self.sandboxes.owner_of_closed(name)
        if owner is None:
            return Problem(404, f"there is no sandbox named {name[:100]!r}")
        late = [{"method": each.method, "path": each.path} for each in self.sandboxes.late if each.sandbox == name]
        return Problem(410, f"the sandbox {name!r} was closed", owner=owner, late=late)

    def api(self) -> SandboxApi:
        """The sandbox's side of the API that the body names."""
        return self.sandbox().apis[self.body["api"]]

    def apis(self) -> list[SandboxApi]:
        """The sandbox's side of the API that the query names, else of all."""
        sandbox, name = self.sandbox(), self.query.get("api")
        return list(sandbox.apis.values()) if name is None else [sandbox.apis[name]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that may be long: its items are made and sent a slice at a time, so that others are answered meanwhile.

    `before` and `after` stand around them.
    """

    items: AsyncIterator[Any]
    before: bytes = b"["
    after: bytes = b"]"


@dataclass(frozen=True, slots=True)
class Told:
    """What is answered: a status and a JSON value, or Listed, or bytes as they are, or None for no body.

    `varies` says that another Accept would have got another answer.
    """

    value: Any = None
    status: int = 200
    media_type: str = "application/json"
    varies: bool = False


Handler = Callable[[Asked], Awaitable[Told]]
