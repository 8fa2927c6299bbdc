"""Whatever was under way when a sandbox was reset or closed changes nothing of what exists afterwards.

Requests that are still sent, answers that are late, slow receivers, moves of the clock and resets, in any order, on a
loop that the test turns by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from fault_kit import video_files
from httpx import Request
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mockserver.app import Mockserver
from mockserver.clock import Clock
from mockserver.faults import fault_of
from mockserver.generation import Generation, Overtaken
from mockserver.launch import contracts_in
from mockserver.sandbox import Sandbox
from mockserver.time_slices import at_once
from mockserver.webhooks import DeliveryAttempt

TAKEN = DeliveryAttempt("http://a.b/", "delivered", "It was taken.", status=200)
REFUSED = DeliveryAttempt("http://a.b/", "refused", "It was refused.", status=500)
TURNS = 12  # of the loop: more than anything here takes that does not wait for the test


@cache
def contracts() -> Any:
    return [contract for contract in contracts_in() if contract.name == "vidgen"]


@dataclass
class Receivers:
    """Receivers of webhooks that answer when they are told to."""

    waiting: list[asyncio.Future[DeliveryAttempt]] = field(default_factory=list)

    async def __call__(self, url: str, *more: Any, **options: Any) -> DeliveryAttempt:
        answer: asyncio.Future[DeliveryAttempt] = asyncio.get_running_loop().create_future()
        self.waiting.append(answer)
        return await answer


class Server(Mockserver):
    """A server whose webhooks go to receivers of ours."""

    def __init__(self, receivers: Receivers) -> None:
        self._receivers = receivers
        super().__init__(contracts())

    def _deliverer(self) -> Any:
        return self._receivers


@dataclass
class Begun:
    """A request or a move of the clock, and the generation in which it began."""

    generation: int
    task: asyncio.Task[Any]
    rest: asyncio.Event = field(default_factory=asyncio.Event)
    seconds: float = 0.0
    status: int = 0
    account: str = ""


class Worlds(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.receivers = Receivers()
        self.server = Server(self.receivers)
        self.generation = 0
        self.begun: list[Begun] = []
        self.accounts: dict[str, int] = {}

    @initialize()
    def begin(self) -> None:
        self._turn(self._make)

    def _make(self) -> None:
        self.sandbox: Sandbox = self.server.sandboxes.create(
            clock=Clock("manual"), limits_on=False, insecure_webhooks=True
        )
        self._start_over()

    def _start_over(self) -> None:
        self.generation += 1
        self.since = self.sandbox.clock.now()

    def _turn(self, call: Callable[[], None] = lambda: None) -> None:
        async def turn() -> None:
            call()
            for _ in range(TURNS):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turn())

    # --- what begins

    @rule(whole=st.booleans())
    def send_a_create(self, whole: bool) -> None:
        """A create of an account of its own, the second half of its body perhaps later."""
        account = self.sandbox.apis["vidgen"].account()
        at_once(self.server.sandboxes.home.know(self.sandbox.name, self.sandbox.credentials(), True))
        self.accounts[account.id] = self.generation
        sent = Request("POST", "http://x/api/jobs", files=dict(video_files()), data={"webhookUrl": "http://a.b/"})
        headers = {**sent.headers, "x-api-key": account.key}
        self._turn(lambda: self._ask("POST", "/api/jobs", headers, sent.read(), whole, account.id))

    @rule()
    def ask_for_what_is_late(self) -> None:
        """A request whose answer takes an hour."""

        def ask() -> None:
            late = {"fault": "latency", "seconds": 3600, "operation": "getHealth", "times": 1}
            self.sandbox.apis["vidgen"].faults.arm(*fault_of(late))
            self._ask("GET", "/api/health", {}, b"", True)

        self._turn(ask)

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes, whole: bool, account: str = ""
    ) -> None:
        path = f"/@{self.sandbox.name}/vidgen{path}"
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "client": ("127.0.0.1", 1),
            "query_string": b"generation=%d" % self.generation,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        half = len(body) // 2
        pieces = [body] if whole else [body[:half], body[half:]]

        async def receive() -> Any:
            if not pieces:
                await asyncio.Event().wait()
            if len(pieces) == 1 and not whole:
                await begun.rest.wait()
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            begun.status = message.get("status", begun.status)

        begun = Begun(self.generation, self.loop.create_task(self.server(scope, receive, send)), account=account)
        self.begun.append(begun)

    @rule(seconds=st.sampled_from([1, 20, 400]))
    def advance(self, seconds: float) -> None:
        def move() -> None:
            task = self.loop.create_task(self.sandbox.outbox.advance(seconds))
            self.begun.append(Begun(self.generation, task, seconds=seconds))

        self._turn(move)

    # --- what goes on

    @rule(which=st.integers(0, 9))
    def send_the_rest(self, which: int) -> None:
        waiting = [each for each in self.begun if not each.rest.is_set()]
        if waiting:
            waiting[which % len(waiting)].rest.set()
        self._turn()

    @precondition(lambda self: any(not each.done() for each in self.receivers.waiting))
    @rule(which=st.integers(0, 9), is_good=st.booleans(), turns=st.booleans())
    def a_receiver_answers(self, which: int, is_good: bool, turns: bool) -> None:
        waiting = [each for each in self.receivers.waiting if not each.done()]
        waiting[which % len(waiting)].set_result(TAKEN if is_good else REFUSED)
        if turns:  # else what follows comes before anybody heard of it
            self._turn()

    # --- what ends it

    @rule(turns=st.booleans())
    def reset(self, turns: bool) -> None:
        self._end(self.sandbox.reset, turns)
        self._start_over()
        assert len(self.sandbox.journal) == 0
        assert not self.sandbox.outbox.postings

    @rule(turns=st.booleans())
    def close(self, turns: bool) -> None:
        self._end(lambda: self.server.sandboxes.close(self.sandbox.name), turns)
        self._turn(self._make)

    def _end(self, call: Callable[[], None], turns: bool) -> None:
        async def end() -> None:
            call()

        self.loop.run_until_complete(end())
        if turns:
            self._turn()

    # --- what must hold

    @invariant()
    def nothing_of_an_older_generation_is_there(self) -> None:
        side = self.sandbox.apis["vidgen"]
        jobs = side.store.newest(1000)
        known = {job.id for job in jobs}
        assert {self.accounts[job.account] for job in jobs} <= {self.generation}
        assert {each.job.id for each in self.sandbox.outbox.postings} <= known
        for entry in self.sandbox.journal:
            if entry.kind == "request":
                assert entry.sent is not None
                assert entry.sent.query == f"generation={self.generation}"
            else:
                assert entry.extra is not None
                assert entry.extra["job"] in known
        assert side.orders.maxlen is None
        assert sum(self.sandbox.journal.seen.values()) == sum(e.kind == "request" for e in self.sandbox.journal)

    @invariant()
    def the_clock_is_moved_by_those_of_this_generation_alone(self) -> None:
        moved = sum(each.seconds for each in self.begun if each.generation == self.generation)
        assert self.since <= self.sandbox.clock.now() <= self.since + moved

    @invariant()
    def what_was_overtaken_is_told_so_and_nothing_else_is(self) -> None:
        for each in self.begun:
            if not each.task.done():
                continue
            error = each.task.exception()
            if each.seconds:
                assert isinstance(error, Overtaken) if error else True
                assert error is None or each.generation < self.generation
            else:
                assert error is None
                assert each.status in (200, 201, 410)
                assert each.status != 410 or each.generation < self.generation

    @invariant()
    def nothing_older_is_under_way_once_the_loop_turned(self) -> None:
        self._turn()
        for each in self.begun:
            # a request whose body is still to come is read to its end first, for the client's sake
            assert each.task.done() or each.generation == self.generation or not each.rest.is_set()
        assert self.sandbox.in_flight == sum(
            1 for e in self.begun if not e.task.done() and not e.seconds and e.generation == self.generation
        )

    def teardown(self) -> None:
        for each in self.begun:
            each.task.cancel()
        self._turn()
        self.server.sandboxes.end()
        self._turn()
        self.loop.close()


Worlds.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, derandomize=True, deadline=None, database=None
)
TestGenerations = Worlds.TestCase


def test_a_task_that_somebody_else_ends_as_well_ends() -> None:
    async def both() -> bool:
        generation = Generation()

        async def work() -> None:
            with generation:
                await asyncio.Event().wait()

        task = asyncio.ensure_future(work())
        await asyncio.sleep(0)
        task.cancel()
        generation.end("the sandbox was reset")
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(both())
