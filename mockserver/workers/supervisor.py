"""Starts workers at one socket, starts another one where one ends, and ends them all. Knows not what they serve.

One more than serve is prepared and waits: it takes the place of one that ends at once, and the next one is prepared.
SIGTERM and SIGINT have them end what is under way and leave; SIGHUP puts new ones in their places, one by one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from mockserver.workers.member import Member
from mockserver.workers.seat import ANSWER_SECONDS

END_SECONDS = 10.0
"""So long a worker may take to leave."""
DELAYS = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Seconds before a worker is started whose place was taken so many times by one that did not get ready."""
NOWHERE = 0
"""The number of a worker that waits for a place."""
LOOK_SECONDS, SILENT_SECONDS = 1.0, 5.0
"""So often it is looked whether a worker answers, and so long one may be silent: it hangs, or was stopped."""
BACKLOG = 1024
ENDS, RENEWS = (signal.SIGTERM, signal.SIGINT), "SIGHUP"


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """Which command a worker is, in which environment, how many there are, and what is `given` to them, as JSON."""

    words: Sequence[str]
    count: int
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    given: Any = None


class Supervisor:
    """Of the workers at one socket, which is bound.

    `tell` takes sentences; `announce` is given what the first one told, when all are ready.
    """

    def __init__(
        self, plan: WorkerPlan, listening: socket.socket, tell: Callable[[str], None], announce: Callable[[Any], None]
    ) -> None:
        self._plan = plan
        self._listening = listening
        self._tell = tell
        self._announce = announce
        self.members: dict[int, Member] = {}
        self._besides: set[Member] = set()  # who comes and has no place yet, or leaves one
        self._tasks: set[asyncio.Task[None]] = set()
        self._spare: asyncio.Task[Member | None] | None = None
        self._code: asyncio.Future[int]
        self._renewing: asyncio.Task[None] | None = None

    async def run(self) -> int:
        """Serve until a signal; gives the exit code: that of a worker which could not begin, else 0."""
        self._code = asyncio.get_running_loop().create_future()
        self._listening.listen(BACKLOG)
        with self._signals():
            try:
                await self._begin()
                return await self._code
            finally:
                await self._end()

    def stop(self, code: int = 0) -> None:
        """End it, and have it give this exit code; may be called twice."""
        if not self._code.done():
            self._code.set_result(code)

    async def _begin(self) -> None:
        """All get ready, the first one alone: it prepares what they share. Then it is said, and they serve."""
        told = None
        for numbers in ((1,), range(2, self._plan.count + 1)):
            seated = asyncio.gather(*(self._seated(number, first=number == 1) for number in numbers))
            waited: set[asyncio.Future[Any]] = {seated, self._code}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if self._code.done():
                seated.cancel()
                await asyncio.gather(seated, return_exceptions=True)  # whatever became of it is heard
                return
            for number, said in zip(numbers, seated.result(), strict=True):
                if said is None:
                    self.stop(_exit_code(await self.members[number].ended()))
                    return
            told = told or seated.result()[0]
        self._announce(told)
        for member in self.members.values():
            member.go(member.number)
            self._keep(member)
        self._prepare()

    async def _seated(self, number: int, *, first: bool = False) -> Any:
        """Start a worker in a place; gives what it tells when it is ready, None where it does not get so."""
        member = self.members[number] = await self._begun(number, first)
        return await member.ready()

    async def _begun(self, number: int, first: bool = False) -> Member:
        plan = self._plan
        return await Member.begin(
            plan.words, plan.environment, self._listening, number, self._asked, first=first, given=plan.given
        )

    async def _tried(self, number: int) -> Member | None:
        """A worker, where the machine has room for one more process; None, which is told, where it has none by now."""
        try:
            return await self._begun(number)
        except OSError as error:
            self._tell(f"no worker can be started: {error}")
            return None

    def _prepare(self) -> asyncio.Task[Member | None]:
        """Have one more worker get ready."""
        self._spare = asyncio.ensure_future(self._prepared())
        return self._spare

    async def _prepared(self) -> Member | None:
        """A worker that has no place yet; None where it does not get ready."""
        member = await self._tried(NOWHERE)
        if member is None:
            return None
        try:
            if await member.ready() is not None:
                return member
            await member.ended()
        except asyncio.CancelledError:
            member.kill()
            raise
        return None

    async def _taken(self) -> Member | None:
        """The one that waits, or is about to be ready, in whose place another one is prepared; None: there is none."""
        waiting, self._spare = self._spare or self._prepare(), None
        found = await waiting
        self._prepare()
        return found if found is not None and found.is_there else None

    async def _no_spare(self) -> None:
        """Nobody waits any more."""
        waiting, self._spare = self._spare, None
        if waiting is None:
            return
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            if (found := await waiting) is not None:
                await found.dismissed(END_SECONDS)

    def _asked(self, member: Member, number: int) -> None:
        self._tasks.add(task := asyncio.ensure_future(self._answer(member, number)))
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, member: Member, number: int) -> None:
        """Tell a worker what all that serve tell of themselves, by their numbers."""
        members = [*self.members.values()]
        told = await asyncio.gather(*(each.tells(ANSWER_SECONDS) for each in members))
        found = {str(each.number): said for each, said in zip(members, told, strict=True) if said is not None}
        member.say(all=found, asked=number)

    def _keep(self, member: Member) -> None:
        for work in (self._kept(member), self._watched(member)):
            self._tasks.add(task := asyncio.ensure_future(work))
            task.add_done_callback(self._tasks.discard)

    async def _watched(self, member: Member) -> None:
        """End a worker that is there and answers no more: its place is taken as if it had ended by itself."""
        while member.is_there and not member.is_dismissed:
            if not await member.is_awake(SILENT_SECONDS) and not member.is_dismissed:
                self._tell(f"worker {member.number} has not answered for {SILENT_SECONDS:g} seconds")
                member.kill()
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _kept(self, member: Member) -> None:
        """Wait until a worker ends; put another one in its place, unless that was wanted."""
        code = await member.ended()
        if member.is_dismissed or self._code.done():
            return
        self._tell(f"worker {member.number} ended ({_how(code)}); another one takes its place")
        follower = await self._follower()
        if self.members[member.number] is member:
            self._seat(member.number, follower)
        else:  # the place was renewed meanwhile
            await follower.dismissed(END_SECONDS)

    def _seat(self, number: int, member: Member) -> None:
        """Let one that is ready serve in a place."""
        self.members[number] = member
        member.go(number)
        self._keep(member)

    async def _follower(self) -> Member:
        """One that is ready to take a place, however often it has to be tried."""
        for tries in count():
            await asyncio.sleep(DELAYS[min(tries, len(DELAYS) - 1)])
            if (found := await self._taken()) is not None:
                return found
        raise AssertionError("it is tried for ever")

    def _renew(self) -> None:
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.ensure_future(self._renewed())

    async def _renewed(self) -> None:
        """Another worker in each place, one by one: it serves before the one leaves that is there by then."""
        await self._no_spare()
        for number in sorted(self.members):
            member = await self._tried(number)
            if member is None or not await self._is_ready(member):
                self._tell(f"a new worker {number} did not get ready: the one that is there stays")
                break
            before = self.members[number]
            self._besides.add(before)
            self._seat(number, member)
            await before.dismissed(END_SECONDS)
            self._besides.discard(before)
        else:
            self._tell("all workers are new")
        if self._spare is None:
            self._prepare()

    async def _is_ready(self, member: Member) -> bool:
        """Wait until one that has no place yet is ready; False where it does not get so."""
        self._besides.add(member)
        is_ready = await member.ready() is not None
        self._besides.discard(member)
        return is_ready

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop, renews = asyncio.get_running_loop(), getattr(signal, RENEWS)
        for number in ENDS:
            loop.add_signal_handler(number, self._asked_to_end, number)
        loop.add_signal_handler(renews, self._renew)
        try:
            yield
        finally:
            for number in (*ENDS, renews):
                loop.remove_signal_handler(number)

    def _asked_to_end(self, number: int) -> None:
        """A second signal ends what is under way in the workers, as theirs would."""
        if self._code.done():
            for member in self.members.values():
                member.send(number)
        self.stop()

    async def _end(self) -> None:
        for task in (*self._tasks, self._renewing):
            if task is not None:
                task.cancel()
        self._listening.close()
        everybody = {*self.members.values(), *self._besides}
        await asyncio.gather(self._no_spare(), *(member.dismissed(END_SECONDS) for member in everybody))


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _exit_code(code: int) -> int:
    """As a shell tells of a process that a signal ended; one that ended well before it was ready did not do so."""
    return 128 - code if code < 0 else code or 1
