"""Servers whose store was emptied, or went back to an earlier state: they serve what is there by then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from engine_kit import Engine, found, running_engine
from serve_kit import serving

pytestmark = pytest.mark.slow
PROGRAMS = found()
KEY = {"X-API-Key": "demo-key"}
JSON = {"prompt": "a street", "name": "k"}
DEFAULT = "/_mock/sandboxes/default"
HEAD = b"ms1:{/default}"


@pytest.fixture(scope="module", params=sorted(PROGRAMS))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with running_engine(PROGRAMS[request.param]) as made:
        yield made


@contextmanager
def clients(engine: Engine, many: int) -> Iterator[list[httpx.Client]]:
    """Of as many servers at the engine, which have found the default sandbox."""
    with ExitStack() as stack:
        servers = [stack.enter_context(serving("--store", engine.url, "--quiet")) for _ in range(many)]
        yield [stack.enter_context(httpx.Client(base_url=each.url, timeout=10)) for each in servers]


def told(answer: httpx.Response, status: int = 200) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    found: dict[str, str] = answer.json()
    return found


def submitted(asking: httpx.Client) -> str:
    return told(asking.post("/miraflow/api/image/generate", json=JSON, headers=KEY))["jobId"]


def image(asking: httpx.Client, job: str) -> httpx.Response:
    return asking.get(f"/miraflow/api/image/{job}", headers=KEY)


def are_limited(asking: list[httpx.Client]) -> bool:
    """Whether all of them count requests, or none does."""
    answers = {"ratelimit-limit" in each.get("/vidgen/api/jobs", headers=KEY).headers for each in asking}
    assert len(answers) == 1
    return answers.pop()


def test_a_store_that_was_emptied_after_something_was_switched_is_served_on(engine: Engine) -> None:
    with clients(engine, 2) as both:
        for _ in range(2):
            told(both[0].put(f"{DEFAULT}/limits", json={"on": False}))
            assert [image(each, "none").status_code for each in both] == [404, 404]
            engine.asked(b"FLUSHALL\r\n")
            assert [image(each, "none").status_code for each in (*both, *both)] == [503, 503, 404, 404]
            assert are_limited(both), "limits are on again"
    engine.emptied()


def test_a_store_that_was_emptied_is_listed_as_it_is_served(engine: Engine) -> None:
    def listed(asking: httpx.Client) -> list[str]:
        return [each["name"] for each in asking.get("/_mock/sandboxes").json()]

    with clients(engine, 2) as both:
        for asking in both:
            engine.asked(b"FLUSHALL\r\n")
            assert listed(asking) == ["default"]
            told(asking.post("/_mock/sandboxes", json={"name": "other"}), 201)
            assert [listed(each) for each in both] == [["default", "other"]] * 2
    engine.emptied()


def test_what_a_later_server_signs_at_an_emptied_store_the_earlier_ones_know(engine: Engine) -> None:
    with clients(engine, 2) as both:
        told(both[0].put(f"{DEFAULT}/clock", json={"mode": "manual"}))
        assert {image(each, submitted(each)).status_code for each in both} == {200}
        engine.asked(b"FLUSHALL\r\n")
        with clients(engine, 1) as (later,):
            told(later.put(f"{DEFAULT}/clock", json={"mode": "manual"}))
            job = submitted(later)
            told(later.post(f"{DEFAULT}/clock/advance", json={"seconds": 600}))
            links = [told(image(each, job))["downloadUrl"] for each in (later, *both)]
            paths = [httpx.URL(each).raw_path.decode() for each in links]
            assert len(set(paths)) == 1, "one secret and one time for all"
            assert [each.get(paths[0]).status_code for each in (later, *both)] == [200] * 3
    engine.emptied()


def test_an_engine_that_went_back_to_what_was_switched_before_is_served_on(engine: Engine) -> None:
    with clients(engine, 2) as both:
        before = [word(engine, b"HGET %b rev" % HEAD), word(engine, b"GET %b:configuration" % HEAD)]
        told(both[0].put(f"{DEFAULT}/limits", json={"on": False}))
        assert not are_limited(both)
        engine.asked(command(b"HSET", HEAD, b"rev", before[0]))
        engine.asked(command(b"SET", HEAD + b":configuration", before[1]))
        assert are_limited(both)
    engine.emptied()


def word(engine: Engine, line: bytes) -> bytes:
    return engine.asked(line + b"\r\n").split(b"\r\n", 1)[1][:-2]


def command(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join([b"$%d\r\n%b\r\n" % (len(each), each) for each in words])


def test_a_sandbox_that_the_engine_has_lost_is_gone_at_every_server(engine: Engine) -> None:
    with clients(engine, 2) as both:
        path, key = made(both[0], "lost")
        assert [asked(each, path, key) for each in both] == [404, 404]
        engine.asked(b"FLUSHALL\r\n")
        for each in (*both, *both):
            answer = each.get(f"{path}/api/image/none", headers=key)
            assert (answer.status_code, answer.json()["detail"]) == (404, "there is no sandbox named 'lost'")
        assert {each.get("/_mock/sandboxes/lost").status_code for each in both} == {404}
    engine.emptied()


def test_one_of_the_same_name_that_was_made_after_it_was_lost_is_another_one(engine: Engine) -> None:
    with clients(engine, 2) as both:
        path, before = made(both[0], "again")
        assert [asked(each, path, before) for each in both] == [404, 404]
        engine.asked(b"FLUSHALL\r\n")
        path, after = made(both[1], "again")
        assert [asked(each, path, after) for each in both] == [404, 404]
        assert [asked(each, path, before) for each in both] == [401, 401]
        ids = {told(each.post(f"{path}/api/image/generate", json=JSON, headers=after))["jobId"] for each in both}
        assert len(ids) == 2, "they draw from one seed"
    engine.emptied()


def made(asking: httpx.Client, name: str) -> tuple[str, dict[str, str]]:
    """Where an API of a new sandbox is, and what its requests carry."""
    answer = asking.post("/_mock/sandboxes", json={"name": name, "clock": {"mode": "manual"}, "seed": name})
    api = answer.json()["apis"]["miraflow"]
    return httpx.URL(api["url"]).path, {"X-API-Key": api["api_key"]}


def asked(asking: httpx.Client, path: str, key: dict[str, str]) -> int:
    return asking.get(f"{path}/api/image/none", headers=key).status_code
