"""What jobs cost, and what the account has: by fields that say so, and by how a balance falls as jobs are created.

Knows no refusal and no document.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any, NamedTuple

from mockserver.imported.lexicon import letters
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import answer_leaves, sent
from mockserver.observed.lives import by_word
from mockserver.observed.model import Observed, ObservedJob, ObservedOperation, ObservedResource
from mockserver.values import number_of

BALANCES = frozenset((
    "balance", "credits", "creditbalance", "creditsbalance", "creditsremaining", "remainingcredits", "creditsleft",
    "leftcredits", "creditsavailable", "availablecredits", "availablebalance", "remainingbalance", "currentbalance",
    "accountbalance", "creditsbefore", "creditsafter", "tokensremaining", "remainingtokens",
))  # fmt: skip
"""Names of what an account has; letters alone."""
COSTS = frozenset((
    "cost", "price", "creditcost", "creditscost", "costcredits", "costincredits", "creditsused", "usedcredits",
    "creditsspent", "creditscharged", "creditsconsumed", "consumedcredits", "charge", "totalcost", "credits",
))  # fmt: skip
"""Names of what a job costs; `credits` may be either."""
MOST_WORDS, LONGEST_WORD = 12, 40
NEAR = 1e-6
AFTER, BEFORE = "account.credits", "credits_before"


class Reading(NamedTuple):
    """What an account had, by an answer: `at` orders it among creations, half-way where the answer is of one."""

    at: float
    value: float


@dataclass(slots=True)
class Prices:
    """By resource: the word `cost`, and the states in which it is given back; `credits` is what there was at first.

    `bindings` are by name of an operation.
    """

    cost: dict[str, JsonValue] = field(default_factory=dict)
    refunds: dict[str, list[str]] = field(default_factory=dict)
    credits: int = 0
    bindings: dict[str, dict[str, str]] = field(default_factory=dict)


def find_prices(found: Observed) -> Prices:
    """All of it; what is not understood is noted."""
    made, paid = Prices(), _Paid(found)
    balances = [*_places(found, BALANCES)]
    costs = [place for place in _places(found, COSTS) if _is_of_jobs(found, place)]
    falling = [balance for balance in balances if len({value for _, value in balance.values}) > 1]
    costs = [cost for cost in costs if cost not in falling or letters(cost.at.rpartition("/")[2]) not in BALANCES]
    for cost in costs:
        paid.learn(cost)
    readings = _readings(paid, falling)
    how = next((how for how in (AFTER, BEFORE) if paid.explains(readings(how))), "") if falling else ""
    for resource in found.resources.values():
        _price(found, made, resource, paid, is_told=bool(costs))
    if falling and not how:
        where = ", ".join(f"{each.op.name} {each.at}" for each in falling)
        found.notes.append((where, "a balance that does not fall as jobs are created", "what else takes from it"))
    if not made.cost:
        return made
    for cost in costs:
        made.bindings.setdefault(cost.op.name, {})[cost.at] = "cost"
    for each in falling if how else ():
        is_made = each.op.verb == "create"
        made.bindings.setdefault(each.op.name, {})[each.at] = how if is_made else AFTER
    if how:
        made.refunds = paid.refunds
        first = next(iter(readings(how)))
        made.credits = max(round(first.value + paid.until(first.at)), 0)
    return made


class _Place(NamedTuple):
    """Where answers have a number of this kind, with each that was seen."""

    op: ObservedOperation
    at: str
    values: tuple[tuple[ObservedCall, float], ...]


def _places(found: Observed, names: frozenset[str]) -> Iterator[_Place]:
    for op in found.operations:
        places: dict[str, list[tuple[ObservedCall, float]]] = {}
        for call in op.good if op.verb in ("answer", "show", "create") else ():
            for at, value in answer_leaves(call):
                number = number_of(value)
                is_one = number is not None and letters(at.rpartition("/")[2]) in names
                if is_one and number is not None and not any(part.isdigit() for part in at.split("/")):
                    places.setdefault(at, []).append((call, number))
        yield from (_Place(op, at, (*values,)) for at, values in places.items())


def _is_of_jobs(found: Observed, place: _Place) -> bool:
    return place.op.verb in ("show", "create") and any(
        place.op in found.resources[n].operations for n in place.op.resources
    )


def _readings(paid: _Paid, places: Sequence[_Place]) -> Callable[[str], list[Reading]]:
    """What there was, in order, if answers of creations tell of `how` it was."""

    def read(how: str) -> list[Reading]:
        shift = {AFTER: 0.5, BEFORE: -0.5}[how]
        several = [
            Reading(call.number + (shift if place.op.verb == "create" else 0.0), value)
            for place in places
            for call, value in place.values
        ]
        return sorted(several)

    return read


class _Paid:
    """The jobs, with what each cost as far as anybody knows, and when each came to a bad end."""

    def __init__(self, found: Observed) -> None:
        self._resources = found.resources
        self.jobs = sorted(
            (job for resource in found.resources.values() for job in resource.jobs.values()),
            key=lambda job: job.created.number,
        )
        self._numbers = [job.created.number for job in self.jobs]
        self._ends = sorted(self._bad_ends(), key=lambda row: row[0])
        self.cost: dict[int, float] = {}
        self.refunds: dict[str, list[str]] = {}

    def learn(self, place: _Place) -> None:
        """What a field of answers says."""
        for call, value in place.values:
            for name in place.op.resources:
                for job in self._resources[name].about(call, place.op):
                    self.cost.setdefault(id(job), value)

    def until(self, at: float) -> float:
        """What was paid before a moment."""
        return sum(self.cost.get(id(job), 0.0) for job in self.jobs if job.created.number < at)

    def explains(self, readings: Sequence[Reading]) -> bool:
        """Whether a balance falls by what jobs cost, as it would be known then; what is learned of it stays."""
        cost, refunds = dict(self.cost), dict[str, list[str]]()
        pairs = [(a, b, self._between(a, b)) for a, b in pairwise(readings)]
        for a, b, made in pairs:
            unknown = [job for job in made if id(job) not in cost]
            if unknown and not self._ended(a, b):
                rest = a.value - b.value - sum(cost.get(id(job), 0.0) for job in made)
                same_maker = len({job.maker.name for job in unknown}) == 1
                if rest >= 0 and same_maker:
                    cost |= {id(job): round(rest / len(unknown), 6) for job in unknown}
        usual = Counter((job.maker.name, cost[id(job)]) for job in self.jobs if id(job) in cost)
        for job in self.jobs:
            of_maker = [(times, value) for (name, value), times in usual.items() if name == job.maker.name]
            if id(job) not in cost and of_maker:
                cost[id(job)] = max(of_maker)[1]
        if not any(cost.values()) or not self._is_kept(pairs, cost, refunds):
            return False
        self.cost, self.refunds = cost, refunds
        return True

    def _is_kept(self, pairs: Sequence[Any], cost: Mapping[int, float], refunds: dict[str, list[str]]) -> bool:
        for a, b, made in pairs:
            back = b.value - a.value + sum(cost.get(id(job), 0.0) for job in made)
            if abs(back) <= NEAR:
                continue
            ended = [(job, state) for job, state in self._ended(a, b) if cost.get(id(job))]
            if abs(back - sum(cost[id(job)] for job, _ in ended)) > NEAR:
                return False
            for job, state in ended:
                resource = job.maker.resources[0]
                if state not in refunds.setdefault(resource, []):
                    refunds[resource].append(state)
        return True

    def _between(self, a: Reading, b: Reading) -> list[ObservedJob]:
        return self.jobs[bisect_right(self._numbers, a.at) : bisect_left(self._numbers, b.at)]

    def _ended(self, a: Reading, b: Reading) -> list[tuple[ObservedJob, str]]:
        """The jobs that were first seen failed or cancelled between two moments."""
        first = bisect_right(self._ends, a.at, key=lambda row: row[0])
        last = bisect_left(self._ends, b.at, key=lambda row: row[0])
        return [(job, state) for _, job, state in self._ends[first:last]]

    def _bad_ends(self) -> Iterator[tuple[int, ObservedJob, str]]:
        for job in self.jobs:
            resource = self._resources[job.maker.resources[0]]
            states = ((seen, by_word(resource, seen.state)) for seen in job.sightings)
            ends = (
                (seen.call.number, job, state.name)
                for seen, state in states
                if state is not None and state.meaning in ("failure", "cancelled")
            )
            yield from islice(ends, 1)


def _price(found: Observed, made: Prices, resource: ObservedResource, paid: _Paid, *, is_told: bool) -> None:
    """The word `cost` of a resource, by what its jobs cost and their requests said."""
    known = [(job, paid.cost[id(job)]) for job in resource.jobs.values() if id(job) in paid.cost]
    if not any(price for _, price in known):
        return
    how = "as answers tell" if is_told else "by which the balance falls"
    word, told = explained(known)
    made.cost[resource.name] = word
    found.notes.append((f"{resource.name}: price", f"{told}, {how}", "what else it depends on"))


def explained(known: Sequence[tuple[ObservedJob, float]]) -> tuple[JsonValue, str]:
    """A price for the contract, and in words: always the same, so much for a number of the request, or by a word."""
    prices = [price for _, price in known]
    usual = Counter(prices).most_common(1)[0][0]
    if len({*prices}) == 1:
        return _plain(usual), f"{usual:g} each"
    said = [_said(job) for job, _ in known]
    both = sorted(set.intersection(*({*each} for each in said)))
    for at in both:
        share = _share([number_of(each[at]) for each in said], prices)
        if share:
            return {"times": [{"fact": f"request.{at}"}, _plain(share)]}, f"{share:g} for each of {at}"
    tables = [(at, table) for at in both if (table := _table([each[at] for each in said], prices))]
    if tables:
        at, table = min(tables, key=lambda row: (len(row[1]), any(" " in word for word in row[1]), row[0]))
        return {"fact": f"request.{at}", "of": table, "else": _plain(usual)}, f"by {at}"
    others = ", ".join(f"{each:g}" for each in sorted({*prices} - {usual}))
    return _plain(usual), f"{usual:g} most often, also {others}, and no field of requests says which"


def _said(job: ObservedJob) -> dict[str, Any]:
    fields = sent(job.created) if isinstance(job.created.body, dict) else []
    return dict([*fields, *((f"query.{name}", value) for name, value in job.created.query.items())])


def _share(numbers: Sequence[float | None], prices: Sequence[float]) -> float:
    """By what each number is multiplied to be the price; 0 where that differs, or the numbers do not."""
    if len({*numbers}) < 2 or not all(numbers):
        return 0.0
    shares = {round(price / (number or 1), 6) for number, price in zip(numbers, prices, strict=True)}
    return shares.pop() if len(shares) == 1 else 0.0


def _table(values: Sequence[Any], prices: Sequence[float]) -> dict[str, JsonValue]:
    """The price by each value; empty where values do not tell it, or are no words of a short list."""
    table: dict[str, float] = {}
    same = [table.setdefault(str(value), price) == price for value, price in zip(values, prices, strict=True)]
    is_short = 1 < len(table) <= MOST_WORDS and all(len(word) <= LONGEST_WORD for word in table)
    return {word: _plain(price) for word, price in table.items()} if is_short and all(same) else {}


def _plain(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number
