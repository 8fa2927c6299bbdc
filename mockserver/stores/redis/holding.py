"""Requests that are held until the clock is moved, at whatever process: who holds some says how many, and until when.

Who moves the clock far stops at each of these moments, and waits there until those that were held have gone on. Who
moves or switches it at once tells all who hold some. What else is under way ends where the sandbox is reset or closed:
who does that tells everybody.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from math import inf
from typing import Any, NamedTuple

from mockserver.clock import ClockReading
from mockserver.errors import MockserverError, Overtaken
from mockserver.stores.redis.asking import ANYTIME, GO_ON
from mockserver.stores.redis.calls import Calls
from mockserver.stores.redis.line import Word
from mockserver.stores.redis.role import SharedDeliverer
from mockserver.stores.redis.values import reading_of

PATIENCE = 2.0
"""Real seconds for which one waits for another worker that lets requests go on; it may be gone."""


class HoldingWorker(NamedTuple):
    """A worker that holds requests, the next of their moments, and whether some look, or were told to by the engine."""

    worker: str
    due: float
    is_looking: bool
    was_told: bool


class Holding(Calls):
    """A part of `RedisState`."""

    deliverer: SharedDeliverer
    _seen_moves = -1
    _has_held = False
    _telling: asyncio.AbstractEventLoop | None = None
    _silent: Sequence[HoldingWorker] = ()

    @abstractmethod
    async def read_clock(self, tick: bool = False) -> ClockReading:
        """How it goes, and what it says."""

    @abstractmethod
    async def see_caused(self) -> None:
        """Take up what requests have caused that are over by now."""

    def hold(self) -> None:
        """What is held here has changed: it is told once for all of a turn of the loop."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # what was held has ended with its loop
            return
        if loop is not self._telling:
            self._has_held, self._telling = True, loop
            loop.call_soon(self._tell_changed)

    def hold_again(self) -> None:
        """What was told may not have been heard."""
        if self._has_held:
            self.hold()

    def _tell_changed(self) -> None:
        if self._telling is not None and self._telling in self.worker.loops:  # who has left the engine says no more
            self._tell_held()
        self._telling = None

    def _tell_held(self) -> None:
        many, due, is_looking = self.deliverer.held()
        words = (many, repr(inf if due is None else due), int(is_looking))
        self.tell("hold", self.worker.name, *words, heard=self._held)

    def _held(self, answer: Any) -> None:
        """Somebody may have moved the clock before it was known that one is held here."""
        if isinstance(answer, list):
            moves, is_past = answer
            if moves != self._seen_moves or is_past:
                self._seen_moves = moves
                self.look_again()

    def look_again(self) -> None:
        """Let requests that are held here see what time it is by now, and how their jobs are."""
        self.worker.spawn(self._look)

    async def _look(self) -> None:
        with suppress(Overtaken):  # by its end, which ends what is held as well
            self.deliverer.see_clock(await self.read_clock())

    def see_anew(self) -> None:
        """The sandbox was reset or closed elsewhere: what is under way here ends."""
        self.worker.spawn(self.deliverer.refresh)

    async def next_held(self, after: float = 0.0) -> float | None:
        reading, holders = await self._look_at("look", 0)
        if any(each.is_looking or each.was_told for each in holders) or self.deliverer.held().is_looking:
            await self._let_all_go_on(reading, holders, 0.0)
            _, holders = await self._look_at("look", 0)
        found = [each.due for each in holders if each.worker != self.worker.name]
        found += [due for due in (self.deliverer.held().due,) if due is not None]  # it is known better here
        return min([due for due in found if after < due < inf], default=None)

    async def stop_at(self, generation: int, moment: float) -> ClockReading:
        reading, holders = await self._look_at("stop", generation, repr(moment), "0.0", self.worker.name)
        if await self._let_all_go_on(reading, holders, moment):
            await self.see_caused()
        return reading

    async def _look_at(self, *words: Word) -> tuple[ClockReading, list[HoldingWorker]]:
        """The clock as it is then, and who holds requests."""
        reading, held, holding = await self.ask("clock", *words)
        holders = []
        for name, told in zip(held[::2], held[1::2], strict=True):
            _, due, is_looking = told.split(b"\1")
            holders.append(HoldingWorker(name.decode(), float(due), is_looking == b"1", name not in holding))
        return reading_of(reading), holders

    async def _let_all_go_on(self, reading: ClockReading, holders: Sequence[HoldingWorker], moment: float) -> bool:
        """Wait until those that were held until a moment, or were woken, have looked; False: there were none."""
        self._silent = self._silent_still(holders)
        own, was_told, asked = self.worker.name, False, []
        for each in holders:
            if each.worker == own:
                was_told = each.was_told
            elif (each.due <= moment or each.is_looking or each.was_told) and each not in self._silent:
                asked.append(self._ask_to_go_on(each, reading))
        _, due, is_looking = self.deliverer.held()
        await asyncio.gather(self._let_go_on(was_told, reading), *asked)
        return bool(asked) or was_told or is_looking or (due is not None and due <= moment)

    def _silent_still(self, holders: Sequence[HoldingWorker]) -> list[HoldingWorker]:
        """Those that were silent and have said nothing since; that one was told to look meanwhile is others' word."""
        there = {each.worker: each for each in holders}
        pairs = [(each, there[each.worker]) for each in self._silent if each.worker in there]
        return [now for then, now in pairs if then[:3] == now[:3] and then.was_told <= now.was_told]

    async def _ask_to_go_on(self, holder: HoldingWorker, reading: ClockReading) -> None:
        """Have another worker do it. One that does not say that it has is asked no second time."""
        has_gone_on, words = False, (holder.was_told, *reading)
        with suppress(TimeoutError, MockserverError):
            async with asyncio.timeout(PATIENCE):
                has_gone_on, _ = await self.worker.request(holder.worker, self.base, GO_ON, ANYTIME, words)
        if not has_gone_on:
            self._silent = [*self._silent, holder]

    async def _let_go_on(self, was_told: bool, reading: ClockReading) -> None:
        """Those that are held here until then look; all of them, where they are about to, as the engine has told so."""
        if was_told:
            self.deliverer.see_clock(reading)
        await self.deliverer.let_go_on(reading)

    async def let_go_on_here(self, was_told: bool, *reading: Any) -> None:
        """The same for another worker: what is held from then on is told before this ends."""
        await self._let_go_on(was_told, ClockReading(*reading))
        self._telling = None
        self._tell_held()
