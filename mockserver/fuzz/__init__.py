"""Contract fuzzing: every answer of a server is one that its contract allows, however it is asked.

Schemathesis asks and judges; it is imported when a run begins. Knows the server in this process, and live ones.
"""

from __future__ import annotations

from mockserver.clock import monotonic
from mockserver.contract import Contract
from mockserver.errors import UsageError
from mockserver.fuzz.found import FuzzFailure, FuzzResult
from mockserver.fuzz.journeys import walk
from mockserver.fuzz.options import PHASES, FuzzOptions, Progress
from mockserver.fuzz.report import exempted, junit, replay, table
from mockserver.live import Live, check_operations


def fuzz(
    contract: Contract,
    options: FuzzOptions | None = None,
    *,
    live: Live | None = None,
    progress: Progress | None = None,
) -> FuzzResult:
    """Run Schemathesis over a contract and say what was found.

    Asks a server of its own in this process, or the one `live` leads to. `progress` is told a sentence now and then.
    Raises UsageError when the extra `fuzz` is not installed, or for operations the contract lacks.
    """
    options = options or FuzzOptions()
    check_operations(contract, options.operations)
    try:
        from mockserver.fuzz.engine import run
    except ModuleNotFoundError as error:
        raise UsageError(
            f"fuzzing needs {error.name}, which is not installed: pip install 'mockserver-kit[fuzz]'"
        ) from None
    progress = progress or (lambda text: None)
    until = None if options.max_seconds is None else monotonic() + options.max_seconds
    if live is not None:
        live.until = until
    found = run(contract, options, live, progress)
    if "journeys" in options.phases:
        walk(found, options, live, progress, until)
    return found


__all__ = [
    "PHASES",
    "FuzzFailure",
    "FuzzOptions",
    "FuzzResult",
    "Progress",
    "exempted",
    "fuzz",
    "junit",
    "replay",
    "table",
]
