"""What is at an engine, and how it is emptied of what is ours: for those who look after it. Knows no sandbox."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

from mockserver.errors import StateError
from mockserver.stores.redis.address import address_of
from mockserver.stores.redis.calls import INDEX, LAYOUT
from mockserver.stores.redis.fitness import REPLICA, is_replica, unfit
from mockserver.stores.redis.pipe import Pipe
from mockserver.stores.redis.worker import GONE, WORKERS

MANY = 500
"""Keys that are asked for at once."""
OURS = re.compile(rb"%b:\{(?:workers|[^{}/]*/[^{}/]+)\}(?::|$)" % LAYOUT.encode())
"""What keys of ours begin with; others may have chosen the same first word."""
OPEN = re.compile(rb"%b:\{[^{}/]*/%b\}:open" % (LAYOUT.encode(), quote(INDEX, safe="").encode()))
"""The key of what is open in a space."""


class Found(NamedTuple):
    """What is there: servers that have said so in the last seconds, open sandboxes, keys of ours and of all.

    `waiting`: processes that are prepared to take the place of one that ends, and serve nothing yet. `bytes` are those
    of the whole engine, `most` how many it may have (0: no bound). `unfit` says why it is no store.
    """

    servers: int
    waiting: int
    sandboxes: int
    keys: int
    all_keys: int
    bytes: int
    most: int
    engine: str
    unfit: str


@contextmanager
def connected(url: str) -> Iterator[Pipe]:
    """A connection to the engine at a URL, by which nobody is taken for a server. Raises UsageError."""
    pipe = Pipe(address_of(url), unfit, "", lambda push: None)
    try:
        yield pipe
    finally:
        pipe.close()


async def look(pipe: Pipe) -> Found:
    """What is there. Raises StateError."""
    keys, spaces = 0, set[bytes]()
    async for page in _keys(pipe):
        keys += len(page)
        spaces.update(filter(OPEN.fullmatch, page))  # an engine may name a key twice while it makes room for more
    sandboxes = sum([await pipe.ask("ZCARD", key) for key in spaces])
    hello = await pipe.ask("HELLO")
    memory, server = await pipe.ask("INFO", "memory"), _told(await pipe.ask("INFO", "server"))
    figures, name = _told(memory), "Valkey" if "valkey_version" in server else "Redis"
    return Found(
        *await processes(pipe), sandboxes, keys, await pipe.ask("DBSIZE"), int(figures.get("used_memory", 0)),
        int(figures.get("maxmemory", 0)), f"{name} {server.get('valkey_version') or hello[b'version'].decode()}",
        unfit(hello, memory),
    )  # fmt: skip


async def purge(pipe: Pipe) -> int:
    """Remove every key of ours; gives how many. Raises StateError."""
    removed = 0
    if is_replica(await pipe.ask("HELLO")):
        raise StateError(f"the store at {pipe.shown} {REPLICA}")
    async for page in _keys(pipe):
        removed += await pipe.ask("UNLINK", *page)
    return removed


async def processes(pipe: Pipe) -> tuple[int, int]:
    """How many processes have their state there: that serve, and that wait for a place. Raises StateError."""
    seconds, micros = await pipe.ask("TIME")
    now = int(seconds) + int(micros) / 1e6
    there = {*await pipe.ask("ZRANGE", f"{WORKERS}:beats", repr(now - GONE), "+inf", "BYSCORE")}
    waiting = there & {*await pipe.ask("SMEMBERS", f"{WORKERS}:waiting")}
    return len(there - waiting), len(waiting)


async def _keys(pipe: Pipe) -> AsyncIterator[list[bytes]]:
    place: bytes = b"0"
    while True:
        place, page = await pipe.ask("SCAN", place, "MATCH", f"{LAYOUT}:{{*}}*", "COUNT", MANY)
        if ours := [*filter(OURS.match, page)]:
            yield ours
        if place == b"0":
            return


def _told(info: Any) -> dict[str, str]:
    text = info.decode() if isinstance(info, bytes) else str(info)
    pairs = [line.partition(":") for line in text.splitlines()]
    return {name: value for name, colon, value in pairs if colon}
