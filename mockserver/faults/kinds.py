"""What a fault is: a name, a category, parameters, one line of documentation; and what each category must be able to.

The dataclasses of the catalogue match these protocols by shape; what a fault leaves out is what `Plain` says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from mockserver.draws import Draw
from mockserver.faults.reply import Reply

Category = Literal["clock", "job", "answer", "pace", "wire", "webhook"]
CATEGORIES: tuple[Category, ...] = ("clock", "job", "answer", "pace", "wire", "webhook")
Verbs = frozenset[str]
COMMITTING: Verbs = frozenset({"create", "move", "upload"})
TOUCHING: Verbs = frozenset({"show", "move", "upload", "content"})  # they name the job they are about


class Fault(Protocol):
    """Any fault of the catalogue. `times` is how often it takes effect unless it is told otherwise (None: always)."""

    name: ClassVar[str]
    category: ClassVar[Category]
    times: ClassVar[int | None]


class Grip(Protocol):
    """The connection, as `wire.Wire` gives it; `requests` on it are counted while faults are armed."""

    requests: int

    @property
    def is_gone(self) -> bool: ...
    def take(self) -> None: ...
    def write(self, data: bytes) -> None: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...
    def pause(self) -> None: ...
    async def room(self) -> None: ...
    async def settle(self) -> None: ...
    async def gone(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer fault may know of the request: its time, its target as sent, the state of its job.

    `by_status` and `by_problem` give the operation's own examples, None when there is none.
    """

    now: float
    target: bytes
    state: str | None
    by_status: Callable[[int], Reply | None]
    by_problem: Callable[[Iterable[str]], Reply | None]
    optional: Callable[[str], frozenset[str]] = lambda example: frozenset()


Send = Callable[[Reply], Awaitable[None]]


class Answering(Fault, Protocol):
    """Answers in the verb's stead; nothing is committed."""

    def answer(self, asked: Asked) -> Reply: ...


class Changing(Fault, Protocol):
    """Changes the bytes of an answer; None when there is nothing in it to change."""

    def change(self, reply: Reply, asked: Asked) -> Reply | None: ...


class Pausing(Fault, Protocol):
    """Real seconds to wait before an answer is sent; `n` is how often the fault took effect before."""

    def pause(self, draw: Draw, n: int) -> float: ...


class Silencing(Fault, Protocol):
    """Happens to the connection in the verb's stead. `asks(n)`: whether the nth request on it is meant."""

    def asks(self, n: int) -> bool: ...
    async def silence(self, grip: Grip) -> None: ...


class Delivering(Fault, Protocol):
    """Sends an answer in its own way; `send` is the usual way. `fits`: whether this answer can be sent so."""

    def fits(self, reply: Reply) -> bool: ...
    async def deliver(self, grip: Grip, reply: Reply, send: Send) -> None: ...
