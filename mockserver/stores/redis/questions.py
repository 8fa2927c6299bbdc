"""What workers ask one another, and have answered, over channels on which anything may get lost. Knows no sandbox.

Who has no answer asks again by the same number; who is asked again does it no second time, and answers again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from itertools import count
from typing import Any, Protocol

from mockserver.errors import StateError
from mockserver.stores.redis.asking import answer_of, error_of, error_words
from mockserver.stores.redis.codec import written
from mockserver.stores.redis.pipe import Pipe
from mockserver.stores.redis.role import RoleLost

PATIENCE = 1.0
"""How long one waits for another worker before it looks whether that is there."""
MOST_SILENT = 15
"""So often another worker that is there may say nothing before it is given up."""
MOST_ANSWERS = 256
"""Answers that are remembered: who did not hear one asks again."""


class AskingWorker(Protocol):
    """What questions need of the worker that asks and answers."""

    name: str

    @property
    def pipe(self) -> Pipe: ...
    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None: ...
    async def is_gone(self, name: str) -> bool: ...
    async def answered(self, base: str, call: str, generation: int, data: Sequence[Any]) -> str: ...


class Questions:
    """Those of one worker."""

    def __init__(self, worker: AskingWorker) -> None:
        self._worker = worker
        self._signs: dict[str, int] = {}  # how often who is asked has said that it is at work
        self._at_work: set[tuple[str, int]] = set()  # who asked, and its number
        self._answers: dict[tuple[str, int], str] = {}
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count(1)

    async def ask(self, name: str, base: str, call: str, generation: int, words: Sequence[Any]) -> tuple[bool, Any]:
        """What another worker gives; False where it is not known whether it ever will. Raises StateError."""
        number, answer = next(self._numbers), asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            question = written(["ask", self._worker.name, number, base, call, generation, words])
            if not await self._worker.pipe.ask("PUBLISH", f"ms1:to:{name}", question):
                return False, None
            kind, *answered = await self._answer_of(name, question, answer)
            if kind == "lost":
                return False, None
            if kind == "error":
                raise error_of(*answered)
            return True, answer_of(call, answered[0])
        finally:
            del self._waiting[number]

    async def _answer_of(self, name: str, question: str, answer: asyncio.Future[Any]) -> Sequence[Any]:
        """What was answered; lost, where nobody is there: who is not heard once may have lost its connection."""
        missed, silent, since = 0, 0, self._signs.get(name, 0)
        while not (await asyncio.wait([answer], timeout=PATIENCE))[0]:
            missed = missed + 1 if await self._worker.is_gone(name) else 0
            if missed == 2:
                return ["lost"]
            signs = self._signs.get(name, 0)
            since, silent = signs, silent + 1 if signs == since else 0
            if silent == MOST_SILENT:
                raise StateError("another server that shares this state does not answer")
            if not missed:
                await self._worker.pipe.ask("PUBLISH", f"ms1:to:{name}", question)
        words: Sequence[Any] = answer.result()
        return words

    def asked(self, asker: str, number: int, *words: Any) -> None:
        """Another worker asks, perhaps once more."""
        key = (asker, number)
        if key in self._at_work or key in self._answers:
            answer = self._answers.get(key) or written(["working", self._worker.name])
            self._worker.pipe.tell("PUBLISH", f"ms1:to:{asker}", answer)
            return
        self._at_work.add(key)
        self._worker.spawn(partial(self._answer, asker, number, *words))

    async def _answer(
        self, asker: str, number: int, base: str, call: str, generation: int, data: Sequence[Any]
    ) -> None:
        try:
            answer = f'["answer",{number},"value",{await self._worker.answered(base, call, generation, data)}]'
        except RoleLost:
            answer = written(["answer", number, "lost"])
        except Exception as error:
            answer = written(["answer", number, "error", *error_words(error)])
        self._at_work.discard((asker, number))
        self._answers[asker, number] = answer
        if len(self._answers) > MOST_ANSWERS:
            del self._answers[next(iter(self._answers))]
        await self._worker.pipe.ask("PUBLISH", f"ms1:to:{asker}", answer)

    def is_working(self, name: str) -> None:
        """Another worker says that it is at work on what it was asked."""
        self._signs[name] = self._signs.get(name, 0) + 1

    def answered(self, number: int, *words: Any) -> None:
        """Another worker answers; each loop's connection hears it, and the answer belongs to who waits there."""
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done() and waiting.get_loop() is asyncio.get_running_loop():
            waiting.set_result(words)
