"""Control of a sandbox's side of one API: accounts, plans, quirks, scenarios."""

from __future__ import annotations

from mockserver.control.asking import Asked, Told
from mockserver.control.showing import credentials_of


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
    api = wishes.pop("api")
    resource, count = wishes.pop("resource", None), wishes.pop("count", 1)
    asked.api().plan(wishes, resource=resource, count=count)
    return Told({"api": api, "resource": resource, "count": count, **wishes}, 201)


async def switch_quirk(asked: Asked) -> Told:
    """A quirk on or off."""
    api = asked.api()
    api.quirk(asked.body["quirk"], asked.body["on"])
    return Told({"api": asked.body["api"], "quirks": {name: name not in api.off for name in api.contract.quirks}})


async def play_scenario(asked: Asked) -> Told:
    """Another scenario."""
    asked.api().play(asked.body["scenario"])
    return Told(asked.body)
