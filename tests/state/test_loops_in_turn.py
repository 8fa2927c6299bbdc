"""A server over an engine, and event loops: one after another it answers in each, of two at once it answers in one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from control_kit import OWN, contracts
from engine_kit import Engine, found, running_engine
from home_kit import patient
from workers_kit import CONTROL

from mockserver.app import Mockserver, Settings
from mockserver.app.site import Application
from mockserver.clock import Clock
from mockserver.errors import UsageError
from mockserver.launch import start_app
from mockserver.stores.redis.served import ServedStore

ENGINES = found()
KEY = {"X-API-Key": "demo-key"}
IMAGE = "/miraflow/api/image/generate"
PROMPT = {"prompt": "A red kite", "name": "kite"}
HOOK = {"api": "vidgen", "url": "https://127.0.0.1:9/hook"}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with patient(), running_engine(ENGINES[request.param]) as made:
        yield made


def server(store: ServedStore, *, has_wire: bool = False) -> Mockserver:
    return Mockserver(contracts(), Settings(clock=Clock("manual")), store=store, has_wire=has_wire)


def client(application: Application) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=OWN)


def told(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


@pytest.mark.parametrize("many", [1, 2], ids=["one after another", "by turns"])
def test_a_loop_goes_on_where_the_one_before_has_ended(engine: Engine, many: int) -> None:
    store = ServedStore(engine.url, "")
    application, jobs = Application(server(store)), list[str]()

    async def one() -> None:
        async with client(application) as asking:
            jobs.append(told(await asking.post(IMAGE, json=PROMPT, headers=KEY))["jobId"])
            told(await asking.post(f"{CONTROL}/webhooks/test", json=HOOK))
            told(await asking.post(f"{CONTROL}/clock/advance", json={"seconds": 60}))
            shown = [told(await asking.get(f"/miraflow/api/image/{job}", headers=KEY)) for job in jobs]
            assert {each["status"] for each in shown} == {"inference_complete"}
            assert len(told(await asking.get(f"{CONTROL}/webhooks"))) == len(jobs)

    for _ in range(2):
        with ExitStack() as stack:
            for runner in [stack.enter_context(asyncio.Runner()) for _ in range(many)] * 2:
                runner.run(one())
            assert len(store.worker.loops) == many, "those that have ended are let go"
    asyncio.run(store.close())
    assert store.worker.loops == []


def test_of_two_at_once_the_second_one_is_told_in_one_sentence(engine: Engine) -> None:
    application = Application(server(ServedStore(engine.url, "")))
    refused, go = list[str](), threading.Event()

    async def other() -> None:
        async with client(application) as asking:
            with pytest.raises(UsageError) as caught:
                await asking.get("/vidgen/api/jobs", headers=KEY)
            refused.append(str(caught.value))
        go.set()

    async def one() -> None:
        async with client(application) as asking:
            told(await asking.get(f"{CONTROL}/clock"))
            elsewhere = threading.Thread(target=lambda: asyncio.run(other()))
            elsewhere.start()
            await asyncio.to_thread(go.wait, 60)
            elsewhere.join()
            told(await asking.get(f"{CONTROL}/clock"))
        await application.server.sandboxes.index.leave()

    asyncio.run(one())
    assert [each.partition(",")[0] for each in refused] == [
        "a server whose state is at a store answers in one event loop at a time"
    ]


def test_two_servers_of_a_process_share_what_they_hold_where_each_has_a_store_of_its_own(engine: Engine) -> None:
    stores = [ServedStore(engine.url, ""), ServedStore(engine.url, "")]
    with ExitStack() as stack:
        both = [stack.enter_context(start_app(server(store, has_wire=True))).url for store in stores]
        asking = stack.enter_context(httpx.Client(trust_env=False, headers=KEY, timeout=30))
        for one, other in (both, both[::-1]):
            job = told(asking.post(one + IMAGE, json=PROMPT))["jobId"]
            told(asking.post(f"{other}{CONTROL}/clock/advance", json={"seconds": 60}))
            shown = [told(asking.get(f"{at}/miraflow/api/image/{job}"))["status"] for at in both]
            assert shown == ["inference_complete"] * 2


def test_two_servers_with_one_store_are_refused_in_one_sentence(engine: Engine) -> None:
    store = ServedStore(engine.url, "")
    server(store)
    with pytest.raises(UsageError, match=r"^a store is one server's: several in one process have a store each"):
        server(store)
