"""Drift: what a live server does otherwise than its contract says, field by field, and whose fault that is.

The ways that are walked are derived from the contract: from verbs, examples, bindings and limits. Knows no API.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from mockserver.contract import Contract
from mockserver.live import Live, Spent, check_operations
from mockserver.verify.drift import Drift, Report
from mockserver.verify.journeys import Journeys
from mockserver.verify.looks import Looks
from mockserver.verify.making import Making
from mockserver.verify.refusals import RefusalWalk
from mockserver.verify.report import report_text
from mockserver.verify.walker import Walker


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """`interval` are the seconds between polls, `longest` those a job may take, `limit` the requests a limit may cost.

    `operations` () means all; others are then asked only on the way to them. `watch` is told what is waited for.
    """

    interval: float = 1.0
    longest: float = 600.0
    limit: int = 150
    operations: Collection[str] = ()
    watch: Callable[[str], None] = lambda text: None


def verify(contract: Contract, live: Live, options: VerifyOptions | None = None) -> Report:
    """Walk a contract's journeys against a live server and report what differs.

    Raises UsageError for operations the contract lacks.
    """
    options = options or VerifyOptions()
    check_operations(contract, options.operations)
    report = Report(contract)
    walker = Walker(contract, live, report, options.operations, options.watch)
    making = Making(Looks(walker, options.interval, options.longest))
    journeys, refusals = Journeys(making), RefusalWalk(walker, making)
    try:
        refusals.walk()
        journeys.walk()
    except Spent as error:
        report.note(str(error))
    if options.limit:
        _pass_limits(refusals, options.limit)
    live.close()
    return report


def verify_journeys(
    contract: Contract,
    live: Live,
    file: Path,
    options: VerifyOptions | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Report:
    """Walk the journeys of an Arazzo document against a live server. Raises ContractError for one with mistakes."""
    from mockserver.verify.arazzo.reading import read_journeys
    from mockserver.verify.arazzo.walked import Walked

    options = options or VerifyOptions()
    report = Report(contract)
    journeys = read_journeys(file, contract)
    try:
        Walked(Walker(contract, live, report, watch=options.watch), journeys, options.longest, inputs or {}).walk()
    except Spent as error:
        report.note(str(error))
    live.close()
    return report


def _pass_limits(refusals: RefusalWalk, most: int) -> None:
    try:
        refusals.limits(most)
    except Spent as error:
        refusals.walker.report.note(str(error))


__all__ = ["Drift", "Report", "VerifyOptions", "report_text", "verify", "verify_journeys"]
