"""0 when all is well, 1 when a command found what it looks for, 2 when it could not run: for every command."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from check_kit import BEHAVIOR, good, write
from cli_kit import broken_promise, call
from imported_kit import of, old, put
from serve_kit import ROOT, serving

from mockserver import Running
from mockserver.cli import COMMANDS, COULD_NOT_RUN, COULD_NOT_RUN_IN, FOUND
from mockserver.cli import faults as faults_of_the_command
from mockserver.cli.fuzz import code_of
from mockserver.fuzz import FuzzFailure, FuzzResult
from mockserver.imported.writing import write as write_imported
from mockserver.launch import contracts_in


class Place(NamedTuple):
    """What the words of a row may name."""

    folder: Path
    url: str

    def sound(self) -> Path:
        return write(self.folder / "sound", good())

    def unsound(self) -> Path:
        folder = write(self.folder / "unsound", good())
        (folder / BEHAVIOR).write_text("{")
        return folder

    def imported(self) -> Path:
        write_imported(self.folder / "renders", of(self.folder, old()))
        return self.folder / "renders"

    def empty(self) -> Path:
        (self.folder / "empty").mkdir()
        return self.folder / "empty"


def changed() -> dict[str, Any]:
    """The document with an answer that the contract cannot give."""
    document = old()
    document["components"]["schemas"]["Render"]["properties"]["created_at"] = {"type": "integer"}
    return document


HEALTH = ("--operation", "getHealth")
BRIEF = ("--phase", "coverage", "--max-examples", "1")
QUIET = ("--interval", "0", "--limit-requests", "0")
CALL = (
    sys.executable,
    "-S",
    "-c",
    """
import os, socket
with socket.create_connection(("127.0.0.1", int(os.environ["HTTPS_PROXY"].rpartition(":")[2]))) as proxy:
    proxy.sendall(b"CONNECT elsewhere.example:443 HTTP/1.1\\r\\n\\r\\n")
    proxy.recv(1)
""",
)
ASKED = (
    sys.executable,
    "-c",
    "import urllib.request; urllib.request.urlopen('http://a.example/vidgen/api/health').read()",
)
ASK = (
    "--",
    sys.executable,
    "-S",
    "-c",
    """
