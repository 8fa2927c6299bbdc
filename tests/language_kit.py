"""A contract of one's own, served: the template with changes, on a socket, with a client and a clock to move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, good, write
from running_kit import on_loop

from mockserver import Running
from mockserver.app import Mockserver, Settings
from mockserver.check import check, check_contract
from mockserver.clock import Clock
from mockserver.launch import start_app
from mockserver.loader import load_folder
from mockserver.sandbox import Sandbox
from mockserver.store import AccountRecord

SUBMIT = "/paths/~1v1~1jobs/post"
SHOW = "/paths/~1v1~1jobs~1{jobId}/get"
POST_LINKS = f"{SUBMIT}/responses/201/links"
EXAMPLES = "responses/200/content/application~1json/examples"
NAME = "own"


@dataclass
class Served:
    """A contract that is served alone: its server, its own sandbox, and a client that knows no credentials."""

    running: Running
    http: httpx.Client
    root: str

    @property
    def sandbox(self) -> Sandbox:
        return self.running.app.sandboxes.default

    @property
    def account(self) -> AccountRecord:
        return next(iter(self.sandbox.apis[NAME].accounts.values()))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        on_loop(self.running, self.sandbox.advance(seconds))

    def submit(self, **values: Any) -> httpx.Response:
        """A job, by the template's own key."""
        return self.http.post("/v1/jobs", json={"prompt": "A lighthouse", **values}, headers={"x-api-key": "demo-key"})

    def arm(self, **fault: Any) -> None:
        """Break something in it."""
        told = self.http.post(f"{self.root}/_mock/sandboxes/default/faults", json={"api": NAME, **fault})
        assert told.status_code == 201, told.text

    def webhooks(self) -> list[Any]:
        """Those that were owed, as control lists them."""
        listed: list[Any] = self.http.get(f"{self.root}/_mock/sandboxes/default/webhooks").json()
        return listed

    def show(self, identity: str) -> Any:
        return self.http.get(f"/v1/jobs/{identity}", headers={"x-api-key": "demo-key"}).json()


def documents(*mutations: Mutation) -> Documents:
    """The good contract, changed."""
    made = good()
    for mutation in mutations:
        mutation(made)
    return made


def findings(folder: Path, *mutations: Mutation) -> list[str]:
    """What `check` says of the good contract with these changes."""
    return [str(each) for each in check(write(folder / NAME, documents(*mutations)))]


FORM = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"prompt": {"type": "string"}, "picture": {"type": "string", "format": "binary"}},
            "required": ["prompt", "picture"],
        },
        "examples": {"one": {"value": {"prompt": "A lighthouse", "picture": "bytes"}}},
    }
}
"""The content of a request that is a form with a file."""


def client(url: str) -> httpx.Client:
    """One that waits longer than any machine takes."""
    return httpx.Client(base_url=url, trust_env=False, timeout=60)


async def _begun(app: Mockserver) -> None:
    """What the first request does, which moves the clock in some tests, in the process itself."""
    await app.sandboxes.join()
    await app.sandboxes.default.refresh()


@contextmanager
def serving(folder: Path, *mutations: Mutation, is_sound: bool = True, **settings: Any) -> Iterator[Served]:
    """The good contract with these changes, which `check` must find sound, on a socket."""
    where = write(folder / NAME, documents(*mutations))
    contract, found = load_folder(where, further=check_contract if is_sound else None)
    assert contract is not None, found
    assert not found, "\n".join(map(str, found))
    app = Mockserver([contract], Settings(clock=Clock("manual"), **settings))
    with start_app(app) as running, client(f"{running.url}/{NAME}") as http:
        on_loop(running, _begun(app))
        yield Served(running, http, running.url)


__all__ = [
    "BEHAVIOR", "EXAMPLES", "FORM", "NAME", "OPENAPI", "POST_LINKS", "SHOW", "SUBMIT", "Served", "documents",
    "findings", "serving",
]  # fmt: skip
