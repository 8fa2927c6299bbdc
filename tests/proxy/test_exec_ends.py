"""`mockserver exec` ends as its command does, and leaves nothing behind, however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from serve_kit import ROOT
from wire_kit import PATIENCE

from mockserver.guarded import Guarded, NotRun, guardian

# A starter that is quick: no server, a guardian alone. It prints the folder, then does as `exec` would.
STARTER = """
import os, sys
from mockserver.guarded import Guarded
with Guarded() as guarded:
    print(guarded.folder, flush=True)
    code = guarded.run(sys.argv[1:], os.environ)
sys.exit(code)
"""
# Whoever runs the tests may ignore signals, as `nohup` and shells without job control do; a starter here does not.
HEEDING = """
import signal
for name in ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"):
    signal.signal(getattr(signal, name), signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
"""
# The same, of one that holds more open files than `select` knows.
BUSY = """
import os, resource
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most if 0 < most < 4096 else 4096, most))
files = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
"""
# A command with a child in its group, one in a session of its own, and one whose parent has ended.
FAMILY = """
sleep 10000 & echo $!
setsid sleep 10000 & echo $!
(sleep 10000 & echo $!)
(setsid sh -c 'sleep 10000 & echo $!; wait' &)
echo $$
read line
"""
MEMBERS = 5


@contextlib.contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HEEDING + STARTER, *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.kill()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def family_of(process: subprocess.Popen[str]) -> tuple[Path, list[int]]:
    """The folder, and the processes of the command, once all have begun."""
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    pids = [int(process.stdout.readline()) for _ in range(MEMBERS)]
    assert folder.is_dir()
    assert all(map(is_there, pids))
    return folder, pids


def end_of(process: subprocess.Popen[str], typed: str | None = None) -> tuple[int, str]:
    """Exit code and errors, once everybody who could write has ended."""
    _, errors = process.communicate(typed, timeout=PATIENCE * 5)
    return process.returncode, errors


def nothing_left(folder: Path, pids: list[int]) -> bool:
    return not folder.exists() and not any(map(is_there, pids))


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -15 $$", 143), ("exit 255", 255)]
)
def test_the_exit_code_is_that_of_the_command(script: str, code: int) -> None:
    with Guarded() as guarded:
        assert guarded.run(["sh", "-c", script], os.environ) == code
    assert not guarded.folder.exists()


def test_a_command_that_is_not_there_or_cannot_be_run_has_the_codes_of_env(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("no program")
    (tmp_path / "broken").write_bytes(b"\x00\x01\x02")
    (tmp_path / "broken").chmod(0o755)
    for name, code in [("missing", 127), ("plain", 126), ("broken", 126)]:
        with Guarded() as guarded, pytest.raises(NotRun, match=name) as raised:
            guarded.run([str(tmp_path / name)], os.environ)
        assert raised.value.exit_code == code


def test_the_command_gets_input_output_words_and_environment_as_they_are(tmp_path: Path) -> None:
    script = "import json, os, sys; print(json.dumps([sys.stdin.read(), sys.argv[1:], os.environ['ODD'], os.getcwd()]))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ODD": "a\nb ü \udcff"}
    words = ["", "--help", "a b", "ü"]
    done = subprocess.run(
        [sys.executable, "-c", STARTER, sys.executable, "-c", script, *words], env=environment, cwd=tmp_path,
        input="typed\n", capture_output=True, text=True, timeout=PATIENCE * 5,
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[1]) == ["typed\n", words, "a\nb ü \udcff", str(tmp_path)]


def test_what_a_command_leaves_running_is_ended() -> None:
    with started("sh", "-c", FAMILY) as process:
        folder, pids = family_of(process)
        assert end_of(process, "\n") == (0, "")
        assert nothing_left(folder, pids)


def test_a_starter_that_is_killed_takes_the_command_along() -> None:
    with started("sh", "-c", FAMILY) as process:
        folder, pids = family_of(process)
        process.kill()
        assert end_of(process)[0] == -signal.SIGKILL
        assert nothing_left(folder, pids)


def test_a_starter_may_hold_many_open_files() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", BUSY + STARTER, "sh", "-c", "echo it runs"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[1:], done.stderr) == (0, ["it runs"], "")


@pytest.mark.skipif(sys.platform != "linux", reason="the system ends no child with its parent")
def test_a_guardian_that_is_killed_takes_the_command_along() -> None:
    with started("sh", "-c", "echo $PPID; echo $$; exec sleep 10000") as process:
        assert process.stdout is not None
        folder, guardian, command = (process.stdout.readline().strip() for _ in range(3))
        os.kill(int(guardian), signal.SIGKILL)
        code, errors = end_of(process)
        assert code == 1
        assert "was killed, and the command with it" in errors
        assert not Path(folder).exists()
        _until_gone(int(command))


def _until_gone(pid: int) -> None:
    """Of an orphan, whom somebody else reaps; or nobody, in some containers."""
    while is_there(pid) and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0)


def test_a_run_without_a_place_for_its_files_says_so(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "none")}
    script = "import os, tempfile; tempfile._candidate_tempdir_list = lambda: [os.environ['TMPDIR']]; "
    source = Path(guardian.__file__).read_text()
    (tmp_path / "guardian.py").write_text(source.replace("import tempfile\n", f"import tempfile\n{script}\n"))
    lead = f"from mockserver.guarded import guardian; guardian.__file__ = {str(tmp_path / 'guardian.py')!r}"
    done = subprocess.run(
        [sys.executable, "-c", f"{lead}\n{STARTER}", "true"], env=environment, capture_output=True, text=True,
        timeout=PATIENCE * 5,
    )  # fmt: skip
    assert done.returncode == 1
    assert "there is no folder for the files of a run: " in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"])
def test_a_signal_goes_to_the_command(name: str) -> None:
    script = f"trap 'echo got; exit 5' {name[3:]}; echo ready; while :; do sleep 10000 & wait $!; done"
    with started("sh", "-c", script) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert process.stdout.readline() == "ready\n"
        process.send_signal(getattr(signal, name))
        assert process.stdout.readline() == "got\n"
        assert end_of(process)[0] == 5


def test_a_signal_that_was_ignored_before_stays_ignored() -> None:
    script = "trap '' HUP; exec \"$@\""
    inner = "kill -HUP $$; echo alive"
    words = ["sh", "-c", script, "sh", sys.executable, "-c", STARTER, "sh", "-c", inner]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=PATIENCE * 5)
    assert done.stdout.splitlines()[1:] == ["alive"]


TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-c", *sys.argv[1:]])
"""


