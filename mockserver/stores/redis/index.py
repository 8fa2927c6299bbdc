"""The index of sandboxes on an engine; see `Index`. What a sandbox holds is kept beside it, not in it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from mockserver.bounds import weigh
from mockserver.errors import UsageError
from mockserver.journal import Seen
from mockserver.state.index_port import ClosedSandbox, Creation, Credential, Late, ListedSandbox, SandboxRecord
from mockserver.stores.redis.calls import INDEX, Asker, base_of
from mockserver.stores.redis.codec import read, written
from mockserver.stores.redis.layout import layout
from mockserver.stores.redis.line import Word
from mockserver.stores.redis.scripts import scripts
from mockserver.stores.redis.values import reading_of, seen_of


class RedisIndex:
    """All sandboxes of a space; `fingerprint` is of the contracts by which they were made."""

    def __init__(self, worker: Asker, fingerprint: str = "") -> None:
        self._worker, self._fingerprint = worker, fingerprint
        self._base = base_of(worker.space, INDEX)
        self._names = {name: script.name for name, script in scripts().items()}
        self._is_fit = False
        self._first: tuple[SandboxRecord, Sequence[Credential]] | None = None  # it is open for ever

    def _run(self, script: str, base: str, *words: Word) -> asyncio.Future[Any]:
        return self._worker.pipe.ask(b"EVALSHA", self._names[script], b"1", base, *words)

    async def _ask(self, script: str, *words: Word) -> Any:
        if not self._is_fit:
            await self._check()
        return await self._run(f"index_{script}", self._base, *words)

    async def _check(self) -> None:
        """Raises UsageError where sandboxes of another version, or of other contracts, are there."""
        ask, key = self._worker.pipe.ask, f"{self._base}:contracts"
        ours = f"{layout()} {self._fingerprint}".encode()
        theirs = await ask("SET", key, ours, "NX", "GET")  # at once: the store may be emptied between two calls
        written_by, _, contracts = (ours if theirs is None else theirs).decode("utf-8", "replace").rpartition(" ")
        if written_by != layout():
            raise UsageError(
                "the store holds sandboxes of another version of mockserver; run the same one everywhere, use another "
                "database, or empty this one (mockserver store purge)"
            )
        if contracts != self._fingerprint:
            raise UsageError(
                "the store holds sandboxes of other contracts: serve the same ones everywhere, use another database, "
                "or stop all servers and empty this one (mockserver store purge)"
            )
        self._is_fit = True
        await self._finish_all()

    async def create(self, record: SandboxRecord, credentials: Sequence[Credential]) -> Creation:
        answer = await self._ask("create", record.name, written(record), *map(_word, credentials))
        self._first = self._first or (record, credentials)
        creation: Creation = answer.decode()
        return creation

    async def find(self, name: str, used: bool = False) -> SandboxRecord | ClosedSandbox | None:
        answer = await self._ask("find", name, int(used))
        if isinstance(answer, list):
            return ClosedSandbox(name, answer[0].decode())
        if answer is None and self._first is not None and name == self._first[0].name:
            self._is_fit = False  # the store was emptied
            await self.create(*self._first)
            return self._first[0]
        return None if answer is None else _record(answer)

    async def by_credential(self, api: str, credential: str) -> str | None:
        name = await self._worker.pipe.ask("HGET", f"{self._base}:names", _word((api, credential)))
        return None if name is None else name.decode()

    async def know(self, name: str, credentials: Sequence[Credential], instead: bool = False) -> None:
        await self._ask("know", name, int(instead), *map(_word, credentials))

    async def close(self, name: str, idle: float | None = None) -> bool:
        record = await self.find(name)
        if not isinstance(record, SandboxRecord):
            return False
        keys = [(account.api, account.key, account.client_id) for api in record.configuration.apis.values()
                for account in api.accounts]  # fmt: skip
        weight = 2 * weigh((name, record.owner, keys))
        if not await self._ask("close", name, record.owner, weight, "" if idle is None else repr(idle)):
            return False
        await self._finish(name)
        return True

    async def _finish(self, name: str) -> None:
        """Let go of what a closed sandbox holds; as often as one likes."""
        base, tell = base_of(self._worker.space, name), self._worker.pipe.tell
        counts, earlier = await self._run("close", base)
        self._worker.tell_anew(base)
        for words in (counts, earlier):
            for at in range(0, len(words), 2):
                tell("HINCRBY", f"{self._base}:seen", words[at], words[at + 1])
        tell("SREM", f"{self._base}:closing", name)

    async def _finish_all(self) -> None:
        """The same for those who were killed between the steps."""
        for name in sorted(await self._worker.pipe.ask("SMEMBERS", f"{self._base}:closing")):
            await self._finish(name.decode())

    async def count(self) -> int:
        key, ask = f"{self._base}:open", self._worker.pipe.ask
        first = "" if self._first is None else self._first[0].name
        number, is_there = await asyncio.gather(ask("ZCARD", key), ask("ZSCORE", key, first))
        if first and is_there is None:
            await self.find(first)
            number += 1
        return int(number)

    async def page(self, after: int, most: int) -> Sequence[ListedSandbox]:
        if not after and self._first is not None:
            await self.find(self._first[0].name)  # where the store was emptied it is listed as the one that is served
        records = [*map(_record, await self._ask("page", after, most))]
        bases = [base_of(self._worker.space, record.name) for record in records]
        clocks = await asyncio.gather(*[self._run("clock", base, "read", 0, "", "", "") for base in bases])
        return [
            ListedSandbox(
                record.n,
                record.name,
                record.owner,
                record.made,
                record.clock if clock == b"GONE" else reading_of(clock),
            )
            for record, clock in zip(records, clocks, strict=True)
        ]

    async def idle(self, seconds: float) -> Sequence[str]:
        if self._is_fit:  # else it is done all the same
            await self._finish_all()
        return [name.decode() for name in await self._ask("idle", repr(seconds))]

    async def note_late(self, late: Late) -> None:
        await self._ask("late", weigh(late), written(late))

    async def late(self, name: str) -> Sequence[Late]:
        lines = await self._worker.pipe.ask("LRANGE", f"{self._base}:late", 0, -1)
        requests = [read(Late, line.partition(b"\1")[2]) for line in lines]
        return [line for line in requests if line.sandbox == name]

    def opens(self, find: Callable[[str], Awaitable[object]]) -> None:
        self._worker.find, self._worker.is_listed = find, self._is_listed

    async def _is_listed(self, name: str) -> bool:
        """Whether a sandbox is open; the first one is, where the store was emptied."""
        return isinstance(await self.find(name), SandboxRecord)

    async def leave(self) -> None:
        await self._worker.close()

    async def examples(self, name: str) -> Mapping[Seen, int]:
        if not name:
            return seen_of(await self._worker.pipe.ask("EVAL", FLAT, "1", f"{self._base}:seen"))
        answer = await self._run("examples", base_of(self._worker.space, name), 1)
        if answer == b"GONE":
            return {}
        counts = Counter(seen_of(answer[0]))
        counts.update(seen_of(answer[1]))
        return counts


FLAT = "return redis.call('HGETALL', KEYS[1])"  # the protocol's newer version gives a mapping


def _word(credential: Credential) -> str:
    return "\2".join(credential)


def _record(word: bytes) -> SandboxRecord:
    n, _, record = word.partition(b"\1")
    return read(SandboxRecord, record)._replace(n=int(n))
