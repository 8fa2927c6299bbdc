"""behavior.json → the states of a resource: what each is, how often it is passed, and what it is left for by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver import pointers
from mockserver.lifecycle import LifecycleState, Within
from mockserver.loader.durations import duration
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.loader.values import value
from mockserver.suggestions import mend_word


def read_states(source: Source, at: str, data: Mapping[str, Any]) -> dict[str, LifecycleState]:
    """The states by name, in the order written."""
    found = {name: _state(name, said) for name, said in data.items()}
    _check_chains(source, at, found)
    return found


def _state(name: str, data: Mapping[str, Any]) -> LifecycleState:
    return LifecycleState(
        name,
        data.get("phase"),
        data.get("end"),
        float(data.get("share", 1)),
        float(data.get("chance", 1)),
        duration(data["after"]) if "after" in data and "seconds" not in data["after"] else None,
        data.get("then", ""),
        data.get("gone", False),
        data.get("results", False),
        value(data["after"]["seconds"]) if "seconds" in data.get("after", ()) else None,
        data.get("during"),
    )


def _check_chains(source: Source, at: str, states: Mapping[str, LifecycleState]) -> None:
    """Note states that leave by themselves for where no job can go: nowhere, into a run, or round and round."""
    for state in states.values():
        _check_words(source, pointers.join(at, state.name), state)
        _check_during(source, pointers.join(at, state.name, "during"), state, states)
        where = pointers.join(at, state.name, "then")
        if not state.then:
            continue
        known_state(source, where, state.then, states)
        if state.then in states and states[state.then].phase:
            sentence = f"a run begins with its job or a move, never by itself, and {state.then!r} has a phase."
            source.say(BEHAVIOR, where, sentence, "Name a state without phase; it may have `after` and `then`, too.")
        elif _comes_back(state, states):
            sentence = f"a job in {state.name!r} would come back to it by itself, for ever."
            source.say(BEHAVIOR, where, sentence, "Let the chain end in a state without `after`.")


def _check_words(source: Source, at: str, state: LifecycleState) -> None:
    """Words of a state that do not go together."""
    if state.leaves and (state.phase or state.gone):
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


def _check_during(source: Source, at: str, state: LifecycleState, states: Mapping[str, LifecycleState]) -> None:
    """A phase during which a run comes to an end is there, and it is no success."""
    if state.during is None:
        return
    if state.end in (None, "success"):
        sentence = f"{state.name} is {'a success' if state.end else 'no end'}: a run comes to it behind all its states."
        source.say(BEHAVIOR, at, sentence, "Say it of a failure, or of what is cancelled.")
    if state.during not in {each.phase for each in states.values()}:
        sentence = f"no state has the phase {state.during}."
        source.say(BEHAVIOR, at, sentence, "Remove it, or give a state the phase.")


def _comes_back(state: LifecycleState, states: Mapping[str, LifecycleState]) -> bool:
    name, seen = state.then, set[str]()
    while name in states and name not in seen:
        seen.add(name)
        name = states[name].then
    return state.name in seen


def known_state(source: Source, at: str, name: str, states: Iterable[str]) -> None:
    """Note a state that the resource does not have."""
    if name not in states:
        source.say(BEHAVIOR, at, f"there is no state {name!r}.", mend_word(name, states))


def within(source: Source, at: str, data: Mapping[str, Any], states: Mapping[str, LifecycleState]) -> Within:
    """How long a run may last, and which end it comes to otherwise."""
    then, seconds = data["then"], data["seconds"]
    ends = {"": then} if isinstance(then, str) else then
    for found, to in ends.items():
        place = pointers.join(f"{at}/then", found) if found else f"{at}/then"
        known_state(source, place, to, states)
        if to in states and states[to].end in (None, "success"):
            sentence = f"{to!r} is {'a success' if states[to].end else 'no end'}, and the run was not over."
            source.say(BEHAVIOR, place, sentence, "Name a failure, or what is cancelled.")
        if found and (found not in states or states[found].phase is None):
            timed = [state.name for state in states.values() if state.phase]
            remedy = mend_word(found, timed, f"Its run passes {', '.join(timed)}.")
            source.say(BEHAVIOR, place, f"no run is found in {found!r}, which is no state with a phase.", remedy)
    return Within(float(seconds) if isinstance(seconds, int | float) else value(seconds), then)
