"""behavior.json → the states of a resource: what each is, how often it is passed, and what it is left for by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver import pointers
from mockserver.lifecycle import State
from mockserver.loader.durations import duration
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.suggestions import mend_word


def read_states(source: Source, at: str, data: Mapping[str, Any]) -> dict[str, State]:
    """The states by name, in the order written."""
    found = {name: _state(name, said) for name, said in data.items()}
    _check_chains(source, at, found)
    return found


def _state(name: str, data: Mapping[str, Any]) -> State:
    return State(
        name,
        data.get("phase"),
        data.get("end"),
        float(data.get("share", 1)),
        float(data.get("chance", 1)),
        duration(data["after"]) if "after" in data else None,
        data.get("then", ""),
        data.get("gone", False),
        data.get("results", False),
    )


def _check_chains(source: Source, at: str, states: Mapping[str, State]) -> None:
    """Note states that leave by themselves for where no job can go: nowhere, into a run, or round and round."""
    for state in states.values():
        _check_words(source, pointers.join(at, state.name), state)
        where = pointers.join(at, state.name, "then")
        if not state.then:
            continue
        known_state(source, where, state.then, states)
        if state.then in states and states[state.then].phase:
            sentence = f"a run begins with its job: nothing leads back into it, and {state.then!r} has a phase."
            source.say(BEHAVIOR, where, sentence, "Name a state without phase; it may have `after` and `then`, too.")
        elif _comes_back(state, states):
            sentence = f"a job in {state.name!r} would come back to it by itself, for ever."
            source.say(BEHAVIOR, where, sentence, "Let the chain end in a state without `after`.")


def _check_words(source: Source, at: str, state: State) -> None:
    """Words of a state that do not go together."""
    if state.after is not None and (state.phase or state.gone):
        why = "its phase says when it is left" if state.phase else "what is gone does not come back"
        source.say(BEHAVIOR, f"{at}/after", f"{state.name} has `after`, and {why}.", "Leave `after` and `then` out.")
    if state.gone and state.phase:
        sentence = f"{state.name} has a phase and is gone: no job runs that nobody can find."
        source.say(BEHAVIOR, f"{at}/gone", sentence, "Leave one of the two out.")
    if state.results and (state.phase or state.gone):
        sentence = f"{state.name} has results, and {'is gone' if state.gone else 'a phase: its job is still at work'}."
        source.say(BEHAVIOR, f"{at}/results", sentence, "Say it of a state in which the job has ended.")
    if state.chance < 1 and not state.phase:
        sentence = f"{state.name} has a chance and no phase: only a run passes states by chance."
        source.say(BEHAVIOR, f"{at}/chance", sentence, "Give it a phase, or leave the chance out.")


def _comes_back(state: State, states: Mapping[str, State]) -> bool:
    name, seen = state.then, set[str]()
    while name in states and name not in seen:
        seen.add(name)
        name = states[name].then
    return state.name in seen


def known_state(source: Source, at: str, name: str, states: Iterable[str]) -> None:
    """Note a state that the resource does not have."""
    if name not in states:
        source.say(BEHAVIOR, at, f"there is no state {name!r}.", mend_word(name, states))
