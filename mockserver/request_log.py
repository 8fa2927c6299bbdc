"""Whole requests of one sandbox and what they were answered, for the test that asked for them. Secrets stay in them.

Kept apart from the journal, and in a sandbox only that was made to keep them. Knows neither HTTP servers nor contracts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mockserver.bounds import ALL_REQUESTS, PAIR, REQUEST, REQUEST_BODY, REQUESTS, REQUESTS_COUNT, RESPONSE_BODY
from mockserver.header_types import RawHeaders
from mockserver.rings import Journals, Ring

NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


class LoggedBytes:
    """A body as it passes: its first `most` bytes are kept; `missing` counts the others."""

    __slots__ = ("_most", "_parts", "kept", "missing")

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[bytes] = []
        self.kept = self.missing = 0

    def add(self, data: bytes) -> int:
        """Take the next bytes; gives how many of them are kept."""
        count = min(len(data), self._most - self.kept)
        if count:
            self._parts.append(bytes(data[:count]))
            self.kept += count
        self.missing += len(data) - count
        return count

    @property
    def content(self) -> bytes:
        """What is kept."""
        if len(self._parts) > 1:
            self._parts[:] = [b"".join(self._parts)]
        return self._parts[0] if self._parts else b""


class KeptRequest(NamedTuple):
    """One request as far as it has come. `status` 0: it was not answered (yet). `fault`: what was armed and showed.

    `path` is the vendor's own, decoded, `target` what was sent, below `base`; `parameters` are those of a path that a
    test answers itself. `missing` counts the bytes of a body behind those that are kept. `is_over`: nothing of it will
    change any more. `unread`: header lines and a whole answer as they are sent, which `read` makes sense of: most are
    never looked at. `id` is given by who answers it, `part` counts what was told of it before, `n` is its place among
    all that are kept, by the home's word; before that, among those of who answers it.
    """

    id: str
    at: float
    api: str
    operation: str
    method: str
    path: str
    base: str
    target: bytes
    headers: RawHeaders = ()
    parameters: Mapping[str, str] = NO_PARAMETERS
    body: bytes = b""
    missing: int = 0
    status: int = 0
    answer_headers: RawHeaders = ()
    answer: bytes = b""
    answer_missing: int = 0
    fault: str = ""
    is_over: bool = False
    unread: tuple[bytes, bytes] | None = None
    part: int = 0
    n: int = 0

    @property
    def url(self) -> str:
        """The whole of it, with the host that the client named."""
        scheme, _, own = self.base.partition("://")
        authority, slash, root = own.partition("/")
        host = next((value for name, value in self.headers if name == b"host"), authority.encode())
        return f"{scheme}://{host.decode('latin-1')}{slash}{root}{self.target.decode('latin-1')}"

    @property
    def weight(self) -> int:
        """How many bytes it takes."""
        size = REQUEST + len(self.path) + len(self.target) + len(self.body) + len(self.answer)
        if self.unread is not None:
            return size + len(self.unread[0]) + len(self.unread[1])
        return size + weight_of(self.headers) + weight_of(self.answer_headers)

    def read(self) -> KeptRequest:
        """The same, and nothing of it is unread."""
        if self.unread is None:
            return self
        lines, raw = self.unread
        head, _, content = raw.partition(b"\r\n\r\n")
        first, _, fields = head.partition(b"\r\n")
        answer = LoggedBytes(RESPONSE_BODY)
        answer.add(content)
        return self._replace(
            headers=_pairs(lines), answer_headers=_pairs(fields), status=int(first.split(b" ", 2)[1]),
            answer=answer.content, answer_missing=answer.missing, unread=None,
        )  # fmt: skip


KeepRequest = Callable[[KeptRequest], None]


class RecordedRequest:
    """A request that is under way here; `tell` tells whoever keeps it how far it has come. See `KeptRequest`."""

    __slots__ = (
        "_keep", "_told", "answer", "answer_headers", "body", "fault", "headers", "is_over", "is_unheard", "parameters",
        "status", "told_first",
    )  # fmt: skip

    def __init__(self, keep: KeepRequest | None, told_first: KeptRequest) -> None:
        self._keep, self.told_first, self._told = keep, told_first, 0
        self.headers: RawHeaders = ()
        self.answer_headers: RawHeaders = ()
        self.parameters: Mapping[str, str] = NO_PARAMETERS
        self.body = LoggedBytes(REQUEST_BODY)
        self.answer = LoggedBytes(RESPONSE_BODY)
        self.status = 0
        self.fault = ""
        self.is_over = self.is_unheard = False

    def begin(self, headers: RawHeaders, parameters: Mapping[str, str] = NO_PARAMETERS) -> None:
        """Its head, as it was sent."""
        self.headers, self.parameters = headers, parameters
        self.tell()

    def hear(self, data: bytes) -> None:
        """More of its body."""
        self.body.add(data)

    def begin_answer(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """It is answered so; an answer that its client does not hear is none."""
        if not self.is_unheard:
            self.status, self.answer_headers, self.answer = status, tuple(headers), LoggedBytes(RESPONSE_BODY)

    def say(self, data: bytes) -> None:
        """More of the answer's body."""
        if not self.is_unheard:
            self.answer.add(data)

    @property
    def kept(self) -> KeptRequest:
        """As far as it has come."""
        return self.told_first._replace(
            headers=self.headers, parameters=self.parameters, body=self.body.content, missing=self.body.missing,
            status=self.status, answer_headers=self.answer_headers, answer=self.answer.content,
            answer_missing=self.answer.missing, fault=self.fault, is_over=self.is_over, part=self._told,
        )  # fmt: skip

    def tell(self) -> None:
        """Let it be kept as far as it has come."""
        if self._keep is not None:
            self._keep(self.kept)
            self._told += 1


