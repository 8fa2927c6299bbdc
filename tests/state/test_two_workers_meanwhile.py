"""Two servers over one state: requests of one of them, while the other one switches something or resets the sandbox."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from control_kit import Steered, refused, told
from workers_kit import Workers

CONTROL = "/_mock/sandboxes/default"
KEY = {"X-API-Key": "demo-key"}
IMAGE = "/miraflow/api/image/generate"
PROMPT = {"prompt": "A red kite", "name": "kite", "aspectRatio": "16:9"}


class Held:
    """A state that is not told of something before it is time."""

    def __init__(self, state: Any, **held: Any) -> None:
        self._state = state
        vars(self).update(held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._state, name)


def raw(key: str) -> bytes:
    """A request that goes the short way."""
    return f"GET /@default/vidgen/api/status/nothing HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\r\n".encode()


async def on_the_short_way(worker: Steered, request: bytes) -> bytes | None:
    """What a server answers in the end."""
    answered: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    assert worker.server.at_once(request, len(request), "127.0.0.1", answered.set_result) == b""
    return await answered


def test_on_the_short_way_a_request_by_what_was_switched_meanwhile_goes_the_long_way(workers: Workers) -> None:
    def asked(key: str = "demo-key") -> Any:
        return workers.other.run(on_the_short_way(workers.other, raw(key)))

    assert asked().startswith(b"HTTP/1.1 404")
    made = told(workers.one.ask("POST", f"{CONTROL}/accounts", json={"api": "vidgen"}), 201)
    assert asked(made["api_key"]) is None
    assert asked(made["api_key"]).startswith(b"HTTP/1.1 404"), "the next one knows"
    assert workers.one.run(workers.one.server.sandboxes.default.state.activity()).newest == 2


def test_a_reset_at_one_ends_what_the_other_has_under_way_and_nothing_of_it_changes_what_is_there(
    workers: Workers,
) -> None:
    async def both() -> tuple[Any, Any]:
        other, state = workers.other.server.sandboxes.default, workers.other.server.sandboxes.default.state
        committing, is_over = asyncio.Event(), asyncio.Event()

        async def commit(*effects: Any) -> bool:
            committing.set()
            await is_over.wait()
            return await state.commit(*effects)

        side = other.apis["miraflow"]
        side.state = cast(Any, Held(state, commit=commit))
        post = asyncio.create_task(workers.other.asked("POST", IMAGE, json=PROMPT, headers=KEY))
        await committing.wait()
        reset = await workers.one.asked("POST", f"{CONTROL}/reset", json={})
        is_over.set()
        late = await post
        side.state = state
        return reset, late

    reset, late = workers.one.run(both())
    assert reset.status_code < 300
    assert "was reset while this was under way" in refused(late, 410)["detail"]
    assert workers.one.get(f"{CONTROL}/jobs") == workers.one.get(f"{CONTROL}/journal") == []
    told(workers.other.ask("POST", IMAGE, json=PROMPT, headers=KEY), 200)
    assert len(workers.one.get(f"{CONTROL}/jobs")) == 1


@pytest.mark.parametrize("way", ["short", "long"])
def test_a_request_that_begins_after_a_reset_is_answered_where_that_is_heard_of_meanwhile(
    workers: Workers, way: str
) -> None:
    async def both() -> Any:
        other, state = workers.other.server.sandboxes.default, workers.other.server.sandboxes.default.state
        beginning, is_heard = asyncio.Event(), asyncio.Event()

        async def begin(*words: Any) -> Any:
            beginning.set()
            await is_heard.wait()
            return await state.begin(*words)

        side = other.apis["vidgen"]
        side.state = cast(Any, Held(state, begin=begin))
        by = on_the_short_way(workers.other, raw("demo-key")) if way == "short" else _status(workers.other)
        asked = asyncio.create_task(by)
        await beginning.wait()
        told((await workers.one.asked("POST", f"{CONTROL}/reset", json={})), 204)
        await other.refresh()
        is_heard.set()
        return await asked

    assert workers.one.run(both()) == (None if way == "short" else 404), "the short way leaves it to the long one"


async def _status(worker: Steered) -> int:
    return (await worker.asked("GET", "/vidgen/api/status/nothing", headers=KEY)).status_code
