"""Time-outs of events, conditions, semaphores, queues and futures of threads: virtual for the code under test."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from virtual_time_kit import FakeTime, load

from mockserver.virtual_time import ClockRanAway, fast_forward
from mockserver.virtual_time.waits import VirtualWait, Waits

CLIENT = """
import threading
import time

def poll_in_background(is_done, every):
    found = threading.Event()
    def poll():
        while not is_done():
            time.sleep(every)
        found.set()
    thread = threading.Thread(target=poll)
    thread.start()
    return found, thread

def poll_until_stopped(stop, look):
    while not stop.wait(10):
        look()
"""


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    return load(tmp_path, CLIENT, monkeypatch)


def _condition() -> bool:
    condition = threading.Condition()
    with condition:
        return condition.wait(600)


def _condition_for() -> bool:
    condition = threading.Condition()
    with condition:
        return condition.wait_for(lambda: False, timeout=600)


def _semaphore() -> bool:
    return threading.BoundedSemaphore(1).acquire(timeout=600) and threading.Semaphore(0).acquire(True, 600)


def _get() -> bool:
    with pytest.raises(queue.Empty):
        queue.LifoQueue[int]().get(timeout=600)
    return False


def _put() -> bool:
    full = queue.Queue[int](1)
    full.put(1)
    with pytest.raises(queue.Full):
        full.put(2, True, 600)
    return False


def _result() -> bool:
    with pytest.raises(TimeoutError):
        Future[int]().result(600)
    return False


def _exception() -> bool:
    with pytest.raises(TimeoutError):
        Future[int]().exception(timeout=600)
    return False


WAITS: dict[str, Callable[[], bool]] = {
    "event": lambda: threading.Event().wait(600),
    "condition": _condition,
    "condition for": _condition_for,
    "semaphore": _semaphore,
    "get": _get,
    "put": _put,
    "result": _result,
    "exception": _exception,
}


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_a_time_out_passes_in_virtual_time(sandbox: FakeTime, wait: Callable[[], bool]) -> None:
    with fast_forward(sandbox):
        assert wait() is False
        assert sandbox.elapsed == pytest.approx(600, abs=1e-3)


def test_a_wait_that_is_over_at_once_moves_nothing(sandbox: FakeTime) -> None:
    event, filled = threading.Event(), queue.Queue[int]()
    event.set()
    filled.put(1)
    with fast_forward(sandbox):
        assert event.wait(600)
        assert filled.get(timeout=600) == 1
        assert not threading.Event().wait(0)
        with pytest.raises(ValueError, match="non-negative"):
            filled.get(timeout=-1)
        with pytest.raises(queue.Empty):
            filled.get(False, 600)
    assert sandbox.moves == []


def test_a_background_poller_ends_a_wait_before_its_time_out(sandbox: FakeTime, client: Any) -> None:
    with fast_forward(sandbox):
        found, thread = client.poll_in_background(lambda: sandbox.elapsed >= 300, 10)
        assert found.wait(timeout=1200)
        thread.join()
    assert sandbox.elapsed == 300


def test_a_wait_times_out_while_a_background_poller_goes_on(sandbox: FakeTime, client: Any) -> None:
    is_over = False
    with fast_forward(sandbox):
        found, thread = client.poll_in_background(lambda: is_over, 10)
        assert not found.wait(timeout=1205)
        assert sandbox.elapsed == 1205
        is_over = True
        thread.join()
    assert sandbox.elapsed == 1210


def test_an_event_waited_for_as_a_sleep_polls_on_time(sandbox: FakeTime, client: Any) -> None:
    stop, looks = threading.Event(), []

    def look() -> None:
        looks.append(sandbox.elapsed)
        if len(looks) == 120:
            stop.set()

    with fast_forward(sandbox):
        client.poll_until_stopped(stop, look)
    assert looks == [10 * n for n in range(1, 121)]


def test_one_that_polls_so_for_ever_is_stopped_and_named(sandbox: FakeTime, client: Any) -> None:
    with fast_forward(sandbox, limit=3600), pytest.raises(ClockRanAway) as caught:
        client.poll_until_stopped(threading.Event(), lambda: None)
    line = 1 + CLIENT.splitlines().index("    while not stop.wait(10):")
    assert f"{client.__file__}:{line}" in str(caught.value)


def test_work_passes_through_a_queue_between_threads(sandbox: FakeTime) -> None:
    work, done = queue.Queue[int](1), []

    def worker() -> None:
        while (item := work.get(timeout=60)) >= 0:
            time.sleep(5)
            done.append((item, sandbox.elapsed))

    with fast_forward(sandbox):
        thread = threading.Thread(target=worker)
        thread.start()
        for n in (1, 2, 3, -1):
            work.put(n, timeout=60)
        thread.join()
    assert done == [(1, 5), (2, 10), (3, 15)]


def test_a_notified_thread_is_at_work_before_the_clock_moves_on(sandbox: FakeTime) -> None:
    for _ in range(50):
        event, seen = threading.Event(), []
        with fast_forward(sandbox):
            began = sandbox.elapsed
            thread = threading.Thread(target=lambda: seen.append((event.wait(1000), sandbox.elapsed)))  # noqa: B023
            thread.start()
            time.sleep(10)
            event.set()
            thread.join()
        assert seen == [(True, began + 10)]


def test_the_result_of_a_pool_is_waited_for_in_virtual_time(sandbox: FakeTime) -> None:
    with fast_forward(sandbox), ThreadPoolExecutor(1) as pool:
        job = pool.submit(time.sleep, 100)
        with pytest.raises(TimeoutError):
            job.result(timeout=30)
        assert sandbox.elapsed == 30
        assert job.result(timeout=300) is None
    assert sandbox.elapsed == 100


def test_of_two_that_wait_one_notification_wakes_the_one_whose_time_is_not_over(sandbox: FakeTime) -> None:
    condition, got = threading.Condition(), []

    def wait(seconds: float) -> None:
        with condition:
            got.append((seconds, condition.wait(seconds)))

    with fast_forward(sandbox):
        threads = [threading.Thread(target=wait, args=(seconds,)) for seconds in (10, 100)]
        for thread in threads:
            thread.start()
        time.sleep(20)
        with condition:
            condition.notify()
        for thread in threads:
            thread.join()
    assert got == [(10, False), (100, True)]
    assert sandbox.elapsed == 20


def test_a_deadline_that_came_first_cannot_be_roused() -> None:
    waits, woken = Waits(), []
    wait = VirtualWait(1.0, lambda: woken.append(1), "here", 0)
    waits.add(wait)
    waits.wake([wait])
    assert woken == [1]
    assert not waits.rouse(wait)


def test_a_wait_ends_with_virtual_time(sandbox: FakeTime) -> None:
    seen = []
    sandbox.flights = 1  # the clock must not move
    with fast_forward(sandbox):
        thread = threading.Thread(target=lambda: seen.append(threading.Event().wait(1000)))
        thread.start()
    thread.join()
    assert seen == [False]


def test_the_standard_library_waits_in_real_time_and_all_is_put_back(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        timer = threading.Timer(0.001, lambda: None)
        timer.start()
        timer.join()
        with ThreadPoolExecutor(1) as pool:  # its own waits have no time-out, and those of its queue are the library's
            assert pool.submit(lambda: 1).result() == 1
    assert sandbox.moves == []
    assert threading.Event().wait.__func__.__module__ == "threading"
    assert queue.time is time.monotonic  # type: ignore[attr-defined]
