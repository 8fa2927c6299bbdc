"""One isolated world: its APIs, clock, chance, journal and webhooks.

Knows what a contract says and how answers are prepared, but no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from mockserver import signing
from mockserver.accounts import new_account, purpose_of
from mockserver.api_state import SandboxApi
from mockserver.bounds import ALL_REQUESTS
from mockserver.clock import Clock, ClockMode, ClockReading, wall
from mockserver.contract import Contract
from mockserver.deliverer import SandboxDeliverer
from mockserver.draws import Draws
from mockserver.errors import UsageError
from mockserver.generation import Generation
from mockserver.held_requests import Moments
from mockserver.journal import Journal
from mockserver.mounting import base_of_request
from mockserver.observer import Keeper, Observer
from mockserver.outbox import Outbox, SendDelivery
from mockserver.redaction import Redaction
from mockserver.request_log import Recorder, RequestLog
from mockserver.rings import Journals
from mockserver.rules import USUAL
from mockserver.state.configuration import SWITCHES, ApiConfiguration, Configuration, ConfigurationChange
from mockserver.state.index_port import DEFAULT, SandboxRecord
from mockserver.state.memory import Memory
from mockserver.state.port import State
from mockserver.state.records import FaultUses
from mockserver.state.store_port import Store
from mockserver.time_slices import done, drive, emptied
from mockserver.upload_store import Shelf


def port_to(home: Memory) -> State:
    """What requests see of the home of a sandbox's state."""
    return home


def _switch(name: str) -> Any:
    """A switch of the whole sandbox; it is set where the state is kept in this process."""

    def switch(sandbox: Sandbox, value: Any) -> None:
        sandbox.change_here(lambda configuration: configuration.but(**{name: value}))

    return property(lambda sandbox: getattr(sandbox.configuration, name), switch)


