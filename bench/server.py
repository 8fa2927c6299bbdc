"""Our server as it is measured: limits counted but never reached, a job that never ends, jobs to list."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from mockserver import launch
from mockserver.api_state import PlanOrder, SandboxApi
from mockserver.app import Mockserver
from mockserver.store import Job
from mockserver.timeline import Plan, Step

ENDLESS = 1e9


def widen(side: SandboxApi) -> None:
    """Count every request against the contract's limits, and never refuse one."""
    side.set_limits([replace(limit, limit=10**9) for limit in side.contract.limits])


async def fill(side: SandboxApi, jobs: int) -> None:
    """Keep `jobs` finished jobs of the demo account."""
    account = side.accounts["demo-key"]
    plan = Plan((Step("PENDING", "queued", 1.0), Step("PROCESSING", "running", 2.0)), "COMPLETED", "success")
    for n in range(jobs):
        job = Job(f"c{n:024d}", "job", account.id, 1_000_000_000.0 + n, plan, operation="createJob")
        await side.store.create(job, False, None)


def main(port: int, jobs: int) -> None:
    app = Mockserver(launch.contracts_in())
    sides = app.sandboxes.default.apis
    for side in sides.values():
        widen(side)
    asyncio.run(fill(sides["vidgen"], jobs))
    sides["vidgen"].orders.append(PlanOrder(None, 1, {"queued": 0, "running": ENDLESS}))
    launch.serve(app, launch.bind("127.0.0.1", port), lambda url: print(url, flush=True))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
