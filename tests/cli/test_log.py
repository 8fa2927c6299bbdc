"""`serve --log json`: a line is one JSON object: the first says where the server is, the others are requests."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest
from serve_kit import serving
from wire_kit import PATIENCE, ask

from mockserver import Running
from mockserver.cli.log import LOGS
from mockserver.journal import JournalEntry
from mockserver.sandbox import Sandbox


def test_a_request_is_one_object_a_line() -> None:
    with serving("--log", "json") as served:
        for path in (b"/vidgen/api/health", b"/vidgen/%0a%1b%22x"):
            with served.dial() as connection:
                connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                assert connection.recv(1 << 16).startswith(b"HTTP/1.1 ")
        assert served.process.stdout is not None
        lines = [json.loads(served.process.stdout.readline()) for _ in range(2)]
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(PATIENCE) == 0
    assert [(each["event"], each["sandbox"], each["status"]) for each in lines] == [
        ("request", "default", 200),
        ("request", "default", 404),
    ]
    assert lines[0]["operation"] == "getHealth"


def test_the_first_line_says_who_answers_where(running: Running) -> None:
    (line,) = LOGS["json"].start(running.app, running.url)
    told = json.loads(line)
    assert (told["event"], told["url"]) == ("listening", running.url)
    assert told["apis"]["vidgen"] == f"{running.url}/vidgen"


def test_a_line_tells_what_the_journal_knows_but_not_what_was_sent(running: Running, sandbox: Sandbox) -> None:
    name = sandbox.name
    ask(running.thread, f"GET /@{name}/vidgen/nix HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    told = _told(sandbox.journal.last(), name)
    assert told["sandbox"] == name
    assert told["violation"]["sentence"]
    assert not {"sent", "answered", "extra"} & told.keys()


@pytest.mark.parametrize("raw", ["\n", "\x1b[2J", "\u202e", '"', "\x7f", "кадр", "\ud800"])
def test_what_a_client_wrote_breaks_no_line(raw: str) -> None:
    entry = JournalEntry(1, 0.0, "request", "vidgen", "", "GET", f"/{raw}", 404, "unknown_path", f"there is no {raw}")
    line = LOGS["json"].entry("default", entry)
    assert line.isprintable()
    assert json.loads(line)["path"] == f"/{raw}"


def test_lines_that_nobody_read_are_an_object_too() -> None:
    assert json.loads(LOGS["json"].left_out(3)) == {"event": "left_out", "lines": 3}


def _told(entry: JournalEntry | None, sandbox: str) -> Any:
    assert entry is not None
    return json.loads(LOGS["json"].entry(sandbox, entry))
