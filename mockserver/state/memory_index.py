"""The index of sandboxes in this process. Its methods are `async` by the port's word, and never suspend."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from mockserver.bounds import CLOSED, CLOSED_COUNT, LATE, LATE_COUNT, SANDBOXES, weigh
from mockserver.clock import Clock, monotonic
from mockserver.journal import Journal, Seen
from mockserver.state.index_port import ClosedSandbox, Creation, Credential, Late, ListedSandbox, SandboxRecord


class IndexedHome(Protocol):
    """What the index has of the home of a sandbox's state."""

    clock: Clock
    journal: Journal
    used: float

    def close(self) -> None:
        """Nothing is kept any more."""


class _Closed(NamedTuple):
    owner: str
    credentials: tuple[Credential, ...]
    weight: int


class MemoryIndex:
    """`homes` are those of the sandboxes that are to be made or open, by name; `names` are where credentials lead."""

    def __init__(self) -> None:
        self.homes: dict[str, IndexedHome] = {}
        self.names: dict[Credential, str] = {}
        self.late_requests: deque[Late] = deque()
        self.late_dropped = 0
        self._late_bytes = 0
        self._n = 0
        self._open: dict[str, SandboxRecord] = {}
        self._credentials: dict[str, tuple[Credential, ...]] = {}
        self._heirs: dict[Credential, list[str]] = {}  # → further sandboxes that were made with it
        self._closed: OrderedDict[str, _Closed] = OrderedDict()
        self._closed_bytes = 0
        self._seen_closed: Counter[Seen] = Counter()

    def refusal(self, name: str) -> Creation | None:
        """Why no sandbox of this name can be opened; None where one can."""
        if name in self._open or name in self._closed:
            return "taken"
        return "full" if len(self._open) >= SANDBOXES else None

    def was_closed(self, name: str) -> bool:
        """Whether a sandbox of that name was closed."""
        return name in self._closed

    def withdraw(self, name: str) -> None:
        """As if it had never been made; nobody may have asked it for anything."""
        del self._open[name]
        for credential in self._credentials.pop(name):
            del self.names[credential]

    def seen(self) -> dict[Seen, int]:
        """How often each example was answered since the server's start, in closed sandboxes too."""
        total = self._seen_closed.copy()
        for name in self._open:
            total.update(self._examples(name))
        return dict(total)

    # --- the port

    async def create(self, record: SandboxRecord, credentials: Sequence[Credential]) -> Creation:
        refused = self.refusal(record.name)
        if refused is not None:
            return refused
        self._n += 1
        self._open[record.name] = record._replace(n=self._n)
        self.homes[record.name].used = monotonic()
        self._lead(record.name, credentials)
        return "made"

    async def find(self, name: str, used: bool = False) -> SandboxRecord | ClosedSandbox | None:
        record = self._open.get(name)
        if record is not None:
            if used:
                self.homes[name].used = monotonic()
            return record
        closed = self._closed.get(name)
        return None if closed is None else ClosedSandbox(name, closed.owner)

    async def by_credential(self, api: str, credential: str) -> str | None:
        return self.names.get((api, credential))

    async def know(self, name: str, credentials: Sequence[Credential], instead: bool = False) -> None:
        if name not in self._open:
            return
        if instead:
            for credential in self._credentials.pop(name, ()):
                if self.names[credential] == name:
                    del self.names[credential]
        self._lead(name, credentials)

    async def close(self, name: str, idle: float | None = None) -> bool:
        record, home = self._open.get(name), self.homes.get(name)
        if record is None or home is None or (idle is not None and monotonic() - home.used <= idle):
            return False
        self._seen_closed.update(self._examples(name))
        del self._open[name], self.homes[name]
        home.close()
        self._bequeath(name)
        self._remember(record)
        return True

    async def count(self) -> int:
        return len(self._open)

    async def page(self, after: int, most: int) -> Sequence[ListedSandbox]:
        records = islice((record for record in self._open.values() if record.n > after), most)
        return [ListedSandbox(r.n, r.name, r.owner, r.made, self.homes[r.name].clock.reading()) for r in records]

    async def idle(self, seconds: float) -> Sequence[str]:
        now = monotonic()
        return [name for name in self._open if now - self.homes[name].used > seconds]

    async def note_late(self, late: Late) -> None:
        self.late_requests.append(late)
        self._late_bytes += weigh(late)
        while len(self.late_requests) > LATE_COUNT or self._late_bytes > LATE:
            self._late_bytes -= weigh(self.late_requests.popleft())
            self.late_dropped += 1

    async def late(self, name: str) -> Sequence[Late]:
        return [request for request in self.late_requests if request.sandbox == name]

    def opens(self, find: Callable[[str], Awaitable[object]]) -> None:
        """Nobody else has anything under way here."""

    async def leave(self) -> None:
        """What is kept in this process goes with it."""

    async def examples(self, name: str) -> Mapping[Seen, int]:
        return dict(self._examples(name) if name else self._seen_closed)

    # --- how it is kept

    def _examples(self, name: str) -> Counter[Seen]:
        home = self.homes.get(name)
        if home is None:
            return Counter()
        counts = Counter(home.journal.earlier)
        counts.update(home.journal.seen)
        return counts

    def _lead(self, name: str, credentials: Sequence[Credential]) -> None:
        """Let credentials lead to a sandbox, at once or when the one to which they lead is closed."""
        self._credentials[name] = (*self._credentials.get(name, ()), *credentials)
        for credential in credentials:
            if self.names.setdefault(credential, name) not in self._open:
                self.names[credential] = name
            elif self.names[credential] != name:
                self._heirs.setdefault(credential, []).append(name)

    def _bequeath(self, name: str) -> None:
        """Credentials of a closed sandbox lead to the next open one that has them, too."""
        for credential in self._credentials[name] if self._heirs else ():
            heirs = [heir for heir in self._heirs.pop(credential, ()) if heir in self._open]
            if heirs and self.names.get(credential) == name:
                self.names[credential] = heirs.pop(0)
            if heirs:
                self._heirs[credential] = heirs

    def _remember(self, record: SandboxRecord) -> None:
        """Know a closed sandbox by its name and credentials, while there is room for it."""
        keys = self._credentials.pop(record.name)
        weight = 2 * weigh((record.name, record.owner, keys))  # the index of credentials takes as much again
        self._closed[record.name] = _Closed(record.owner, keys, weight)
        self._closed_bytes += weight
        for name, oldest in self._too_many():
            for credential in oldest.credentials:
                if self.names.get(credential) == name:
                    del self.names[credential]

    def _too_many(self) -> Iterator[tuple[str, _Closed]]:
        """The oldest of those that were closed, which make room."""
        while len(self._closed) > CLOSED_COUNT or self._closed_bytes > CLOSED:
            name, oldest = self._closed.popitem(last=False)
            self._closed_bytes -= oldest.weight
            yield name, oldest
