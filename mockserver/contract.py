"""What a contract says, as frozen data. Knows nothing of files, HTTP or time; `loader` makes these.

Dataclasses are those that requests look at, others are tuples: these are made in a third of the time, at every start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mockserver.draws import Form, Kind
from mockserver.intake import (
    HAPPENINGS,
    PARAMETER,
    STREAMS,
    Body,
    FileRule,
    Idempotency,
    Paging,
    Parameter,
    Reference,
    Security,
    Stand,
    Stream,
    Wait,
)
from mockserver.lifecycle import NOTHING, Condition, Duration, Json, Resource, Result, Run, Value
from mockserver.signatures import Signing

Verb = Literal["answer", "token", "create", "show", "list", "move", "upload", "content", "stream"]


class Example(NamedTuple):
    """A named answer: `name` without suffixes, `off` the quirks switched off in this variant.

    `variants` are the conditions of the contract under which it is given.

    `declared` are the headers of its response, in lower case, with what they show. One without a media type has no
    body. `place` is where its name stands, `pointer` where its value does.
    """

    name: str
    off: frozenset[str]
    status: int
    media_type: str
    value: Json
    headers: tuple[tuple[str, str], ...]
    pointer: str
    schema: str | None
    declared: Mapping[str, Json] = NOTHING
    variants: tuple[str, ...] = ()
    place: str = ""

    @property
    def title(self) -> str:
        """Its name with the variants that it is for."""
        return ".".join((self.name, *self.variants))

    @property
    def is_json(self) -> bool:
        """Whether its bytes are JSON, or its events."""
        return "json" in self.media_type or self.media_type in STREAMS

    @property
    def tells_when(self) -> bool:
        """Whether Retry-After goes with a passed limit: HTTP has it with 429 and 503, else the document decides."""
        return self.status in (429, 503) or "retry-after" in self.declared


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, and what it does.

    `path` is the whole path of its first server; by others and without any it is at one of `paths`. `pointer` leads to
    it in the document. The job it names stands at `id_at`, which is the parameter `id_index` of the path where that is
    a number, and behind `id_after`. `shared` are its path's other parameters (number, place) that creating operations
    have as well: a job is found where it was created. `blank` are fields whose empty text is as if they were left out.
    `has_steps`: more is done than its verb does, or what takes long.
    `reads_any_body`: a body of another media type is no refusal of its own, but a form without fields.
    `bindings` fall on every answer about a job (keys are pointers, or `header.` and a name), `named` on one example,
    `common` are those of each resource.
    """

    id: str
    method: str
    path: str
    verb: Verb
    security: Security
    paths: tuple[str, ...] = ()
    pointer: str = ""
    resources: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[Body, ...] = ()
    body_required: bool = False
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    bindings: Mapping[str, Value] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, Value | None]] = field(default_factory=dict)
    common: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    id_at: str | None = None
    id_index: int | None = None
    id_after: str = ""
    shared: tuple[tuple[int, str], ...] = ()
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
    idempotency: Idempotency | None = None
    wait: Wait | None = None
    stream: Stream | None = None
    has_steps: bool = False

    @property
    def holds(self) -> bool:
        """Whether its requests may wait for what becomes of a job."""
        return self.wait is not None or self.verb == "stream"

    def happens(self, name: str) -> bool:
        """Whether an example is named after what happens to a job and is no state."""
        return self.verb == "stream" and name in HAPPENINGS

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the path's parameters, in their order."""
        return tuple(PARAMETER.findall(self.path))

    def example_of(self, resource: str, state: str) -> str:
        """The name of the example for a resource in a state."""
        return f"{resource}.{state}" if len(self.resources) > 1 else state


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
    """A callback when a job comes to be in one of `states`; its body is what operation `like` answers then.

    Without `like` it is an example of its own, `message`. It goes to what the request says at the place `target` (of an
    operation in `targets`, at its own), to the URL that `to` gives, or to each endpoint that the `is_for_account` has
    registered. `events` are names of states; those that `wanted` gives, a list in the request, are sent, all where it
    gives none. `headers` are bound by the name of an example, in general under "". `echo`: the name and the value of a
    header that the client chose. Nothing is sent where `when` does not hold. `id` is the form of `webhook.id`;
    `pointer` leads to it in the document.
    """

    name: str
    resource: str
    target: str
    states: frozenset[str]
    like: str
    https_only: bool
    sign: Signing | None
    timeout: float
    retries: tuple[float, ...]
    events: Mapping[str, str] = NOTHING
    wanted: Value | None = None
    message: Operation | None = None
    headers: Mapping[str, Mapping[str, Value | None]] = NOTHING
    to: Value | None = None
    is_for_account: bool = False
    targets: Mapping[str, str] = NOTHING
    echo: tuple[Value, Value] | None = None
    id: Kind = Form("msg_", "hex")
    pointer: str = ""
    when: Condition = ()

    def headers_of(self, example: str) -> Mapping[str, Value]:
        """The headers that are bound where it shows an example of this name."""
        table = {**self.headers.get("", NOTHING), **self.headers.get(example, NOTHING)}
        return {name: value for name, value in table.items() if value is not None}

    def values(self) -> Iterator[Value]:
        """Everything it reads of its job, its body apart."""
        yield from (value for table in self.headers.values() for value in table.values() if value is not None)
        yield from (value for value in (self.wanted, self.to, *(self.echo or ())) if value is not None)
        if self.sign is not None:
            yield self.sign.over
        if self.when:
            yield Value(when=self.when)

    @property
    def told(self) -> str:
        """The operation whose examples it shows, by name."""
        return self.message.id if self.message is not None else self.like


