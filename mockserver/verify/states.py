"""Which state an answer tells at the places where the contract binds it. Asks nobody and knows no journey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver import pointers
from mockserver.bindings import facts_of, resource_of
from mockserver.conditions import is_same
from mockserver.contract import Contract, Example, Operation
from mockserver.lifecycle import Value
from mockserver.live import LiveReply, recognise
from mockserver.live.match_example import bindings_of
from mockserver.subject import Subject
from mockserver.timeline import JobStatus
from mockserver.values import reader
from mockserver.verify.drift import STRICT, Drift

UNKNOWN = "a state that the contract does not know"
"""In the place of a state's name, which it cannot be."""


def shown_as(contract: Contract, operation: Operation, names: Sequence[str], reply: LiveReply) -> list[str]:
    """The ones of these examples that an answer is, the likeliest first: those of the state that it tells go before.

    Where it tells none, those whose values it has; none, where it tells one that they do not know.
    """
    told = _told(contract, operation, names, reply)
    found = [n for n in recognise(contract, operation, reply.status, reply.json) if n in names and told.get(n, True)]
    return [*found, *(name for name, is_told in told.items() if is_told and name not in found)]


def unknown_state(contract: Contract, operation: Operation, names: Sequence[str], reply: LiveReply) -> Drift | None:
    """That an answer tells a state which none of these examples is for; None where it tells none, or one of theirs."""
    told = _told(contract, operation, names, reply)
    due = _due(operation, names, reply)
    if not told or any(told.values()) or {example.name for example in due} - told.keys():
        return None
    at, _ = next(_telling(contract, operation, due[0], reply))
    word = pointers.get(reply.json, at)
    sentence = f"{at} is {word!r:.80}, and no state of behavior.json is shown so"
    return Drift("new_enum_value", STRICT, operation.id, at, f"{due[0].pointer}{at}", sentence)


def _due(operation: Operation, names: Sequence[str], reply: LiveReply) -> list[Example]:
    return [e for name in names for e in operation.examples.get(name, ()) if e.status == reply.status]


def _told(contract: Contract, operation: Operation, names: Sequence[str], reply: LiveReply) -> dict[str, bool]:
    """By the name of an example whether an answer tells its state; those are left out by which it tells none."""
    told: dict[str, bool] = {}
    for example in _due(operation, names, reply):
        state = _state_of(contract, operation, example.name)
        for at, value in _telling(contract, operation, example, reply):
            is_same_state = is_same(pointers.get(reply.json, at), written(value, state))
            told[example.name] = told.get(example.name, True) and is_same_state
    return told


def _telling(
    contract: Contract, operation: Operation, example: Example, reply: LiveReply
) -> Iterator[tuple[str, Value]]:
    """The places of an answer at which an example's bindings write the state and nothing else."""
    if not example.media_type:
        return
    for at, value in bindings_of(contract, operation, example).items():
        if tells_state(value) and pointers.get(reply.json, at) is not pointers.MISSING:
            yield at, value


def tells_state(value: Value) -> bool:
    """Whether a value is the state and depends on nothing else."""
    return value.fact == "state" and set(facts_of(value)) == {"state"} and not value.parts


def _state_of(contract: Contract, operation: Operation, name: str) -> str:
    """The state that an example is for."""
    resource = contract.resources.get(resource_of(operation, name))
    state = name.removeprefix(f"{resource.name}.") if resource is not None and len(operation.resources) > 1 else name
    views: Mapping[str, str] = {} if resource is None else {view.example: view.state for view in resource.views}
    return views.get(state, state)


def written(value: Value, state: str) -> Any:
    """What a value that depends on nothing else writes for a state."""
    return reader(value)(Subject(0.0, status=JobStatus(state, 0, 0.0, None)))
