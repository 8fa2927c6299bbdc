"""What happened in a sandbox: a bounded ring of entries. Knows neither HTTP servers nor contracts.

Whoever adds an entry has redacted it before, so that no secret is ever kept; see `redaction`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from mockserver.bounds import ENTRY, JOURNAL, JOURNAL_ENTRIES, JOURNALS, SENTENCE, Pairs, cut, weigh
from mockserver.observer import Observer

Item = TypeVar("Item")
Seen = tuple[str, str, str]
"""API, operation, example."""


class Sent(NamedTuple):
    """What a client sent: headers and query redacted, `size` of the body in bytes, its beginning where it is text.

    `digest` is the same for bodies of the same content; 0 when none was taken.
    """

    headers: Pairs
    query: str = ""
    size: int = 0
    text: str = ""
    digest: int = 0

    @property
    def content_type(self) -> str:
        """The body's, without parameters."""
        return header(self.headers, b"content-type").partition(";")[0].strip()


class Answered(NamedTuple):
    """What was answered: `head` and `more` are lines as they are sent, `length` the body's in bytes."""

    head: bytes
    more: bytes = b""
    body: bytes = b""
    length: int = 0

    @property
    def headers(self) -> Pairs:
        """Without those the transport adds."""
        lines = (self.head + self.more).split(b"\r\n")
        pairs = [line.partition(b": ") for line in lines if not line.startswith(b"HTTP/")]
        return tuple((name, value) for name, colon, value in pairs if colon)

    @property
    def text(self) -> str:
        """The beginning of the body."""
        return self.body.decode("utf-8", "replace")


def header(pairs: Pairs, name: bytes) -> str:
    """The first header of that name; "" when there is none."""
    return next((value.decode("latin-1") for key, value in pairs if key.lower() == name), "")


AnsweredFields = tuple[bytes, bytes, bytes, int]


class Entry(NamedTuple):
    """One request or event; it has no number (0) until it is kept.

    `at` is the sandbox's time, `seconds` real time; `why` says why it was refused. `account` is whose credentials were
    good, `job` the resource that was named or made.
    """

    n: int
    at: float
    kind: str
    api: str
    operation: str
    method: str = ""
    path: str = ""
    status: int = 0
    example: str = ""
    why: str = ""
    seconds: float = 0.0
    extra: Mapping[str, Any] | None = None
    account: str = ""
    job: str = ""
    sent: Sent | None = None
    answered: Answered | None = None


EntryFields = tuple[Any, ...]
"""The fields of an entry in their order, `sent` and `answered` as plain tuples (an Entry is one, too).

So entries are kept: tuples of plain values are nothing to the garbage collector, which visits records again and again.
"""


def entry_of(kept: EntryFields) -> Entry:
    """The entry as a record."""
    *others, sent, answered = kept
    return Entry._make((*others, sent and Sent(*sent), answered and Answered(*answered)))


_kind, _status = Entry._fields.index("kind"), Entry._fields.index("status")
_seen = itemgetter(*map(Entry._fields.index, ("api", "operation", "example")))


def weight_of(entry: Entry, heads: int) -> int:
    """How many bytes an entry takes; `heads` are those of its request's headers that it does not share."""
    sent, answered = entry.sent, entry.answered
    weight = ENTRY + heads + weigh(entry.path) + weigh(entry.why) + weigh(entry.extra)
    if sent is not None:
        weight += weigh(sent.query) + weigh(sent.text)
    if answered is not None:
        weight += len(answered.head) + len(answered.more) + len(answered.body)
    return weight


def noted(at: float, kind: str, api: str, why: str, **extra: Any) -> tuple[Entry, int]:
    """The entry of an event that is no request (a delivery, a dropped upload), and how many bytes it takes."""
    why = cut(why, SENTENCE)
    return Entry(0, at, kind, api, "", why=why, extra=extra or None), ENTRY + weigh((why, extra))


def deliveries_of(entries: Iterable[Entry]) -> dict[int, list[Entry]]:
    """Attempts to deliver webhooks, by the number of the request that caused them."""
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.kind == "webhook" and entry.extra is not None:
            found.setdefault(entry.extra["request"], []).append(entry)
    return found


def violation(pointer: str, sentence: str) -> Mapping[str, Any]:
    """What an entry's `extra` says of a request that broke the contract: where, and how."""
    return {"violation": {"pointer": cut(pointer, SENTENCE), "sentence": cut(sentence, SENTENCE)}}


