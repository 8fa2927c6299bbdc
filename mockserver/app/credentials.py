"""Who is calling: API keys, bearer tokens, signed URLs, and the sandbox that a credential leads to."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from math import inf

from mockserver.api_state import SandboxApi
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.reading import Entrance
from mockserver.bounds import TOKENS
from mockserver.contract import Operation
from mockserver.errors import RequestError, let_go
from mockserver.operations import Refused
from mockserver.operations.token import credentials as token_credentials
from mockserver.signing import check_link, read_token, unverified_sandbox
from mockserver.store import Account

Headers = Mapping[bytes, bytes]


def credential(operation: Operation, headers: Headers) -> str | None:
    """The key or token a request carries; None when it carries none. Any bytes are text here."""
    security = operation.security
    if security.kind == "key":
        raw = headers.get(security.header.encode())
        return raw.decode("latin-1") if raw else None
    if security.kind == "token":
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        return token.strip().decode("latin-1") if scheme.lower() == b"bearer" and token.strip() else None
    return None


def claimed_sandbox(operation: Operation, given: str | None) -> str | None:
    """The sandbox a bearer token claims to belong to, unproven: the sandbox's own secret decides."""
    if given is None or operation.security.kind != "token":
        return None
    return unverified_sandbox(given)


def basic(headers: Headers) -> tuple[str, str] | None:
    """Name and password of HTTP Basic; None when there are none or they cannot be read."""
    scheme, _, coded = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        name, colon, password = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (name, password) if colon else None


Identity = tuple[Account | None, float, str]
"""Whose credentials these are, until when, and the problem with them."""
NOBODY: Identity = (None, inf, "")
_WHY = {
    "missing_key": "the request carries no credentials",
    "unknown_key": "the credentials are not known here",
    "deactivated_key": "the account was deactivated",
    "expired_key": "the token has expired",
}


def identify(api: SandboxApi, operation: Operation, given: str | None) -> Identity:
    """Whom a credential proves, at any time; nobody for operations that ask for nobody."""
    kind = operation.security.kind
    if kind in ("open", "signed"):
        return NOBODY
    if not given:
        return None, inf, "missing_key"
    name, until = _bearer(api, given) if kind == "token" else (given, inf)
    account = api.accounts.get(name)
    if account is None or (kind == "key" and account.key != given):
        return None, inf, "unknown_key"
    return account, until, "" if account.active else "deactivated_key"


def proven(identity: Identity, now: float) -> Account | None:
    """The account that was proven. Raises Refused for credentials that are not good at this time."""
    account, until, problem = identity
    if now >= until:
        problem = "expired_key"
    if problem:
        raise Refused(problem, _WHY[problem])
    return account


def _bearer(api: SandboxApi, token: str) -> tuple[str, float]:
    """The client_id that a token was given to, and when it ends."""
    known = api.tokens.get(token)
    if known is None:
        claims = read_token(api.sandbox.secret, token)
        if claims is None or claims.get("api") != api.contract.name:
            return "", inf
        if len(api.tokens) >= TOKENS:
            api.tokens.clear()
        known = api.tokens[token] = (str(claims.get("sub")), float(claims["exp"]))
    return known


def check_signature(api: SandboxApi, path: str, query: bytes, now: float) -> None:
    """Raises Refused `bad_signature` or `expired_link` for a URL this sandbox did not sign, or no longer honours."""
    verdict = check_link(api.sandbox.secret, path, query, now)
    if verdict == "expired":
        raise Refused("expired_link", "the link has expired")
    if verdict != "ok":
        raise Refused("bad_signature", "the link's signature is wrong")


async def token_client(entrance: Entrance, operation: Operation, headers: Headers, incoming: Incoming) -> str | None:
    """The client_id of a request for a token, None where it says none; the body stays readable."""
    kind = headers.get(b"content-type", b"").decode("latin-1")
    client = basic(headers)
    try:
        values, _ = await entrance.values(operation, kind, await incoming.peek(), frozenset())
        client = token_credentials(values, client)
    except (RequestError, Refused, ClientLeft) as error:
        let_go(error)
    return None if client is None else client[0]
