"""The port to the index of sandboxes: which are open, which credential leads to which, and who came too late.

Every record is a value that could be written as JSON. Each call is atomic. Knows no home, and nothing of requests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from mockserver.clock import Clock, ClockReading
from mockserver.journal import Seen
from mockserver.state.configuration import SWITCHES, Configuration

DEFAULT = "default"
"""The sandbox that everybody knows; it is never closed."""
Credential = tuple[str, str]
"""API, and key or client_id."""
Creation = Literal["made", "taken", "full"]
"""What became of a sandbox that was to be made: its name was given before, or there are too many."""


class SandboxRecord(NamedTuple):
    """A sandbox as it was made; what became of it since then is in its own state.

    `made` is wall time in seconds since 1970. `configuration` and `clock` are its first ones, `draws` says how many
    numbers had been drawn by then, by purpose. `n` is its place among all that were made, from 1 on; the index says it.
    """

    name: str
    owner: str
    seed: str
    made: float
    configuration: Configuration
    clock: ClockReading
    draws: Mapping[str, int]
    keeps_requests: bool = False
    webhook_timeout: float | None = None
    n: int = 0

    @property
    def settings(self) -> dict[str, Any]:
        """What a sandbox of this record is made with where another process has made it."""
        first = {name: getattr(self.configuration, name) for name in SWITCHES}
        return {
            "seed": self.seed, "clock": Clock.of(self.clock), "owner": self.owner, "opened": self,
            "keeps_requests": self.keeps_requests, "webhook_timeout": self.webhook_timeout,
            "at_first": Configuration(**first),
        }  # fmt: skip


class ClosedSandbox(NamedTuple):
    """What is known of a sandbox that was closed."""

    name: str
    owner: str


class ListedSandbox(NamedTuple):
    """An open sandbox in short, with its clock as it goes now."""

    n: int
    name: str
    owner: str
    made: float
    clock: ClockReading


class Late(NamedTuple):
    """A request to a sandbox that was closed, with the name of the test that owned it."""

    sandbox: str
    owner: str
    method: str
    path: str


class Index(Protocol):
    """All sandboxes of a server, of however many processes it is made."""

    async def create(self, record: SandboxRecord, credentials: Sequence[Credential]) -> Creation:
        """Open a sandbox by this record, and let these credentials lead to it.

        The first one to give a name gives all that the record says: for the others, who find it "taken", `find` has it.
        """

    async def find(self, name: str, used: bool = False) -> SandboxRecord | ClosedSandbox | None:
        """The sandbox of a name; with `used` somebody asked it for something just now, and it is not idle."""

    async def by_credential(self, api: str, credential: str) -> str | None:
        """The name of the sandbox, open or closed, to which a key or client_id leads.

        It leads to the same one as long as that is open.
        """

    async def know(self, name: str, credentials: Sequence[Credential], instead: bool = False) -> None:
        """Let credentials lead to a sandbox; `instead` of those that did so until now.

        One that leads to another open sandbox already goes on to do so, and leads to this one when that is closed.
        """

    async def close(self, name: str, idle: float | None = None) -> bool:
        """Close a sandbox: its state is gone with it, its name and credentials stay known. Whether it was open.

        With `idle` only where nobody used it for more than so many seconds.
        """

    async def count(self) -> int:
        """How many are open."""

    async def page(self, after: int, most: int) -> Sequence[ListedSandbox]:
        """So many of those that are open, oldest first, behind the one with the number `after`."""

    async def idle(self, seconds: float) -> Sequence[str]:
        """The names of those that nobody used for more than so many seconds."""

    async def note_late(self, late: Late) -> None:
        """A request came to a sandbox that was closed. The oldest of them make room."""

    async def late(self, name: str) -> Sequence[Late]:
        """The requests that came too late to one sandbox, oldest first."""

    def opens(self, find: Callable[[str], Awaitable[object]]) -> None:
        """`find` opens a sandbox here by its name, where nobody else goes on with what is under way there."""

    async def leave(self) -> None:
        """This process ends: what it has under way is others' business, where there are others."""

    async def examples(self, name: str) -> Mapping[Seen, int]:
        """How often each example was answered in an open sandbox; without a name in all that were closed."""
