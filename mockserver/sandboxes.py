"""The sandboxes of a server, as far as this process has to do with them. Knows no HTTP.

Which there are, and which credential leads to which, is in an index behind a port; what it said is remembered by value.
A sandbox that another process made is opened here when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver import signing
from mockserver.bounds import ALL_REQUESTS, NAME, PATH, SANDBOXES, cut
from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.errors import Closed, FullError, UsageError
from mockserver.event_loops import OneAtATime
from mockserver.observer import ServerObserver
from mockserver.outbox import SendDelivery
from mockserver.rings import Journals
from mockserver.sandbox import Sandbox
from mockserver.state.configuration import SWITCHES, Configuration
from mockserver.state.index_port import DEFAULT, ClosedSandbox, Credential, Index, Late, SandboxRecord
from mockserver.state.memory_index import MemoryIndex
from mockserver.state.pages import all_sandboxes
from mockserver.state.store_port import Store
from mockserver.store import AccountRecord
from mockserver.time_slices import at_once, done, drive
from mockserver.upload_store import Shelf

IDLE_SECONDS = 3600.0
MANY = 64  # sandboxes that are open here, before it is asked whether they are so elsewhere


def port_to_index(home: MemoryIndex) -> Index:
    """What a server sees of the index of its sandboxes."""
    return home


class Sandboxes:
    """Makes, finds and closes sandboxes. Credentials of closed ones stay known, so that late requests are.

    `home` is the index in this process. Where the index is that one (`is_alone`), nothing has to be asked for that is
    not found here.
    """

    def __init__(
        self, contracts: Sequence[Contract], send: SendDelivery, *, seed: str = "0", clock: Clock | None = None,
        **at_first: Any,
    ) -> None:  # fmt: skip
        """`at_first` is what each sandbox is that is not asked to be otherwise, but for `store`: where all of it is."""
        self.store: Store | None = at_first.pop("store", None)
        self.contracts = contracts if isinstance(contracts, list) else [*contracts]
        self._at_first = at_first
        self.server_url = ""
        self.observer: ServerObserver | None = None
        self.shelf = Shelf()
        self.journals, self.request_logs = Journals(), Journals(ALL_REQUESTS)
        self._send = send
        self._open, self._opening, self._many = dict[str, Sandbox](), OneAtATime(), MANY
        self.home = MemoryIndex()
        self.index: Index = port_to_index(self.home) if self.store is None else self.store.index(self.home)
        self.is_alone = self.is_joined = self.index is self.home
        self.index.opens(self.known)
        self._names: dict[Credential, str] = self.home.names if self.is_alone else {}
        self.default = self.create(DEFAULT, seed=seed, clock=clock or Clock())

    # --- made, found and closed, wherever the index is

    async def join(self) -> None:
        """Have the default sandbox of the server; the process that comes first has made it."""
        if self.is_joined:
            return
        default, record = self.default, self.default.record
        if await self.index.create(record, default.credentials()) == "taken":
            record_there = await self.index.find(DEFAULT)
            assert isinstance(record_there, SandboxRecord), "it is never closed"
            if record_there.configuration.secret != record.configuration.secret and not self.is_joined:
                self._open.pop(DEFAULT, None)
                self.default = await self._opened(record_there)
        self.is_joined = True
        self._remember(self.default)

    async def make(self, name: str | None = None, **settings: Any) -> Sandbox:
        """A new sandbox. Raises UsageError when the name is taken, FullError when there are too many."""
        for idle in await self.index.idle(IDLE_SECONDS):
            await drive(await self._part(self.index, idle, IDLE_SECONDS))
        return await self._made(self.index, name, settings)

    async def find(self, name: str, *, used: bool = False, anew: bool = False) -> Sandbox | ClosedSandbox | None:
        """The sandbox of a name; `used`: it was asked for something now; `anew`: it sees what was switched since."""
        await self.join()
        record = await self.index.find(name, used)
        if isinstance(record, SandboxRecord):
            try:
                if (sandbox := self._open.get(name)) is not None and anew and not self.is_alone:
                    await sandbox.refresh()
                return sandbox or await self._opened(record)
            except Closed:
                return ClosedSandbox(name, record.owner)
        await drive(self._left(name))
        return record

    async def by_credential(self, api: str, credential: str) -> str | None:
        """The name of the sandbox, open or closed, in which a key or client_id was issued; a password may follow."""
        keys = (credential, credential.partition(":")[0]) if ":" in credential else (credential,)
        for key in keys:
            if (name := await self.index.by_credential(api, key)) is not None:
                self._names[(api, key)] = name
                return name
        return None

    async def shut(self, name: str) -> None:
        """Close a sandbox; late requests to it are answered as such. Raises UsageError for the default one."""
        await drive(await self._part(self.index, name))

    async def know(self, name: str, account: AccountRecord) -> None:
        """Let the credentials of an account lead to its sandbox."""
        await self.index.know(name, [(account.api, account.key), (account.api, account.client_id)])

    async def know_instead(self, sandbox: Sandbox) -> None:
        """A sandbox has other accounts than before. Credentials that lead to another open one go on to do so."""
        await self.index.know(sandbox.name, sandbox.credentials(), True)

    async def came_late(self, name: str, owner: str, method: str, path: str) -> None:
        """A request came to a sandbox that was closed. The oldest of them make room."""
        await self.index.note_late(Late(name, owner, cut(method, NAME), cut(path, PATH)))

    # --- the same where the index is in this process

    def create(self, name: str | None = None, **settings: Any) -> Sandbox:
        """See `make`."""
        if self._open:
            done(self.part_with_idle())
        return at_once(self._made(self.home, name, settings))

    async def make_default(self, **settings: Any) -> Sandbox:
        """Another default sandbox in the place of the one that is there; no request may have come to that."""
        del self._open[DEFAULT]
        self.home.withdraw(DEFAULT)
        self.default = self.create(DEFAULT, **settings)
        return self.default

    def part_with(self, name: str) -> Iterator[None]:
        """See `shut`; what the sandbox kept is out of sight at once, and let go step by step."""
        return at_once(self._part(self.home, name))

    def part_with_idle(self) -> Iterator[None]:
        """Close what nobody used for an hour, step by step; `create` does the same at one go."""
        for name in at_once(self.home.idle(IDLE_SECONDS)):
            yield from at_once(self._part(self.home, name, IDLE_SECONDS))

    def close(self, name: str) -> None:
        """See `shut`."""
        done(self.part_with(name))

    @property
    def late(self) -> Sequence[Late]:
        """All requests that came too late, as far as they are kept."""
        return self.home.late_requests

    def __len__(self) -> int:
        return len(self._open)

    def open(self) -> list[Sandbox]:
        """The sandboxes that are open here, oldest first."""
        return list(self._open.values())

    def get(self, name: str) -> Sandbox | None:
        """The sandbox of a name, where it is open here."""
        return self._open.get(name)

    def issuer(self, api: str, credential: str | None) -> Sandbox | None:
        """The sandbox in which a key or client_id was issued, where it is open here."""
        return self._open.get(self._names.get((api, credential), ""))  # type: ignore[arg-type]

    def issued_in(self, api: str, credential: str) -> str | None:
        """The name of the same, open or closed, as far as it is known here; a password may follow."""
        name = self._names.get((api, credential))
        return name or (self._names.get((api, credential.partition(":")[0])) if ":" in credential else None)

    def is_nowhere(self, name: str | None) -> bool:
        """Whether it is known here that there is no sandbox of that name, and was none."""
        return self.is_alone and (name is None or not (name in self._open or self.home.was_closed(name)))

    async def known(self, name: str) -> Sandbox | None:
        """The sandbox of a name, wherever it is open."""
        if (sandbox := self._open.get(name)) is not None or self.is_alone:
            return sandbox
        elsewhere = await self.find(name)
        return elsewhere if isinstance(elsewhere, Sandbox) else None

    @property
    def base_url(self) -> str:
        """What absolute URLs begin with; see `Sandbox.base_url`."""
        return self.default.base_url

    def stopped(self) -> None:
        """The server stops: requests that wait for the clock are answered, and streams of events end."""
        if self.observer is not None:
            self.observer.end()
        for sandbox in self._open.values():
            sandbox.moments.end()

    def end(self) -> None:
        """The server stops: no delivery goes on, no uploaded file stays."""
        if self.observer is not None:
            self.observer.end()
        for sandbox in self._open.values():
            sandbox.outbox.close()
        self.shelf.clear()

    async def _made(self, index: Index, name: str | None, settings: dict[str, Any]) -> Sandbox:
        name = name or signing.new_name()
        settings = {"seed": "0", **self._at_first, **settings}
        settings["clock"] = settings.get("clock") or Clock()
        settings["at_first"] = Configuration(**{name: settings.pop(name) for name in SWITCHES if name in settings})
        if (refused := self.home.refusal(name)) is None:
            sandbox = self._built(name, settings)
            home = self.home.homes.setdefault(name, sandbox.home)
            refused = await index.create(sandbox.record, sandbox.credentials())
            if refused != "made" and home is sandbox.home:
                del self.home.homes[name]
        if refused == "taken":
            raise UsageError(f"there is or was a sandbox named {name!r}; choose another name")
        if refused == "full":
            raise FullError(f"there are {SANDBOXES} sandboxes already; close some")
        self._take_in(sandbox)
        self.journals.tally.made += 1
        if index is not self.home and self.store is not None:
            await sandbox.refresh()  # here, where its clock goes since it was made, its home begins
        return sandbox

    def _built(self, name: str, settings: dict[str, Any]) -> Sandbox:
        settings = {**settings, "journals": self.journals, "request_logs": self.request_logs, "store": self.store}
        sandbox = Sandbox(name, self.contracts, self._send, self.shelf, **settings)
        sandbox.server_url = self.server_url
        if not self.is_alone:
            sandbox.over = lambda name: done(self._left(name))  # closed elsewhere; little of such a one is kept here
        return sandbox

    def _take_in(self, sandbox: Sandbox) -> None:
        self._open[sandbox.name] = sandbox
        self._remember(sandbox)
        if self.observer is not None:
            self.observer.was_made(sandbox.name)

    def _remember(self, sandbox: Sandbox) -> None:
        """Its credentials lead to it, as far as they do not lead to another one that is open."""
        for credential in () if self.is_alone else sandbox.credentials():
            self._names.setdefault(credential, sandbox.name)

    async def _opened(self, record: SandboxRecord) -> Sandbox:
        """A sandbox that another process has made: what others tell of it comes to one of a name. Raises Closed."""
        async with self._opening.lock(record.name):
            return self._open.get(record.name) or await self._opened_anew(record)

    async def _opened_anew(self, record: SandboxRecord) -> Sandbox:
        if len(self._open) >= self._many:
            await self._forget_closed()
        sandbox = self._built(record.name, record.settings)
        await sandbox.refresh()
        await sandbox.read_clock()
        if (other := self._open.get(record.name)) is not None:
            return other  # another loop of this process has opened it meanwhile
        self._take_in(sandbox)
        return sandbox

    async def _forget_closed(self) -> None:
        """Let go of sandboxes that another process has closed."""
        is_open = {sandbox.name async for sandbox in all_sandboxes(self.index)}
        for name in [name for name in self._open if name not in is_open]:
            await drive(self._left(name))
        self._many = 2 * len(self._open) + MANY

    async def _part(self, index: Index, name: str, idle: float | None = None) -> Iterator[None]:
        if name == DEFAULT:
            if idle is None:
                raise UsageError("the default sandbox stays; reset it instead")
            return iter(())
        was_open = await index.close(name, idle)
        self.journals.tally.closed += was_open
        return self._left(name) if was_open or idle is None else iter(())

    def _left(self, name: str) -> Iterator[None]:
        """A sandbox is open no more; what was kept of it here is let go step by step."""
        if (sandbox := self._open.pop(name, None)) is None:
            return iter(())
        if self.observer is not None:
            self.observer.was_closed(name, sandbox.owner)
        if not self.is_alone:
            self._forget_names(sandbox)
        self.journals.leave(sandbox.journal)
        return sandbox.close()

    def _forget_names(self, sandbox: Sandbox) -> None:
        self.home.homes.pop(sandbox.name, None)
        for credential in sandbox.credentials():
            if self._names.get(credential) == sandbox.name:
                del self._names[credential]
