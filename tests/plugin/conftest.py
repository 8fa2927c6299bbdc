"""Runs pytest from outside, with this project's plugin and without the ones that would change what is tested."""

from __future__ import annotations

import os
from collections.abc import Iterator

import aiohttp  # noqa: F401 - a run inside this process must not import any of these a second time
import anyio  # noqa: F401
import httpcore  # noqa: F401
import httpcore2  # noqa: F401
import httpx2  # noqa: F401
import hypothesis  # noqa: F401
import pytest
import requests  # noqa: F401
import trio  # noqa: F401
import trustme  # noqa: F401
from plugin_kit import INI, QUIET, ROOT, SUBMIT, Run, plugin_options

import mockserver.app.delay_preview
import mockserver.app.faulted
import mockserver.app.site
import mockserver.control.routes
import mockserver.faults.catalogue
import mockserver.steering.records
import mockserver.validation.forms
import mockserver.webhooks.delivery  # noqa: F401
from mockserver import Running, start


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Run:
    """Runs a test file given as source, with `submit` and `look` for VidGen at hand; options of pytest may follow.

    Where servers have their state elsewhere, one of them is what its tests ask: a run's own server keeps it itself.
    """
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.syspath_prepend(str(pytester.path))
    monkeypatch.setattr(
        "mockserver.testing.patience.SECONDS", 1e9
    )  # how long a test really takes must change no output
    pytester.makepyfile(submit_kit=SUBMIT)

    def run(
        source: str, *options: str, ini: str = "", subprocess: bool = False, client: bool = True
    ) -> pytest.RunResult:
        if source:
            pytester.makepyfile(test_it=("from submit_kit import *\n" if client else "") + source)
        pytester.makeini(INI + ini)
        if "MOCKSERVER_HOME" in os.environ and not any(each.startswith("--mockserver-") for each in options):
            options = (f"--mockserver-url={request.getfixturevalue('elsewhere').url}", *options)
        runs = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        order = () if any("randomly" in option for option in options) else ("-p", "no:randomly")
        # anyio's plugin imports trio: half of what a process costs that runs one test
        spare = ("-p", "no:anyio") if subprocess and "no:anyio" not in options else ()
        return runs(*plugin_options(), *QUIET, *spare, *order, *options)

    return run


@pytest.fixture
def elsewhere() -> Iterator[Running]:
    """A server that runs already."""
    with start() as server:
        yield server
