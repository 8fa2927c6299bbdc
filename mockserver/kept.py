"""What the answers of a contract show of requests, uploads and accounts, so that it is kept. Knows no request."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver import pointers
from mockserver.bindings import every, facts_of, read_by, tested
from mockserver.contract import Contract, Operation
from mockserver.contract_cache import once_per_contract
from mockserver.lifecycle import PARENT, UPLOAD, Result, Value
from mockserver.prices import price_values, refund_values
from mockserver.triggers import looked_at

CREDITS = "account.credits"
PARENT_ID = "parent.id"


@once_per_contract(512)
def kept_pointers(contract: Contract, resource: str) -> frozenset[str]:
    """The request values that some answer or result of a resource shows."""
    found = set[str]()
    for operation in (*contract.operations.values(), *contract.messages.values()):
        if resource in operation.resources:
            for _, value in every(operation):
                found |= _request_pointers(value)
            facts = (*looked_at(contract, operation), *variant_facts(contract, operation))
            found |= _places(facts)
            found |= {p for w in contract.webhooks.values() for value in read_by(w) for p in _request_pointers(value)}
            received = contract.resources[resource].receives
            found |= {p for value in (received or ())[:2] if value is not None for p in _request_pointers(value)}
            found |= set(operation.announced.values()) | {place for _, place in operation.shared} | {*operation.sets}
            results = (*contract.resources[resource].results.values(), *operation.results.values())
            filters = operation.paging.filters if operation.paging else ()
            values: list[Value | None] = [v for r in results for v in result_values(r)]
            values += [
                *price_values(contract.resources[resource].cost_of),
                *(v for _, v in refund_values(contract.resources[resource])),
                *(v for _, v in said_times(contract, resource)),
            ]
            values += [operation.result_of, operation.sends if isinstance(operation.sends, Value) else None]
            values += [*(each.value for each in filters)]
            found = found.union(*(_request_pointers(each) for each in values if each is not None))
    return frozenset(found)


def said_times(contract: Contract, name: str) -> list[tuple[str, Value]]:
    """What gives the times of a resource's jobs that its requests say: (place in behavior.json, value)."""
    resource, at = contract.resources[name], pointers.join("/resources", name)
    times = [(pointers.join(at, "states", s.name, "after"), s.after_of) for s in resource.states.values() if s.after_of]
    runs = {f"{at}/run": resource.run}
    runs |= {
        pointers.join("/scenarios", scenario.name, "run", name): scenario.run.get(name)
        for scenario in contract.scenarios.values()
    }
    limits = {place: run.within.seconds for place, run in runs.items() if run is not None and run.within is not None}
    return times + [(f"{place}/within", value) for place, value in limits.items() if isinstance(value, Value)]


def facts_read(contract: Contract, operation: Operation) -> set[str]:
    """The facts of requests that an operation, or what its resources are told of by, looks at."""
    hooks = [w for w in contract.webhooks.values() if w.resource in operation.resources]
    messages = (hook.message for hook in hooks)
    several = (operation, *(message for message in messages if message is not None))
    values = [value for source in several for _, value in every(source)] + [v for hook in hooks for v in read_by(hook)]
    for name in operation.resources:
        values += [value for value in (contract.resources[name].receives or ())[:2] if value is not None]
    return {fact for value in values for fact in facts_of(value)} | variant_facts(contract, operation)


def variant_facts(contract: Contract, operation: Operation) -> set[str]:
    """The facts on which it depends which of its examples an operation gives."""
    variants = {name for several in operation.examples.values() for each in several for name in each.variants}
    return {fact for name in variants for fact in tested(contract.variants[name])}


def result_values(result: Result) -> list[Value]:
    """What a result reads of its job."""
    size = result.size_of if type(result.size_of) is tuple else (result.size_of,)
    values = (result.aspect, result.seed, *size, result.fps_of, result.seconds_of, result.text)
    return [value for value in values if isinstance(value, Value)]


def _request_pointers(value: Value) -> set[str]:
    return _places(facts_of(value))


def _places(facts: Iterable[str]) -> set[str]:
    """Under what it is kept that these facts are read from."""
    names = set(facts)
    places = {fact.removeprefix("request.") for fact in names if fact.startswith("request.")}
    return places | {PARENT} if PARENT_ID in names else places


@once_per_contract(512)
def kept_uploads(contract: Contract, resource: str) -> frozenset[str]:
    """The uploaded parts to which some answer of a resource shows a URL, or from which a result is made."""
    parts = set[str]()
    for operation in (*contract.operations.values(), *contract.messages.values()):
        if resource in operation.resources:
            parts |= {f.split(".")[1] for f in _bound_facts(operation) if f.startswith(("upload.", "upload_path."))}
            results = (*contract.resources[resource].results.values(), *operation.results.values())
            parts |= {s for r in results for several in r.sources.values() for s in several if not s.startswith("/")}
            parts |= {n.removeprefix(UPLOAD) for n in operation.result_names if n.startswith(UPLOAD)}
    return frozenset(parts)


@once_per_contract(512)
def hashed_uploads(contract: Contract, resource: str) -> frozenset[str]:
    """Those of which some answer shows the digest of their bytes."""
    operations = (*contract.operations.values(), *contract.messages.values())
    facts = (fact for o in operations if resource in o.resources for fact in _bound_facts(o))
    return frozenset(f.split(".")[1] for f in facts if f.startswith("upload.") and f.endswith(".sha256"))


@once_per_contract(64)
def sized(contract: Contract) -> frozenset[str]:
    """The operations whose answers show how large the bytes of an uploaded part are."""
    operations = contract.operations.values()
    return frozenset(
        o.id for o in operations if any(f.startswith("upload.") and f.endswith(".size") for f in _bound_facts(o))
    )


def _bound_facts(operation: Operation) -> set[str]:
    return {fact for _, value in every(operation) for fact in facts_of(value)}


@once_per_contract(64)
def credited(contract: Contract) -> frozenset[str]:
    """The operations of which some answer tells what an account has."""
    facts = {fact for table in contract.problems.values() for value in table.values() for fact in facts_of(value)}
    every_one = CREDITS in facts
    return frozenset(o.id for o in contract.operations.values() if every_one or CREDITS in _bound_facts(o))
