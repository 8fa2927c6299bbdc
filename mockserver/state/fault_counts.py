"""What armed faults of one API did, in this process. Knows no fault but by its record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mockserver.bounds import FAULTS_COUNT, FORESEEN
from mockserver.state.records import ArmedFault, FaultUses


class FaultCounts:
    """The uses of faults, by id; of those that are armed no more the last ones."""

    def __init__(self) -> None:
        self._uses: dict[str, FaultUses] = {}
        self._armed: dict[str, ArmedFault] = {}

    def have(self, faults: Iterable[ArmedFault]) -> None:
        """These are armed from now on."""
        self._armed = {armed.id: armed for armed in faults}
        for armed in self._armed.values():
            self._uses.setdefault(armed.id, armed.before)
        over = [fault for fault in self._uses if fault not in self._armed]
        for fault in over[: max(0, len(over) - FAULTS_COUNT)]:
            del self._uses[fault]

    def of(self, fault: str) -> FaultUses:
        """What became of a fault."""
        return self._uses.get(fault, FaultUses())

    def count(self, faults: Sequence[str]) -> Sequence[FaultUses | None]:
        """One more request fits each of these."""
        return [self._counted(fault) if fault in self._armed else None for fault in faults]

    def _counted(self, fault: str) -> FaultUses:
        uses = self._uses[fault]
        self._uses[fault] = uses = uses._replace(seen=uses.seen + 1)
        return uses

    def take(self, fault: str) -> FaultUses | None:
        """It takes effect once more, where it may."""
        armed = self._armed.get(fault)
        if armed is None:
            return None
        uses, at_once = self._uses[fault], armed.selector.get("at_once")
        if self._is_used_up(armed, uses) or (at_once is not None and uses.active >= at_once):
            return None
        self._uses[fault] = uses = uses._replace(applied=uses.applied + 1, active=uses.active + 1)
        return uses

    def left(self) -> tuple[ArmedFault, ...]:
        """Those that are not used up."""
        return tuple(armed for armed in self._armed.values() if not self._is_used_up(armed, self._uses[armed.id]))

    def _is_used_up(self, armed: ArmedFault, uses: FaultUses) -> bool:
        return armed.most is not None and uses.applied >= armed.most

    def release(self, fault: str) -> None:
        """The request on which it took effect is over."""
        uses = self._uses.get(fault)
        if uses is not None:
            self._uses[fault] = uses._replace(active=max(0, uses.active - 1))

    def draw(self, fault: str, what: str) -> int:
        """The number of the next draw for a purpose."""
        uses = self.of(fault)
        n = uses.drawn.get(what, -1) + 1
        if fault in self._uses:
            self._uses[fault] = uses._replace(drawn={**uses.drawn, what: n})
        return n

    def foresee(self, fault: str, is_late: bool) -> bool:
        """A silence is passed by a client itself; False when there are too many."""
        uses = self.of(fault)
        if len(uses.foreseen) >= FORESEEN:
            return False
        if fault in self._uses:
            self._uses[fault] = uses._replace(foreseen=(*uses.foreseen, is_late))
        return True

    def meet_foreseen(self, fault: str) -> bool | None:
        """Whether the next silence that was foreseen outlasts its client; None when none was."""
        uses = self.of(fault)
        if not uses.foreseen:
            return None
        self._uses[fault] = uses._replace(foreseen=uses.foreseen[1:])
        return uses.foreseen[0]
