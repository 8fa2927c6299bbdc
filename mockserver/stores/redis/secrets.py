"""Which secrets of resources clients may know, wherever they were issued: this process hides them, too.

Who issues one tells all in the call that keeps the resource: it is heard before any request that may hold it. What was
said before the sandbox was opened here, or while there was no connection, is asked for before a request goes on; what
was said while this process stood still has come on its connection before the answer to what it asks next. What is told
of requests meanwhile is held until then, and looked through once more: one that was under way may have brought
such a secret. (Of one that was cut where its text is too long, the beginning stays.)
"""

from __future__ import annotations

from collections import deque

from mockserver.errors import Closed, Overtaken
from mockserver.stores.redis.calls import Asker, First
from mockserver.stores.redis.ends import AGAIN_AS, MOST, EndCalls
from mockserver.stores.redis.line import Word
from mockserver.stores.redis.role import SharedDeliverer

ENTRIES = ("E", AGAIN_AS["E"])


class IssuedSecrets(EndCalls):
    """A part of `RedisState`."""

    deliverer: SharedDeliverer
    _missed = 0
    """How often something may have been said that was not heard since it was asked for last."""

    def __init__(self, worker: Asker, name: str, first: First) -> None:
        super().__init__(worker, name, first)
        self._unsaid: deque[tuple[Word, ...]] = deque(maxlen=MOST)

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
        unsaid = [*self._unsaid]
        self._unsaid.clear()
        for end in unsaid:
            last = self.deliverer.without_issued(str(end[-1])) if end[0] in ENTRIES else end[-1]
            self._end((*end[:-1], last))

    def _end(self, words: tuple[Word, ...]) -> None:
        if (self._missed or self._unsaid or not self.worker.pipe.is_open) and self.deliverer.issues:
            self._hold(words)
        else:
            super()._end(words)

    def _hold(self, words: tuple[Word, ...]) -> None:
        if not self._unsaid:
            self._missed += 1
            self.worker.spawn(self._hear_missed)
        self._unsaid.append(words)

    async def _hear_missed(self) -> None:
        """Hear what was missed; where the engine is away, whoever comes back to it does."""
        try:
            await self._hear_issued(self.deliverer.known.secret)
        except (Closed, Overtaken):  # nothing is kept of it any more
            self._unsaid.clear()
