"""Virtual time for the code under test: it sleeps, times out and tells the time by a sandbox's clock.

Who lives in it is decided by the file of the caller (`frames`), when the clock moves by one rule (`autojump`), and what
is replaced stands in `wall_time`, `asyncio_time`, `lock_time` and `scope_time`.

Not replaced, hence real: `perf_counter`, `process_time`, `time.gmtime()` and friends without an argument; the time-outs
of a lock's `acquire`, of `Thread.join`, `Barrier`, `SimpleQueue`, `concurrent.futures.wait` and `as_completed`,
`threading.Timer`, sockets, `select`, `subprocess` and `multiprocessing`; and a sleep function that was stored as a
default argument or an attribute before virtual time began.
"""

from mockserver.virtual_time.fast_forward import active, fast_forward
from mockserver.virtual_time.sandbox_time import LIMIT, ClockRanAway, SandboxTime
from mockserver.virtual_time.virtual_clock import FastForward

__all__ = ["LIMIT", "ClockRanAway", "FastForward", "SandboxTime", "active", "fast_forward"]