import http.client, os, sys
asked = http.client.HTTPConnection(os.environ["MOCKSERVER_URL"].removeprefix("http://"))
asked.request("GET", "/vidgen/api/health")
sys.exit(asked.getresponse().status != 200 or "--fail" in sys.argv)
""",
)
Words = Callable[[Place], Sequence[str | Path]]
ROWS: list[tuple[str, int, str, Words]] = [
    ("check", 0, "sound", lambda p: [p.sound()]),
    ("check", 0, "a file of a contract", lambda p: [p.sound() / "openapi.json"]),
    ("check", 1, "unsound", lambda p: [p.unsound()]),
    ("check", 1, "one of two", lambda p: [p.sound(), p.unsound()]),
    ("check", 2, "no such folder", lambda p: [p.folder / "nix"]),
    ("check", 2, "no contract there", lambda p: [p.unsound(), p.empty()]),
    ("check", 2, "unknown option", lambda p: ["--nix"]),
    ("report", 0, "a server", lambda p: [p.url]),
    ("report", 1, "too little", lambda p: [p.url, "--sandbox", "default", "--fail-under", "100"]),
    ("report", 2, "nobody answers", lambda p: ["http://127.0.0.1:1"]),
    ("report", 2, "no URL", lambda p: ["127.0.0.1:8000"]),
    ("report", 2, "no such sandbox", lambda p: [p.url, "--sandbox", "nix"]),
    ("report", 2, "an API of it", lambda p: [f"{p.url}/vidgen"]),
    ("openapi", 0, "a contract of the gallery", lambda p: ["fal"]),
    ("openapi", 2, "no such contract", lambda p: ["nope"]),
    ("faults", 0, "all", lambda p: []),
    ("faults", 0, "one", lambda p: ["hang"]),
    ("faults", 2, "unknown", lambda p: ["nix"]),
    ("new", 0, "new", lambda p: ["acme", "--into", p.folder]),
    ("new", 2, "there already", lambda p: ["sound", "--into", p.sound().parent]),
    ("new", 2, "no name", lambda p: ["A b", "--into", p.folder]),
    ("new", 2, "a file in the way", lambda p: ["acme", "--into", p.sound() / "openapi.json"]),
    ("new", 0, "of a document", lambda p: ["acme", "--into", p.folder, "--from", put(p.folder, old())]),
    ("new", 2, "of a document without jobs", lambda p: ["acme", "--into", p.folder, "--from", put(p.folder, {
        "openapi": "3.1.0", "paths": {}})]),
    ("new", 2, "of no document", lambda p: ["acme", "--into", p.folder, "--from", put(p.folder, "[")]),
    ("update", 0, "the same document", lambda p: [p.imported(), "--from", p.folder / "vendor.json"]),
    ("update", 1, "one that breaks it", lambda p: [p.imported(), "--from", put(p.folder, changed(), "newer.json")]),
    ("update", 2, "no contract that was imported", lambda p: [p.sound(), "--from", put(p.folder, old())]),
    ("update", 2, "no document", lambda p: [p.imported(), "--from", p.folder / "nix"]),
    ("fuzz", 0, "kept", lambda p: ["vidgen", *HEALTH, *BRIEF]),
    ("fuzz", 1, "broken", lambda p: ["vidgen", "--contracts", broken_promise(p.folder), "--url", f"{p.url}/vidgen",
                                     *HEALTH, *BRIEF]),
    ("fuzz", 2, "unknown API", lambda p: ["nix"]),
    ("fuzz", 2, "unknown operation", lambda p: ["vidgen", "--operation", "nix"]),
    ("fuzz", 2, "no folder for the report", lambda p: ["vidgen", "--junit", p.folder / "nix" / "x.xml"]),
    ("fuzz", 2, "nobody answers", lambda p: ["vidgen", "--url", "http://127.0.0.1:1/vidgen"]),
    ("fuzz", 2, "unsound contract", lambda p: ["unsound", "--contracts", p.unsound()]),
    ("verify", 0, "kept", lambda p: ["vidgen", "--url", f"{p.url}/vidgen", *HEALTH, *QUIET]),
    ("verify", 1, "broken", lambda p: ["vidgen", "--contracts", broken_promise(p.folder), "--url", f"{p.url}/vidgen",
                                       *HEALTH, *QUIET]),
    ("verify", 2, "no URL", lambda p: ["vidgen"]),
    ("verify", 2, "not ours", lambda p: ["vidgen", "--url", "http://192.0.2.1"]),
    ("serve", 2, "no clock", lambda p: ["--clock", "sundial"]),
    ("serve", 2, "no port", lambda p: ["--port", "70000"]),
    ("serve", 2, "taken port", lambda p: ["--port", p.url.rpartition(":")[2]]),
    ("serve", 2, "unsound contract", lambda p: ["--port", "0", "--contracts", p.unsound()]),
    ("serve", 2, "no API", lambda p: ["--port", "0", "--scenario", "nix=slow"]),
    ("serve", 2, "no scenario", lambda p: ["--port", "0", "--scenario", "vidgen=nix"]),
    ("serve", 2, "exposed", lambda p: ["--port", "0", "--host", "0.0.0.0"]),
    ("serve", 2, "a key alone", lambda p: ["--port", "0", "--tls-key", p.sound() / "openapi.json"]),
    ("serve", 2, "no certificate", lambda p: ["--port", "0", "--tls-cert", p.sound() / "openapi.json"]),
    ("exec", 0, "well", lambda p: ["true"]),
    ("exec", 1, "a host that is not mocked", lambda p: ["--fail-on", "unmocked", *CALL]),
    ("exec", 125, "no clock", lambda p: ["--clock", "sundial", "true"]),
    ("exec", 125, "unsound contract", lambda p: ["--contracts", p.unsound(), "true"]),
    ("record", 0, "well", lambda p: [
        "--upstream", "http://a.example", "--connect-to", f"a.example={p.url.rpartition('/')[2]}",
        "--out", p.folder / "a.har", *ASKED]),
    ("record", 125, "nothing", lambda p: ["--upstream", "https://a.example", "--out", p.folder / "a.har", "true"]),
    ("record", 125, "no host", lambda p: ["--upstream", "https://localhost", "--out", p.folder / "a.har", "true"]),
    ("record", 125, "no folder", lambda p: ["--upstream", "https://a.example", "--out", "/nonexistent/a.har", "true"]),
    ("explore", 0, "nothing found", lambda p: ["vidgen", "--runs", "1", *ASK]),
    ("explore", 1, "a client that fails anyway", lambda p: ["vidgen", *ASK, "--fail"]),
    ("explore", 2, "no clock", lambda p: ["vidgen", "--clock", "sundial", "true"]),
    ("explore", 2, "unsound contract", lambda p: ["unsound", "--contracts", p.unsound(), "true"]),
    ("explore", 126, "a command that cannot be run", lambda p: ["vidgen", p.folder]),
    ("explore", 127, "a command that is not there", lambda p: ["vidgen", "/no/such/command"]),
    ("store", 2, "no store", lambda p: ["stats", "http://127.0.0.1"]),
    ("store", 2, "nobody there", lambda p: ["purge", f"unix://{p.folder}/engine.sock"]),
    ("completion", 0, "known", lambda p: ["bash"]),
    ("completion", 2, "unknown", lambda p: ["tcsh"]),
]  # fmt: skip


@pytest.mark.parametrize(("command", "code", "why", "words"), ROWS, ids=[" ".join(map(str, row[:3])) for row in ROWS])
def test_the_exit_code_says_what_came_of_it(
    running: Running, tmp_path: Path, command: str, code: int, why: str, words: Words
) -> None:
    result = call(command, *words(Place(tmp_path, running.url)))
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output


def could_not_run(command: str) -> int:
    return COULD_NOT_RUN_IN.get(command, COULD_NOT_RUN)


def test_the_table_has_every_command_and_each_of_its_codes() -> None:
    codes = {command: {row[1] for row in ROWS if row[0] == command} for command in COMMANDS}
    finders = {"check", "report", "fuzz", "verify", "exec", "explore", "update"}
    assert {command for command, seen in codes.items() if FOUND in seen} == finders  # new, too: see test_new_from.py
    assert all(could_not_run(command) in seen for command, seen in codes.items())
    assert {command for command, seen in codes.items() if 0 not in seen} == {
        "serve",
        "store",
    }  # it ends by a signal, below; with an engine


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_0_and_a_wrong_option_with_2(command: str) -> None:
    assert call(command, "--help").exit_code == 0
    assert call(command, "--no-such-option").exit_code == could_not_run(command)


def test_a_server_that_is_stopped_ends_with_0() -> None:
    with serving() as served:
        assert served.ended(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize(("error", "said"), [(RuntimeError("a bug"), "please report"), (KeyboardInterrupt(), "interr"),
                                             (PermissionError(13, "no", "x.json"), "x.json")])  # fmt: skip
def test_what_stops_a_command_is_no_finding(monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str) -> None:
    def fail(*args: object) -> None:
        raise error

    monkeypatch.setattr(faults_of_the_command, "tell", fail)
    result = call("faults")
    assert result.exit_code == 2
    assert said in result.output
    assert ("Traceback" in result.output) == isinstance(error, RuntimeError)


def test_a_pipe_that_was_closed_is_no_finding() -> None:
    command = [sys.executable, "-m", "mockserver", "faults"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    reading, writing = socket.socketpair()
    reading.close()
    with writing:
        done = subprocess.run(command, stdout=writing.fileno(), stderr=subprocess.PIPE, env=environment, timeout=300)
    assert (done.returncode, done.stderr) == (2, b"")


def test_what_fuzzing_found_goes_before_what_it_could_not_ask() -> None:
    contract = next(c for c in contracts_in() if c.name == "vidgen")
    nothing, failed, never, fine = (FuzzResult(contract) for _ in range(4))
    failed.failures["check", "getHealth"] = FuzzFailure("check", "getHealth", "examples", "", "")
    failed.errors.append("the engine gave up")
    never.asked = frozenset({"getHealth"})
    fine.walked = frozenset({"getHealth"})
    assert [code_of([each]) for each in (nothing, failed, never, fine)] == [2, 1, 1, 0]
    assert code_of([nothing, fine]) == 2
    assert code_of([nothing, failed]) == 1
