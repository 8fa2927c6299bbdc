"""What came of one attempt to deliver a webhook. Knows neither sockets nor clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AttemptHeaders = tuple[tuple[str, str], ...]
AttemptOutcome = Literal["delivered", "refused", "timeout", "unreachable", "blocked", "tls"]


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """One attempt, as it goes into the journal.

    `outcome`: delivered (2xx), refused (any other status, redirects too), timeout, unreachable (no
    connection, or no HTTP answer on it), blocked (never dialed) or tls (no trust). `sentence` says why, in
    words for the reader of a journal. `status` is None when no head of an answer arrived; `request_headers`
    are those that went out, in order, and empty for a blocked attempt; `response_body` is its first 64 KiB.
    `at` is the time on the clock of whoever asked for the attempt; he sets it.
    """

    url: str
    outcome: AttemptOutcome
    sentence: str
    request_headers: AttemptHeaders = ()
    request_body: bytes = b""
    status: int | None = None
    response_headers: AttemptHeaders = ()
    response_body: bytes = b""
    at: float | None = None
