"""What a fault is, what each category must be able to do, and the traits that other rooms ask for.

A fault is one final, frozen dataclass under one of these classes. Whoever adds one writes it into a file of its
category and nothing else: the catalogue, the documentation, schedules, conduct and exploration read the class.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from mockserver.draws import Draw
from mockserver.faults.reply import Reply
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Resource
from mockserver.timeline import Course, JobStatus, TimelinePlan

SendReply = Callable[[Reply], Awaitable[None]]
Category = Literal["clock", "job", "answer", "pace", "wire", "webhook"]
CATEGORIES: tuple[Category, ...] = ("clock", "job", "answer", "pace", "wire", "webhook")
COMMITTING: frozenset[str] = frozenset({"create", "move", "update", "upload"})
UNMOVED = "time moves nothing in it"


class Fault:
    """Any fault of the catalogue, and its traits. `times`: how often it takes effect if not told otherwise."""

    __slots__ = ()
    name: ClassVar[str] = ""
    category: ClassVar[Category]
    times: ClassVar[int | None] = None
    __dataclass_fields__: ClassVar[dict[str, Any]]

    on_downloads: ClassVar[bool] = False  # whether it can meet the download of a result
    needs_wire: ClassVar[bool] = False
    """Whether it takes a server of ours, whose connections can be broken; under another one it can do nothing."""
    on_create: ClassVar[bool] = True  # whether it can take effect in the request that creates the job
    loses_answer: ClassVar[bool] = False
    """No client learns from the answer what became of its job."""
    hides_headers: ClassVar[bool] = False
    """A client may not come to read the headers of the answer."""
    cuts_body: ClassVar[bool] = False  # a client may be content with less of a body than there was

    in_catalogue: ClassVar[bool] = True  # False for what has a control of its own
    in_schedules: ClassVar[bool] = True
    """False for what needs real seconds that virtual time cannot skip, or a body that somebody has to give."""
    variants: ClassVar[Sequence[Mapping[str, Any]]] = ({},)
    """Parameters that make it another thing to a client; {} are the defaults."""
    each_field: ClassVar[bool] = False
    """Whether schedules try it on each field of an answer, by the parameter `field`."""
    revealing: ClassVar[bool] = False
    """Whether it finds most bugs of clients; exploration tries it before others."""

    @property
    def silence_seconds(self) -> float | None:
        """For how long a client hears nothing; None when it hears something, or that cannot be said before."""
        return None


class FaultConnection(Protocol):
    """The connection of a request, as `wire` gives it; `requests` on it are counted while faults are armed."""

    requests: int

    @property
    def is_gone(self) -> bool: ...
    def take(self) -> None: ...
    def write(self, data: bytes) -> None: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...
    def pause(self) -> None: ...
    async def room(self) -> None: ...
    async def settle(self) -> None: ...
    async def gone(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a fault of the answer may know of the request: its time, its target as sent, the state of its job.

    `by_status` and `by_problem` give the operation's own examples, None when there is none, `by_key`
    that of an idempotency key which is `busy` or a `mismatch`; `whole` waits for the body.
    """

    now: float
    target: bytes
    state: str | None
    by_status: Callable[[int], Reply | None]
    by_problem: Callable[[Iterable[str]], Reply | None]
    optional: Callable[[str], frozenset[str]] = lambda example: frozenset()
    by_key: Callable[[str], Reply | None] = lambda which: None
    whole: Callable[[], Awaitable[Any]] | None = None


class ClockFault(Fault):
    """Changes what time it is, or what time an answer claims."""

    __slots__ = ()
    category: ClassVar[Category] = "clock"
    seconds: float


class AnswerFault(Fault):
    """Changes what is answered."""

    __slots__ = ()
    category: ClassVar[Category] = "answer"


class Replacing(AnswerFault):
    """Answers instead of the operation; nothing is committed."""

    __slots__ = ()

    @abstractmethod
    def answer(self, facts: RequestFacts) -> Reply | Awaitable[Reply]:
        """The answer."""


class Changing(AnswerFault):
    """Changes the bytes or the headers of an answer."""

    __slots__ = ()

    @abstractmethod
    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        """The changed answer; None when there is nothing in it to change."""


