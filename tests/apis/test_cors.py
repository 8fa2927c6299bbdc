"""What pages of other origins may read: preflights are no requests, every answer of an API says so, none of control."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from api_kit import View, connect
from click.testing import CliRunner
from vidgen_kit import new_job
from wire_kit import ask

from mockserver import Running, start
from mockserver.cli import main
from mockserver.clock import Clock
from mockserver.errors import UsageError
from mockserver.launch import origins

PAGE = "http://localhost:5173"
ORIGIN, EXPOSED = "access-control-allow-origin", "access-control-expose-headers"
ASKS = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}


@pytest.fixture
def picky() -> Iterator[Running]:
    with start(cors=[PAGE, "https://app.example"]) as server:
        yield server


@pytest.fixture
def shut() -> Iterator[Running]:
    with start(cors=False) as server:
        yield server


def preflight(url: str, **more: str) -> httpx.Response:
    headers = {**ASKS, **{name.replace("_", "-"): value for name, value in more.items()}}
    return fetched("OPTIONS", url, {name: value for name, value in headers.items() if value})


def fetched(method: str, url: str, headers: dict[str, str]) -> httpx.Response:
    with connect(url) as http:
        return http.request(method, url, headers=headers)


@pytest.mark.parametrize("path", ["/api/jobs", "/api/status/x", "/api/jobs/x/cancel"])
def test_a_preflight_is_answered_and_is_no_request(vidgen: View, path: str) -> None:
    got = preflight(vidgen.url + path)
    assert (got.status_code, got.content) == (204, b"")
    assert got.headers[ORIGIN] == "*"
    assert "POST" in got.headers["access-control-allow-methods"].split(", ")
    assert got.headers["access-control-allow-headers"] == "x-api-key"
    assert "access-control-allow-credentials" not in got.headers
    assert "content-length" not in got.headers
    assert len(vidgen.sandbox.journal) == 0


def test_a_preflight_moves_no_clock_and_counts_against_no_limit(view: Any, make_sandbox: Any) -> None:
    side = view(make_sandbox(clock=Clock("step", step=5)), "vidgen")
    before = side.sandbox.clock.now()
    for _ in range(3):
        assert preflight(side.url + "/api/jobs").status_code == 204
    assert side.sandbox.clock.now() == before
    got = side.http.get("/api/jobs")
    assert int(got.headers["ratelimit-remaining"]) == int(got.headers["ratelimit-limit"]) - 1
    assert len(side.sandbox.journal) == 1


@pytest.mark.parametrize("left_out", ["Origin", "Access_Control_Request_Method"])
def test_any_other_options_is_a_wrong_method_and_a_violation(vidgen: View, left_out: str) -> None:
    got = preflight(vidgen.url + "/api/jobs", **{left_out: ""})
    assert (got.status_code, got.headers["allow"]) == (405, "GET, HEAD, POST")
    [entry] = vidgen.sandbox.journal
    assert "violation" in (entry.extra or {})


def test_a_preflight_of_an_unknown_path_is_an_unknown_path(vidgen: View) -> None:
    assert preflight(vidgen.url + "/api/nothing").status_code == 404


def test_a_page_on_the_internet_may_ask_this_machine(vidgen: View) -> None:
    asked = preflight(vidgen.url + "/api/jobs", Access_Control_Request_Private_Network="true")
    assert asked.headers["access-control-allow-private-network"] == "true"
    assert "access-control-allow-private-network" not in preflight(vidgen.url + "/api/jobs").headers


def test_every_answer_says_who_may_read_it(vidgen: View, running: Running) -> None:
    job, medium = new_job(vidgen), f"{running.url}/_media/@{vidgen.sandbox.name}/vidgen/x/y/z"
    key = {"X-API-Key": vidgen.mine.key}
    asked = [
        ("GET", f"{vidgen.url}/api/status/{job}", key, 200),
        ("HEAD", f"{vidgen.url}/api/status/{job}", key, 200),
        ("GET", f"{vidgen.url}/api/status/x", key, 404),
        ("GET", f"{vidgen.url}/api/jobs", {}, 401),
        ("PUT", f"{vidgen.url}/api/jobs", key, 405),
        ("POST", f"{vidgen.url}/api/jobs", key, None),
        ("GET", f"{vidgen.url}/nothing", key, 404),
        ("GET", f"{vidgen.url}/openapi.json", {}, 200),
        ("GET", f"{running.url}/@nobody/vidgen/api/jobs", key, 404),
        ("GET", medium, {}, 403),
        ("POST", medium, {}, 405),
    ]
    for method, url, headers, status in asked:
        got = fetched(method, url, {"Origin": PAGE, **headers})
        assert status in (None, got.status_code)
        assert got.headers.get_list(ORIGIN) == ["*"], (method, url)
        assert "RateLimit-Remaining" in got.headers[EXPOSED].split(", ")


def test_refusals_of_the_wire_say_so_too(running: Running) -> None:
    for line in (b"A\x01: b", b"X: " + b"x" * 70_000):
        got = ask(
            running.thread, b"GET /vidgen/api/jobs HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n" + line + b"\r\n\r\n"
        )
        assert b"\r\naccess-control-allow-origin: *\r\n" in got
    assert b"access-control" not in ask(running.thread, b"GET /vidgen/x HTTP/1.1\r\nHost: a\r\nA\r\n\r\n")


@pytest.mark.parametrize("fault", ["status", "truncated_json", "unauthorized", "skewed_date", "http_1_0"])
def test_answers_of_faults_say_so_too(vidgen: View, fault: str, running: Running) -> None:
    job = new_job(vidgen)
    with httpx.Client(trust_env=False) as http:
        armed = http.post(
            f"{running.url}/_mock/sandboxes/{vidgen.sandbox.name}/faults",
            json={"api": "vidgen", "operation": "getStatus", "fault": fault},
        )
        assert armed.status_code == 201, armed.text
    got = vidgen.http.get(f"/api/status/{job}", headers={"Origin": PAGE})
    assert got.headers.get_list(ORIGIN) == ["*"]


def test_a_request_without_an_origin_is_answered_as_ever(vidgen: View) -> None:
    assert not [name for name in vidgen.http.get("/api/jobs").headers if name.startswith("access-control")]


def test_bytes_of_results_say_so_to_everybody(vidgen: View) -> None:
    """A browser keeps what an <img> was given, and gives it to a script that asks with an Origin."""
    job = new_job(vidgen)
    vidgen.advance(60)
    film = vidgen.http.get(f"/api/status/{job}").json()["outputVideo"]
    assert fetched("GET", film, {}).headers[ORIGIN] == "*"
    piece = fetched("GET", film, {"Origin": PAGE, "Range": "bytes=0-9"})
    assert (piece.status_code, piece.headers[ORIGIN]) == (206, "*")
    assert {"Content-Range", "ETag", "Location", "Retry-After"} <= set(piece.headers[EXPOSED].split(", "))
    assert preflight(film, Access_Control_Request_Method="GET").status_code == 204


@pytest.mark.parametrize(
    "path", ["/_mock/health", "/_mock/sandboxes", "/_mock/sandboxes/default/jobs", "/_mock/x", "/"]
)
def test_the_control_api_is_read_by_no_page(running: Running, path: str) -> None:
    for got in (fetched("GET", running.url + path, ASKS), preflight(running.url + path)):
        assert not [name for name in got.headers if name.startswith("access-control")]
    assert preflight(running.url + path).status_code != 204


def test_with_a_list_each_page_on_it_is_named(picky: Running) -> None:
    url = f"{picky.url}/vidgen/api/jobs"
    for origin, allowed in (
        (PAGE, PAGE),
        ("https://app.example", "https://app.example"),
        ("HTTPS://App.Example", "HTTPS://App.Example"),
        ("http://evil.example", None),
    ):
        got = fetched("GET", url, {"Origin": origin})
        assert (got.headers.get(ORIGIN), got.headers["vary"]) == (allowed, "Origin")
        asked = preflight(url, Origin=origin)
        assert (asked.status_code, asked.headers.get(ORIGIN)) == (204, allowed)
        assert asked.headers["vary"].startswith("Origin")


def test_without_cors_a_preflight_is_a_wrong_method(shut: Running) -> None:
    url = f"{shut.url}/vidgen/api/jobs"
    assert preflight(url).status_code == 405
    for got in (preflight(url), fetched("GET", url, {"Origin": PAGE})):
        assert not [name for name in got.headers if name.startswith(("access-control", "vary"))]


@pytest.mark.parametrize(
    ("given", "host", "found"),
    [
        (None, "127.0.0.1", {"*"}),
        (None, "::1", {"*"}),
        (None, "0.0.0.0", set()),
        (None, "192.0.2.1", set()),
        (True, "0.0.0.0", {"*"}),
        (False, "127.0.0.1", set()),
        ((), "127.0.0.1", set()),
        ("*", "0.0.0.0", {"*"}),
        ("HTTP://LocalHost:5173", "127.0.0.1", {"http://localhost:5173"}),
        (["http://a:80", "https://b:443", "null"], "127.0.0.1", {"http://a", "https://b", "null"}),
        (["https://b:80", "http://[::1]:8080", "chrome-extension://abc"], "::1", None),
    ],
)
def test_all_pages_are_allowed_where_only_this_machine_is_listened_to(given: Any, host: str, found: Any) -> None:
    expected = {"https://b:80", "http://[::1]:8080", "chrome-extension://abc"} if found is None else found
    assert origins(given, host) == expected


@pytest.mark.parametrize(
    "given", ["localhost", "http://a/", "http://a/x", "http://", "http://a b", "http://*.a", "", "a,b"]
)
def test_what_is_no_origin_is_a_usage_error(given: str) -> None:
    with pytest.raises(UsageError, match="is no origin; write http://localhost:5173"):
        origins([given], "127.0.0.1")


def test_the_server_as_a_whole_says_what_it_understands(running: Running) -> None:
    got = ask(running.thread, b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 204 ")
    assert b"\r\nallow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n" in got


def test_a_client_with_an_origin_and_one_without_are_answered_alike(vidgen: View) -> None:
    path = f"/api/status/{new_job(vidgen)}"
    short, long = vidgen.http.get(path), vidgen.http.get(path, headers={"Origin": PAGE})
    more = {ORIGIN, EXPOSED, "ratelimit-remaining"}
    assert short.content == long.content
    told = [{k: v for k, v in got.headers.items() if k not in more} for got in (short, long)]
    assert told[0] == told[1]
    with connect(vidgen.url) as stranger:
        assert stranger.get(path, headers={"Origin": PAGE}).status_code == 401


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--cors", "http://a", "--no-cors"], "exclude each other"),
        (["--cors", "http://a/b"], "is no origin"),
        (["--cors", ""], "is no origin"),
    ],
)
def test_serve_refuses_what_it_cannot_mean(options: list[str], why: str) -> None:
    got = CliRunner().invoke(main, ["serve", "--port", "0", *options])
    assert why in got.output + str(got.exception)
    assert got.exit_code != 0


def test_a_preflight_that_nobody_lets_in_says_in_the_journal_what_would(shut: Running) -> None:
    url = f"{shut.url}/vidgen/api/jobs"
    assert preflight(url).status_code == 405
    assert fetched("OPTIONS", url, {}).status_code == 405
    asked, plain = shut.default.journal
    assert asked.why.endswith("; the server lets a page of another origin in with --cors ORIGIN")
    assert plain.why == "OPTIONS is not allowed here"
