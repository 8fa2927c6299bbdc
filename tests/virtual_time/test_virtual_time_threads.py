"""Virtual time in threads: sleeps, several pollers, what holds the clock, and its limit."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from virtual_time_kit import START, FakeTime, load

from mockserver.virtual_time import ClockRanAway, FastForward, active, fast_forward, real_time

POLLER = """
import time
from time import sleep

def poll(job_is_done, every=10, timeout=1200):
    deadline = time.monotonic() + timeout
    polls = 0
    while time.monotonic() < deadline:
        polls += 1
        if job_is_done():
            return polls
        sleep(every)
    raise TimeoutError(polls)

def poll_for_ever():
    while True:
        try:
            sleep(3600)
        except Exception:
            pass
"""


def until_asleep(forward: FastForward) -> None:
    """Return when a thread has come to its sleep: it may have started long before that."""
    while not forward._waits.sleeping_threads():
        real_time.sleep(0.001)


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    return load(tmp_path, POLLER, monkeypatch)


def test_a_sleep_moves_the_clock_by_its_length(sandbox: FakeTime) -> None:
    with fast_forward(sandbox) as forward:
        time.sleep(10)
        assert forward.elapsed == 10
    assert sandbox.moves == [10]


def test_a_poller_of_twenty_minutes_ends_in_its_time_out(sandbox: FakeTime, client) -> None:
    started = time.perf_counter()
    with fast_forward(sandbox), pytest.raises(TimeoutError, match="120"):
        client.poll(lambda: False)
    assert sandbox.elapsed == 1200
    assert time.perf_counter() - started < 100  # in real time it takes 1200 s


def test_a_poller_sees_a_job_that_ends_in_virtual_time(sandbox: FakeTime, client) -> None:
    with fast_forward(sandbox):
        assert client.poll(lambda: sandbox.elapsed >= 25) == 4


def test_names_imported_by_value_are_put_back(sandbox: FakeTime, client) -> None:
    real = time.sleep
    with fast_forward(sandbox):
        assert client.sleep is time.sleep is not real
    assert client.sleep is time.sleep is real


def test_a_module_imported_meanwhile_gets_the_real_functions_back(
    sandbox: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fast_forward(sandbox):
        late = load(tmp_path, POLLER, monkeypatch)
    assert late.sleep is time.sleep


def test_three_pollers_in_a_pool_share_one_clock(sandbox: FakeTime, client) -> None:
    with fast_forward(sandbox), ThreadPoolExecutor(3) as pool:
        polls = list(pool.map(client.poll, [lambda n=n: sandbox.elapsed >= n for n in (100, 200, 300)]))
    assert polls == [11, 21, 31]
    assert sandbox.elapsed == 300


def test_a_threads_sleep_ends_at_its_own_start_plus_its_length(sandbox: FakeTime) -> None:
    ends: dict[int, float] = {}

    def sleep(seconds: int) -> None:
        time.sleep(seconds)
        ends[seconds] = sandbox.elapsed

    with fast_forward(sandbox):
        threads = [threading.Thread(target=sleep, args=(n,)) for n in (4, 6, 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ends == {4: 4, 6: 6, 10: 10}


def test_a_running_thread_holds_the_clock(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        sleeper = threading.Thread(target=lambda: time.sleep(5))
        sleeper.start()
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            assert sandbox.elapsed == 0
        sleeper.join()
    assert sandbox.elapsed == 5


def test_a_sleep_handed_to_a_pool_is_virtual(sandbox: FakeTime) -> None:
    with fast_forward(sandbox), ThreadPoolExecutor(1) as pool:
        pool.submit(time.sleep, 30).result()
    assert sandbox.elapsed == 30


def test_a_thread_blocked_in_a_bare_lock_does_not_hold_the_clock_for_ever(sandbox: FakeTime) -> None:
    lock = threading.Lock()
    lock.acquire()

    def release_later() -> None:
        time.sleep(5)
        lock.release()

    with fast_forward(sandbox):
        thread = threading.Thread(target=release_later)
        thread.start()
        lock.acquire()
        thread.join()
    assert sandbox.elapsed == 5


def test_a_request_in_flight_holds_the_clock(sandbox: FakeTime) -> None:
    sandbox.flights = 1
    seen: list[float] = []

    def answer() -> None:
        seen.append(sandbox.elapsed)
        sandbox.flights = 0

    with fast_forward(sandbox):
        timer = threading.Timer(0.02, answer)
        timer.start()
        time.sleep(10)
        timer.join()
    assert seen == [0]
    assert sandbox.elapsed == 10


def test_an_open_client_call_holds_the_clock(sandbox: FakeTime) -> None:
    seen: list[float] = []
    with fast_forward(sandbox) as forward:
        call = forward.call()
        call.__enter__()

        def end() -> None:
            seen.append(sandbox.elapsed)
            call.__exit__(None, None, None)

        timer = threading.Timer(0.02, end)
        timer.start()
        time.sleep(10)
        timer.join()
    assert seen == [0]


def test_a_clock_moved_by_the_test_wakes_who_is_due(sandbox: FakeTime) -> None:
    sandbox.flights = 1  # only the test moves the clock
    with fast_forward(sandbox) as forward:
        sleeper = threading.Thread(target=lambda: time.sleep(5))
        sleeper.start()
        until_asleep(forward)
        sandbox.advance(60)
        sleeper.join()
    assert sandbox.moves == [60]


def test_zero_is_no_virtual_sleep(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        time.sleep(0)
    assert sandbox.moves == []


@pytest.mark.parametrize("wrong", [-1, float("nan"), "1", None])
def test_what_time_sleep_refuses_is_refused(sandbox: FakeTime, wrong: object) -> None:
    with fast_forward(sandbox), pytest.raises((ValueError, TypeError)):
        time.sleep(wrong)  # type: ignore[arg-type]


def test_fractions_never_end_early(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        for seconds in (0.1, 0.3, 1 / 3, 1e-7, 7.7):
            wall, monotonic = time.time(), time.monotonic()
            time.sleep(seconds)
            assert time.time() - wall >= seconds
            assert time.monotonic() >= monotonic + seconds
    assert sandbox.elapsed == pytest.approx(0.1 + 0.3 + 1 / 3 + 7.7, abs=1e-4)


def test_past_seven_days_the_clock_ran_away_at_the_line_that_sleeps(sandbox: FakeTime, client) -> None:
    with fast_forward(sandbox), pytest.raises(ClockRanAway) as caught:
        client.poll_for_ever()
    line = 1 + POLLER.splitlines().index("            sleep(3600)")
    assert f"{client.__file__}:{line}" in str(caught.value)
    assert sandbox.elapsed == 7 * 86_400


def test_one_endless_sleep_runs_away_at_once(sandbox: FakeTime) -> None:
    with fast_forward(sandbox), pytest.raises(ClockRanAway, match="test_virtual_time_threads"):
        time.sleep(float("inf"))
    assert sandbox.moves == []


def test_a_sandbox_that_fails_is_heard_of_by_the_sleeper(sandbox: FakeTime) -> None:
    def fail() -> None:
        raise ConnectionError("the server is gone")

    sandbox.on_advance = fail
    with fast_forward(sandbox), pytest.raises(ConnectionError, match="gone"):
        time.sleep(1)


def test_a_thread_left_asleep_is_woken_when_virtual_time_ends(sandbox: FakeTime) -> None:
    sandbox.flights = 1
    with fast_forward(sandbox) as forward:
        left = threading.Thread(target=lambda: time.sleep(1000))
        left.start()
        until_asleep(forward)
    left.join(60)
    assert not left.is_alive()
    assert sandbox.moves == []


def test_a_function_kept_beyond_the_context_is_real_again(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        kept = time.time
        assert kept() == START
    assert kept() > START + 1


def test_virtual_time_is_on_once_at_a_time(sandbox: FakeTime) -> None:
    with fast_forward(sandbox) as forward:
        assert active() is forward
        with pytest.raises(RuntimeError, match="on already"), fast_forward(sandbox):
            pass
        assert active() is forward
    assert active() is None


def test_no_thread_is_left_behind(sandbox: FakeTime) -> None:
    before = threading.enumerate()
    with fast_forward(sandbox):
        time.sleep(1)
    assert threading.enumerate() == before


def test_after_its_context_virtual_time_sleeps_no_more(sandbox: FakeTime) -> None:
    with fast_forward(sandbox) as forward:
        pass
    forward.sleep(1000)
    assert sandbox.moves == []


def test_a_thread_that_is_not_there_uses_no_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    assert real_time.thread_use(None) == real_time.thread_use(2**22 + 1) == (0.0, False)
    own = threading.get_native_id()
    monkeypatch.setattr("sys.platform", "darwin")
    assert real_time.thread_use(own) == (0.0, False)
