"""What a client may send and how long it may take. Knows no API: refusals are worded by a callback."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.wire.refusal import Refuse, refuse_in_plain_text


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one server. Seconds are real seconds, on the loop's own monotonic time.

    `refuse(path, host, origin, status, why)` gives status, headers and body of a refusal; the first three are empty
    when the request has none, or was too broken to have any. Length and `Connection: close` are added to the answer.
    """

    header_bytes: int = 64 * 1024
    head_seconds: float = 10.0
    idle_seconds: float = 60.0
    body_seconds: float = 30.0
    refuse: Refuse = refuse_in_plain_text

    def shortest(self) -> float:
        return min(self.head_seconds, self.idle_seconds, self.body_seconds)
