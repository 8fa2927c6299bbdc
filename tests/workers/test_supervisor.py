"""A supervisor and its workers, as processes: they are there, another one comes where one ends, none is left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from until_kit import PATIENCE, is_there, until

from mockserver.guarded.guardian import descendants

ROOT = Path(__file__).parent.parent.parent
PROGRAM = """
import asyncio, pathlib, sys
from mockserver.wire import bind
from mockserver.workers import Supervisor, WorkerPlan, member
folder, *mishaps = sys.argv[1:]
if "in 2 seconds" in mishaps:
    member.READY_SECONDS = 2.0
if "no process" in mishaps:
    begin, marks = member.Member.begin, pathlib.Path(folder)
    async def refused(*words, **more):
        if (marks / "full").exists():
            (marks / "refused").touch()
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return await begin(*words, **more)
    member.Member.begin = refused
sock = bind()
def say(words):
    print(words, flush=True)
plan = WorkerPlan((sys.executable, "tests/workers_program.py", folder, *mishaps), 2, given="what all know")
port = sock.getsockname()[1]
supervisor = Supervisor(plan, sock, say, lambda told: say(f"{port} {told}"))
sys.exit(asyncio.run(supervisor.run()))
"""


@dataclass
class Run:
    """A supervisor of two workers, at `port`; the first line that it said is `told`."""

    process: subprocess.Popen[str]
    folder: Path
    told: str = ""
    port: int = 0
    pids: list[int] = field(default_factory=list)

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask(self, client: Any = httpx, path: str = "/") -> list[str]:
        answer = client.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE)
        assert answer.status_code == 200
        return answer.text.split(maxsplit=2)

    def begun(self, number: int) -> list[int]:
        """The processes that were worker `number`, in no order."""
        return until(lambda: self._named(f"begun-{number}-*"))

    def _named(self, pattern: str) -> list[int]:
        return [int(path.name.rpartition("-")[2]) for path in self.folder.glob(pattern)]

    def spare(self) -> int:
        """The process that waits for a place."""
        [found] = until(lambda: [n for n in self._named("waits-*") if is_there(n) and not self._named(f"begun-?-{n}")])
        return int(found)

    def now(self) -> set[int]:
        """Every process that it has started and that is there."""
        return {*descendants(self.process.pid)}


@contextlib.contextmanager
def supervised(folder: Path, *mishaps: str, begins: bool = True) -> Iterator[Run]:
    words = [sys.executable, "-c", PROGRAM, str(folder), *mishaps]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, env=environment, cwd=ROOT, **pipes) as process:
        made = Run(process, folder)
        try:
            if begins:
                port, _, made.told = made.line().partition(" ")
                made.port = int(port)
            yield made
        finally:
            made.pids = [*made.now()]
            process.kill()
            until(lambda: not any(map(is_there, made.pids)))


def test_all_begin_before_it_is_said_and_what_the_first_one_told_is(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        assert run.told == "{'lines': ['first is 1']}"
        assert len(run.begun(1)) == len(run.begun(2)) == 1
        number, pid, given = run.ask()
        assert (int(pid) in run.begun(int(number)), given) == (True, "what all know")


def test_both_answer_where_many_come(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        seen: set[str] = set()
        for _ in range(400):
            with httpx.Client() as one, httpx.Client() as other:
                seen |= {run.ask(one)[0], run.ask(other)[0]}
            if len(seen) == 2:
                break
        assert seen == {"1", "2"}


def test_another_worker_takes_the_place_of_one_that_was_killed_and_nobody_is_refused(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        [killed], spare = run.begun(1), run.spare()
        os.kill(killed, signal.SIGKILL)
        assert run.line() == "worker 1 ended (signal 9); another one takes its place"
        pids = {int(run.ask()[1]) for _ in range(20)}
        assert killed not in pids
        until(lambda: len(run.begun(1)) == 2)
        [follower] = {*run.begun(1)} - {killed}
        assert follower == spare, "it was prepared"
        until(lambda: int(run.ask()[1]) == follower)
        assert run.spare() != spare


def test_where_all_are_killed_at_once_and_the_one_that_waits_too_all_places_are_taken(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        killed = {*run.begun(1), *run.begun(2), run.spare()}
        for each in killed:
            os.kill(each, signal.SIGKILL)
        until(lambda: len(run.begun(1)) == len(run.begun(2)) == 2)
        assert int(run.ask()[1]) not in killed
        assert run.spare() not in killed


def test_a_place_is_taken_though_the_machine_had_no_room_for_a_process_for_a_while(tmp_path: Path) -> None:
    full, refused = tmp_path / "full", tmp_path / "refused"
    with supervised(tmp_path, "no process") as run:
        spare = run.spare()
        full.touch()
        for killed in (spare, *run.begun(1)):
            os.kill(killed, signal.SIGKILL)
        until(refused.exists)
        run.process.send_signal(signal.SIGHUP)
        until(lambda: run.line() == "a new worker 1 did not get ready: the one that is there stays")
        full.unlink()
        until(lambda: len(run.begun(1)) == 2)
        assert int(run.ask()[1]) not in (spare, killed)


def test_another_worker_takes_the_place_of_one_that_was_stopped(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        [stopped] = run.begun(1)
        os.kill(stopped, signal.SIGSTOP)
        assert run.line() == "worker 1 has not answered for 5 seconds"
        assert run.line() == "worker 1 ended (signal 9); another one takes its place"
        until(lambda: len(run.begun(1)) == 2)
        [follower] = {*run.begun(1)} - {stopped}
        until(lambda: int(run.ask()[1]) == follower)
        assert not is_there(stopped)


def test_a_signal_lets_answers_under_way_come_and_leaves_nobody(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        (tmp_path / "go").unlink(missing_ok=True)
        with supervised(tmp_path) as run:
            started = run.now()
            words = ["curl", "-sS", "--max-time", "60", f"http://127.0.0.1:{run.port}/held"]
            asking = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
            held = until(lambda: [*tmp_path.glob("held-*")])
            run.process.send_signal(number)
            (tmp_path / "go").touch()
            said, _ = asking.communicate(timeout=PATIENCE)
            assert said.split()[1] == held[0].name.partition("-")[2]
            assert (run.process.wait(PATIENCE), asking.returncode) == (0, 0)
            assert not any(map(is_there, started))
            held[0].unlink()


def test_a_signal_before_workers_are_ready_ends_the_start_without_a_word(tmp_path: Path) -> None:
    with supervised(tmp_path, "hangs", begins=False) as run:
        started = until(run.now)
        run.process.send_signal(signal.SIGTERM)
        said = run.process.communicate(timeout=PATIENCE)
        assert (run.process.returncode, said) == (0, ("", ""))
        assert not any(map(is_there, started))


def test_workers_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    with supervised(others, "hangs", begins=False) as hanging, supervised(tmp_path) as run:
        workers = [*run.begun(1), *run.begun(2)]
        run.process.kill()
        until(lambda: not any(map(is_there, workers)))
        first = until(hanging.now)
        hanging.process.kill()
        until(lambda: not any(map(is_there, first)))


def test_one_that_leaves_neither_by_itself_nor_by_a_signal_is_killed(tmp_path: Path) -> None:
    with supervised(tmp_path, "ignores") as run:
        assert run.spare()
        started = run.now()
        assert len(started) == 3
        run.process.send_signal(signal.SIGTERM)
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(PATIENCE) == 0
        assert not any(map(is_there, started))


@pytest.mark.parametrize("number", [1, 2])
def test_a_worker_that_cannot_begin_ends_the_start_with_its_exit_code(tmp_path: Path, number: int) -> None:
    with supervised(tmp_path, f"fails{number}", begins=False) as run:
        assert run.process.wait(PATIENCE) == 3
        assert run.line() == ""
        assert run.now() == set()


def test_one_that_cannot_take_a_place_again_is_tried_again_and_the_others_serve(tmp_path: Path) -> None:
    with supervised(tmp_path, "fails later") as run:
        [killed] = run.begun(1)
        os.kill(killed, signal.SIGKILL)
        until(lambda: len([*tmp_path.glob("failed-*")]) >= 2)
        assert run.ask()[0] == "2"
        run.process.send_signal(signal.SIGHUP)
        lines = [run.line(), run.line()]
        assert lines[1] == "a new worker 1 did not get ready: the one that is there stays"
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(PATIENCE) == 0


def test_new_workers_take_all_places_and_no_request_is_lost(tmp_path: Path) -> None:
    with supervised(tmp_path) as run, httpx.Client() as client:
        before = {*run.begun(1), *run.begun(2)}
        run.process.send_signal(signal.SIGHUP)
        seen = set()
        while not {*run.begun(1), *run.begun(2)} - before or before & run.now():
            seen.add(int(run.ask(client)[1]))
            seen.add(int(run.ask()[1]))
        assert run.line() == "all workers are new"
        assert int(run.ask(client)[1]) in run.now() - before
        assert len(seen) > 1


def test_each_worker_can_ask_what_all_tell_of_themselves(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        assert run.ask(path="/all")[2] == "what all know {'1': 'worker 1', '2': 'worker 2'}"
        os.kill(run.begun(2)[0], signal.SIGSTOP)
        until(lambda: run.ask(path="/all")[2] == "what all know {'1': 'worker 1'}")
        os.kill(run.begun(2)[0], signal.SIGCONT)


def test_one_that_ends_while_its_place_is_renewed_leaves_the_place_to_the_new_one(tmp_path: Path) -> None:
    with supervised(tmp_path, "gets ready later") as run:
        [before], spare = run.begun(1), run.spare()
        run.process.send_signal(signal.SIGHUP)
        until(lambda: [*tmp_path.glob("comes-*")])
        os.kill(before, signal.SIGKILL)
        assert run.line() == "worker 1 ended (signal 9); another one takes its place"
        until(lambda: len(run.begun(1)) == 2)
        (tmp_path / "go").touch()
        assert run.line() == "all workers are new"
        serving = {int(run.ask()[1]) for _ in range(20)}
        new = {int(path.name.rpartition("-")[2]) for path in tmp_path.glob("comes-*")}
        assert serving <= new, "those that were begun in their places"
        until(lambda: len(run.now()) == 3)
        assert not is_there(spare)


def test_an_end_while_places_are_renewed_ends_who_leaves_and_who_comes(tmp_path: Path) -> None:
    with supervised(tmp_path, "gets ready later") as run:
        run.process.send_signal(signal.SIGHUP)
        until(lambda: [*tmp_path.glob("comes-*")])
        there = run.now()
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(PATIENCE) == 0
        assert not any(map(is_there, there))


def test_a_start_that_is_ended_says_nothing_of_itself(tmp_path: Path) -> None:
    with supervised(tmp_path, "hangs", begins=False) as run:
        until(run.now)
        run.process.send_signal(signal.SIGTERM)
        said, errors = run.process.communicate(timeout=PATIENCE)
        assert (run.process.returncode, said, errors) == (0, "", "")


def test_a_worker_that_never_gets_ready_is_killed_and_no_renewal_waits_for_it_for_ever(tmp_path: Path) -> None:
    with supervised(tmp_path, "gets ready later", "in 2 seconds") as run:
        before = {*run.begun(1), *run.begun(2)}
        run.process.send_signal(signal.SIGHUP)
        assert run.line() == "a new worker 1 did not get ready: the one that is there stays"
        assert int(run.ask()[1]) in before
        (tmp_path / "go").touch()
        run.process.send_signal(signal.SIGHUP)
        assert run.line() == "all workers are new"
        assert int(run.ask()[1]) not in before
