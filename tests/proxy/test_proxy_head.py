"""What a client asks of a proxy is read from the head of its request."""

from __future__ import annotations

import pytest

from mockserver.proxy.head import ProxyTarget, proxy_request


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"CONNECT api.example:443 HTTP/1.1", ProxyTarget("connect", "api.example", 443)),
        (b"CONNECT api.example HTTP/1.0", ProxyTarget("connect", "api.example", 443)),
        (b"CONNECT [::1]:8443 HTTP/1.1", ProxyTarget("connect", "[::1]", 8443)),
        (b"CONNECT user:word@api.example:1 HTTP/1.1", ProxyTarget("connect", "api.example", 1)),
    ],
)
def test_a_tunnel_is_asked_for_by_host_and_port(line: bytes, expected: ProxyTarget) -> None:
    assert proxy_request(line + b"\r\nHost: other\r\n\r\n") == expected


@pytest.mark.parametrize(
    ("line", "scheme", "host", "port", "sent"),
    [
        (b"GET http://api.example/a?b=c HTTP/1.1", "http", "api.example", 80, b"GET /a?b=c HTTP/1.1"),
        (b"POST HTTPS://api.example:8443/a HTTP/1.1", "https", "api.example", 8443, b"POST /a HTTP/1.1"),
        (b"GET http://api.example HTTP/1.0", "http", "api.example", 80, b"GET / HTTP/1.0"),
        (b"GET http://api.example?b=c HTTP/1.1", "http", "api.example", 80, b"GET /?b=c HTTP/1.1"),
        (b"GET http://me:pass@api.example/ HTTP/1.1", "http", "api.example", 80, b"GET / HTTP/1.1"),
        (b"GET http://[::1]:80/ HTTP/1.1", "http", "[::1]", 80, b"GET / HTTP/1.1"),
    ],
)
def test_a_whole_url_is_sent_on_as_a_path(line: bytes, scheme: str, host: str, port: int, sent: bytes) -> None:
    found = proxy_request(
        line + b"\r\nHost: wrong\r\nProxy-Connection: keep-alive\r\nX-A: 1\r\nConnection: keep-alive\r\n\r\n"
    )
    assert found is not None
    assert found[:3] == (scheme, host, port)
    first, *fields = found.head.split(b"\r\n")
    assert first == sent
    assert [each for each in fields if each] == [fields[0], b"X-A: 1", b"Connection: close"]
    assert fields[0].startswith(b"Host: ")
    assert not {b"wrong", b"pass"} & {*fields[0].replace(b"@", b" ").replace(b":", b" ").split()}


def test_a_path_is_for_the_host_that_the_head_names() -> None:
    head = b"GET /a HTTP/1.1\r\nX-A: 1\r\nhost:  api.example:8080 \r\n\r\n"
    assert proxy_request(head) == ProxyTarget("", "api.example", 8080, head)


@pytest.mark.parametrize(
    "head",
    [
        b"\r\n\r\n",
        b"GET /a HTTP/1.1\r\n\r\n",
        b"GET ftp://api.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT api.example:99999 HTTP/1.1\r\n\r\n",
        b"CONNECT api.example:0 HTTP/1.1\r\n\r\n",
        b"CONNECT api.example:443 HTTP/2.0\r\n\r\n",
        b"CONNECT " + b"a" * 600 + b":443 HTTP/1.1\r\n\r\n",
        b"CONNECT \xff\xfe:443 HTTP/1.1\r\n\r\n",
        b"CONNECT :443 HTTP/1.1\r\n\r\n",
        b"GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
    ],
)
def test_what_is_no_request_to_a_proxy_is_none(head: bytes) -> None:
    assert proxy_request(head) is None