class Recorder:
    """Makes records of a sandbox's requests; where nobody keeps them, somebody wants to see those under way."""

    def __init__(self, name: str, keep: KeepRequest | None) -> None:
        self._name, self._keep, self._n = name, keep, 0

    def record(
        self, at: float, api: str, operation: str, method: str, path: str, base: str, target: bytes
    ) -> RecordedRequest:
        """A request has begun."""
        return RecordedRequest(self._keep, self._first(at, api, operation, method, path, base, target))

    def whole(
        self, at: float, api: str, operation: str, method: str, path: str, base: str, target: bytes, **more: Any
    ) -> None:
        """A request is over."""
        if self._keep is not None:
            self._keep(self._first(at, api, operation, method, path, base, target)._replace(is_over=True, **more))

    def _first(self, *of_head: Any) -> KeptRequest:
        self._n += 1
        return KeptRequest(f"{self._name}-{self._n}", *of_head)._replace(n=self._n)


class RequestLog(Ring[KeptRequest]):
    """The last requests of a sandbox, within bounds of number and bytes; `dropped` counts those that made room."""

    def __init__(self, *, bound: int = REQUESTS_COUNT, most: int = REQUESTS, together: Journals | None = None) -> None:
        super().__init__(bound, most, together or Journals(ALL_REQUESTS))
        self._n = 0
        self._newest: dict[str, KeptRequest] = {}  # by id: as far as each has come

    def keep(self, request: KeptRequest) -> None:
        """Keep a request that has begun, or more of one that is kept; one that had to make room is kept no more."""
        earlier = self._newest.get(request.id)
        if earlier is None and request.part:
            return
        if earlier is None:
            self._n += 1
            request = request._replace(n=self._n)
            self._items.append(request)
        else:
            request = request._replace(n=earlier.n)
        size = request.weight - (0 if earlier is None else earlier.weight)
        self._newest[request.id] = request
        self.kept += size
        self._together.kept += size
        self._make_room()
        if self._together.kept > self._together.most:
            self._together.make_room()

    def after(self, n: int) -> list[KeptRequest]:
        """Those with a greater number, oldest first."""
        return [self._newest[item.id] for item in [*self._items] if item.n > n]

    def page(self, n: int, most: int, api: str = "") -> list[KeptRequest]:
        """The same, of one API or of all, as far as they take so many bytes; at least one, where there is one."""
        page, room = list[KeptRequest](), most
        for item in self._items:
            if item.n > n and api in ("", item.api):
                request = self._newest[item.id]
                room -= request.weight
                if page and room < 0:
                    break
                page.append(request)
        return page

    @property
    def first(self) -> int:
        """The number of the oldest that is kept, or of the next one."""
        return self._items[0].n if self._items else self._n + 1

    @property
    def newest(self) -> int:
        """The number of the last one."""
        return self._n

    def clear(self) -> deque[KeptRequest]:
        """Forget them, and give them; their numbers are not given again."""
        records, self._items, self._newest = self._items, deque(), {}
        self._together.kept -= self.kept
        self.kept = self.dropped = 0
        return records

    def leave(self) -> deque[KeptRequest]:
        """As `clear`, for good."""
        self._together.leave(self)
        return self.clear()

    def _let_go(self) -> int:
        return self._newest.pop(self._items.popleft().id).weight


def _pairs(lines: bytes) -> RawHeaders:
    parts = [line.partition(b":") for line in lines.split(b"\r\n") if line]
    return tuple((name.lower(), value.strip(b" \t")) for name, _, value in parts)


def weight_of(headers: RawHeaders) -> int:
    """How many bytes headers take."""
    return sum([len(name) + len(value) + PAIR for name, value in headers])
