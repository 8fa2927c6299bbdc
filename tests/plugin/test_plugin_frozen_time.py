"""freezegun and time-machine beside the plugin: sandboxes go on, `fast_forward` says in one sentence that it cannot."""

from __future__ import annotations

import subprocess
import sys

import pytest
from plugin_kit import Run

USES = {
    "freezegun": """
from freezegun import freeze_time
def frozen(moment="2020-01-01", tick=False): return freeze_time(moment, tick=tick)
""",
    "time-machine": """
import time_machine
def frozen(moment="2020-01-01T00:00Z", tick=False): return time_machine.travel(moment, tick=tick)
""",
}
KIT = """
import asyncio
import datetime
import time

def is_2020():
    return datetime.datetime.now().year == 2020 and time.gmtime(time.time()).tm_year == 2020

def until_done(api, job):
    for _ in range(200):
        if look(api, job)["status"] == "COMPLETED":
            return
        time.sleep(1)
    raise AssertionError("it is never done")

@pytest.fixture
def ice():
    with frozen():
        yield
"""
ALONE = """
@frozen()
def test_a_job_is_run_to_its_end_inside_a_decorator(vidgen):
    vidgen.clock.run_until(submit(vidgen).json()["jobId"], "COMPLETED")
    assert is_2020()

def test_a_job_is_run_to_its_end_in_a_context_in_which_time_ticks(vidgen):
    with frozen(tick=True):
        vidgen.clock.run_until(submit(vidgen).json()["jobId"], "COMPLETED")
        assert is_2020()
    assert not is_2020()

@pytest.mark.mockserver(clock="x10000")
def test_a_real_clock_goes_on(ice, vidgen):
    job = submit(vidgen).json()["jobId"]
    for _ in range(5000):
        if look(vidgen, job)["status"] == "COMPLETED":
            break
        sandbox_is_alive = vidgen.clock.now()
    assert look(vidgen, job)["status"] == "COMPLETED"

def test_webhooks_arrive(ice, vidgen, webhook_inbox):
    submit(vidgen, webhookUrl=webhook_inbox.url)
    vidgen.clock.advance(60)
    assert webhook_inbox.wait(1)[0].verified

def test_the_journal_is_waited_for_and_given_up(ice, vidgen):
    look(vidgen, "nobody")
    assert len(vidgen.journal.wait_for(1)) == 1
    with pytest.raises(AssertionError, match="1 of 2|1 entr|arrived|of 2"):
        vidgen.journal.wait_for(2, timeout=0.05)

def test_latencies_pass_and_hangs_meet_the_clients_time_out(ice, vidgen):
    job = submit(vidgen).json()["jobId"]
    vidgen.fault("latency", operation="getStatus", seconds=0.02, times=1)
    look(vidgen, job)
    vidgen.fault("hang", operation="getStatus")
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{vidgen.url}/api/status/{job}", headers={"X-API-Key": vidgen.api_key}, timeout=0.2)

def test_a_loop_goes_on(ice, vidgen):
    async def main():
        job = (await asyncio.to_thread(submit, vidgen)).json()["jobId"]
        await vidgen.clock.arun_until(job, "COMPLETED")
    asyncio.run(main())
"""
REFUSED = """
def test_inside(vidgen, fast_forward):
    with frozen():
        pass

def test_inside_while_time_ticks(vidgen, fast_forward):
    with frozen(tick=True):
        pass

def test_before(ice, vidgen, fast_forward):
    pass

def test_after_another_fixture(vidgen, fast_forward, ice):
    pass

@frozen()
def test_decorated(vidgen, fast_forward):
    pass

def test_and_virtual_time_works_afterwards(vidgen, fast_forward):
    with pytest.raises(Exception, match="cannot both replace the time"):
        frozen().start()
    until_done(vidgen, submit(vidgen).json()["jobId"])
    assert time.gmtime(time.time()).tm_year == datetime.datetime.now().year == 2001

def test_and_the_other_tool_too(vidgen):
    with frozen():
        assert is_2020()
    assert not is_2020()
"""


@pytest.mark.parametrize("tool", USES)
def test_sandboxes_go_on_while_the_code_under_test_is_frozen(run: Run, tool: str) -> None:
    result = run(USES[tool] + KIT + ALONE, subprocess=True)
    result.assert_outcomes(passed=ALONE.count("def test_"))


@pytest.mark.parametrize("tool", USES)
def test_a_frozen_first_test_of_a_run_starts_the_server_all_the_same(run: Run, tool: str) -> None:
    result = run(USES[tool] + KIT + ALONE, "-k", "real_clock", subprocess=True)
    result.assert_outcomes(passed=1, deselected=ALONE.count("def test_") - 1)


def test_a_frozen_class_works_without_virtual_time_and_is_refused_with_it(run: Run) -> None:
    result = run(
        USES["freezegun"]
        + KIT
        + """
@frozen()
class TestAll:
    def test_alone(self, vidgen):
        vidgen.clock.run_until(submit(vidgen).json()["jobId"], "COMPLETED")
        assert is_2020()

    def test_with_it(self, vidgen, fast_forward):
        pass
""",
        subprocess=True,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*freezegun and fast_forward cannot both replace the time*"])


@pytest.mark.parametrize("tool", USES)
def test_virtual_time_and_frozen_time_at_once_are_refused_in_a_sentence(run: Run, tool: str) -> None:
    result = run(USES[tool] + KIT + REFUSED, subprocess=True)
    said = f"{tool} and fast_forward cannot both"
    lines = [line for line in result.outlines if line.startswith("E  ") and said in line]
    assert len(lines) == 5, result.outlines
    assert all(f"Leave {tool} out of this test, or fast_forward." in line for line in lines)
    counted = result.parseoutcomes()
    assert (counted["passed"], counted.get("failed", 0) + counted.get("errors", 0)) == (2, 5)


def told_by(code: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


FREEZE = {
    "freezegun": "import freezegun; freezegun.freeze_time('2020-01-01').start()",
    "time-machine": "import time_machine; time_machine.travel('2020-01-01', tick=False).start()",
}


@pytest.mark.parametrize("tool", FREEZE)
@pytest.mark.parametrize("frozen_first", [True, False])
def test_the_clock_of_the_machine_is_real_whenever_it_is_imported(tool: str, frozen_first: bool) -> None:
    lines = ["from mockserver import clock", FREEZE[tool]]
    if frozen_first:
        lines.reverse()
    lines.append("a, b = [(clock.wall(), clock.monotonic(), clock.perf_counter()) for _ in range(2)]")
    assert told_by("\n".join([*lines, "print(a[0] > 1.7e9, b[1] > a[1], b[2] > a[2])"])) == "True True True"


def test_the_timers_of_a_servers_own_loop_go_on_without_uvloop() -> None:
    code = f"""
import asyncio
from mockserver import start
from mockserver.wire.server import in_real_time
{FREEZE["freezegun"]}
loop = in_real_time(asyncio.new_event_loop())
print(loop.run_until_complete(asyncio.wait_for(asyncio.sleep(0.01, "slept"), 60)))
loop.close()
"""
    assert told_by(code) == "slept"
