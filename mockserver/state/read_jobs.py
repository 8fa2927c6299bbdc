"""How jobs of the home in this process are looked up and listed; see `port`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver.state.part import ApiPart
from mockserver.state.records import NamedJobs, PageOf
from mockserver.store import JobRecord, LockOwner


class ReadJobs:
    """A part of `Memory`."""

    parts: dict[str, ApiPart]

    async def look_up(self, api: str, ids: Sequence[str]) -> Mapping[str, NamedJobs]:
        store = self.parts[api].store
        return {identity: NamedJobs(store.get(identity), store.produced(identity)) for identity in ids}

    async def page(self, api: str, page: PageOf) -> tuple[Sequence[JobRecord], JobRecord | None]:
        return self.parts[api].store.page(*page)

    async def count(self, api: str, owner: LockOwner) -> int:
        return self.parts[api].store.count(owner)

    async def newest(self, api: str, limit: int) -> Sequence[JobRecord]:
        return self.parts[api].store.newest(limit)
