"""Users' code is checked as strictly as ours: handles and fixtures bring their types."""

from __future__ import annotations

import subprocess
import sys

import pytest
from plugin_kit import ROOT

SAMPLE = """
from __future__ import annotations

import pytest

from mockserver import Running, start
from mockserver.steering import Account, Entry, Job, Steering, Violation
from pytest_plugin import ApiHandle, ClockRanAway, FastForward, Intercept, SandboxHandle, WebhookInbox


@pytest.mark.mockserver(seed=1, clock="step:5")
def test_sync(
    mockserver: Steering, sandbox: SandboxHandle, vidgen: ApiHandle, webhook_inbox: WebhookInbox,
    fast_forward: FastForward, intercept: Intercept,
) -> None:
    vidgen.next_job(outcome="FAILED", error="…", queued=2, running=30.5, curve={"steps": 4}, count=2)
    with vidgen.fault("reset_before_headers", operation="getStatus", times=2, more=1) as armed:
        identity: str = armed.id
    vidgen.scenario("flaky")
    vidgen.quirk("completedc", on=False)
    account: Account = vidgen.account(credits=3)
    job: Job = vidgen.clock.run_until("id", "COMPLETED", timeout=60)
    entries: list[Entry] = vidgen.journal.wait_for(2, "getStatus", timeout=1, status=200)
    n: int = vidgen.journal.count("getStatus") + len(vidgen.jobs) + len(vidgen.webhooks) + len(vidgen.conduct)
    with vidgen.violations.off():
        broken: list[Violation] = list(sandbox.violations)
    with mockserver.sandbox(seed=7, clock={"mode": "manual"}) as other:
        key: str = other.api("miragic").api_key
    body: object = webhook_inbox.wait(1, timeout=2)[0].json
    elapsed: float = fast_forward.elapsed
    print(identity, account.api_key, job.progress, entries, n, broken, key, body, elapsed)
    print(intercept.routes, ClockRanAway)


async def test_async(vidgen: ApiHandle, webhook_inbox: WebhookInbox) -> None:
    await vidgen.clock.aadvance(5)
    job: Job = await vidgen.clock.arun_until("id", "COMPLETED")
    print(job.state, await webhook_inbox.wait_async(2))


def script() -> None:
    server: Running
    with start(seed=3) as server, server.sandbox(seed="x") as sandbox:
        print(server.default.api("vidgen").url, sandbox.clock.now() + 1)
"""
WRONG = """
from pytest_plugin import ApiHandle

def test_wrong(vidgen: ApiHandle) -> None:
    vidgen.next_job(outcom="FAILED")
    vidgen.clock.advance("5")
    vidgen.api_key.nothing
"""


@pytest.mark.slow
def test_users_code_passes_mypy_strict_and_mistakes_do_not(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(right=SAMPLE, wrong=WRONG)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={ROOT / '.mypy_cache'}"]
    # --follow-imports=silent: what is checked here is the user's code, not ours
    done = subprocess.run(
        [*command, "--follow-imports=silent", "right.py", "wrong.py"],
        cwd=pytester.path,
        env={"MYPYPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=500,
    )
    wrong = [line.split(":")[0] for line in done.stdout.splitlines() if ": error: " in line]
    assert wrong == ["wrong.py"] * 3, done.stdout + done.stderr
