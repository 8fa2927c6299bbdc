"""Before anything is asked: are the credentials all there, does anybody answer, and are they good? Judges nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from http.client import HTTPException

from mockserver.contract import Contract, Operation
from mockserver.errors import UsageError
from mockserver.live.credentials import authorization, authorized
from mockserver.live.reply import LiveReply
from mockserver.live.server import Live
from mockserver.suggestions import hint

STRANGERS = ("missing_key", "unknown_key", "expired_key", "deactivated_key")
NOBODY = "mockserver-nobody"  # an id that nothing has


def check_operations(contract: Contract, names: Collection[str]) -> None:
    """Raises UsageError for the name of an operation that the contract lacks."""
    for name in names:
        if name not in contract.operations:
            raise UsageError(f"{contract.name} has no operation {name!r}; {hint(name, contract.operations)}")


def greet(client: Live, operations: Collection[str] = ()) -> None:
    """Ask once, for reading, as the account. Raises UsageError for what would make every later answer worthless.

    Only the credentials that `operations` (none: all) want have to be there.
    """
    wanted = [o for o in client.contract.operations.values() if not operations or o.id in operations]
    for operation in wanted:
        authorization(operation, client.credentials)
    readable = [o for o in wanted if o.method == "GET" and o.security.ways and not o.security.is_optional]
    if not readable:
        client.reach()
        return
    operation = readable[0]
    path = re.sub(r"\{[^}]*\}", NOBODY, operation.path)
    reply = _asked(client, operation, path)
    if reply.status in _refusals(operation):
        raise UsageError(
            f"{client.url} refuses these credentials: GET {path} was answered {reply.status} {reply.body[:160]!r}"
        )


def _asked(client: Live, operation: Operation, path: str) -> LiveReply:
    target = authorized(operation, client.credentials, path)
    try:
        return client.request("GET", target, [*authorization(operation, client.credentials).items()])
    except (OSError, HTTPException) as error:
        raise UsageError(f"{client.url} does not answer: {type(error).__name__}: {error}") from None


def _refusals(operation: Operation) -> set[int]:
    return {401, *(e.status for name in STRANGERS for e in operation.examples.get(name, ()))}
