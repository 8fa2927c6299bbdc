"""Contract fuzzing: every answer of a server is one that its contract allows, however it is asked.

Schemathesis asks and judges; it is imported when a run begins. Knows the server in this process, and live ones.
"""

from __future__ import annotations

from mockserver.contract import Contract
from mockserver.errors import UsageError
from mockserver.fuzz.found import Failure, Found
from mockserver.fuzz.journeys import walk
from mockserver.fuzz.options import PHASES, Options, Progress
from mockserver.fuzz.shown import junit, replay, table
from mockserver.live import Live


def fuzz(
    contract: Contract, options: Options | None = None, *, live: Live | None = None, progress: Progress | None = None
) -> Found:
    """Run Schemathesis over a contract and say what was found.

    Asks a server of its own in this process, or the one `live` leads to. `progress` is told a sentence now and then.
    Raises UsageError when the extra `fuzz` is not installed, or for operations the contract lacks.
    """
    options = options or Options()
    unknown = [name for name in options.operations if name not in contract.operations]
    if unknown:
        raise UsageError(f"{contract.name} has no operation {unknown[0]!r}; it has: {', '.join(contract.operations)}")
    try:
        from mockserver.fuzz.engine import run
    except ModuleNotFoundError as error:
        raise UsageError(
            f"fuzzing needs {error.name}, which is not installed: pip install 'mockserver-kit[fuzz]'"
        ) from None
    progress = progress or (lambda text: None)
    found = run(contract, options, live, progress)
    if "journeys" in options.phases:
        walk(found, options, live, progress)
    return found


__all__ = ["PHASES", "Failure", "Found", "Options", "Progress", "fuzz", "junit", "replay", "table"]
