"""Can a condition hold: are its bounds a span, and are they of a number? Knows no example."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver import pointers
from mockserver.bindings import within
from mockserver.check.facts import bindings_at
from mockserver.conditions import Condition, Rule
from mockserver.contract import Contract
from mockserver.facts import row_of
from mockserver.lifecycle import Value
from mockserver.loader.source import BEHAVIOR, Source

_NO_NUMBERS = ("text", "key", "id", "truth")


def check_conditions(source: Source, contract: Contract) -> None:
    """Note bounds within which nothing can be."""
    for at, condition in _conditions(contract):
        for rule in (rule for row in condition for rule in row if rule.has_bounds):
            wrong, remedy = _wrong(rule)
            if wrong:
                source.say(BEHAVIOR, at, wrong, remedy)


def _wrong(rule: Rule) -> tuple[str, str]:
    if rule.least is not None and rule.most is not None and rule.least > rule.most:
        return f"no {rule.fact} is at least {rule.least:g} and at most {rule.most:g}.", "Swap the bounds."
    if row_of(rule.fact).kind in _NO_NUMBERS:
        return f"{rule.fact} is no number, and least and most are.", "Test it for what it can be."
    return "", ""


def _conditions(contract: Contract) -> Iterator[tuple[str, Condition]]:
    """Every (place in behavior.json, condition)."""
    yield from ((pointers.join("/variants", name), variant) for name, variant in contract.variants.items())
    yield from ((f"/matches/{index}/when", match.condition) for index, match in enumerate(contract.matches))
    for resource in contract.resources.values():
        at = pointers.join("/resources", resource.name, "items", "matches")
        for index, (condition, _) in enumerate(resource.items.matches if resource.items else ()):
            yield f"{at}/{index}/when", condition
    for webhook in contract.webhooks.values():
        yield pointers.join("/webhooks", webhook.name, "when"), webhook.when
    yield from ((at, each.when) for at, value in _values(contract) for each in within(value))


def _values(contract: Contract) -> Iterator[tuple[str, Value]]:
    for operation in (*contract.operations.values(), *contract.messages.values()):
        yield from ((at, value) for at, _, value in bindings_at(contract, operation, ""))
    for problem in contract.problems:
        yield from ((at, value) for at, _, value in bindings_at(contract, None, problem))
