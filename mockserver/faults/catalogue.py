"""The closed catalogue of faults, and the way from JSON to one of them. Knows no sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from types import ModuleType
from typing import Any

from mockserver.docstrings import docstring
from mockserver.errors import UsageError
from mockserver.faults import answers, bodies, clocks, cuts, framing, jobs, pace, results, webhooks
from mockserver.faults.base import Fault, JobFault
from mockserver.faults.parameters import defaults_of, read, schema_of, type_in_words, types_of
from mockserver.faults.selector import Selector
from mockserver.store import Attachment
from mockserver.suggestions import hint

_ROOMS = (clocks, jobs, results, answers, bodies, pace, cuts, framing, webhooks)


def _faults_in(room: ModuleType) -> Iterator[type[Fault]]:
    """The faults that a module defines, in the order of its text: whatever has a name; base classes have none."""
    for member in vars(room).values():
        if (
            isinstance(member, type)
            and issubclass(member, Fault)
            and member.__module__ == room.__name__
            and member.name
        ):
            yield member


CATALOGUE: Mapping[str, type[Fault]] = {kind.name: kind for room in _ROOMS for kind in _faults_in(room)}
SELECTOR = frozenset(types_of(Selector))


def kind_of(name: Any) -> type[Fault]:
    """The class of a fault. Raises UsageError for a name the catalogue does not have."""
    found = CATALOGUE.get(name) if isinstance(name, str) else None
    if found is None:
        near = hint(name, CATALOGUE, "`mockserver faults` lists them")
        raise UsageError(f"there is no fault {name!r:.80}; {near}", field="fault")
    return found


def fault_of(data: Mapping[str, Any]) -> tuple[Fault, Selector]:
    """`{"fault": name, …parameters, …selector}` → a fault and its selector. Raises UsageError."""
    kind = kind_of(data.get("fault"))
    selection = {name: value for name, value in data.items() if name in SELECTOR}
    parameters = {name: value for name, value in data.items() if name not in SELECTOR and name != "fault"}
    for name in parameters:
        if name not in types_of(kind):
            near = hint(name, (*types_of(kind), *types_of(Selector)))
            raise UsageError(f"the fault {kind.name} has no parameter {name!r}; {near}", field=name)
    return read(kind, parameters), read(Selector, selection)


def fault_of_json(data: Mapping[str, Any]) -> tuple[Fault, Selector]:
    """As `fault_of`, of JSON, which knows one kind of number: 2.0 is 2."""
    return fault_of({name: int(v) if isinstance(v, float) and v.is_integer() else v for name, v in data.items()})


def attachment(fault: Fault, since: float) -> Attachment:
    """A fault as a value that can be kept with what it took hold of."""
    return Attachment(fault.name, {field.name: getattr(fault, field.name) for field in fields(fault)}, since)


def attached(record: Attachment) -> Fault:
    """The fault that was kept so."""
    return CATALOGUE[record.name](**record.parameters)


def job_fault(record: Attachment) -> JobFault:
    """The same of one that took hold of a job."""
    fault = attached(record)
    assert isinstance(fault, JobFault), "no other takes hold of jobs"
    return fault


def check_fault(data: Mapping[str, Any]) -> str | None:
    """What is wrong with a fault in its JSON form; None when nothing is."""
    try:
        fault_of(data)
    except UsageError as error:
        return str(error)
    return None


def schemas_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema of every field of a fault, or of the selector, by name."""
    return {name: schema_of(type_there) for name, type_there in types_of(kind).items()}


def doc_of(kind: Any) -> str:
    """The one line that says what a fault does."""
    return docstring(kind)


def parameters_of(kind: Any) -> dict[str, tuple[Any, str]]:
    """Default and wanted type, by name, of every parameter of a fault."""
    return {name: (default, type_in_words(types_of(kind)[name])) for name, default in defaults_of(kind).items()}
