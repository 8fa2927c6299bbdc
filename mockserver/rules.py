"""Limits, quirks, scenarios, matches and advice of a contract, as frozen data. Knows nothing of files, HTTP or time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mockserver.conditions import Condition
from mockserver.json_types import JsonValue
from mockserver.lifecycle import NOTHING, Duration, Run


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
    """A documented oddity; while it is off, request fields of `refuse` are unknown and answers lack those of `omit`.

    `of_refusals`: of all answers only refusals lack them.
    """

    name: str
    default: bool
    title: str
    refuse: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    of_refusals: bool = False

    def lacks(self, status: int) -> tuple[str, ...]:
        """The fields that an answer of this status lacks while it is off."""
        return self.omit if status >= 400 or not self.of_refusals else ()


USUAL = "happy"
"""The scenario that is played where nobody asked for one; every contract has it."""


class Scenario(NamedTuple):
    """A named set of plans, limits, latencies, quirks and faults (faults stay data until they are armed).

    `is_standard`: a contract says nothing of it, every API that can has it.
    """

    name: str
    title: str
    quirks: Mapping[str, bool] = NOTHING
    run: Mapping[str, Run] = NOTHING
    limits: tuple[Limit, ...] | None = None
    latency: Duration | None = None
    faults: tuple[Mapping[str, JsonValue], ...] = ()
    is_standard: bool = False


def playable(scenarios: Iterable[str]) -> list[str]:
    """The names of the scenarios that can be played: that of the usual one, and these."""
    return [*dict.fromkeys((USUAL, *scenarios))]


class Match(NamedTuple):
    """Where a request's own words are so: this plan, fault or problem.

    `pointer` leads to it in behavior.json, and `word` from there to what says which words; a standard value has none.
    """

    operations: frozenset[str]
    condition: Condition
    plan: Mapping[str, JsonValue] | None
    fault: Mapping[str, JsonValue] | None
    title: str = ""
    problem: str = ""
    word: str = "when"
    pointer: str = ""

    @property
    def is_standard(self) -> bool:
        """Whether it listens for a standard value; of a file that is its name without the extension, too."""
        return not self.word

    @property
    def said(self) -> str:
        """Where behavior.json says which words are meant."""
        return f"{self.pointer}/{self.word}" if self.word else self.pointer

    @property
    def exact(self) -> tuple[str, tuple[JsonValue, ...]] | None:
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
