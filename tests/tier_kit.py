"""The tiers of this suite: how much a run asks for, and what it leaves to the next, so that nothing is left silently.

`MOCKSERVER_TIER` says which: `test` (what a newcomer runs), `ci` (what has to hold before a merge), `full` (all).
A test that is marked `slow` begins with `ci`, one that is marked `soak` with `full`. A number that grows with the tier
is `scaled`.
"""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
TIERS = {"test": "make test", "ci": ".ci/run", "full": "make full"}
TIER = os.environ.get("MOCKSERVER_TIER", "test")
if TIER not in TIERS:
    raise ValueError(f"MOCKSERVER_TIER is {TIER!r}: it must be one of {', '.join(TIERS)}")
SCALED: list[str] = []


def scaled(what: str, test: T, ci: T, full: T) -> T:
    """The value of this tier; `what` names it where the run tells what it leaves out."""
    values = {"test": test, "ci": ci, "full": full}
    later = [*TIERS][[*TIERS].index(TIER) + 1 :]
    more = [f"{values[tier]} in `{TIERS[tier]}`" for tier in later if values[tier] != values[TIER]]
    if more:
        SCALED.append(f"{what}: {values[TIER]} here, {', '.join(more)}")
    return values[TIER]
