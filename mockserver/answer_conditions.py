"""What it takes to meet an answer of a contract: a right request alone, or something that a test has to arrange.

Pure: a contract and the operations that were called in, a word out. Knows no journal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from mockserver.answers import is_refusal
from mockserver.contract import Contract, Operation

Need = Literal["nothing", "operation", "account", "wrong_request", "fault", "quirk", "stray_request", "variant"]
"""`nothing`: requests of a client that does everything right meet it. `operation`: a call that was never made.
`account`: other credentials, or no credits. `wrong_request`: one that breaks the contract. `stray_request`: one that
no operation answers. `variant`: a condition of the contract, which requests fulfil that say so."""

BYTES = "bytes"
"""What the journal calls an answer of the verb `content` that is a result itself."""
_OF_ACCOUNTS = frozenset({"missing_key", "unknown_key", "expired_key", "deactivated_key", "no_credits"})


class Reach:
    """What can be met by a client that calls these operations, and no other."""

    def __init__(self, contract: Contract, called: Collection[str]) -> None:
        self._contract = contract
        self._called = [contract.operations[name] for name in called if name in contract.operations]
        self._states = self._reachable()

    def need(self, operation: Operation | None, name: str, status: int) -> Need:
        """What it takes to meet an example; `operation` is None for answers to requests that none answers."""
        if operation is None:
            return "stray_request"
        if operation not in self._called:
            return "operation"
        if operation.gives_bytes and name == BYTES:
            return "nothing"
        if self.is_variant(operation, name):
            base = next(
                example for example in sorted(operation.examples, key=len)[::-1] if name.startswith(f"{example}.")
            )
            need = self.need(operation, base, status)
            return "variant" if need == "nothing" else need
        if is_refusal(self._contract, operation, name):
            return _of_refusal(operation, name, status)
        return self._of_state(operation, name)

    def is_variant(self, operation: Operation, name: str) -> bool:
        """Whether it is the whole name of an example that is given under a condition."""
        return name not in operation.examples and name != BYTES

    def _of_state(self, operation: Operation, name: str) -> Need:
        if not operation.resources:
            return "nothing"
        first, _, state = name.rpartition(".")
        resource = self._contract.resources.get(first) or self._contract.resources[operation.resources[0]]
        views = [view for view in resource.views if view.example == state]
        if views and state not in resource.states:
            if not any(self._contract.quirks[view.quirk].default for view in views):
                return "quirk"
            state = views[0].state
        is_met = state not in resource.states or state in self._states.get(resource.name, ())
        return "nothing" if is_met else "operation"

    def _reachable(self) -> Mapping[str, set[str]]:
        """The states that jobs of each resource can come to."""
        created = {name for o in self._called if o.verb == "create" for name in o.resources}
        states_of = {name: self._contract.resources[name].by_itself() for name in created}
        for name in created:
            product = self._contract.resources[name].produces
            if product is not None:
                states_of.setdefault(product.resource, set()).add(product.state)
            for target_of in self._contract.resources[name].makes.values():
                target = self._contract.resources[target_of.resource]
                states_of.setdefault(target_of.resource, set()).update(
                    {target_of.state} if target_of.state else target.by_itself()
                )
        for operation in self._called:
            for name in operation.resources if operation.to else ():
                states_of.setdefault(name, set()).update(operation.targets)
        return {name: self._contract.resources[name].following(states) for name, states in states_of.items()}


def _of_refusal(operation: Operation, name: str, status: int) -> Need:
    if name in _OF_ACCOUNTS or status in (401, 402, 403):
        return "account"
    if status >= 500:
        return "fault"
    problems = {problem for reference in operation.references for problem in (reference.missing, reference.otherwise)}
    return "nothing" if status in (404, 409, 429) or name in problems else "wrong_request"
