"""All sandboxes of a server: by name, by credential, and those already closed. Knows no HTTP."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mockserver import signing
from mockserver.clock import Clock, monotonic
from mockserver.contract import Contract
from mockserver.errors import UsageError
from mockserver.journal import Seen
from mockserver.outbox import Send
from mockserver.sandbox import DEFAULT, Sandbox
from mockserver.shelf import Shelf
from mockserver.store import Account

MOST = 10_000
IDLE_SECONDS = 3600.0
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Late:
    """A request to a sandbox that was closed, with the name of the test that owned it."""

    sandbox: str
    owner: str
    method: str
    path: str


class Sandboxes:
    """Makes, finds and closes sandboxes. Credentials of closed ones stay known, so that late requests are."""

    def __init__(
        self, contracts: Sequence[Contract], send: Send, *, seed: str = "0", clock: Clock | None = None, **at_first: Any
    ) -> None:
        """`at_first` is what each sandbox is that is not asked to be otherwise."""
        self.contracts = contracts
        self._at_first = at_first
        self.base_url = ""
        self.shelf = Shelf()
        self.late: deque[Late] = deque(maxlen=1000)
        self._send = send
        self._open: dict[str, Sandbox] = {}
        self._closed: OrderedDict[str, str] = OrderedDict()  # name → owner
        self._seen: Counter[Seen] = Counter()
        self._names: dict[tuple[str, str], str] = {}  # (api, credential) → sandbox
        self.default = self.create(DEFAULT, seed=seed, clock=clock or Clock())

    def create(self, name: str | None = None, *, seed: str = "0", clock: Clock | None = None, **more: Any) -> Sandbox:
        """A new sandbox. Raises UsageError when the name is taken or there are too many."""
        name = name or signing.new_name()
        if name in self._open or name in self._closed:
            raise UsageError(f"there is or was a sandbox named {name!r}; choose another name")
        self._close_idle()
        if len(self._open) >= MOST:
            raise UsageError(f"there are {MOST} sandboxes already; close some")
        more = {**self._at_first, **more}
        made = Sandbox(name, self.contracts, self._send, self.shelf, seed=seed, clock=clock or Clock(), **more)
        made.base_url = self.base_url
        made.used = monotonic()
        self._open[name] = made
        for api in made.apis.values():
            for account in api.accounts.values():
                self.know(made, account)
        return made

    def know(self, sandbox: Sandbox, account: Account) -> None:
        """Let the credentials of an account lead to its sandbox."""
        self._names[(account.api, account.key)] = sandbox.name
        self._names[(account.api, account.client_id)] = sandbox.name

    def __len__(self) -> int:
        return len(self._open)

    def open(self) -> list[Sandbox]:
        """The sandboxes that are open, oldest first."""
        return list(self._open.values())

    def get(self, name: str) -> Sandbox | None:
        return self._open.get(name)

    def by_credential(self, api: str, credential: str) -> str | None:
        """The name of the sandbox, open or closed, in which a key or client_id was issued."""
        return self._names.get((api, credential))

    def owner_of_closed(self, name: str) -> str | None:
        """Who owned a sandbox that was closed; None when none of that name was."""
        return self._closed.get(name)

    def close(self, name: str) -> None:
        """Close a sandbox; late requests to it are answered as such. Raises UsageError for the default one."""
        if name == DEFAULT:
            raise UsageError("the default sandbox stays; reset it instead")
        sandbox = self._open.pop(name)
        sandbox.close()
        self._seen.update(sandbox.journal.earlier)
        self._seen.update(sandbox.journal.seen)
        self._closed[name] = sandbox.owner
        while len(self._closed) > _REMEMBERED:
            gone, _ = self._closed.popitem(last=False)
            self._names = {key: owner for key, owner in self._names.items() if owner != gone}

    def seen(self) -> dict[Seen, int]:
        """How often each example was answered since the server's start, in closed sandboxes too."""
        total = Counter(self._seen)
        for sandbox in self._open.values():
            total.update(sandbox.journal.earlier)
            total.update(sandbox.journal.seen)
        return total

    def _close_idle(self) -> None:
        now = monotonic()
        for name, sandbox in list(self._open.items()):
            if name != DEFAULT and now - sandbox.used > IDLE_SECONDS:
                self.close(name)

    def end(self) -> None:
        """The server stops: no delivery goes on, no uploaded file stays."""
        for sandbox in self._open.values():
            sandbox.outbox.close()
        self.shelf.clear()
