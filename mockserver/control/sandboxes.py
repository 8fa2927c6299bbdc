"""Control of whole sandboxes: make, list, show, close, reset; limits, webhooks."""

from __future__ import annotations

from typing import Any

from mockserver.clock import Clock, clock_settings
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.serialize import show_activity, show_credentials, show_line, show_listed
from mockserver.control.snapshots import restored
from mockserver.control.trust import authority
from mockserver.errors import Closed, StateError, UsageError
from mockserver.state.pages import all_sandboxes


async def create_sandbox(request: ControlRequest) -> dict[str, Any]:
    """A new sandbox with fresh credentials."""
    settings = dict(request.body)
    if "webhook_ca" in settings:
        settings["webhook_ca"] = authority(request.sandboxes, settings["webhook_ca"], "/webhook_ca")
    if "limits" in settings:
        settings["limits_on"] = settings.pop("limits")
    if settings.pop("requests", False):
        settings["keeps_requests"] = True
    if "seed" in settings:
        settings["seed"] = str(settings["seed"])
    if "clock" in settings:
        settings["clock"] = Clock(**clock_settings(settings["clock"]))
    snapshot = settings.pop("snapshot", None)
    try:
        if snapshot is None:
            sandbox = await request.sandboxes.make(**settings)
        else:
            sandbox = await restored(request.sandboxes, snapshot, settings)
    except Closed as error:  # the store was emptied when it had just been made
        raise StateError(f"{error}; make it again") from None
    except UsageError as error:
        raise Problem(409, str(error)) from None
    apis = {name: {"url": sandbox.url(name), **show_credentials(api)} for name, api in sandbox.apis.items()}
    return {"name": sandbox.name, "apis": apis}


async def list_sandboxes(request: ControlRequest) -> JsonList:
    """All that are open."""
    return JsonList(show_listed(sandbox) async for sandbox in all_sandboxes(request.sandboxes.index))


async def show_sandbox(request: ControlRequest) -> dict[str, Any]:
    """One, in full."""
    sandbox = request.sandbox()
    apis = {
        name: {
            "url": sandbox.url(name),
            **show_credentials(api),
            "scenario": api.scenario,
            "quirks": {quirk: quirk not in api.off for quirk in api.contract.quirks},
        }
        for name, api in sandbox.apis.items()
    }
    details = {
        "seed": sandbox.seed,
        "limits": sandbox.limits_on,
        "insecure_webhooks": sandbox.insecure_webhooks,
        "webhook_ca": sandbox.webhook_ca,
        "strict": sandbox.strict,
        "requests": sandbox.keeps_requests,
        **show_activity(sandbox, await sandbox.state.activity()),
    }
    return {**show_line(sandbox, await sandbox.read_clock()), **details, "apis": apis}


async def close_sandbox(request: ControlRequest) -> None:
    """Close it; the default one stays."""
    sandbox = request.sandbox()
    try:
        await request.sandboxes.shut(sandbox.name)
    except UsageError as error:
        raise Problem(409, str(error)) from None


async def reset_sandbox(request: ControlRequest) -> None:
    """Back to the beginning, but for name, clock and credentials."""
    await request.sandbox().renew()


async def switch_limits(request: ControlRequest) -> dict[str, Any]:
    """Rate limits on or off."""
    sandbox, on = request.sandbox(), request.body["on"]
    await sandbox.change(lambda configuration: configuration.but(limits_on=on))
    return {"on": on}


async def switch_webhooks(request: ControlRequest) -> dict[str, Any]:
    """Where webhooks may go, and whom they trust; what is not named stays."""
    sandbox, body = request.sandbox(), request.body
    if body.get("ca") is not None:
        body = {**body, "ca": authority(request.sandboxes, body["ca"], "/ca")}
    switches = {
        switch: body[name] for name, switch in (("insecure", "insecure_webhooks"), ("ca", "webhook_ca")) if name in body
    }
    await sandbox.change(lambda configuration: configuration.but(**switches))
    return {"insecure": sandbox.insecure_webhooks, "ca": sandbox.webhook_ca}


async def switch_strict(request: ControlRequest) -> dict[str, Any]:
    """Files that are not what they are said to be are refused, or pass."""
    sandbox, on = request.sandbox(), request.body["on"]
    await sandbox.change(lambda configuration: configuration.but(strict=on))
    return {"on": on}
