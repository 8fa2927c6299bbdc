"""What is left of work that is repeated, where the cyclic collector does not come by."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable


def uncollected(work: Callable[[], None], times: int = 6) -> int:
    """So many bytes are still held after that many turns; what three turns before them made once does not count."""
    for _ in range(3):
        work()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(times):
            work()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()
