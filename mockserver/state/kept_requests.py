"""How the home in this process keeps whole requests; see `request_port`."""

from __future__ import annotations

from mockserver.request_log import KeptRequest, RequestLog
from mockserver.state.request_port import RequestPage


class KeptRequests:
    """A part of `Memory`; without `request_log` none are kept."""

    request_log: RequestLog | None = None

    def keep_request(self, request: KeptRequest) -> None:
        if self.request_log is not None:
            self.request_log.keep(request)

    async def requests(self, after: int, most: int, api: str) -> RequestPage:
        log = self.request_log
        return RequestPage((), 1, 0, 0) if log is None else RequestPage(
            log.page(after, most, api), log.first, log.newest, log.dropped
        )  # fmt: skip
