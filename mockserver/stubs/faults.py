"""What a type checker knows of faults: their names, with the parameters of each, as overloads of `fault`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mockserver.faults import CATALOGUE, MEDIA, Fault, Selector, doc_of
from mockserver.faults.parameters import types_of
from mockserver.steering import ApiHandle, JournalView, SandboxClock
from mockserver.steering.journal import Wanted
from mockserver.stubs.signatures import Names, methods
from mockserver.stubs.words import HEAD, alias, laid_out, literal, type_text

COMMAND = "python -m mockserver.stubs"
IMPORTS = '''"""Handles whose faults, operations, states and other names a type checker knows.

At run time they are an `ApiHandle` and what it gives. Nothing here is of one API: the names come as type arguments.
"""

from collections.abc import Callable
from typing import Generic, Literal, TypeAlias, TypedDict, TypeVar, Unpack, overload

from mockserver.steering.clock import SandboxClock
from mockserver.steering.faults import Fault
from mockserver.steering.handles import ApiHandle, Curve
from mockserver.steering.journal import JournalView
from mockserver.steering.json_types import Json
from mockserver.steering.records import Entry, Job

Operation = TypeVar("Operation", bound=str)
State = TypeVar("State", bound=str)
Outcome = TypeVar("Outcome", bound=str)
Resource = TypeVar("Resource", bound=str)
Scenario = TypeVar("Scenario", bound=str)
Quirk = TypeVar("Quirk", bound=str)
'''
OF_CLOCK = {"run_until": {"state": "State"}, "arun_until": {"state": "State"}}
OF_JOURNAL = {
    "filter": {"operation": "Operation", "fault": "FaultName"},
    "count": {"operation": "Operation", "wanted": "CheckedWanted"},
    "wait_for": {"operation": "Operation", "wanted": "CheckedWanted"},
}
OF_API: dict[str, Names] = {
    "next_job": {"outcome": "Outcome", "resource": "Resource"},
    "scenario": {"name": "Scenario"},
    "quirk": {"name": "Quirk"},
}
TAKEN = {"operation": f"Operation | {literal([MEDIA])} | None"}  # of the selector, where a contract's names are meant


def checked() -> str:
    """`mockserver/steering/checked.pyi`."""
    parts = [
        HEAD.format(command=COMMAND) + IMPORTS,
        alias("FaultName", CATALOGUE),
        "",
        *_selector(),
        "\nclass CheckedWanted(TypedDict, total=False):",
        *(f"    {name}: {'FaultName | None' if name == 'fault' else kind}" for name, kind in _annotations(Wanted)),
        "\nclass CheckedClock(SandboxClock, Generic[State]):",
        *methods(SandboxClock, OF_CLOCK),
        "\nclass CheckedJournal(JournalView, Generic[Operation]):",
        *methods(JournalView, OF_JOURNAL),
        "\nclass CheckedHandle(ApiHandle, Generic[Operation, State, Outcome, Resource, Scenario, Quirk]):",
        "    clock: CheckedClock[State]",
        "    journal: CheckedJournal[Operation]",
        *methods(ApiHandle, OF_API),
        *_overloads(),
    ]
    return "\n".join(parts) + "\n"


def _selector() -> Iterator[str]:
    yield "class Which(TypedDict, Generic[Operation], total=False):"
    for name, kind in types_of(Selector).items():
        yield f"    {name}: {TAKEN.get(name, type_text(kind))}"


def _annotations(kind: type) -> Iterator[tuple[str, str]]:
    for name, each in kind.__annotations__.items():
        yield name, each.__forward_arg__


def _overloads() -> Iterator[str]:
    """Faults that are written alike stand together, as type checkers show every overload when none fits."""
    alike: dict[tuple[str, ...], list[type[Fault]]] = {}
    for kind in CATALOGUE.values():
        alike.setdefault(_parameters(kind), []).append(kind)
    for parameters, kinds in alike.items():
        if parameters:
            yield from _overload(literal(kind.name for kind in kinds), parameters, map(_told, kinds))
    plain = [_told(kind) for kind in alike.get((), ())]
    yield from _overload("FaultName", (), [*plain, "Any other, with the defaults of its parameters."])


def _parameters(kind: type[Fault]) -> tuple[str, ...]:
    """The parameters of a fault, which all have defaults."""
    said = {name: type_text(each) for name, each in types_of(kind).items()}
    if "state" in said:
        said["state"] = 'State | Literal[""]'
    return tuple(f"{name}: {each} = ..." for name, each in said.items())


def _told(kind: type[Fault]) -> str:
    return f"`{kind.name}`: {doc_of(kind)}"


def _overload(fault: str, parameters: Sequence[str], docs: Iterable[str]) -> Iterator[str]:
    star = ["*"] if parameters else []
    yield "    @overload"
    parts = ["self", f"fault: {fault}", *star, *parameters, "**which: Unpack[Which[Operation]]"]
    yield laid_out("def fault(", parts, ") -> Fault:", "    ")
    yield '        """' + "\n\n        ".join(docs) + '"""'
