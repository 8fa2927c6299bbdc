"""One process at an engine: its name, its connection in each event loop, and what it says to other workers.

Each says every `BEAT` seconds that it is there. Who has said nothing for `GONE` seconds is gone: others end its
requests and deliver what it was to deliver. Knows which sandboxes are here by the keys they have there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from math import inf
from typing import Any, Protocol
from weakref import WeakValueDictionary

from mockserver import signing
from mockserver.errors import MockserverError, Overtaken, StateError
from mockserver.stores.redis.address import Address, address_of
from mockserver.stores.redis.calls import name_of
from mockserver.stores.redis.fitness import unfit
from mockserver.stores.redis.loops import remaining
from mockserver.stores.redis.pipe import Pipe
from mockserver.stores.redis.questions import Questions
from mockserver.stores.redis.role import RoleLost
from mockserver.stores.redis.scripts import scripts

BEAT, GONE = 0.5, 3.0
SURE = GONE
"""So long one has to have been heard before it says who is gone: the engine may have been away, or full, for all."""
WORKERS = "ms1:{workers}"
OPENING = 2000
"""So many milliseconds one has to open a sandbox that nobody delivers in, before another one tries."""
MANY = 1000
"""Sandboxes that are named at once."""


async def nobody(name: str) -> None:
    """Who opens nothing."""


async def listed(name: str) -> bool:
    """Whether a sandbox is listed, where nobody keeps a list."""
    return True


class WorkerHome(Protocol):
    """What a worker needs of a home."""

    base: str

    def wake(self) -> None: ...
    def issued(self, api: str, job: str, resource: str) -> None: ...
    def miss_issued(self) -> None: ...
    def tell_again(self) -> None: ...
    def come_back(self) -> None: ...
    async def take_over(self) -> None: ...
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
        self._pipes: dict[asyncio.AbstractEventLoop, Pipe] = {}
        self._last: Pipe | None = None
        """That of the loop which asked last: most often it asks again."""
        self._homes: WeakValueDictionary[str, Any] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._burying: set[str] = set()
        self._adopting: set[str] = set()
        self._is_leaving = False
        self._unheard = -inf
        """When it could not say last that it is there, by the clock of loops."""
        self.is_waiting = False
        """Whether it waits for a place and serves nothing yet."""
        self.find: Callable[[str], Awaitable[object]] = nobody
        """Opens a sandbox here by its name."""
        self.is_listed: Callable[[str], Awaitable[bool]] = listed
        """Whether the index knows a sandbox that the engine has lost."""
        self.noticed: Callable[[str], None] = lambda sentence: None
        """Told why the engine cannot be asked any more, and that it can again: once each."""
        self._questions = Questions(self)

    @property
    def pipe(self) -> Pipe:
        """The connection of the loop that runs. Raises UsageError where another one that has one runs as well."""
        loop, pipe = asyncio.get_running_loop(), self._last
        if pipe is not None and pipe.loop is loop:
            return pipe
        pipe = self._pipes.get(loop)
        if pipe is None:
            self._pipes = remaining(self._pipes)
            pipe = self._pipes[loop] = Pipe(self.address, unfit, f"ms1:to:{self.name}", self._pushed, self._opened)
            self.spawn(partial(self._beat, pipe))
        self._last = pipe
        return pipe

    def serve(self) -> None:
        """It has a place from now on."""
        self.is_waiting = False
        self.pipe.tell("SREM", f"{WORKERS}:waiting", self.name)

    @property
    def loops(self) -> list[asyncio.AbstractEventLoop]:
        """Those from which it asks."""
        return [loop for loop in self._pipes if not loop.is_closed()]

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something that nobody waits for."""
        task = asyncio.get_running_loop().create_task(self._quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with suppress(StateError, Overtaken):  # who waits for the engine hears it; this is tried again, or of no use
            await work()

    def join(self, home: WorkerHome) -> None:
        """A sandbox is used here: who finds this worker gone looks after it."""
        self._homes[home.base] = home
        self.pipe.tell("SADD", f"{WORKERS}:of:{self.name}", home.base)

    async def _run(self, script: str, base: str, *words: Any) -> Any:
        return await self.pipe.ask("EVALSHA", scripts()[script].name, "1", base, *words)

    async def _beat(self, pipe: Pipe) -> None:
        is_away = False
        try:
            while True:
                try:
                    await self._say(pipe)
                    if is_away:
                        self.noticed("the store answers again")
                    is_away = False
                except StateError as error:
                    if not is_away:
                        self.noticed(f"{error}; requests are answered by 503 until it answers")
                    is_away = True
                await asyncio.sleep(BEAT)
        finally:
            pipe.close()

    async def _say(self, pipe: Pipe) -> None:
        """That it is there, unless it is about to leave: it would be counted once more."""
        if self._is_leaving:
            return
        heard_for = min(pipe.age, pipe.loop.time() - self._unheard)
        try:
            is_new, gone, ownerless = await self._run(
                "beat", WORKERS, self.name, GONE, int(heard_for >= SURE), int(self.is_waiting)
            )
        except StateError:
            self._unheard = pipe.loop.time()
            raise
        if is_new:
            self._join_again()
        for name in {word.decode() for word in gone} - self._burying:
            self._burying.add(name)
            self.spawn(partial(self._bury, name))
        for base in {word.decode() for word in ownerless} - self._adopting if self._is_first() else ():
            self._adopting.add(base)
            self.spawn(partial(self._adopt, base))

    def _join_again(self) -> None:
        """Others do not know of this worker, or thought that it was gone: nobody has told it anything since."""
        bases = [*self._homes]
        for at in range(0, len(bases), MANY):
            self.pipe.tell("SADD", f"{WORKERS}:of:{self.name}", *bases[at : at + MANY])
        for home in [*self._homes.values()] if self._is_first() else ():
            home.come_back()

    def _opened(self) -> None:
        """There is a new connection: what was said while there was none was not heard, here and there."""
        self.pipe.tell("SADD", f"{WORKERS}:listening", self.name)  # before anything is asked for that was missed
        for home in [*self._homes.values()]:
            home.miss_issued()  # what is told again is looked through before
            home.tell_again()
            if self._is_first():
                home.come_back()

    def _is_first(self) -> bool:
        """What all have to do with is done by the first one of the loops."""
        return asyncio.get_running_loop() is next(loop for loop in self._pipes if loop.is_running())

    async def _bury(self, name: str) -> None:
        """A worker is gone: look after all of its sandboxes, unless it comes back."""
        bases: Sequence[bytes] = ()
        try:
            while bases := await self._run("bury", WORKERS, name, *bases):
                await asyncio.gather(*[self.sweep(name, base.decode()) for base in bases])
        finally:
            self._burying.discard(name)

    async def sweep(self, name: str, base: str) -> None:
        """End what a worker that is gone had under way in a sandbox."""
        await self._run("sweep", base, name)

    async def _adopt(self, base: str) -> None:
        """Deliver in a sandbox where nobody does; one of those that have not opened it opens it."""
        try:
            if base not in self._homes:
                await self._open(base)
            home: WorkerHome | None = self._homes.get(base)
            if home is not None:
                await home.take_over()
        finally:
            self._adopting.discard(base)

    async def _open(self, base: str) -> None:
        name, claimed = name_of(self.space, base), f"{WORKERS}:opening:{base}"
        if name is None or not await self.pipe.ask("SET", claimed, self.name, "NX", "PX", OPENING):
            return
        if not await self.pipe.ask("HEXISTS", base, "rev"):  # it was closed, or the engine has lost it
            await self.pipe.ask("SREM", f"{WORKERS}:ownerless", base)
            return
        with suppress(MockserverError):  # it is tried again by whoever comes next
            await self.find(name)

    async def is_gone(self, name: str) -> bool:
        """Whether a worker does not listen, or has said nothing for a while."""
        listening = await self.pipe.ask("PUBLISH", f"ms1:to:{name}", "there?")
        if not listening:
            return True
        return await self.pipe.ask("ZSCORE", f"{WORKERS}:beats", name) is None

    async def request(self, name: str, base: str, call: str, generation: int, words: Sequence[Any]) -> tuple[bool, Any]:
        """See `Questions`."""
        return await self._questions.ask(name, base, call, generation, words)

    def _pushed(self, push: Sequence[Any]) -> None:
        """Each loop's connection hears it: what is asked is done by the first one, an answer belongs to who waits."""
        if push[0] != b"message" or push[2] == b"there?":
            return
        message: bytes = push[2]
        if message.startswith(b"issued "):
            self._issued(*message.decode().split(" ", 2)[1:])
            return
        is_first = self._is_first()
        if message.startswith((b"wake ", b"moved ", b"anew ")):
            why, _, base = message.decode().partition(" ")
            home: WorkerHome | None = self._homes.get(base)
            if home is not None and is_first:
                {"wake": home.wake, "moved": home.look_again, "anew": home.see_anew}[why]()
            return
        kind, *words = json.loads(message)
        if kind == "ask":
            if is_first:
                self._questions.asked(*words)
        elif kind == "working":
            self._questions.is_working(*words)
        else:
            self._questions.answered(*words)

    def _issued(self, base: str, words: str) -> None:
        """A secret is known from now on: each loop hears it before it is told of a request that may hold it."""
        home: WorkerHome | None = self._homes.get(base)
        if home is not None:
            home.issued(*json.loads(words))

    def tell_anew(self, base: str) -> None:
        """Let every other worker know that a sandbox was reset or closed."""
        self.pipe.tell("EVALSHA", scripts()["everybody"].name, "1", WORKERS, self.name, f"anew {base}")

    async def answered(self, base: str, call: str, generation: int, data: Sequence[Any]) -> str:
        """What another worker asked for, as text. Raises RoleLost."""
        home: WorkerHome | None = self._homes.get(base)
        if home is None:
            raise RoleLost
        return await home.perform_for(call, generation, data)

    async def close(self) -> None:
        """Leave the engine: others look after what was under way here."""
        loop = asyncio.get_running_loop()
        pipe = self._pipes.get(loop)
        if pipe is None:
            return
        self._is_leaving = True
        with suppress(StateError):
            for base in [*self._homes]:
                await self.sweep(self.name, base)
            await pipe.ask("ZREM", f"{WORKERS}:beats", self.name)
            await asyncio.gather(*[pipe.ask("SREM", f"{WORKERS}:{of}", self.name) for of in ("waiting", "listening")])
            await pipe.ask("UNLINK", f"{WORKERS}:of:{self.name}")
        mine = [task for task in self._tasks if task.get_loop() is loop and task is not asyncio.current_task()]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        pipe.close()
        self._pipes.pop(loop, None)
        self._last = None
        self._is_leaving = False  # another loop of this process goes on
        await asyncio.sleep(0)  # what was closed is gone with the next turn