class Journals:
    """What the journals of a server take together. Past `most` bytes the oldest entries of the oldest journals go."""

    def __init__(self, most: int = JOURNALS) -> None:
        self.most = most
        self.kept = 0
        self._all: dict[Ring[Any], None] = {}

    def join(self, journal: Ring[Any]) -> None:
        """Count a journal among them."""
        self._all[journal] = None

    def leave(self, journal: Ring[Any]) -> None:
        """Count it no more."""
        self._all.pop(journal, None)

    def make_room(self) -> None:
        """Much at once: the journals are gone through in the order in which they were made."""
        for journal in self._all:
            journal.give_way(self.kept - self.most + self.most // 64)
            if self.kept <= self.most:
                return


class Ring(ABC, Generic[Item]):
    """What keeps the newest: at most `bound`, and fewer when together they pass `most` bytes, or all rings theirs.

    `kept` is how many bytes they take, `dropped` counts those that made room.
    """

    def __init__(self, bound: int, most: int, together: Journals) -> None:
        self._bound, self._most = bound, most
        self._together = together
        self._together.join(self)
        self._items: deque[Item] = deque()
        self.kept = 0
        self.dropped = 0

    @abstractmethod
    def _let_go(self) -> int:
        """Take the oldest out; gives how many bytes it took."""

    def _make_room(self) -> None:
        while len(self._items) > self._bound or (self.kept > self._most and len(self._items) > 1):
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        weight = self._let_go()
        self.kept -= weight
        self._together.kept -= weight
        self.dropped += 1

    def give_way(self, size: int) -> None:
        """Drop the oldest that take so many bytes; the newest stays."""
        least = self.kept - size
        while self.kept > least and len(self._items) > 1:
            self._drop_oldest()


class Journal(Ring[EntryFields]):
    """The last `bound` entries, and fewer when together they pass `most` bytes, or all journals pass theirs.

    `dropped` counts those that made room; `seen` how often each example was answered, dropped entries included.
    """

    def __init__(self, bound: int = JOURNAL_ENTRIES, most: int = JOURNAL, together: Journals | None = None) -> None:
        super().__init__(bound, most, together or Journals())
        self._weights: deque[int] = deque()
        self.observer: Observer | None = None
        self._n = 0
        self.seen: dict[Seen, int] = {}
        self.earlier: Counter[Seen] = Counter()

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def entries(self, after: int = 0, kinds: Collection[str] = (), most: int | None = None) -> list[Entry]:
        """The newest `most` that are there now: those of these kinds (none: of all), with numbers past `after`."""
        there = [*self._items]  # a copy first: a thread of a test may ask while the server's adds one
        found = [each for each in there if each[0] > after and (not kinds or each[_kind] in kinds)]
        return [entry_of(each) for each in (found if most is None else found[-most:])]

    def find(self, n: int) -> Entry | None:
        """The entry of a number; None where it is not kept (any more)."""
        return next((entry_of(each) for each in self._items if each[0] == n), None)

    def page(
        self, place: int, most: int, after: int = 0, kinds: Collection[str] = ()
    ) -> tuple[list[Entry], int | None]:
        """So many from a place on, those of them past a number and of these kinds; and the place behind them."""
        first = max(0, place - self.dropped)
        there = [*islice(self._items, first, first + most)]
        found = [entry_of(each) for each in there if each[0] > after and (not kinds or each[_kind] in kinds)]
        return found, None if len(there) < most else self.dropped + first + most

    def last(self) -> Entry | None:
        """The newest entry."""
        return entry_of(self._items[-1]) if self._items else None

    @property
    def newest(self) -> int:
        """The number of the last entry, or of the one that is being made."""
        return self._n

    def next(self) -> int:
        """The number of the next entry."""
        self._n += 1
        return self._n

    def add(self, entry: EntryFields, weight: int) -> None:
        """Keep an entry; `weight` is how many bytes it takes."""
        self._items.append(entry)
        self._weights.append(weight)
        self.kept += weight
        together = self._together
        together.kept += weight
        if entry[_status]:  # an answer that was lost was not given
            seen, key = self.seen, _seen(entry)
            seen[key] = seen.get(key, 0) + 1
        if len(self._items) > self._bound or self.kept > self._most:
            self._make_room()
        if together.kept > together.most:
            together.make_room()
        if self.observer is not None:
            self.observer.entry_added(entry)

    def see(self, api: str, operation: str, counts: Mapping[str, int]) -> None:
        """Examples were answered, besides those of entries: so many times each."""
        for example, count in counts.items():
            key = (api, operation, example)
            self.seen[key] = self.seen.get(key, 0) + count

    def _let_go(self) -> int:
        self._items.popleft()
        return self._weights.popleft()

    def count(self, api: str, operation: str, example: str) -> None:
        """An example was answered without an entry: before anybody knew for which sandbox."""
        key = (api, operation, example)
        self.seen[key] = self.seen.get(key, 0) + 1

    def note(self, at: float, kind: str, api: str, why: str, **extra: Any) -> None:
        """Keep an event that is no request; see `noted`."""
        entry, weight = noted(at, kind, api, why, **extra)
        self.add(entry._replace(n=self.next()), weight)

    def clear(self) -> deque[EntryFields]:
        """Forget the entries, and give them; what was seen before counts for the server on."""
        entries, self._items = self._items, deque()
        self._weights.clear()
        self._together.kept -= self.kept
        self.kept = self.dropped = 0
        self.earlier.update(self.seen)
        self.seen = {}
        return entries
