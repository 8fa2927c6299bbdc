"""A client that shuts down its sending side once it has asked is answered like any other, on whichever way."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx
from api_kit import View
from until_kit import until
from vidgen_kit import AUDIO, IMAGE, new_job, status

from mockserver import Running
from mockserver.journal import JournalEntry


def answer_to(request: httpx.Request) -> tuple[bytes, bytes]:
    """The line and the body of the answer to a request after which its client sends no more."""
    where, body = urlsplit(str(request.url)), request.read()
    lines = [f"{request.method} {request.url.raw_path.decode()} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items() if name.lower() != "connection"]
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=30) as sock:
        sock.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        sock.shutdown(socket.SHUT_WR)
        got = b""
        while piece := sock.recv(65_536):
            got += piece
    head, _, answer = got.partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0], answer


def asked(http: httpx.Client, path: str, headers: Mapping[str, str] | None = None) -> tuple[bytes, bytes]:
    return answer_to(http.build_request("GET", path, headers=headers))


def test_a_form_with_files_is_answered(vidgen: View) -> None:
    form = vidgen.http.build_request("POST", "/api/jobs", files={"image": IMAGE, "audio": AUDIO})
    line, body = answer_to(form)
    assert line == b"HTTP/1.1 201 Created"
    assert status(vidgen, json.loads(body)["jobId"])["status"]
    assert [entry.status for entry in vidgen.sandbox.journal] == [201, 200]


def test_so_is_a_request_of_another_origin_and_one_with_a_query(vidgen: View) -> None:
    job = new_job(vidgen)
    assert asked(vidgen.http, f"/api/status/{job}?verbose=1")[0] == b"HTTP/1.1 200 OK"
    assert asked(vidgen.http, f"/api/status/{job}", {"Origin": "http://localhost"})[0] == b"HTTP/1.1 200 OK"
    assert asked(vidgen.http, "/api/jobs?page=1")[0] == b"HTTP/1.1 200 OK"
    assert asked(vidgen.http, "/api/status/nobody?a=1")[0] == b"HTTP/1.1 404 Not Found"


def test_so_is_a_download_that_has_to_be_drawn_first(vidgen: View) -> None:
    job = new_job(vidgen, result_bytes=300_000)  # several pieces
    vidgen.advance(12)
    url = status(vidgen, job)["outputVideo"]
    line, film = asked(vidgen.http, url)
    assert (line, len(film)) == (b"HTTP/1.1 200 OK", 300_000)
    assert film == httpx.get(url).content
    line, part = asked(vidgen.http, url, {"Range": "bytes=100-199"})
    assert (line, part) == (b"HTTP/1.1 206 Partial Content", film[100:200])


def test_so_is_a_request_to_the_control_api(vidgen: View, running: Running) -> None:
    new_job(vidgen)
    with httpx.Client(base_url=f"{running.url}/_mock/sandboxes/{vidgen.sandbox.name}") as control:
        line, told = asked(control, "journal")
        assert (line, len(json.loads(told))) == (b"HTTP/1.1 200 OK", 1)
        moved = control.build_request("POST", "clock/advance", json={"seconds": 5})
        assert answer_to(moved)[0] == b"HTTP/1.1 200 OK"


def test_who_only_waits_is_taken_to_have_left(vidgen: View, running: Running) -> None:
    """Nothing is written to it by which the two could be told apart."""

    def entered() -> list[JournalEntry]:
        return [entry for entry in vidgen.sandbox.journal if entry.operation == "listJobs"]

    faults = f"{running.url}/_mock/sandboxes/{vidgen.sandbox.name}/faults"
    armed = httpx.post(faults, json={"api": "vidgen", "fault": "hang", "operation": "listJobs"})
    assert armed.status_code == 201, armed.text
    assert asked(vidgen.http, "/api/jobs") == (b"", b"")
    (entry,) = until(entered)
    assert entry.status == 0
