"""What RFC 9110 and 9112 ask of every origin server: of its APIs, its media, its pages, its control; on both stacks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from form_kit import body, part
from hostile_kit import PNG, WAV, target
from wire_kit import STACKS, ask

from mockserver.app import Mockserver
from mockserver.launch import contracts_in
from mockserver.wire import Limits, ThreadServer, serve_in_thread

KEY = b"X-API-Key: demo-key"
ORIGIN = (b"Origin: http://a", b"Access-Control-Request-Method: GET")


@dataclass
class Answer:
    """One answer, taken apart; `lines` are its headers in lower case."""

    status: int
    lines: dict[str, str]
    body: bytes


@dataclass
class Served:
    """A server with one finished job; `film` is the target of its result."""

    thread: ThreadServer
    film: bytes = b""

    def ask(self, method: bytes, path: bytes, *lines: bytes, version: bytes = b"1.1", content: bytes = b"") -> Answer:
        head = (method + b" " + path + b" HTTP/" + version, b"Host: a", b"Connection: close", *lines)
        raw = ask(self.thread, b"\r\n".join([*head, b"", b""]) + content)
        top, _, rest = raw.partition(b"\r\n\r\n")
        first, *fields = top.decode("latin-1").split("\r\n")
        pairs = [line.partition(":") for line in fields]
        return Answer(int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}, rest)


@pytest.fixture(scope="module", params=STACKS, ids="-".join)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    http, loop = request.param
    app = Mockserver(contracts_in())
    app.sandboxes.default.clock.set("manual")
    with serve_in_thread(app, http=http, loop=loop, limits=Limits(refuse=app.refuse)) as thread:
        app.listening(thread.url)
        made = Served(thread)
        made.film = _film(made, app)
        yield made


def _film(served: Served, app: Mockserver) -> bytes:
    form = body(
        part('name="image"; filename="a.png"', PNG, "Content-Type: image/png"),
        part('name="audio"; filename="a.wav"', WAV, "Content-Type: audio/wav"),
    )
    kind = b"Content-Type: multipart/form-data; boundary=X"
    got = served.ask(b"POST", b"/vidgen/api/jobs", KEY, kind, b"Content-Length: %d" % len(form), content=form)
    path = b"/vidgen/api/status/" + json.loads(got.body)["jobId"].encode()
    asyncio.run_coroutine_threadsafe(app.sandboxes.default.outbox.advance(60), served.thread.loop).result(20)
    return target(json.loads(served.ask(b"GET", path, KEY).body)["outputVideo"]).encode()


READ: dict[str, tuple[bytes, int]] = {
    "a list": (b"/vidgen/api/jobs", 200),
    "an unknown job": (b"/vidgen/api/status/x", 404),
    "an unknown path": (b"/vidgen/nothing", 404),
    "a wrong method": (b"/vidgen/api/jobs/x/cancel", 405),
    "a document": (b"/vidgen/openapi.json", 200),
    "a page": (b"/vidgen/docs", 200),
    "the home page": (b"/", 200),
    "nothing": (b"/nothing", 404),
    "no sandbox": (b"/@nobody/vidgen/api/jobs", 404),
    "no medium": (b"/_media/@nobody/vidgen/a/b/c", 404),
    "an unsigned medium": (b"/_media/@default/vidgen/a/b/c", 403),
    "control": (b"/_mock/health", 200),
    "control, unknown": (b"/_mock/nothing", 404),
    "control, wrong method": (b"/_mock/sandboxes/default/reset", 405),
    "a broken escape": (b"/vidgen/%0", 400),
    "a long target": (b"/vidgen/" + b"x" * 70_000, 431),
}


@pytest.mark.parametrize(("path", "status"), READ.values(), ids=READ)
def test_head_is_get_without_its_body_and_every_answer_has_a_date(served: Served, path: bytes, status: int) -> None:
    host = b"X-A: b"
    get, head = served.ask(b"GET", path, KEY, host), served.ask(b"HEAD", path, KEY, host)
    assert get.status == status
    assert head.status == get.status
    assert head.body == b""
    moving = {"ratelimit-remaining", *(["content-length"] if path.endswith(b"health") else [])}  # which has a figure
    assert [n for n in get.lines if get.lines[n] != head.lines.get(n) and n not in moving] == []
    assert parsedate_to_datetime(get.lines["date"])
    assert int(get.lines["content-length"]) == len(get.body)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        (b"PUT", b"/vidgen/api/jobs", "GET, HEAD, POST"),
        (b"TRACE", b"/vidgen/api/jobs", "GET, HEAD, POST"),
        (b"OPTIONS", b"/vidgen/api/jobs", "GET, HEAD, POST"),
        (b"GET", b"/vidgen/api/jobs/x/cancel", "POST"),
        (b"POST", b"/_media/@default/vidgen/a/b/c", "GET, HEAD"),
        (b"POST", b"/", "GET, HEAD"),
        (b"DELETE", b"/_mock/health", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(served: Served, method: bytes, path: bytes, allow: str) -> None:
    got = served.ask(method, path, KEY, b"Content-Type: application/json")
    assert (got.status, got.lines["allow"]) == (405, allow)
    assert parsedate_to_datetime(got.lines["date"])


@pytest.mark.parametrize("path", [b"/vidgen/api/jobs", b"/_media/@default/vidgen/a/b/c", b"*"])
def test_an_answer_without_content_has_neither_body_nor_length(served: Served, path: bytes) -> None:
    got = served.ask(b"OPTIONS", path, *ORIGIN)
    assert (got.status, got.body) == (204, b"")
    assert not {"content-length", "transfer-encoding", "content-type"} & set(got.lines)
    assert parsedate_to_datetime(got.lines["date"])


@pytest.mark.parametrize("path", [b"/vidgen/api/jobs", b"/vidgen/openapi.json", b"/", b"/_mock/health", b"film"])
def test_what_a_client_would_rather_have_is_never_refused(served: Served, path: bytes) -> None:
    path = served.film if path == b"film" else path
    rather = (b"Accept: application/xml, */*;q=0", b"Accept-Encoding: identity;q=0", b"Accept-Charset: x")
    assert served.ask(b"GET", path, KEY, *rather, b"Accept-Language: tlh").status == 200


def test_conditions_on_a_download(served: Served) -> None:
    whole = served.ask(b"GET", served.film)
    tag, changed = whole.lines["etag"].encode(), whole.lines["last-modified"].encode()
    long_ago, later = b"Sun, 06 Nov 1994 08:49:37 GMT", b"Sunday, 06-Nov-33 08:49:37 GMT"
    asked: list[tuple[list[bytes], int]] = [
        ([b"If-None-Match: " + tag], 304),
        ([b"If-None-Match: W/" + tag], 304),
        ([b'If-None-Match: "x", ' + tag + b" "], 304),
        ([b'If-None-Match: "x"', b"If-None-Match: " + tag], 304),
        ([b"If-None-Match: *"], 304),
        ([b'If-None-Match: "x"'], 200),
        ([b'If-None-Match: "x"', b"If-Modified-Since: " + changed], 200),
        ([b"If-None-Match: " + tag, b"If-Modified-Since: " + long_ago], 304),
        ([b"If-Modified-Since: " + changed], 304),
        ([b"If-Modified-Since: " + later], 304),
        ([b"If-Modified-Since: " + long_ago], 200),
        ([b"If-Modified-Since: yesterday"], 200),
        ([b"If-Match: " + tag], 200),
        ([b"If-Match: W/" + tag], 412),
        ([b'If-Match: "x"'], 412),
        ([b"If-Match: " + tag, b"If-Unmodified-Since: " + long_ago], 200),
        ([b"If-Unmodified-Since: " + long_ago], 412),
        ([b"If-Unmodified-Since: never"], 200),
        ([b"Range: bytes=0-9"], 206),
        ([b"Range: bytes=0-9", b"If-Range: " + tag], 206),
        ([b"Range: bytes=0-9", b"If-Range: W/" + tag], 200),
        ([b"Range: bytes=0-9", b"If-None-Match: " + tag], 304),
        ([b"Range: lines=0-9"], 200),
        ([b"Range: bytes=999999999-"], 416),
    ]
    for lines, status in asked:
        got = served.ask(b"GET", served.film, *lines)
        assert got.status == status, lines
        assert parsedate_to_datetime(got.lines["date"])
        if status in (200, 206, 304):
            assert got.lines["etag"].encode() == tag
        if status == 304:
            assert (got.body, "content-length" in got.lines) == (b"", False)
        if status in (206, 416):
            span = f"bytes 0-9/{len(whole.body)}" if status == 206 else f"bytes */{len(whole.body)}"
            assert got.lines["content-range"] == span
    assert served.ask(b"HEAD", served.film, b"Range: bytes=0-9").status == 200


@pytest.mark.parametrize("path", [b"/vidgen/api/jobs", b"/vidgen/openapi.json", b"/", b"film", b"/nothing"])
@pytest.mark.parametrize("line", [b"A: b", b"Connection: keep-alive"])
def test_http_1_0_is_answered_whole_and_hung_up_on(served: Served, path: bytes, line: bytes) -> None:
    got = served.ask(b"GET", served.film if path == b"film" else path, KEY, line, version=b"1.0")
    assert "transfer-encoding" not in got.lines
    assert int(got.lines["content-length"]) == len(got.body)


def test_who_closes_says_so(served: Served) -> None:
    for path in (b"/vidgen/api/jobs", b"/_mock/health", b"/vidgen/%0", served.film):
        assert served.ask(b"GET", path, KEY).lines["connection"] == "close"


def test_a_head_that_is_too_large_is_told_so(served: Served) -> None:
    """RFC 6585, 5."""
    got: Any = served.ask(b"GET", b"/vidgen/api/jobs", *[b"X: " + b"a" * 1000] * 80)
    assert got.status == 431
