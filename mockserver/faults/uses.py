"""Can a fault ever take effect with a contract, or with one operation of it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from mockserver.contract import NAMES_JOB, Contract, Operation
from mockserver.errors import UsageError
from mockserver.faults.answers import KeyInUse, Unauthorized
from mockserver.faults.base import COMMITTING, UNMOVED, Changing, Fault, JobFault, Losing, Receiving
from mockserver.faults.bodies import GivenBody
from mockserver.faults.catalogue import CATALOGUE
from mockserver.faults.clocks import TokenDiesEarly
from mockserver.faults.parcels import WebhookFault
from mockserver.faults.selector import MEDIA, Selector
from mockserver.lifecycle import Resource
from mockserver.suggestions import hint

NO_JOB = "no job is created or named"
NO_WEBHOOK = "no webhook goes out for what is created"
VAGUE = frozenset({NO_JOB, NO_WEBHOOK, UNMOVED})  # of some operations or resources, these say less than others do


def check_use(contract: Contract, fault: Fault, selector: Selector) -> None:
    """Raises UsageError for a fault that can never take effect with this contract, or with the selected operation."""
    name = selector.operation
    if name == MEDIA and name not in contract.operations:
        if why := _never_downloaded(contract, fault):
            raise UsageError(f"the fault {fault.name} can never take effect on {MEDIA}: {why}", field="fault")
        return
    if name is not None and name not in contract.operations:
        near = hint(name, (*contract.operations, MEDIA))
        raise UsageError(f"{contract.name} has no operation {name!r}; {near}", field="operation")
    if why := _never(contract, fault, contract.operations.values()):
        raise UsageError(f"the fault {fault.name} can never take effect with {contract.name}: {why}", field="fault")
    if name is not None and (why := _never(contract, fault, [contract.operations[name]])):
        raise UsageError(f"the fault {fault.name} can never take effect on {name}: {why}", field="fault")


def check_wire(fault: Fault) -> None:
    """Raises UsageError for a fault that takes a server of ours."""
    if fault.needs_wire:
        raise UsageError(
            f"the fault {fault.name} breaks the connection, and the HTTP server in front of this application does not "
            "let it: run `mockserver serve`, `mockserver.start` or the pytest fixtures",
            field="fault",
        )


def _never_downloaded(contract: Contract, fault: Fault) -> str | None:
    """Why a fault meets no download; None when it can."""
    if fault.category in ("job", "webhook"):
        return f"it is one of the {fault.category}; leave the operation out, or name one"
    if not fault.on_downloads:
        names = (name for name, kind in CATALOGUE.items() if kind.on_downloads and kind.category == fault.category)
        return f"the bytes of results know of {', '.join(names)} only"
    results = [*(r.results for r in contract.resources.values()), *(o.results for o in contract.operations.values())]
    return None if any(results) else "there are no results"


def _never(contract: Contract, fault: Fault, operations: Iterable[Operation]) -> str | None:
    """Why a fault meets none of these operations; None when it meets one."""
    return _worst([never_on(contract, fault, operation) for operation in operations])


def _worst(reasons: Sequence[str | None]) -> str | None:
    """The reason that says most; None when there is one thing against which nothing speaks."""
    if None in reasons:
        return None
    return next((reason for reason in reasons if reason not in VAGUE), reasons[0] if reasons else NO_JOB)


def never_on(contract: Contract, fault: Fault, operation: Operation) -> str | None:
    """Why a fault takes no effect on requests to an operation; None when it can."""
    kinds = operation.security.kinds
    if isinstance(fault, Losing) and operation.verb not in COMMITTING:
        return "nothing is changed that a lost answer could follow; use close_before_headers"
    if isinstance(fault, Changing) and operation.stream is not None:
        return "its answer is a stream; cut it with reset_mid_body, close_mid_body or stall"
    if (why := _never_said(fault, operation)) is not None:
        return why
    if isinstance(fault, Unauthorized) and not kinds:
        return "it wants no credentials"
    if isinstance(fault, TokenDiesEarly) and "token" not in kinds:
        return "it takes no tokens"
    if isinstance(fault, GivenBody) and fault.state:
        return _no_state(contract, operation, fault.state)
    if isinstance(fault, JobFault):
        return _no_job(contract, operation, fault.never)
    return _no_webhook(contract, operation, fault) if isinstance(fault, WebhookFault) else None


def _never_said(fault: Fault, operation: Operation) -> str | None:
    """Why no request to an operation says what a fault is about: a key, bytes."""
    if isinstance(fault, KeyInUse) and operation.idempotency is None:
        return "it takes no idempotency keys"
    if isinstance(fault, Receiving) and operation.verb != "upload":
        return "no bytes are uploaded to it"
    return None


def _no_state(contract: Contract, operation: Operation, state: str) -> str | None:
    states = dict.fromkeys(
        state_there for name in operation.resources for state_there in contract.resources[name].states
    )
    if state in states:
        return None
    return f"no job is in a state {state!r}; {hint(state, states)}" if states else NO_JOB


def _no_job(contract: Contract, operation: Operation, never: Callable[[Resource], str | None]) -> str | None:
    """Why a fault of jobs takes hold of none here: it does where one is created or named."""
    if operation.verb not in NAMES_JOB and operation.verb != "create":
        return NO_JOB
    return _worst([never(_with_results(contract, contract.resources[name])) for name in operation.resources])


def _with_results(contract: Contract, resource: Resource) -> Resource:
    """A resource with the results that operations lay over its own."""
    results = {n: r for o in contract.operations.values() if resource.name in o.resources for n, r in o.results.items()}
    return replace(resource, results={**resource.results, **results})


def _no_webhook(contract: Contract, operation: Operation, fault: WebhookFault) -> str | None:
    """Why a fault of webhooks meets none here: they go out for what an operation created."""
    resources = operation.resources if operation.verb == "create" else ()
    webhooks = [webhook for webhook in contract.webhooks.values() if webhook.resource in resources]
    if not webhooks:
        return NO_WEBHOOK
    if fault.registered and not any(each.is_for_account for each in webhooks):
        return "its webhooks go to no registered endpoint"
    return "its webhooks are not signed" if fault.signed and all(each.sign is None for each in webhooks) else None
