"""Variants: is each named apart from all else, used, and made of what its operations know?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver import pointers
from mockserver.answers import is_refusal
from mockserver.bindings import tested
from mockserver.check.existence import missing
from mockserver.contract import Contract, Operation
from mockserver.facts import row_of
from mockserver.loader.source import BEHAVIOR, Source


def check_variants(source: Source, contract: Contract) -> None:
    """Note variants that are never used, not known apart, or ask for what is not there."""
    if not contract.variants:
        return
    uses = [*_uses(contract)]
    taken = {name: "a problem" for o in contract.operations.values() for name in o.examples}
    taken |= dict.fromkeys(contract.resources, "a resource") | dict.fromkeys(contract.quirks, "a quirk")
    taken |= {state: "a state" for resource in contract.resources.values() for state in resource.states}
    for name, condition in contract.variants.items():
        at = pointers.join("/variants", name)
        if name in taken:
            sentence = f"{name!r} is {taken[name]} as well, so a name that holds it can be read in two ways."
            source.say(BEHAVIOR, at, sentence, "Call the variant otherwise.")
        if not any(name == used for used, _, _ in uses):
            sentence = "the variant changes nothing: no example is named after it."
            source.say(BEHAVIOR, at, sentence, f"Add an example with the suffix .{name}, or remove it.")
        for fact in tested(condition):
            for wrong in _wrong(contract, fact, [(o, example) for used, o, example in uses if used == name]):
                source.say(BEHAVIOR, at, f"{wrong}.", "Name one that is there; contracts/REFERENCE.md has all.")


def _uses(contract: Contract) -> Iterator[tuple[str, Operation, str]]:
    """Every (variant, operation, name of the example) where an example is named after one."""
    for operation in (*contract.operations.values(), *contract.messages.values()):
        for name, several in operation.examples.items():
            for each in several:
                yield from ((variant, operation, name) for variant in each.variants)


def _wrong(contract: Contract, fact: str, uses: Sequence[tuple[Operation, str]]) -> Iterator[str]:
    """What is wrong with a fact. In a response that several operations share it may be there for some of them alone."""
    found = [missing(contract, operation, fact) for operation, _ in uses]
    if found and all(found):
        yield found[0]
    elif row_of(fact).of_job:
        for operation, example in uses:
            if is_refusal(contract, operation, example):
                yield f"{fact} is of a job, and the refusal {example} of {operation.id} knows none"
