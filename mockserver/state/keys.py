"""Idempotency keys of one API in this process: which request each was used for, and its answer. Knows no HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.bounds import KEYS, KEYS_COUNT, weigh
from mockserver.state.port import KeyName, KeyUse, SavedAnswer


class KeyUses:
    """The newest uses of keys, at most `bound` of them and `most` bytes; the oldest go first.

    One whose request is in work stays: without it the same would be done twice.
    """

    def __init__(self, bound: int = KEYS_COUNT, most: int = KEYS) -> None:
        self._uses: dict[KeyName, KeyUse] = {}
        self._bound, self._most = bound, most
        self.bytes = 0
        self.dropped = 0

    def claim(self, key: KeyName, use: KeyUse, ttl: float) -> KeyUse | None:
        """What the key was used for; None when it was not, or so long ago that this use takes its place."""
        earlier = self._uses.get(key)
        if earlier is not None and (earlier.answer is None or use.at - earlier.at < ttl):
            return earlier
        self._forget(key)
        self._put(key, use)
        return None

    def save(self, key: KeyName, answer: SavedAnswer) -> None:
        """Keep the answer to the request that has claimed a key."""
        use = self._uses.get(key)
        if use is not None:
            self._forget(key)
            self._put(key, use._replace(answer=answer))

    def give_up(self, key: KeyName, n: int) -> None:
        """A request is over; without an answer it is as if its key had never been used."""
        use = self._uses.get(key)
        if use is not None and use.n == n and use.answer is None:
            self._forget(key)

    def _put(self, key: KeyName, use: KeyUse) -> None:
        self._uses[key] = use
        self.bytes += weigh((key, use))
        if len(self._uses) > self._bound or self.bytes > self._most:
            self._make_room(key)

    def _make_room(self, newest: KeyName) -> None:
        few, little = self._bound - self._bound // 100, self._most - self._most // 100  # not one by one
        for key in [key for key, use in self._uses.items() if use.answer is not None and key != newest]:
            if len(self._uses) <= few and self.bytes <= little:
                return
            self._forget(key)
            self.dropped += 1

    def _forget(self, key: KeyName) -> None:
        use = self._uses.pop(key, None)
        if use is not None:
            self.bytes -= weigh((key, use))

    def saved(self) -> list[tuple[KeyName, KeyUse]]:
        """Those whose answers are kept, oldest first."""
        return [(key, use) for key, use in self._uses.items() if use.answer is not None]

    def go_on(self, uses: Iterable[tuple[KeyName, KeyUse]]) -> None:
        """Keep what was kept elsewhere."""
        for key, use in uses:
            self._put(key, use)

    def __len__(self) -> int:
        return len(self._uses)
