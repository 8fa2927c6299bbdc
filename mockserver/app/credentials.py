"""Who is calling: API keys, bearer tokens, signed URLs, and the sandbox that a credential leads to."""

from __future__ import annotations

import base64
import binascii
from math import inf
from urllib.parse import unquote_to_bytes

from mockserver.api_state import SandboxApi
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.reading import Entrance
from mockserver.bounds import TOKENS
from mockserver.contract import Operation
from mockserver.errors import RequestError, let_go
from mockserver.header_types import HeaderFields
from mockserver.operations import Refused
from mockserver.operations.token import credentials as token_credentials
from mockserver.signing import check_link, read_token, unverified_sandbox
from mockserver.store import AccountRecord


def credential(operation: Operation, headers: HeaderFields, query: bytes = b"") -> str | None:
    """The key or token a request carries; None when it carries none. Any bytes are text here.

    That of HTTP Basic is the user's name, with the password behind a colon where there is one.
    """
    for _, where, name, scheme in operation.security.ways:
        if where == "header":
            raw = headers.get(name.encode(), b"")
            secret = raw.decode("latin-1") if not scheme else _behind(scheme, raw)
        else:
            secret = _in_query(name, query) if where == "query" else _in_cookie(name, headers.get(b"cookie", b""))
        if secret:
            return secret
    return None


def _behind(scheme: str, raw: bytes) -> str:
    """What stands behind the word of a scheme, upper and lower case being the same; empty where another stands."""
    word, _, value = raw.partition(b" ")
    if word.lower() != scheme.lower().encode():
        return ""
    if scheme.lower() != "basic":
        return value.strip().decode("latin-1")
    pair = basic({b"authorization": raw})
    return "" if pair is None else ":".join(pair) if pair[1] else pair[0]


def _in_query(name: str, query: bytes) -> str:
    for piece in query.split(b"&") if query else ():
        key, _, value = piece.replace(b"+", b" ").partition(b"=")
        if unquote_to_bytes(key) == name.encode():
            return unquote_to_bytes(value).decode("latin-1")
    return ""


def _in_cookie(name: str, raw: bytes) -> str:
    for piece in raw.replace(b",", b";").split(b";"):  # several lines were joined by commas
        key, _, value = piece.strip().partition(b"=")
        if key == name.encode():
            return value.strip(b'" ').decode("latin-1")
    return ""


def claimed_sandbox(operation: Operation, token: str | None) -> str | None:
    """The sandbox a bearer token claims to belong to, unproven: the sandbox's own secret decides."""
    if token is None or "token" not in operation.security.kinds:
        return None
    return unverified_sandbox(token)


def basic(headers: HeaderFields) -> tuple[str, str] | None:
    """Name and password of HTTP Basic; None when there are none or they cannot be read."""
    scheme, _, coded = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        name, colon, password = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (name, password) if colon else None


Identity = tuple[AccountRecord | None, float, str]
"""Whose credentials these are, until when, and the problem with them."""
NOBODY: Identity = (None, inf, "")
_WHY = {
    "missing_key": "the request carries no credentials",
    "unknown_key": "the credentials are not known here",
    "deactivated_key": "the account was deactivated",
    "expired_key": "the token has expired",
}


def identify(api: SandboxApi, operation: Operation, secret: str | None) -> Identity:
    """Whom a credential proves, at any time; nobody for operations that ask for nobody."""
    security = operation.security
    if not security.ways:
        return NOBODY
    if not secret:
        return NOBODY if security.is_optional else (None, inf, "missing_key")
    account, until = _by_key(api, secret) if security.kind == "key" else _by_token(api, secret)
    if account is None and len(security.ways) > 1 and len(security.kinds) > 1:  # the other kind, then
        account, until = _by_token(api, secret) if security.kind == "key" else _by_key(api, secret)
    if account is None:
        return None, inf, "unknown_key"
    return account, until, "" if account.active else "deactivated_key"


def proven(identity: Identity, now: float) -> AccountRecord | None:
    """The account that was proven. Raises Refused for credentials that are not good at this time."""
    account, until, problem = identity
    if now >= until:
        problem = "expired_key"
    if problem:
        raise Refused(problem, _WHY[problem])
    return account


def _by_key(api: SandboxApi, secret: str) -> tuple[AccountRecord | None, float]:
    """The account of a key; of HTTP Basic, also that of a client_id with its secret or its key."""
    account = api.accounts.get(secret)
    if account is not None:
        return account if account.key == secret else None, inf
    name, _, password = secret.partition(":")
    account = api.accounts.get(name) if password else None
    if account is None or (name == account.client_id and password not in (account.client_secret, account.key)):
        return None, inf
    return account, inf


def _by_token(api: SandboxApi, token: str) -> tuple[AccountRecord | None, float]:
    """The account that a token was given to, and when it ends."""
    name, until = _bearer(api, token)
    return api.accounts.get(name), until


def _bearer(api: SandboxApi, token: str) -> tuple[str, float]:
    """The client_id that a token was given to, and when it ends."""
    bearer = api.tokens.get(token)
    if bearer is None:
        claims = read_token(api.sandbox.secret, token)
        if claims is None or claims.get("api") != api.contract.name:
            return "", inf
        if len(api.tokens) >= TOKENS:
            api.tokens.clear()
        bearer = api.tokens[token] = (str(claims.get("sub")), float(claims["exp"]))
    return bearer


def check_signature(api: SandboxApi, path: str, query: bytes, now: float) -> None:
    """Raises Refused `bad_signature` or `expired_link` for a URL this sandbox did not sign, or no longer honours."""
    verdict = check_link(api.sandbox.secret, path, query, now)
    if verdict == "expired":
        raise Refused("expired_link", "the link has expired")
    if verdict != "ok":
        raise Refused("bad_signature", "the link's signature is wrong")


async def token_client(
    entrance: Entrance, operation: Operation, headers: HeaderFields, incoming: Incoming
) -> str | None:
    """The client_id of a request for a token, None where it says none; the body stays readable."""
    kind = headers.get(b"content-type", b"").decode("latin-1")
    client = basic(headers)
    try:
        values, _ = await entrance.values(operation, kind, await incoming.peek(), frozenset())
        client = token_credentials(values, client)
    except (RequestError, Refused, ClientLeft) as error:
        let_go(error)
    return None if client is None else client[0]
