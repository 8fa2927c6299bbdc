"""That a sandbox is used, which its index has to know: what nobody used for an hour is closed when another is made."""

from __future__ import annotations

from math import inf

from mockserver.clock import monotonic
from mockserver.stores.redis.calls import INDEX, Calls, base_of
from mockserver.stores.redis.scripts import scripts

OFTEN = 60.0
"""Seconds in which a process says it once: a request costs no more for it."""


class UsedSandbox(Calls):
    """A part of `RedisState`."""

    _touched = -inf

    def touch(self) -> None:
        """Somebody uses the sandbox: a request, or one who watches."""
        now = monotonic()
        if now - self._touched >= OFTEN:
            self._touched = now
            index = base_of(self.worker.space, INDEX)
            self.worker.pipe.tell(b"EVALSHA", scripts()["index_touch"].name, b"1", index, self.name)
