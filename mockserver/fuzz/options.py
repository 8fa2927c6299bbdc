"""How a run goes: how much, which parts, from which seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ENGINE = ("examples", "coverage", "fuzzing", "stateful")
PHASES = ("journeys", *ENGINE)
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class FuzzOptions:
    """The phase `journeys` walks the contract as `verify` does; the others are Schemathesis'.

    `max_examples` per operation and phase, `max_seconds` for the whole run; `operations` () means all.
    `step` is the seconds that a request takes on the in-process server's clock, so that jobs are met in every state.
    """

    seed: int = 1
    max_examples: int = 25
    max_seconds: int | None = None
    phases: tuple[str, ...] = PHASES
    operations: tuple[str, ...] = ()
    step: float = 1.5
