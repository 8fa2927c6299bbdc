"""A sandbox's time, a client under test, and coroutines run in virtual time with asyncio's own loop and with uvloop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop
from virtual_time_kit import FakeTime, Run, load

from mockserver.virtual_time import fast_forward

POLLER = """
import asyncio
from asyncio import sleep, timeout, wait_for

async def poll(job_is_done, every=10):
    while not job_is_done():
        await sleep(every)

async def poll_within(job_is_done, seconds):
    async with timeout(seconds):
        await poll(job_is_done)

async def poll_until(job_is_done, seconds):
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while loop.time() < deadline:
        if job_is_done():
            return True
        await asyncio.sleep(10)
    return False
"""


@pytest.fixture
def sandbox() -> FakeTime:
    return FakeTime()


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest, sandbox: FakeTime) -> Run:
    """Run a coroutine in virtual time."""

    def run(main: Coroutine[Any, Any, Any]) -> Any:
        with fast_forward(sandbox), asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(main)

    return run


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A poller as a user would write it."""
    return load(tmp_path, POLLER, monkeypatch)
