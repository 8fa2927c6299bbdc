"""How an account of an API is made, with credentials of its own. Knows no store."""

from __future__ import annotations

from mockserver import signatures, signing
from mockserver.contract import Contract
from mockserver.draws import IDS
from mockserver.store import AccountRecord

_DEMO = ("demo-key", "demo-client", "demo-secret", "demo-webhook-secret")


def purpose_of(contract: Contract) -> str:
    """What the ids of accounts are drawn for."""
    return f"account.{contract.name}"


def new_account(
    contract: Contract, seed: bytes, *, active: bool = True, credits: float | None = None, demo: bool = False
) -> AccountRecord:
    """An account whose id is made of what was drawn; `demo`: with the published credentials."""
    identity, key = IDS[contract.account_id](seed), signing.new_key(contract.account_key)
    secrets = _DEMO if demo else (key, signing.new_key(), signing.new_secret(), signing.new_secret())
    if signatures.wants_base64(webhook.sign for webhook in contract.webhooks.values()):
        secrets = (*secrets[:3], signatures.in_base64(secrets[3]))
    return AccountRecord(
        contract.name, identity, *secrets, active, credits, contract.account_facts, contract.account_credits
    )
