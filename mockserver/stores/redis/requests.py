"""What a home on an engine does with whole requests; see `request_port`."""

from __future__ import annotations

from mockserver.request_log import KeptRequest
from mockserver.state.request_port import RequestPage
from mockserver.stores.redis.calls import Calls
from mockserver.stores.redis.codec import read, written


class RequestCalls(Calls):
    """A part of `RedisState`."""

    def keep_request(self, request: KeptRequest) -> None:
        self.tell("keep", request.id, request.part, request.weight, request.api, written(request))

    async def requests(self, after: int, most: int, api: str) -> RequestPage:
        found, first, newest, dropped = await self.ask("requests", after, most, api)
        kept = [read(KeptRequest, each.rpartition(b"\1")[2])._replace(n=n) for n, each in found]
        return RequestPage(kept, first, newest, dropped)
