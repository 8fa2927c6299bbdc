"""The part of the state's port that counts what armed faults do. What is armed is part of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mockserver.state.records import FaultUses


class FaultState(Protocol):
    """Counts by fault. All of it raises Overtaken for a generation that is over; `release_fault` does nothing then."""

    async def count_faults(self, api: str, generation: int, faults: Sequence[str]) -> Sequence[FaultUses | None]:
        """One more request fits each of these; None for one that is armed no more."""

    async def take_fault(self, api: str, generation: int, fault: str) -> FaultUses | None:
        """It takes effect once more; None when others were faster. One that is used up is armed no more."""

    def release_fault(self, api: str, generation: int, fault: str, use: int) -> None:
        """The request on which it took effect for the `use`th time (`applied`) is over. This is never waited for."""

    async def draw_fault(self, api: str, generation: int, fault: str, what: str) -> int:
        """The number of the next draw for a purpose of the fault."""

    async def foresee(self, api: str, generation: int, fault: str, is_late: bool) -> bool:
        """A silence is passed by a client itself, which loses its patience or not; False when there are too many."""

    async def meet_foreseen(self, api: str, generation: int, fault: str) -> bool | None:
        """Whether the next silence that was foreseen outlasts its client; None when none was."""

    async def fault_uses(self, api: str, faults: Sequence[str]) -> Sequence[FaultUses]:
        """What became of faults that are armed, or were until lately."""
