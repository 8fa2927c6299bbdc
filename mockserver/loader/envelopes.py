"""Webhooks whose body has within it what an operation answers: its examples and bindings with those of an envelope.

An envelope is the webhook's own example, named after a state, or `other` for all that have none. Sends nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.bindings import bound, in_body
from mockserver.contract import Example, Operation
from mockserver.intake import HAPPENINGS
from mockserver.lifecycle import Resource, Value
from mockserver.loader.responses import OTHER
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.loader.states import known_state
from mockserver.suggestions import mend_word


class Envelope(NamedTuple):
    """What a webhook says of it: the operation, and where in the body its answer stands. `at` is where it says so."""

    operation: str
    under: str
    at: str


def envelope(said: Any, at: str) -> Envelope | None:
    """The envelope of a webhook; None where it is the answer of an operation, or is shown by examples alone."""
    like = said.get("like")
    return Envelope(like["operation"], like["under"], f"{at}/like") if isinstance(like, dict) else None


def states_of(message: Operation) -> tuple[str, ...]:
    """The states that examples are named after."""
    return tuple(name for name in message.examples if name != OTHER)


def enveloped(
    source: Source, said: Envelope, message: Operation, operations: Mapping[str, Operation], resource: Resource,
    states: Iterable[str],
) -> Operation:  # fmt: skip
    """The message of a webhook with the answers of an operation in its examples."""
    like = operations.get(said.operation)
    shows = [operation.id for operation in operations.values() if resource.name in operation.resources]
    if like is None or resource.name not in like.resources:
        sentence = f"{said.operation!r} is no operation that shows {resource.name}."
        source.say(BEHAVIOR, f"{said.at}/operation", sentence, mend_word(said.operation, shows))
        return message
    examples, named = dict[str, tuple[Example, ...]](), dict[str, Mapping[str, Value | None]]()
    for name in (state for state in states if state in resource.states or state in HAPPENINGS):
        own = message.examples.get(name, message.examples.get(OTHER, ()))
        if not own:
            sentence = f"there is no envelope for {name!r}."
            source.say(OPENAPI, f"{message.pointer}/requestBody", sentence, f"Add an example {name!r}, or {OTHER!r}.")
        if name in HAPPENINGS and name not in resource.states:
            examples[name] = own
            continue
        pairs = [(outer, inner) for outer in own for inner in _answers(like, resource, name)]
        if own and not pairs:
            sentence = f"{like.id} does not answer the state {name}."
            source.say(BEHAVIOR, f"{said.at}/operation", sentence, "Leave the state out, or name what answers it.")
        put = [_put(source, said, name, *pair) for pair in pairs]
        examples[name] = tuple(put)
        for each, (_, inner) in zip(put, pairs, strict=True):
            named[each.title] = {**_below(said, like, inner), **_own(message, name, each.title)}
    for name in (state for state in states if state not in resource.states and state not in HAPPENINGS):
        known_state(source, said.at.removesuffix("/like"), name, resource.states)
    return replace(message, examples=examples, named={**message.named, **named}, inner=said.under)


def _answers(like: Operation, resource: Resource, state: str) -> Iterator[Example]:
    several = like.examples.get(like.example_of(resource.name, state), ())
    return (each for each in several if each.status < 400 and each.is_json)


def _put(source: Source, said: Envelope, name: str, outer: Example, inner: Example) -> Example:
    """The example of an envelope with an answer in it."""
    value = copy.deepcopy(outer.value)
    above = said.under.rpartition("/")[0]
    if isinstance(pointers.get(value, above), dict) or pointers.get(value, said.under) is not pointers.MISSING:
        pointers.put(value, said.under, copy.deepcopy(inner.value))
    else:
        sentence = f"there is no object at {above!r}, in which the answer of {said.operation} could stand."
        source.say(OPENAPI, outer.pointer, sentence, "Show one there, or mend `under`.")
    variants = tuple(dict.fromkeys((*outer.variants, *inner.variants)))
    return outer._replace(name=name, value=value, off=outer.off | inner.off, variants=variants)


def _below(said: Envelope, like: Operation, inner: Example) -> dict[str, Value | None]:
    """The bindings that fall on an answer, by their pointers in the envelope."""
    table = in_body(bound(like, inner.name, inner.status, title=inner.title))
    return {f"{said.under}{at}": value for at, value in table.items()}


def _own(message: Operation, name: str, title: str) -> Mapping[str, Value | None]:
    """The webhook's own bindings, which go before."""
    named = {**message.named.get(OTHER, {}), **message.named.get(name, {}), **message.named.get(title, {})}
    return {**message.bindings, **named}
