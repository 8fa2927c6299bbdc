"""Users' code is checked as strictly as ours: handles and fixtures bring their types, for mypy and for pyright."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_kit import ROOT

Check = Callable[[Path], set[tuple[str, int]]]
"""Files of a folder → the name and line of every error in them."""

RIGHT = """
from __future__ import annotations

from typing import assert_type

import re

import pytest

from mockserver import MockserverTestCase, Running, mock, start
from mockserver.steering import Account, Entry, Fault, Job, Steering, Violation
from pytest_plugin import (
    ApiHandle, ClockRanAway, FastForward, FaultName, Intercept, Miraflow, Miragic, Mirrago, Request, Response,
    SandboxHandle, Vidgen, WebhookInbox,
)


@pytest.mark.mockserver(seed=1, clock="step:5")
def test_sync(
    mockserver: Steering, sandbox: SandboxHandle, vidgen: Vidgen, webhook_inbox: WebhookInbox,
    fast_forward: FastForward, intercept: Intercept,
) -> None:
    vidgen.next_job(outcome="FAILED", error="…", queued=2, running=30.5, curve={"steps": 4}, count=2)
    with vidgen.fault("reset_before_headers", operation="getStatus", times=2) as armed:
        identity: str = armed.id
    vidgen.fault("status", status=502, page="nginx", nth=3, ttl=None)
    vidgen.fault("latency", how="ramp", seconds=1, most=2.5)
    vidgen.fault("close_mid_body", operation="media")
    vidgen.fault("stuck", state="PROCESSING")
    vidgen.scenario("flaky")
    account: Account = vidgen.account(state="deactivated", credits=3)
    job: Job = vidgen.clock.run_until("id", "COMPLETED", timeout=60)
    entries: list[Entry] = vidgen.journal.wait_for(2, "getStatus", timeout=1, status=200, fault="status")
    n: int = vidgen.journal.count("getStatus") + len(vidgen.jobs) + len(vidgen.webhooks) + len(vidgen.conduct)
    with vidgen.violations.off():
        broken: list[Violation] = list(sandbox.violations)
    with mockserver.sandbox(seed=7, clock={"mode": "manual"}) as other:
        key: str = other.api("miragic").api_key
    body: object = webhook_inbox.wait(1, timeout=2)[0].json
    elapsed: float = fast_forward.elapsed
    print(identity, account.api_key, job.progress, entries, n, broken, key, body, elapsed)
    print(intercept.routes, ClockRanAway)


def test_requests(vidgen: Vidgen, sandbox: SandboxHandle) -> None:
    async def later(request: Request) -> Response:
        return Response(202, json=[request.method], headers={"A": "b"})

    with vidgen.answer("getStatus", json={"a": None}, status=200, headers=[("A", "b")], unchecked=True) as armed:
        used: int = armed.used
    vidgen.answer("media", content=b"", times=None)
    vidgen.answer("createJob", callback=lambda request: (201, {"n": len(request.content)}))
    sandbox.route("GET", "/x/{y}", later).disarm()
    sent: Request = vidgen.requests[-1]
    some: list[Request] = vidgen.requests.filter("media", status=200, where=lambda each: each.at > 1)
    some += sandbox.requests[:2]
    text: str = sent.headers["a"] + sent.query["b"] + sent.form["c"] + sent.files["d"].filename + sent.text
    status: int | None = sent.status if sent.response is None else sent.response.status
    pattern = re.compile("")
    found: list[Request] = vidgen.assert_requested("createJob", times=1, json={}, headers={"a": ["b"]}, path=pattern)
    vidgen.assert_not_requested("cancelJob", form={"a": 1})
    sandbox.assert_requested_in_order("createJob", "GET /x", {"method": "PUT"})
    print(used, some, text, status, found, sent.json(), len(vidgen.requests), vidgen.requests.dropped)


def test_all(vidgen: Vidgen, miragic: Miragic, miraflow: Miraflow, mirrago: Mirrago) -> None:
    miragic.quirk("error_object", on=False)
    miraflow.next_job(resource="image", outcome="inference_failed")
    mirrago.fault("token_dies_early", operation="issueToken")
    for each in (vidgen, miragic, miraflow, mirrago):
        of_any(each)


@pytest.mark.parametrize("name", ["status", "hang"])
def test_many(vidgen: Vidgen, name: FaultName) -> None:
    assert_type(vidgen.fault(name, times=2), Fault)


def test_records(sandbox: SandboxHandle) -> None:
    for entry in sandbox.journal:
        assert_type(entry, Entry)
        print(entry.raw["sent"], entry.status + 1, entry.violation)
    for delivery in sandbox.webhooks:
        print([attempt.headers for attempt in delivery.attempts], delivery.url)
    print([finding.rule for finding in sandbox.conduct], sandbox.coverage, [job.state for job in sandbox.jobs])


def of_any(api: ApiHandle) -> None:
    api.fault("a_fault_of_tomorrow", operation="whatever", more=1)
    api.next_job(outcome="ANY")
    api.scenario("any")
    api.quirk("any")
    api.clock.run_until("id", "ANY")


async def test_async(vidgen: Vidgen, webhook_inbox: WebhookInbox) -> None:
    await vidgen.clock.aadvance(5)
    job: Job = await vidgen.clock.arun_until("id", "COMPLETED")
    print(job.state, await webhook_inbox.wait_async(2))


class TestOfUnittest(MockserverTestCase):
    def test_it(self) -> None:
        assert_type(self.vidgen, Vidgen)
        assert_type(self.acme, ApiHandle)
        self.vidgen.next_job(outcome="FAILED")
        print(self.sandbox.api("mirrago").url)


