"""A real browser, in a page of another origin, submits a job, polls, reads the limits and loads the result."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser_kit import browser, has_browser, page

from mockserver import Running, start

pytestmark = pytest.mark.skipif(not has_browser(), reason="chromium is not installed")

SAMPLES = Path(__file__).parent.parent / "mockserver" / "samples"
SUBMIT = """
const bytes = data => Uint8Array.from(atob(data), each => each.charCodeAt(0));
const form = new FormData();
form.append('image', new File([bytes(IMAGE)], 'a "b".png', {type: 'image/png'}));
form.append('audio', new File([bytes(AUDIO)], 'a.mp3', {type: 'audio/mpeg'}));
const headers = {'X-API-Key': KEY};
const made = await fetch(URL_ + '/api/jobs', {method: 'POST', headers, body: form});
const {jobId} = await made.json();
const polled = await fetch(URL_ + '/api/status/' + jobId, {headers});
const unknown = await fetch(URL_ + '/api/status/x', {headers});
return {
  made: made.status, job: jobId, polled: polled.status, state: (await polled.json()).status, unknown: unknown.status,
  left: Number(polled.headers.get('ratelimit-remaining')), reset: polled.headers.get('RateLimit-Reset'),
};
"""
DOWNLOAD = """
const shown = await (await fetch(URL_ + '/api/status/' + JOB, {headers: {'X-API-Key': KEY}})).json();
const film = await fetch(shown.outputVideo);
const piece = await fetch(shown.outputVideo, {headers: {Range: 'bytes=0-9', 'X-Asked': 'once'}});
return {
  state: shown.status, kind: film.headers.get('content-type'), size: (await film.blob()).size,
  tag: film.headers.get('etag'), piece: (await piece.blob()).size, span: piece.headers.get('content-range'),
};
"""
READ = "return await fetch(WHERE, {headers: {'X-API-Key': 'demo-key'}}).then(got => got.status, why => `${why}`);"
NOTHING = "TypeError: Failed to fetch"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with browser(tmp_path_factory.mktemp("profile")) as address:
        yield address


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The address of an empty page of another origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", "13")
            self.end_headers()
            self.wfile.write(b"<!DOCTYPE p>\n")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


def scripted(script: str, **values: str) -> str:
    return "".join(f"const {name} = {json.dumps(value)};\n" for name, value in values.items()) + script


async def lived(host: str, elsewhere: str, running: Running) -> tuple[Any, Any]:
    """What the page saw of a job: when it was submitted, and after a minute of the sandbox's time."""
    files = {"IMAGE": _coded("portrait.png"), "AUDIO": _coded("voice.mp3")}
    with running.sandbox() as sandbox:
        vidgen = sandbox.api("vidgen")
        where = {"URL_": vidgen.url, "KEY": vidgen.api_key}
        async with page(host, elsewhere) as opened:
            first = await opened.run(scripted(SUBMIT, **where, **files))
            await vidgen.clock.aadvance(60)
            return first, await opened.run(scripted(DOWNLOAD, **where, JOB=first["job"]))


def _coded(name: str) -> str:
    return base64.b64encode((SAMPLES / name).read_bytes()).decode()


def test_a_page_of_another_origin_lives_through_a_job(host: str, elsewhere: str, running: Running) -> None:
    first, last = asyncio.run(lived(host, elsewhere, running))
    assert (first["made"], first["polled"], first["unknown"]) == (201, 200, 404)
    assert first["state"] == "PENDING"
    assert first["left"] > 0
    assert first["reset"]
    assert (last["state"], last["kind"], last["piece"]) == ("COMPLETED", "video/mp4", 10)
    assert last["size"] > 1000
    assert last["span"] == f"bytes 0-9/{last['size']}"
    assert last["tag"].startswith('"')


@pytest.mark.parametrize("listed", [False, True])
async def first_read(host: str, elsewhere: str, url: str) -> Any:
    """The status that the page sees, or what its browser says in the place of an answer."""
    async with page(host, elsewhere) as opened:
        return await opened.run(scripted(READ, WHERE=url))


@pytest.mark.parametrize("listed", [False, True])
def test_a_page_that_may_not_read_is_told_nothing(host: str, elsewhere: str, listed: bool) -> None:
    with start(cors=["http://other.example"] if listed else False) as server:
        assert asyncio.run(first_read(host, elsewhere, f"{server.url}/vidgen/api/jobs")) == NOTHING
        asked = [entry.method for entry in server.app.sandboxes.default.journal]
    assert asked == ([] if listed else ["OPTIONS"])


def test_a_page_on_the_list_reads(host: str, elsewhere: str) -> None:
    with start(cors=elsewhere.rstrip("/")) as server:
        assert asyncio.run(first_read(host, elsewhere, f"{server.url}/vidgen/api/jobs")) == 200


def test_the_control_api_cannot_be_read_by_a_page(host: str, elsewhere: str, running: Running) -> None:
    assert asyncio.run(first_read(host, elsewhere, f"{running.url}/_mock/health")) == NOTHING
