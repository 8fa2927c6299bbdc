"""A request whose worker was thought to be gone: others have ended it, and nothing of it is kept."""

from __future__ import annotations

from math import inf

import pytest
from away_kit import BEGIN, Away, job, post

from mockserver.errors import StateError
from mockserver.state.port import KeyName, KeyUse, PutJob, SaveAnswer, SavedAnswer
from mockserver.stores.redis import RedisState

KEY = KeyName("ann", "create", "K")


async def claimed(state: RedisState) -> int:
    """A request that has the key: its number."""
    begun = await state.begin(BEGIN, "", inf, 0)
    assert begun is not None
    assert await state.claim_key("api", KEY, KeyUse("d", begun.now, begun.n), 86400) is None
    return begun.n


async def kept(state: RedisState, n: int, name: str) -> bool:
    answer = SavedAnswer(201, "x", "application/json", (), b"{}", name)
    return await state.commit("api", n, [PutJob(job(name)), SaveAnswer(KEY, answer)])


def test_a_key_that_was_given_up_has_one_job(both: Away) -> None:
    one, other = both.state(both.one), both.state(both.other)
    before = both.run(claimed(one))
    both.run(both.other.sweep(both.one.name, one.base))
    after = both.run(claimed(other))
    with pytest.raises(StateError, match="others have ended the request"):
        both.run(kept(one, before, "a"))
    assert both.run(kept(other, after, "b"))
    assert [each.id for each in both.run(other.newest("api", 9))] == ["b"]


def test_what_control_caused_is_delivered_once_where_its_worker_was_killed_before_it_had_said_that_it_is_over(
    both: Away,
) -> None:
    one, other = both.state(both.one), both.state(both.other)
    assert both.run(one.commit("api", -7, [PutJob(job("a")), post("a")]))
    both.run(both.other.sweep(both.one.name, one.base))
    assert both.ask("LLEN", f"{other.base}:events") == 1
    both.run(both.one.sweep(both.other.name, one.base))
    assert both.ask("LLEN", f"{other.base}:events") == 1, "once"
