"""What a type checker knows of faults: their names, with the parameters of each, as overloads of `fault`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mockserver.faults import CATALOGUE, MEDIA, Fault, Selector, doc_of
from mockserver.faults.parameters import types_of
from mockserver.steering import ApiHandle, JournalView, Requests, SandboxClock
from mockserver.steering.journal import EntryFilter
from mockserver.stubs.signatures import Method, imports_for, method_text, methods_of
from mockserver.stubs.words import HEAD, alias, laid_out, literal, type_text

COMMAND = "python -m mockserver.stubs"
HELD = "; a test holds it to the code"
DOCSTRING = '''"""Handles whose faults, operations, states and other names a type checker knows.

At run time they are an `ApiHandle` and what it gives. Nothing here is of one API: the names come as type arguments.
"""
'''
TYPING = ("Generic", "Literal", "TypeAlias", "TypedDict", "TypeVar", "Unpack", "overload")
VARIABLES = ("Operation", "State", "Outcome", "Resource", "Scenario", "Quirk")
PARTS: Mapping[str, tuple[type, str, str]] = {
    "clock": (SandboxClock, "CheckedClock", "State"),
    "journal": (JournalView, "CheckedJournal", "Operation"),
    "requests": (Requests, "CheckedRequests", "Operation"),
}
"""What an API's handle has: the class, its name in the stub, and the names it takes."""
FILTER = f"Checked{EntryFilter.__name__}"
TAKEN = {"operation": f"Operation | {literal([MEDIA])} | None"}  # of the selector, where a contract's names are meant


def checked() -> str:
    """`mockserver/steering/checked.pyi`."""
    own = methods_of(ApiHandle, without="fault")
    parts = [HEAD.format(command=COMMAND, fresh=HELD) + DOCSTRING, *_imports(own), ""]
    parts += [f'{name} = TypeVar("{name}", bound=str)' for name in VARIABLES]
    parts += ["", alias("FaultName", CATALOGUE), "", *_selector(), f"\nclass {FILTER}(TypedDict, total=False):"]
    parts += [
        f"    {name}: {'FaultName | None' if name == 'fault' else kind}" for name, kind in _annotations(EntryFilter)
    ]
    for kind, name, variable in PARTS.values():
        parts.append(f"\nclass {name}({kind.__name__}, Generic[{variable}]):")
        parts += map(method_text, methods_of(kind))
    parts.append(f"\nclass CheckedHandle(ApiHandle, Generic[{', '.join(VARIABLES)}]):")
    parts += [f"    {attribute}: {name}[{variable}]" for attribute, (_, name, variable) in PARTS.items()]
    parts += [*map(method_text, own), *_overloads()]
    return "\n".join(parts) + "\n"


def _imports(own: Iterable[Method]) -> Iterator[str]:
    kinds = [kind for kind, _, _ in PARTS.values()]
    methods: list[Method] = [*own, ApiHandle.fault, JournalView.filter]
    methods += (each for kind in kinds for each in methods_of(kind))
    yield f"from typing import {', '.join(TYPING)}"
    yield from (f"from {kind.__module__} import {kind.__name__}" for kind in (ApiHandle, *kinds))
    yield from imports_for(methods, (*TYPING, *VARIABLES, "FaultName", FILTER))


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
