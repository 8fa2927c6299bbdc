"""Each fault as a schema of its own: its parameters, and where among the served APIs it can take effect.

The catalogue is imported where it is asked for: that is slow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mockserver.contract import Contract
from mockserver.contract_cache import once_per_contract
from mockserver.errors import UsageError
from mockserver.json_types import JsonObject

if TYPE_CHECKING:
    from mockserver.faults import Fault


def fault_schemas(contracts: Sequence[Contract], *, has_wire: bool) -> tuple[JsonObject, JsonObject]:
    """A schema by name for each fault that can take effect, and the one that leads to them by the fault's name.

    `has_wire`: whether the server holds the connections, which some faults need.
    """
    from mockserver.faults import CATALOGUE

    schemas: JsonObject = {}
    mapping: JsonObject = {}
    for name, kind in CATALOGUE.items():
        schema = _schema(kind, contracts) if has_wire or not kind.needs_wire else None
        if schema is not None:
            title = "".join(part.capitalize() for part in name.split("_")) + "Fault"
            schemas[title] = schema
            mapping[name] = f"#/components/schemas/{title}"
    one_of = [{"$ref": reference} for reference in mapping.values()]
    return schemas, {"oneOf": one_of, "discriminator": {"propertyName": "fault", "mapping": mapping}}


def _schema(kind: type[Fault], contracts: Sequence[Contract]) -> JsonObject | None:
    from mockserver.faults import Selector, doc_of, schemas_of

    places = [place for contract in contracts for place in _places(kind, contract)]
    if not places:
        return None
    able = list(dict.fromkeys(place["api"]["const"] for place in places))
    own = {"api": {"enum": able}, "fault": {"const": kind.name}}
    return {
        "type": "object",
        "description": doc_of(kind),
        "required": ["api", "fault"],
        "properties": {**own, **schemas_of(kind), **schemas_of(Selector)},
        "additionalProperties": False,
        # Not `anyOf` itself: generators of types would take it for another form of the whole object.
        "allOf": [{"anyOf": [{"properties": place} for place in places]}],
    }


def _places(kind: type[Fault], contract: Contract) -> Iterator[JsonObject]:
    """What may be said together of where it takes effect: the API, its operations (null: any), states of its jobs."""
    from mockserver.faults import MEDIA, schemas_of

    if not _is_possible(contract, kind()):
        return
    has_states = "state" in schemas_of(kind)
    states = ["", *dict.fromkeys(s for r in contract.resources.values() for s in r.states)] if has_states else [None]
    alike: dict[tuple[str | None, ...], list[str | None]] = {}
    for operation in (None, *dict.fromkeys((*contract.operations, MEDIA))):
        fitting = tuple(s for s in states if _is_possible(contract, _in_state(kind, s), operation))
        if fitting:
            alike.setdefault(fitting, []).append(operation)
    for fitting, operations in alike.items():
        place: JsonObject = {"api": {"const": contract.name}, "operation": {"enum": operations}}
        yield {**place, "state": {"enum": [*fitting]}} if has_states else place


@once_per_contract(2_000)
def fitting_operations(contract: Contract, kind: type[Fault]) -> tuple[str, ...] | None:
    """The operations of an API that a fault can be armed for; None where it can take effect in none of its requests."""
    from mockserver.faults import MEDIA

    if not _is_possible(contract, kind()):
        return None
    return tuple(operation for operation in (*contract.operations, MEDIA) if _is_possible(contract, kind(), operation))


def _in_state(kind: type[Fault], state: str | None) -> Fault:
    parameters: Any = {} if state is None else {"state": state}
    return kind(**parameters)


def _is_possible(contract: Contract, fault: Fault, operation: str | None = None) -> bool:
    from mockserver.faults import Selector, check_use

    try:
        check_use(contract, fault, Selector(operation=operation))
    except UsageError:
        return False
    return True
