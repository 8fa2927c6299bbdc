"""A fault is one class: written into one file, it is everywhere; written wrong, the type checker refuses it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.faults import CATALOGUE

ROOT = Path(__file__).parent.parent
NEW = '''

@final
@dataclass(frozen=True, slots=True)
class Whisper(WireFault, Delivering):
    """Sends the answer, and the client learns nothing of it."""

    name: ClassVar[str] = "whisper"
    loses_answer: ClassVar[bool] = True
    cuts_body: ClassVar[bool] = True
    revealing: ClassVar[bool] = True
    seconds: Annotated[float, Between(0, 5)] = 1.0

    async def deliver(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.close()
'''
FOUND = """
from click.testing import CliRunner
from mockserver import launch
from mockserver.cli import main
from mockserver.conduct.finding import faults_of
from mockserver.conduct.resending import answer_lost
from mockserver.control.document import served
from mockserver.faults import CATALOGUE, MEDIA, Selector, check_use, fault_of
from mockserver.faults.table import table
from mockserver.journal import JournalEntry
from mockserver.schedules import Alphabet, is_revealing, that_cut

contracts = launch.contracts_in()
kind = CATALOGUE["whisper"]
fault, _ = fault_of({"fault": "whisper", "seconds": 2.5})
check_use(contracts[0], fault, Selector(operation=MEDIA))
entry = JournalEntry(1, 0.0, "request", "a", "b", status=200, extra={"fault": "hang, whisper"})
assert "| `whisper` | `seconds`: a number from 0 to 5 (1.0) |" in table()
assert "whisper" in CliRunner().invoke(main, ["faults"]).output
assert "whisper" in str(served(contracts, secured=False))
events = [each for each in Alphabet(contracts[0]).singles if each.get("fault") == "whisper"]
assert events and all(is_revealing(each) for each in events)
assert kind in faults_of(entry) and answer_lost(entry._replace(extra={"fault": "whisper"}))
assert that_cut(["whisper", "hang"]) == ["whisper"]
"""


def test_a_new_fault_in_one_file_is_in_catalogue_docs_control_schedules_conduct_and_exploration(tmp_path: Path) -> None:
    copy = tmp_path / "mockserver"
    shutil.copytree(ROOT / "mockserver", copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "faults" / "framing.py").open("a") as file:
        file.write(NEW)
    (tmp_path / "contracts").symlink_to(ROOT / "contracts")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", FOUND]
    found = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fault_is_final_so_that_the_type_checker_asks_for_all_of_its_methods(name: str) -> None:
    assert getattr(CATALOGUE[name], "__final__", False)


WRONG = """
from dataclasses import dataclass
from typing import ClassVar, final

from mockserver.faults import FaultConnection, Delivering, Reply
from mockserver.faults.base import SendReply, WireFault


@final
@dataclass(frozen=True, slots=True)
class Misnamed(WireFault, Delivering):
    name: ClassVar[str] = "misnamed"

    async def delivr(self, connection: FaultConnection, reply: Reply, send: SendReply) -> None:
        connection.close()


@final
@dataclass(frozen=True, slots=True)
class Mistyped(WireFault, Delivering):
    name: ClassVar[str] = "mistyped"

    async def deliver(self, connection: FaultConnection, reply: int, send: SendReply) -> None:
        connection.close()
"""


@pytest.mark.slow
def test_the_type_checker_refuses_a_fault_whose_method_has_the_wrong_name_or_signature(tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text(WRONG)
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(path)]
    env = {**os.environ, "MYPYPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert 'Final class wrong.Misnamed has abstract attributes "deliver"' in done.stdout
    assert 'Argument 2 of "deliver" is incompatible with supertype' in done.stdout
    assert done.stdout.count("error:") == 2
