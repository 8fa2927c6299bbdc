"""What happened in a sandbox: a bounded ring of entries. Knows neither HTTP servers nor contracts.

Whoever adds an entry has redacted it before, so that no secret is ever kept; see `redaction`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from mockserver.bounds import ENTRY, JOURNAL, JOURNAL_ENTRIES, SENTENCE, cut, weigh
from mockserver.header_types import RawHeaders
from mockserver.observer import Observer
from mockserver.rings import Journals, Ring
from mockserver.tally import AnswerKey as Tallied

Seen = tuple[str, str, str]
"""API, operation, example."""


class Sent(NamedTuple):
    """What a client sent: headers and query redacted, `size` of the body in bytes, its beginning where it is text.

    `digest` is the same for bodies of the same content; 0 when none was taken.
    """

    headers: RawHeaders
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
    def headers(self) -> RawHeaders:
        """Without those the transport adds."""
        lines = (self.head + self.more).split(b"\r\n")
        pairs = [line.partition(b": ") for line in lines if not line.startswith(b"HTTP/")]
        return tuple((name, value) for name, colon, value in pairs if colon)

    @property
    def text(self) -> str:
        """The beginning of the body."""
        return self.body.decode("utf-8", "replace")


def header(pairs: RawHeaders, name: bytes) -> str:
    """The first header of that name; "" when there is none."""
    return next((value.decode("latin-1") for key, value in pairs if key.lower() == name), "")


AnsweredFields = tuple[bytes, bytes, bytes, int]


class JournalEntry(NamedTuple):
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


def entry_of(kept: EntryFields) -> JournalEntry:
    """The entry as a record."""
    *others, sent, answered = kept
    return JournalEntry._make((*others, sent and Sent(*sent), answered and Answered(*answered)))


_kind, _status = JournalEntry._fields.index("kind"), JournalEntry._fields.index("status")
_api, _operation, _extra = map(JournalEntry._fields.index, ("api", "operation", "extra"))
_given = itemgetter(*map(JournalEntry._fields.index, ("api", "operation", "example", "status")))


def weight_of(entry: JournalEntry, heads: int) -> int:
    """How many bytes an entry takes; `heads` are those of its request's headers that it does not share."""
    sent, answered = entry.sent, entry.answered
    weight = ENTRY + heads + weigh(entry.path) + weigh(entry.why) + weigh(entry.extra)
    if sent is not None:
        weight += weigh(sent.query) + weigh(sent.text)
    if answered is not None:
        weight += len(answered.head) + len(answered.more) + len(answered.body)
    return weight


def noted(at: float, kind: str, api: str, why: str, **extra: Any) -> tuple[JournalEntry, int]:
    """The entry of an event that is no request (a delivery, a dropped upload), and how many bytes it takes."""
    why = cut(why, SENTENCE)
    return JournalEntry(0, at, kind, api, "", why=why, extra=extra or None), ENTRY + weigh((why, extra))


def deliveries_of(entries: Iterable[JournalEntry]) -> dict[int, list[JournalEntry]]:
    """Attempts to deliver webhooks, by the number of the request that caused them."""
    found: dict[int, list[JournalEntry]] = {}
    for entry in entries:
        if entry.kind == "webhook" and entry.extra is not None:
            found.setdefault(entry.extra["request"], []).append(entry)
    return found


def violation(pointer: str, sentence: str) -> Mapping[str, Any]:
    """What an entry's `extra` says of a request that broke the contract: where, and how."""
    return {"violation": {"pointer": cut(pointer, SENTENCE), "sentence": cut(sentence, SENTENCE)}}


class Journal(Ring[EntryFields]):
    """The last `bound` entries, and fewer when together they pass `most` bytes, or all journals pass theirs.

    `dropped` counts those that made room; `seen` how often each example was answered, dropped entries included.
    """

    def __init__(self, bound: int = JOURNAL_ENTRIES, most: int = JOURNAL, together: Journals | None = None) -> None:
        super().__init__(bound, most, together or Journals())
        self._weights: deque[int] = deque()
        self.observer: Observer | None = None
        self._n = 0
        self._given: dict[tuple[str, str, str, int], int] = {}  # a status of 0: the tally has counted it already
        self._beside: dict[Seen, int] = {}
        self.earlier: Counter[Seen] = Counter()

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(self.entries())

    def entries(self, after: int = 0, kinds: Collection[str] = (), most: int | None = None) -> list[JournalEntry]:
        """The newest `most` that are there now: those of these kinds (none: of all), with numbers past `after`."""
        there = [*self._items]  # a copy first: a thread of a test may ask while the server's adds one
        found = [each for each in there if each[0] > after and (not kinds or each[_kind] in kinds)]
        return [entry_of(each) for each in (found if most is None else found[-most:])]

    def find(self, n: int) -> JournalEntry | None:
        """The entry of a number; None where it is not kept (any more)."""
        return next((entry_of(each) for each in reversed(self._items) if each[0] == n), None)  # as homes elsewhere do

    def page(
        self, place: int, most: int, after: int = 0, kinds: Collection[str] = ()
    ) -> tuple[list[JournalEntry], int | None]:
        """So many from a place on, those of them past a number and of these kinds; and the place behind them."""
        first = max(0, place - self.dropped)
        there = [*islice(self._items, first, first + most)]
        found = [entry_of(each) for each in there if each[0] > after and (not kinds or each[_kind] in kinds)]
        return found, None if len(there) < most else self.dropped + first + most

    def last(self) -> JournalEntry | None:
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
            given, key = self._given, _given(entry) if entry[_extra] is None else self._tallied(entry)
            given[key] = given.get(key, 0) + 1
        elif entry[_kind] == "webhook":
            together.tally.tried(entry[_api], entry[_extra])
        if len(self._items) > self._bound or self.kept > self._most:
            self._make_room()
        if together.kept > together.most:
            together.make_room()
        if self.observer is not None:
            self.observer.entry_added(entry)

    def _tallied(self, entry: EntryFields) -> tuple[str, str, str, int]:
        """One whose status may be none of the contract's: it is counted at once."""
        api, operation, example, status = _given(entry)
        self._together.tally.answered(api, operation, status, entry[_extra])
        return api, operation, example, 0

    @property
    def seen(self) -> dict[Seen, int]:
        """How often each example was answered since the last `clear`."""
        seen = dict(self._beside)
        for (*example, _), count in self._given.items():
            key: Seen = (*example,)  # type: ignore[assignment]
            seen[key] = seen.get(key, 0) + count
        return seen

    def untallied(self) -> list[tuple[Tallied, int]]:
        """Answers that no tally has counted yet, and how often each was given."""
        counts = self._given.items()
        return [((api, operation, status, ""), n) for (api, operation, _, status), n in counts if status]

    def see(self, api: str, operation: str, counts: Mapping[str, int]) -> None:
        """Examples were answered, besides those of entries: so many times each."""
        for example, count in counts.items():
            key = (api, operation, example)
            self._beside[key] = self._beside.get(key, 0) + count

    def _let_go(self) -> int:
        self._items.popleft()
        return self._weights.popleft()

    def count(self, api: str, operation: str, example: str) -> None:
        """An example was answered without an entry: before anybody knew for which sandbox."""
        self.see(api, operation, {example: 1})

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
        self._together.tally.add(self.untallied())
        self._given, self._beside = {}, {}
        return entries
