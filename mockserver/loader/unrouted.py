"""Answers to requests that no operation takes: which example of openapi.json is which. Knows no request.

behavior.json may name responses in `components/responses`; where it names none, the example is looked for by its name,
in `x-responses` and there.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver import pointers
from mockserver.contract import Example
from mockserver.loader.examples import UNROUTED
from mockserver.loader.responses import read_examples
from mockserver.loader.shared import refusals
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.suggestions import mend_word

RESPONSES = "/components/responses"
LIMITED = "rate_limited"


def unrouted(source: Source) -> dict[str, tuple[Example, ...]]:
    """The answers by problem; one that is missing is a finding."""
    said = source.behavior.get("unrouted", {})
    counts = any("under" in each for each in source.behavior.get("limits", ()))
    shared = refusals(source) if UNROUTED.keys() - said.keys() else {}
    found = {}
    for problem, status in UNROUTED.items():
        if problem in said:
            found[problem] = tuple(_named(source, problem, status, said[problem]))
        elif problem != LIMITED or (counts and not said):
            found[problem] = shared.get(problem) or tuple(_by_name(source, problem, status))
    return {problem: several for problem, several in found.items() if several}


def _named(source: Source, problem: str, status: int, name: str) -> list[Example]:
    """The examples of a problem in a response that behavior.json names."""
    at = pointers.join(RESPONSES, name)
    node = pointers.get(source.openapi, at)
    if node is pointers.MISSING:
        known = pointers.get(source.openapi, RESPONSES)
        mend = mend_word(name, known if isinstance(known, dict) else (), "Add it or fix the name.")
        source.say(BEHAVIOR, f"/unrouted/{problem}", f"components/responses has no {name!r}.", mend)
        return []
    examples = [e for e in read_examples(source, status, node, at) if e.name == problem]
    if not examples:
        source.say(OPENAPI, at, f"there is no example named {problem!r}.", "Name the example after the problem.")
    return examples


def _by_name(source: Source, problem: str, status: int) -> Iterator[Example]:
    """The examples of a problem in the first response of `components/responses` that shows one of its name."""
    known = pointers.get(source.openapi, RESPONSES)
    for name, node in known.items() if isinstance(known, dict) else ():
        at = pointers.join(RESPONSES, name)
        examples = [e for e in read_examples(source, status, node, at) if e.name == problem]
        if examples:
            yield from examples
            return
    sentence = f"no example is named {problem!r}, for requests that no operation takes."
    remedy = f"Add it under the status {status} of x-responses, or in a response of components/responses."
    source.say(OPENAPI, "", sentence, remedy)
