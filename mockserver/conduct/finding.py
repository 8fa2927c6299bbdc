"""What a rule of conduct found, and how rules read a journal."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mockserver.clock import iso_ms
from mockserver.contract import Contract, Operation
from mockserver.journal import JournalEntry

if TYPE_CHECKING:
    from mockserver.faults import Fault


@dataclass(frozen=True, slots=True)
class ConductFinding:
    """One lapse. `entries` are numbers in the journal, `times` theirs in the sandbox, `numbers` what was measured."""

    rule: str
    api: str
    operation: str
    sentence: str
    remedy: str
    entries: tuple[int, ...]
    times: tuple[float, ...]
    job: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "rule": self.rule,
            "api": self.api,
            "operation": self.operation,
            "job": self.job,
            "sentence": self.sentence,
            "remedy": self.remedy,
            "entries": [*self.entries],
            "times": [iso_ms(moment) for moment in self.times],
            "numbers": {**self.numbers},
        }


def finding(
    rule: str, evidence: Sequence[JournalEntry], sentence: str, remedy: str, **numbers: float
) -> ConductFinding:
    """A finding about what the last entry of its evidence asked for."""
    last = evidence[-1]
    return ConductFinding(
        rule,
        last.api,
        last.operation,
        sentence,
        remedy,
        tuple(entry.n for entry in evidence),
        tuple(entry.at for entry in evidence),
        last.job,
        {name: round(value, 3) for name, value in numbers.items()},
    )


def groups(entries: Iterable[JournalEntry], key: Callable[[JournalEntry], Hashable]) -> list[list[JournalEntry]]:
    """Entries that belong together, in the order of their first ones."""
    found: dict[Hashable, list[JournalEntry]] = {}
    for entry in entries:
        found.setdefault(key(entry), []).append(entry)
    return list(found.values())


def pauses(entries: Sequence[JournalEntry]) -> list[float]:
    """The seconds between one entry and the next."""
    return [after.at - before.at for before, after in pairwise(entries)]


def operation_of(contract: Contract, entry: JournalEntry) -> Operation | None:
    """What was asked for; None for paths no operation answers and for media."""
    return contract.operations.get(entry.operation)


def seconds(value: float) -> str:
    """A duration as people read it: to the millisecond."""
    return f"{round(value, 3):g} s"


def verb_of(contract: Contract, entry: JournalEntry) -> str:
    """The verb of what was asked for; "" for none."""
    operation = operation_of(contract, entry)
    return "" if operation is None else operation.verb


def faults_of(entry: JournalEntry) -> list[type[Fault]]:
    """The faults that were applied to an entry."""
    named = (entry.extra or {}).get("fault")
    if not named:
        return []
    from mockserver.faults import CATALOGUE  # dozens of dataclasses, which most runs never need

    return [CATALOGUE[name] for name in named.split(", ") if name in CATALOGUE]


def same_caller(one: JournalEntry, other: JournalEntry) -> bool:
    """Whether two requests may come from one account: refused ones do not say from which they came."""
    return one.account == other.account or not one.account or not other.account
