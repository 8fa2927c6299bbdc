"""What is made of calls on the way to a contract: operations, resources, jobs and how they were seen to stand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import named_by_request
from mockserver.pointers import MISSING, get


@dataclass(slots=True)
class StatePlace:
    """Where an answer tells the state: `kind` is `field`, `flag` (true at the end), `value` (null until the end),
    `status` (202 until then) or `event` (its name). `before` is the word for a field that has none yet, empty
    where it always has one; `comes_late`: it may not be there then, either.
    """

    kind: str
    at: str = ""
    before: str = ""
    comes_late: bool = False


@dataclass(slots=True, eq=False)
class ObservedOperation:
    """All calls of a method and a path. `id_at` is where the answer of what creates has the id; `place` is where the
    requests of others name it, in the words of the contract language, empty for the path's one parameter.
    """

    method: str
    template: str
    calls: list[ObservedCall]
    name: str = ""
    verb: str = "answer"
    resources: list[str] = field(default_factory=list)
    id_at: str = ""
    place: str = ""
    items: str = ""
    state: StatePlace | None = None
    to: str = ""
    signed: bool = False
    result: str = ""
    asked: set[tuple[str, str]] = field(default_factory=set)
    """The places that were asked for, with the parameters in them."""
    media: str = ""
    """The media type of a stream, whose events are the calls then; `whole` are the answers that they came in."""
    whole: list[ObservedCall] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    """By name of an event, where that tells the state: the word for it."""
    variants: dict[int, str] = field(default_factory=dict)
    """By number of a call: the variant that its answer is."""
    item_at: str = ""
    """Where an item of a list tells its state."""
    repeated: dict[str, type] = field(default_factory=dict)
    """By place of what requests say as text, in forms and queries: the type as which answers repeat it."""

    @property
    def good(self) -> list[ObservedCall]:
        """The calls that were answered with a success."""
        return [call for call in self.calls if call.is_good or (300 <= call.status < 400)]


@dataclass(slots=True)
class Sighting:
    """A job in a state, at a moment; by what call."""

    at: float
    state: str
    call: ObservedCall
    operation: ObservedOperation


@dataclass(slots=True, eq=False)
class ObservedJob:
    """One that was created; `moves` are the calls that may have moved it."""

    id: str
    created: ObservedCall
    maker: ObservedOperation
    sightings: list[Sighting] = field(default_factory=list)
    moves: list[tuple[ObservedCall, ObservedOperation]] = field(default_factory=list)
    timeline: list[tuple[int, str, ObservedOperation | None]] = field(default_factory=list)
    """By number of a call: the word that it showed, or what moved it then."""

    def sighted(self, call: ObservedCall) -> str | None:
        """What a call showed of it."""
        index = bisect_left(self.sightings, call.number, key=lambda each: each.call.number)
        found = self.sightings[index] if index < len(self.sightings) else None
        return found.state if found is not None and found.call is call else None

    def moved(self, after: int, until: int) -> ObservedOperation | None:
        """What moved it first between two calls; None where time alone did."""
        index = bisect_right(self.moves, after, key=lambda each: each[0].number)
        return self.moves[index][1] if index < len(self.moves) and self.moves[index][0].number <= until else None


@dataclass(slots=True)
class ObservedState:
    """A state of a resource: `word` is what answers write, `written` the same where that is no text, `meaning` its
    phase or end, or `still` where only moves lead on.
    """

    name: str
    word: str
    meaning: str
    seconds: list[float] = field(default_factory=list)
    is_seen: bool = True
    written: JsonValue = MISSING

    @property
    def said(self) -> JsonValue:
        """What stands for it in JSON."""
        return self.word if self.written is MISSING else self.written

    @property
    def is_plain(self) -> bool:
        """Whether its name in a contract is what stands for it."""
        return bool(self.said == self.name)


@dataclass(slots=True)
class ObservedResource:
    """What lives on behind an id."""

    name: str
    makers: list[ObservedOperation]
    jobs: dict[str, ObservedJob] = field(default_factory=dict)
    operations: list[ObservedOperation] = field(default_factory=list)
    states: dict[str, ObservedState] = field(default_factory=dict)
    streams: dict[int, ObservedJob] = field(default_factory=dict)
    """By number of an answer that is a stream: the job that it created."""
    results: dict[str, JsonValue] = field(default_factory=dict)
    """By pointer of a URL in answers: what it led to."""

    def named(self, call: ObservedCall) -> Iterator[ObservedJob]:
        """The jobs that a request names, each once, those of its path first."""
        yield from (self.jobs[value] for value in named_by_request(call) if value in self.jobs)

    def created(self, call: ObservedCall, op: ObservedOperation) -> ObservedJob | None:
        """The job that a call of this operation created."""
        value = get(call.answer, op.id_at) if op in self.makers and call.answer is not MISSING else MISSING
        job = self.jobs.get(str(value)) if value is not MISSING else None
        if call.stream is not None and op in self.makers:
            return self.streams.get(call.stream.number)
        return job if job is not None and job.created is call else None

    def about(self, call: ObservedCall, op: ObservedOperation) -> list[ObservedJob]:
        """The jobs that a call created or names."""
        created, several = self.created(call, op), [*self.named(call)]
        return several if created is None or created in several else [created, *several]


@dataclass(slots=True)
class Observed:
    """All of it; `notes` is what to look at, as rows of subject, meaning and advice."""

    host: str
    scheme: str
    operations: list[ObservedOperation] = field(default_factory=list)
    resources: dict[str, ObservedResource] = field(default_factory=dict)
    downloads: list[ObservedCall] = field(default_factory=list)
    variants: dict[str, JsonValue] = field(default_factory=dict)
    """Conditions by name, under which answers have another shape."""
    notes: list[tuple[str, str, str]] = field(default_factory=list)
