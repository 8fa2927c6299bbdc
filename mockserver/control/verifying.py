"""Whether a webhook that arrived somewhere is signed as its contract says. What is signed is read off the webhook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from mockserver import pointers
from mockserver.api_state import SandboxApi
from mockserver.bindings import every
from mockserver.contract import Webhook
from mockserver.lifecycle import Value
from mockserver.notation import bare
from mockserver.signatures import is_right

SignedTexts = dict[tuple[str, str], str]
"""What is known of facts, each as it is written in a form."""
SIGNATURE = ("webhook.signature", "")
_JOBS = 1000  # that are looked at for a secret which their requests chose


async def is_genuine(api: SandboxApi, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether some webhook of an API has this signature; header names are in lower case."""
    secrets = await _secrets(api)
    for webhook in api.contract.webhooks.values():
        own = webhook.sign.secret if webhook.sign is not None else None
        if _is_one(api, webhook, headers, body, secrets if own is None else await _chosen(api, own)):
            return True
    return False


async def _chosen(api: SandboxApi, secret: Value) -> list[tuple[str, str]]:
    """Each (account, secret) that a request of late chose for the webhooks of its job."""
    jobs = await api.state.newest(api.contract.name, _JOBS)
    texts = ((job.account, (job.kept or {}).get(secret.fact.removeprefix("request."))) for job in jobs)
    return list(dict.fromkeys((account, bare(text)) for account, text in texts if text is not None))


async def _secrets(api: SandboxApi) -> list[tuple[str, str]]:
    """Each (account, secret) that may have signed."""
    now, secrets = (await api.sandbox.read_clock()).now, []
    overlap = max((webhook.sign.overlap for webhook in api.contract.webhooks.values() if webhook.sign), default=0.0)
    for account in {item.id: item for item in api.accounts.values()}.values():
        owners = [(account.id, account.webhook_secret)]
        owners += [(item.id, item.secret) for item in await api.endpoints.of_account(account.id, now) if item.secret]
        for owner, secret in owners:
            secrets += [(account.id, item) for item in api.endpoints.valid(owner, secret, now, overlap)]
    return secrets


def _is_one(
    api: SandboxApi, webhook: Webhook, headers: Mapping[str, str], body: bytes, secrets: list[tuple[str, str]]
) -> bool:
    if webhook.sign is None:
        return False
    try:
        texts = {**_of_body(api, webhook, body), **_of_headers(webhook, headers)}
    except (ValueError, RecursionError):
        return False
    carried = texts.get(SIGNATURE)
    if carried is None:
        return False
    texts |= {("webhook.body", ""): body.decode("utf-8", "replace"), ("webhook.sha256", ""): sha256(body).hexdigest()}
    for account, secret in secrets:
        own: SignedTexts = {
            **texts,
            ("account.id", ""): account,
            ("account.webhook_secret", ""): secret,
            ("secret", ""): secret,
        }
        over = _text(webhook.sign.over, own)
        if over is not None and is_right(webhook.sign, carried, [secret], lambda _, over=over: over.encode()):  # type: ignore[misc]
            return True
    return False


def _text(value: Value, texts: SignedTexts) -> str | None:
    """What a value says; None where it is not known."""
    if not value.parts:
        return texts.get((value.fact, value.form))
    texts_of_parts = [part if isinstance(part, str) else _text(part, texts) for part in value.parts]
    return None if None in texts_of_parts else "".join(texts_of_parts)  # type: ignore[arg-type]


def _of_headers(webhook: Webhook, headers: Mapping[str, str]) -> SignedTexts:
    """The facts that bound headers show."""
    texts: SignedTexts = {}
    for table in webhook.headers.values():
        for name, value in table.items():
            if value is not None and name.lower() in headers:
                texts |= _read(value, headers[name.lower()])
    return texts


def _read(value: Value, text: str) -> SignedTexts:
    """The facts of which a text was joined."""
    parts = value.parts or (value,)
    facts = [part for part in parts if isinstance(part, Value)]
    pattern = "".join(re.escape(part) if isinstance(part, str) else "(.*?)" for part in parts)
    match = re.fullmatch(pattern, text, re.S)
    return {} if match is None else {(f.fact, f.form): t for f, t in zip(facts, match.groups(), strict=True)}


def _of_body(api: SandboxApi, webhook: Webhook, body: bytes) -> SignedTexts:
    """The facts that a body shows, written as it writes them."""
    document = json.loads(body)
    return {(value.fact, ""): bare(value_there) for value, value_there in _shown(api, webhook, document)}


def _shown(api: SandboxApi, webhook: Webhook, document: Any) -> Iterator[tuple[Value, Any]]:
    for at, value in every(api.contract.operation(webhook.told)):
        member = pointers.get(document, at) if at.startswith("/") and value.fact and value.of is None else None
        if isinstance(member, str | int | float):
            yield value, member
