"""What tests of the plugin share: how it is loaded, and a test suite's own little client of VidGen."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
Run = Callable[..., pytest.RunResult]
_INSTALLED = any(each.name == "mockserver" for each in entry_points(group="pytest11"))
# rerunfailures would leave a thread behind in each run inside this process.
QUIET = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", "-p", "no:rerunfailures")
INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings = default
"""
SUBMIT = """
import httpx
import pytest

IMAGE = ("a.png", b"\\x89PNG\\r\\n\\x1a\\n" + bytes(64), "image/png")
SOUND = ("a.mp3", b"ID3" + bytes(64), "audio/mpeg")

def submit(api, **fields):
    files = {"image": IMAGE, "audio": SOUND}
    return httpx.post(f"{api.url}/api/jobs", files=files, data=fields, headers={"X-API-Key": api.api_key})

def look(api, job):
    return httpx.get(f"{api.url}/api/status/{job}", headers={"X-API-Key": api.api_key}).json()
"""


def plugin_options() -> tuple[str, ...]:
    return () if _INSTALLED else ("-p", "pytest_plugin.plugin")
