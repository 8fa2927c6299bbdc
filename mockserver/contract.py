"""What a contract says, as frozen data. Knows nothing of files, HTTP or time; `loader` makes these.

Dataclasses are those that requests look at, others are tuples: these are made in a third of the time, at every start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mockserver.conditions import Condition
from mockserver.draws import IdForm, IdKind
from mockserver.intake import (
    GONE,
    HAPPENINGS,
    INCOMPLETE,
    PARAMETER,
    STREAMS,
    FileRule,
    Idempotency,
    Joins,
    Paging,
    Parameter,
    Pieces,
    Reference,
    RequestBody,
    Security,
    Stand,
    Stream,
    Updates,
    Wait,
)
from mockserver.json_types import JsonValue
from mockserver.lifecycle import NONE, NOTHING, UPLOAD, Duration, Resource, Result, Value, constants_of
from mockserver.rules import Advice, Limit, Match, Quirk, Scenario
from mockserver.signatures import Signing

__all__ = ["Advice", "Contract", "Example", "Limit", "Match", "Operation", "Quirk", "Scenario", "VerbName", "Webhook"]

VerbName = Literal["answer", "token", "create", "show", "list", "move", "update", "upload", "content", "stream"]
NAMES_JOB: frozenset[VerbName] = frozenset({"show", "move", "update", "upload", "content", "stream"})
"""Verbs whose request names the job it is about; the same as `names_job` in operations/table.py."""
How = Literal["replace", "merge"]


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
    value: JsonValue
    headers: tuple[tuple[str, str], ...]
    pointer: str
    schema: str | None
    declared: Mapping[str, JsonValue] = NOTHING
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
    have, too. `blank` are fields whose empty text is as if they were left out. `gives_bytes`: it is answered with the
    bytes of a result, `result` or what `result_of` says, as the media type that it `sends`. `offered` are the media
    types of its successes, where clients choose. `text_bytes` is how large a body of JSON or of fields may be.
    `has_steps`: more is done than its verb does. `sets` are the places of the creating request that an update says
    anew, and how. `reads_any_body`: a body of another media type is no refusal of its own. `bindings` fall on every
    answer about a job (keys are pointers, or `header.` and a name), `named` on one example, `common` are those of each
    resource. `inner` is where in a webhook's message an answer stands.
    """

    id: str
    method: str
    path: str
    verb: VerbName
    security: Security
    paths: tuple[str, ...] = ()
    pointer: str = ""
    resources: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[RequestBody, ...] = ()
    body_required: bool = False
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    bindings: Mapping[str, Value] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, Value | None]] = field(default_factory=dict)
    common: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    id_at: str | None = None
    id_index: int | None = None
    id_after: str = ""
    shared: tuple[tuple[int, str], ...] = ()
    to: str | Mapping[str, str] = ""
    sets: Mapping[str, How] = field(default_factory=dict)
    files: Mapping[str, FileRule] = field(default_factory=dict)
    stands: Mapping[str, Stand] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    invalid: Mapping[str, str] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    reads_any_body: bool = False
    results: Mapping[str, Result] = field(default_factory=dict)
    result: str = ""
    result_of: Value | None = None
    gives_bytes: bool = False
    sends: str | Value = ""
    offered: tuple[str, ...] = ()
    announced: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 512 << 20
    text_bytes: int = 1 << 20
    expires: int = 3600
    paging: Paging | None = None
    latency: Duration | None = None
    idempotency: Idempotency | None = None
    wait: Wait | None = None
    stream: Stream | None = None
    pieces: Pieces | None = None
    joins: Joins | None = None
    has_steps: bool = False
    inner: str = ""

    @property
    def holds(self) -> bool:
        """Whether its requests may wait for what becomes of a job."""
        return self.wait is not None or self.stream is not None

    def happens(self, name: str) -> bool:
        """Whether an example is named after what happens to a job and is no state."""
        is_streamed = self.stream is not None or not self.path
        return (is_streamed and name in HAPPENINGS) or (self.pieces is not None and name == INCOMPLETE)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the path's parameters, in their order."""
        return tuple(PARAMETER.findall(self.path))

    @property
    def id_in_query(self) -> str:
        """The parameter of the query that names the job; empty where none does."""
        where, _, name = (self.id_at or "").partition(".")
        return name if where == "query" else ""

    @property
    def names_in_url(self) -> bool:
        """Whether the URL of a request names its job."""
        return self.id_index is not None or bool(self.id_in_query)

    def leads(self, state: str) -> str:
        """The state to which it moves what it finds in a state; empty where that stays."""
        return self.to if isinstance(self.to, str) else self.to.get(state, "")

    @property
    def gives_uploads(self) -> bool:
        """Whether it may be answered with bytes that were uploaded, which are there in every state."""
        return self.verb == "content" and any(name.startswith(UPLOAD) for name in self.result_names)

    @property
    def result_names(self) -> Sequence[str]:
        """The results that it may be answered with, as far as the contract names them."""
        if self.result_of is None:
            return (self.result,) if self.result else ()
        return [constant for constant in constants_of(self.result_of) if isinstance(constant, str)]

    @property
    def targets(self) -> tuple[str, ...]:
        """The states to which it moves."""
        to = (self.to,) if isinstance(self.to, str) else self.to.values()
        return tuple(dict.fromkeys(filter(None, (*to, self.pieces.cancels if self.pieces else ""))))

    def example_of(self, resource: str, state: str) -> str:
        """The name of the example for a resource in a state."""
        return f"{resource}.{state}" if len(self.resources) > 1 else state


