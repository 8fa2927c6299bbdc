"""A server that will stay silent: the client's own time-out at once, and the time it took on the sandbox's clock."""

from __future__ import annotations

import asyncio
import math
import time
import urllib.request
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import trio
import urllib3
from virtual_time_kit import FakeTime

from mockserver.intercept import Outcome, intercept
from mockserver.virtual_time import ClockRanAway, fast_forward
from tests.intercept_kit import CALLERS, HOST, Caller, Server

URL = f"https://{HOST}/v1/jobs"


@pytest.fixture
def sandbox() -> FakeTime:
    return FakeTime()


@pytest.fixture(params=CALLERS, ids=[caller.name for caller in CALLERS])
def caller(request: pytest.FixtureRequest) -> Caller:
    found: Caller = request.param
    return found


class Sandbox:
    """Stays silent as often as told, and remembers what it was asked."""

    def __init__(self, *outcomes: Outcome | None) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[tuple[str, str, str, float | None]] = []

    def __call__(self, client: str, method: str, url: str, timeout: float | None) -> Outcome | None:
        self.asked.append((client, method, url, timeout))
        return self.outcomes.pop(0) if self.outcomes else None


def hang(*_: object) -> Outcome:
    return Outcome()


def attempts(caller: Caller) -> int:
    """urllib3 alone repeats a GET that timed out, three times by default."""
    return 4 if caller.name == "urllib3" else 1


def test_a_hang_is_the_clients_own_time_out_at_once(
    caller: Caller, routes: dict[str, str], server: Server, sandbox: FakeTime
) -> None:
    with intercept(routes, before_send=hang, time=sandbox), pytest.raises(caller.timeout_error):
        caller.one(URL, timeout=30)
    assert sandbox.moves == [30] * attempts(caller)
    assert server.seen == []


def test_in_virtual_time_a_hang_is_waited_for_like_any_sleep(
    caller: Caller, routes: dict[str, str], sandbox: FakeTime
) -> None:
    with fast_forward(sandbox), intercept(routes, before_send=hang, time=sandbox), pytest.raises(caller.timeout_error):
        caller.one(URL, timeout=30)
    assert sandbox.elapsed == 30 * attempts(caller)


def test_the_sandbox_is_told_who_asks_what_and_how_patient_it_is(
    caller: Caller, routes: dict[str, str], server: Server
) -> None:
    before_send = Sandbox()
    with intercept(routes, before_send=before_send):
        caller.one(URL + "?a=1", method="POST", timeout=30)
        caller.one(f"{server.origin}/direct", timeout=30)
    assert before_send.asked == [
        (caller.asks_as, "POST", f"{server.origin}/@s-abc/api/v1/jobs?a=1", 30),
        (caller.asks_as, "GET", f"{server.origin}/direct", 30),
    ]


def test_a_silence_the_client_bears_passes_and_the_call_goes_on(
    caller: Caller, routes: dict[str, str], sandbox: FakeTime
) -> None:
    with intercept(routes, before_send=Sandbox(Outcome(silence=12)), time=sandbox):
        assert caller.one(URL, timeout=30).status == 200
    assert sandbox.moves == [12]


def held(seconds: float) -> Callable[..., Outcome]:
    return lambda *_: Outcome(seconds, is_done=True)


def test_an_answer_held_back_too_long_is_the_clients_own_time_out_after_the_deed(
    caller: Caller, routes: dict[str, str], server: Server, sandbox: FakeTime
) -> None:
    with intercept(routes, before_send=held(math.inf), time=sandbox), pytest.raises(caller.timeout_error):
        caller.one(URL, timeout=30)
    assert sandbox.moves == [30] * attempts(caller)
    assert len(server.seen) == attempts(caller)


def test_an_answer_held_back_for_a_while_comes_after_it(
    caller: Caller, routes: dict[str, str], server: Server, sandbox: FakeTime
) -> None:
    with fast_forward(sandbox), intercept(routes, before_send=held(12), time=sandbox):
        assert caller.one(URL, timeout=30).status == 200
    assert sandbox.elapsed == 12
    assert len(server.seen) == 1


def ask_with_urllib(url: str, timeout: float | None) -> int:
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return int(answer.status)


def test_the_standard_librarys_client_meets_silence_as_well(server: Server, sandbox: FakeTime) -> None:
    before_send = Sandbox(Outcome(), Outcome(8), Outcome(is_done=True), Outcome(7, is_done=True), Outcome())
    url = f"{server.origin}/@s-abc/api/v1/jobs?a=1"
    with intercept({}, before_send=before_send, time=sandbox):
        with pytest.raises(TimeoutError):
            ask_with_urllib(url, 30)
        assert ask_with_urllib(url, 30) == 200
        with pytest.raises(TimeoutError):
            ask_with_urllib(url, 20)
        assert ask_with_urllib(url, 30) == 200
        with pytest.raises(ClockRanAway, match="for ever"):
            ask_with_urllib(url, None)
        assert ask_with_urllib(url, None) == 200
    assert sandbox.moves == [30, 8, 20, 7]
    assert before_send.asked[0] == ("http.client", "GET", url, 30)
    assert len(server.seen) == 4


def test_a_client_that_repeats_reaches_the_sandbox_the_second_time(routes: dict[str, str], sandbox: FakeTime) -> None:
    with intercept(routes, before_send=Sandbox(Outcome()), time=sandbox), urllib3.PoolManager() as pool:
        assert pool.request("GET", URL, timeout=9).status == 200
    assert sandbox.moves == [9]


