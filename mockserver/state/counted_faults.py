"""What the home in this process does for the faults that are armed; see `fault_port`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from mockserver.errors import Overtaken
from mockserver.state.configuration import Configuration
from mockserver.state.part import ApiPart
from mockserver.state.records import FaultUses


class CountedFaults(ABC):
    """A part of `Memory`."""

    configured: Configuration
    parts: dict[str, ApiPart]
    _why: str

    @abstractmethod
    def put(self, configuration: Configuration) -> bool:
        """Keep the next revision of what control switched."""

    def _book(self, api: str, generation: int) -> ApiPart:
        if generation != self.configured.generation:
            raise Overtaken(self._why)
        return self.parts[api]

    async def count_faults(self, api: str, generation: int, faults: Sequence[str]) -> Sequence[FaultUses | None]:
        return self._book(api, generation).faults.count(faults)

    async def take_fault(self, api: str, generation: int, fault: str) -> FaultUses | None:
        counts = self._book(api, generation).faults
        uses, armed = counts.take(fault), counts.left()
        if uses is not None and len(armed) < len(self.configured.apis[api].faults):
            self.put(self.configured.with_api(api, faults=armed))
        return uses

    def release_fault(self, api: str, generation: int, fault: str, use: int) -> None:
        if generation == self.configured.generation:
            self.parts[api].faults.release(fault)

    async def draw_fault(self, api: str, generation: int, fault: str, what: str) -> int:
        return self._book(api, generation).faults.draw(fault, what)

    async def foresee(self, api: str, generation: int, fault: str, is_late: bool) -> bool:
        return self._book(api, generation).faults.foresee(fault, is_late)

    async def meet_foreseen(self, api: str, generation: int, fault: str) -> bool | None:
        return self._book(api, generation).faults.meet_foreseen(fault)

    async def fault_uses(self, api: str, faults: Sequence[str]) -> Sequence[FaultUses]:
        return [*map(self.parts[api].faults.of, faults)]