@mock("vidgen", scenario="slow")
def decorated(vidgen: Vidgen) -> None:
    vidgen.fault("hang")


async def outside_pytest() -> None:
    with mock("vidgen", clock="x60") as api, mock("acme") as acme, mock() as sandbox:
        assert_type(api, Vidgen)
        assert_type(acme, ApiHandle)
        assert_type(sandbox, SandboxHandle)
    async with mock("mirrago") as mirrago:
        assert_type(mirrago, Mirrago)


def script() -> None:
    server: Running
    with start(seed=3) as server, server.sandbox(seed="x") as sandbox:
        print(server.default.api("vidgen").url, sandbox.clock.now() + 1)
        assert_type(sandbox.api("vidgen"), Vidgen)
        assert_type(sandbox.api("acme"), ApiHandle)
"""
WRONG = """
from mockserver import MockserverTestCase, mock, start
from pytest_plugin import ApiHandle, Miraflow, SandboxHandle, Vidgen

def test_wrong(vidgen: Vidgen, sandbox: SandboxHandle, miraflow: Miraflow, any_api: ApiHandle) -> None:
    vidgen.fault("statsu", tmies=3)  # wrong
    vidgen.fault("statsu")  # wrong
    vidgen.fault("status", tmies=3)  # wrong
    vidgen.fault("status", times="3")  # wrong
    vidgen.fault("status", operation="getStatsu")  # wrong
    vidgen.fault("status", status="503")  # wrong
    vidgen.fault("status", retry_after="second")  # wrong
    vidgen.fault("hang", status=503)  # wrong
    vidgen.fault("stuck", state="PROCESING")  # wrong
    vidgen.fault(str("status"))  # wrong
    vidgen.answer("getStatsu")  # wrong
    vidgen.answer("getStatus", staus=200)  # wrong
    vidgen.requests.filter("getStatsu")  # wrong
    vidgen.assert_requested("getStatsu")  # wrong
    vidgen.assert_requested("getStatus", tmies=1)  # wrong
    vidgen.requests[-1].headrs  # wrong
    vidgen.next_job(outcom="FAILED")  # wrong
    vidgen.next_job(outcome="COMPLETD")  # wrong
    vidgen.next_job(outcome="PENDING")  # wrong
    vidgen.next_job(resource="image")  # wrong
    vidgen.next_job(curve="liner")  # wrong
    vidgen.scenario("hapy")  # wrong
    vidgen.quirk("completedc")  # wrong
    miraflow.quirk("completedc")  # wrong
    vidgen.account(state="deactive")  # wrong
    vidgen.clock.run_until("id", "COMPLETD")  # wrong
    vidgen.clock.set("manaul")  # wrong
    vidgen.clock.advance("5")  # wrong
    vidgen.journal.filter("getStatsu")  # wrong
    vidgen.journal.count("getStatus", fault="statsu")  # wrong
    vidgen.journal.wait_for(1, "getStatsu")  # wrong
    vidgen.api_key.nothing  # wrong
    sandbox.api("vidgen").fault("statsu")  # wrong
    any_api.next_job(outcom="FAILED")  # wrong
    any_api.fault(5)  # wrong

def script() -> None:
    with start() as server, server.sandbox() as sandbox:
        sandbox.api("mirrago").next_job(outcome="COMPLETED")  # wrong
        server.sandbox(sede=3)  # wrong
    with mock("vidgen") as vidgen, mock("miraflow", secnario="slow"):  # wrong
        vidgen.fault("statsu")  # wrong
        vidgen.answer("getStatsu", json={})  # wrong

class Tests(MockserverTestCase):
    def test_it(self) -> None:
        self.vidgen.scenario("hapy")  # wrong

async def test_async(vidgen: Vidgen) -> None:
    await vidgen.clock.arun_until("id", "COMPLETD")  # wrong
"""


def by_mypy(folder: Path) -> set[tuple[str, int]]:
    # --follow-imports=silent: what is checked here is the user's code, not ours
    command = ["-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent"]
    cache = f"--cache-dir={ROOT / '.mypy_cache'}"
    told = _output([sys.executable, *command, cache, "right.py", "wrong.py"], folder, MYPYPATH=str(ROOT))
    return {(name, int(line)) for name, line in re.findall(r"^(\w+\.py):(\d+): error: ", told, re.M)}


def by_pyright(folder: Path) -> set[tuple[str, int]]:
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "right.py", "wrong.py"]
    told = _output(command, folder, PATH=os.environ["PATH"], PYRIGHT_PYTHON_IGNORE_WARNINGS="1")
    return {(name, int(line)) for name, line in re.findall(r"(\w+\.py):(\d+):\d+ - error: ", told)}


def _output(command: list[str], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={"PATH": "", **environment}, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 1, f"there are mistakes to be found\n{done.stdout}{done.stderr}"
    return done.stdout


needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is missing (apt-get install nodejs)")


@pytest.mark.slow
@pytest.mark.parametrize(
    "check", [pytest.param(by_mypy, id="mypy"), pytest.param(by_pyright, id="pyright", marks=needs_node)]
)
def test_users_code_passes_a_strict_type_checker_and_every_mistake_is_found_on_its_line(
    check: Check, tmp_path: Path
) -> None:
    for name, text in (("right", RIGHT), ("wrong", WRONG)):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    marked = [n for n, line in enumerate(WRONG.splitlines(), 1) if line.endswith("# wrong")]
    assert sorted(check(tmp_path)) == [("wrong.py", n) for n in marked]
