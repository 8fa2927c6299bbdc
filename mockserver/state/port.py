"""The port through which requests reach what outlives them, and the records that cross it. Knows no home.

Every record is a value that could be written as JSON; no callable crosses. Each call is atomic. A request calls
`begin`, decides by what it was given, and calls `commit`; when something it saw has changed meanwhile, nothing is done,
and it looks again and decides again, with the same time and numbers. At its end come `enter` and `finish`, which are
never waited for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from mockserver.clock import ClockReading
from mockserver.journal import EntryFields
from mockserver.state.configuration import Configuration
from mockserver.state.fault_port import FaultState
from mockserver.state.held_port import HeldState
from mockserver.state.journal_port import JournalState
from mockserver.state.records import (
    Begin,
    Begun,
    Charge,
    Drop,
    Effect,
    Forget,
    IssueSecret,
    KeepUpload,
    KeyName,
    KeyUse,
    Lookup,
    Moved,
    NamedJobs,
    Occupy,
    PageOf,
    PlanOrder,
    Post,
    Prolong,
    PutJob,
    Refund,
    SaveAnswer,
    SavedAnswer,
    UseOrder,
    WantedRecords,
)
from mockserver.state.request_port import RequestState
from mockserver.state.snapshot_port import SnapshotState
from mockserver.state.upload_port import UploadState
from mockserver.state.watch_port import WatchState
from mockserver.state.webhook_port import WebhookState
from mockserver.store import JobRecord, LockOwner

__all__ = (
    "Begin",
    "Begun",
    "Charge",
    "Drop",
    "Effect",
    "Forget",
    "IssueSecret",
    "KeepUpload",
    "KeyName",
    "KeyUse",
    "Lookup",
    "Moved",
    "NamedJobs",
    "Occupy",
    "PageOf",
    "PlanOrder",
    "Post",
    "Prolong",
    "PutJob",
    "Refund",
    "SaveAnswer",
    "SavedAnswer",
    "Stale",
    "State",
    "UseOrder",
    "WantedRecords",
)


class Stale(Exception):
    """A request was about to begin by what control has changed meanwhile: see what is there, and begin anew."""


class State(
    FaultState, HeldState, JournalState, RequestState, SnapshotState, UploadState, WatchState, WebhookState, Protocol
):
    """The state of one sandbox."""

    async def configuration(self) -> Configuration:
        """What control switched. Raises Closed where the sandbox is there no more; no request begins then."""

    async def configure(self, configuration: Configuration) -> bool:
        """Keep the next revision. False when somebody else was faster."""

    async def reset(self, configuration: Configuration) -> bool:
        """Begin the next generation, by this configuration: jobs, orders, windows, keys and the journal go.

        Requests that began before change nothing any more. False when somebody else was faster.
        """

    async def reserve(self, purposes: Sequence[str]) -> Sequence[int]:
        """The numbers of the next draws, one for each purpose, which nobody else will get."""

    async def read_clock(self, tick: bool = False) -> ClockReading:
        """How the clock goes, and what it says; a stepping one moves before, with `tick`."""

    async def switch_clock(self, reading: ClockReading) -> ClockReading | None:
        """Let the clock go so from now on, where it stands. None when somebody else was faster.

        `reading` has the next revision; what it says that time it is does not count. Raises ClockError.
        """

    async def move_clock(self, generation: int, to: float, by: float = 0.0) -> ClockReading:
        """Move the clock forward to a moment, and then by seconds, as far as there are dates.

        A moment already past leaves it where it is. Raises Overtaken for a generation that is over.
        """

    async def begin(self, begin: Begin, job: str, valid_until: float, n: int) -> Begun | None:
        """Move a stepping clock, give numbers, count against limits, look up what is wanted and the job that is named.

        With `n`, the number of a request that has begun already, neither the clock moves nor a number is given. None,
        and nothing is done, where a request would begin by another configuration than the one that is there.
        Raises Overtaken, as `commit` and `claim_key` do, for one that began before a reset.
        """

    async def look(self, api: str, job: str, wanted: WantedRecords | None) -> Lookup:
        """Look up the job that is named and what is wanted, once more."""

    async def look_up(self, api: str, ids: Sequence[str]) -> Mapping[str, NamedJobs]:
        """The jobs behind ids."""

    async def page(self, api: str, page: PageOf) -> tuple[Sequence[JobRecord], JobRecord | None]:
        """A page of jobs, and the next one."""

    async def count(self, api: str, owner: LockOwner) -> int:
        """How many jobs an owner has."""

    async def newest(self, api: str, limit: int) -> Sequence[JobRecord]:
        """The newest jobs of all accounts."""

    async def commit(self, api: str, n: int, effects: Sequence[Effect]) -> bool:
        """Do all of it, or nothing: False when something is not as it was expected."""

    async def place(self, api: str, order: PlanOrder) -> PlanOrder | None:
        """Let an order wait for its jobs; gives it with its id, and None where there is no room for it."""

    async def orders(self, api: str) -> Sequence[PlanOrder]:
        """Those that wait, in the order in which they will be used up."""

    async def withdraw(self, api: str, order: str) -> bool:
        """Take an order back; whether it waited."""

    async def claim_key(self, api: str, key: KeyName, use: KeyUse, ttl: float) -> KeyUse | None:
        """What a key was used for in the last `ttl` seconds; else None, and it is claimed for this use.

        A claim whose request is finished without an answer that is saved is given up.
        """

    def enter(self, entry: EntryFields, weight: int) -> None:
        """Keep an entry of the journal, which takes so many bytes; one without a number is given the next one."""

    def see(self, n: int, api: str, operation: str, counts: Mapping[str, int]) -> None:
        """Examples were answered so many times each, besides the one that an entry names: the events of a stream.

        By the request of that number; 0: by none that has one.
        """

    def finish(self, n: int) -> None:
        """The request is over: what it caused may be delivered."""
