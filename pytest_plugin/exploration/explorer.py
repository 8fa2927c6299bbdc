"""`@explore`: one client function under many schedules, each in a sandbox and a virtual time of its own."""

from __future__ import annotations

import asyncio
import functools
import inspect
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.schedules import Alphabet, Schedule, apply, smallest, written
from mockserver.steering import shown
from pytest_plugin.exploration.rules import JUMPS, Broken, Limits, Outcome, judge, jumped
from pytest_plugin.exploration.strategies import contract_of
from pytest_plugin.virtual_time import ClockRanAway, fast_forward

if TYPE_CHECKING:
    from mockserver.steering import SandboxHandle
    from pytest_plugin.session import Session

SEED = "explore"
LIKELY = frozenset({"status", "answer_lost", "stuck", "not_found_after_create", "completed_without_url", "short_media"})
_MOST_FAILURES = 40
Client = Callable[..., Any]


@dataclass
class Exploration:
    """What is explored, and what was found: the smallest schedule of each kind of failure."""

    api: str
    alphabet: Alphabet
    limits: Limits
    max_examples: int
    seed: int
    found: dict[tuple[str, str], tuple[Broken, Schedule, str]] = field(default_factory=dict)
    examples: int = 0

    def schedules(self) -> Iterator[Schedule]:
        """First nothing, then every event alone, the likeliest first, then several at once, by chance."""
        yield []
        draw = random.Random(self.seed)
        singles = draw.sample(self.alphabet.singles, len(self.alphabet.singles))
        singles.sort(key=lambda event: event.get("fault") not in LIKELY)
        yield from ([event] for event in singles)
        while True:
            yield self.alphabet.make(draw.randrange)

    def run(self, session: Session, call: Client) -> None:
        """Run the client under as many schedules as wanted."""
        for schedule in self.schedules():
            if self.examples >= self.max_examples or len(self.found) >= _MOST_FAILURES:
                return
            self.examples += 1
            broken, _ = self._try(session, call, schedule)
            if broken is not None and broken.kind not in self.found:
                self._shrink(session, call, broken, schedule)

    def _shrink(self, session: Session, call: Client, broken: Broken, schedule: Schedule) -> None:
        def fails(simpler: Schedule) -> bool:
            again, _ = self._try(session, call, simpler)
            return again is not None and again.kind == broken.kind

        small = smallest(schedule, fails)
        again, journal = self._try(session, call, small)
        self.found[broken.kind] = (again or broken, small, journal)

    def _try(self, session: Session, call: Client, schedule: Schedule) -> tuple[Broken | None, str]:
        """One run: what it broke, and the journal as text."""
        with session.steering.sandbox(seed=SEED, owner=f"explore {self.api}") as sandbox:
            apply(schedule, sandbox)
            outcome = self._outcome(session, sandbox, call, self.limits.seconds + jumped(schedule, JUMPS))
            api = sandbox.api(self.api)
            creates = frozenset(o.id for o in self.alphabet.contract.operations.values() if o.verb == "create")
            broken = judge(outcome, api, creates, schedule, self.limits)
            return broken, shown(api.journal) if broken is not None else ""

    def _outcome(self, session: Session, sandbox: SandboxHandle, call: Client, seconds: float) -> Outcome:
        error: BaseException | None = None
        with fast_forward(session.time_of(sandbox), seconds) as forward:
            try:
                call(sandbox.api(self.api))
            except (Exception, ClockRanAway) as raised:
                error = raised
            elapsed = forward.elapsed
        return Outcome(error, elapsed)

    def report(self) -> str:
        """Every failure: what broke, the marker that replays it, the journal."""
        parts = [f"{len(self.found)} kinds of failure in {self.examples} schedules of {self.api}"]
        for broken, schedule, journal in self.found.values():
            where = f" ({broken.where})" if broken.where else ""
            lines = "\n".join(f"    {line}" for line in journal.splitlines()[-12:])
            parts.append(f"{broken.rule}{where}: {broken.sentence}\n{written(schedule, seed=SEED)}\n{lines}")
        return "\n\n".join(parts)


def explore(
    api: str,
    *,
    max_examples: int = 200,
    raises: type[BaseException] | Iterable[type[BaseException]] = (),
    seconds: float = 900.0,
    submits: int = 1,
    webhooks: bool = False,
    seed: int = 0,
    contracts: Iterable[str | Path] = (),
) -> Callable[[Client], Client]:
    """Make a test of a client function: run it under `max_examples` schedules of one API, and judge how it fared.

    The function takes the API's view of a fresh sandbox as the argument named after the API, else as its first one;
    other arguments are fixtures, the same for all runs. It may be a coroutine function. It must return or raise one of
    `raises` within `seconds` of virtual time, create at most `submits` jobs, not ask again for one that was created
    while its answer was lost, heed Retry-After, and not be content with half a result. The test fails with every kind
    of failure, each shrunk to the smallest schedule, as a marker that replays it.
    """
    allowed = (raises,) if isinstance(raises, type) else tuple(raises)
    limits = Limits(allowed, seconds, submits)

    def decorate(client: Client) -> Client:
        names = list(inspect.signature(client).parameters)
        given = api if api in names else names[0] if names else ""

        @functools.wraps(client)
        def test(_mockserver_session: Session, **fixtures: Any) -> None:
            __tracebackhide__ = True
            alphabet = Alphabet(contract_of(api, contracts), webhooks=webhooks)
            exploration = Exploration(api, alphabet, limits, max_examples, seed)
            exploration.run(_mockserver_session, _caller(client, given, fixtures))
            if exploration.found:
                raise AssertionError(exploration.report())

        return _asking_for(test, ["_mockserver_session", *(name for name in names if name != given)])

    return decorate


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
