"""What the home in this process notes for those who watch from elsewhere, and how much it says is under way."""

from __future__ import annotations

from math import inf
from typing import Any, cast

import pytest
from store_kit import Idle

from mockserver.clock import Clock
from mockserver.draws import Draws
from mockserver.journal import Journal
from mockserver.observer import Observer
from mockserver.state.configuration import ApiConfiguration, Configuration
from mockserver.state.memory import Memory
from mockserver.state.noted_changes import MOST, Gathered, Noted
from mockserver.state.port import Begin
from mockserver.upload_store import Shelf


class Deliverer(Idle):
    """Hears whether somebody watches."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, bool]] = []

    def observed(self, noted: Any, is_watched: bool) -> None:
        self.heard.append((noted, is_watched))

    def owed(self, postings: Any) -> list[Any]:
        return [*postings]


class Here:
    """Watches in this process."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self.told.append(name)


@pytest.fixture
def deliverer() -> Deliverer:
    return Deliverer()


@pytest.fixture
def memory(deliverer: Deliverer) -> Memory:
    known = Configuration(apis={"api": ApiConfiguration()})
    return Memory("world", Clock("manual"), Draws("0"), Journal(), Shelf(), cast(Any, deliverer), known)


def done(work: Any) -> Any:
    """What a call gives that waits for nothing."""
    with pytest.raises(StopIteration) as over:
        work.send(None)
    return over.value.value


def test_what_becomes_of_a_known_one_is_noted_however_many_there_are() -> None:
    gathered = Gathered()
    for n in range(MOST):
        gathered.add(n, "made")
    gathered.add(0, "changed")
    assert ([*gathered][:2], gathered.left_out) == (["changed", "made"], 0)
    gathered.add(MOST, "made")
    assert (len([*gathered]), gathered.left_out) == (MOST, 1)


def test_who_watches_here_is_told_of_all_that_those_elsewhere_are_and_of_the_end() -> None:
    noted, here = Noted(lambda: None), Here()
    noted.here = cast(Observer, here)
    noted.taken("elsewhere")
    noted.entry_added((1,))
    noted.jobs_changed("api", ["j"])
    noted.webhook_changed("w")
    noted.touched()
    noted.was_reset()
    noted.was_closed()
    assert here.told == ["entry_added", "jobs_changed", "webhook_changed", "touched", "was_reset", "was_closed"]


def test_the_deliverer_hears_when_the_first_one_watches_and_when_the_last_one_does_no_more(
    memory: Memory, deliverer: Deliverer
) -> None:
    for watcher in ("one", "other"):
        done(memory.changes(watcher))
    noted = memory.noted
    memory.watched("one")
    assert deliverer.heard == [(noted, True)]
    memory.watched("other")
    assert deliverer.heard == [(noted, True), (noted, False)]


def test_requests_are_under_way_until_they_are_over(memory: Memory) -> None:
    first, second = (done(memory.begin(Begin("api"), "", inf, 0)) for _ in range(2))
    assert done(memory.activity()).in_flight == 2
    memory.finish(first.n)
    assert done(memory.activity())[:2] == (second.n, 1)
