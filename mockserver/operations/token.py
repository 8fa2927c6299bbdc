"""The verb `token`: OAuth 2 client credentials, in JSON, a form or HTTP Basic."""

from __future__ import annotations

import hmac
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.operations.call import Breach, Call, Refused, refuse_asked
from mockserver.operations.decision import Decision, LookedUp
from mockserver.signing import SANDBOX_CLAIM, issue_token
from mockserver.store import AccountRecord

GRANT = "client_credentials"
TOKENS = "token"
"""The purpose under which tokens get their numbers."""


def token(call: Call, records: LookedUp) -> Decision:
    """A signed token that expires on the sandbox's clock."""
    if not isinstance(call.values, dict) or call.values.get("grant_type") != GRANT:
        raise Breach("unsupported_grant_type", f"grant_type must be {GRANT}", "grant_type")
    account = _client(call)
    refuse_asked(call)
    number = call.api.sandbox.draws.reserved(TOKENS, records.numbers[0]).hex()[:24]
    facts = {
        "account": account,
        "token": bearer(call.api, account, int(call.now), call.operation.expires, number),
        "expires_in": call.operation.expires,
    }
    return Decision(call.example("ok")).but(facts=facts)


def bearer(api: SandboxApi, account: AccountRecord, issued: int, seconds: int, number: str) -> str:
    """A token of an account that is good for so many seconds; `number` tells it from others."""
    claims = {
        "sub": account.client_id,
        SANDBOX_CLAIM: api.sandbox.name,
        "api": api.contract.name,
        "iat": issued,
        "exp": issued + seconds,
        "jti": number,
    }
    return issue_token(api.sandbox.secret, claims)


def credentials(values: Any, basic: tuple[str, str] | None) -> tuple[str, str]:
    """What the caller says it is: the body's fields, else HTTP Basic, else nobody."""
    if isinstance(values, dict) and "client_id" in values:
        return str(values["client_id"]), str(values.get("client_secret", ""))
    return basic or ("", "")


def _client(call: Call) -> AccountRecord:
    name, secret = credentials(call.values, call.basic)
    account = call.api.accounts.get(name)
    is_known = account is not None and account.client_id == name and account.active
    expected = account.client_secret if account is not None and is_known else ""
    same = hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), expected.encode())
    if account is None or not is_known or not same:
        raise Refused("invalid_client", "client_id or client_secret is wrong, or the client was deactivated")
    return account
