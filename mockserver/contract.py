"""What a contract says, as frozen data. Knows nothing of files, HTTP or time; `loader` makes these.

Dataclasses are those that requests look at, others are tuples: these are made in a third of the time, at every start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Json = Any  # a JSON value; its shape is what the contract's schemas say
Verb = Literal["answer", "token", "create", "show", "list", "move", "upload", "content"]
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
    """A named stage; timed when it has a phase, terminal when it has an end."""

    name: str
    phase: Literal["queued", "running"] | None = None
    end: Literal["success", "failure", "cancelled"] | None = None


class Run(NamedTuple):
    """What a resource does by itself; durations by phase, weights by final state."""

    durations: Mapping[str, Duration]
    curve: Curve
    outcomes: Mapping[str, float]
    errors: Mapping[str, tuple[str, ...]]


class View(NamedTuple):
    """While a quirk is on, a state within a span of progress is answered by another example."""

    state: str
    quirk: str
    low: float
    high: float
    example: str


class Value(NamedTuple):
    """What a binding writes: a fact, or text joined of parts. `of` is what stands for each text of the fact."""

    fact: str = ""
    salt: str = ""
    otherwise: Json | Value = None
    parts: tuple[str | Value, ...] = ()
    of: Mapping[str, Json] | None = None


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


class Exclusive(NamedTuple):
    """At most one resource per account in these states; otherwise this problem."""

    states: frozenset[str]
    problem: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A thing an API creates and lets you look at."""

    name: str
    id: str
    initial: str
    states: Mapping[str, State]
    run: Run | None = None
    cost: float = 0
    exclusive: Exclusive | None = None
    views: tuple[View, ...] = ()
    results: Mapping[str, Result] = field(default_factory=dict)
    produces: Produces | None = None

    @property
    def success(self) -> frozenset[str]:
        """The states in which the results are there."""
        return frozenset(s.name for s in self.states.values() if s.end == "success")


class Example(NamedTuple):
    """A named answer: `name` without quirk suffixes, `off` the quirks switched off in this variant.

    `declared` are the headers of its response, in lower case. One without a media type has no body.
    """

    name: str
    off: frozenset[str]
    status: int
    media_type: str
    value: Json
    headers: tuple[tuple[str, str], ...]
    pointer: str
    schema: str | None
    declared: frozenset[str] = NONE

    @property
    def tells_when(self) -> bool:
        """Whether Retry-After goes with a passed limit: HTTP has it with 429 and 503, else the document decides."""
        return self.status in (429, 503) or "retry-after" in self.declared


class Parameter(NamedTuple):
    """A declared parameter; `pointer` leads to its schema."""

    name: str
    where: Literal["path", "query", "header", "cookie"]
    required: bool
    schema: Json
    pointer: str


class Body(NamedTuple):
    """One accepted request media type; `pointer` leads to its schema, `schema` is resolved one level."""

    media_type: str
    schema: Json
    pointer: str


class FileRule(NamedTuple):
    """What an uploaded part may be, and the problems that refuse it. `max_bytes` itself is still allowed."""

    accept: tuple[str, ...]
    max_bytes: int
    unsupported: str
    too_large: str


class Stand(NamedTuple):
    """A text field of a form in which a file may come while a quirk is on: as if it came in the field `field`."""

    field: str
    quirk: str


class Reference(NamedTuple):
    """What a request names must exist: a resource in certain states, or an id in a listed answer."""

    at: str
    missing: str
    resource: str = ""
    states: frozenset[str] = NONE
    otherwise: str = ""
    listed: frozenset[str] = NONE
    accept: tuple[str, ...] = ()
    unsupported: str = ""


class Paging(NamedTuple):
    """How a list is read: pointers into the example page, names of parameters.

    `from_next`: a cursor is the id of the first on the next page; otherwise of the last on this one.
    """

    items: str
    item_state: str | None
    states: tuple[str, ...]
    filters: Mapping[str, str]
    limit: str | None
    default: int
    cursor: str | None
    page: Mapping[str, Value]
    from_next: bool = False


