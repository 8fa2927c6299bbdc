"""Two servers of which one walks the clock and both hold requests, and what befalls them in the middle of the way.

Counted by clients and a receiver: no job is lost or doubled, the clock ends where it was to or its client is told,
all other requests end, and each job's end is told of at least once, by one id.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pytest
from engine_kit import Engine, found, running_engine
from walked_kit import LONG, WALK, Walk, walk

pytestmark = pytest.mark.slow
ENGINES = found()
WALKER, HOLDER = 0, 1
KILL, STOP, LOSE = signal.SIGKILL, signal.SIGSTOP, 0


class Mishap(NamedTuple):
    """Whom what befalls (LOSE: both their connections), whom the walk is asked of, and when: with which webhook."""

    whom: int
    what: int
    asked: int
    webhook: int = 0
    line: int = 0
    """With which line of the streams that the second one holds, where that is not 0."""


ROWS = {
    "the holder is killed early": Mishap(HOLDER, KILL, WALKER, line=9),
    "the holder is killed while a webhook goes out": Mishap(HOLDER, KILL, WALKER, webhook=3),
    "the holder stands still": Mishap(HOLDER, STOP, WALKER, line=20),
    "the holder stands still while a webhook goes out": Mishap(HOLDER, STOP, WALKER, webhook=2),
    "who asked is killed": Mishap(HOLDER, KILL, HOLDER, webhook=2),
    "who asked stands still": Mishap(HOLDER, STOP, HOLDER, webhook=2),
    "the walker is killed": Mishap(WALKER, KILL, WALKER, webhook=3),
    "the walker is killed while it waits for requests": Mishap(WALKER, KILL, HOLDER, line=9),
    "the walker is killed and another one goes on": Mishap(WALKER, KILL, HOLDER, webhook=2),
    "the walker is killed with the last webhook": Mishap(WALKER, KILL, HOLDER, webhook=6),
    "the walker stands still": Mishap(WALKER, STOP, WALKER, webhook=2),
    "the walker stands still and another one goes on": Mishap(WALKER, STOP, HOLDER, webhook=2),
    "both lose their connections": Mishap(WALKER, LOSE, WALKER, webhook=2),
    "both lose their connections while one asks the other": Mishap(WALKER, LOSE, HOLDER, line=15),
}
ENGINE_OF = dict(zip(ROWS, cycle(ENGINES), strict=False))


@pytest.fixture
def engine(row: str) -> Iterator[Engine]:
    with running_engine(ENGINES[ENGINE_OF[row]]) as made:
        yield made


def befalls(walked: Walk, engine: Engine, mishap: Mishap) -> threading.Event:
    """Set once it has happened."""
    happened = threading.Event()

    def happen(at: int) -> Callable[[int], None]:
        def met(many: int) -> None:
            if many == at:
                if mishap.what == LOSE:
                    engine.asked(b"CLIENT KILL TYPE normal SKIPME yes\r\n")
                    engine.asked(b"CLIENT KILL TYPE pubsub SKIPME yes\r\n")
                else:
                    walked.servers[mishap.whom].send(mishap.what)
                happened.set()

        return met

    if mishap.line:
        walked.beat = happen(walked.beats + mishap.line)
    else:
        walked.hook.came = happen(len(walked.hook.got) + mishap.webhook)
    return happened


def is_told(answer: float | str, mishap: Mishap) -> bool:
    """Whether whoever asked for the walk was told that it is not known how far it went, with a reason."""
    if mishap.what == LOSE:
        return answer == "503"
    return mishap.what == KILL and mishap.whom == mishap.asked and answer in ("RemoteProtocolError", "ReadError")


@pytest.mark.parametrize("row", ROWS)
def test_a_walk_in_which_a_mishap_befalls_one_loses_and_doubles_nothing(
    engine: Engine, tmp_path: Path, row: str
) -> None:
    mishap = ROWS[row]
    with walk(engine, tmp_path) as walked:
        other = walked.servers[1 - mishap.whom]
        happened = befalls(walked, engine, mishap)
        walking = walked.walking(mishap.asked)
        assert happened.wait(LONG)
        answer = other.moved(0) if mishap.what == STOP and mishap.whom == mishap.asked else walking.result(LONG)
        if answer != walked.end and mishap.what != STOP:
            assert is_told(answer, mishap)
        before = walked.end if mishap.asked == HOLDER and mishap.what != LOSE else other.now
        assert other.now <= before <= walked.end
        assert other.moved(1) == round(before + 1, 6), "the next walk works, behind the one that another goes on with"
        if mishap.what == STOP:
            walked.servers[mishap.whom].send(signal.SIGCONT)
            assert walking.result(LONG) in (walked.end, round(before + 1, 6))
        assert all_is_well(walked, mishap)


def all_is_well(walked: Walk, mishap: Mishap) -> bool:
    """As those count who are there still, when all jobs have ended."""
    there = [each for n, each in enumerate(walked.servers) if mishap.what != KILL or n != mishap.whom]
    latest = there[0].now
    assert there[-1].moved(WALK) == round(latest + WALK, 6)
    for each in there:
        assert sorted(job["id"] for job in each.told("GET", "/jobs")) == sorted(walked.jobs)
        webhooks = each.told("GET", "/webhooks")
        assert sorted(webhook["job"] for webhook in webhooks) == sorted(walked.jobs)
        assert {webhook["outcome"] for webhook in webhooks} == {"delivered"}
        assert {(webhook["job"], webhook["id"]) for webhook in webhooks} == {*walked.hook.got}
    ends = [each.result(LONG) for each in walked.streams]
    may_break = {KILL: (mishap.whom,), STOP: (), LOSE: (WALKER, HOLDER)}[mishap.what]  # what has begun gets no 503
    broken = [end for n, end in enumerate(ends) if n % 2 in may_break]
    assert {*ends} - {*broken} <= {"succeeded", "running", "log", "progress", "queued"}, "none is left, or broken off"
    return True
