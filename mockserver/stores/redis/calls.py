"""How a home on an engine asks it: the sandbox's key, its worker, and what the scripts say where they do nothing.

Knows what a sandbox was made with, so that it is made where nobody has made it. Knows none of the calls.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, unquote

from mockserver.clock import ClockReading
from mockserver.errors import Closed, Overtaken, StateError
from mockserver.state.configuration import Configuration
from mockserver.stores.redis.line import Heard, Word
from mockserver.stores.redis.pipe import Pipe
from mockserver.stores.redis.scripts import scripts
from mockserver.stores.redis.values import configuration_words

LAYOUT = "ms1"
INDEX = "/index"  # no sandbox has such a name


def base_of(space: str, name: str) -> str:
    """What all keys of a sandbox begin with: the layout's version, and the tag that keeps them together."""
    return f"{LAYOUT}:{{{quote(space, safe='')}/{quote(name, safe='')}}}"


def name_of(space: str, base: str) -> str | None:
    """The name of the sandbox whose keys begin so; None for one of another space."""
    start = base_of(space, "").removesuffix("}")
    return unquote(base.removeprefix(start).removesuffix("}")) if base.startswith(start) else None


class Asker(Protocol):
    """Who has the connection of the loop that runs, and the name of this worker; see `Worker`."""

    name: str
    space: str
    find: Callable[[str], Awaitable[object]]
    is_listed: Callable[[str], Awaitable[bool]]

    @property
    def pipe(self) -> Pipe: ...
    @property
    def loops(self) -> Sequence[object]: ...
    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None: ...
    def join(self, home: Any) -> None: ...
    def tell_anew(self, base: str) -> None: ...
    async def sweep(self, name: str, base: str) -> None: ...
    async def is_gone(self, name: str) -> bool: ...
    async def close(self) -> None: ...
    async def request(
        self, name: str, base: str, call: str, generation: int, words: Sequence[Any]
    ) -> tuple[bool, Any]: ...


class First(NamedTuple):
    """What a sandbox begins with; `drawn` is how often was drawn for what."""

    configuration: Configuration
    clock: ClockReading
    drawn: Mapping[str, int]


class Calls(ABC):
    """What every part of a home builds on."""

    is_later = False
    """Whether a sandbox that is made begins with later revisions than any of its name that the engine has lost."""

    def __init__(self, worker: Asker, name: str, first: First) -> None:
        self.worker, self.name, self.base = worker, name, base_of(worker.space, name)
        self._first = first
        self._names = {name: (b"EVALSHA", script.name, b"1", self.base) for name, script in scripts().items()}
        self._begins = (*self._names["begin"], worker.name, "0")
        self._ends = (*self._names["ended"], worker.name)
        self._is_made = False
        self._is_behind = False
        self._why = f"the sandbox {name!r} was reset while this was under way"

    async def ask(self, script: str, *words: Word) -> Any:
        """What a script gives. Raises StateError, and Overtaken where it says so."""
        if not self._is_made:
            await self.make()
        return await self._known(self.worker.pipe.ask(*self._names[script], *words))

    async def _known(self, waiting: Awaitable[Any]) -> Any:
        """An answer. Raises StateError, and Overtaken where it says so."""
        answer = await waiting
        if type(answer) is bytes and answer in (b"GONE", b"OVER", b"SWEPT"):
            raise await self._refused(answer)
        return answer

    def tell(self, script: str, *words: Word, heard: Heard | None = None) -> None:
        """The same without waiting for it."""
        self.worker.pipe.tell(*self._names[script], *words, heard=heard)

    @abstractmethod
    async def configuration(self) -> Configuration:
        """What control switched."""

    @abstractmethod
    def miss_issued(self) -> None:
        """Secrets may have been issued elsewhere of which nothing was heard here."""

    async def _refused(self, answer: bytes) -> Exception:
        if answer == b"OVER":
            return Overtaken(self._why)
        if answer == b"SWEPT":
            return StateError(
                "this server was silent for so long that others have ended the request: nothing of it is kept"
            )
        if await self.is_closed():
            return Overtaken(f"the sandbox {self.name!r} was closed while this was under way")
        if not await self.worker.is_listed(self.name):
            return Closed(f"the store has lost the sandbox {self.name!r}")
        self._is_made = False
        return StateError(f"the store has lost the sandbox {self.name!r}, which begins anew: what it held is gone")

    async def is_closed(self) -> bool:
        """Whether somebody has closed the sandbox."""
        return bool(await self.worker.pipe.ask("HEXISTS", self.base, "closed"))

    async def make(self) -> int:
        """Have the sandbox in the engine; where somebody was faster, what control switched has to be read first.

        Gives the revision with which it begins, 0 where it was there.
        """
        configuration, (mode, rate, step, now, rev), counts = self._first
        words: list[Word] = [
            mode, repr(rate), repr(step), repr(now), rev, configuration.rev, int(self.is_later), len(counts),
        ]  # fmt: skip
        words += [word for item in counts.items() for word in item]
        rev_there: Any = await self.worker.pipe.ask(*self._names["world"], *words, *configuration_words(configuration))
        if rev_there == b"GONE":
            raise Closed(f"the sandbox {self.name!r} was closed")
        if not self._is_made:
            self._is_made, self._is_behind = True, rev_there != configuration.rev
            self.miss_issued()
            self.worker.join(self)
        return int(rev_there)
