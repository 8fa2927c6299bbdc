"""What a worker has told or was told while its connection was lost: all of it is made up for, and nothing twice."""

from __future__ import annotations

from math import inf
from typing import Any, cast

import pytest
from away_kit import BEGIN, Away, caused, deaf, losing, post, until
from control_kit import told
from process_kit import FILES
from workers_kit import two_workers

from mockserver.errors import StateError
from mockserver.stores.redis import RedisState
from mockserver.stores.redis import worker as worker_module
from mockserver.stores.redis.codec import written
from mockserver.stores.redis.values import begin_word

CONTROL = "/_mock/sandboxes/default"


def jobs_of(state: RedisState) -> list[str]:
    """Those whose webhooks were to be delivered by a worker."""
    deliverer: Any = state.deliverer
    known: list[str] = deliverer.jobs
    return known


def entry_of(n: int) -> Any:
    return (n, 1.0, "request", "api", "", "", f"/{n}", 200, "", "", 0.0, None, "", "", None, None)


async def owe(state: RedisState, name: str) -> None:
    """A request that owes a webhook, and is over."""
    state.finish(await caused(state, name))


@pytest.mark.parametrize("hears", [True, False], ids=["heard", "not heard"])
def test_the_end_of_a_request_whose_answer_was_lost_is_told_again(both: Away, hears: bool) -> None:
    one = both.state(both.one)
    n = both.run(caused(one, "a"))

    def tell() -> None:
        one.enter(entry_of(n), 100)
        one.finish(n)

    both.run(losing(both.one, tell, hears=hears))
    both.until(lambda: jobs_of(one) == ["a"])
    page = both.run(one.entries(0, 9, 0, ()))
    assert [each.path for each in page.entries] == [f"/{n}"], "once"
    assert both.run(one.activity()).in_flight == 0


def test_a_request_of_which_nobody_heard_that_it_begins_is_over(both: Away) -> None:
    one = both.state(both.one)
    known = both.run(caused(one, "a"))

    def tell() -> None:
        asked = both.one.pipe.ask_together(one._begins, ("",), 4, begin_word(BEGIN, inf))
        asked.add_done_callback(lambda begun: begun.exception())

    both.run(losing(both.one, tell, hears=True))

    async def is_over() -> bool:
        return await both.other.pipe.ask("HKEYS", f"{one.base}:flight") == [str(known).encode()]

    both.until(is_over)
    assert both.run(one.activity()).newest == known + 1, "it began"


def test_the_end_of_a_request_that_a_full_engine_refused_is_told_again(both: Away) -> None:
    one = both.state(both.one)
    n = both.run(caused(one, "a"))
    both.ask("CONFIG", "SET", "maxmemory", 1)
    both.run(ended(one, n))
    both.until(lambda: one._later.is_asked)
    both.ask("CONFIG", "SET", "maxmemory", 0)
    both.until(lambda: jobs_of(one) == ["a"])


async def ended(state: RedisState, n: int) -> None:
    state.enter(entry_of(n), 100)
    state.finish(n)


def test_what_others_have_caused_while_it_heard_nothing_is_delivered_once_it_is_back(both: Away) -> None:
    one, other = both.state(both.one), both.state(both.other)
    assert both.run(one.role.take()) == ""
    lose = deaf(both.one)
    both.run(owe(other, "a"))
    both.until(lambda: both.other.pipe.ask("LLEN", f"{one.base}:events"))
    lose()
    both.until(lambda: jobs_of(one) == ["a"])


def test_what_was_switched_while_it_heard_nothing_is_seen_once_it_is_back(both: Away) -> None:
    one = both.state(both.one)
    seen: list[Any] = []
    one.deliverer.see_clock = seen.append  # type: ignore[method-assign]
    lose = deaf(both.one)
    both.run(both.state(both.other).move_clock(0, 2e9))
    lose()
    both.until(lambda: any(each.now == 2e9 for each in seen))


