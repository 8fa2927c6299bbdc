"""The part of the state's port that keeps whole requests for the test that asked for them. Secrets stay in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from mockserver.request_log import KeptRequest


class RequestPage(NamedTuple):
    """Some requests, oldest first; the numbers of the oldest that is kept and of the newest, and how many made room."""

    requests: Sequence[KeptRequest]
    first: int
    newest: int
    dropped: int


class RequestState(Protocol):
    """Of a sandbox that was made to keep them."""

    def keep_request(self, request: KeptRequest) -> None:
        """A request has begun (`part` 0), or has come further. This is never waited for.

        The home gives it a number when it is first told of it. What made room is kept no more, whatever is told of it.
        """

    async def requests(self, after: int, most: int, api: str) -> RequestPage:
        """Those behind a number, of one API (empty: of all): as many as take so many bytes, or one that takes more."""
