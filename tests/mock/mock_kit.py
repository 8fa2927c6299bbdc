"""What tests of `mock` share: a client from submit to download, and scripts in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx

from mockserver.steering import ApiHandle

ROOT = Path(__file__).resolve().parents[2]
FILES = {"image": ("a.png", b"a picture", "image/png"), "audio": ("a.mp3", b"a voice", "audio/mpeg")}
CLIENT = """
import httpx

FILES = {"image": ("a.png", b"a picture", "image/png"), "audio": ("a.mp3", b"a voice", "audio/mpeg")}

def submit(api, **fields):
    answer = httpx.post(f"{api.url}/api/jobs", headers={"X-API-Key": api.api_key}, files=FILES, data=fields)
    return answer.json()["jobId"]

def look(api, job):
    return httpx.get(f"{api.url}/api/status/{job}", headers={"X-API-Key": api.api_key}).json()

def break_contract(api):
    return httpx.post(f"{api.url}/api/jobs", headers={"X-API-Key": api.api_key}).status_code
"""


def submit(api: ApiHandle, **fields: str) -> str:
    """The id of a new job."""
    answer = httpx.post(f"{api.url}/api/jobs", headers={"X-API-Key": api.api_key}, files=FILES, data=fields)
    return str(answer.json()["jobId"])


def film_of(api: ApiHandle, job: str) -> bytes:
    """The result of a finished job."""
    status = httpx.get(f"{api.url}/api/status/{job}", headers={"X-API-Key": api.api_key}).json()
    return httpx.get(status["outputVideo"]).content


def break_contract(api: ApiHandle) -> int:
    """A request without what is required."""
    return httpx.post(f"{api.url}/api/jobs", headers={"X-API-Key": api.api_key}).status_code


def run(
    folder: Path, source: str, *command: str, client: bool = True, is_measured: bool = True, **environment: str
) -> tuple[int, str, str]:
    """Exit code and what was written, by a script in a Python of its own; `command` stands for the script's name.

    Without `is_measured` no coverage is taken of it: what coverage says at the end of forks would be among its errors.
    """
    inherited = {name: each for name, each in os.environ.items() if is_measured or not name.startswith("COVERAGE")}
    (folder / "script.py").write_text((CLIENT if client else "") + source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, *(command or ("script.py",))],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr
