"""Who asks: an API key or an OAuth client, and the headers that say so. Asks nobody itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from mockserver.contract import Contract, Operation
from mockserver.errors import UsageError
from mockserver.intake import Presented
from mockserver.validation import write_json


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account asks with; a `token` that was issued already spares the request for one."""

    api_key: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    token: str | None = None


DEMO = Credentials("demo-key", "demo-client", "demo-secret")


def authorization(operation: Operation, credentials: Credentials) -> Mapping[str, str]:
    """The headers that an operation knows its caller by. Raises UsageError when the credential it wants is missing."""
    way = _way(operation)
    if way is None or way.where == "query":
        return {}
    if way.where == "cookie":
        return {"cookie": f"{way.name}={_credential(operation, way, credentials)}"}
    if way.scheme.lower() == "basic":
        return {way.name: f"{way.scheme} {_basic(operation, way, credentials)}"}
    return {way.name: f"{way.scheme} {_credential(operation, way, credentials)}".lstrip()}


def authorized(operation: Operation, credentials: Credentials, target: str) -> str:
    """The path and query to ask for, with the key where an operation wants it in the query. Raises UsageError."""
    way = _way(operation)
    if way is None or way.where != "query":
        return target
    return f"{target}{'&' if '?' in target else '?'}{urlencode({way.name: _credential(operation, way, credentials)})}"


def _way(operation: Operation) -> Presented | None:
    return operation.security.ways[0] if operation.security.ways else None


def _credential(operation: Operation, way: Presented, credentials: Credentials) -> str:
    if way.kind == "key":
        if credentials.api_key is None:
            raise UsageError(f"{operation.id} wants an API key: give --api-key or set MOCKSERVER_API_KEY")
        return credentials.api_key
    if credentials.token is None:
        raise UsageError(f"{operation.id} wants a token: give --client-id and --client-secret, or --token")
    return credentials.token


def _basic(operation: Operation, way: Presented, credentials: Credentials) -> str:
    """A client and its secret, or the key in a name's place."""
    if credentials.client_id is not None and credentials.api_key is None:
        pair = f"{credentials.client_id}:{credentials.client_secret or ''}"
    else:
        pair = f"{_credential(operation, way, credentials)}:"
    return b64encode(pair.encode()).decode()


def token_request(contract: Contract, credentials: Credentials) -> tuple[Operation, bytes, str] | None:
    """The operation that issues tokens, a body for it and its media type; None when there is none, or no client."""
    issuer = next((o for o in contract.operations.values() if o.verb == "token"), None)
    if issuer is None or credentials.client_id is None:
        return None
    asked = {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret or "",
        "grant_type": "client_credentials",
    }
    if any(body.media_type == "application/json" for body in issuer.bodies):
        return issuer, write_json(asked), "application/json"
    return issuer, urlencode(asked).encode(), "application/x-www-form-urlencoded"
