"""The standard library's connections, as programs use them that rest on `http.client` without urllib."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPSConnection
from typing import Any

import pytest

from mockserver.intercept import intercept
from tests.intercept_kit import HOST, PREFIX, Server


class Secured(HTTPSConnection):
    """As httplib2's: connects in its own way, which nobody patches."""

    def connect(self) -> None:
        raise AssertionError(f"{self.host} is called")


def answer(connection: Any) -> Any:
    return json.loads(connection.getresponse().read())


@pytest.mark.parametrize("kind", [HTTPConnection, HTTPSConnection, Secured])
def test_a_connection_of_any_kind_reaches_the_sandbox(kind: Any, routes: dict[str, str], server: Server) -> None:
    with intercept(routes):
        connection = kind(HOST, timeout=5)
        for _ in range(2):
            connection.putrequest("POST", "/v1/jobs?a=%20")
            connection.putheader("Content-Length", "2")
            connection.endheaders(b"{}")
            assert answer(connection)["path"] == f"{PREFIX}/v1/jobs?a=%20"
        connection.close()
    assert len(server.clients) == 1
    assert dict(server.seen[0]["headers"])["Host"] == server.origin.removeprefix("http://")


def test_a_connection_that_was_open_before_is_led_away(routes: dict[str, str], server: Server) -> None:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.request("GET", "/direct")
    assert answer(connection)["path"] == "/direct"
    connection.host = HOST
    with intercept(routes):
        connection.request("GET", "/v1/jobs")
        assert answer(connection)["path"] == f"{PREFIX}/v1/jobs"
    connection.close()


def test_a_tunnel_to_a_vendor_ends_in_the_sandbox(routes: dict[str, str]) -> None:
    with intercept(routes):
        connection = HTTPSConnection("proxy.example", timeout=5)
        connection.set_tunnel(HOST)
        connection.request("GET", "/v1/jobs")
        assert answer(connection)["path"] == f"{PREFIX}/v1/jobs"
        connection.close()


def test_a_whole_url_given_to_a_proxy_counts_by_its_host(routes: dict[str, str]) -> None:
    with intercept(routes):
        connection = HTTPConnection("proxy.example", timeout=5)
        connection.request("GET", f"http://{HOST}/v1/jobs?a=1")
        assert answer(connection)["path"] == f"{PREFIX}/v1/jobs?a=1"
        connection.close()


@pytest.mark.parametrize("kind", [HTTPConnection, HTTPSConnection, Secured])
def test_a_host_that_nobody_allowed_is_refused_before_anything_is_sent(kind: Any) -> None:
    with intercept({}):
        connection = kind("elsewhere.example", timeout=5)
        with pytest.raises(ConnectionRefusedError, match=r"elsewhere\.example"):
            connection.request("GET", "/")
        if kind is not Secured:
            with pytest.raises(ConnectionRefusedError):
                connection.connect()
