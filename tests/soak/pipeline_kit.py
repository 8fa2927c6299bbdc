"""The lines of the examples for CI and of the image, taken out of their files and run as their engines run them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CI = ROOT / "examples" / "ci"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
LONGEST = 400  # real seconds a line may take
CONSUMER = """
import httpx


def test_the_api_is_there(vidgen):
    assert httpx.get(f"{vidgen.url}/api/health").status_code == 200


def test_there_are_no_jobs_yet(vidgen):
    key = {"X-API-Key": vidgen.api_key}
    assert httpx.get(f"{vidgen.url}/api/jobs", headers=key).json()["jobs"] == []
"""


def build_wheel(into: Path) -> None:
    """The wheel of this project, and nothing else."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(into), str(ROOT)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL, timeout=LONGEST)


def environment(wheels: Path, *first: Path) -> dict[str, str]:
    """Ours without anything of this checkout; pip finds the wheel, and these folders go first on the path."""
    found = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MOCKSERVER", "PYTEST"))
    }
    links = " ".join(filter(None, [str(wheels), found.get("PIP_FIND_LINKS", "")]))
    path = os.pathsep.join([*map(str, first), found.get("PATH", "")])
    return {**found, "PIP_FIND_LINKS": links, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PATH": path}


@dataclass
class Machine:
    """Where a job runs: a folder, an environment, and a port in the place of 8000. What it leaves behind is ended."""

    folder: Path
    env: dict[str, str]
    port: int
    groups: list[int] = field(default_factory=list)

    def bash(self, script: str, *options: str) -> tuple[int, str]:
        """Run a script as bash does with these options: exit code and output."""
        output = self.folder / f"{len(self.groups)}.log"  # no pipe: what runs on in the background would keep it open
        words = ["bash", *options, "-c", script.replace("8000", str(self.port))]
        with output.open("w") as file:
            process = subprocess.Popen(
                words, cwd=self.folder, env=self.env, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.groups.append(process.pid)
        return process.wait(LONGEST), output.read_text()

    def end(self) -> None:
        """End every process that was started, and all of theirs."""
        for group in self.groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)


@contextmanager
def machine(folder: Path, env: dict[str, str], port: int) -> Iterator[Machine]:
    """A machine with a consumer's project on it."""
    (folder / "requirements.txt").write_text("httpx\n")
    (folder / "test_consumer.py").write_text(CONSUMER)
    made = Machine(folder, env, port)
    try:
        yield made
    finally:
        made.end()


def github_steps(job: Any) -> list[str]:
    """The scripts of a job's steps; each is run by a bash of its own, as `bash -e`."""
    return [step["run"] for step in job["steps"] if "run" in step]


def gitlab_script(job: Any) -> str:
    """The one script that a job's lines make."""
    return "\n".join(["set -eo pipefail", *job["script"]])


def instructions(word: str) -> list[str]:
    """What stands behind a word of the Dockerfile, in its order; continued lines are joined."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{word} (.+)$", joined, re.M)


def words_of(word: str) -> list[str]:
    """The last of an instruction's lists of words."""
    found: list[str] = json.loads(instructions(word)[-1].partition("CMD ")[2] or instructions(word)[-1])
    return found
