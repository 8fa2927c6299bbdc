"""What a home on an engine does for armed faults; see `fault_port`."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.state.records import FaultUses
from mockserver.stores.redis.ends import EndCalls
from mockserver.stores.redis.values import uses_of

NONE_FORESEEN = 2


class FaultCalls(EndCalls):
    """A part of `RedisState`."""

    async def count_faults(self, api: str, generation: int, faults: Sequence[str]) -> Sequence[FaultUses | None]:
        return [*map(uses_of, await self.ask("faults", "count", api, generation, *faults))]

    async def take_fault(self, api: str, generation: int, fault: str) -> FaultUses | None:
        answer = await self.ask("fault", "take", api, generation, self.worker.name, fault)
        return None if answer == 0 else uses_of(answer)

    def release_fault(self, api: str, generation: int, fault: str, use: int) -> None:
        self._end(("R", api, fault, generation, use))

    async def draw_fault(self, api: str, generation: int, fault: str, what: str) -> int:
        number: int = await self.ask("fault", "draw", api, generation, self.worker.name, fault, what)
        return number

    async def foresee(self, api: str, generation: int, fault: str, is_late: bool) -> bool:
        return bool(await self.ask("fault", "foresee", api, generation, self.worker.name, fault, int(is_late)))

    async def meet_foreseen(self, api: str, generation: int, fault: str) -> bool | None:
        answer = await self.ask("fault", "meet", api, generation, self.worker.name, fault)
        return None if answer == NONE_FORESEEN else bool(answer)

    async def fault_uses(self, api: str, faults: Sequence[str]) -> Sequence[FaultUses]:
        answer = await self.ask("faults", "uses", api, 0, *faults)
        return [uses_of(word) or FaultUses() for word in answer]
