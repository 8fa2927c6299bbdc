"""What the journal keeps of each kind of request."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable

import httpx
import pytest
from api_kit import View
from miraflow_kit import PICTURE, begin, image_of, put, started
from until_kit import until
from vidgen_kit import JPEG, MP3, new_job, status, submit

from mockserver import Running
from mockserver.journal import JournalEntry
from mockserver.state.pages import all_entries

Journal = Callable[[View], list[JournalEntry]]


@pytest.fixture
def journal(running: Running) -> Journal:
    """The entries of a view's sandbox, read on the server's own loop: what was answered is entered then."""

    async def read(view: View) -> list[JournalEntry]:
        return [each async for each in all_entries(view.sandbox.state)]

    return lambda view: asyncio.run_coroutine_threadsafe(read(view), running.thread.loop).result(20)


def test_a_form_is_kept_as_its_fields_and_what_its_files_were(vidgen: View, journal: Journal) -> None:
    submit(vidgen.http, webhookUrl="https://a.b/c")
    (entry,) = journal(vidgen)
    assert entry.sent is not None
    assert json.loads(entry.sent.text) == {
        "webhookUrl": "https://a.b/c",
        "image": f"portrait.jpg (image/jpeg, {len(JPEG)} bytes)",
        "audio": f"voice.mp3 (audio/mpeg, {len(MP3)} bytes)",
    }
    assert entry.sent.size > len(JPEG) + len(MP3)
    assert entry.account == vidgen.mine.id
    assert entry.answered is not None
    assert entry.job == json.loads(entry.answered.text)["jobId"]


def test_a_poll_keeps_the_whole_answer_and_the_limits_it_told(vidgen: View, journal: Journal) -> None:
    job = new_job(vidgen)
    shown = status(vidgen, job)
    entry = journal(vidgen)[-1]
    assert entry.answered is not None
    assert json.loads(entry.answered.text) == shown
    assert (b"ratelimit-limit", b"600") in entry.answered.headers
    assert entry.sent is not None
    assert (entry.job, entry.sent.size, entry.sent.text) == (job, 0, "")
    assert (b"X-API-Key", b"[redacted]") in [(n.replace(b"x-api-key", b"X-API-Key"), v) for n, v in entry.sent.headers]


def test_the_same_form_with_another_boundary_has_the_same_digest(vidgen: View, journal: Journal) -> None:
    for _ in range(2):
        submit(vidgen.http)
    submit(vidgen.http, audio=("other.mp3", MP3, "audio/mpeg"))
    submit(vidgen.http, audio=("voice.mp3", MP3[:-1] + b"\0", "audio/mpeg"))
    vidgen.http.post("/api/jobs", content=b"")
    one, two, *others, empty = [entry.sent.digest for entry in journal(vidgen) if entry.sent]
    assert one == two != 0
    assert len({one, *others}) == 3
    assert empty == 0


def test_of_tokens_no_body_is_kept(mirrago: View, journal: Journal) -> None:
    (entry,) = journal(mirrago)
    assert entry.sent is not None
    assert entry.answered is not None
    assert (entry.operation, entry.sent.text, entry.answered.text) == ("issueToken", "", "")
    assert min(entry.sent.size, entry.answered.length) > 100
    assert entry.account == mirrago.mine.id


def test_downloads_are_entered_with_how_they_ended(miraflow: View, journal: Journal) -> None:
    job = started(miraflow.http.post("/api/image/generate", json=PICTURE))
    image_of(miraflow, job)
    url = miraflow.http.get(f"/api/image/{job}").json()["downloadUrl"]
    httpx.post(url)
    httpx.get(url + "x")
    httpx.get(url, headers={"Range": "bytes=0-9"})
    miraflow.advance(86_400)
    httpx.get(url)
    media = [entry for entry in journal(miraflow) if entry.kind == "media"]
    assert [(e.status, e.example) for e in media] == [
        (200, "bytes"), (405, "wrong_method"), (403, "bad_signature"), (206, "bytes"), (403, "expired_link"),
    ]  # fmt: skip
    assert {(entry.api, entry.job) for entry in media} == {("miraflow", job)}
    assert all(entry.sent is not None and entry.sent.query.endswith("signature=[redacted]") for entry in media)


def test_a_medium_that_is_gone_is_entered_too(miraflow: View, journal: Journal) -> None:
    job = started(miraflow.http.post("/api/image/generate", json=PICTURE))
    image_of(miraflow, job)
    url = miraflow.http.get(f"/api/image/{job}").json()["downloadUrl"]
    miraflow.sandbox.reset()
    assert httpx.get(url).status_code == 404
    httpx.get(url.partition("/miraflow/")[0] + "/nix")
    assert [(e.status, e.example, e.api) for e in journal(miraflow)[-2:]] == [
        (404, "not_found", "miraflow"), (403, "access_denied", ""),
    ]  # fmt: skip


def test_of_uploaded_bytes_the_size_is_kept(miraflow: View, journal: Journal) -> None:
    _, url = begin(miraflow.http, b"12345", "image/png")
    put(url, b"12345", "image/png")
    entry = journal(miraflow)[-1]
    assert entry.sent is not None
    assert (entry.operation, entry.sent.size, entry.sent.text, entry.sent.content_type) == (
        "uploadMedia", 5, "", "image/png",
    )  # fmt: skip


def test_a_broken_body_is_kept_as_it_came_and_its_breach_is_named(miraflow: View, journal: Journal) -> None:
    sent = ('{"prompt": 7', '{"prompt": "\\u0041"')  # the second one with an escape, of which nothing can be read
    for text in sent:
        miraflow.http.post("/api/image/generate", content=text, headers={"Content-Type": "application/json"})
    miraflow.http.post("/api/image/generate", json={"prompt": 7, "name": "a"})
    *broken, wrong = journal(miraflow)
    assert [(each.sent and each.sent.text, each.status) for each in broken] == [(text, 400) for text in sent]
    assert wrong.extra is not None
    assert wrong.extra["violation"]["pointer"] == "/prompt"


def test_a_secret_whose_name_is_written_in_escapes_is_kept_of_no_body(miraflow: View, journal: Journal) -> None:
    body = b'{"prompt": "A kite", "name": "a", "\\u0063olour": "harmless", "\\u0061pi_key": "canary"}'
    miraflow.http.post("/api/image/generate", content=body, headers={"Content-Type": "application/json"})
    (entry,) = journal(miraflow)
    assert entry.sent is not None
    assert "canary" not in entry.sent.text
    assert json.loads(entry.sent.text)["colour"] == "harmless"


def test_a_request_without_a_key_keeps_no_account(vidgen: View, journal: Journal) -> None:
    httpx.get(f"{vidgen.url}/api/status/abc")
    httpx.post(f"{vidgen.url}/api/jobs", content=b"x" * 10)
    for entry in journal(vidgen):
        assert (entry.status, entry.account) == (401, "")
        assert entry.sent is not None
        assert entry.sent.text == ""


def test_of_a_client_that_left_what_it_sent_is_kept(running: Running, vidgen: View, journal: Journal) -> None:
    head = f"POST {vidgen.url.partition(str(running.port))[2]}/api/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n"
    head += f"Content-Type: multipart/form-data; boundary=b\r\nX-API-Key: {vidgen.mine.key}\r\n\r\n--b"
    with socket.create_connection(("127.0.0.1", running.port)) as client:
        client.sendall(head.encode())
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == b""
    (entry,) = until(lambda: journal(vidgen))  # who has no answer may look before it is entered
    assert (entry.status, entry.why) == (0, "the client left before its request was complete")
    assert entry.answered is None
    assert vidgen.sandbox.journal.seen == {}


@pytest.mark.parametrize(
    ("path", "example"), [("/api/health", "ok"), ("/api/status/nobody", "missing_key"), ("/x", "unknown_path")]
)
def test_an_answer_is_entered_before_its_first_byte_leaves(
    vidgen: View, running: Running, path: str, example: str
) -> None:
    """Else a client in another thread or process, which has its answer, may not find its entry yet."""
    written: list[str] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        entry = vidgen.sandbox.journal.last()
        written.append("nothing" if entry is None else entry.example)

    path = f"/@{vidgen.sandbox.name}/vidgen{path}"
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
    }
    asyncio.run_coroutine_threadsafe(running.app(scope, receive, send), running.thread.loop).result(20)
    assert written == [example, example]
