"""What happened in a sandbox, in words: its clock, its seed, what was asked and answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from mockserver.errors import MockserverError, is_on_purpose
from mockserver.steering import SandboxHandle, shown

__tracebackhide__ = is_on_purpose


def told(
    sandbox: SandboxHandle,
    now: Callable[[], float] | None = None,
    entries: Callable[[], Sequence[Any]] | None = None,
    *,
    more: str = "",
    most: int | None = None,
) -> str:
    """The clock `now` and the last `most` of the `entries`, by default the sandbox's own; `more` follows the seed."""
    clock, lines = "", ""
    with suppress(MockserverError):  # one that was closed has an end, but no time
        clock = f", clock {(now or sandbox.clock.now)():.3f}"
    try:
        found = (entries or sandbox.journal.filter)()
        lines = shown(found if most is None else found[-most:])
    except MockserverError as error:
        lines = f"not to be had: {error}"
    return f"sandbox {sandbox.name}{clock}\nseed {sandbox.seed!r}{more}\n{lines}\n"
