"""Every error this project raises, in one tree. Knows nothing of HTTP.

MockserverError
├── ContractError      a contract is wrong: file, JSON pointer, sentence, remedy
├── RequestError       a caller's request cannot be read: pointer and sentence
│   └── EmptyFile      a file of 0 bytes
├── StorageError       there is no room for a file, or a kept one cannot be read
├── StateError         what is kept in another process is out of reach for now
└── UsageError         a user of this tool asked for something impossible
    ├── FullError      there is no room for more of what was armed, ordered or made
    ├── Overtaken      a sandbox was reset or closed while something was under way
    │   └── Closed     a sandbox is there no more
    └── ClockError     time was asked to do what it cannot
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from mockserver.printable import one_line, printable


class MockserverError(Exception):
    """The root of all errors raised on purpose. Their messages may be printed: they repeat what others wrote."""

    def __str__(self) -> str:
        return printable(super().__str__())


class Mend(NamedTuple):
    """What mends a mistake: a name or a value in the place of another one, or nothing in its place."""

    how: Literal["rename", "write", "remove"]
    pointer: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in a contract: where it stands, what is wrong and how to fix it.

    `line` is that of the file, 0 where it is not known; `mend` is what the remedy says, where a machine can do it.
    `refused` are two pointers where a schema refuses an answer: of the schema in openapi.json, and within the answer.
    """

    file: str
    pointer: str
    sentence: str
    remedy: str
    line: int = field(default=0, compare=False)
    mend: Mend | None = field(default=None, compare=False)
    refused: tuple[str, str] | None = field(default=None, compare=False)

    @property
    def place(self) -> str:
        """Where it stands: `acme/behavior.json:12: #/operations/getJob`."""
        return one_line(f"{self.file}:{self.line}: {self.pointer}" if self.line else self.file + self.pointer)

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence} Remedy: {self.remedy}"


class ContractError(MockserverError):
    """A contract that cannot be served; carries every finding, not just the first."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__("\n".join(map(str, findings)))


class RequestError(MockserverError):
    """A request that breaks the contract: `pointer` names the place, `why` is a sentence; or it is `missing`.

    `remedy` says, to whoever runs this server, what to switch so that such a request is taken; no client reads it.
    `guess` says which of the allowed words may have been meant.
    """

    def __init__(self, pointer: str, why: str, *, missing: bool = False, remedy: str = "", guess: str = "") -> None:
        self.pointer = pointer
        self.why = why
        self.missing = missing
        self.remedy = remedy
        self.guess = guess
        super().__init__(f"{pointer}: {why}" if pointer else why)


class EmptyFile(RequestError):
    """An uploaded file of 0 bytes, which counts as a missing one; `name` is its field."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"/{name}", f"{name} is required: the file that was sent is empty", missing=True)


class StorageError(MockserverError):
    """The machine has no room for a file, or does not give one back that was kept."""


class StateError(MockserverError):
    """The home of the state is away, silent or full; nothing was done, or whether it was is not known. Try again."""


class _Raised(Protocol):
    def errisinstance(self, exc: type[BaseException] | tuple[type[BaseException], ...], /) -> bool: ...


def is_on_purpose(raised: _Raised) -> bool:
    """What modules name as their `__tracebackhide__`: of an error whose message says all, pytest shows the test's line.

    Of any other, which is a mistake of ours, it shows our frames as well.
    """
    return raised.errisinstance((MockserverError, AssertionError))


def let_go(error: BaseException | None) -> None:
    """Break the circles between a handled error and the frames it passed, whose variables may hold it.

    Else a whole request body would wait for the collector of garbage.
    """
    while error is not None:
        before, error.__traceback__ = error.__cause__ or error.__context__, None
        error.__cause__ = error.__context__ = None
        error = before


class UsageError(MockserverError):
    """A user of this tool asked for something that cannot be; the message says what to do instead.

    `field` is the one, of what was given, that is wrong; empty when it is no single one.
    """

    def __init__(self, why: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(why)


class DeliveryDue(UsageError):
    """A clock was to move without a delivery, and there is one to make."""


class Overtaken(UsageError):
    """The sandbox was reset or closed while this was under way."""


class Closed(Overtaken):
    """The sandbox was closed before this began."""


class FullError(UsageError):
    """What was asked for would pass a bound on what is kept; the message says which, and how to make room."""


class ClockError(UsageError):
    """Time was asked to run backwards, or to be awaited where it cannot be."""
