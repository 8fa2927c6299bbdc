"""What snapshots take of the home in this process, and put there; see `snapshot_port`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver.draws import Draws
from mockserver.state.part import ApiPart
from mockserver.state.snapshot_port import Remainder


class PassedOn:
    """A part of `Memory`."""

    draws: Draws
    parts: dict[str, ApiPart]

    async def reserve(self, purposes: Sequence[str]) -> Sequence[int]:
        return self.draws.numbers(purposes)

    async def drawn(self) -> Mapping[str, int]:
        return self.draws.counts()

    async def draw_on(self, counts: Mapping[str, int]) -> None:
        self.draws.go_on(counts)

    async def remainder(self, api: str) -> Remainder:
        part = self.parts[api]
        return Remainder([*part.limiter.windows()], part.keys.saved(), part.store.number)

    async def go_on(self, api: str, remainder: Remainder) -> None:
        part = self.parts[api]
        part.limiter.go_on(remainder.windows)
        part.keys.go_on(remainder.keys)
