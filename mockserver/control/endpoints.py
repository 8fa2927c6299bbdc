"""Control of where an account's webhooks go, of what signs them, and whether one is signed rightly."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

from mockserver import webhooks
from mockserver.api_state import SandboxApi
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.verifying import is_genuine
from mockserver.state.configuration import Endpoint
from mockserver.webhooks.relaxed import REMEDY, is_plain_http


async def register_endpoint(request: ControlRequest) -> dict[str, Any]:
    """A webhook endpoint of an account, with a secret of its own."""
    body, api = request.body, request.api()
    hooks = [webhook for webhook in api.contract.webhooks.values() if webhook.is_for_account]
    if not hooks:
        raise Problem(409, f'no webhook of {api.contract.name} goes to registered endpoints: none has "to": "account"')
    url, account = body["url"], body.get("account", api.signer(None).id)
    if api.account_of(account) is None:
        raise Problem(404, f"{api.contract.name} has no account {account[:100]!r} here", pointer="/account")
    if why := webhooks.unreadable(url):
        raise Problem(400, why, pointer="/url")
    if is_plain_http(url) and any(hook.https_only for hook in hooks) and not api.sandbox.insecure_webhooks:
        raise Problem(409, f"webhooks of {api.contract.name} go to https only. {REMEDY}", pointer="/url")
    return _shown(api, await api.endpoints.register(account, url, body.get("events")))


async def list_endpoints(request: ControlRequest) -> JsonList:
    """Those that tests registered, and the resources that are endpoints."""
    return JsonList(_all(request.apis()))


async def _all(apis: list[SandboxApi]) -> AsyncIterator[dict[str, Any]]:
    for api in apis:
        now = (await api.sandbox.read_clock()).now
        for account in {record.id: record for record in api.accounts.values()}:
            for endpoint in await api.endpoints.of_account(account, now):
                yield _shown(api, endpoint)


async def remove_endpoint(request: ControlRequest) -> None:
    """What was owed to it is not sent any more."""
    identity = request.path["id"]
    for api in request.sandbox().apis.values():
        if await api.endpoints.remove(identity):
            return
    raise Problem(404, f"no test registered a webhook endpoint {identity[:100]!r} (or it was removed)")


async def rotate_secret(request: ControlRequest) -> dict[str, Any]:
    """A new secret in the place of that of an account or an endpoint."""
    api = request.api()
    owner = request.body.get("of", api.signer(None).id)
    secret = await api.endpoints.rotate(owner, (await api.sandbox.read_clock()).now)
    if secret is None:
        raise Problem(404, f"{api.contract.name} has no account or endpoint {owner[:100]!r} here", pointer="/of")
    return {"api": api.contract.name, "of": owner, "webhook_secret": secret}


async def verify_webhook(request: ControlRequest) -> dict[str, Any]:
    """Whether a webhook carries a signature that an account or an endpoint of the sandbox makes."""
    body = request.body
    headers = {name.lower(): value for name, value in body["headers"].items()}
    try:
        content = base64.b64decode(body["content"], validate=True)
    except ValueError:
        raise Problem(400, "the content of the webhook is not base64", pointer="/content") from None
    for api in request.sandbox().apis.values():
        if await is_genuine(api, headers, content):
            return {"verified": True, "api": api.contract.name}
    return {"verified": False, "api": None}


def _shown(api: SandboxApi, endpoint: Endpoint) -> dict[str, Any]:
    events = None if endpoint.events is None else [*endpoint.events]
    secret = endpoint.secret or api.signer(api.account_of(endpoint.account)).webhook_secret
    return {
        "id": endpoint.id, "api": api.contract.name, "account": endpoint.account, "url": endpoint.url,
        "events": events, "webhook_secret": secret,
    }  # fmt: skip