@dataclass(eq=False)
class Sandbox:
    """Everything a test can touch. `owner` is the test that made it; `at_first` is how control finds it.

    `keeps_requests`: whole requests are kept for its test, secrets and all; never in the sandbox that everybody knows.
    `opened`: how another process has made it. `store`: where its state is, if not in this process.
    """

    name: str
    contracts: Sequence[Contract]
    send: SendDelivery
    shelf: Shelf
    seed: str = "0"
    clock: Clock = field(default_factory=Clock)
    at_first: Configuration = field(default_factory=Configuration)
    webhook_timeout: float | None = None
    owner: str = ""
    secret: bytes = field(default_factory=lambda: signing.new_secret().encode())
    journals: Journals = field(default_factory=Journals)
    keeps_requests: bool = False
    request_logs: Journals = field(default_factory=lambda: Journals(ALL_REQUESTS))
    opened: SandboxRecord | None = None
    store: Store | None = None

    def __post_init__(self) -> None:
        if self.keeps_requests and self.name == DEFAULT:
            raise UsageError("the default sandbox keeps no requests: anybody could read what others sent")
        self.routes: Any = None  # the paths that a test answers itself
        self.server_url = ""
        self.generation, self.moments = Generation(), Moments(self.clock)
        self.keeper: Keeper | None = None
        self.draws = Draws(self.seed)
        self.journal, self.redaction = Journal(together=self.journals), Redaction()
        self.outbox = Outbox(self, self.send)
        self.configuration: Configuration = self._configured()
        self.home: Memory = Memory(
            self.name, self.clock, self.draws, self.journal, self.shelf, SandboxDeliverer(self), self.configuration
        )
        if self.keeps_requests:
            self.home.request_log = RequestLog(together=self.request_logs)
        self.state: State = port_to(self.home) if self.store is None else self.store.state(self.home)
        self.is_alone = self.state is self.home
        self.recorder = Recorder(signing.new_name(), self.state.keep_request) if self.keeps_requests else None
        self.closed = False
        self.over: Callable[[str], None] = lambda name: None  # told when it has ended
        self._left: list[Iterator[None]] = []
        self.made_at = wall() if self.opened is None else self.opened.made
        self.watch: Observer | None = None
        self.observer: Observer | None = None
        self.apis = {contract.name: SandboxApi(contract, self) for contract in self.contracts}

    def _configured(self) -> Configuration:
        if self.opened is not None:
            self.draws.go_on(self.opened.draws)
            self.secret = self.opened.configuration.secret.encode("ascii")
            return self.opened.configuration
        apis = {contract.name: self._first(contract) for contract in self.contracts}
        return self.at_first._replace(apis=apis, secret=self.secret.decode("ascii"))

    @property
    def record(self) -> SandboxRecord:
        """What others have to know who open it, as long as nobody has asked it for anything."""
        return SandboxRecord(
            self.name, self.owner, self.seed, self.made_at, self.configuration, self.clock.reading(),
            self.draws.counts(), self.keeps_requests, self.webhook_timeout,
        )  # fmt: skip

    def _first(self, contract: Contract) -> ApiConfiguration:
        """An API as it is at first: with one account."""
        account = new_account(contract, self.draws.digest(purpose_of(contract)), demo=self.name == DEFAULT)
        return ApiConfiguration((account,), edition=contract.edition)

    limits_on, insecure_webhooks, webhook_ca, strict = map(_switch, SWITCHES)

    def see(self, configuration: Configuration, *, is_back: bool = False) -> None:
        """What control has switched by now; `is_back`: where the state is kept, what came after it was lost."""
        before = self.configuration
        if configuration is before or (configuration.rev < before.rev and not is_back):
            return  # somebody else has seen a later one meanwhile
        self.configuration, self.secret = configuration, configuration.secret.encode()
        is_anew = is_back or before.generation != configuration.generation
        if is_anew:
            self._begin_anew()
        for name, api in self.apis.items():
            api.see(configuration.apis[name])
        if is_anew and self.observer is not None:
            self.observer.was_reset()

    def _begin_anew(self) -> None:
        """The sandbox was reset: what is under way here ends, and what follows from what was kept is forgotten."""
        self.generation.end(f"the sandbox {self.name!r} was reset while this was under way")
        self.generation, self.draws = Generation(), self.home.draws
        self._left += [emptied(self.outbox.leave())]
        self.outbox, self.routes = Outbox(self, self.send), None
        self._left += [api.begin_anew() for api in self.apis.values()]

    def anew_outbox(self) -> None:
        """What is owed is another process's business, or is to be read anew."""
        self._left += [emptied(self.outbox.leave())]
        self.outbox = Outbox(self, self.send)

    def left(self) -> Iterator[None]:
        """Let go of what was left at resets and at the end, step by step."""
        leaving, self._left = self._left, []
        return chain(self.home.leave(), *leaving)

    async def refresh(self) -> None:
        """See what control has switched by now."""
        before = self.configuration
        configuration = await self.state.configuration()
        self.see(configuration, is_back=configuration.rev < before.rev)  # it was asked for when that one was known
        if self._left:
            await drive(self.left())

    async def change(self, change: ConfigurationChange) -> None:
        """Switch something; others may do so at the same time."""
        while True:
            changed = change(await self.state.configuration())
            if await self.state.configure(changed):
                self.see(changed)
                return

    def uses_here(self, api: str, fault: str) -> FaultUses:
        """What became of an armed fault, where the state is kept in this process."""
        return self.home.part(api).faults.of(fault)

    def change_here(self, change: ConfigurationChange) -> None:
        """The same where the state is kept in this process."""
        while not self.home.put(changed := change(self.home.configured)):
            pass  # another thread was faster
        self.see(changed)

    def credentials(self) -> tuple[tuple[str, str], ...]:
        """What leads to it: each API, and a key or client_id of it."""
        return tuple((api.contract.name, key) for api in self.apis.values() for key in api.accounts)

    def observe(self, observer: Observer | None) -> None:
        """Let somebody see what happens here; None: nobody."""
        self.watch, self.observer = observer, self.home.observe(observer)

    @property
    def used(self) -> float:
        """When it was last asked for something, on the machine's clock."""
        return self.home.used

    @used.setter
    def used(self, moment: float) -> None:
        self.home.used = moment

    @property
    def in_flight(self) -> int:
        """How many requests are under way; those that are held back are not."""
        return len(self.home.in_flight) - self.moments.held

    @property
    def holds(self) -> bool:
        """Whether requests ever wait for the clock."""
        return any(api.contract.holds for api in self.apis.values())

    @property
    def base_url(self) -> str:
        """What absolute URLs begin with: by it the request under way found the server, else the server is there."""
        return base_of_request() or self.server_url

    def url(self, api: str) -> str:
        """Where an API of this sandbox answers; the vendor's own path is appended to it."""
        return f"{self.base_url}/@{self.name}/{api}"

    def end(self) -> None:
        """No request and no delivery goes on."""
        if self.closed:
            return
        self.closed = True
        if self.observer is not None:
            self.observer.was_closed()
        self.generation.end(f"the sandbox {self.name!r} was closed while this was under way")
        self._left += [emptied(self.outbox.leave())]
        self.over(self.name)

    def close(self) -> Iterator[None]:
        """The same, and no uploaded byte stays. What was kept is let go step by step."""
        self.end()
        self.home.close()
        self.recorder = self.routes = None
        self._left += [api.begin_anew() for api in self.apis.values()]
        return self.left()

    async def read_clock(self, *, tick: bool = False) -> ClockReading:
        """How the clock goes, and what it says; a stepping one moves before, with `tick`."""
        return self._seen(await self.state.read_clock(tick))

    async def switch_clock(self, mode: ClockMode, *, rate: float = 1.0, step: float = 1.0) -> ClockReading:
        """Let the clock go otherwise, from where it stands; others may switch it at the same time."""
        while True:
            reading = await self.state.read_clock()
            switched = await self.state.switch_clock(ClockReading(mode, rate, step, reading.now, reading.rev + 1))
            if switched is not None:
                return self._seen(switched)

    async def move_clock(self, to: float = 0.0, *, by: float = 0.0) -> ClockReading:
        """Move the clock forward to a moment, or by seconds. Raises Overtaken."""
        return self._seen(await self.state.move_clock(self.configuration.generation, to, by))

    async def walk_end(self, walk: str, seconds: float) -> float:
        """Where a walk of so many seconds ends; one that another process has begun goes on to there."""
        return await self.state.walk_end(self.configuration.generation, walk, seconds)

    async def stop_at(self, moment: float) -> ClockReading:
        """Move it forward to a moment, and let requests go on that are held until then. Raises Overtaken."""
        return self._seen(await self.state.stop_at(self.configuration.generation, moment))

    async def advance(self, seconds: float, *, quietly: bool = False) -> None:
        """Move the clock forward from due time to due time, making each delivery there; see `WebhookState.walk`."""
        await self.state.walk(self.configuration.generation, seconds, quietly)
        await self.read_clock()
        self.outbox.wake()

    def _seen(self, reading: ClockReading) -> ClockReading:
        self.clock.see(reading)
        return reading

    def _as_at_first(self, before: Configuration) -> Configuration:
        """The accounts stay."""
        apis = {name: ApiConfiguration(api.accounts, edition=api.edition) for name, api in before.apis.items()}
        at_first = self.at_first._replace(apis=apis, secret=before.secret)
        anew = at_first._replace(rev=before.rev + 1, generation=before.generation + 1)
        for api in self.apis.values():
            anew = api.scenario_played(USUAL, self.clock.now())(anew)._replace(rev=anew.rev)
        return anew

    async def renew(self) -> None:
        """Back to the beginning, but for name, clock and credentials; what is under way ends."""
        while True:
            anew = self._as_at_first(await self.state.configuration())
            if await self.state.reset(anew):
                break
        self.see(anew)
        await drive(self.left())

    def reset(self) -> None:
        """The same where the state is kept in this process."""
        anew = self._as_at_first(self.home.configured)
        self.home.renew(anew)
        self.see(anew)
        done(self.left())
