"""`mock` in processes of their own: what is imported when, how they end, and what a fork has."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from mock_kit import ROOT, run


def test_importing_mock_imports_nothing_of_the_server_and_a_decorator_starts_none(tmp_path: Path) -> None:
    source = """
import sys
from mockserver import mock

@mock("vidgen", inbox=True)
def later(vidgen):
    pass

@mock("vidgen")
class Later:
    def test_it(self, vidgen):
        pass

heavy = ("asyncio", "http.client", "ssl", "starlette", "uvicorn", "trustme", "mockserver.launch", "mockserver.steering")
print([name for name in heavy if name in sys.modules])
"""
    assert run(tmp_path, source, client=False) == (0, "[]\n", "")


def test_a_script_goes_from_submit_to_webhook_and_download_and_ends_without_a_word(tmp_path: Path) -> None:
    source = """
import threading
from mockserver import mock

with mock("vidgen", inbox=True, intercept=True) as vidgen:
    job = submit(vidgen, webhookUrl=vidgen.inbox.url)
    vidgen.clock.run_until(job, "COMPLETED")
    print(vidgen.inbox.wait(1)[0].verified, len(httpx.get(look(vidgen, job)["outputVideo"]).content) > 1000)
print(threading.active_count() > 1)  # the server waits for the next block
"""
    code, out, err = run(tmp_path, source, "-W", "error", "script.py")
    assert (code, out, err) == (0, "True True\nTrue\n", "")


@pytest.mark.parametrize("end", ["raise SystemExit(3)", "1 / 0", "client = httpx.Client(); client.get(vidgen.url)"])
def test_a_script_that_ends_inside_its_block_ends(tmp_path: Path, end: str) -> None:
    source = f"""
from mockserver import mock
block = mock("vidgen", contract_violations="off", intercept=True, fast_forward=True)
vidgen = block.__enter__()
submit(vidgen)
{end}
"""
    code, _, err = run(tmp_path, source)
    assert code == {"raise SystemExit(3)": 3, "1 / 0": 1}.get(end, 0)
    assert "mockserver" not in err


def test_a_violation_at_the_end_of_a_script_is_its_failure(tmp_path: Path) -> None:
    source = """
from mockserver import mock
with mock("vidgen") as vidgen:
    break_contract(vidgen)
"""
    code, _, err = run(tmp_path, source)
    assert code == 1
    assert "ContractViolated: A request broke the contract:\n  vidgen createJob (POST /api/jobs) /image: " in err
    assert "POST /api/jobs  400" in err


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_fork_leaves_its_parents_sandbox_alone_and_has_a_server_of_its_own(tmp_path: Path) -> None:
    source = """
import os, sys
from mockserver import mock

def server(api):
    return api.url.partition("/@")[0]

with mock("vidgen") as vidgen:
    here = server(vidgen)
    child = os.fork()
    if child == 0:
        submit(vidgen)  # its parent's sandbox is there
        with mock("vidgen") as other:
            assert server(other) != here
            job = submit(other)
            other.clock.run_until(job, "COMPLETED")
    else:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), len(vidgen.jobs))
if child == 0:
    sys.exit(7)
with mock("vidgen") as vidgen:
    print(server(vidgen) == here, len(vidgen.jobs))
"""
    code, out, err = run(tmp_path, source, "-W", "ignore::DeprecationWarning", "script.py")
    assert (code, out, err) == (0, "7 1\nTrue 0\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_workers_of_a_pool_of_processes_use_it_as_well(tmp_path: Path) -> None:
    source = """
import multiprocessing
from mockserver import mock

@mock("vidgen")
def render(n, vidgen):
    for _ in range(n):
        vidgen.clock.run_until(submit(vidgen), "COMPLETED")
    return len(vidgen.jobs)

if __name__ == "__main__":
    print(render(1))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(render, range(3)))
"""
    code, out, err = run(tmp_path, source, "-W", "ignore::DeprecationWarning", "script.py", is_measured=False)
    assert (code, out, err) == (0, "1\n[0, 1, 2]\n", "")


def test_the_example_of_the_documentation_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs/howto/runners.md").read_text(encoding="utf-8")
    section = page.split("\n## How do I use it without pytest?\n")[1].split("\n## ")[0]
    (example,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    code, _, err = run(tmp_path, example, client=False)
    assert code == 0, err
    assert re.search(r"Ran \d+ tests? in .*\n\nOK", err)
