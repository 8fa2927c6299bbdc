"""Requests as proxies and hand-written clients write them: whole URLs for targets, blanks around values, HTTP/1.0."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import httpx
import pytest
from api_kit import View
from vidgen_kit import new_job
from wire_kit import ask, status_of

from mockserver import Running

Curl = Callable[..., tuple[int, str]]


@pytest.fixture
def curl(running: Running) -> Curl:
    """The status and body that curl gets with the server for its proxy."""

    def run(url: str, *options: str) -> tuple[int, str]:
        command = ["curl", "-q", "-sS", "--noproxy", "", "-x", running.url, "-w", "\n%{http_code}", *options, url]
        told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        body, _, status = told.stdout.rpartition("\n")
        return int(status), body or told.stderr

    return run


def test_a_vendor_is_reached_by_its_own_url_with_the_server_for_a_proxy(curl: Curl) -> None:
    pair = "grant_type=client_credentials&client_id=demo-client&client_secret=demo-secret"
    status, body = curl("http://api.mirrago.com/oauth/token", "-d", pair)
    assert (status, '"access_token"' in body) == (200, True)


def test_the_servers_own_url_is_reached_with_it_for_a_proxy(curl: Curl, vidgen: View) -> None:
    job = new_job(vidgen)
    status, body = curl(f"{vidgen.url}/api/status/{job}", "-H", f"X-API-Key: {vidgen.mine.key} \t")
    assert (status, job in body) == (200, True)
    assert curl(f"{vidgen.url}/api/status/none", "-H", f"X-API-Key: {vidgen.mine.key}")[0] == 404


def test_a_tunnel_is_refused_in_one_sentence(curl: Curl, running: Running) -> None:
    assert curl("https://api.mirrago.com/oauth/token")[0] == 0
    answer = ask(running.thread, b"CONNECT api.mirrago.com:443 HTTP/1.1\r\nHost: api.mirrago.com:443\r\n\r\n")
    assert status_of(answer) == 400
    assert b"this server is no proxy" in answer


def test_clients_with_a_proxy_reach_a_job(vidgen: View, running: Running) -> None:
    job = new_job(vidgen)
    with httpx.Client(proxy=running.url, trust_env=False) as http:
        assert http.get(f"{vidgen.url}/api/status/{job}", headers={"X-API-Key": vidgen.mine.key}).json()["jobId"] == job


@pytest.mark.parametrize("api", ["vidgen", "miragic", "miraflow", "mirrago"])
def test_blanks_around_a_credential_are_no_part_of_it(
    api: str, running: Running, request: pytest.FixtureRequest
) -> None:
    view: View = request.getfixturevalue(api)
    paths = {
        "vidgen": "/api/jobs",
        "miragic": "/api/v1/speed-painting/jobs/x",
        "miraflow": "/api/image/x",
        "mirrago": "/v1/mirrago/job/x",
    }
    name, value = (
        ("Authorization", view.http.headers.get("Authorization")) if api == "mirrago" else ("X-API-Key", view.mine.key)
    )
    plain, *others = [
        ask(
            running.thread,
            f"{method} {target}{view.url.removeprefix(running.url)}{paths[api]}{query} HTTP/1.1\r\n"
            f"Host: a \r\n{name}:{before}{value}{behind}\r\nConnection: close\r\n\r\n".encode(),
        )
        for before, behind in ((" ", ""), ("\t", " "), ("", "\t \t"))
        for method in ("GET",)
        for query in ("", "?way=long")
        for target in ("", "http://a")
    ]
    assert status_of(plain) in (200, 404)
    assert {status_of(other) for other in others} == {status_of(plain)}


def test_a_header_in_two_lines_is_one_list(vidgen: View, running: Running) -> None:
    path = f"{vidgen.url.removeprefix(running.url)}/api/jobs"
    for query in (b"", b"?way=long"):
        head = b"GET " + path.encode() + query + b" HTTP/1.1\r\nHost: a\r\nX-API-Key: " + vidgen.mine.key.encode()
        closed = ask(running.thread, head + b"\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n")
        assert status_of(closed) == 200
        twice = ask(running.thread, head + b"\r\nX-API-Key: other\r\nConnection: close\r\n\r\n")
        assert status_of(twice) == 401


@pytest.mark.parametrize(
    "raw", [b"%00", b"%0d%0aX:y", b"%7f", b"%1b%5b2J", b"%ff%fe", b"%ed%a0%80", b"..%2f..", b"%2e%2e"]
)
def test_an_odd_id_is_an_unknown_one_in_every_api(running: Running, raw: bytes) -> None:
    paths = ("vidgen/api/status/", "miragic/api/v1/speed-painting/jobs/", "miraflow/api/image/")
    for path in paths:
        sent = b"GET /%s%s HTTP/1.1\r\nHost: a\r\nX-API-Key: demo-key\r\nConnection: close\r\n\r\n" % (
            path.encode(),
            raw,
        )
        assert status_of(ask(running.thread, sent)) == 404


def test_an_encoded_slash_separates_nothing(vidgen: View) -> None:
    job = new_job(vidgen)
    for path in (f"/api%2Fstatus/{job}", f"/api/status%2f{job}", "/api%2fjobs", "/%61pi%2Fjobs"):
        assert vidgen.http.get(path).status_code == 404
    assert vidgen.http.get("/%61pi/jobs").status_code == 200


def test_of_two_media_types_or_credentials_the_first_counts(mirrago: View, running: Running) -> None:
    path = f"{mirrago.url.removeprefix(running.url)}/v1/mirrago/generate-image"
    sent = b'{"target_image":"https://a.example/a.png","garment_image":"https://a.example/b.png"}'
    lines = [
        f"POST {path} HTTP/1.1", "Host: a", f"Authorization: {mirrago.http.headers['Authorization']}",
        "Authorization: Bearer x", "Content-Type: application/json", "Content-Type: text/plain",
        f"Content-Length: {len(sent)}", "Connection: close", "", "",
    ]  # fmt: skip
    assert status_of(ask(running.thread, "\r\n".join(lines).encode() + sent)) == 200
