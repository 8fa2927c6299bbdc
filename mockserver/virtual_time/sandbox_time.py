"""What virtual time needs to know of a sandbox, and the error raised when its clock runs away."""

from __future__ import annotations

from typing import Protocol

__tracebackhide__ = True

LIMIT = 7 * 86_400.0  # virtual seconds in one context


class SandboxTime(Protocol):
    """The time of one sandbox, as seen from any thread except that of the server's loop."""

    def now(self) -> float:
        """Seconds since 1970; cheap, thread-safe."""
        ...

    def advance(self, seconds: float) -> None:
        """Move the clock and deliver the webhooks that fall due; blocks until they are delivered."""
        ...

    def in_flight(self) -> int:
        """Requests being answered at this moment, those that are held back apart."""
        ...

    def held(self) -> tuple[int, float | None] | None:
        """How many requests are held back until a moment, and the next of these moments; None where none ever is."""
        ...


class ClockRanAway(BaseException):
    """The code under test slept past the limit of virtual time; the message names the file and line that sleeps.

    Not an `Exception`, on purpose: a poller that survives every `Exception` would go on for ever.
    """

    @classmethod
    def at(cls, where: str, limit: float = LIMIT) -> ClockRanAway:
        """The error for a sleep at `where` (`file:line`)."""
        return cls(
            f"{where}: this sleep would take the sandbox's clock more than {_told(limit)} "
            "past the start of the test: what it waits for never comes, and it has no time-out"
        )


def _told(seconds: float) -> str:
    return f"{seconds / 86_400:g} days" if seconds >= 86_400 else f"{seconds:g} seconds"
