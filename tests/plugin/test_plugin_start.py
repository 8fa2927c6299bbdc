"""What a start brings with it: the modules every test needs, and none that wait for their first use."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest
from plugin_kit import ROOT, Run

OTHERS = ("anyio", "asyncio", "randomly", "xdist", "timeout", "pytest_cov")
LATER = """
PIL starlette h11 jsonschema referencing python_multipart jwt statistics difflib trustme click.testing
uvicorn.protocols.http.h11_impl uvicorn.protocols.websockets mockserver.check mockserver.cli mockserver.conduct
mockserver.har mockserver.pages mockserver.schedules mockserver.app.faulted mockserver.app.delay_preview
mockserver.app.site mockserver.faults.answers mockserver.faults.bodies mockserver.faults.catalogue
mockserver.faults.clocks mockserver.faults.cuts mockserver.faults.framing mockserver.faults.jobs mockserver.faults.pace
mockserver.faults.results mockserver.faults.webhooks mockserver.media.film mockserver.media.h264
mockserver.media.mp4 mockserver.validation.forms mockserver.webhooks.delivery mockserver.webhooks.targets
mockserver.inbox mockserver.intercept mockserver.virtual_time
"""


def told_by(code: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_of_its_server() -> None:
    code = "import sys, mockserver; print(*sorted(name for name in sys.modules if name.startswith('mockserver')))"
    assert told_by(code) == "mockserver"


def test_a_first_fixture_imports_nothing_that_can_wait(run: Run) -> None:
    alone = [option for name in OTHERS for option in ("-p", f"no:{name}")]
    result = run(
        f"""
import sys
LATER = {LATER.split()!r}
BEFORE = set(sys.modules)

def test_it(vidgen):
    assert "mockserver.launch" in sys.modules
    assert [name for name in LATER if name in sys.modules and name not in BEFORE] == []
""",
        *alone,
        client=False,
        subprocess=True,
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("name", LATER.split())
def test_what_can_wait_is_the_name_of_something(name: str) -> None:
    from importlib.util import find_spec

    assert find_spec(name) is not None


def test_what_waits_is_there_when_it_is_asked_for(run: Run) -> None:
    result = run(
        """
import sys

def test_it(vidgen):
    with vidgen.fault("status", status=502, times=1, operation="getStatus"):
        job = submit(vidgen).json()["jobId"]
        key = {"X-API-Key": vidgen.api_key}
        assert httpx.get(f"{vidgen.url}/api/status/{job}", headers=key).status_code == 502
    assert httpx.get(vidgen.url + "/openapi.json").status_code == 200
    vidgen.clock.run_until(job, "COMPLETED")
    film = httpx.get(look(vidgen, job)["outputVideo"])
    assert film.content[4:8] == b"ftyp" and vidgen.conduct == []
    with vidgen.violations.off():
        assert httpx.get(f"{vidgen.url}/nowhere").status_code == 404
""",
        subprocess=True,
    )
    result.assert_outcomes(passed=1)


def test_objects_put_aside_before_a_start_stay_there(run: Run) -> None:
    result = run(
        """
import gc

@pytest.fixture(scope="session", autouse=True)
def aside():
    gc.freeze()
    before = gc.get_freeze_count()
    yield
    assert gc.get_freeze_count() >= before - 100 > 0
    gc.unfreeze()

def test_it(aside, vidgen):
    pass
""",
        subprocess=True,
    )
    result.assert_outcomes(passed=1)


def test_a_start_puts_no_object_aside_for_good(run: Run) -> None:
    gc.unfreeze()  # what this suite itself has put aside
    try:
        run("def test_it(vidgen): pass\n").assert_outcomes(passed=1)
        assert gc.get_freeze_count() == 0
    finally:
        gc.freeze()