@contextlib.contextmanager
def at_a_terminal(script: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    ours, theirs = os.openpty()
    words = [sys.executable, "-c", TERMINAL, HEEDING + STARTER, "sh", "-c", script]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        process = subprocess.Popen(
            words, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        with process:
            try:
                yield ours, process
            finally:
                process.kill()
    finally:
        os.close(ours)
        os.close(theirs)


def until(terminal: int, text: bytes) -> None:
    got = b""
    while text not in got:
        got += os.read(terminal, 1024)


def test_the_command_has_the_terminal_and_is_interrupted_from_it() -> None:
    script = (
        "trap 'echo interrupted; exit 5' INT; read line; echo \"read $line\"; while :; do sleep 10000 & wait $!; done"
    )
    with at_a_terminal(script) as (terminal, process):
        os.write(terminal, b"typed\n")
        until(terminal, b"read typed")
        os.write(terminal, b"\x03")
        until(terminal, b"interrupted")
        assert process.wait(PATIENCE) == 5


def test_a_command_that_is_suspended_at_the_terminal_suspends_us_and_goes_on_with_us() -> None:
    with at_a_terminal('echo ready; read line; echo "read $line"') as (terminal, process):
        until(terminal, b"ready")
        os.write(terminal, b"\x1a")
        assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
        os.kill(process.pid, signal.SIGCONT)
        os.write(terminal, b"typed\n")
        until(terminal, b"read typed")
        assert process.wait(PATIENCE) == 0
