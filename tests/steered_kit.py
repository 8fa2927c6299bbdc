"""Tests that steer a sandbox in their own process, where its state is elsewhere: what they do and read goes there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Iterator
from typing import Any, NamedTuple, cast

import pytest

from mockserver.api_state import SandboxApi
from mockserver.clock import ClockMode, ClockReading
from mockserver.journal import JournalEntry
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.state.configuration import ConfigurationChange
from mockserver.state.pages import all_entries
from mockserver.state.port import Charge, Forget, WantedRecords
from mockserver.state.records import FaultUses
from mockserver.store import JobRecord


def waited(sandbox: Any, work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives in the loop of a sandbox's server."""
    loops = sandbox.state.worker.loops
    if loops[0].is_running():
        return asyncio.run_coroutine_threadsafe(work, loops[0]).result(20)
    return loops[0].run_until_complete(work)


def everywhere(sandbox: Any) -> list[Any]:
    """A sandbox at each of the servers that answer a test by turns; the first one has the one that is given."""

    async def at(server: Any) -> Any:
        await server.sandboxes.join()  # until then, its default sandbox may be another one
        return await server.sandboxes.known(sandbox.name)

    return [sandbox, *[waited(sandbox, at(each)) for each in getattr(sandbox.store, "others", ())]]


def is_inside() -> bool:
    """Whether the server itself asks."""
    return asyncio._get_running_loop() is not None


def is_elsewhere(sandbox: Sandbox) -> bool:
    """Whether a test asks, of what is elsewhere."""
    if "closed" not in vars(sandbox) or is_inside() or sandbox.is_alone:
        return False
    worker = getattr(sandbox.state, "worker", None)  # a home in this process that is only slow has none
    return worker is not None and bool(worker.loops)


class KeptUpload(NamedTuple):
    """An upload whose bytes a sandbox keeps."""

    id: str
    size: int


def kept_uploads(sandbox: Sandbox) -> list[KeptUpload]:
    """Those that a sandbox keeps, in the order in which they came, wherever its state is."""
    if not is_elsewhere(sandbox):
        return [
            KeptUpload(each.id, each.size) for each in sandbox.shelf._uploads.values() if each.owner == sandbox.name
        ]
    home: Any = sandbox.state

    async def read() -> list[KeptUpload]:
        names = [each.decode() for each in await home.worker.pipe.ask("ZRANGE", f"{home.base}:kept", "0", "-1")]
        found = [(each, await home.upload(each)) for each in names]
        return [KeptUpload(name, blob.length) for name, blob in found if blob is not None]

    return cast(list[KeptUpload], waited(sandbox, read()))


def forget_upload(sandbox: Sandbox, api: str, identity: str) -> None:
    """Have its bytes make room."""
    if is_elsewhere(sandbox):
        waited(sandbox, sandbox.state.commit(api, 0, (Forget(identity),)))
    else:
        sandbox.shelf.forget(identity)


async def credited(side: SandboxApi, account: str, credits: float) -> None:
    """Let an account have so many credits."""
    known = await side.state.look(side.contract.name, "", WantedRecords(account=account))
    assert await side.state.commit(side.contract.name, 0, (Charge(account, known.credits, credits),))


def credits_of(side: SandboxApi, account: str) -> float | None:
    """What an account has left, wherever that is."""
    if not is_elsewhere(side.sandbox):
        return side.part.credits.get(account)
    known = waited(side.sandbox, side.state.look(side.contract.name, "", WantedRecords(account=account)))
    return cast(float | None, known.credits)


