"""Secrets of resources that one process has issued are known to every other one before a request can hold them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import inf
from typing import Any

import pytest
from away_kit import BEGIN, KNOWN, Away, Told, deaf, job, losing

from mockserver.journal import JournalEntry
from mockserver.state.port import Drop, Effect, IssueSecret, PutJob
from mockserver.stores.redis import RedisState, Worker
from mockserver.stores.redis import worker as worker_module
from mockserver.stores.redis.worker import WORKERS


class Hiding(Told):
    """Notes what is to be hidden."""

    issues, known = True, KNOWN

    def __init__(self) -> None:
        super().__init__()
        self.hidden: set[tuple[str, str, str, str]] = set()
        self.refreshed = 0

    async def refresh(self) -> None:
        self.refreshed += 1

    def hide(self, secret: str, api: str, issued: Sequence[tuple[str, str]]) -> None:
        self.hidden |= {(secret, api, *each) for each in issued}

    def without_issued(self, text: str) -> str:
        for _, _, of, _ in self.hidden:
            text = text.replace(f"secret-of-{of}", "***")
        return text


def opened(both: Away, worker: Worker) -> RedisState:
    """A sandbox as a worker has it that nobody has asked for anything there."""
    made = both.made(worker, "w")
    made.deliverer = Hiding()
    return made


def hidden(state: RedisState) -> set[str]:
    """The ids of those whose secrets are hidden there once a request has begun."""
    deliverer: Any = state.deliverer
    assert {(secret, api, of) for secret, api, _, of in deliverer.hidden} <= {("s", "api", "film")}
    return {each for _, _, each, _ in deliverer.hidden}


def begin(both: Away, state: RedisState) -> int:
    wanted = BEGIN
    for _ in range(2):
        begun = both.run(state.begin(wanted, "", inf, 0))
        if begun is not None:
            return int(begun.n)
        wanted = BEGIN._replace(rev=both.run(state.configuration()).rev)  # what control switched is read before
    raise AssertionError("it does not begin")


def issue(both: Away, state: RedisState, *names: str) -> None:
    effects = [each for name in names for each in (PutJob(job(name)), IssueSecret(name, "film"))]
    assert both.run(state.commit("api", begin(both, state), effects))


def test_who_has_the_sandbox_open_hears_it_before_the_next_request_goes_on(both: Away) -> None:
    one, other = opened(both, both.one), opened(both, both.other)
    begin(both, other)
    issue(both, one, "a", "b")
    begin(both, other)
    assert hidden(other) == {"a", "b"}


@pytest.mark.parametrize("reads", [True, False], ids=["read", "asked"])
def test_who_opens_it_later_hears_it_first(both: Away, reads: bool) -> None:
    issue(both, opened(both, both.one), "a", "b")
    other = opened(both, both.other)
    if reads:  # as whoever reads the journal does
        both.run(other.configuration())
    else:
        begin(both, other)
    assert hidden(other) == {"a", "b"}


def test_what_was_said_while_the_connection_was_lost_is_heard_before_the_next_request_goes_on(both: Away) -> None:
    one, other = opened(both, both.one), opened(both, both.other)
    begin(both, other)
    lose = deaf(both.other)
    issue(both, one, "a")
    assert hidden(other) == set()
    lose()
    begin(both, other)
    assert hidden(other) == {"a"}


def test_who_stood_still_until_it_was_thought_gone_hears_it_before_its_next_request_goes_on(
    both: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection is there; that it is there as well it has not said again yet."""
    monkeypatch.setattr(worker_module, "BEAT", 3600.0)
    one, other = opened(both, both.one), opened(both, both.other)
    begin(both, other)
    both.until(partial(is_gone, both.other))
    issue(both, one, "a")
    begin(both, other)
    assert hidden(other) == {"a"}
    known = both.run(one.configuration())
    assert both.run(one.reset(known._replace(rev=known.rev + 1, generation=known.generation + 1)))
    both.until(lambda: other.deliverer.refreshed)  # type: ignore[attr-defined]


async def is_gone(worker: Worker) -> bool:
    """Let it be gone, as soon as it was there."""
    return bool(await worker.pipe.ask("ZREM", f"{WORKERS}:beats", worker.name))


@pytest.mark.parametrize("how", ["dropped", "reset"])
def test_what_is_there_no_more_is_not_asked_for(both: Away, how: str) -> None:
    one = opened(both, both.one)
    issue(both, one, "a", "b")
    gone: Sequence[Effect] = [Drop({"a": 1})]
    if how == "dropped":
        assert both.run(one.commit("api", begin(both, one), gone))
    else:
        known = both.run(one.configuration())
        assert both.run(one.reset(known._replace(rev=known.rev + 1, generation=known.generation + 1)))
    other = opened(both, both.other)
    begin(both, other)
    assert hidden(other) == ({"b"} if how == "dropped" else set())


def test_where_no_resource_has_a_secret_nothing_is_asked_for(both: Away) -> None:
    one, other = both.state(both.one), both.state(both.other)
    begin(both, one)
    begin(both, other)
    assert one._missed == other._missed == 0


@pytest.mark.parametrize("comes", ["a request", "nobody"])
def test_what_is_told_of_a_request_that_was_under_way_meanwhile_is_looked_through_once_more(
    both: Away, comes: str
) -> None:
    one, other = opened(both, both.one), opened(both, both.other)
    n = begin(both, other)

    async def ended() -> None:
        (pipe,) = both.other._pipes.values()
        assert pipe._line is not None
        pipe._line.end("was lost")
        for place in (n, 0):
            entry = JournalEntry(place, 1.0, "request", "api", "", "GET", "/x", 404, "", "there is no secret-of-a")
            other.enter(entry, 100)
        other.finish(n)

    deaf(both.other)
    issue(both, one, "a")
    both.run(ended())
    if comes == "a request":
        begin(both, other)
    both.until(partial(settled, one))
    entries = both.run(one.entries(0, 10, 0, ())).entries
    assert [each.why for each in entries] == ["there is no ***"] * 2
    assert entries[0].n == n


def test_what_was_told_and_not_heard_is_looked_through_before_it_is_told_again(both: Away) -> None:
    one, other = opened(both, both.one), opened(both, both.other)
    n = begin(both, other)
    deaf(both.other)
    issue(both, one, "a")

    def tell() -> None:
        other.enter(JournalEntry(n, 1.0, "request", "api", "", "GET", "/x", 404, "", "there is no secret-of-a"), 100)
        other.finish(n)

    both.run(losing(both.other, tell, hears=False))
    begin(both, other)
    both.until(partial(settled, one, 1))
    assert [each.why for each in both.run(one.entries(0, 10, 0, ())).entries] == ["there is no ***"]


async def settled(state: RedisState, many: int = 2) -> bool:
    return len((await state.entries(0, 10, 0, ())).entries) == many
