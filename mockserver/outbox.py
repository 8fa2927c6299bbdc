"""Webhooks that are due: who is told what, when, and what became of it. Deliveries come from due times of plans.

On a real clock one timer per sandbox waits for the next due time; `advance` walks a manual clock from due time
to due time. Knows whom to ask to send one; nothing of HTTP servers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import chain
from math import inf

from mockserver.bounds import ATTEMPT_ANSWER, DELIVERIES, WAITING, weigh
from mockserver.errors import DeliveryDue, StateError
from mockserver.faults import Parcel, WebhookFault
from mockserver.generation import Generation
from mockserver.jobs import PlannedJob
from mockserver.owed import Owed
from mockserver.posting import Posting, PostingSandbox
from mockserver.posting_list import KeptPostings
from mockserver.posting_notes import changed, note
from mockserver.webhooks import DeliveryAttempt, RetryPolicy, next_attempt

AGAIN = 1.0
"""So many seconds later it is tried again to see how a job stands, where that could not be seen."""
SendDelivery = Callable[..., Awaitable[DeliveryAttempt]]
"""(url, headers, body, seconds, CA as PEM, cut=False): one attempt; `cut` breaks off inside the body."""


class Outbox(KeptPostings):
    """A sandbox's postings, those done included. One that is listed no more is delivered all the same."""

    def __init__(self, sandbox: PostingSandbox, send: SendDelivery) -> None:
        super().__init__(sandbox)
        self._send = send
        self._under_way, self._walking = asyncio.Semaphore(DELIVERIES), asyncio.Lock()
        self._walks = Generation()  # those that move the clock, which end where another process delivers
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Posting] = []
        self._early: dict[str, bool] = {}  # those of whose end was told before the answer

    def post(self, posting: Posting) -> None:
        """Queue a posting for the end its plan says; call it only once the answer that caused it was sent."""
        for part in posting.parted(self._early.pop(posting.key, False)):
            self._expect(part, part.due or posting.job.created)

    def moved(self, job: PlannedJob) -> None:
        """A job was moved: what tells of the states to come is due with them. Call it once that was answered."""
        now = self._sandbox.clock.now()
        unsent, firsts = self._owed.of(job)
        for posting, due in chain.from_iterable([first.moved(job, unsent, now) for first in firsts]):
            if posting in unsent:
                self._await(posting, max(due, now))
            else:
                self._expect(posting, max(due, now))

    def _expect(self, posting: Posting, due: float) -> None:
        self._know(posting)
        self._owed.expect(posting)
        self._await(posting, due)

    def backlog(self) -> tuple[int, int]:
        """How many wait, and how many are being delivered or wait for their turn."""
        return len(self._queue), len(self._tasks)

    def go_on(self, posting: Posting, due: float | None) -> None:
        """Take a posting as it waited elsewhere; one that waits no more (None) is listed."""
        self._know(posting)
        if due is None:
            return
        if posting.fault is not None and posting.fault.overtaken and not posting.tries:
            self._held.append(posting)
        self._await_again(posting, due)

    def wake(self) -> None:
        """Look again when the next posting is due, and what requests wait for: the clock changed."""
        if self._sandbox.observer is not None:
            self._sandbox.observer.touched()
        self._sandbox.moments.wake()
        self._look()

    def _look(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._queue.next_due()
        if due is None or due == inf or self._sandbox.closed:
            return
        wait = self._sandbox.clock.wall_seconds_until(due)
        if wait is None and due <= self._sandbox.clock.now():
            wait = 0.0
        if wait is not None:
            self._timer = asyncio.get_running_loop().call_later(wait, self._start)

    def _start(self) -> None:
        self._timer = None
        now = self._sandbox.clock.now()
        for posting in self._queue.pop_due(now):
            task = asyncio.get_running_loop().create_task(self._in_turn(posting, now))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._look()

    async def _in_turn(self, posting: Posting, now: float) -> None:
        try:
            async with self._under_way:
                await self._attempt(posting, now)
        except StateError:  # what it is about is out of reach for now
            await asyncio.sleep(AGAIN)
            self._await_again(posting, self._sandbox.clock.now())

    def _await_again(self, posting: Posting, due: float) -> None:
        """It waits as before: elsewhere, or here, where it could not be tried."""
        if not posting.tries:
            self._owed.expect(posting)
        self._await(posting, due)

    async def advance(self, seconds: float, *, quietly: bool = False, walk: str = "") -> None:
        """Move the clock forward from due time to due time, making each delivery there; `walk` names it (`walk_end`).

        Raises ClockError, and Overtaken when the sandbox is reset or closed meanwhile, or another process delivers.
        `quietly` makes no delivery: DeliveryDue, and the clock stays, where there is one to make on the way.
        """
        with self._sandbox.generation, self._walks:
            if quietly and self._has_deliveries_until((await self._sandbox.read_clock()).moment_after(seconds)):
                raise DeliveryDue("a webhook is to be delivered on the way, and the clock was to move without")
            async with self._walking:
                await self._walk(seconds, walk)
        self.wake()

    def _has_deliveries_until(self, moment: float) -> bool:
        """Whether a webhook goes out until then, or is under way."""
        is_busy = bool(self._tasks) or self._walking.locked()
        return is_busy or any(posting.is_due(due) for due, posting in self._queue.due_until(moment))

    async def _walk(self, seconds: float, walk: str) -> None:
        sandbox, due = self._sandbox, 0.0
        target = await sandbox.walk_end(walk, seconds)
        while (due := await self.next_stop(due)) <= target:
            await sandbox.stop_at(due)
            due_now = deque(self._queue.pop_due(due))
            try:
                while due_now:
                    await self._attempt(due_now[0], (await sandbox.read_clock()).now)
                    due_now.popleft()
            except StateError:
                for posting in due_now:
                    self._await_again(posting, due)
                raise
        await self.settle()
        await sandbox.move_clock(target)

    async def settle(self) -> None:
        """Wait for the deliveries under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, asyncio.sleep(0))  # of ended ones alone, it would not yield

    def adopt(self) -> None:
        """Go on in the event loop that runs now; what was under way in another one has ended with it."""
        self._tasks = {task for task in self._tasks if task.get_loop() is asyncio.get_running_loop()}
        self._under_way, self._walking = asyncio.Semaphore(DELIVERIES), asyncio.Lock()
        self.wake()

    def close(self) -> None:
        """Stop the timer and end the deliveries under way."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()

    async def early(self, posting: Posting, fault: WebhookFault) -> None:
        """Deliver a posting of a job's end now, as it will stand then; those of timed states go out with `post`."""
        self._early[posting.key] = True
        posting.fault, posting.is_met = fault, True
        self._know(posting)
        await self._attempt(posting, self._sandbox.clock.now())

    async def send_now(self, posting: Posting) -> None:
        """Try a posting, planned or not. Raises Overtaken when the sandbox is reset or closed meanwhile."""
        with self._sandbox.generation:
            if not posting.weight:
                self._list(posting)
            self._queue.cancel(id(posting))
            async with self._under_way:
                now = self._sandbox.clock.now()
                posting.next_at = None
                await self._send_to(posting, posting.moment(now), now)

    async def _attempt(self, posting: Posting, now: float) -> None:
        moment, posting.next_at = posting.moment(now), None
        self._owed.sent(posting)
        await posting.look_again()
        if not posting.settle(moment):
            posting.outcome = "not due"
            changed(self._sandbox, posting)
            self._keep(posting)
        elif posting.is_for_account:
            self._keep(posting)
            for copy in await posting.addressed(moment):
                self._list(copy)
                try:
                    await self._attempt(copy, now)
                except StateError:
                    self._await_again(copy, now)
        elif not await self._is_held(posting, now):
            await self._send_to(posting, moment, now)

    async def _send_to(self, posting: Posting, moment: float, now: float) -> None:
        parcel = await posting.parcel(moment, now)
        if parcel is None:
            self._keep_back(posting, now, "Its endpoint is there no more.")
            return
        parcels = (parcel,) if posting.fault is None else posting.fault.parcels(parcel)
        if not parcels:
            self._keep_back(posting, now, "A fault kept the webhook back.")
            return
        for each in parcels:
            attempt = await self._deliver(posting, each, now)
        self._go_on(posting, attempt, now)

    async def _is_held(self, posting: Posting, now: float) -> bool:
        """Whether a fault holds the first attempt back; later ones are not asked again."""
        if posting.is_met:
            return False
        book, account = posting.api.faults, posting.account.id if posting.account else None
        armed = await book.webhook(posting.job.operation, posting.job.id, account, early=False)
        posting.is_met = True
        uses = None if armed is None else await book.take(armed)
        if armed is None or uses is None:
            return False
        book.release(armed, uses)
        fault = armed.fault
        assert isinstance(fault, WebhookFault), "the book gives faults of webhooks for webhooks"
        posting.fault = fault
        if fault.wait:
            if fault.overtaken:
                self._held.append(posting)
            self._await(posting, now + fault.wait)
        return bool(fault.wait)

    async def _deliver(self, posting: Posting, parcel: Parcel, now: float) -> DeliveryAttempt:
        if posting.fault is not None and posting.fault.unreachable > posting.tries:
            attempt = DeliveryAttempt(posting.target, "unreachable", "A fault made the endpoint unreachable.")
        else:
            headers = [("content-type", posting.webhook.media_type), *parcel.headers]
            timeout = self._sandbox.webhook_timeout or posting.webhook.timeout
            cut = {"cut": True} if parcel.cut else {}
            attempt = await self._send(posting.target, headers, parcel.body, timeout, self._sandbox.webhook_ca, **cut)
        answer = attempt.response_body[:ATTEMPT_ANSWER]
        attempt = replace(attempt, at=now, response_body=answer, response_headers=())
        note(self._sandbox, posting, now, attempt.sentence, attempt=attempt, attempt_number=posting.tries + 1)
        if posting.weight:
            posting.attempts.append(attempt)
            self._grow(posting, weigh(attempt))
        return attempt

    def _go_on(self, posting: Posting, attempt: DeliveryAttempt, now: float) -> None:
        """What follows an attempt: a retry, a fault's repetition, those that waited to be overtaken."""
        posting.tries += 1
        policy = RetryPolicy(posting.webhook.timeout, posting.webhook.retries, posting.webhook.final)
        again = next_attempt(policy, posting.tries, attempt, now)
        posting.outcome = attempt.outcome if again is None else "waiting"
        repeat = posting.fault.again if posting.fault is not None and not posting.is_repeated else None
        if attempt.outcome == "delivered" and repeat is not None:
            posting.is_repeated = True
            again = now + repeat
            if posting.fault is not None and posting.fault.replays:
                posting.signed_at = now
        if again is not None:
            self._await(posting, again)
        for waiting in [each for each in self._held if each is not posting]:
            self._await(waiting, now)
        self._held.clear()
        changed(self._sandbox, posting)
        self._keep(posting)

    def _await(self, posting: Posting, due: float) -> None:
        # Those whose time has come wait for their turn: a slow receiver must not let them pile up, either.
        if len(self._tasks) >= WAITING or not self._queue.push(id(posting), due, posting):
            posting.outcome = "never sent"
            self._owed.sent(posting)
            now, why = self._sandbox.clock.now(), f"{WAITING} webhooks wait already: this one is not sent."
            note(self._sandbox, posting, now, why)
        else:
            posting.next_at = due if due < inf else None
            changed(self._sandbox, posting)
        self._keep(posting)
        self._look()

    def leave(self) -> deque[Posting]:
        """End; gives the postings, which take a while to let go."""
        self._walks.end("another process delivers by now")
        self.close()
        self._owed = Owed()
        postings, self.postings, self.bytes = self.postings, deque(), 0
        return postings
