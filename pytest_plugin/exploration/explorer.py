"""`@explore`: one client function under many schedules, each in a sandbox and a virtual time of its own."""

from __future__ import annotations

import asyncio
import functools
import inspect
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockserver import launch
from mockserver.errors import is_on_purpose
from mockserver.exploring import JUMPS, Broken, MinimalFailure, Search, jumped
from mockserver.printable import printable
from mockserver.schedules import Alphabet, Schedule, apply, written
from mockserver.steering import shown
from mockserver.virtual_time import ClockRanAway, fast_forward
from pytest_plugin.exploration.bounds import RequestCount
from pytest_plugin.exploration.rules import RuleLimits, ScheduleOutcome, judge
from pytest_plugin.exploration.strategies import contract_of

if TYPE_CHECKING:
    from mockserver.launch import Folders
    from mockserver.steering import SandboxHandle
    from mockserver.testing.session import Session

__tracebackhide__ = is_on_purpose

SEED = "explore"
REPLAY = "each marker replays one on a test with the fixtures `fast_forward` and `intercept`"
EVERYBODY = {"*": ...}  # hosts that are nobody's in the contracts are let through
Client = Callable[..., Any]


@dataclass
class Exploration:
    """What is explored, and what was found: the smallest schedule of each kind of failure."""

    api: str
    alphabet: Alphabet
    limits: RuleLimits
    max_examples: int
    seed: int
    found: dict[tuple[str, str], MinimalFailure] = field(default_factory=dict)
    examples: int = 0

    def run(self, session: Session, call: Client) -> None:
        """Run the client under as many schedules as wanted, and make small those under which it fails."""
        pick = random.Random(self.seed).randrange
        search = Search(self.alphabet, functools.partial(self._try, session, call), self.max_examples, pick)
        search.run()
        self.found, self.examples = search.found, search.examples

    def _try(self, session: Session, call: Client, schedule: Schedule) -> tuple[Broken | None, str]:
        """One run: what it broke, and the journal as text."""
        with session.steering.sandbox(seed=SEED, owner=f"explore {self.api}") as sandbox:
            apply(schedule, sandbox)
            outcome = self._outcome(session, sandbox, call, self.limits.seconds + jumped(schedule, JUMPS))
        broken = judge(outcome, schedule, self.limits)
        return broken, shown(outcome.entries) if broken is not None else ""

    def _outcome(self, session: Session, sandbox: SandboxHandle, call: Client, seconds: float) -> ScheduleOutcome:
        error: BaseException | None = None
        api, time = sandbox.api(self.api), session.time_of(sandbox)
        count = RequestCount(time, self.limits.requests)
        with session.intercepting(sandbox, EVERYBODY, count), fast_forward(time, seconds) as forward:
            try:
                call(api)
            except (Exception, ClockRanAway) as raised:
                error = raised
            elapsed = forward.elapsed
        return ScheduleOutcome(error, elapsed, api.journal.filter(), len(api.jobs), api.conduct)

    def report(self) -> str:
        """Every failure: what broke, the marker that replays it, the journal."""
        parts = [f"{len(self.found)} kinds of failure in {self.examples} schedules of {self.api}; {REPLAY}"]
        for broken, schedule, journal in self.found.values():
            where = f" ({broken.where})" if broken.where else ""
            lines = "\n".join(f"    {line}" for line in journal.splitlines()[-12:])
            parts.append(f"{broken.rule}{where}: {broken.sentence}\n{written(schedule, seed=SEED)}\n{lines}")
        return printable("\n\n".join(parts))


def explore(
    api: str,
    *,
    max_examples: int = 200,
    raises: type[BaseException] | Iterable[type[BaseException]] = (),
    seconds: float = 900.0,
    submits: int = 1,
    requests: int = 1000,
    webhooks: bool = False,
    seed: int = 0,
    contracts: Folders = (),
) -> Callable[[Client], Client]:
    """Make a test of a client function: run it under `max_examples` schedules of one API, and judge how it fared.

    The function takes the API's view of a fresh sandbox as the argument named after the API, else as its first one;
    other arguments are fixtures, the same for all runs. It may be a coroutine function. It must return or raise one of
    `raises` within `seconds` of virtual time and `requests`, create at most `submits` jobs, not ask again for one that
    was created while its answer was lost, heed Retry-After, and not be content with half a result. The test fails with
    every kind of failure, each shrunk to the smallest schedule, as a marker that replays it. Calls to the vendor's own
    hosts go to the sandbox, too. With a server elsewhere hangs, stalls and latencies, being real there, are left out.
    """
    limits = RuleLimits((raises,) if isinstance(raises, type) else tuple(raises), seconds, submits, requests)

    def decorate(client: Client) -> Client:
        names = list(inspect.signature(client).parameters)
        given = api if api in names else names[0] if names else ""

        @functools.wraps(client)
        def test(_mockserver_session: Session, **fixtures: Any) -> None:
            __tracebackhide__ = True
            events = _alphabet(_mockserver_session, api, webhooks, contracts)
            exploration = Exploration(api, events, limits, max_examples, seed)
            exploration.run(_mockserver_session, _caller(client, given, fixtures))
            if exploration.found:
                raise AssertionError(exploration.report())

        return _asking_for(test, ["_mockserver_session", *(name for name in names if name != given)])

    return decorate


def _alphabet(session: Session, api: str, webhooks: bool, contracts: Folders) -> Alphabet:
    contract = contract_of(api, [*session.contracts, *launch.folders(contracts)])
    return Alphabet(contract, webhooks=webhooks, pace=session.running is not None)


def _asking_for(test: Client, fixtures: Iterable[str]) -> Client:
    """The same test to pytest, with these fixtures as its arguments."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    test.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in fixtures])  # type: ignore[attr-defined]
    del test.__wrapped__  # type: ignore[attr-defined]
    return test


def _caller(client: Client, given: str, fixtures: dict[str, Any]) -> Client:
    """The client as a plain function of the API's view."""

    def call(view: Any) -> None:
        result = client(**{**fixtures, **({given: view} if given else {})})
        if inspect.iscoroutine(result):
            asyncio.run(result)

    return call
