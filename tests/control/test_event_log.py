"""The list of events that all readers of a stream share."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mockserver.bounds import EVENTS, EVENTS_COUNT
from mockserver.control.watching import EventStream
from mockserver.control.watching.event_log import PIECE, EventLog


class Source:
    """Whoever has a log may be read."""

    def __init__(self) -> None:
        self.log, self.readers = EventLog("s-aaaaaaaa"), 0

    async def start(self) -> dict[str, Any]:
        return {}


def filled(count: int, size: int = 1) -> EventLog:
    async def fill() -> EventLog:
        log = EventLog("s-aaaaaaaa")
        for n in range(count):
            log.add("clock", {"n": n, "x": "x" * size})
        return log

    return asyncio.run(fill())


def test_an_event_is_three_lines_and_an_empty_one() -> None:
    assert filled(1).after(0) == (b'event: clock\nid: s-aaaaaaaa-1\ndata: {"n":0,"x":"x"}\n\n', 1)


def test_what_was_read_is_not_given_again() -> None:
    log = filled(3)
    (text, n), last = log.after(1) or (b"", 0), log.after(3)
    assert (text.count(b"event: "), n, last) == (2, 3, (b"", 3))


def test_a_reader_is_given_no_more_at_once_than_it_can_take() -> None:
    log, n = filled(20, 20_000), 0
    while n < log.newest:
        found = log.after(n)
        assert found is not None
        assert len(found[0]) <= PIECE + 21_000
        n = found[1]


@pytest.mark.parametrize(("count", "size"), [(EVENTS_COUNT + 100, 1), (300, 10_000)])
def test_the_oldest_go_by_number_and_by_size(count: int, size: int) -> None:
    log = filled(count, size)
    assert len(log._events) <= EVENTS_COUNT
    assert log._bytes == sum(map(len, log._events)) <= EVENTS
    assert log.after(0) is None
    assert log.after(log.newest - len(log._events)) is not None


def test_one_event_larger_than_the_bound_is_kept_alone() -> None:
    log = filled(3, EVENTS)
    assert len(log._events) == 1


def test_a_position_is_known_as_long_as_what_follows_is_kept() -> None:
    log = filled(EVENTS_COUNT + 100)
    known = [n for n in range(log.newest + 3) if log.position(f"s-aaaaaaaa-{n}") is not None]
    assert known == [*range(100, log.newest + 1)]
    assert log.position("s-bbbbbbbb-2050") is None


def test_a_reader_that_was_too_slow_goes_on_with_the_newest() -> None:
    async def read() -> list[bytes]:
        source = Source()
        pieces = EventStream(source, None).pieces()
        first = await anext(pieces)
        for n in range(EVENTS_COUNT + 1):
            source.log.add("clock", {"n": n})
        missed = await anext(pieces)
        source.log.add("clock", {"n": "next"})
        return [first, missed, await anext(pieces)]

    _, missed, after = asyncio.run(read())
    assert missed.startswith(b"event: resync\nid: s-aaaaaaaa-2001\n")
    assert after.startswith(b"event: clock\nid: s-aaaaaaaa-2002\n")


def test_a_reader_that_leaves_is_waited_for_by_nobody() -> None:
    async def leave() -> int:
        source = Source()
        stream = EventStream(source, None)
        pieces = stream.pieces()
        await anext(pieces)
        waiting = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0)
        assert len(source.log._waiting) == 1
        waiting.cancel()
        await asyncio.wait([waiting])
        stream.close()
        stream.close()
        assert source.readers == 0
        return len(source.log._waiting)

    assert asyncio.run(leave()) == 0


def test_what_was_told_last_is_read_before_the_end() -> None:
    async def read() -> list[bytes]:
        source = Source()
        pieces = EventStream(source, None).pieces()
        await anext(pieces)
        source.log.add("closed", {})
        source.log.end()
        return [each async for each in pieces]

    assert [each.partition(b"\n")[0] for each in asyncio.run(read())] == [b"event: closed"]


def test_a_large_event_is_sent_in_pieces_and_no_reader_has_a_copy_of_it() -> None:
    async def read() -> list[bytes]:
        source = Source()
        pieces = EventStream(source, None).pieces()
        await anext(pieces)
        source.log.add("clock", {"n": 1})
        source.log.add("clock", {"x": "x" * 5 * PIECE})
        source.log.add("clock", {"n": 3})
        found, large = source.log.after(1), source.log._events[1]
        assert found == (large, 2)
        assert found[0] is large
        source.log.end()
        return [each async for each in pieces]

    pieces = asyncio.run(read())
    assert max(map(len, pieces)) <= PIECE
    events = b"".join(pieces).split(b"\n\n")
    assert [each.split(b"\n")[1][-2:] for each in events if each] == [b"-1", b"-2", b"-3"]
