"""The ways in which Python may be run: without docstrings and asserts, with warnings as errors, in a plain locale."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.cli import COMMANDS
from mockserver.faults import CATALOGUE, doc_of

ROOT = Path(__file__).resolve().parent.parent
STRICT = ("-W", "error", "-X", "dev", "-bb")
USE = """
import urllib.request
from mockserver import start

with start() as server, server.sandbox() as sandbox:
    vidgen = sandbox.api("vidgen")
    vidgen.scenario("flaky")
    vidgen.scenario("happy")
    request = urllib.request.Request(vidgen.url + "/api/jobs", headers={"X-API-Key": vidgen.api_key})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        print(answer.status)
    sandbox.clock.advance(10)
    print(len(sandbox.journal.filter()), sandbox.conduct)
"""


def python(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, **more)  # type: ignore[call-overload,no-any-return]


def ran(*arguments: str) -> str:
    done = python(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


HELP = "from mockserver.cli import main; [main([*c, '--help'], standalone_mode=False) for c in ([], *map(list, {!r}))]"
HELPS = HELP.format([(command,) for command in COMMANDS])


@pytest.mark.parametrize("arguments", [("-c", HELPS), ("-m", "mockserver", "faults"), ("-m", "mockserver", "check")])
def test_every_text_is_there_without_docstrings(arguments: tuple[str, ...]) -> None:
    assert ran("-OO", *arguments) == ran(*arguments) != ""


def test_every_fault_says_what_it_does() -> None:
    assert all(len(doc_of(kind)) > 10 and "(" not in doc_of(kind).split()[0] for kind in CATALOGUE.values())


@pytest.mark.parametrize("flags", [("-OO",), STRICT], ids=["OO", "strict"])
def test_a_server_serves_and_is_steered_without_a_word_on_standard_error(flags: tuple[str, ...]) -> None:
    quiet = "import logging; logging.getLogger('asyncio').setLevel(logging.ERROR)\n"  # -X dev tells of slow tasks
    assert ran(*flags, "-c", quiet + USE).split()[:2] == ["200", "1"]


@pytest.mark.parametrize("flags", [("-OO",), STRICT], ids=["OO", "strict"])
def test_the_plugin_passes_what_passes_and_fails_what_fails(flags: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "def test_passes(vidgen, webhook_inbox, intercept): vidgen.clock.advance(1)\n"
        "def test_virtual(vidgen, fast_forward): pass\n"
        "@pytest.mark.mockserver(scenario='nowhere')\n"
        "def test_fails(vidgen): pass\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    plain = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", "-p", "no:randomly")
    done = python(*flags, "-m", "pytest", "-q", *plain, str(tmp_path), env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert "2 passed" in done.stdout
    assert "has no scenario 'nowhere'" in done.stdout


def test_texts_are_written_and_read_where_the_locale_is_plain_and_nothing_is_set(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    bare = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    bare["TMPDIR"] = "/nowhere"
    for arguments in (("-m", "mockserver", "faults"), ("-c", USE)):
        done = python(*arguments, cwd=tmp_path, env={**bare, "PYTHONPATH": str(ROOT)})
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_fork_takes_no_connection_of_its_parents() -> None:
    code = """
import os
from mockserver import start
from mockserver.steering import Steering

with start() as server, Steering(server.url) as steering:
    clock = steering.default.clock
    clock.now()
    ports = lambda: {each.sock.getsockname() for each in steering.control._idle}
    kept = ports()
    child = os.fork()
    if child == 0:
        clock.now()
        os._exit(0 if kept and not ports() & kept else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), clock.now() > 0)
"""
    assert ran("-W", "ignore::DeprecationWarning", "-c", code).strip() == "0 True"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_fork_steers_the_server_of_its_parent_over_http() -> None:
    code = """
import os
from mockserver import start

with start(clock="manual") as server:
    clock = server.default.clock
    child = os.fork()
    if child == 0:
        clock.advance(60)
        os._exit(0 if server.steering.control._idle else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), clock.now() - 1e9)
"""
    assert ran("-W", "ignore::DeprecationWarning", "-c", code).strip() == "0 60.0"
