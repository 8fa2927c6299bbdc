"""Calls of unmodified clients reach the sandbox, or are refused; each test with each client."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import httpx
import httpx2
import pytest
import requests
import urllib3

from mockserver.intercept import intercept
from tests.intercept_kit import CALLERS, HOST, PREFIX, Caller, Server


@pytest.fixture(params=CALLERS, ids=[caller.name for caller in CALLERS])
def caller(request: pytest.FixtureRequest) -> Caller:
    found: Caller = request.param
    return found


@pytest.mark.parametrize(
    "origin", [f"https://{HOST}", f"http://{HOST}", f"https://{HOST}:8443", f"https://{HOST.upper()}"]
)
def test_a_call_reaches_the_sandbox_below_its_prefix(
    caller: Caller, routes: dict[str, str], server: Server, origin: str
) -> None:
    with intercept(routes):
        seen = caller.one(f"{origin}/v1/jobs/%7Bid%7D?a=1&b=%20x&c")
    assert seen.status == 200
    assert seen.body["path"].startswith(f"{PREFIX}/v1/jobs/%7Bid%7D?a=1&b=")
    assert seen.headers["host"] == f"127.0.0.1:{server.server_port}"
    assert seen.url.lower().startswith(f"{origin}/v1/jobs/".lower())


def test_the_root_is_the_prefix_and_a_slash(caller: Caller, routes: dict[str, str]) -> None:
    with intercept(routes):
        assert caller.one(f"https://{HOST}").body["path"] == f"{PREFIX}/"


def test_method_headers_and_body_arrive_as_sent(caller: Caller, routes: dict[str, str]) -> None:
    with intercept(routes):
        seen = caller.one(
            f"https://{HOST}/v1/jobs",
            method="POST",
            headers={"X-Api-Key": "k", "Content-Type": "text/plain", "Host": "front.vendor.example"},
            content=b"some bytes",
        )
    assert seen.body["method"] == "POST"
    assert seen.body["body"] == "some bytes"
    assert seen.headers["x-api-key"] == "k"
    assert seen.headers["content-type"] == "text/plain"
    assert seen.headers["host"].startswith("127.0.0.1:")
    assert sum(name.lower() == "host" for name, _ in seen.body["headers"]) == 1


def test_a_body_that_streams_arrives(caller: Caller, routes: dict[str, str]) -> None:
    def parts() -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    async def aparts():  # type: ignore[no-untyped-def]
        for part in parts():
            yield part

    is_async = caller.name.endswith("async") or caller.name == "aiohttp"
    with intercept(routes):
        seen = caller.one(f"https://{HOST}/upload", method="PUT", content=aparts() if is_async else parts())
    assert seen.body["body"] == "one two"


def test_a_redirect_to_a_path_stays_with_the_vendor(caller: Caller, routes: dict[str, str]) -> None:
    with intercept(routes):
        seen = caller.one(f"https://{HOST}/redirect?to=/v2/jobs")
    assert seen.body["path"] == f"{PREFIX}/v2/jobs"
    assert seen.url == f"https://{HOST}/v2/jobs"


def test_a_redirect_to_the_vendor_is_intercepted_again(caller: Caller, routes: dict[str, str]) -> None:
    with intercept(routes):
        assert caller.one(f"https://{HOST}/redirect?to=https://{HOST}/v2").body["path"] == f"{PREFIX}/v2"


def test_a_redirect_to_loopback_is_followed_as_it_is(caller: Caller, routes: dict[str, str], server: Server) -> None:
    with intercept(routes):
        assert caller.one(f"https://{HOST}/redirect?to={server.origin}/media").body["path"] == "/media"


def test_a_redirect_to_an_outside_host_is_refused(caller: Caller, routes: dict[str, str]) -> None:
    with intercept(routes), pytest.raises(caller.connect_error, match=r"elsewhere\.example"):
        caller.one(f"https://{HOST}/redirect?to=https://elsewhere.example/")


def test_cookies_belong_to_the_vendors_host(caller: Caller, routes: dict[str, str], server: Server) -> None:
    if caller.name == "urllib3":
        pytest.skip("urllib3 keeps no cookies")
    with intercept(routes):
        _, again, elsewhere = caller.many(
            f"https://{HOST}/cookie", f"https://{HOST}/again", f"{server.origin}/elsewhere"
        )
    assert again.cookies == {"taste": "sweet"}
    assert again.headers["cookie"] == "taste=sweet"
    assert "cookie" not in elsewhere.headers


def test_loopback_is_let_through_untouched(caller: Caller, routes: dict[str, str], server: Server) -> None:
    with intercept(routes):
        seen = caller.one(f"http://localhost:{server.server_port}/direct")
    assert seen.body["path"] == "/direct"
    assert seen.headers["host"] == f"localhost:{server.server_port}"


def test_an_outside_host_is_refused_in_the_clients_own_words(caller: Caller, routes: dict[str, str]) -> None:
    with intercept(routes), pytest.raises(caller.connect_error) as caught:
        caller.one("https://other.example/v1")
    assert "other.example" in str(caught.value)
    assert '@pytest.mark.mockserver(hosts={"other.example": ...})' in str(caught.value)


def test_an_allowed_host_is_let_through_to_the_network(caller: Caller, routes: dict[str, str]) -> None:
    # .invalid never resolves: the client's own error shows that nobody stopped the call.
    with intercept(routes, allow=["*.invalid"]), pytest.raises(caller.connect_error) as caught:
        caller.one("http://let.me.through.invalid/")
    assert "intercept is on" not in str(caught.value)


def test_a_proxy_of_the_environment_is_passed_by(
    caller: Caller, routes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with intercept(routes):
        for scheme in ("http", "https"):
            assert caller.one(f"{scheme}://{HOST}/v1").body["path"] == f"{PREFIX}/v1"


def test_afterwards_nothing_is_patched(caller: Caller, routes: dict[str, str]) -> None:
    def patched() -> list[object]:
        return [
            httpx.HTTPTransport.handle_request,
            httpx.AsyncHTTPTransport.handle_async_request,
            httpx2.HTTPTransport.handle_request,
            httpx2.AsyncHTTPTransport.handle_async_request,
            urllib3.HTTPConnectionPool.urlopen,
            urllib3.HTTPConnectionPool._make_request,
            urllib3.HTTPSConnectionPool.urlopen,
            aiohttp.BaseConnector.connect,
            aiohttp.TCPConnector.connect,
            aiohttp.ClientRequest.send,
            aiohttp.ClientResponse.start,
        ]

    before = patched()
    with intercept(routes):
        caller.one(f"https://{HOST}/v1")
        assert not any(a is b for a, b in zip(before, patched(), strict=True))
    assert before == patched()


def test_clients_made_before_are_intercepted_and_end_with_the_context(routes: dict[str, str]) -> None:
    with httpx.Client() as one, requests.Session() as two, urllib3.PoolManager() as three:
        with intercept(routes):
            assert one.get(f"https://{HOST}/v1").status_code == 200
            assert two.get(f"https://{HOST}/v1").ok
            assert three.request("GET", f"https://{HOST}/v1").status == 200
        for call in (one.get, two.get):
            with pytest.raises((httpx.ConnectError, requests.ConnectionError)) as caught:
                call(f"http://{HOST}.invalid/v1")
            assert "intercept" not in str(caught.value)


def test_an_aiohttp_session_made_before_is_intercepted(routes: dict[str, str]) -> None:
    async def main() -> int:
        async with aiohttp.ClientSession() as session:
            with intercept(routes):
                async with session.get(f"https://{HOST}/v1") as answer:
                    return answer.status

    assert asyncio.run(main()) == 200


def test_a_mock_transport_is_nobodys_business(routes: dict[str, str]) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(204))
    with intercept(routes), httpx.Client(transport=transport) as client:
        assert client.get("https://other.example").status_code == 204


def test_a_pool_used_directly_follows_redirects_at_the_vendor(routes: dict[str, str]) -> None:
    with intercept(routes), urllib3.HTTPSConnectionPool(HOST) as pool:
        assert pool.request("GET", "/redirect?to=/v2").json()["path"] == f"{PREFIX}/v2"
        with pytest.raises(urllib3.exceptions.NewConnectionError, match=r"other\.example"):
            urllib3.HTTPConnectionPool("other.example").request("GET", "/", retries=False)


def test_connections_to_the_sandbox_are_kept_alive(routes: dict[str, str], server: Server) -> None:
    with intercept(routes), requests.Session() as session:
        for _ in range(3):
            session.get(f"https://{HOST}/v1")
    assert len(server.clients) == 1


def test_a_unix_socket_is_no_outside_host(routes: dict[str, str], tmp_path: Path) -> None:
    async def main() -> None:
        connector = aiohttp.UnixConnector(path=str(tmp_path / "nobody.sock"))
        async with aiohttp.ClientSession(connector=connector) as session, session.get("http://docker/v1"):
            pass

    with intercept(routes), pytest.raises(aiohttp.ClientConnectorError) as caught:
        asyncio.run(main())
    assert "intercept" not in str(caught.value)


def test_urllib3_without_a_time_out_is_intercepted_too(routes: dict[str, str]) -> None:
    with intercept(routes), urllib3.PoolManager() as pool:
        assert pool.request("GET", f"https://{HOST}/v1", timeout=None).status == 200
