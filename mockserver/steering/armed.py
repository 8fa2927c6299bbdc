"""What a test armed in a sandbox: what each thing is called, the line that armed it, and whether it took effect.

A new kind of thing derives from `Armed` and is entered with `sandbox.armed.add(…)`; one that the server does not list
as unused says so itself, in `lack`.
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self, TypeVar

from mockserver.errors import is_on_purpose
from mockserver.json_types import Json, JsonValue
from mockserver.reprs import brief
from mockserver.stack import outside
from mockserver.steering.connection import Control, ControlError

if TYPE_CHECKING:
    from mockserver.steering.journal import JournalView
    from mockserver.steering.records import Entry

__tracebackhide__ = is_on_purpose
MOST = 11_000  # as many faults and plans as an API of a sandbox takes
LONGEST = 160


class ArmingSandbox(Protocol):
    """Where something is armed: the handle of a sandbox."""

    name: str
    is_closed: bool
    handler_errors: list[BaseException]
    _control: Control
    _path: tuple[str, str]

    @property
    def armed(self) -> ArmedList: ...
    @property
    def journal(self) -> JournalView: ...
    def ask(self, *path: str, **query: JsonValue) -> JsonValue: ...
    def ask_if_known(self, *path: str, **query: JsonValue) -> JsonValue: ...
    def tell(self, method: str, /, *path: str, **body: JsonValue) -> JsonValue: ...


class Place(NamedTuple):
    """A statement in somebody's code."""

    file: str
    line: int
    last_line: int

    @property
    def text(self) -> str:
        """The statement in one line; empty where there is no source."""
        lines = linecache.getlines(self.file)[self.line - 1 : self.last_line]
        text = " ".join(line.strip() for line in lines)
        return text if len(text) <= LONGEST else text[:LONGEST] + "…"

    def __str__(self) -> str:
        file = os.path.relpath(self.file) if self.file.startswith(os.path.join(os.getcwd(), "")) else self.file
        return f"{file}:{self.line}"


def _place(frame: FrameType) -> Place:
    line, last = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), (None, None, None, None))[:2]
    line = line or frame.f_lineno
    return Place(frame.f_code.co_filename, line, max(line, last or line))


class Armed:
    """Something that waits for a request; `with …:` disarms it at the end.

    `title` is what it is called in messages, `place` the line that armed it, and `source` the same in short.
    """

    def __init__(self, sandbox: ArmingSandbox, what: str) -> None:
        self._sandbox = sandbox
        self._what = what
        self.id = ""
        self.title = f"the {type(self).__name__.lower()} {what}"
        self.place = _place(outside()[0])
        self.is_disarmed = False

    @property
    def source(self) -> str:
        """`file:line` of what armed it."""
        return str(self.place)

    def disarm(self) -> None:
        """It takes no effect any more."""
        self.is_disarmed = True
        self._sandbox.armed.remove(self)
        self._take_back()

    def _take_back(self) -> None:
        """Let the server forget it; one that the server does not know has nothing to do."""

    def lack(self, told: Mapping[str, Json]) -> Json | None:
        """`why` it took no effect, and the `entry` of the request that came nearest; None when it took effect.

        `told` is what the server says, by id.
        """
        return told.get(self.id)

    def __repr__(self) -> str:
        over = "disarmed," if self.is_disarmed else ""
        return brief(type(self).__name__, f"{self._what}:", over, f"armed at {self.source}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        try:
            self.disarm()
        except ControlError as refused:
            if refused.status != 404:  # 404: it took effect as often as it was to
                raise


Thing = TypeVar("Thing", bound=Armed)


class Unused(NamedTuple):
    """Something that took no effect, why, and the request that came nearest."""

    thing: Armed
    why: str
    nearest: Entry | None


class ArmedList:
    """What was armed in a sandbox and counts for the running test.

    `counts` says of the frame that arms something whether it does.
    """

    def __init__(self, sandbox: ArmingSandbox) -> None:
        self.counts: Callable[[FrameType], bool] = lambda frame: True
        self._sandbox = sandbox
        self._things: list[Armed] = []
        self._is_counting = True
        self._kept: list[Unused] | None = None

    def keep(self) -> None:
        """Ask for the last time what took no effect. Raises Unreachable."""
        self._kept = self.unused()

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[Armed]:
        return iter(tuple(self._things))

    def add(self, thing: Thing) -> Thing:
        """Enter something that is armed now."""
        if self._is_counting and self.counts(outside()[0]):
            self._things.append(thing)
            del self._things[:-MOST]
        return thing

    def remove(self, thing: Armed) -> None:
        """It need not take effect."""
        self._things = [other for other in self._things if other is not thing]

    def clear(self) -> None:
        """None of them need."""
        self._things = []

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """What is armed meanwhile need not take effect."""
        before, self._is_counting = self._is_counting, False
        try:
            yield
        finally:
            self._is_counting = before

    def unused(self) -> list[Unused]:
        """What took no effect so far; nothing where the server cannot tell. Raises Unreachable."""
        if self._kept is not None or not self._things:
            return self._kept or []
        try:
            unused = {armed["id"]: armed for armed in self._sandbox.ask_if_known("unused") or ()}
        except ControlError:  # the sandbox was closed by somebody else
            return []
        lacking = [(armed, lack) for armed in self._things if (lack := armed.lack(unused)) is not None]
        numbers = {lack["entry"] for _, lack in lacking} - {None}
        entries = {e.n: e for e in self._sandbox.journal.filter(where=lambda e: e.n in numbers)} if numbers else {}
        return [Unused(armed, str(lack["why"]), entries.get(lack["entry"] or 0)) for armed, lack in lacking]
