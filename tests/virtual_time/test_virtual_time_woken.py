"""A thread that was handed work, and has not had its turn of the processor yet, holds the clock."""

from __future__ import annotations

import itertools
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from virtual_time_kit import FakeTime

from mockserver.virtual_time import fast_forward, real_time
from mockserver.virtual_time.threads import Threads

IDLE = ("wait", "_worker")
HANDS_OVER = sys.version_info >= (3, 13)
"""Whether a queue gives its item to the thread that waits for it, past itself: then the system alone tells of it."""
Hand = Callable[[], object]


def queued() -> tuple[threading.Thread, Hand]:
    work: queue.Queue[None] = queue.Queue()
    thread = threading.Thread(target=work.get, daemon=True)
    thread.start()
    return thread, lambda: work.put(None)


def pooled() -> tuple[threading.Thread, Hand]:
    pool, found = ThreadPoolExecutor(1), queue.Queue[threading.Thread]()
    pool.submit(lambda: found.put(threading.current_thread()))
    return found.get(), lambda: pool.submit(pool.shutdown, False)


def notified() -> tuple[threading.Thread, Hand]:
    event = threading.Event()
    thread = threading.Thread(target=event.wait, daemon=True)
    thread.start()
    return thread, event.set


def stands(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code.co_name in IDLE and bool(frame.f_lasti)


ONLY_LINUX = pytest.mark.skipif(
    HANDS_OVER and sys.platform != "linux", reason="only the system could tell, and does not"
)


@pytest.mark.parametrize("are_locks_replaced", [False, True])
@pytest.mark.parametrize("made", [queued, pytest.param(pooled, marks=ONLY_LINUX), notified])
def test_a_thread_that_was_handed_work_does_not_wait_any_more(
    made: Callable[[], tuple[threading.Thread, Hand]],
    are_locks_replaced: bool,
    sandbox: FakeTime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with fast_forward(sandbox) if are_locks_replaced else nullcontext():
        _hold_the_clock(made, monkeypatch)


def _hold_the_clock(made: Callable[[], tuple[threading.Thread, Hand]], monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count()
    monkeypatch.setattr(real_time, "monotonic", lambda: float(next(seconds)))
    if not (made is pooled and HANDS_OVER):
        monkeypatch.setattr(real_time, "thread_use", lambda _: (0.0, False))  # as where the system does not tell
    thread, hand_over = made()
    others = {each.ident or 0 for each in threading.enumerate()} - {thread.ident}
    threads = Threads()
    while not (stands(thread) and threads.look(others) == (True, 1)):
        thread.join(0.0001)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # it does not run until this thread waits
    try:
        hand_over()
        waits, count = threads.look(others)
    finally:
        sys.setswitchinterval(usual)
    assert (waits, count) == (False, 1)
    thread.join(10)
    assert not thread.is_alive()
