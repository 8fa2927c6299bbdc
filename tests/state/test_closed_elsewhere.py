"""Two servers over one state: what one is asked to do in a sandbox that the other closes before it is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from control_kit import refused, told
from engine_kit import found
from workers_kit import Workers

from mockserver.control.request import PIECE, JsonList
from mockserver.control.responses import response_to
from mockserver.errors import Closed, StateError
from mockserver.mounting import WIRE

REQUESTS: dict[str, tuple[str, str, Any]] = {
    "the journal": ("GET", "/journal", None),
    "an archive": ("GET", "/journal?format=har", None),
    "webhooks": ("GET", "/webhooks", None),
    "whole requests": ("GET", "/requests", None),
    "jobs": ("GET", "/jobs", None),
    "conduct": ("GET", "/conduct", None),
    "coverage": ("GET", "/coverage", None),
    "what was armed in vain": ("GET", "/unused", None),
    "a snapshot": ("GET", "/snapshot", None),
    "what goes on": ("GET", "", None),
    "what is due next": ("GET", "/clock/next", None),
    "the clock": ("PUT", "/clock", {"mode": "real"}),
    "a step of it": ("POST", "/clock/advance", {"seconds": 1}),
    "an account": ("POST", "/accounts", {"api": "vidgen"}),
    "a fault": ("POST", "/faults", {"api": "vidgen", "operation": "getStatus", "fault": "status", "status": 503}),
    "limits": ("PUT", "/limits", {"on": False}),
    "a reset": ("POST", "/reset", {}),
}


@pytest.mark.parametrize("home", found())
@pytest.mark.parametrize("what", REQUESTS)
def test_what_the_other_closes_meanwhile_is_gone(workers: Workers, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workers.one.sandbox(requests=True)
    told(workers.other.ask("GET", path), 200)
    sandboxes, (way, more, body) = workers.one.server.sandboxes, REQUESTS[what]
    found_so_far, closing = sandboxes.find, [path]

    async def find(name: str, **settings: Any) -> Any:
        sandbox = await found_so_far(name, **settings)
        while closing:
            told(await workers.other.asked("DELETE", closing.pop(), json={}), 204)
        return sandbox

    monkeypatch.setattr(sandboxes, "find", find)
    answer = workers.one.ask(way, path + more, **({} if body is None else {"json": body}))
    assert "was closed" in refused(answer, 410)["detail"]


@pytest.mark.parametrize("home", found())
def test_a_sandbox_that_is_lost_while_it_is_made_is_to_be_made_again(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def make(**settings: Any) -> Any:
        raise Closed("the store has lost the sandbox 'world'")

    monkeypatch.setattr(workers.one.server.sandboxes, "make", make)
    answer = workers.one.ask("POST", "/_mock/sandboxes", json={})
    assert refused(answer, 503)["detail"] == "the store has lost the sandbox 'world'; make it again"
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("error", [Closed("it was closed"), StateError("it is away")])
def test_a_list_that_ends_in_its_midst_ends_the_connection_with_it(error: Exception) -> None:
    class Wire:
        is_cut = False

        def cut(self) -> None:
            self.is_cut = True

    async def items() -> AsyncIterator[str]:
        yield "x" * 2 * PIECE
        yield "x" * 2 * PIECE
        raise error

    async def answer(state: dict[str, Any]) -> list[Any]:
        sent: list[Any] = []
        scope = {"type": "http", "method": "GET", "asgi": {"spec_version": "2.4"}, "state": state}

        async def send(message: Any) -> None:
            sent.append(message)

        response = await response_to("GET", 200, JsonList(items()))
        await response(scope, asyncio.Event().wait, send)  # type: ignore[arg-type]  # nobody leaves
        return sent

    wire = Wire()
    sent = asyncio.run(answer({WIRE: wire}))
    assert wire.is_cut
    assert all(message.get("more_body", True) for message in sent), "nobody takes it for all of it"
    with pytest.raises(type(error)):
        asyncio.run(answer({}))
