"""Faults of a snapshot: those that are armed, with their counts, and those that took hold of something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from mockserver.contract import Contract
from mockserver.errors import UsageError
from mockserver.faults import Fault, Selector, check_use, fault_of_json
from mockserver.snapshots.places import SnapshotPlace

Kind = TypeVar("Kind", bound=Fault)


@dataclass(frozen=True, slots=True)
class ArmedRecord:
    """A fault that waits for its requests."""

    id: str
    fault: Fault
    selector: Selector
    since: float
    left: int | None
    scenario: bool
    seen: int
    applied: int
    drawn: Mapping[str, int]


def armed_of(place: SnapshotPlace, contract: Contract, now: float) -> ArmedRecord:
    """An armed fault. Raises RequestError for one that can never take effect with the contract."""
    said = place.value
    fault, selector = _fault(place["fault"])
    with place["fault"].judged():
        check_use(contract, fault, selector)
    if said["since"] > now:
        place["since"].refuse("it was armed later than the clock says")
    counts = (said["left"], said["scenario"], said["seen"], said["applied"], said["drawn"])
    return ArmedRecord(said["id"], fault, selector, float(said["since"]), *counts)


def fault_at(place: SnapshotPlace, kind: type[Kind]) -> Kind:
    """A fault that took hold of something, which is of a kind. Raises RequestError."""
    fault, _ = _fault(place)
    if not isinstance(fault, kind):
        place.refuse(f"{fault.name} takes hold of nothing here")
    return fault


def _fault(place: SnapshotPlace) -> tuple[Fault, Selector]:
    try:
        fault, selector = fault_of_json(place.value)
    except UsageError as error:
        place.blamed(error)
    return fault, selector if "ttl" in place.value else replace(selector, ttl=None)
