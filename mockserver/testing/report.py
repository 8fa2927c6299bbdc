"""What happened, in words: in a sandbox (its clock, its seed, what was asked and answered), and in a whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from mockserver.errors import MockserverError, is_on_purpose
from mockserver.shares import line_of
from mockserver.steering import SandboxHandle
from mockserver.steering import shown as lines_of
from mockserver.testing.findings import Findings

__tracebackhide__ = is_on_purpose
MOST_NEVER_SEEN = 3


def report_text(
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
        lines = lines_of(found if most is None else found[-most:])
    except MockserverError as error:
        lines = f"not to be had: {error}"
    return f"sandbox {sandbox.name}{clock}\nseed {sandbox.seed!r}{more}\n{lines}\n"


def coverage_lines(findings: Findings) -> Iterator[str]:
    """How much each API that was used at all has shown of what its calls can meet, and the first that it has not."""
    for api, shown in sorted(findings.coverage().items()):
        if shown["called"]:
            never = [f"{each['operation']} {each['status']} {each['example']}" for each in shown["unseen"]]
            yield line_of(api, shown) + (f"; never: {_cut(never)}" if never else "")


def _cut(missing: Sequence[str]) -> str:
    more = len(missing) - MOST_NEVER_SEEN
    return ", ".join(missing[:MOST_NEVER_SEEN]) + (f" and {more} more" if more > 0 else "")
