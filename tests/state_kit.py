"""Values of the state's port as JSON and back, each record by its name: what cannot be written so may not cross."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from mockserver import clock, journal, lifecycle, ratelimit, request_log, store, timeline
from mockserver.clock import ClockReading
from mockserver.journal import EntryFields, JournalEntry, entry_of
from mockserver.media import Blob, blob
from mockserver.request_log import KeptRequest
from mockserver.state import (
    configuration,
    index_port,
    journal_port,
    records,
    request_port,
    snapshot_port,
    watch_port,
    webhook_records,
)
from mockserver.state.configuration import Configuration
from mockserver.state.index_port import ClosedSandbox, Creation, Credential, Late, ListedSandbox, SandboxRecord
from mockserver.state.journal_port import Activity, EntryPage, ExampleCounts
from mockserver.state.port import (
    Begin,
    Begun,
    Effect,
    KeyName,
    KeyUse,
    Lookup,
    NamedJobs,
    PageOf,
    PlanOrder,
    Post,
    State,
    WantedRecords,
)
from mockserver.state.records import FaultUses
from mockserver.state.request_port import RequestPage
from mockserver.state.snapshot_port import Remainder
from mockserver.state.watch_port import Changes, ReadOn, Told
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import Attachment, Handle, JobRecord, LockOwner
from mockserver.upload_store import Upload
from mockserver.validation.spool import Spool
from mockserver.webhooks import DeliveryAttempt

ROOMS = (
    records, webhook_records, journal_port, index_port, request_port, snapshot_port, watch_port, configuration, clock,
    store, journal, ratelimit, request_log, timeline, lifecycle,
)  # fmt: skip
RECORDS = {
    kind.__name__: kind
    for room in ROOMS
    for kind in vars(room).values()
    if isinstance(kind, type)
    and issubclass(kind, tuple)
    and hasattr(kind, "_fields")
    and kind.__module__ == room.__name__
}
VALUES = {"AccountRecord": store.AccountRecord, "DeliveryAttempt": DeliveryAttempt}
"""Records that are frozen dataclasses."""


def copied(value: Any) -> Any:
    """The value after a way through JSON. Raises TypeError for what is no value."""
    return _read(json.loads(json.dumps(_plain(value))))


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, int, float, bool):
        return value
    if type(value).__name__ in RECORDS and type(value) is RECORDS[type(value).__name__]:
        return {"record": type(value).__name__, "fields": [*map(_plain, value)]}
    if type(value).__name__ in VALUES and type(value) is VALUES[type(value).__name__]:
        return {
            "record": type(value).__name__,
            "values": {f.name: _plain(getattr(value, f.name)) for f in fields(value)},
        }
    if type(value) in (tuple, list, frozenset):
        return {"record": type(value).__name__, "items": [*map(_plain, value)]}
    if type(value) is bytes:
        return {"record": "bytes", "text": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {"record": "mapping", "items": [[_plain(key), _plain(each)] for key, each in value.items()]}
    raise TypeError(f"{type(value).__name__} is no value that could be written as JSON: {value!r:.200}")


def _read(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    name = data["record"]
    if name == "bytes":
        return base64.b64decode(data["text"])
    if name == "mapping":
        return {_read(key): _read(each) for key, each in data["items"]}
    if name in ("tuple", "list", "frozenset"):
        return {"tuple": tuple, "list": list, "frozenset": frozenset}[name](map(_read, data["items"]))
    if "values" in data:
        return VALUES[name](**{name: _read(each) for name, each in data["values"].items()})
    return RECORDS[name](*map(_read, data["fields"]))


class Elsewhere:
    """What is elsewhere: each call has to be waited for, and only values come and go."""

    def __init__(self, home: Any) -> None:
        self._home = home

    async def _asked(self, name: str, *values: Any) -> Any:
        await asyncio.sleep(0)
        answer = await getattr(self._home, name)(*copied(values))
        await asyncio.sleep(0)
        return copied(answer)


class SlowIndex(Elsewhere):
    """An index of sandboxes that is elsewhere."""

    def opens(self, find: Any) -> None:
        """Nobody goes on with anything."""

    async def create(self, record: SandboxRecord, credentials: Sequence[Credential]) -> Creation:
        return await self._asked("create", record, credentials)

    async def find(self, name: str, used: bool = False) -> SandboxRecord | ClosedSandbox | None:
        return await self._asked("find", name, used)

    async def by_credential(self, api: str, credential: str) -> str | None:
        return await self._asked("by_credential", api, credential)

    async def know(self, name: str, credentials: Sequence[Credential], instead: bool = False) -> None:
        await self._asked("know", name, credentials, instead)

    async def close(self, name: str, idle: float | None = None) -> bool:
        return await self._asked("close", name, idle)

    async def count(self) -> int:
        return await self._asked("count")

    async def page(self, after: int, most: int) -> Sequence[ListedSandbox]:
        return await self._asked("page", after, most)

    async def idle(self, seconds: float) -> Sequence[str]:
        return await self._asked("idle", seconds)

    async def note_late(self, late: Late) -> None:
        await self._asked("note_late", late)

    async def late(self, name: str) -> Sequence[Late]:
        return await self._asked("late", name)

    async def leave(self) -> None:
        await self._asked("leave")

    async def examples(self, name: str) -> Mapping[journal.Seen, int]:
        return await self._asked("examples", name)


class Slow(Elsewhere):
    """A home of a sandbox's state that is elsewhere."""

    _home: State

    async def configuration(self) -> Configuration:
        return await self._asked("configuration")

    async def configure(self, configuration: Configuration) -> bool:
        return await self._asked("configure", configuration)

    async def reset(self, configuration: Configuration) -> bool:
        return await self._asked("reset", configuration)

    async def reserve(self, purposes: Sequence[str]) -> Sequence[int]:
        return await self._asked("reserve", purposes)

    async def count_faults(self, api: str, generation: int, faults: Sequence[str]) -> Sequence[FaultUses | None]:
        return await self._asked("count_faults", api, generation, faults)

    async def take_fault(self, api: str, generation: int, fault: str) -> FaultUses | None:
        return await self._asked("take_fault", api, generation, fault)

    def release_fault(self, api: str, generation: int, fault: str, use: int) -> None:
        self._home.release_fault(api, generation, fault, use)

    async def draw_fault(self, api: str, generation: int, fault: str, what: str) -> int:
        return await self._asked("draw_fault", api, generation, fault, what)

    async def foresee(self, api: str, generation: int, fault: str, is_late: bool) -> bool:
        return await self._asked("foresee", api, generation, fault, is_late)

    async def meet_foreseen(self, api: str, generation: int, fault: str) -> bool | None:
        return await self._asked("meet_foreseen", api, generation, fault)

    async def fault_uses(self, api: str, faults: Sequence[str]) -> Sequence[FaultUses]:
        return await self._asked("fault_uses", api, faults)

    async def entries(self, place: int, most: int, after: int, kinds: Sequence[str]) -> EntryPage:
        return await self._asked("entries", place, most, after, kinds)

    async def entry(self, n: int) -> JournalEntry | None:
        return await self._asked("entry", n)

    async def examples(self) -> ExampleCounts:
        return await self._asked("examples")

    async def activity(self) -> Activity:
        return await self._asked("activity")

    async def offer(self, handle: Handle, sent: Blob) -> None:
        await asyncio.sleep(0)
        spool = Spool()  # bytes that lie on disk lie there in both processes
        for chunk in sent.chunks(0, sent.length):
            spool.write(chunk)
        await self._home.offer(copied(handle), Upload.of(sent.content_type, handle.filename, spool.close()).blob)

    async def upload(self, identity: str) -> Blob | None:
        await asyncio.sleep(0)
        found = await self._home.upload(identity)
        if found is None:
            return None
        return replace(blob(found.content_type, b"".join(found.chunks(0, found.length))), etag=found.etag)

    def tidy(self, identities: Sequence[str]) -> None:
        self._home.tidy(copied(identities))

    async def changes(self, watcher: str) -> Changes:
        return await self._asked("changes", watcher)

    def watched(self, watcher: str) -> None:
        self._home.watched(watcher)

    def new_watcher(self) -> str:
        return self._home.new_watcher()

    def tell_on(self, watcher: str, read_on: ReadOn | None) -> None:
        self._home.tell_on(watcher, read_on)

    async def told_elsewhere(self, watcher: str, after: int, waits: bool) -> Told | None:
        return await self._asked("told_elsewhere", watcher, after, waits)

    async def drawn(self) -> Mapping[str, int]:
        return await self._asked("drawn")

    async def draw_on(self, counts: Mapping[str, int]) -> None:
        await self._asked("draw_on", counts)

    async def remainder(self, api: str) -> Remainder:
        return await self._asked("remainder", api)

    async def go_on(self, api: str, remainder: Remainder) -> None:
        await self._asked("go_on", api, remainder)

    async def webhooks(self, after: int, most: int) -> WebhookPage:
        return await self._asked("webhooks", after, most)

    def keep_request(self, request: KeptRequest) -> None:
        self._home.keep_request(copied(request))

    async def requests(self, after: int, most: int, api: str) -> RequestPage:
        return await self._asked("requests", after, most, api)

    async def waiting_webhooks(self) -> Sequence[OwedWebhook]:
        return await self._asked("waiting_webhooks")

    async def next_webhook(self) -> float | None:
        return await self._asked("next_webhook")

    async def owe(self, owed: OwedWebhook) -> None:
        await self._asked("owe", owed)

    async def walk(self, generation: int, seconds: float, quietly: bool) -> None:
        await self._asked("walk", generation, seconds, quietly)

    async def settle_webhooks(self, generation: int) -> None:
        await self._asked("settle_webhooks", generation)

    async def send_early(self, generation: int, post: Post, api: str, fault: Attachment) -> None:
        await self._asked("send_early", generation, post, api, fault)

    async def send_once(self, generation: int, owed: OwedWebhook) -> OwedWebhook:
        return await self._asked("send_once", generation, owed)

    async def resend(self, generation: int, identity: str) -> Sequence[OwedWebhook] | None:
        return await self._asked("resend", generation, identity)

    async def read_clock(self, tick: bool = False) -> ClockReading:
        return await self._asked("read_clock", tick)

    async def switch_clock(self, reading: ClockReading) -> ClockReading | None:
        return await self._asked("switch_clock", reading)

    async def move_clock(self, generation: int, to: float, by: float = 0.0) -> ClockReading:
        return await self._asked("move_clock", generation, to, by)

    async def next_held(self, after: float = 0.0) -> float | None:
        return await self._asked("next_held", after)

    async def walk_end(self, generation: int, walk: str, seconds: float) -> float:
        return await self._asked("walk_end", generation, walk, seconds)

    async def stop_at(self, generation: int, moment: float) -> ClockReading:
        return await self._asked("stop_at", generation, moment)

    async def begin(self, begin: Begin, job: str, valid_until: float, n: int) -> Begun | None:
        return await self._asked("begin", begin, job, valid_until, n)

    async def look(self, api: str, job: str, wanted: WantedRecords | None) -> Lookup:
        return await self._asked("look", api, job, wanted)

    async def look_up(self, api: str, ids: Sequence[str]) -> Mapping[str, NamedJobs]:
        return await self._asked("look_up", api, ids)

    async def page(self, api: str, page: PageOf) -> tuple[Sequence[JobRecord], JobRecord | None]:
        return await self._asked("page", api, page)

    async def count(self, api: str, owner: LockOwner) -> int:
        return await self._asked("count", api, owner)

    async def newest(self, api: str, limit: int) -> Sequence[JobRecord]:
        return await self._asked("newest", api, limit)

    async def commit(self, api: str, n: int, effects: Sequence[Effect]) -> bool:
        return await self._asked("commit", api, n, effects)

    async def place(self, api: str, order: PlanOrder) -> PlanOrder | None:
        return await self._asked("place", api, order)

    async def orders(self, api: str) -> Sequence[PlanOrder]:
        return await self._asked("orders", api)

    async def withdraw(self, api: str, order: str) -> bool:
        return await self._asked("withdraw", api, order)

    async def claim_key(self, api: str, key: KeyName, use: KeyUse, ttl: float) -> KeyUse | None:
        return await self._asked("claim_key", api, key, use, ttl)

    def enter(self, entry: EntryFields, weight: int) -> None:
        self._home.enter(copied(entry_of(entry)), weight)

    def see(self, n: int, api: str, operation: str, counts: Mapping[str, int]) -> None:
        self._home.see(n, api, operation, copied(counts))

    def finish(self, n: int) -> None:
        self._home.finish(n)
