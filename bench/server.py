"""Our server as it is measured: limits counted but never reached, a job that never ends, jobs to list."""

from __future__ import annotations

import sys
from dataclasses import replace

from mockserver import launch
from mockserver.api_state import SandboxApi
from mockserver.app import Mockserver
from mockserver.store import JobRecord

ENDLESS = 1e9


def widen(side: SandboxApi) -> None:
    """Count every request against the contract's limits, and never refuse one."""
    side.set_limits([replace(limit, limit=10**9) for limit in side.contract.limits])


def fill(side: SandboxApi, jobs: int) -> None:
    """Keep `jobs` finished jobs of the demo account."""
    account = side.accounts["demo-key"]
    for n in range(jobs):
        side.store.put(JobRecord(f"c{n:024d}", "job", account.id, 1_000_000_000.0 + n, ("happy", n), "createJob"))


def main(port: int, jobs: int) -> None:
    app = Mockserver(launch.contracts_in())
    sides = app.sandboxes.default.apis
    for side in sides.values():
        widen(side)
    fill(sides["vidgen"], jobs)
    sides["vidgen"].plan({"queued": 0, "running": ENDLESS})
    launch.serve(app, launch.bind("127.0.0.1", port), lambda url: print(url, flush=True))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
