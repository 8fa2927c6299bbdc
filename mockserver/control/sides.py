"""Control of a sandbox's side of one API: accounts, plans, quirks, scenarios."""

from __future__ import annotations

from typing import Any

from mockserver.api_state import PlanOrder, SandboxApi
from mockserver.control.asking import Asked, Listed, Told
from mockserver.control.problems import Problem
from mockserver.control.showing import credentials_of
from mockserver.turns import paced


async def create_account(asked: Asked) -> Told:
    """An account with credentials of its own."""
    body, api = asked.body, asked.api()
    account = api.account(active=body.get("state", "active") == "active", credits=body.get("credits"))
    asked.sandboxes.know(api.sandbox, account)
    shown = {
        "api": account.api,
        "id": account.id,
        "state": "active" if account.active else "deactivated",
        "credits": account.credits,
    }
    return Told({**shown, **credentials_of(api.contract, account)}, 201)


async def plan_jobs(asked: Asked) -> Told:
    """What the next jobs will do."""
    wishes = dict(asked.body)
    del wishes["api"]
    resource, count = wishes.pop("resource", None), wishes.pop("count", 1)
    api = asked.api()
    return Told(_plan(api, api.plan(wishes, resource=resource, count=count)), 201)


async def list_plans(asked: Asked) -> Told:
    """Those that wait, in the order in which they will be used up."""
    waiting = [(api, order) for api in asked.apis() for order in api.orders]
    return Told(Listed(_plan(api, order) async for api, order in paced(waiting)))


async def take_plan_back(asked: Asked) -> Told:
    """Take one back."""
    identity = asked.path["id"]
    if not any(api.take_back(identity) for api in asked.sandbox().apis.values()):
        raise Problem(404, f"no plan {identity[:100]!r} waits (any more)")
    return Told(status=204)


def _plan(api: SandboxApi, order: PlanOrder) -> dict[str, Any]:
    counts = {"count": order.used + order.left, "used": order.used}
    return {"id": order.id, "api": api.contract.name, "resource": order.resource, **counts, **order.wishes}


async def switch_quirk(asked: Asked) -> Told:
    """A quirk on or off."""
    api = asked.api()
    api.quirk(asked.body["quirk"], asked.body["on"])
    return Told({"api": asked.body["api"], "quirks": {name: name not in api.off for name in api.contract.quirks}})


async def play_scenario(asked: Asked) -> Told:
    """Another scenario."""
    asked.api().play(asked.body["scenario"])
    return Told(asked.body)
