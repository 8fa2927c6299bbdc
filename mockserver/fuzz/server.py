"""The server that is asked when no other is: of one contract, in this process, without limits and without a bill."""

from __future__ import annotations

from typing import Any

from mockserver.app import Mockserver, Settings
from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.webhooks import DeliveryAttempt

_PHASE = 3  # steps of its clock that a job stays queued, and as many that it runs: it is met in every state


def own_server(contract: Contract, clock: Clock, *, limits: bool = False) -> Mockserver:
    """A server of one contract: no limits unless wanted, endless credits, and no webhook is ever delivered."""
    app = Mockserver([contract], Settings(clock=clock))
    sandbox = app.sandboxes.default
    sandbox.send = _undelivered
    sandbox.reset()
    sandbox.limits_on = limits
    sandbox.moments.end()  # nobody moves the clock while a request waits
    side = sandbox.apis[contract.name]
    for resource in (r for r in contract.resources.values() if r.run is not None):
        phases = {state.phase for state in resource.states.values() if state.phase}
        side.plan(dict.fromkeys(phases, _PHASE * clock.step), resource=resource.name, count=-1)
    return app


async def _undelivered(url: str, headers: Any, body: bytes, seconds: float, ca: str | None) -> DeliveryAttempt:
    """Generated targets are anybody's: nothing is sent to them."""
    return DeliveryAttempt(url, "blocked", "nothing is delivered while a contract is fuzzed")
