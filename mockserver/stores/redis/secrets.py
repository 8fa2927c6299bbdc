"""Which secrets of resources clients may know, wherever they were issued: this process hides them, too.

Who issues one tells all in the call that keeps the resource: it is heard before any request that may hold it. What was
said before the sandbox was opened here, or while there was no connection, is asked for before a request goes on.
"""

from __future__ import annotations

from mockserver.stores.redis.calls import Calls
from mockserver.stores.redis.role import SharedDeliverer


class IssuedSecrets(Calls):
    """A part of `RedisState`."""

    deliverer: SharedDeliverer
    _missed = 0
    """How often something may have been said that was not heard since it was asked for last."""

    def miss_issued(self) -> None:
        """Some may have been issued of which nothing was heard here."""
        if self.deliverer.issues:
            self._missed += 1

    def issued(self, api: str, job: str, resource: str) -> None:
        """One was issued, here or elsewhere."""
        known = self.deliverer.known.secret
        self.deliverer.hide(known, api, [(job, resource)])

    async def _hear_issued(self, secret: str) -> None:
        """Ask for what was not heard; `secret` is the sandbox's, from which those of resources follow."""
        while self._missed:
            missed = self._missed
            found = await self.ask("issued")
            for api, issued in zip(found[::2], found[1::2], strict=True):
                words = [each.decode() for each in issued]
                self.deliverer.hide(secret, api.decode(), [*zip(words[::2], words[1::2], strict=True)])
            if self._missed == missed:
                self._missed = 0
