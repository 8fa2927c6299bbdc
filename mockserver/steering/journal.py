"""A sandbox's journal, read from a test: what was asked, answered, broken and delivered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from mockserver.clock import perf_counter
from mockserver.errors import is_on_purpose
from mockserver.event_loops import refuse_in_loop
from mockserver.json_types import JsonValue
from mockserver.reprs import brief
from mockserver.steering.connection import Control

if TYPE_CHECKING:
    from mockserver.steering.records import Entry, Violation

__tracebackhide__ = is_on_purpose

Mode = Literal["fail", "warn", "off"]
_LOOK_AGAIN = 0.01


class EntryFilter(TypedDict, total=False):
    """What `filter` asks of an entry beside its operation."""

    status: int | None
    method: str | None
    path: str | None
    example: str | None
    kind: str | None
    fault: str | None
    where: Callable[[Entry], bool] | None


class JournalView:
    """The entries of one sandbox, or of one API in it; every reading asks the server anew, until it is kept."""

    def __init__(self, control: Control, sandbox: str, api: str | None = None) -> None:
        self._control = control
        self._path = ("sandboxes", sandbox, "journal")
        self._api = api
        self._kept: list[Entry] | None = None

    def __repr__(self) -> str:
        state = "asks anew at each reading" if self._kept is None else f"{len(self._kept)} entries, kept"
        return brief("JournalView", f"of {self._path[1]}{f'/{self._api}' if self._api else ''}:", state)

    def __str__(self) -> str:
        """A line for each entry, for `print`; a `repr` asks no server."""
        return shown(self)

    def keep(self) -> None:
        """Read it for the last time: from now on it says what it said then, also when the sandbox is closed."""
        self._kept = self._entries()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.filter())

    def __len__(self) -> int:
        return len(self.filter())

    def filter(
        self,
        operation: str | None = None,
        *,
        status: int | None = None,
        method: str | None = None,
        path: str | None = None,
        example: str | None = None,
        kind: str | None = None,
        fault: str | None = None,
        where: Callable[[Entry], bool] | None = None,
    ) -> list[Entry]:
        """The entries that agree with everything given, oldest first; `where` is a test of one's own."""
        filters = {"operation": operation, "status": status, "method": method, "path": path, "example": example}
        filters |= {"kind": kind, "fault": fault}
        fields = {name: value for name, value in filters.items() if value is not None}
        return [e for e in self._entries() if _agrees(e, fields) and (where is None or where(e))]

    def count(self, operation: str | None = None, **wanted: Unpack[EntryFilter]) -> int:
        """How many entries agree with everything given; the names are those of `filter`."""
        return len(self.filter(operation, **wanted))

    def wait_for(
        self, n: int = 1, operation: str | None = None, *, timeout: float = 5.0, **wanted: Unpack[EntryFilter]
    ) -> list[Entry]:
        """Block until `n` entries agree; gives them. Raises AssertionError after `timeout` real seconds.

        In a running event loop it would stop what it waits for: ClockError there, unless they are there already.
        """
        deadline, pause = perf_counter() + timeout, threading.Event()
        while len(entries := self.filter(operation, **wanted)) < n:
            refuse_in_loop("`filter` between your own awaits")
            if perf_counter() > deadline:
                raise AssertionError(f"{len(entries)} of {n} entries in {timeout:g} s; the journal has\n{shown(self)}")
            pause.wait(_LOOK_AGAIN)
        return entries

    def masked(self, operation: str | None = None, **wanted: Unpack[EntryFilter]) -> list[dict[str, JsonValue]]:
        """The entries (of those that agree, as for `filter`) as plain values which a snapshot test can keep.

        Ids, times, tokens, ports and the sandbox's name are placeholders, the same in every run.
        """
        from mockserver.steering.traffic import masked

        return masked(self.filter(operation, **wanted), self._path[1])

    def last(self) -> Entry | None:
        """The newest entry."""
        return next(reversed(self.filter()), None)

    def _entries(self) -> list[Entry]:
        if self._kept is not None:
            return self._kept
        from mockserver.steering.records import entry_of

        return [entry_of(document) for document in self._control.get(*self._path, api=self._api)]


class Violations:
    """Requests that broke the contract, and whether a test fails for them."""

    def __init__(self, journal: JournalView, modes: list[tuple[str | None, int, int, Mode]], api: str | None) -> None:
        self._journal = journal
        self._modes = modes
        self._api = api

    def __repr__(self) -> str:
        return brief("Violations", f"in {self._journal!r}")

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "none"

    def __iter__(self) -> Iterator[Violation]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> list[Violation]:
        return [e.violation for e in self._journal.filter() if e.violation is not None]

    def off(self) -> AbstractContextManager[None]:
        """`with violations.off():` what happens meanwhile neither fails the test nor warns."""
        return self._meanwhile("off")

    def warn(self) -> AbstractContextManager[None]:
        """Meanwhile, violations warn."""
        return self._meanwhile("warn")

    def fail(self) -> AbstractContextManager[None]:
        """Meanwhile, violations fail the test."""
        return self._meanwhile("fail")

    def by_mode(self, otherwise: Mode) -> dict[Mode, list[Violation]]:
        """The violations by what they lead to: the innermost context they happened in decides, else `otherwise`."""
        found: dict[Mode, list[Violation]] = {"fail": [], "warn": [], "off": []}
        for violation in self._all():
            found[self._mode(violation) or otherwise].append(violation)
        return found

    def _mode(self, violation: Violation) -> Mode | None:
        fits = (
            mode
            for api, first, last, mode in self._modes  # inner contexts end first, and so stand first
            if api in (None, violation.api) and first < violation.n <= last
        )
        return next(fits, None)

    @contextmanager
    def _meanwhile(self, mode: Mode) -> Iterator[None]:
        first = self._newest()
        try:
            yield
        finally:
            self._modes.append((self._api, first, self._newest(), mode))

    def _newest(self) -> int:
        return max((e.n for e in self._journal.filter()), default=0)


def _agrees(entry: Entry, fields: Mapping[str, object]) -> bool:
    return all(getattr(entry, name) == value for name, value in fields.items())


def shown(entries: Iterable[Entry]) -> str:
    """Entries as lines for people."""
    from mockserver.steering.records import line

    return "\n".join(map(line, entries)) or "nothing"
