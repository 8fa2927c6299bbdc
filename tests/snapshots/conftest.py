"""One rich snapshot for all tests of this room, and a server in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from control_kit import Steered, steered
from snapshot_kit import WAYS, prepared

from mockserver import Running


@pytest.fixture(scope="session")
def rich(running: Running) -> Any:
    """Jobs of every API, faults of many kinds, plans, accounts, a webhook that waits."""
    with running.sandbox(seed="rich", limits=False) as sandbox:
        for name in WAYS:
            prepared(sandbox.api(name))
        vidgen = sandbox.api("vidgen")
        vidgen.fault("status", operation="getStatus", nth=5, times=2)
        vidgen.fault("latency", probability=0.5, for_seconds=60)
        vidgen.fault("webhook_duplicate")
        vidgen.next_job(outcome="FAILED", count=2)
        vidgen.account(credits=5)
        sandbox.api("mirrago").quirk("completedc", on=False)
        sandbox.api("miragic").scenario("flaky")
        return sandbox.snapshot()


@pytest.fixture(scope="module")
def control() -> Iterator[Steered]:
    with steered() as made:
        yield made