class ReadJournal:
    """The journal of a sandbox, for tests."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def entries(self, after: int = 0, kinds: Collection[str] = (), most: int | None = None) -> list[JournalEntry]:
        async def read() -> list[JournalEntry]:
            return [each async for each in all_entries(self._sandbox.state, after, (*kinds,))]

        found: list[JournalEntry] = waited(self._sandbox, read())
        return found if most is None else found[-most:]

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self.entries())

    def find(self, n: int) -> Any:
        return waited(self._sandbox, self._sandbox.state.entry(n))

    def last(self) -> JournalEntry | None:
        return next(reversed(self.entries()), None)

    @property
    def newest(self) -> Any:
        return waited(self._sandbox, self._sandbox.state.activity()).newest

    @property
    def seen(self) -> Any:
        return waited(self._sandbox, self._sandbox.state.examples()).now


class ReadJobs:
    """The jobs of an API, for tests."""

    def __init__(self, side: SandboxApi) -> None:
        self._side, self._api = side, side.contract.name

    def get(self, identity: str) -> JobRecord | None:
        found: JobRecord | None = waited(self._side.sandbox, self._named(identity)).job
        return found

    async def _named(self, identity: str) -> Any:
        return (await self._side.sandbox.state.look_up(self._api, (identity,)))[identity]

    def newest(self, limit: int) -> Any:
        return waited(self._side.sandbox, self._side.sandbox.state.newest(self._api, limit))

    @property
    def number(self) -> int:
        return len(self.newest(1000))


class SteeredClock:
    """The clock of a sandbox, for tests."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def reading(self) -> ClockReading:
        return cast(ClockReading, waited(self._sandbox, self._sandbox.read_clock()))

    def now(self) -> float:
        return self.reading().now

    @property
    def mode(self) -> ClockMode:
        return self.reading().mode

    @property
    def rate(self) -> float:
        return self.reading().rate

    def set(self, mode: ClockMode, *, rate: float = 1.0, step: float = 1.0) -> None:
        waited(self._sandbox, self._sandbox.switch_clock(mode, rate=rate, step=step))

    def move_to(self, moment: float) -> None:
        waited(self._sandbox, self._sandbox.move_clock(moment))

    def advance(self, seconds: float) -> None:
        self.move_to(self.reading().moment_after(seconds))


def steer_elsewhere(patch: pytest.MonkeyPatch) -> None:
    """Have what tests do to sandboxes of their own process done where the state is."""
    patch.setattr(SandboxApi, "plan", _plan(SandboxApi.plan))
    patch.setattr(Sandbox, "change_here", _changed(Sandbox.change_here))
    patch.setattr(Sandbox, "reset", _reset(Sandbox.reset))
    patch.setattr(Sandbox, "uses_here", _uses(Sandbox.uses_here))
    patch.setattr(Sandboxes, "close", _close(Sandboxes.close))
    _read(patch, SandboxApi, "orders", lambda side: deque(waited(side.sandbox, side.state.orders(side.contract.name))))
    _read(patch, SandboxApi, "store", ReadJobs)
    _read(patch, Sandbox, "journal", ReadJournal)
    _read(patch, Sandbox, "clock", SteeredClock)
    _read(patch, Sandbox, "in_flight", lambda sandbox: waited(sandbox, sandbox.state.activity()).in_flight)


def _read(patch: pytest.MonkeyPatch, kind: type[Any], name: str, elsewhere: Callable[[Any], Any]) -> None:
    """An attribute that tests read elsewhere, and the server as before."""
    known = vars(kind).get(name)

    def here(it: Any) -> Any:
        return vars(it)[f"_{name}"] if known is None else known.fget(it)

    def read(it: Any) -> Any:
        return elsewhere(it) if is_elsewhere(it if kind is Sandbox else it.sandbox) else here(it)

    def put(it: Any, value: Any) -> None:
        vars(it)[f"_{name}"] = value

    patch.setattr(kind, name, property(read, put if known is None else None), raising=False)


def _plan(here: Callable[..., Any]) -> Callable[..., Any]:
    def plan(side: SandboxApi, wishes: Any, *, resource: str | None = None, count: int = 1) -> Any:
        if is_elsewhere(side.sandbox):
            return waited(side.sandbox, side.place(wishes, resource, count))
        return here(side, wishes, resource=resource, count=count)

    return plan


def _changed(here: Callable[..., None]) -> Callable[..., None]:
    def change(sandbox: Sandbox, change: ConfigurationChange) -> None:
        if is_elsewhere(sandbox):
            waited(sandbox, sandbox.change(change))
        else:
            here(sandbox, change)

    return change


def _reset(here: Callable[..., None]) -> Callable[..., None]:
    def reset(sandbox: Sandbox) -> None:
        if is_elsewhere(sandbox):
            waited(sandbox, sandbox.renew())
        else:
            here(sandbox)

    return reset


def _uses(here: Callable[..., FaultUses]) -> Callable[..., FaultUses]:
    def uses(sandbox: Sandbox, api: str, fault: str) -> FaultUses:
        if not is_elsewhere(sandbox):
            return here(sandbox, api, fault)
        return cast(FaultUses, waited(sandbox, sandbox.state.fault_uses(api, (fault,)))[0])

    return uses


def _close(here: Callable[..., None]) -> Callable[..., None]:
    def close(sandboxes: Sandboxes, name: str) -> None:
        if is_inside() or sandboxes.is_alone:
            here(sandboxes, name)
        else:
            waited(sandboxes.default, sandboxes.shut(name))

    return close
