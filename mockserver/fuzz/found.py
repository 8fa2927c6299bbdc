"""What a run has found. Judges whether it proved anything; knows no engine."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from mockserver.contract import Contract


@dataclass(frozen=True, slots=True)
class FuzzFailure:
    """One kind of failure of one operation: the check, the phase, what was told, and the request as a command."""

    check: str
    operation: str
    phase: str
    told: str
    command: str


@dataclass
class FuzzResult:
    """What a run has found; `answered` counts status codes by operation id, `seconds` are real ones.

    `asked` are the operations that the engine asked, `walked` those that answered a journey with success.
    """

    contract: Contract
    answered: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    failures: dict[tuple[str, str], FuzzFailure] = field(default_factory=dict)
    phases: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    exempted: Counter[str] = field(default_factory=Counter)
    asked: frozenset[str] = frozenset()
    walked: frozenset[str] = frozenset()
    out_of_time: bool = False
    withheld: int = 0
    seconds: float = 0.0

    def checks(self) -> set[str]:
        """The names of the checks that failed."""
        return {check for check, _ in self.failures}

    def unanswered(self) -> list[str]:
        """The operations that were asked but never answered with success; signed ones cannot be asked rightly."""
        signed = {o.id for o in self.contract.operations.values() if o.security.kind == "signed"}
        never = [o for o in sorted(self.asked - signed - self.walked) if not any(s < 300 for s in self.answered[o])]
        return [] if self.out_of_time or self.withheld else never

    def skipped(self) -> list[str]:
        """The phases that did not run, with the reason."""
        return [f"{name}: {why}" for name, why in self.phases.items() if why]

    def obstacles(self) -> list[str]:
        """Why the run could not go on, or had nothing to do."""
        return [
            *self.errors,
            *([] if self._was_asked() else ["nothing was asked: the phases and operations leave nothing to do"]),
            *([] if self.out_of_time else [f"the phase {each}" for each in self.skipped()]),
        ]

    def complaints(self) -> list[str]:
        """Why the run proved too little, or could not go on."""
        never = (f"{operation} was never answered with success" for operation in self.unanswered())
        return [*self.obstacles(), *never]

    def _was_asked(self) -> bool:
        return bool(self.asked or self.walked or self.failures or self.errors or self.out_of_time or self.withheld)

    @property
    def is_good(self) -> bool:
        """Whether nothing failed and enough was asked."""
        return not self.failures and not self.complaints()
