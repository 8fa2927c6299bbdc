"""Control of whole sandboxes: make, list, show, close, reset; their clocks, their limits, where their webhooks go."""

from __future__ import annotations

from typing import Any

from mockserver.clock import Clock
from mockserver.control.asking import Asked, Listed, Told
from mockserver.control.problems import Problem
from mockserver.control.showing import show_clock, show_credentials
from mockserver.errors import RequestError, UsageError
from mockserver.generation import Overtaken
from mockserver.sandbox import Sandbox
from mockserver.turns import drive, paced
from mockserver.webhooks.trust import certificates


async def create_sandbox(asked: Asked) -> Told:
    """A new sandbox with fresh credentials."""
    settings = dict(asked.body)
    if "webhook_ca" in settings:
        settings["webhook_ca"] = _authority(asked, settings["webhook_ca"], "webhook_ca")
    if "limits" in settings:
        settings["limits_on"] = settings.pop("limits")
    settings["seed"] = str(settings.get("seed", "0"))
    settings["clock"] = Clock(**settings.get("clock", {}))
    await drive(asked.sandboxes.part_with_idle())
    try:
        made = asked.sandboxes.create(**settings)
    except UsageError as error:
        raise Problem(409, str(error)) from None
    apis = {name: {"url": made.url(name), **show_credentials(api)} for name, api in made.apis.items()}
    return Told({"name": made.name, "apis": apis}, 201)


def _authority(asked: Asked, pem: str, name: str) -> str:
    try:
        checked = certificates(pem, name)
    except UsageError as error:
        raise RequestError(f"/{name}", str(error)) from None
    return asked.sandboxes.authority(checked)


async def list_sandboxes(asked: Asked) -> Told:
    """All that are open."""
    return Told(Listed(_line(sandbox) async for sandbox in paced(asked.sandboxes.open())))


async def show_sandbox(asked: Asked) -> Told:
    """One, in full."""
    sandbox = asked.sandbox()
    apis = {
        name: {
            "url": sandbox.url(name),
            **show_credentials(api),
            "scenario": api.scenario,
            "quirks": {quirk: quirk not in api.off for quirk in api.contract.quirks},
        }
        for name, api in sandbox.apis.items()
    }
    dropped = {
        "journal": sandbox.journal.dropped,
        "jobs": sum(api.store.dropped for api in sandbox.apis.values()),
        "webhooks": sandbox.outbox.dropped,
    }
    more = {
        "seed": sandbox.seed,
        "limits": sandbox.limits_on,
        "insecure_webhooks": sandbox.insecure_webhooks,
        "webhook_ca": sandbox.webhook_ca,
        "strict": sandbox.strict,
        "in_flight": sandbox.in_flight,
        "dropped": dropped,
    }
    return Told({**_line(sandbox), **more, "apis": apis})


def _line(sandbox: Sandbox) -> dict[str, Any]:
    return {"name": sandbox.name, "owner": sandbox.owner, "clock": show_clock(sandbox.clock)}


async def close_sandbox(asked: Asked) -> Told:
    """Close it; the default one stays."""
    sandbox = asked.sandbox()
    try:
        left = asked.sandboxes.part_with(sandbox.name)
    except UsageError as error:
        raise Problem(409, str(error)) from None
    await drive(left)
    return Told(status=204)


async def reset_sandbox(asked: Asked) -> Told:
    """Back to the beginning, but for name, clock and credentials."""
    await drive(asked.sandbox().renew())
    return Told(status=204)


async def read_clock(asked: Asked) -> Told:
    """What time it is."""
    return Told(show_clock(asked.sandbox().clock))


async def set_clock(asked: Asked) -> Told:
    """Switch the clock; what is due is looked at anew."""
    sandbox = asked.sandbox()
    sandbox.clock.set(**asked.body)
    sandbox.outbox.wake()
    return Told(show_clock(sandbox.clock))


async def advance_clock(asked: Asked) -> Told:
    """Move the clock; every delivery on the way is made before this is answered."""
    sandbox = asked.sandbox()
    try:
        await sandbox.outbox.advance(asked.body["seconds"])
    except Overtaken as overtaken:
        raise Problem(410, str(overtaken)) from None
    return Told(show_clock(sandbox.clock))


async def switch_limits(asked: Asked) -> Told:
    """Rate limits on or off."""
    sandbox = asked.sandbox()
    sandbox.limits_on = asked.body["on"]
    return Told({"on": sandbox.limits_on})


async def switch_webhooks(asked: Asked) -> Told:
    """Where webhooks may go, and whom they trust; what is not named stays."""
    sandbox, body = asked.sandbox(), asked.body
    if body.get("ca") is not None:
        body = {**body, "ca": _authority(asked, body["ca"], "ca")}
    sandbox.insecure_webhooks = body.get("insecure", sandbox.insecure_webhooks)
    sandbox.webhook_ca = body.get("ca", sandbox.webhook_ca)
    return Told({"insecure": sandbox.insecure_webhooks, "ca": sandbox.webhook_ca})


async def switch_strict(asked: Asked) -> Told:
    """Files that are not what they are said to be are refused, or pass."""
    sandbox = asked.sandbox()
    sandbox.strict = asked.body["on"]
    return Told({"on": sandbox.strict})
