"""What the contracts of a server offer, for whoever chooses among it: operations, states, events, switches, faults."""

from __future__ import annotations

from typing import Any

from mockserver import pointers
from mockserver.contract import Contract
from mockserver.control.fault_schemas import fitting_operations
from mockserver.control.request import ControlRequest, JsonList
from mockserver.json_types import JsonObject
from mockserver.rules import playable
from mockserver.time_slices import paced


async def list_apis(request: ControlRequest) -> JsonList:
    """Each API that is served."""
    return JsonList(_api(contract) async for contract in paced(request.sandboxes.contracts))


def _api(contract: Contract) -> JsonObject:
    return {
        "name": contract.name,
        "title": contract.title,
        "operations": [_operation(contract, operation) for operation in contract.operations.values()],
        "resources": [
            {
                "name": resource.name,
                "states": [{"name": s.name, "phase": s.phase, "end": s.end} for s in resource.states.values()],
                "outcomes": resource.outcomes if resource.run is not None else [],
            }
            for resource in contract.resources.values()
        ],
        "scenarios": playable(contract.scenarios),
        "quirks": [{"name": q.name, "title": q.title, "default": q.default} for q in contract.quirks.values()],
        "webhooks": [
            {"name": w.name, "resource": w.resource, "events": sorted({*map(w.event_of, w.states)})}
            for w in contract.webhooks.values()
        ],
    }


def _operation(contract: Contract, operation: Any) -> JsonObject:
    declared = pointers.get(contract.document, operation.pointer)
    summary = declared.get("summary", "") if isinstance(declared, dict) else ""
    return {"id": operation.id, "method": operation.method, "path": operation.path, "summary": summary}


async def list_catalogue(request: ControlRequest) -> JsonObject:
    """Every fault that can take effect in one of the APIs, and how requests are chosen for it."""
    from mockserver.faults import CATALOGUE, Selector, doc_of, parameters_of, schemas_of

    faults = []
    async for kind in paced(CATALOGUE.values(), 1):
        where = {c.name: fitting_operations(c, kind) for c in request.sandboxes.contracts}
        apis = {name: [*operations] for name, operations in where.items() if operations is not None}
        if apis and (request.has_wire or not kind.needs_wire):
            summary = {"fault": kind.name, "description": doc_of(kind), "category": kind.category}
            defaults = {name: default for name, (default, _) in parameters_of(kind).items()}
            faults.append({**summary, "parameters": schemas_of(kind), "defaults": defaults, "apis": apis})
    return {"selector": schemas_of(Selector), "faults": faults}
