"""What snapshots take of a home on an engine, and put there; see `snapshot_port`."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.bounds import weigh
from mockserver.state.port import KeyName
from mockserver.state.snapshot_port import Remainder
from mockserver.stores.redis.calls import Calls
from mockserver.stores.redis.codec import written
from mockserver.stores.redis.line import Word
from mockserver.stores.redis.values import key_word, use_of, use_start


class Remainders(Calls):
    """A part of `RedisState`."""

    async def drawn(self) -> Mapping[str, int]:
        words = await self.ask("draws")
        return {name.decode(): int(n) for name, n in zip(words[::2], words[1::2], strict=True)}

    async def draw_on(self, counts: Mapping[str, int]) -> None:
        await self.ask("draws", *[word for item in counts.items() for word in item])

    async def remainder(self, api: str) -> Remainder:
        windows, keys, jobs = await self.ask("remainder", api)
        hits = []
        for name, value in zip(windows[::2], windows[1::2], strict=True):
            limit, _, caller = name.decode().partition("\1")
            end, many, _ = value.split(b" ")
            hits.append((limit, caller, float(end), float(many)))
        fields = [KeyName(*name.decode().split("\2")) for name in keys[::2]]
        return Remainder(hits, [*zip(fields, map(use_of, keys[1::2]), strict=True)], jobs)

    async def go_on(self, api: str, remainder: Remainder) -> None:
        words: list[Word] = [api, len(remainder.windows)]
        for at, (limit, caller, end, hits) in enumerate(remainder.windows):
            words += [f"{limit}\1{caller}", f"{end!r} {int(hits)} {at}"]
        for key, use in remainder.keys:
            words += [key_word(key), repr(use.at), use.n, weigh((key, use)), use_start(use), written(use.answer)]
        await self.ask("go_on", *words)
