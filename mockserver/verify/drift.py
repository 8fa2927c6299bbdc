"""What differs between a server and its contract: one record a difference, and whose fault it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from mockserver import pointers
from mockserver.contract import Contract

Kind = Literal[
    "unknown_field", "missing_field", "new_enum_value", "other_value", "other_type", "other_status",
    "other_media_type", "missing_header", "other_header", "refused", "accepted", "broken_link", "no_limit",
]  # fmt: skip
Judgement = Literal["contract too strict", "contract too loose", "server broke its promise"]
STRICT: Judgement = "contract too strict"
LOOSE: Judgement = "contract too loose"
BROKEN: Judgement = "server broke its promise"


@dataclass(frozen=True, slots=True)
class Drift:
    """`at` is the place in the answer (a JSON pointer or a header), `pointer` the place in the contract."""

    kind: Kind
    judgement: Judgement
    operation: str
    at: str
    pointer: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.sentence} [{self.kind}, {self.judgement}]\n    {self.pointer}"


@dataclass
class Report:
    """All that a walk found; `answered` counts by operation and example, `notes` say what was not walked and why."""

    contract: Contract
    drifts: dict[tuple[str, str, str, str], Drift] = field(default_factory=dict)
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    requests: int = 0

    def add(self, drift: Drift) -> None:
        """The same difference is told once an operation."""
        self.drifts.setdefault((drift.kind, drift.operation, drift.at, drift.pointer), drift)

    def note(self, text: str) -> None:
        """Something could not be walked."""
        if text not in self.notes:
            self.notes.append(text)


def broken(contract: Contract, pointer: str) -> Judgement:
    """Whose fault it is that a promise is not kept: a guess of the contract's is no promise of the server's.

    The nearest `x-evidence` at or above `pointer` says what the contract knows and what it assumes.
    """
    parts = pointers.split(pointer)
    for depth in range(len(parts), 0, -1):
        node = pointers.get(contract.document, pointers.join("", *parts[:depth]))
        if isinstance(node, dict) and "x-evidence" in node:
            return STRICT if node["x-evidence"] in ("assumed", "observed") else BROKEN
    return BROKEN
