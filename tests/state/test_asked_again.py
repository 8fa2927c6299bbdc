"""A question to another worker of which nothing is heard: how long it is asked again, and when it is given up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from mockserver.errors import StateError
from mockserver.stores.redis import questions
from mockserver.stores.redis.questions import MOST_ANSWERS, MOST_SILENT, Questions


class Pipe:
    """Publishes to somebody who listens."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def ask(self, *words: Any) -> int:
        self.told.append(words[-1])
        return 1

    def tell(self, *words: Any) -> None:
        self.told.append(words[-1])


class Asking:
    """A worker that sees another one as it is said, look by look; then that one answers, or it is said no more."""

    name = "one"

    def __init__(self, *is_gone: bool, answers: bool = True) -> None:
        self.pipe: Any = Pipe()
        self.questions = Questions(self)
        self._is_gone, self._answers = [*is_gone], answers
        self.looked = 0

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        raise AssertionError("it is asked nothing")

    async def answered(self, base: str, call: str, generation: int, data: Sequence[Any]) -> str:
        raise AssertionError("it is asked nothing")

    async def is_gone(self, name: str) -> bool:
        self.looked += 1
        self.when_looked()
        if self._is_gone:
            return self._is_gone.pop(0)
        if self._answers:
            self.questions.answered(json.loads(self.pipe.told[0])[2], "value", 1.5)
        return False

    def when_looked(self) -> None:
        """Nothing comes meanwhile."""

    def ask(self) -> tuple[bool, Any]:
        return asyncio.run(self.questions.ask("other", "base", "next_webhook", 0, ()))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "PATIENCE", 0)


def test_who_is_missed_twice_in_a_row_will_not_answer() -> None:
    assert Asking(True, True).ask() == (False, None)


def test_who_was_missed_now_and_then_is_waited_for() -> None:
    asking = Asking(True, False, True, False, True)
    assert asking.ask() == (True, 1.5)
    assert len(asking.pipe.told) == 4, "asked at first, and whenever the other one was there"


def test_who_says_nothing_is_given_up_and_who_says_that_it_is_at_work_is_not() -> None:
    silent = Asking(answers=False)
    with pytest.raises(StateError, match="does not answer"):
        silent.ask()
    assert silent.looked == MOST_SILENT
    at_work = Asking(*[False] * 3 * MOST_SILENT)
    at_work.when_looked = lambda: at_work.questions.is_working("other")  # type: ignore[method-assign]
    assert at_work.ask() == (True, 1.5)


class Answering:
    """A worker that is asked by others: what it is to do waits until it is `done`, the newest first."""

    name = "one"

    def __init__(self) -> None:
        self.pipe: Any = Pipe()
        self.questions = Questions(self)
        self.works: list[Callable[[], Coroutine[Any, Any, None]]] = []

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.works.append(work)

    def done(self) -> None:
        asyncio.run(self.works.pop()())

    async def is_gone(self, name: str) -> bool:
        raise AssertionError("it asks nothing")

    async def answered(self, base: str, call: str, generation: int, data: Sequence[Any]) -> str:
        return f'"{call}"'


def test_who_is_asked_again_does_it_once_however_much_others_ask_meanwhile() -> None:
    answering = Answering()
    answering.questions.asked("other", 1, "base", "walk", 0, [])
    for n in range(2, MOST_ANSWERS + 3):
        answering.questions.asked("other", n, "base", "next_webhook", 0, [])
        answering.done()
    answering.questions.asked("other", 1, "base", "walk", 0, [])
    assert json.loads(answering.pipe.told[-1]) == ["working", "one"]
    answering.done()
    answering.questions.asked("other", 1, "base", "walk", 0, [])
    assert json.loads(answering.pipe.told[-1]) == ["answer", 1, "value", "walk"], "it remembers what it said"
    assert not answering.works, "walked once"


def test_what_was_answered_long_ago_is_forgotten_first() -> None:
    answering = Answering()
    for n in range(MOST_ANSWERS + 1):
        answering.questions.asked("other", n, "base", "next_webhook", 0, [])
        answering.done()
    answering.questions.asked("other", 1, "base", "next_webhook", 0, [])
    assert not answering.works
    answering.questions.asked("other", 0, "base", "next_webhook", 0, [])
    assert len(answering.works) == 1
