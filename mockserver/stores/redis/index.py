"""The index of sandboxes on an engine; see `index_port`. All of it is in one place of a cluster, each call one script.

What a sandbox holds is elsewhere: it is let go after its name was closed here, and what is left of one whose server
ended in between, its keys' names tell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote

from mockserver.bounds import weigh
from mockserver.clock import ClockReading
from mockserver.journal import Seen
from mockserver.state.index_port import ClosedSandbox, Creation, Credential, Late, ListedSandbox, SandboxRecord
from mockserver.stores.redis.calls import LAYOUT, base_of
from mockserver.stores.redis.codec import read, written
from mockserver.stores.redis.pipe import Word
from mockserver.stores.redis.scripts import scripts
from mockserver.stores.redis.values import seen_of
from mockserver.stores.redis.worker import Worker


def index_of(space: str) -> str:
    """What all keys of an index begin with. No sandbox has such a name: a stroke is written otherwise in theirs."""
    return f"{LAYOUT}:{{{quote(space, safe='')}//}}"


class RedisIndex:
    """See `Index`."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._base = index_of(worker.space)

    async def create(self, record: SandboxRecord, credentials: Sequence[Credential]) -> Creation:
        found = await self._run("index_create", record.name, written(record), *map(_word, credentials))
        return cast(Creation, found.decode())

    async def find(self, name: str, used: bool = False) -> SandboxRecord | ClosedSandbox | None:
        found = await self._run("index_find", name, int(used))
        if found is None:
            return None
        is_open, told = found
        return _record(told) if is_open else ClosedSandbox(name, told.decode())

    async def by_credential(self, api: str, credential: str) -> str | None:
        found = await self._worker.pipe.ask("HGET", f"{self._base}:names", _word((api, credential)))
        return None if found is None else str(found, "utf-8")

    async def know(self, name: str, credentials: Sequence[Credential], instead: bool = False) -> None:
        await self._run("index_know", name, int(instead), *map(_word, credentials))

    async def close(self, name: str, idle: float | None = None) -> bool:
        found = await self.find(name)
        if not isinstance(found, SandboxRecord):
            return False
        seen: list[Word] = []
        for each, count in (await self.examples(name)).items():
            seen += ["\1".join(each), count]
        keys = await self._worker.pipe.ask("HGET", f"{self._base}:credentials", name)
        weight = 2 * weigh((name, found.owner, keys))  # where its credentials lead takes as much again
        limit = "" if idle is None else repr(idle)
        if not await self._run("index_close", name, limit, found.owner, weight, *seen):
            return False
        await self._run("close", base=self._home(name))
        return True

    async def count(self) -> int:
        return int(await self._worker.pipe.ask("ZCARD", f"{self._base}:open"))

    async def page(self, after: int, most: int) -> Sequence[ListedSandbox]:
        found = [_record(each) for each in await self._run("index_page", after, most) if each is not None]
        return [ListedSandbox(r.n, r.name, r.owner, r.made, await self._reading(r)) for r in found]

    async def _reading(self, record: SandboxRecord) -> ClockReading:
        """Its clock as it goes; as it was at first where nobody has asked the sandbox for anything yet."""
        found = await self._run("clock", "read", 0, "", "", self._worker.name, base=self._home(record.name))
        if isinstance(found, bytes):
            return record.clock
        mode, rate, step, now, rev = found
        return ClockReading(mode.decode(), float(rate), float(step), float(now), int(rev))

    async def idle(self, seconds: float) -> Sequence[str]:
        return [name.decode() for name in await self._run("index_idle", repr(seconds))]

    async def note_late(self, late: Late) -> None:
        await self._run("index_late", written(late), weigh(late))

    async def late(self, name: str) -> Sequence[Late]:
        kept = await self._worker.pipe.ask("LRANGE", f"{self._base}:late", 0, -1)
        found = [read(Late, each.partition(b"\1")[2]) for each in kept]
        return [each for each in found if each.sandbox == name]

    async def examples(self, name: str) -> Mapping[Seen, int]:
        if not name:
            found = await self._worker.pipe.ask("HGETALL", f"{self._base}:seen")
            return seen_of([word for pair in found.items() for word in pair])
        told = await self._run("examples", 1, base=self._home(name))
        if isinstance(told, bytes):
            return {}
        now, earlier = map(seen_of, told)
        return {each: now.get(each, 0) + earlier.get(each, 0) for each in {**now, **earlier}}

    def _home(self, name: str) -> str:
        return base_of(self._worker.space, name)

    async def _run(self, script: str, *words: Word, base: str = "") -> Any:
        return await self._worker.pipe.ask("EVALSHA", scripts()[script].name, "1", base or self._base, *words)


def _word(credential: Credential) -> str:
    """A credential as a word in which no mark of the scripts stands."""
    return json.dumps(credential)


def _record(word: bytes) -> SandboxRecord:
    n, _, record = word.partition(b"\1")
    return read(SandboxRecord, record)._replace(n=int(n))
