"""Control of a sandbox's side of one API: accounts, plans, quirks, scenarios."""

from __future__ import annotations

from typing import Any

from mockserver.accounts import new_account, purpose_of
from mockserver.api_state import SandboxApi
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.serialize import credentials_of
from mockserver.state.port import PlanOrder, WantedRecords
from mockserver.store import AccountRecord
from mockserver.time_slices import paced


async def create_account(request: ControlRequest) -> dict[str, Any]:
    """An account with credentials of its own."""
    body, api = request.body, request.api()
    drawn = await api.drawn(purpose_of(api.contract))
    active = body.get("state", "active") == "active"
    account = new_account(api.contract, drawn, active=active, credits=body.get("credits"))
    await api.sandbox.change(api.account_opened(account))
    await request.sandboxes.know(api.sandbox.name, account)
    return _account(api, account, account.credits)


async def list_accounts(request: ControlRequest) -> JsonList:
    """All of them, with their credentials and what is left of their credits; the sandbox's own one comes first."""
    accounts = [
        (api, account) for api in request.apis() for account in {a.id: a for a in api.accounts.values()}.values()
    ]
    return JsonList(_account(api, account, await _credits(api, account)) async for api, account in paced(accounts))


async def _credits(api: SandboxApi, account: AccountRecord) -> float | None:
    return (await api.state.look(api.contract.name, "", WantedRecords(account=account.id))).credits


def _account(api: SandboxApi, account: AccountRecord, credits: float | None) -> dict[str, Any]:
    state = "active" if account.active else "deactivated"
    document = {"api": account.api, "id": account.id, "state": state, "credits": credits}
    return {**document, **credentials_of(api.contract, account)}


async def plan_jobs(request: ControlRequest) -> dict[str, Any]:
    """What the next jobs will do."""
    wishes = dict(request.body)
    del wishes["api"]
    resource, count = wishes.pop("resource", None), wishes.pop("count", 1)
    api = request.api()
    return _plan(api, await api.place(wishes, resource, count))


async def list_plans(request: ControlRequest) -> JsonList:
    """Those that wait, in the order in which they will be used up."""
    waiting = [(api, order) for api in request.apis() for order in await api.state.orders(api.contract.name)]
    return JsonList(_plan(api, order) async for api, order in paced(waiting))


async def take_plan_back(request: ControlRequest) -> None:
    """Take one back."""
    identity = request.path["id"]
    for name, api in request.sandbox().apis.items():
        if await api.state.withdraw(name, identity):
            return
    raise Problem(404, f"no plan {identity[:100]!r} waits (any more)")


def _plan(api: SandboxApi, order: PlanOrder) -> dict[str, Any]:
    counts = {"count": order.used + order.left, "used": order.used}
    return {"id": order.id, "api": api.contract.name, "resource": order.resource, **counts, **order.wishes}


async def switch_quirk(request: ControlRequest) -> dict[str, Any]:
    """A quirk on or off."""
    api = request.api()
    await api.sandbox.change(api.quirk_switched(request.body["quirk"], request.body["on"]))
    return {"api": request.body["api"], "quirks": {name: name not in api.off for name in api.contract.quirks}}


async def play_scenario(request: ControlRequest) -> dict[str, Any]:
    """Another scenario."""
    api, name = request.api(), request.body["scenario"]
    scenario = api.contract.scenarios.get(name)
    if scenario is not None and scenario.faults and not request.has_wire:
        from mockserver.faults import check_wire, fault_of

        for data in scenario.faults:
            check_wire(fault_of(data)[0])
    await api.sandbox.change(api.scenario_played(name, (await api.sandbox.read_clock()).now))
    return {**request.body}
