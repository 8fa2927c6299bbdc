"""A view of each API in the test's own sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from api_kit import Receiver, View, connect, receiving

from mockserver import Running
from mockserver.conduct import ConductFinding, judge
from mockserver.sandbox import Sandbox
from mockserver.state.pages import all_entries

Advance = Callable[[Sandbox, float], None]
MakeView = Callable[..., View]


@pytest.fixture
def view(running: Running, advance: Advance) -> Iterator[MakeView]:
    """Makes views of an API of a sandbox; with a bearer token where the API wants one."""
    views: list[View] = []

    def make(sandbox: Sandbox, api: str) -> View:
        side = sandbox.apis[api]
        account = next(iter(side.accounts.values()))
        http = connect(sandbox.url(api), x_api_key=account.key)
        views.append(View(side, http, lambda seconds: advance(sandbox, seconds)))
        return views[-1]

    yield make
    for each in views:
        each.http.close()


@pytest.fixture
def vidgen(view: MakeView, sandbox: Sandbox) -> View:
    return view(sandbox, "vidgen")


@pytest.fixture
def miragic(view: MakeView, sandbox: Sandbox) -> View:
    return view(sandbox, "miragic")


@pytest.fixture
def miraflow(view: MakeView, sandbox: Sandbox) -> View:
    return view(sandbox, "miraflow")


@pytest.fixture
def mirrago(view: MakeView, sandbox: Sandbox) -> View:
    """With an access token in the client's Authorization header."""
    made = view(sandbox, "mirrago")
    account = made.mine
    asked = {"client_id": account.client_id, "client_secret": account.client_secret, "grant_type": "client_credentials"}
    made.http.headers["Authorization"] = "Bearer " + made.http.post("/oauth/token", json=asked).json()["access_token"]
    del made.http.headers["X-API-Key"]
    return made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Takes webhooks over plain HTTP."""
    with receiving() as made:
        yield made


@pytest.fixture
def conduct(running: Running) -> Callable[[View], list[ConductFinding]]:
    """What is found about the client of a view, read on the server's own loop: what was answered is entered then."""

    async def judged(side: View) -> list[ConductFinding]:
        entries = [each async for each in all_entries(side.sandbox.state)]
        return judge(entries, {side.side.contract.name: side.side.contract})

    loop = running.thread.loop
    return lambda side: asyncio.run_coroutine_threadsafe(judged(side), loop).result(20)
