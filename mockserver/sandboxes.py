"""All sandboxes of a server: by name, by credential, and those already closed. Knows no HTTP."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver import signing
from mockserver.bounds import (
    ALL_REQUESTS,
    AUTHORITIES,
    CLOSED,
    CLOSED_COUNT,
    LATE,
    LATE_COUNT,
    NAME,
    PATH,
    SANDBOXES,
    cut,
    weigh,
)
from mockserver.clock import Clock, monotonic
from mockserver.contract import Contract
from mockserver.errors import FullError, UsageError
from mockserver.journal import Seen
from mockserver.observer import ServerObserver
from mockserver.outbox import Send
from mockserver.rings import Journals
from mockserver.sandbox import DEFAULT, Sandbox
from mockserver.shelf import Shelf
from mockserver.state.configuration import SWITCHES, Configuration
from mockserver.store import Account
from mockserver.turns import done
from mockserver.world import World

IDLE_SECONDS = 3600.0
Credential = tuple[str, str]
"""API, and key or client_id."""


@dataclass(frozen=True, slots=True)
class Late:
    """A request to a sandbox that was closed, with the name of the test that owned it."""

    sandbox: str
    owner: str
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Closed:
    """What is known of a sandbox that was closed."""

    owner: str
    credentials: tuple[Credential, ...]
    weight: int


class Sandboxes:
    """Makes, finds and closes sandboxes. Credentials of closed ones stay known, so that late requests are."""

    def __init__(
        self, contracts: Sequence[Contract], send: Send, *, seed: str = "0", clock: Clock | None = None, **at_first: Any
    ) -> None:
        """`at_first` is what each sandbox is that is not asked to be otherwise."""
        self.contracts = contracts if isinstance(contracts, list) else [*contracts]
        self._at_first = at_first
        self.server_url = ""
        self.observer: ServerObserver | None = None
        self.shelf = Shelf()
        self.journals = Journals()
        self.request_logs = Journals(ALL_REQUESTS)
        self.late: deque[Late] = deque()
        self.late_dropped = 0
        self._late_bytes = 0
        self._send = send
        self._open: dict[str, Sandbox] = {}
        self._closed: OrderedDict[str, Closed] = OrderedDict()
        self._closed_bytes = 0
        self.seen_closed: Counter[Seen] = Counter()
        self._names: dict[Credential, str] = {}  # → sandbox
        self._heirs: dict[Credential, list[str]] = {}  # → further sandboxes that were made with it
        self.default = self.create(DEFAULT, seed=seed, clock=clock or Clock())

    def create(self, name: str | None = None, *, seed: str = "0", clock: Clock | None = None, **more: Any) -> Sandbox:
        """A new sandbox. Raises UsageError when the name is taken or there are too many."""
        name = name or signing.new_name()
        if name in self._open or name in self._closed:
            raise UsageError(f"there is or was a sandbox named {name!r}; choose another name")
        done(self.part_with_idle())
        if len(self._open) >= SANDBOXES:
            raise FullError(f"there are {SANDBOXES} sandboxes already; close some")
        more = {"seed": seed, "clock": clock or Clock(), **self._at_first, **more}
        more |= {"journals": self.journals, "request_logs": self.request_logs}
        more["at_first"] = Configuration(**{name: more.pop(name) for name in SWITCHES if name in more})
        made = Sandbox(name, self.contracts, self._send, self.shelf, **more)
        made.server_url = self.server_url
        made.used = monotonic()
        self._open[name] = made
        self.journals.tally.made += 1
        if self.observer is not None:
            self.observer.was_made(name)
        for api in made.apis.values():
            for account in api.accounts.values():
                self.know(made, account)
        return made

    def create_default(self, **settings: Any) -> Sandbox:
        """Another default sandbox in the place of the one that is there; no request may have come to that."""
        del self._open[DEFAULT]
        for credential in self.default.credentials():
            del self._names[credential]
        self.default = self.create(DEFAULT, **settings)
        return self.default

    def authority(self, pem: str) -> str:
        """Certificates that a sandbox shall trust, once for all that trust the same. Raises FullError."""
        known = [each.configuration.webhook_ca for each in self._open.values()]
        trusted = {each: each for each in known if each is not None}
        if pem not in trusted and sum(map(len, trusted)) + len(pem) > AUTHORITIES:
            raise FullError(f"the sandboxes trust {AUTHORITIES} bytes of certificates already; close some")
        return trusted.get(pem, pem)

    @property
    def base_url(self) -> str:
        """What absolute URLs begin with; see `Sandbox.base_url`."""
        return self.default.base_url

    def know(self, sandbox: World, account: Account) -> None:
        """Let the credentials of an account lead to its sandbox."""
        self._names[(account.api, account.key)] = sandbox.name
        self._names[(account.api, account.client_id)] = sandbox.name

    def know_instead(self, sandbox: Sandbox, before: Iterable[Credential]) -> None:
        """A sandbox has other accounts than `before`. Credentials that lead to another open sandbox go on to do so."""
        for credential in before:
            del self._names[credential]
        for credential in sandbox.credentials():
            if self._names.get(credential) not in self._open:
                self._names[credential] = sandbox.name
            else:
                self._heirs.setdefault(credential, []).append(sandbox.name)

    def __len__(self) -> int:
        return len(self._open)

    def open(self) -> list[Sandbox]:
        """The sandboxes that are open, oldest first."""
        return list(self._open.values())

    def get(self, name: str) -> Sandbox | None:
        return self._open.get(name)

    def issuer(self, api: str, credential: str | None) -> Sandbox | None:
        """The open sandbox in which a key or client_id was issued."""
        return self._open.get(self._names.get((api, credential), ""))  # type: ignore[arg-type]

    def by_credential(self, api: str, credential: str) -> str | None:
        """The name of the sandbox, open or closed, in which a key or client_id was issued; a password may follow."""
        found = self._names.get((api, credential))
        return found or (self._names.get((api, credential.partition(":")[0])) if ":" in credential else None)

    def owner_of_closed(self, name: str) -> str | None:
        """Who owned a sandbox that was closed; None when none of that name was."""
        found = self._closed.get(name)
        return None if found is None else found.owner

    def came_late(self, name: str, owner: str, method: str, path: str) -> None:
        """A request came to a sandbox that was closed. The oldest of them make room."""
        late = Late(name, owner, cut(method, NAME), cut(path, PATH))
        self.late.append(late)
        self._late_bytes += weigh(late)
        while len(self.late) > LATE_COUNT or self._late_bytes > LATE:
            self._late_bytes -= weigh(self.late.popleft())
            self.late_dropped += 1

    def close(self, name: str) -> None:
        """Close a sandbox; late requests to it are answered as such. Raises UsageError for the default one."""
        done(self.part_with(name))

    def part_with(self, name: str) -> Iterator[None]:
        """The same; what the sandbox kept is out of sight at once, and let go step by step."""
        if name == DEFAULT:
            raise UsageError("the default sandbox stays; reset it instead")
        sandbox = self._open.pop(name)
        self.journals.tally.closed += 1
        if self.observer is not None:
            self.observer.was_closed(name, sandbox.owner)
        self._bequeath(sandbox)
        left = sandbox.close()
        self.journals.leave(sandbox.journal)
        self.journals.tally.add(sandbox.journal.untallied())
        self.seen_closed.update(sandbox.journal.earlier)
        self.seen_closed.update(sandbox.journal.seen)
        self._remember(sandbox)
        return left

    def _bequeath(self, sandbox: Sandbox) -> None:
        """Credentials of a closed sandbox lead to the next open one that has them, too."""
        for credential in sandbox.credentials() if self._heirs else ():
            heirs = [name for name in self._heirs.pop(credential, ()) if name in self._open]
            if heirs and self._names.get(credential) == sandbox.name:
                self._names[credential] = heirs.pop(0)
            if heirs:
                self._heirs[credential] = heirs

    def _remember(self, sandbox: Sandbox) -> None:
        """Know a closed sandbox by its name and credentials, while there is room for it."""
        keys = sandbox.credentials()
        weight = 2 * weigh((sandbox.name, sandbox.owner, keys))  # the index of credentials takes as much again
        self._closed[sandbox.name] = Closed(sandbox.owner, keys, weight)
        self._closed_bytes += weight
        while len(self._closed) > CLOSED_COUNT or self._closed_bytes > CLOSED:
            name, gone = self._closed.popitem(last=False)
            self._closed_bytes -= gone.weight
            for credential in gone.credentials:
                if self._names.get(credential) == name:
                    del self._names[credential]

    def seen(self) -> dict[Seen, int]:
        """How often each example was answered since the server's start, in closed sandboxes too."""
        total = Counter[Seen]()
        for counts in self.all_seen():
            total.update(counts)
        return total

    def all_seen(self) -> Iterator[Mapping[Seen, int]]:
        """The counts that make up the whole: those of closed sandboxes, then those of each that is open."""
        yield self.seen_closed
        for sandbox in self.open():
            yield sandbox.journal.earlier
            yield sandbox.journal.seen

    def part_with_idle(self) -> Iterator[None]:
        """Close what nobody used for an hour, step by step; `create` does the same at one go."""
        for name, sandbox in list(self._open.items()):
            is_idle = monotonic() - sandbox.used > IDLE_SECONDS
            if name != DEFAULT and is_idle and not sandbox.closed:
                yield from self.part_with(name)

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
