"""What becomes of a resource, as frozen data: its states, durations, curve, outcomes and results. Part of a contract.

Knows nothing of files, HTTP or time; `loader` makes these. Tuples are made in a third of the time of dataclasses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeGuard

from mockserver.conditions import Condition
from mockserver.draws import IdKind
from mockserver.json_types import JsonValue

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


class LifecycleState(NamedTuple):
    """A named stage; timed when it has a phase, terminal when it has an end. `share` is its weight in its phase.

    `chance` is how often a run passes it. One that has `after` (or `after_of`, which its request says) is left by
    itself, for `then`. What is `gone` is found no more. Results are there after a success, and in a state that says so.
    A run that comes to an end with `during` passes no states behind those of that phase.
    """

    name: str
    phase: Literal["queued", "running"] | None = None
    end: Literal["success", "failure", "cancelled"] | None = None
    share: float = 1.0
    chance: float = 1.0
    after: Duration | None = None
    then: str = ""
    gone: bool = False
    results: bool = False
    after_of: Value | None = None
    during: Literal["queued", "running"] | None = None

    @property
    def leaves(self) -> bool:
        """Whether it is left by itself."""
        return self.after is not None or self.after_of is not None


class Within(NamedTuple):
    """A run that lasts longer than so many seconds ends then, in that state; or by the state that it is found in.

    Found in a state that is not named there, it goes on.
    """

    seconds: float | Value
    then: str | Mapping[str, str]

    @property
    def ends(self) -> tuple[str, ...]:
        """The states in which it ends so."""
        return (self.then,) if isinstance(self.then, str) else tuple(self.then.values())

    def leads(self, state: str) -> str:
        """The state in which it ends when it is found in that one; empty where it goes on."""
        return self.then if isinstance(self.then, str) else self.then.get(state, "")


class Run(NamedTuple):
    """What a resource does by itself; durations by phase, weights by final state, lines of a log by progress."""

    durations: Mapping[str, Duration]
    curve: Curve
    outcomes: Mapping[str, float]
    errors: Mapping[str, tuple[str | Mapping[str, JsonValue], ...]]
    log: tuple[tuple[float, str], ...] = ()
    within: Within | None = None


class View(NamedTuple):
    """While a quirk is on, a state within a span of progress is answered by another example."""

    state: str
    quirk: str
    low: float
    high: float
    example: str


class Value(NamedTuple):
    """What a binding writes: a fact, or text joined of parts. `of` is what stands for each text of the fact.

    `form` names how a time or a percentage is written where no example shows it; else it is read off the example.
    `when` it does not hold, the value is absent; without a fact it is what the example shows. What is absent is what
    `otherwise` says, or left out with `omit`. `plus` are seconds, or what gives them; `times` is a factor. `each` names
    rows of which an array is made, its first element with `bindings` once for each.
    """

    fact: str = ""
    salt: str = ""
    otherwise: JsonValue | Value = None
    parts: tuple[str | Value, ...] = ()
    of: Mapping[str, JsonValue] | None = None
    form: str = ""
    when: Condition = ()
    omit: bool = False
    plus: float | Value = 0
    each: str = ""
    bindings: Mapping[str, Value] = NOTHING
    times: float = 1

    @property
    def is_shown(self) -> bool:
        """Whether it is what the example shows itself."""
        return not (self.fact or self.parts or self.each)

    @property
    def rows(self) -> str:
        """The fact of whose rows an array is made: those of all items are of `items`, too."""
        return self.each.removeprefix("all-")


class Term(NamedTuple):
    """A part of a price: the product of its factors, divided by `per`, rounded `up` or `down`."""

    factors: tuple[float | Value, ...]
    per: float = 1
    rounded: Literal["", "up", "down"] = ""


Price = tuple[Term, ...]
"""The sum of its terms."""


MAKES: Mapping[str, tuple[str, ...]] = {
    "video": (".mp4",),
    "picture": (".png", ".jpg", ".jpeg"),
    "edited": (".png", ".jpg", ".jpeg"),
    "inpainted": (".png", ".jpg", ".jpeg"),
    "page": (".html",),
    "audio": (".mp3", ".wav"),
    "text": (".txt", ".srt", ".vtt", ".csv", ".md"),
    "json": (".json",),
    "jsonl": (".jsonl", ".ndjson"),
    "file": (),
}
"""What results may be made, and how the names of their files end; of `file` as they like."""


def is_size(value: object) -> TypeGuard[Sequence[int]]:
    """Whether a picture can have that width and height."""
    return isinstance(value, list | tuple) and len(value) == 2 and all(is_count(n) and 16 <= n <= 4096 for n in value)


def is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def is_seconds(value: object) -> TypeGuard[float]:
    """Whether a film or a sound can be so long."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 60


UPLOAD = "upload."
"""Names of uploaded parts carry this prefix where names of results may stand; results have no dot."""

PARENT = "parent"
"""Under this word it is kept which job brought something forth: no place of a request is called so."""


def constants_of(value: Value) -> Iterator[JsonValue]:
    """What a value may be that the contract says itself."""
    yield from (value.of or {}).values()
    if isinstance(value.otherwise, Value):
        yield from constants_of(value.otherwise)
    elif value.otherwise is not None:
        yield value.otherwise


Bindings = Mapping[str, Value]


