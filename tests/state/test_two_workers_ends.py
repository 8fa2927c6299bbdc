"""Two servers over one state: how a server begins where another one has begun before, and how a sandbox ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
from control_kit import OWN, contracts, told
from engine_kit import Engine, found
from workers_kit import Workers

from mockserver.app import Mockserver
from mockserver.stores.redis.served import ServedStore

WORLDS, ENGINES = "/_mock/sandboxes", found()


def test_a_sandbox_that_one_closed_is_let_go_by_the_other_before_anybody_asks(workers: Workers, home: str) -> None:
    one, other = workers.one, workers.other
    made = told(one.ask("POST", WORLDS, json={}), 201)["name"]
    told(other.ask("GET", f"{WORLDS}/{made}"), 200)
    assert other.server.sandboxes.get(made) is not None
    told(one.ask("DELETE", f"{WORLDS}/{made}"), 204)
    if home == "slow":  # it tells nobody
        other.ask("GET", f"{WORLDS}/{made}")

    async def until_gone() -> None:
        while other.server.sandboxes.get(made) is not None:  # noqa: ASYNC110 - it hears of it by itself
            await asyncio.sleep(0)

    other.run(asyncio.wait_for(until_gone(), 20))


def test_requests_that_come_first_and_at_once_to_a_second_server_are_all_answered(
    engine_of: Callable[[str], Engine],
) -> None:
    engine = engine_of(next(iter(ENGINES)))
    with asyncio.Runner() as runner:
        stores = [ServedStore(engine.url, ""), ServedStore(engine.url, "")]
        servers = [Mockserver(contracts(), store=store) for store in stores]

        async def asked(server: Mockserver) -> list[int]:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url=OWN) as client:
                answers = [client.get("/vidgen/api/health") for _ in range(5)]
                return [each.status_code for each in await asyncio.gather(*answers)]

        for server in servers:
            assert runner.run(asked(server)) == [200] * 5
        for server, store in zip(servers, stores, strict=True):
            server.sandboxes.end()
            runner.run(store.close())
