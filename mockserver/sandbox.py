"""One isolated world: its APIs, clock, chance, journal and webhooks.

Knows what a contract says and how answers are prepared, but no HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from mockserver import signing
from mockserver.api_state import SandboxApi
from mockserver.bounds import ALL_REQUESTS
from mockserver.clock import Clock, wall
from mockserver.contract import Contract
from mockserver.draws import Draws
from mockserver.errors import UsageError
from mockserver.generation import Generation
from mockserver.journal import Journal, Journals
from mockserver.moments import Moments
from mockserver.mounting import base_of_request
from mockserver.observer import Observer
from mockserver.outbox import Outbox, Send
from mockserver.posting import posting
from mockserver.redaction import Redaction
from mockserver.request_log import RequestLog
from mockserver.shelf import Shelf
from mockserver.state.memory import Memory
from mockserver.state.port import Moved, Post, State
from mockserver.turns import done, emptied

DEFAULT = "default"


def port_to(home: Memory) -> State:
    """What requests see of the home of a sandbox's state."""
    return home


@dataclass(eq=False)
class Sandbox:
    """Everything a test can touch. `owner` is the test that made it; `strict` refuses files that belie their type.

    `keeps_requests`: whole requests are kept for its test, secrets and all; never in the sandbox that everybody knows.
    """

    name: str
    contracts: Sequence[Contract]
    send: Send
    shelf: Shelf
    seed: str = "0"
    clock: Clock = field(default_factory=Clock)
    limits_on: bool = True
    insecure_webhooks: bool = False
    webhook_ca: str | None = None
    webhook_timeout: float | None = None
    strict: bool = False
    owner: str = ""
    secret: bytes = field(default_factory=lambda: signing.new_secret().encode())
    journals: Journals = field(default_factory=Journals)
    keeps_requests: bool = False
    request_logs: Journals = field(default_factory=lambda: Journals(ALL_REQUESTS))

    def __post_init__(self) -> None:
        if self.keeps_requests and self.name == DEFAULT:
            raise UsageError("the default sandbox keeps no requests: anybody could read what others sent")
        self.requests = RequestLog(together=self.request_logs) if self.keeps_requests else None
        """What was sent; None where nobody wants to see it."""
        self.routes: Any = None
        """The paths that a test answers itself; None without any."""
        self._at_first = (self.limits_on, self.insecure_webhooks, self.webhook_ca, self.strict)
        self.server_url = ""
        self.generation = Generation()
        self.moments = Moments(self.clock)
        self.draws = Draws(self.seed)
        self.journal = Journal(together=self.journals)
        self.redaction = Redaction()
        self.outbox = Outbox(self, self.send)
        self.home: Memory = Memory(self.name, self.clock, self.draws, self.journal, self.shelf, self._deliver)
        self.state: State = port_to(self.home)
        self.closed = False
        self.made_at = wall()
        self.observer: Observer | None = None
        self.apis = {contract.name: SandboxApi(contract, self) for contract in self.contracts}
        for api in self.apis.values():
            api.account(demo=self.name == DEFAULT)

    def credentials(self) -> tuple[tuple[str, str], ...]:
        """What leads to it: each API, and a key or client_id of it."""
        return tuple((api.contract.name, key) for api in self.apis.values() for key in api.accounts)

    def observe(self, observer: Observer | None) -> None:
        """Let somebody see what happens here; None: nobody."""
        self.observer = self.journal.observer = self.home.observer = observer

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
    def held(self) -> tuple[int, float | None] | None:
        """How many requests wait for the clock, and the next moment that one waits for; None where none ever does."""
        if not any(api.contract.holds for api in self.apis.values()):
            return None
        return self.moments.held, self.moments.next_due()

    def _deliver(self, api: str, caused: Post | Moved) -> None:
        """A webhook may go out, or sooner than it would have: what caused that was answered."""
        if isinstance(caused, Post):
            self.outbox.post(posting(self.apis[api], caused))
        else:
            self.outbox.moved(self.apis[api].planned(caused.job))
            self.moments.changed(caused.job.id)

    @property
    def base_url(self) -> str:
        """What absolute URLs begin with: by it the request under way found the server, else the server is there."""
        return base_of_request() or self.server_url

    def url(self, api: str) -> str:
        """Where an API of this sandbox answers; the vendor's own path is appended to it."""
        return f"{self.base_url}/@{self.name}/{api}"

    def close(self) -> Iterator[None]:
        """No request and no delivery goes on, no uploaded byte stays. What was kept is let go step by step."""
        self.closed = True
        if self.observer is not None:
            self.observer.was_closed()
        self.generation.end(f"the sandbox {self.name!r} was closed while this was under way")
        left = emptied(self.journal.clear(), self.outbox.leave(), self.requests.leave() if self.requests else [])
        self.requests = self.routes = None
        return chain(self.shelf.forget_all(self.name), left, *[api.leave() for api in self.apis.values()])

    def reset(self) -> None:
        """Back to the beginning, but for name, clock and credentials; what is under way ends."""
        done(self.renew())

    def renew(self) -> Iterator[None]:
        """The same; what was kept is out of sight at once, and let go step by step."""
        self.generation.end(f"the sandbox {self.name!r} was reset while this was under way")
        self.generation = Generation()
        self.draws = Draws(self.seed)
        self.home.reset(self.draws)
        left = emptied(self.journal.clear(), self.outbox.leave())
        self.outbox = Outbox(self, self.send)
        self.limits_on, self.insecure_webhooks, self.webhook_ca, self.strict = self._at_first
        self.routes = None
        left = chain(left, emptied(self.requests.clear())) if self.requests is not None else left
        sides = [api.reset() for api in self.apis.values()]
        if self.observer is not None:
            self.observer.was_reset()
        return chain(self.shelf.forget_all(self.name), left, *sides)
