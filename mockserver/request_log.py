"""Whole requests of one sandbox and what they were answered, for the test that asked for them. Secrets stay in them.

Kept apart from the journal, and in a sandbox only that was made to keep them. Knows neither HTTP servers nor contracts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mockserver.bounds import (
    ALL_REQUESTS,
    PAIR,
    REQUEST,
    REQUEST_BODY,
    REQUESTS,
    REQUESTS_COUNT,
    RESPONSE_BODY,
    Pairs,
)
from mockserver.rings import Journals, Ring

NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


class Bytes:
    """A body as it passes: its first `most` bytes are kept; `missing` counts the others."""

    __slots__ = ("_most", "_parts", "kept", "missing")

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[bytes] = []
        self.kept = self.missing = 0

    def add(self, data: bytes) -> int:
        """Take the next bytes; gives how many of them are kept."""
        taken = min(len(data), self._most - self.kept)
        if taken:
            self._parts.append(bytes(data[:taken]))
            self.kept += taken
        self.missing += len(data) - taken
        return taken

    @property
    def content(self) -> bytes:
        """What is kept."""
        if len(self._parts) > 1:
            self._parts[:] = [b"".join(self._parts)]
        return self._parts[0] if self._parts else b""


class RecordedRequest:
    """One request. `status` 0: it was not answered (yet). `fault`: what was armed and showed in the answer.

    `path` is the vendor's own, decoded, `target` what was sent, below `base`; `parameters` are those of a path that a
    test answers itself. `is_over`: nothing of it will change any more. `unread`: header lines and a whole answer as
    they are sent, which `read` makes sense of: most records are never looked at.
    """

    __slots__ = (
        "answer", "answer_headers", "api", "at", "base", "body", "fault", "headers", "is_kept", "is_over", "is_unheard",
        "log", "method", "n", "operation", "parameters", "path", "status", "target", "unread", "weight",
    )  # fmt: skip

    def __init__(
        self, log: RequestLog, n: int, at: float, api: str, operation: str, method: str, path: str, base: str,
        target: bytes,
    ) -> None:  # fmt: skip
        self.log, self.n, self.at = log, n, at
        self.api, self.operation, self.method = api, operation, method
        self.path, self.base, self.target = path, base, target
        self.headers: Pairs = ()
        self.answer_headers: Pairs = ()
        self.parameters: Mapping[str, str] = NO_PARAMETERS
        self.body = Bytes(REQUEST_BODY)
        self.answer = Bytes(RESPONSE_BODY)
        self.unread: tuple[bytes, bytes] | None = None
        self.status = self.weight = 0
        self.fault = ""
        self.is_over = self.is_unheard = self.is_kept = False

    @property
    def url(self) -> str:
        """The whole of it, with the host that the client named."""
        scheme, _, own = self.base.partition("://")
        authority, slash, root = own.partition("/")
        host = next((value for name, value in self.headers if name == b"host"), authority.encode())
        return f"{scheme}://{host.decode('latin-1')}{slash}{root}{self.target.decode('latin-1')}"

    def begin(self, headers: Pairs, parameters: Mapping[str, str] = NO_PARAMETERS) -> None:
        """Its head, as it was sent."""
        self.headers, self.parameters = headers, parameters
        self.log.grow(self, weight_of(headers))

    def hear(self, data: bytes) -> None:
        """More of its body."""
        self.log.grow(self, self.body.add(data))

    def begin_answer(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """It is answered so; an answer that its client does not hear is none."""
        if not self.is_unheard:
            self.status, self.answer_headers, self.answer = status, tuple(headers), Bytes(RESPONSE_BODY)
            self.log.grow(self, weight_of(self.answer_headers))

    def say(self, data: bytes) -> None:
        """More of the answer's body."""
        if not self.is_unheard:
            self.log.grow(self, self.answer.add(data))

    def read(self) -> RecordedRequest:
        """The same, and nothing of it is unread."""
        if self.unread is not None:
            (lines, answer), self.unread = self.unread, None
            head, _, content = answer.partition(b"\r\n\r\n")
            first, _, more = head.partition(b"\r\n")
            self.headers, self.answer_headers = _pairs(lines), _pairs(more)
            self.status = int(first.split(b" ", 2)[1])
            self.answer.add(content)
        return self


class RequestLog(Ring[RecordedRequest]):
    """The last requests of a sandbox, within bounds of number and bytes; `dropped` counts those that made room.

    One that keeps nothing hands out records all the same: somebody wants to see a request that is under way.
    """

    def __init__(
        self, *, keeps: bool = True, bound: int = REQUESTS_COUNT, most: int = REQUESTS, together: Journals | None = None
    ) -> None:
        super().__init__(bound, most, together or Journals(ALL_REQUESTS))
        self.keeps = keeps
        self._n = 0

    def record(
        self, at: float, api: str, operation: str, method: str, path: str, base: str, target: bytes
    ) -> RecordedRequest:
        """A request has begun."""
        self._n += 1
        made = RecordedRequest(self, self._n, at, api, operation, method, path, base, target)
        if self.keeps:
            self._items.append(made)
            made.is_kept = True
            self.grow(made, REQUEST + len(path) + len(target))
        return made

    def grow(self, record: RecordedRequest, size: int) -> None:
        """A record takes so many bytes more."""
        if not record.is_kept:
            return
        record.weight += size
        self.kept += size
        self._together.kept += size
        self._make_room()
        if self._together.kept > self._together.most:
            self._together.make_room()

    def after(self, n: int) -> list[RecordedRequest]:
        """Those with a greater number, oldest first."""
        return [each for each in [*self._items] if each.n > n]

    @property
    def first(self) -> int:
        """The number of the oldest that is kept, or of the next one."""
        return self._items[0].n if self._items else self._n + 1

    def clear(self) -> deque[RecordedRequest]:
        """Forget them, and give them; their numbers are not given again."""
        records, self._items = self._items, deque()
        for each in records:
            each.is_kept = False
        self._together.kept -= self.kept
        self.kept = self.dropped = 0
        return records

    def leave(self) -> deque[RecordedRequest]:
        """As `clear`, for good."""
        self._together.leave(self)
        return self.clear()

    def _let_go(self) -> int:
        gone = self._items.popleft()
        gone.is_kept = False
        return gone.weight


def _pairs(lines: bytes) -> Pairs:
    found = [line.partition(b":") for line in lines.split(b"\r\n") if line]
    return tuple((name.lower(), value.strip(b" \t")) for name, _, value in found)


def weight_of(headers: Pairs) -> int:
    """How many bytes headers take."""
    return sum([len(name) + len(value) + PAIR for name, value in headers])