@dataclass(frozen=True, slots=True)
class Security:
    """How an operation knows its caller: `key` in a header, `token` as a bearer, `signed` URL, or `open`."""

    kind: Literal["key", "token", "signed", "open"]
    header: str = ""
    expires: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, and what it does.

    `blank` are fields whose empty text is as if they were left out. `reads_any_body`: a body of another media type is
    no refusal of its own, but a form without fields.
    """

    id: str
    method: str
    path: str
    verb: Verb
    security: Security
    resources: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[Body, ...] = ()
    body_required: bool = False
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    bindings: Mapping[str, Value] = field(default_factory=dict)
    header_bindings: Mapping[str, Value] = field(default_factory=dict)
    id_at: str | None = None
    to: str = ""
    files: Mapping[str, FileRule] = field(default_factory=dict)
    stands: Mapping[str, Stand] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    invalid: Mapping[str, str] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    reads_any_body: bool = False
    results: Mapping[str, Result] = field(default_factory=dict)
    result: str = ""
    announced: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 512 << 20
    expires: int = 3600
    paging: Paging | None = None
    latency: Duration | None = None
    declared_headers: frozenset[str] = NONE


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `limit` requests in `window` seconds, counted per IP address or account.

    Requests that no operation answers count as well where their path begins with `under`.
    """

    name: str
    per: Literal["ip", "account"]
    operations: frozenset[str]
    limit: int
    window: float
    under: str = ""


class Webhook(NamedTuple):
    """A callback when a job reaches one of `states`; its body is what operation `like` answers then."""

    name: str
    resource: str
    target: str
    states: frozenset[str]
    like: str
    https_only: bool
    scheme: str
    header: str
    timeout: float
    retries: tuple[float, ...]


class Quirk(NamedTuple):
    """A documented oddity; `refuse` lists request fields that are unknown while it is off."""

    name: str
    default: bool
    title: str
    refuse: tuple[str, ...] = ()


class Scenario(NamedTuple):
    """A named set of plans, limits, latencies, quirks and faults (faults stay data until they are armed)."""

    name: str
    title: str
    quirks: Mapping[str, bool] = NOTHING
    run: Mapping[str, Run] = NOTHING
    limits: tuple[Limit, ...] | None = None
    latency: Duration | None = None
    faults: tuple[Mapping[str, Json], ...] = ()


class Match(NamedTuple):
    """For this exact input, this plan or fault."""

    operations: frozenset[str]
    at: str
    equals: Json
    plan: Mapping[str, Json] | None
    fault: Mapping[str, Json] | None
    title: str = ""


class Advice(NamedTuple):
    """How the vendor wants to be called. None: it does not say. `backoff` names what calls for growing pauses."""

    poll_seconds: float | None = None
    give_up_seconds: float | None = None
    backoff: frozenset[str] = frozenset({"errors"})
    says: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """One API: every byte a client can see, and when, how long, how many."""

    name: str
    title: str
    version: str
    hosts: tuple[str, ...]
    document: Json
    account_id: str
    account_facts: Mapping[str, Json]
    account_credits: int | None
    resources: Mapping[str, Resource]
    operations: Mapping[str, Operation]
    problems: Mapping[str, Mapping[str, Value]]
    unrouted: Mapping[str, tuple[Example, ...]]
    limits: tuple[Limit, ...]
    limit_headers: str
    webhooks: Mapping[str, Webhook]
    quirks: Mapping[str, Quirk]
    scenarios: Mapping[str, Scenario]
    matches: tuple[Match, ...]
    advice: Advice = field(default_factory=Advice)

    @property
    def off(self) -> frozenset[str]:
        """The quirks that are off from the start."""
        return frozenset(q.name for q in self.quirks.values() if not q.default)
