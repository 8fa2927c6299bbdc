"""The table of the control API: what each operation of the document does, and the routes that lead to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from mockserver import pointers
from mockserver.control import faults, records, sides, worlds
from mockserver.control.asking import Asked, Handler, Told
from mockserver.control.document import plain, served
from mockserver.control.endpoint import Endpoint, operation
from mockserver.control.guard import Guard
from mockserver.sandboxes import Sandboxes
from mockserver.validation import Schemas, write_json

HANDLERS: Mapping[str, Handler] = {
    "createSandbox": worlds.create_sandbox,
    "listSandboxes": worlds.list_sandboxes,
    "showSandbox": worlds.show_sandbox,
    "closeSandbox": worlds.close_sandbox,
    "resetSandbox": worlds.reset_sandbox,
    "readClock": worlds.read_clock,
    "setClock": worlds.set_clock,
    "advanceClock": worlds.advance_clock,
    "switchLimits": worlds.switch_limits,
    "createAccount": sides.create_account,
    "planJobs": sides.plan_jobs,
    "switchQuirk": sides.switch_quirk,
    "playScenario": sides.play_scenario,
    "armFault": faults.arm_fault,
    "listFaults": faults.list_faults,
    "disarmFault": faults.disarm_fault,
    "listJobs": records.list_jobs,
    "listWebhooks": records.list_webhooks,
    "readJournal": records.read_journal,
}


def control_routes(sandboxes: Sandboxes, guard: Guard) -> list[Route]:
    """One route per path of the control API. What else stands under its prefix is for the application to answer."""
    schemas = Schemas(plain(sandboxes.contracts), file="control/openapi.json")
    document = write_json(served(sandboxes.contracts, secured=guard.token is not None))
    handlers = {**HANDLERS, "checkHealth": _health, "readDocument": _constant(document)}
    return [
        Route(path, _endpoint(sandboxes, guard, schemas, handlers, path, item))
        for path, item in schemas.document["paths"].items()
    ]


def _endpoint(
    sandboxes: Sandboxes, guard: Guard, schemas: Schemas, handlers: Mapping[str, Handler], path: str, item: Any
) -> Endpoint:
    place = pointers.join("/paths", path)
    found = {
        method.upper(): operation(schemas, f"{place}/{method}", handlers[said["operationId"]])
        for method, said in item.items()
    }
    return Endpoint(sandboxes, guard, found)


async def _health(asked: Asked) -> Told:
    return Told({"status": "ok"})


def _constant(value: bytes) -> Handler:
    async def answer(asked: Asked) -> Told:
        return Told(value)

    return answer
