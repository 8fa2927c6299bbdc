"""The machine's own time functions, kept from before anybody replaced them."""

from __future__ import annotations

import asyncio
import sys
import time

sleep = time.sleep
time_ = time.time
time_ns = time.time_ns
monotonic = time.monotonic
monotonic_ns = time.monotonic_ns

asyncio_sleep = asyncio.sleep
asyncio_wait = asyncio.wait
asyncio_wait_for = asyncio.wait_for
asyncio_timeout = asyncio.timeout
asyncio_timeout_at = asyncio.timeout_at


def cpu_of_thread(native_id: int | None) -> float:
    """The processor seconds a thread has used; 0.0 where the system does not tell (Linux does)."""
    if native_id is None or not sys.platform.startswith("linux"):
        return 0.0
    # Made from the kernel's thread id: pthread_getcpuclockid may crash on a thread that has just ended.
    try:
        return time.clock_gettime(~native_id << 3 | 6)
    except OSError:
        return 0.0