def test_where_who_delivers_does_not_listen_another_one_does(both: Away) -> None:
    one, other = both.state(both.one), both.state(both.other)
    assert both.run(one.role.take()) == ""
    both.leave(both.one)
    both.run(owe(other, "a"))
    both.until(lambda: jobs_of(other) == ["a"])


def test_a_sandbox_that_only_a_dead_worker_had_is_opened_elsewhere_and_its_webhooks_are_delivered(both: Away) -> None:
    both.state(both.other)
    mine, opened = both.state(both.one, "my own"), list[RedisState]()

    async def find(name: str) -> None:
        opened.append(both.made(both.other, name))
        await opened[0].configuration()

    both.other.find = find
    both.run(caused(mine, "a"))
    both.die(both.one)
    both.until(lambda: opened and jobs_of(opened[0]) == ["a"])
    assert opened[0].name == "my own"
    assert not both.ask("SMEMBERS", f"{worker_module.WORKERS}:ownerless")


def test_a_server_opens_what_another_one_has_made(both: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    with two_workers(monkeypatch, both.engine.url) as workers:
        name = workers.one.sandbox().rpartition("/")[2]
        sandboxes: Any = workers.other.server.sandboxes
        assert sandboxes.get(name) is None
        workers.other.run(sandboxes.index._worker.find(name))
        assert sandboxes.get(name) is not None


def test_what_is_listed_no_more_and_waits_no_more_is_not_kept(both: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("posting_list", "owed"):
        monkeypatch.setattr(f"mockserver.{room}.POSTINGS_COUNT", 3)
    monkeypatch.setattr("mockserver.stores.redis.role.PAGE", 2)
    with two_workers(monkeypatch, both.engine.url) as workers:
        wanted = {"api": "vidgen", "url": "https://127.0.0.1:9/hook"}
        sent = [workers.one.ask("POST", f"{CONTROL}/webhooks/test", json=wanted).json()["id"] for _ in range(7)]
        default: Any = workers.one.server.sandboxes.default
        workers.one.run(until(lambda: default.state.role.told.is_heard))
        assert both.ask("HLEN", f"{default.state.base}:owed") == 3
        workers.one.run(default.state.worker.sweep(default.state.worker.name, default.state.base))
        assert [each["id"] for each in workers.other.get(f"{CONTROL}/webhooks")] == sent[-3:], "read in pages"


def test_a_question_whose_answer_was_not_heard_is_asked_again_and_done_once(both: Away) -> None:
    one, other = both.state(both.one), both.state(both.other)
    assert both.run(one.role.take()) == ""
    (pipe,) = both.other._pipes.values()
    assert pipe._line is not None
    hears, done = pipe._line._pushed, list[str]()
    perform_for = one.perform_for

    async def counted(call: str, *words: Any) -> str:
        done.append(call)
        return await perform_for(call, *words)

    def lose(push: Any) -> None:
        assert pipe._line is not None
        pipe._line._pushed = hears

    one.perform_for = counted  # type: ignore[method-assign]
    pipe._line._pushed = lose
    assert not both.run(other.waiting_webhooks())
    assert done == ["waiting_webhooks"]


def test_who_asks_one_that_says_nothing_hears_that(both: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.stores.redis.questions.MOST_SILENT", 2)
    one, other = both.state(both.one), both.state(both.other)
    assert both.run(one.role.take()) == ""
    monkeypatch.setattr(both.one._questions, "asked", lambda *words: None)
    with pytest.raises(StateError, match="does not answer"):
        both.run(other.waiting_webhooks())


def test_whom_the_engine_names_without_its_knowing_takes_the_role(both: Away) -> None:
    one, other = both.state(both.one), both.state(both.other)
    assert both.run(one.role.take()) == ""
    both.ask("HINCRBY", one.base, "epoch", -1)
    assert not both.run(other.waiting_webhooks())


def test_what_cannot_be_read_is_noted_and_blocks_nothing(both: Away) -> None:
    one = both.state(both.one)
    both.ask("RPUSH", f"{one.base}:events", '["Post","api",["gone"]]', "rubbish")
    both.run(owe(one, "a"))
    both.until(lambda: jobs_of(one) == ["a"])
    page = both.run(one.entries(0, 9, 0, ()))
    assert [each.kind for each in page.entries] == ["dropped"] * 2
    assert all("cannot be read and is not delivered" in each.why for each in page.entries)
    assert both.ask("LLEN", f"{one.base}:events") == 0


def test_what_is_told_of_webhooks_is_done_in_its_order_whatever_comes_first(both: Away) -> None:
    one = both.state(both.one)
    assert both.run(one.role.take()) == ""
    line = one.role.told

    async def tell() -> None:
        line.last = 2
        line._unheard = {n: (0, 0, 0, 0, "", 1, 0, written(word)) for n, word in ((1, "older"), (2, "newer"))}
        line._send(2)  # the engine did not know its scripts when the first one came
        line._send(1)

    both.run(tell())
    both.until(lambda: line.is_heard)
    assert both.ask("HGET", f"{one.base}:owed", 1) == b'"newer"'


def test_events_are_not_read_before_it_is_known_which_were_done(both: Away) -> None:
    one = both.state(both.one)
    both.run(owe(one, "a"))
    both.until(lambda: jobs_of(one) == ["a"])
    both.until(lambda: one.role.told.is_heard)

    def tell() -> None:
        one.role._cause([written(["Post", "api", post("b")]).encode()])

    async def caused_and_lost() -> None:
        async with one.role._turn:  # as the role itself has it whenever it reads events
            await both.other.pipe.ask("RPUSH", f"{one.base}:events", written(["Post", "api", post("b")]))
            await losing(both.one, tell, hears=False)

    both.run(caused_and_lost())
    both.run(owe(one, "c"))
    both.until(lambda: jobs_of(one)[-1] == "c")
    assert jobs_of(one) == ["a", "b", "c"], "each once"


class Failing:
    """A state that is out of reach when it is first asked how jobs stand."""

    def __init__(self, state: Any) -> None:
        self._state, self.is_failing = state, True

    async def look_up(self, *words: Any) -> Any:
        if self.is_failing:
            self.is_failing = False
            raise StateError("the store is not there")
        return await self._state.look_up(*words)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._state, name)


@pytest.mark.parametrize("goes", [True, False], ids=["by itself", "when it is moved"])
def test_a_webhook_that_was_due_when_the_engine_was_away_is_tried_again(
    both: Away, monkeypatch: pytest.MonkeyPatch, goes: bool
) -> None:
    monkeypatch.setattr("mockserver.outbox.AGAIN", 0.01)
    with two_workers(monkeypatch, both.engine.url) as workers:
        one, clock = workers.one, f"{CONTROL}/clock"
        told(one.ask("PUT", clock, json={"mode": "manual"}), 200)
        wanted = {"webhookUrl": "https://127.0.0.1:9/hook"}
        told(one.ask("POST", "/vidgen/api/jobs", data=wanted, files=FILES, headers={"X-API-Key": "demo-key"}), 201)
        assert len(one.get(f"{CONTROL}/webhooks")) == 1
        side = one.server.sandboxes.default.apis["vidgen"]
        side.state = failing = cast(Any, Failing(side.state))
        if goes:
            told(one.ask("PUT", clock, json={"mode": "real", "rate": 3600}), 200)
        else:
            assert one.ask("POST", f"{clock}/advance", json={"seconds": 3600}).status_code == 503
            told(one.ask("POST", f"{clock}/advance", json={"seconds": 3600}), 200)
        one.run(until(lambda: one.server.sandboxes.default.outbox.postings[0].attempts))
        assert not failing.is_failing