class Quirk(NamedTuple):
    """A documented oddity; while it is off, request fields of `refuse` are unknown and answers lack those of `omit`."""

    name: str
    default: bool
    title: str
    refuse: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()


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
    """Where a request's own words are so: this plan, fault or problem. `word` is where behavior.json says which."""

    operations: frozenset[str]
    condition: Condition
    plan: Mapping[str, Json] | None
    fault: Mapping[str, Json] | None
    title: str = ""
    problem: str = ""
    word: str = "when"

    @property
    def exact(self) -> tuple[str, tuple[Json, ...]] | None:
        """The place in a body and the constants that are looked for there; None where it looks at anything else."""
        if len(self.condition) != 1 or len(self.condition[0]) != 1:
            return None
        (rule,) = self.condition[0]
        family, _, place = rule.fact.partition(".")
        if family not in ("request", "call") or not place.startswith("/") or rule.has or None in rule.any_of:
            return None
        return place, rule.any_of


class Advice(NamedTuple):
    """How the vendor wants to be called. None: it does not say. `backoff` names what calls for growing pauses."""

    poll_seconds: float | None = None
    give_up_seconds: float | None = None
    backoff: frozenset[str] = frozenset({"errors"})
    says: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """One API: every byte a client can see, and when, how long, how many. `base` goes before the document's paths."""

    name: str
    title: str
    version: str
    hosts: tuple[str, ...]
    base: str
    document: Json
    account_id: Kind
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
    account_key: Form | None = None
    variants: Mapping[str, Condition] = field(default_factory=dict)
    advice: Advice = field(default_factory=Advice)
    digest: str = ""

    @property
    def holds(self) -> bool:
        """Whether requests may wait for what becomes of a job."""
        return any(operation.holds for operation in self.operations.values())

    def operation(self, name: str) -> Operation:
        """What gives answers of that name: an operation, or the message of a webhook."""
        found = self.operations.get(name)
        return found if found is not None else self.messages[name]

    @property
    def messages(self) -> Mapping[str, Operation]:
        """The webhooks with examples of their own, as operations that answer nobody."""
        return {each.message.id: each.message for each in self.webhooks.values() if each.message is not None}

    @property
    def off(self) -> frozenset[str]:
        """The quirks that are off from the start."""
        return frozenset(q.name for q in self.quirks.values() if not q.default)