class Webhook(NamedTuple):
    """A callback when a job comes to be in one of `states`; its body is what operation `like` answers then.

    Without `like` it is an example of its own, `message`. It goes to what the request says at the place `target` (of an
    operation in `targets`, at its own), to the URL that `to` gives, or to each endpoint that the `is_for_account` has
    registered. `events` are names of states; those that `wanted` gives, a list in the request, are sent, all where it
    gives none. `headers` are bound by the name of an example, in general under "". `echo`: the name and the value of a
    header that the client chose. Nothing is sent where `when` does not hold. `id` is the form of `webhook.id`;
    `pointer` leads to it in the document. Of a form, `deep` fields go member by member. `final` are the statuses that
    end the attempts, `updates` what it tells of a job that goes on.
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
    id: IdKind = IdForm("msg_", "hex")
    pointer: str = ""
    when: Condition = ()
    media_type: str = "application/json"
    deep: frozenset[str] = NONE
    final: frozenset[int] = GONE
    updates: Updates = Updates()

    def event_of(self, state: str) -> str:
        """What it calls a job's coming to a state."""
        return self.events.get(state, state)

    @property
    def told(self) -> str:
        """The operation whose examples it shows, by name."""
        return self.message.id if self.message is not None else self.like


@dataclass(frozen=True, slots=True)
class Contract:
    """One API: all that a client can see, and when, how long, how many. `base` and what `hosts` say go before paths.

    `edition` is the same for contracts of the same text, where it was taken up from edited files; empty for others.
    `document` and `behavior` are its two files as they were read.
    """

    name: str
    title: str
    version: str
    hosts: Mapping[str, str]
    base: str
    document: JsonValue
    account_id: IdKind
    account_facts: Mapping[str, JsonValue]
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
    account_key: IdForm | None = None
    variants: Mapping[str, Condition] = field(default_factory=dict)
    advice: Advice = field(default_factory=Advice)
    edition: str = ""
    behavior: JsonValue = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether requests may wait for what becomes of a job."""
        return any(operation.holds for operation in self.operations.values())

    def operation(self, name: str) -> Operation:
        """What gives answers of that name: an operation, or the message of a webhook."""
        operation = self.operations.get(name)
        return operation if operation is not None else self.messages[name]

    @property
    def messages(self) -> Mapping[str, Operation]:
        """The webhooks with examples of their own, as operations that answer nobody."""
        return {
            webhook.message.id: webhook.message for webhook in self.webhooks.values() if webhook.message is not None
        }

    @property
    def off(self) -> frozenset[str]:
        """The quirks that are off from the start."""
        return frozenset(q.name for q in self.quirks.values() if not q.default)
