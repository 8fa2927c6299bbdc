"""What is prepared of one contract, for all sandboxes."""

from __future__ import annotations

from functools import cached_property

from mockserver.app.reading import Entrance
from mockserver.app.routes import RouteTable
from mockserver.contract import Contract, Operation
from mockserver.sandbox import Sandbox
from mockserver.statuses import BODILESS

DOCUMENTS = frozenset(("/openapi.json", "/docs"))
READS = frozenset(("GET", "HEAD"))


class Api:
    """An API as requests come to it."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.routes = RouteTable(contract.operations.values())
        self.entrance = Entrance(contract)
        self.short = short(contract)

    @cached_property
    def relaxed(self) -> Entrance:
        """How requests are read where webhooks may go to plain http."""
        return Entrance(self.contract, insecure=True)

    def entrance_of(self, sandbox: Sandbox) -> Entrance:
        """How requests are read in a sandbox."""
        return self.relaxed if sandbox.configuration.insecure_webhooks else self.entrance

    def is_document(self, method: str, path: str) -> bool:
        """Whether the contract's own document or page is asked for, at a path that the contract leaves free."""
        return path in DOCUMENTS and method in READS and self.routes.match(path) is None


def short(contract: Contract) -> frozenset[str]:
    """The operations whose requests may go the short way."""
    return frozenset(o.id for o in contract.operations.values() if _is_short(o))


def _is_short(operation: Operation) -> bool:
    if (
        operation.id_at is not None
        or operation.has_steps
        or operation.offered
        or any(parameter.where != "path" for parameter in operation.parameters)
    ):
        return False
    if any(example.status in BODILESS for several in operation.examples.values() for example in several):
        return False
    if operation.verb == "show":
        return not operation.bodies
    waits = bool(operation.results) or any(not reference.listed for reference in operation.references)
    return operation.verb == "create" and not (operation.security.kind == "signed" or waits or operation.gives_bytes)
