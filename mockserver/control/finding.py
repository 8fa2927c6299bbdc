"""Which entries of a journal hold what somebody looks for. Reads what was redacted already, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from mockserver.journal import JournalEntry
from mockserver.time_slices import paced

EntryTest = Callable[[JournalEntry], bool]


async def fitting(entries: Sequence[JournalEntry], query: Mapping[str, Any]) -> AsyncIterator[JournalEntry]:
    """Those that fit all that is wanted, by the names of parameters: those of fields, and some of our own."""
    tests = [_test(name, value) for name, value in query.items()]
    async for entry in paced(entries):
        if all(test(entry) for test in tests):
            yield entry


def _test(name: str, value: Any) -> EntryTest:
    if name == "before":
        return lambda entry: entry.n < int(value)
    if name == "violations":
        return lambda entry: ("violation" in (entry.extra or ())) == value
    if name == "fault":
        return lambda entry: (entry.extra or {}).get("fault") == value
    if name == "job":
        return lambda entry: value in (entry.job, (entry.extra or {}).get("job"))
    if name == "search":
        word = str(value).casefold()
        return lambda entry: any(word in text.casefold() for text in _texts(entry))
    read = attrgetter(name)
    return lambda entry: bool(read(entry) == value)


def _texts(entry: JournalEntry) -> list[str]:
    """What a person may look for in an entry."""
    sent, answered = entry.sent, entry.answered
    texts = [f"{entry.method} {entry.path}", entry.operation, entry.example, entry.why, entry.job, str(entry.status)]
    if sent is not None:
        texts += [sent.query, sent.text, *(f"{k}: {v}" for k, v in map(_line, sent.headers))]
    if answered is not None:
        texts += [answered.text, answered.head.decode("latin-1"), answered.more.decode("latin-1")]
    extra = entry.extra or {}
    return [*texts, *(text for text in extra.values() if isinstance(text, str)), str(extra.get("violation", ""))]


def _line(pair: tuple[bytes, bytes]) -> tuple[str, str]:
    return pair[0].decode("latin-1"), pair[1].decode("latin-1")
