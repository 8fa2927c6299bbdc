"""Limits, quirks, scenarios, matches and advice of a contract, as frozen data. Knows nothing of files, HTTP or time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mockserver.conditions import Condition
from mockserver.lifecycle import NOTHING, Duration, Json, Run


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `limit` requests in `window` seconds, counted per IP address or account.

    Requests that no operation answers count as well where their path begins with `under`.
    """

    name: str
    per: Literal["ip", "account"]
    operations: frozenset[str]
    limit: int
    window: float
    under: str = ""


class Quirk(NamedTuple):
    """A documented oddity; while it is off, request fields of `refuse` are unknown and answers lack those of `omit`."""

    name: str
    default: bool
    title: str
    refuse: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()


class Scenario(NamedTuple):
    """A named set of plans, limits, latencies, quirks and faults (faults stay data until they are armed)."""

    name: str
    title: str
    quirks: Mapping[str, bool] = NOTHING
    run: Mapping[str, Run] = NOTHING
    limits: tuple[Limit, ...] | None = None
    latency: Duration | None = None
    faults: tuple[Mapping[str, Json], ...] = ()


class Match(NamedTuple):
    """Where a request's own words are so: this plan, fault or problem. `word` is where behavior.json says which."""

    operations: frozenset[str]
    condition: Condition
    plan: Mapping[str, Json] | None
    fault: Mapping[str, Json] | None
    title: str = ""
    problem: str = ""
    word: str = "when"

    @property
    def exact(self) -> tuple[str, tuple[Json, ...]] | None:
        """The place in a body and the constants that are looked for there; None where it looks at anything else."""
        if len(self.condition) != 1 or len(self.condition[0]) != 1:
            return None
        (rule,) = self.condition[0]
        family, _, place = rule.fact.partition(".")
        if family not in ("request", "call") or not place.startswith("/") or not rule.is_exact:
            return None
        return place, rule.any_of


class Advice(NamedTuple):
    """How the vendor wants to be called. None: it does not say. `backoff` names what calls for growing pauses."""

    poll_seconds: float | None = None
    give_up_seconds: float | None = None
    backoff: frozenset[str] = frozenset({"errors"})
    says: str = ""
