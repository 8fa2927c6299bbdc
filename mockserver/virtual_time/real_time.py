"""The machine's own time functions, kept from before anybody replaced them."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable

from mockserver.clock import machine

__tracebackhide__ = True

sleep: Callable[[float], None] = machine("sleep")
time_: Callable[[], float] = machine("time")
time_ns: Callable[[], int] = machine("time_ns")
monotonic: Callable[[], float] = machine("monotonic")
monotonic_ns: Callable[[], int] = machine("monotonic_ns")

allocate_lock = threading.Lock

asyncio_sleep = asyncio.sleep
asyncio_as_completed = asyncio.as_completed
asyncio_wait = asyncio.wait
asyncio_wait_for = asyncio.wait_for
asyncio_timeout = asyncio.timeout
asyncio_timeout_at = asyncio.timeout_at


def thread_use(native_id: int | None) -> tuple[float, bool]:
    """The processor seconds a thread has used, and whether it wants the processor now; (0.0, False) where the system
    does not tell. Linux does."""
    if native_id is None or not sys.platform.startswith("linux"):
        return 0.0, False
    try:
        # Made from the kernel's thread id: pthread_getcpuclockid may crash on a thread that has just ended.
        used = time.clock_gettime(~native_id << 3 | 6)
        with open(f"/proc/self/task/{native_id}/stat", "rb") as stat:
            state = stat.read().rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return 0.0, False
    return used, state == b"R"
