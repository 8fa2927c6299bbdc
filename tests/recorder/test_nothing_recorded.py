"""A recording in which nothing was answered: what is told, what becomes of the file, and the exit code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cli_kit import call
from click.testing import Result
from recorder_kit import GOOD, HOST, Fixed, ca_pem, upstream

CALL = (
    "import contextlib, urllib.error, urllib.request\n"
    "with contextlib.suppress(urllib.error.URLError): urllib.request.urlopen('{url}').read()"
)


def recorded(folder: Path, *words: str, port: int = 1) -> Result:
    (folder / "ca.pem").write_text(ca_pem())
    options = ["--upstream", f"https://{HOST}", "--connect-to", f"{HOST}=127.0.0.1:{port}"]
    files = ["--upstream-ca", folder / "ca.pem", "--out", folder / "session.har"]
    return call("record", *options, *files, "--", *words)


def asking(url: str) -> list[str]:
    return [sys.executable, "-c", CALL.format(url=url)]


CASES = {
    "asks for nothing": (["true"], 125, "proxies: the client must go by HTTPS_PROXY"),
    "fails before it asks": (["sh", "-c", "exit 3"], 3, "the command: it ended with 3"),
    "asks another host": (asking("https://elsewhere.example/"), 125, "the host: the client asked for others"),
    "trusts authorities of its own": (
        [sys.executable, "-c", "import os, ssl, socket\n"
         "port = int(os.environ['HTTPS_PROXY'].rpartition(':')[2])\n"
         "with socket.create_connection(('127.0.0.1', port)) as s:\n"
         f"    s.sendall(b'CONNECT {HOST}:443 HTTP/1.1\\r\\nHost: {HOST}:443\\r\\n\\r\\n'); s.recv(999)\n"
         "    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\n"
         "    try: context.wrap_socket(s, server_hostname='" + HOST + "')\n"
         "    except ssl.SSLError: pass\n"], 125, "certificates: the client must trust the file of SSL_CERT_FILE",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_where_nothing_was_recorded_it_is_said_with_what_to_look_at(what: str, tmp_path: Path) -> None:
    words, code, told = CASES[what]
    (tmp_path / "session.har").write_text("an earlier one")
    done = recorded(tmp_path, *words)
    assert done.exit_code == code, done.output
    assert f"Nothing was recorded: the command asked https://{HOST} for nothing" in done.output
    assert told in done.output
    assert "mockserver new" not in done.output
    assert (tmp_path / "session.har").read_text() == "an earlier one"


def test_where_no_answer_came_no_contract_is_advised(tmp_path: Path) -> None:
    done = recorded(tmp_path, *asking(f"https://{HOST}/"))
    assert done.exit_code == 125, done.output
    assert "Recorded: 1 request in" in done.output
    assert "No answer came" in done.output
    assert "mockserver new" not in done.output
    assert (tmp_path / "session.har").exists()


def test_calls_without_an_answer_take_no_place_of_an_earlier_recording(tmp_path: Path) -> None:
    (tmp_path / "session.har").write_text("an earlier one")
    done = recorded(tmp_path, *asking(f"https://{HOST}/"))
    assert done.exit_code == 125, done.output
    assert "None of 1 request was answered" in done.output
    assert "session.har is as it was" in done.output
    assert (tmp_path / "session.har").read_text() == "an earlier one"


@pytest.mark.parametrize(("answer", "told"), [
    (GOOD, "A contract of it: mockserver new NAME --from"),
    (GOOD.replace(b"200 OK", b"403 No"), "Nothing was answered with a success"),
])  # fmt: skip
def test_a_contract_is_advised_where_there_is_something_to_make_it_of(answer: bytes, told: str, tmp_path: Path) -> None:
    with upstream(Fixed(answer)) as made:
        done = recorded(tmp_path, *asking(f"https://{HOST}/"), port=made.port)
    assert (done.exit_code, told in done.output) == (0, True), done.output
