"""The part of the state's port by which snapshots are taken and restored: what no request reads as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from mockserver.state.records import KeyName, KeyUse

WindowHits = tuple[str, str, float, float]
"""Of which limit, whose, when it ends, and how many hits it had."""


class Remainder(NamedTuple):
    """Of one API: the windows of its limits, how its idempotency keys were used, oldest first; how many jobs it has."""

    windows: Sequence[WindowHits]
    keys: Sequence[tuple[KeyName, KeyUse]]
    jobs: int = 0


class SnapshotState(Protocol):
    """See `snapshots`."""

    async def drawn(self) -> Mapping[str, int]:
        """How many numbers were drawn for each purpose."""

    async def draw_on(self, counts: Mapping[str, int]) -> None:
        """Draw from now on as if so many numbers had been drawn for each purpose."""

    async def remainder(self, api: str) -> Remainder:
        """What is kept of an API that no other call gives whole; keys whose requests are under way are not among it."""

    async def go_on(self, api: str, remainder: Remainder) -> None:
        """Count on in these windows, and answer alike under these keys."""
