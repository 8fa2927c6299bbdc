"""Where an application stands, read out of ASGI scopes of several servers."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.control import Guard
from mockserver.mounting import is_on_socket, path_below, scope_below, url_by

BELOW: list[tuple[str, str, bytes, str, bytes]] = [
    ("/mock", "/mock/vidgen/api", b"/mock/vidgen/api", "/vidgen/api", b"/vidgen/api"),
    ("/mock/", "/mock/vidgen", b"/mock/vidgen", "/vidgen", b"/vidgen"),
    ("/a/b", "/a/b/vidgen/x/y", b"/a/b/vidgen/x%2Fy", "/vidgen/x/y", b"/vidgen/x%2Fy"),
    ("/m\u00f6ck", "/m\u00f6ck/vidgen", b"/m%C3%B6ck/vidgen", "/vidgen", b"/vidgen"),
    ("/mock", "/mock", b"/mock", "", b""),
    ("/mock", "/mock/", b"/mock/", "/", b"/"),
    ("/mock", "/mocked/vidgen", b"/mocked/vidgen", "/mocked/vidgen", b"/mocked/vidgen"),
    ("/mock", "/vidgen/api", b"/vidgen/api", "/vidgen/api", b"/vidgen/api"),
    ("/mock", "/mock/vidgen", b"", "/vidgen", b""),
    ("", "/vidgen", b"/vidgen", "/vidgen", b"/vidgen"),
]


@pytest.mark.parametrize(("root", "path", "raw", "below", "raw_below"), BELOW)
def test_a_request_is_seen_without_the_place_of_the_application(
    root: str, path: str, raw: bytes, below: str, raw_below: bytes
) -> None:
    scope = {"path": path, "raw_path": raw, "root_path": root}
    found = scope_below(scope)
    assert (found["path"], found["raw_path"], found["root_path"]) == (below, raw_below, "")
    assert path_below(scope) == below
    assert scope["path"] == path


URLS: list[tuple[dict[str, Any], str | None]] = [
    ({"server": ("127.0.0.1", 8000), "host": b"localhost:9000"}, "http://localhost:9000"),
    ({"server": ("127.0.0.1", 8000), "host": b"evil.example"}, "http://127.0.0.1:8000"),
    ({"server": ("127.0.0.1", 8000), "host": b"allowed.example"}, "http://allowed.example"),
    ({"server": ("127.0.0.1", 80), "host": b"a@b"}, "http://127.0.0.1"),
    ({"server": ("127.0.0.1", 443), "scheme": "https"}, "https://127.0.0.1"),
    ({"server": ("::1", 8000)}, "http://[::1]:8000"),
    ({"server": ("testserver", 80), "host": b"testserver"}, "http://testserver"),
    ({"server": ["testserver", None], "host": b"testserver", "root_path": "/a b/"}, "http://testserver/a%20b"),
    ({"server": ("/tmp/socket", None), "host": b"localhost"}, "http://localhost"),
    ({"server": ("/tmp/socket", None)}, None),
    ({"server": None}, None),
    ({"server": None, "host": b'a">.localhost'}, None),
    ({"server": ("127.0.0.1", 81), "host": "l\u00f6.localhost".encode("latin-1")}, "http://127.0.0.1:81"),
    ({"server": ("127.0.0.1", 81), "host": b"my-app_2.localhost:82"}, "http://my-app_2.localhost:82"),
    ({"server": ("127.0.0.1", 1), "scheme": "ws"}, None),
]


@pytest.mark.parametrize(("said", "url"), URLS)
def test_a_url_names_the_server_and_no_host_that_it_does_not_go_by(said: dict[str, Any], url: str | None) -> None:
    headers = [(b"host", said["host"])] if "host" in said else []
    assert url_by({"scheme": "http", **said, "headers": headers}, Guard(["allowed.example"]).knows) == url
    assert url_by({"scheme": "http", **said, "headers": headers * 2}, Guard().knows) != "http://evil.example"


@pytest.mark.parametrize(
    ("asgi", "on_socket"),
    [({"version": "3.0", "spec_version": "2.3"}, True), ({"version": "3.0"}, False), (None, False)],
)
def test_a_server_on_a_socket_names_the_version_of_the_specification(asgi: Any, on_socket: bool) -> None:
    assert is_on_socket({"asgi": asgi}) is on_socket
