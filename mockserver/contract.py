"""What a contract says, as frozen data. Knows nothing of files, HTTP or time; `loader` makes these.

Dataclasses are those that requests look at, others are tuples: these are made in a third of the time, at every start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mockserver.draws import Form, Kind
from mockserver.intake import PARAMETER, Body, FileRule, Paging, Parameter, Reference, Security, Stand
from mockserver.lifecycle import NOTHING, Duration, Json, Resource, Result, Run, Value

Verb = Literal["answer", "token", "create", "show", "list", "move", "upload", "content"]


class Example(NamedTuple):
    """A named answer: `name` without quirk suffixes, `off` the quirks switched off in this variant.

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
    place: str = ""

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

    Without `like` it is an example of its own, `message`. `target` is a place in the request. `events` are names of
    states; those that `wanted` gives, a list in the request, are sent, all where it gives none.
    """

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
    events: Mapping[str, str] = NOTHING
    wanted: Value | None = None
    message: Operation | None = None

    @property
    def told(self) -> str:
        """The operation whose examples it shows, by name."""
        return self.message.id if self.message is not None else self.like


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
    """One API: every byte a client can see, and when, how long, how many. `base` goes before the document's paths.

    `digest` is that of its files, where they are known.
    """

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
    advice: Advice = field(default_factory=Advice)
    digest: str = ""

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
