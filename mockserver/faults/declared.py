"""The faults that a contract names: each must exist, and be able to take effect where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract
from mockserver.errors import Finding, UsageError
from mockserver.faults.base import Fault
from mockserver.faults.catalogue import SELECTOR, fault_of
from mockserver.faults.selector import Selector
from mockserver.faults.uses import check_use
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.rules import Match

UNKNOWN = frozenset({"job", "account"})  # ids are made while a server runs
LISTED = "`mockserver faults` lists what each takes."


def mistakes(contract: Contract) -> list[Finding]:
    """Every mistake in the faults that a contract names."""
    source = Source(contract.name, {}, {})
    for name, scenario in contract.scenarios.items():
        for index, data in enumerate(scenario.faults):
            at = pointers.join("/scenarios", name, "faults", str(index))
            _judge_played(source, contract, at, data)
    for match in contract.matches:
        if match.fault is not None:
            _judge_matched(source, contract, match.pointer, match, match.fault)
    return source.findings


def _judge_played(source: Source, contract: Contract, at: str, data: Mapping[str, Any]) -> None:
    for word in sorted(UNKNOWN & set(data)):
        sentence = f"{word} wants an id, and a contract knows none."
        source.say(BEHAVIOR, f"{at}/{word}", sentence, "Leave it out, or arm the fault while the server runs.")
    if "ttl" in data:
        sentence = "the faults of a scenario stay until another one is played."
        source.say(BEHAVIOR, f"{at}/ttl", sentence, "Leave it out, or write for_seconds.")
    _judge(source, contract, at, data, [data.get("operation")])


def _judge_matched(source: Source, contract: Contract, at: str, match: Match, data: Mapping[str, Any]) -> None:
    for word in sorted(SELECTOR & set(data)):
        sentence = f"{word} has no meaning here: the fault meets the request that holds the value, and no other."
        source.say(BEHAVIOR, f"{at}/fault/{word}", sentence, "Leave it out.")
    creating = [n for n in sorted(match.operations) if contract.operations[n].verb == "create"]
    for name in sorted(match.operations.difference(creating)):
        sentence = f"{name} creates nothing, and a request's own words are heard when something is created."
        source.say(BEHAVIOR, f"{at}/operations", sentence, "Leave it out.")
    fault = _judge(source, contract, f"{at}/fault", {k: v for k, v in data.items() if k not in SELECTOR}, creating)
    if fault is not None and not fault.on_create:
        sentence = f"the fault {fault.name} acts on other requests than the one that creates."
        source.say(BEHAVIOR, f"{at}/fault/fault", sentence, "Name another one, or put it into a scenario.")


def _judge(
    source: Source, contract: Contract, at: str, data: Mapping[str, Any], operations: Iterable[str | None]
) -> Fault | None:
    """The fault, or None and why it cannot be; whether it can take effect on each of the operations."""
    try:
        fault, _ = fault_of(data)
    except UsageError as error:
        _say(source, at, error)
        return None
    for name in operations:
        try:
            check_use(contract, fault, Selector(operation=name))
        except UsageError as error:
            _say(source, at, error)
    return fault


def _say(source: Source, at: str, error: UsageError) -> None:
    sentence, _, remedy = str(error).partition("; ")
    place = pointers.join(at, error.field) if error.field else at
    remedy += "" if remedy.endswith("?") else "."
    source.say(BEHAVIOR, place, f"{sentence}.", f"{remedy[0].upper()}{remedy[1:]}" if remedy != "." else LISTED)
