"""One process at an engine: its name, its connection in each event loop, and what it says to other workers.

Each says every `BEAT` seconds that it is there. Who has said nothing for `GONE` seconds is gone: others end its
requests and deliver what it was to deliver. Knows which sandboxes are here by the keys they have there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any, Protocol
from weakref import WeakKeyDictionary, WeakValueDictionary

from mockserver import signing
from mockserver.errors import StateError
from mockserver.stores.redis.address import Address, address_of
from mockserver.stores.redis.asking import answer_of, error_of, error_words
from mockserver.stores.redis.codec import written
from mockserver.stores.redis.fitness import unfit
from mockserver.stores.redis.pipe import Pipe
from mockserver.stores.redis.role import RoleLost
from mockserver.stores.redis.scripts import scripts

BEAT, GONE = 0.5, 3.0
PATIENCE = 1.0
"""How long one waits for another worker before it looks whether that is there."""
WORKERS = "ms1:{workers}"


class WorkerHome(Protocol):
    """What a worker needs of a home."""

    base: str

    def wake(self) -> None: ...
    def look_again(self) -> None: ...
    def see_anew(self) -> None: ...
    async def perform_for(self, call: str, generation: int, data: Sequence[Any]) -> str: ...


class Worker:
    """Where the engine is, and what leads there."""

    def __init__(self, url: str, space: str = "") -> None:
        """Servers of one `space` share what they keep. Raises UsageError for a URL that leads to no engine."""
        self.space = space
        self.address: Address = address_of(url)
        self.name = signing.new_name()
        self._pipes: WeakKeyDictionary[asyncio.AbstractEventLoop, Pipe] = WeakKeyDictionary()
        self._homes: WeakValueDictionary[str, Any] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count(1)

    @property
    def pipe(self) -> Pipe:
        """The connection of the loop that runs."""
        loop = asyncio.get_running_loop()
        known = self._pipes.get(loop)
        if known is None:
            known = self._pipes[loop] = Pipe(self.address, unfit, f"ms1:to:{self.name}", self._pushed)
            self.spawn(partial(self._beat, known))
        return known

    @property
    def loops(self) -> list[asyncio.AbstractEventLoop]:
        """Those from which it asks."""
        return [*self._pipes]

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something that nobody waits for."""
        task = asyncio.get_running_loop().create_task(self._quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with suppress(StateError):  # who waits for the engine hears it; this is tried again
            await work()

    def join(self, home: WorkerHome) -> None:
        """A sandbox is used here: who finds this worker gone looks after it."""
        self._homes[home.base] = home
        self.pipe.tell("SADD", f"{WORKERS}:of:{self.name}", home.base)

    async def _run(self, script: str, base: str, *words: Any) -> Any:
        return await self.pipe.ask("EVALSHA", scripts()[script].name, "1", base, *words)

    async def _beat(self, pipe: Pipe) -> None:
        try:
            while True:
                with suppress(StateError):
                    gone, ownerless = await self._run("beat", WORKERS, self.name, GONE)
                    for name, bases in zip(gone[::2], gone[1::2], strict=True):
                        await self._bury(name.decode(), bases)
                    for base in ownerless:
                        await self._adopt(base.decode())
                await asyncio.sleep(BEAT)
        finally:
            pipe.close()

    async def _bury(self, name: str, bases: Sequence[bytes]) -> None:
        """A worker is gone: look after all of its sandboxes."""
        for base in bases:
            await self.sweep(name, base.decode())
        await self.pipe.ask("ZREM", f"{WORKERS}:beats", name)
        await self.pipe.ask("UNLINK", f"{WORKERS}:of:{name}")

    async def sweep(self, name: str, base: str) -> None:
        """End what a worker that is gone had under way in a sandbox."""
        if await self._run("sweep", base, name):
            await self.pipe.ask("SADD", f"{WORKERS}:ownerless", base)

    async def _adopt(self, base: str) -> None:
        home = self._homes.get(base)
        if home is not None:
            await self.pipe.ask("SREM", f"{WORKERS}:ownerless", base)
            home.wake()

    async def is_gone(self, name: str) -> bool:
        """Whether a worker does not listen, or has said nothing for a while."""
        listening = await self.pipe.ask("PUBLISH", f"ms1:to:{name}", "there?")
        if not listening:
            return True
        return await self.pipe.ask("ZSCORE", f"{WORKERS}:beats", name) is None

    async def request(self, name: str, base: str, call: str, generation: int, words: Sequence[Any]) -> tuple[bool, Any]:
        """What another worker gives; False where it is not known whether it ever will."""
        number, answer = next(self._numbers), asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            told = written(["ask", self.name, number, base, call, generation, words])
            if not await self.pipe.ask("PUBLISH", f"ms1:to:{name}", told):
                return False, None
            while not (await asyncio.wait([answer], timeout=PATIENCE))[0]:
                if await self.is_gone(name):
                    return False, None
            kind, *said = answer.result()
            if kind == "lost":
                return False, None
            if kind == "error":
                raise error_of(*said)
            return True, answer_of(call, said[0])
        finally:
            del self._waiting[number]

    def _pushed(self, push: Sequence[Any]) -> None:
        """Each loop's connection hears it: what is asked is done by the first one, an answer belongs to who waits."""
        if push[0] != b"message" or push[2] == b"there?":
            return
        told: bytes = push[2]
        loop = asyncio.get_running_loop()
        is_first = loop is next(each for each in self._pipes if not each.is_closed())
        if told.startswith((b"wake ", b"moved ", b"anew ")):
            why, _, base = told.decode().partition(" ")
            home: WorkerHome | None = self._homes.get(base)
            if home is not None and is_first:
                {"wake": home.wake, "moved": home.look_again, "anew": home.see_anew}[why]()
            return
        kind, *words = json.loads(told)
        if kind == "ask":
            if is_first:
                self.spawn(partial(self._answer, *words))
        elif (waiting := self._waiting.get(words[0])) is not None and not waiting.done() and waiting.get_loop() is loop:
            waiting.set_result(words[1:])

    def tell_anew(self, base: str) -> None:
        """Let every other worker know that a sandbox was reset or closed."""
        self.pipe.tell("EVALSHA", scripts()["everybody"].name, "1", WORKERS, self.name, f"anew {base}")

    async def _answer(
        self, asker: str, number: int, base: str, call: str, generation: int, data: Sequence[Any]
    ) -> None:
        home = self._homes.get(base)
        try:
            if home is None:
                raise RoleLost
            told = f'["answer",{number},"value",{await home.perform_for(call, generation, data)}]'
        except RoleLost:
            told = written(["answer", number, "lost"])
        except Exception as error:
            told = written(["answer", number, "error", *error_words(error)])
        await self.pipe.ask("PUBLISH", f"ms1:to:{asker}", told)

    async def close(self) -> None:
        """Leave the engine: others look after what was under way here."""
        loop = asyncio.get_running_loop()
        pipe = self._pipes.get(loop)
        if pipe is None:
            return
        with suppress(StateError):
            for base in [*self._homes]:
                await self.sweep(self.name, base)
            await pipe.ask("ZREM", f"{WORKERS}:beats", self.name)
            await pipe.ask("UNLINK", f"{WORKERS}:of:{self.name}")
        mine = [each for each in self._tasks if each.get_loop() is loop and each is not asyncio.current_task()]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        pipe.close()
        self._pipes.pop(loop, None)
        await asyncio.sleep(0)  # what was closed is gone with the next turn
