"""What differs between a server and its contract: one record a difference, and whose fault it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from mockserver import pointers
from mockserver.contract import Contract
from mockserver.live import LiveReply

DriftKind = Literal[
    "unknown_field", "missing_field", "new_enum_value", "other_value", "other_type", "other_status",
    "other_media_type", "missing_header", "other_header", "refused", "accepted", "broken_link", "no_limit",
    "unmet_criterion",
]  # fmt: skip
DriftJudgement = Literal["contract too strict", "contract too loose", "server broke its promise"]
DriftKey = tuple[str, str, str, str]
STRICT: DriftJudgement = "contract too strict"
LOOSE: DriftJudgement = "contract too loose"
BROKEN: DriftJudgement = "server broke its promise"


@dataclass(frozen=True, slots=True)
class Drift:
    """`at` is the place in the answer (a JSON pointer or a header), `pointer` the place in the contract.

    `word` is the word of a schema that is broken, `reference` where the last reference on the way to it stands. Where a
    value is as far from one alternative of a schema as from others, `tied` is what it breaks there, and `alternatives`
    where they stand.
    """

    kind: DriftKind
    judgement: DriftJudgement
    operation: str
    at: str
    pointer: str
    sentence: str
    word: str = field(default="", compare=False)
    reference: str = field(default="", compare=False)
    tied: tuple[Drift, ...] = field(default=(), compare=False)
    alternatives: str = field(default="", compare=False)

    @property
    def key(self) -> DriftKey:
        """What it is known by: the same difference is told once an operation, in however many items of a list."""
        at = "/".join("*" if each.isdigit() else each for each in self.at.split("/"))
        return (self.kind, self.operation, at, self.pointer)

    def __str__(self) -> str:
        return f"{self.operation}: {self.sentence} [{self.kind}, {self.judgement}]\n    {self.pointer}"


class CheckedAnswer(NamedTuple):
    """An answer and the examples it was held against; without an operation one of them answers what none takes.

    `shows_state`: it was to be like one of them, in all that no fact is laid over.
    """

    operation: str
    where: str
    names: tuple[str, ...]
    reply: LiveReply
    shows_state: bool = False


_KEPT = 20
"""So many answers of one kind are kept: enough to see what varies."""
_VALUES = 200


@dataclass
class Report:
    """All that a walk found; `answered` counts by operation and example, `notes` say what was not walked and why.

    `exchanges` are answers of each kind, and `seen` the values that a difference was found at.
    """

    contract: Contract
    drifts: dict[DriftKey, Drift] = field(default_factory=dict)
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    requests: int = 0
    exchanges: list[CheckedAnswer] = field(default_factory=list)
    seen: dict[DriftKey, list[Any]] = field(default_factory=dict)
    _kinds: Counter[Any] = field(default_factory=Counter)

    def add(self, drift: Drift, value: Any = pointers.MISSING) -> None:
        """The same difference is told once an operation; `value` is what was seen there this time."""
        self.drifts.setdefault(drift.key, drift)
        several = self.seen.setdefault(drift.key, [])
        if value is not pointers.MISSING and len(several) < _VALUES and not holds(several, value):
            several.append(value)

    def keep(self, exchange: CheckedAnswer, drifts: Iterable[Drift]) -> None:
        """Keep an answer, unless enough of its kind are kept."""
        kind = (*exchange[:3], exchange.reply.status, exchange.shows_state, *sorted(drift.key for drift in drifts))
        self._kinds[kind] += 1
        if self._kinds[kind] <= _KEPT:
            self.exchanges.append(exchange)

    def note(self, text: str) -> None:
        """Something could not be walked."""
        if text not in self.notes:
            self.notes.append(text)


def holds(several: Iterable[Any], value: Any) -> bool:
    """Whether a value is there; true is not 1."""
    return any(type(each) is type(value) and each == value for each in several)


def broken(contract: Contract, pointer: str) -> DriftJudgement:
    """Whose fault it is that a promise is not kept: a guess of the contract's is no promise of the server's.

    The nearest `x-evidence` at or above `pointer` says what the contract knows and what it assumes.
    """
    parts = pointers.split(pointer)
    for depth in range(len(parts), 0, -1):
        node = pointers.get(contract.document, pointers.join("", *parts[:depth]))
        if isinstance(node, dict) and "x-evidence" in node:
            return STRICT if node["x-evidence"] in ("assumed", "observed") else BROKEN
    return BROKEN
