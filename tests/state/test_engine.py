"""An engine that is away, silent, full, emptied or unfit: what clients are told, and that nothing is half done."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from control_kit import Steered, told
from engine_kit import Engine, found, running_engine

from mockserver import sandbox as sandbox_module
from mockserver import sandboxes as sandboxes_module
from mockserver.clock import monotonic
from mockserver.errors import StateError, UsageError
from mockserver.stores.choice import check_url
from mockserver.stores.redis import RedisStore, Worker
from mockserver.stores.redis.address import address_of

CONTROL = "/_mock/sandboxes/default"
KEY = {"X-API-Key": "demo-key"}
IMAGE = "/miraflow/api/image/generate"
PROMPT = {"prompt": "A red kite", "name": "kite", "aspectRatio": "16:9"}
RAW = b"GET /vidgen/api/status/nothing HTTP/1.1\r\nHost: localhost\r\nX-API-Key: demo-key\r\n\r\n"
ENGINES = found()
WITHIN = 1.5
"""Seconds: the engine may take one, and this machine is shared."""


class Served:
    """A server whose state is on an engine of its own."""

    def __init__(self, engine: Engine, runner: asyncio.Runner, steered: Steered) -> None:
        self.engine, self.runner, self.steered = engine, runner, steered

    def submit(self) -> httpx.Response:
        return self.steered.ask("POST", IMAGE, json=PROMPT, headers=KEY)

    def jobs(self) -> int:
        return len(self.steered.get(f"{CONTROL}/jobs"))

    async def on_the_short_way(self) -> bytes:
        answered: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        assert self.steered.server.at_once(RAW, len(RAW), "127.0.0.1", answered.set_result) == b""
        return await answered or b""


def is_told_to_try_again(answer: httpx.Response, of: str) -> bool:
    """Whether a client hears that it may try again, and why."""
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1"), answer.text
    assert of in answer.json()["detail"], answer.text
    return True


@pytest.fixture(params=ENGINES)
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with ExitStack() as stack:
        engine = stack.enter_context(running_engine(ENGINES[request.param]))
        runner = stack.enter_context(asyncio.Runner())
        store = RedisStore(engine.url)
        monkeypatch.setattr(sandbox_module, "port_to", store.state)
        monkeypatch.setattr(sandboxes_module, "port_to_index", store.index)
        steered = Steered(runner)
        yield Served(engine, runner, steered)
        steered.close()
        runner.run(store.close())


def test_an_engine_that_is_killed_and_comes_back_is_told_as_503_and_gone_on_with(served: Served) -> None:
    told(served.submit(), 200)
    served.engine.kill()
    assert is_told_to_try_again(served.submit(), "the store at")
    short = served.runner.run(served.on_the_short_way())
    assert short.startswith(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n")
    for path in (f"{CONTROL}/jobs", "/_mock/sandboxes", "/_mock/coverage"):
        assert is_told_to_try_again(served.steered.ask("GET", path), "the store at")
    assert is_told_to_try_again(served.steered.ask("GET", "/_media/default/miraflow/x/y"), "the store at")
    served.engine.start()
    assert is_told_to_try_again(served.submit(), "the store has lost the sandbox 'default'"), "once"
    told(served.submit(), 200)
    assert served.jobs() == 1


def test_a_silent_engine_is_told_in_time_and_gone_on_with(served: Served) -> None:
    told(served.submit(), 200)
    served.engine.process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(2):
            begun = monotonic()
            assert is_told_to_try_again(served.submit(), "the store at")
            assert monotonic() - begun < WITHIN
    finally:
        served.engine.process.send_signal(signal.SIGCONT)
    told(served.submit(), 200)


def test_a_full_engine_refuses_the_whole_of_a_request_and_goes_on_once_there_is_room(served: Served) -> None:
    told(served.submit(), 200)
    before = served.jobs()
    served.engine.asked(b"CONFIG SET maxmemory 1\r\n")
    refused = served.submit()
    assert is_told_to_try_again(refused, "the store takes no more: OOM")
    assert refused.json()["detail"].endswith("'maxmemory': close or reset sandboxes, or raise its setting `maxmemory`")
    served.engine.asked(b"CONFIG SET maxmemory 0\r\n")
    assert served.jobs() == before
    told(served.submit(), 200)


def test_sandboxes_can_be_closed_and_reset_at_a_full_engine(served: Served) -> None:
    path = served.steered.sandbox()
    served.steered.get(path)
    told(served.submit(), 200)
    served.engine.asked(b"CONFIG SET maxmemory 1\r\n")
    told(served.steered.ask("DELETE", path, json={}), 204)
    told(served.steered.ask("POST", f"{CONTROL}/reset", json={}), 204)
    served.engine.asked(b"CONFIG SET maxmemory 0\r\n")
    assert served.jobs() == 0
    assert served.steered.ask("GET", path).status_code == 410
    told(served.submit(), 200)


def test_an_engine_that_has_forgotten_its_scripts_is_told_them_again(served: Served) -> None:
    told(served.submit(), 200)
    served.engine.asked(b"SCRIPT FLUSH\r\n")
    told(served.submit(), 200)
    assert served.jobs() == 2
    assert len(served.steered.get(f"{CONTROL}/journal")) == 2


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_an_engine_that_throws_away_what_it_holds_is_no_home(name: str, policy: str) -> None:
    async def asked(engine: Engine) -> None:
        worker = Worker(engine.url)
        try:
            await worker.pipe.ask("PING")
        finally:
            await worker.close()

    says = pytest.raises(StateError, match="set its maxmemory-policy to noeviction")
    with running_engine(ENGINES[name], "--maxmemory-policy", policy) as engine, says:
        asyncio.run(asked(engine))


@pytest.mark.parametrize(
    ("url", "shown", "database", "secure"),
    [
        ("redis://localhost", "localhost:6379", 0, False),
        ("rediss://ann:s%40e@h.example:7000/3", "h.example:7000", 3, True),
        ("valkey://[::1]:1234/1", "::1:1234", 1, False),
        ("unix:///run/a%20b.sock?db=2", "/run/a b.sock", 2, False),
    ],
)
def test_a_url_says_where_an_engine_is_and_shows_no_secret(url: str, shown: str, database: int, secure: bool) -> None:
    found = address_of(url)
    assert (found.shown, found.database, found.secure) == (shown, database, secure)


FORMS, PATH = r"a store is redis://HOST", "the path of the store's socket is missing"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://s3cret@localhost", FORMS),
        ("redis://localhost:x", FORMS),
        ("redis://localhost/one", FORMS),
        ("redis://localhost/-1", FORMS),
        ("redis:/ann:s3cret@127.0.0.1", FORMS),
        ("x", FORMS),
        ("redis://a..b:6379", FORMS),
        (f"redis://{'a' * 64}.example", FORMS),
        ("unix:///run/a%00b", FORMS),
        ("redis://localhost:0", FORMS),
        ("redis://:123#s3cret@engine.example", FORMS),
        ("unix:///run/redis.sock#s3cret", FORMS),
        ("redis://:s3cret[@localhost", FORMS),
        ("unix://", PATH),
        ("unix://run/redis.sock", PATH),
        ("redis://ann@localhost", "a user of the store without a password"),
        ("redis://localhost?db=s3cret", "something behind the . of the store's URL means nothing"),
        ("redis://localhost?ca=/a", "something behind the . of the store's URL means nothing"),
        ("unix:///a?s3cret=5", "something behind the . of the store's URL means nothing"),
        ("rediss://localhost?ca=/a&sni=x", "something behind the . of the store's URL means nothing"),
        ("rediss://localhost?key=/a", "without its certificate"),
    ],
)
def test_what_leads_to_no_engine_is_refused_with_a_sentence_that_shows_no_secret(url: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as told:
        address_of(url)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    ["app:s3cret@host:6379", "ann:s3cret@redis://host", "http://ann:s3cret@host", "http://host?p=s3cret", "s3cret", ""],
)
def test_of_what_names_no_store_nothing_is_shown(url: str) -> None:
    with pytest.raises(UsageError, match="what is given names no store: write redis://HOST:PORT") as told:
        check_url(url)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("url", ["redis://:s3cret[@localhost", "redis://:s3[cr]et@localhost", "rediss://[s3cret"])
def test_a_bracket_in_a_password_is_told_as_any_other_url_that_leads_nowhere(url: str) -> None:
    with pytest.raises(UsageError, match=r"in a password .*%5B and %5D") as told:
        check_url(url)
    assert "s3cret" not in str(told.value)
