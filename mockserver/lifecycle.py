"""What becomes of a resource, as frozen data: its states, durations, curve, outcomes and results. Part of a contract.

Knows nothing of files, HTTP or time; `loader` makes these. Tuples are made in a third of the time of dataclasses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from mockserver.draws import Kind

Json = Any  # a JSON value; its shape is what the contract's schemas say
NONE: frozenset[str] = frozenset()
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Duration(NamedTuple):
    """How long something takes: `kind` fixed (seconds), uniform (low, high) or lognormal (median, sigma, max)."""

    kind: Literal["fixed", "uniform", "lognormal"]
    numbers: tuple[float, ...]


class Curve(NamedTuple):
    """How progress rises. `points` for keyframes are (time 0–1, percent); `numbers` parametrize the others."""

    kind: Literal["linear", "ease-in-out", "steps", "stall", "keyframes"] = "linear"
    numbers: tuple[float, ...] = ()
    points: tuple[tuple[float, float], ...] = ()


class State(NamedTuple):
    """A named stage; timed when it has a phase, terminal when it has an end. `share` is its weight in its phase."""

    name: str
    phase: Literal["queued", "running"] | None = None
    end: Literal["success", "failure", "cancelled"] | None = None
    share: float = 1.0


class Run(NamedTuple):
    """What a resource does by itself; durations by phase, weights by final state, lines of a log by progress."""

    durations: Mapping[str, Duration]
    curve: Curve
    outcomes: Mapping[str, float]
    errors: Mapping[str, tuple[str | Mapping[str, Json], ...]]
    log: tuple[tuple[float, str], ...] = ()


class View(NamedTuple):
    """While a quirk is on, a state within a span of progress is answered by another example."""

    state: str
    quirk: str
    low: float
    high: float
    example: str


class Rule(NamedTuple):
    """What a fact must be: one of these values (None: absent), or a list that `has` one of them."""

    fact: str
    any_of: tuple[Json, ...]
    has: bool = False


Condition = tuple[tuple[Rule, ...], ...]
"""Holds where all rules of one of its rows hold."""


class Value(NamedTuple):
    """What a binding writes: a fact, or text joined of parts. `of` is what stands for each text of the fact.

    `form` names how a time or a percentage is written where no example shows it; else it is read off the example.
    `when` it does not hold, the value is absent; without a fact it is what the example shows. What is absent is what
    `otherwise` says, or left out with `omit`. `plus` are seconds. `each` names rows of which an array is made, its
    first element with `bindings` once for each.
    """

    fact: str = ""
    salt: str = ""
    otherwise: Json | Value = None
    parts: tuple[str | Value, ...] = ()
    of: Mapping[str, Json] | None = None
    form: str = ""
    when: Condition = ()
    omit: bool = False
    plus: float = 0
    each: str = ""
    bindings: Mapping[str, Value] = NOTHING

    @property
    def is_shown(self) -> bool:
        """Whether it is what the example shows itself."""
        return not (self.fact or self.parts or self.each)


class Result(NamedTuple):
    """What a finished job leads to; `make` is one of the closed table of makers in `media`.

    `size_of` and `fps_of` say what a job's own size and frames a second are, where the job says anything of them.
    """

    name: str
    make: str
    file: str
    seconds: float = 4.0
    size: tuple[int, int] = (640, 360)
    size_of: Value | None = None
    fps: int = 10
    fps_of: Value | None = None
    longest: int = 512
    aspect: Value | None = None
    seed: Value | None = None
    sources: Mapping[str, tuple[str, ...]] = NOTHING
    of: str = ""
    expires: int | None = None


class Produces(NamedTuple):
    """A result that is a resource itself: its id is derived, its state computed from the job's."""

    resource: str
    when: str
    state: str
    result: str | None = None


class Receives(NamedTuple):
    """A resource is a webhook endpoint of its account: its URL, the events it wants, and the word for all of them.

    It is one in these states only.
    """

    url: Value
    events: Value | None
    all: str
    states: frozenset[str]


class Exclusive(NamedTuple):
    """At most one resource per account in these states; otherwise this problem."""

    states: frozenset[str]
    problem: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A thing an API creates and lets you look at. `bindings` fall on each success about it, `named` on one example.

    A request may refer to it in the states that are `ready` (any, if none is named); `missing` and `not_ready` are the
    problems otherwise.
    """

    name: str
    id: Kind
    initial: str
    states: Mapping[str, State]
    run: Run | None = None
    cost: float = 0
    exclusive: Exclusive | None = None
    views: tuple[View, ...] = ()
    results: Mapping[str, Result] = field(default_factory=dict)
    produces: Produces | None = None
    bindings: Mapping[str, Value] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, Value | None]] = field(default_factory=dict)
    ready: frozenset[str] = NONE
    missing: str = ""
    not_ready: str = ""
    secret: Kind | None = None
    receives: Receives | None = None

    @property
    def success(self) -> frozenset[str]:
        """The states in which the results are there."""
        return frozenset(s.name for s in self.states.values() if s.end == "success")

    @property
    def timed(self) -> list[str]:
        """The states that time leads it through, in order."""
        return [state.name for state in self.states.values() if state.phase] if self.run else []