class Result(NamedTuple):
    """What a finished job leads to; `make` is one of the closed table of makers in `media`.

    `size_of` (a value, or one for each side), `fps_of` and `seconds_of` say what those are of a job. `text` is what a
    text says, `data` the bytes of a file of the contract, `items` the outcomes of the items that are lines of it.
    """

    name: str
    make: str
    file: str
    seconds: float = 4.0
    size: tuple[int, int] = (640, 360)
    size_of: Value | tuple[int | Value, int | Value] | None = None
    fps: int = 10
    fps_of: Value | None = None
    longest: int = 512
    aspect: Value | None = None
    seed: Value | None = None
    sources: Mapping[str, tuple[str, ...]] = NOTHING
    of: str = ""
    expires: int | None = None
    seconds_of: Value | None = None
    text: Value | None = None
    data: bytes | None = None
    items: tuple[str, ...] = ()


class Produces(NamedTuple):
    """A result that is a resource itself: its id is derived, its state computed from the job's."""

    resource: str
    when: str
    state: str
    result: str | None = None


class Items(NamedTuple):
    """What a job does one by one: an array of the request, or the lines of files that it names, and their outcomes.

    They are found at the first of `places` where something stands.

    An item of which a condition of `matches` holds comes to the outcome named there, whatever is drawn. `left` is what
    becomes of those that are not done when the job comes to a state.
    """

    places: tuple[str, ...]
    outcomes: Mapping[str, float]
    matches: tuple[tuple[Condition, str], ...] = ()
    left: Mapping[str, str] = NOTHING

    @property
    def names(self) -> list[str]:
        """Every outcome that an item may come to."""
        said = [*self.outcomes, *(outcome for _, outcome in self.matches), *self.left.values()]
        return [*dict.fromkeys(said)]


class ProducedResource(NamedTuple):
    """A resource that a job brings forth when it comes to one of the states `on`; it begins in `state`.

    The bytes of the job's `result` are those of its uploaded part `part`.
    """

    resource: str
    on: frozenset[str]
    state: str = ""
    result: str = ""
    part: str = "body"


class Receives(NamedTuple):
    """A resource is a webhook endpoint of its account: its URL, the events it wants, and the word for all of them.

    It is one in these states only.
    """

    url: Value
    events: Value | None
    all: str
    states: frozenset[str]


class Exclusive(NamedTuple):
    """At most so many resources of an account in these states; otherwise this problem."""

    states: frozenset[str]
    problem: str
    most: int = 1


@dataclass(frozen=True, slots=True)
class Resource:
    """A thing an API creates and lets you look at. `bindings` fall on each success about it, `named` on one example.

    `templates` are the examples of what is in its results, by name; `cost_of` says what a job costs, where it says so.
    `refunds` are the shares of its price that are given back when it comes to a state.
    A request may refer to it in the states that are `ready` (any, if none is named); `missing` and `not_ready` are the
    problems otherwise.
    """

    name: str
    id: IdKind
    initial: str
    states: Mapping[str, LifecycleState]
    run: Run | None = None
    cost: float = 0
    exclusive: Exclusive | None = None
    views: tuple[View, ...] = ()
    results: Mapping[str, Result] = field(default_factory=dict)
    produces: Produces | None = None
    bindings: Mapping[str, Value] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, Value | None]] = field(default_factory=dict)
    templates: Mapping[str, JsonValue] = field(default_factory=dict)
    cost_of: Price | None = None
    makes: Mapping[str, ProducedResource] = field(default_factory=dict)
    items: Items | None = None
    ready: frozenset[str] = NONE
    missing: str = ""
    not_ready: str = ""
    secret: IdKind | None = None
    receives: Receives | None = None
    refunds: Mapping[str, float | Price] = field(default_factory=dict)

    @property
    def success(self) -> frozenset[str]:
        """The states in which the results are there."""
        return frozenset(s.name for s in self.states.values() if s.end == "success" or s.results)

    @property
    def timed(self) -> list[str]:
        """The states that time leads it through, in order."""
        return [state.name for state in self.states.values() if state.phase] if self.run else []

    @property
    def rests(self) -> bool:
        """Whether it stays in its first state until a move begins its run."""
        return bool(self.timed) and self.states[self.initial].phase is None

    @property
    def gone(self) -> frozenset[str]:
        """The states in which it is found no more."""
        return frozenset(state.name for state in self.states.values() if state.gone)

    @property
    def outcomes(self) -> list[str]:
        """The ends that its run may come to: successes, failures, and what its outcomes name."""
        drawn = self.run.outcomes if self.run is not None else ()
        return [s.name for s in self.states.values() if s.end in ("success", "failure") or (s.end and s.name in drawn)]

    def error_in(self, state: str) -> str | Mapping[str, JsonValue] | None:
        """What a job that comes to a state shows as its error, where a plan says nothing of it."""
        messages = self.run.errors.get(state) if self.run is not None else None
        return messages[0] if messages else None

    def following(self, states: Iterable[str]) -> set[str]:
        """These states, and those that come after them by themselves."""
        reached, waiting, timed = set[str](), [*states], self.timed
        while waiting:
            name = waiting.pop()
            if name in self.states and name not in reached:
                reached.add(name)
                waiting += [self.states[name].then, *(self._behind(timed.index(name)) if name in timed else ())]
        return reached

    def _behind(self, index: int) -> Iterator[str]:
        """The states that its run comes to behind one of the timed ones."""
        yield from self.timed[index + 1 :]
        yield from self.outcomes
        if self.run is not None and self.run.within is not None:
            yield from self.run.within.ends

    def by_itself(self) -> set[str]:
        """The states that it begins in, and comes to without anybody's doing."""
        return self.following([self.initial])
