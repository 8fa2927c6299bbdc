"""How jobs of the home in this process are looked up and listed; see `port`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver.state.part import Part
from mockserver.state.records import Named, PageOf
from mockserver.store import Job, Owner


class ReadJobs:
    """A part of `Memory`."""

    parts: dict[str, Part]

    async def look_up(self, api: str, ids: Sequence[str]) -> Mapping[str, Named]:
        store = self.parts[api].store
        return {each: Named(store.get(each), store.produced(each)) for each in ids}

    async def page(self, api: str, page: PageOf) -> tuple[Sequence[Job], Job | None]:
        return self.parts[api].store.page(*page)

    async def count(self, api: str, owner: Owner) -> int:
        return self.parts[api].store.count(owner)

    async def newest(self, api: str, limit: int) -> Sequence[Job]:
        return self.parts[api].store.newest(limit)
