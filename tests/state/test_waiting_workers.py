"""A process that waits for the place of one that ends is told apart from those that serve."""

from __future__ import annotations

from functools import partial
from typing import Any

from away_kit import Away

from mockserver.stores.redis import Worker
from mockserver.stores.redis.care import connected, processes


def counted(both: Away) -> tuple[int, int]:
    """Those that serve, and those that wait, as `mockserver store stats` tells of them."""

    async def looked() -> tuple[int, int]:
        with connected(both.engine.url) as pipe:
            return await processes(pipe)

    return both.run(looked())  # type: ignore[no-any-return]


async def asked(worker: Worker, *words: Any) -> Any:
    return await worker.pipe.ask(*words)


async def seated(worker: Worker) -> None:
    worker.serve()
    await asked(worker, "PING")


def begun(both: Away, *workers: Worker) -> None:
    for each in workers:
        both.run(each.is_gone("nobody"))
        both.until(partial(asked, each, "ZSCORE", "ms1:{workers}:beats", each.name))


def test_one_that_waits_is_counted_as_such_until_it_has_a_place(both: Away) -> None:
    both.other.is_waiting = True
    begun(both, both.one, both.other)
    assert counted(both) == (1, 1)
    both.run(seated(both.other))
    assert counted(both) == (2, 0)


def test_of_one_that_left_or_is_gone_nothing_is_left(both: Away) -> None:
    third = both.worker()
    both.one.is_waiting = third.is_waiting = True
    begun(both, both.one, third, both.other)
    assert counted(both) == (1, 2)
    both.run(third.close())
    both.die(both.one)
    both.until(
        partial(asked, both.other, "EVAL", "return redis.call('EXISTS', KEYS[1]) == 0", 1, "ms1:{workers}:waiting")
    )
    assert counted(both) == (1, 0)