def test_without_a_time_out_the_call_that_waits_for_ever_is_named(
    caller: Caller, routes: dict[str, str], sandbox: FakeTime
) -> None:
    with intercept(routes, before_send=hang, time=sandbox), pytest.raises(ClockRanAway, match=r"for ever") as caught:
        caller.one(URL, timeout=None)
    assert "intercept_kit.py" in str(caught.value)
    with fast_forward(sandbox), intercept(routes, before_send=hang, time=sandbox), pytest.raises(ClockRanAway):
        caller.one(URL, timeout=None)


def test_without_a_clock_only_the_time_out_is_raised(caller: Caller, routes: dict[str, str]) -> None:
    started = time.perf_counter()
    with intercept(routes, before_send=hang), pytest.raises(caller.timeout_error):
        caller.one(URL, timeout=300)
    assert time.perf_counter() - started < 200


def test_requests_with_two_time_outs_counts_the_one_for_reading(routes: dict[str, str], sandbox: FakeTime) -> None:
    with intercept(routes, before_send=hang, time=sandbox), pytest.raises(requests.ReadTimeout):
        requests.get(URL, timeout=(3, 20))
    assert sandbox.moves == [20]


def test_aiohttps_total_is_a_plain_time_out(routes: dict[str, str], sandbox: FakeTime) -> None:
    async def main(limits: aiohttp.ClientTimeout) -> None:
        async with aiohttp.ClientSession(timeout=limits) as session, session.get(URL):
            pass

    with intercept(routes, before_send=hang, time=sandbox):
        with pytest.raises(TimeoutError) as caught:
            asyncio.run(main(aiohttp.ClientTimeout(total=40, sock_read=50)))
        assert not isinstance(caught.value, aiohttp.SocketTimeoutError)
    assert sandbox.moves == [40]


def test_a_time_out_around_a_client_without_one_ends_the_hang(routes: dict[str, str], sandbox: FakeTime) -> None:
    async def main() -> None:
        async with httpx.AsyncClient(timeout=None) as client, asyncio.timeout(25):
            await client.get(URL)

    with fast_forward(sandbox), intercept(routes, before_send=hang, time=sandbox), pytest.raises(TimeoutError):
        asyncio.run(main())
    assert sandbox.elapsed == 25


def test_while_a_call_hangs_others_live_on(routes: dict[str, str], sandbox: FakeTime) -> None:
    async def main() -> list[float]:
        async with httpx.AsyncClient(timeout=30) as client, asyncio.TaskGroup() as group:
            hanging = group.create_task(expire(client))
            ends = []
            for _ in range(5):
                await asyncio.sleep(10)
                ends.append(sandbox.elapsed)
            return [*ends, await hanging]

    async def expire(client: httpx.AsyncClient) -> float:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(URL)
        return sandbox.elapsed

    with fast_forward(sandbox), intercept(routes, before_send=hang, time=sandbox):
        assert asyncio.run(main()) == [10, 20, 30, 40, 50, 30]


def test_the_loop_turns_while_the_clock_moves(routes: dict[str, str], sandbox: FakeTime) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        sandbox.on_advance = lambda: asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(10)
        async with httpx.AsyncClient(timeout=30) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(URL)

    with intercept(routes, before_send=hang, time=sandbox):
        asyncio.run(main())
    assert sandbox.moves == [30]


def test_under_trio_a_hang_is_a_time_out_too(routes: dict[str, str], sandbox: FakeTime) -> None:
    async def main() -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            assert (await client.get(URL)).status_code == 200
            with pytest.raises(httpx.ReadTimeout):
                await client.get(URL)

    with intercept(routes, before_send=Sandbox(None, Outcome()), time=sandbox):
        trio.run(main)
    with fast_forward(sandbox), intercept(routes, before_send=Sandbox(None, Outcome()), time=sandbox):
        trio.run(main)
    assert sandbox.elapsed == 60


def test_real_calls_of_many_pollers_never_run_ahead_of_the_clock(routes: dict[str, str], sandbox: FakeTime) -> None:
    times: list[float] = []

    async def poll(get: Callable[[], Coroutine[Any, Any, object]], every: int) -> None:
        for _ in range(5):
            await get()
            times.append(sandbox.elapsed % every)
            await asyncio.sleep(every)

    async def main() -> None:
        async with httpx.AsyncClient() as one, aiohttp.ClientSession() as two, asyncio.TaskGroup() as group:

            async def read() -> None:
                async with two.get(URL) as answer:
                    await answer.read()

            for every in (3, 4, 7):
                group.create_task(poll(lambda: one.get(URL), every))
                group.create_task(poll(read, every))

    with fast_forward(sandbox), intercept(routes):
        asyncio.run(main())
    assert times == [0] * 30
    assert sandbox.elapsed == 35


def test_urllib3s_back_off_is_slept_in_virtual_time(routes: dict[str, str], sandbox: FakeTime) -> None:
    retries = urllib3.Retry(3, backoff_factor=10)
    pools = urllib3.PoolManager(retries=retries, timeout=5)
    before_send = Sandbox(Outcome(), Outcome())
    with fast_forward(sandbox), intercept(routes, before_send=before_send, time=sandbox), pools as pool:
        assert pool.request("GET", URL).status == 200
    assert sandbox.elapsed == 5 + 5 + 20


def test_an_outcome_is_silence_for_ever_by_default() -> None:
    assert Outcome() == Outcome(math.inf)
