"""Where results are drawn: in two threads beside the event loop, each result once while it is kept.

Knows neither what is drawn nor who asks. What is kept is bounded in bytes, and so is what is drawn at the same time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from mockserver.bounds import RESULTS, weigh
from mockserver.media.blobs import Blob

_ENTRY = 1024  # bytes that a kept result costs beside its own
_SEGMENT = 128
_THREADS = ThreadPoolExecutor(2, "mockserver-drawing")
T = TypeVar("T")


async def beside(work: Callable[[], T]) -> T:
    """What `work` gives, in one of the threads in which pictures are read and drawn."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


class Drawings:
    """The results drawn last, up to `most` bytes. May be used from several event loops."""

    def __init__(self, most: int = RESULTS) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Blob] = OrderedDict()
        self._lock = Lock()
        self.bytes = 0

    async def get(self, key: Hashable, draw: Callable[[], Blob]) -> Blob:
        """The result of a key: a kept one, else what `draw` gives; whatever it raises passes through."""
        found = self._find(key)
        return found if found is not None else await beside(lambda: self._drawn(key, draw))

    def _drawn(self, key: Hashable, draw: Callable[[], Blob]) -> Blob:
        """Another thread may have drawn it since it was asked for."""
        return self._find(key) or self._keep(key, draw())

    def _find(self, key: Hashable) -> Blob | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, key: Hashable, drawn: Blob) -> Blob:
        with self._lock:
            if key not in self._kept and _weight(key, drawn) <= self._most:
                self._kept[key] = drawn
                self.bytes += _weight(key, drawn)
            while self.bytes > self._most:
                self.bytes -= _weight(*self._kept.popitem(last=False))
        return drawn


def _weight(key: Hashable, drawn: Blob) -> int:
    held = (len(segment) for segment in drawn.segments if isinstance(segment, bytes))
    return _ENTRY + weigh(key) + _SEGMENT * len(drawn.segments) + sum(held)