class Losing(AnswerFault):
    """Loses the answer to what was committed."""

    __slots__ = ()
    needs_wire: ClassVar[bool] = True

    @abstractmethod
    async def lose(self, connection: FaultConnection) -> None:
        """End the connection without an answer."""


class TransportFault(Fault):
    """Acts on the connection, in the answer's place or while it is sent."""

    __slots__ = ()
    on_downloads: ClassVar[bool] = True


class PaceFault(TransportFault):
    """Acts on how fast an answer comes, in real seconds."""

    __slots__ = ()
    category: ClassVar[Category] = "pace"


class WireFault(TransportFault):
    """Acts on the connection's bytes."""

    __slots__ = ()
    category: ClassVar[Category] = "wire"


class Silencing(TransportFault):
    """Happens to the connection instead of the operation; nothing is committed."""

    __slots__ = ()
    needs_wire: ClassVar[bool] = True
    loses_answer: ClassVar[bool] = True
    hides_headers: ClassVar[bool] = True

    def meets(self, n: int) -> bool:
        """Whether the nth request on the connection is meant."""
        return True

    @abstractmethod
    async def silence(self, connection: FaultConnection) -> None:
        """Do it to the connection."""


class Receiving(TransportFault):
    """Takes a share `at` of the bytes of an upload, and ends the connection while the client still sends."""

    __slots__ = ()
    on_downloads: ClassVar[bool] = False
    needs_wire: ClassVar[bool] = True
    loses_answer: ClassVar[bool] = True
    hides_headers: ClassVar[bool] = True
    at: float

    @abstractmethod
    def end(self, connection: FaultConnection) -> None:
        """End the connection."""


class Delivering(TransportFault):
    """Sends an answer in its own way."""

    __slots__ = ()
    needs_wire: ClassVar[bool] = True

    def fits(self, reply: Reply) -> bool:
        """Whether this answer can be sent so."""
        return True

    @abstractmethod
    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        """Send the answer; `send` is the usual way."""


class Pausing(TransportFault):
    """Answers later."""

    __slots__ = ()

    @abstractmethod
    def pause(self, draw: Draw, n: int) -> float:
        """Real seconds to wait before an answer is sent; `n` is how often the fault took effect before."""


class JobFault(Fault):
    """Takes hold of a job, `since` a time, and stays with it. What a class leaves out is as it is without the fault."""

    __slots__ = ()
    category: ClassVar[Category] = "job"

    def can_attach(self, job: PlannedJob, resource: Resource, now: float) -> bool:
        """Whether it can take hold of this job now: unless it says otherwise, of any that time moves."""
        return bool(job.plan.steps)

    def never(self, resource: Resource) -> str | None:
        """Why it can take hold of no job of a resource; None when it can."""
        return None if resource.timed else UNMOVED

    def plan(self, plan: TimelinePlan, resource: Resource) -> TimelinePlan:
        """The plan of the job from now on."""
        return plan

    def status(self, job: PlannedJob, standing: JobStatus, since: float, now: float) -> JobStatus:
        """How the job stands."""
        return standing

    def course(self, job: PlannedJob, since: float, now: float) -> Course:
        """What the times are reckoned from that the job tells."""
        return Course(job.plan, job.moves, now)

    def hides(self, job: PlannedJob, since: float, now: float) -> bool:
        """Whether the job cannot be found."""
        return False

    def locks(self, job: PlannedJob, now: float) -> bool:
        """Whether the job still counts as its account's active one."""
        return False

    def moments(self, job: PlannedJob, since: float) -> tuple[float, ...]:
        """When it changes what is said of the job, besides the ends of the plan's steps."""
        return ()

    @property
    def url(self) -> bool:
        """Whether results have URLs."""
        return True

    @property
    def refusal(self) -> str | None:
        """The name of the refusal that results are answered with."""
        return None

    @property
    def cut(self) -> float | None:
        """The share of a result's bytes after which they break off."""
        return None

    @property
    def corrupts(self) -> bool:
        """Whether the bytes of results are damaged."""
        return False
