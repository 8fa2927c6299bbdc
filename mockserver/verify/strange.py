"""States that answers tell and the contract has no word for: of what is created, moved, listed, shown or told of.

Where a contract binds the state, its words are what is written there; where examples show it, what those of several
states show in one place. Asks nobody and knows no journey.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mockserver import pointers
from mockserver.bindings import every, resource_of
from mockserver.conditions import is_same
from mockserver.contract import Contract, Example, Operation
from mockserver.contract_cache import once_per_contract
from mockserver.errors import RequestError
from mockserver.intake import EVENT_STREAM, STREAMS
from mockserver.live import LiveReply
from mockserver.live.match_example import bindings_of, leaves
from mockserver.validation import parse_json
from mockserver.validation.events import events_of
from mockserver.verify.drift import STRICT, Drift
from mockserver.verify.states import tells_state, written

Words = Mapping[str, Sequence[Any]]
"""By the last name of a place: what stands there for some state."""
_WORD = re.compile(r"[^\s/]{1,40}")


def strange_states(
    contract: Contract, operation: Operation, due: Iterable[Example], reply: LiveReply
) -> Iterator[Drift]:
    """At each place where an answer tells a state that the contract does not know; `due` are its examples."""
    examples = [each for each in due if each.status == reply.status and each.status < 400 and each.is_json]
    for resource in operation.resources if examples else ():
        words = words_of(contract, resource)
        for above, body in _bodies(operation, reply):
            for at, pointer in _places(contract, operation, examples, words).items():
                word = pointers.get(body, at)
                if _is_strange(word, words[_last(at)]):
                    sentence = f"{above}{at} is {word!r:.80}, and no state of behavior.json is shown so"
                    yield Drift("new_enum_value", STRICT, operation.id, above + at, pointer, sentence)


def is_renamed(contract: Contract, operation: Operation, at: str, shown: Any, came: Any) -> bool:
    """Whether a word that no state is shown by came where an example shows a state by another one."""
    several = (words_of(contract, resource).get(_last(at), ()) for resource in operation.resources)
    is_word = isinstance(came, str) and _WORD.fullmatch(came) is not None
    return is_word and any(shown in known and _is_strange(came, known) for known in several)


def _is_strange(word: Any, known: Sequence[Any]) -> bool:
    is_one = isinstance(word, str) or (type(word) is int and any(type(each) is int for each in known))
    return is_one and word != "" and not any(is_same(word, each) for each in known)


def _last(at: str) -> str:
    return at.rpartition("/")[2]


def _bodies(operation: Operation, reply: LiveReply) -> Iterator[tuple[str, Any]]:
    """What of an answer shows one thing, and where: all of it, each item of a list, each event of a stream."""
    if reply.media_type in STREAMS:
        text = reply.body.decode("utf-8", "replace")
        for event in events_of(text, are_lines=reply.media_type != EVENT_STREAM):
            try:
                yield "", parse_json(event.data.encode())
            except RequestError:
                continue
    elif operation.paging is not None:
        listed = pointers.get(reply.json, operation.paging.items)
        for index, item in enumerate(listed if isinstance(listed, list) else ()):
            yield f"{operation.paging.items}/{index}", item
    else:
        yield "", reply.json


# --- where a state is told


def _places(contract: Contract, operation: Operation, due: Iterable[Example], words: Words) -> dict[str, str]:
    """Where one thing tells its state, and the pointer to that in the contract."""
    paging, stream = operation.paging, operation.stream
    found: dict[str, str] = {}
    if paging is not None:
        first = next(iter(due)).pointer + f"{paging.items}/0"
        own = [at for at, value in every(operation) if tells_state(value)]
        found = {at: first + at for at in [*([paging.item_state] if paging.item_state else []), *own]}
    like = contract.operations.get(paging.like if paging else stream.like if stream else "")
    at = paging.like_at if paging else ""
    shown = [(operation, each) for each in due] if paging is None else []
    shown += [(like, success) for success in _successes(like)] if like is not None else []
    for other, example in shown:
        for place in _telling(contract, other, example, words):
            if place.startswith(at):
                found.setdefault(place.removeprefix(at), example.pointer + place)
    return {place: pointer for place, pointer in found.items() if _last(place) in words}


def _successes(operation: Operation) -> Iterator[Example]:
    for several in operation.examples.values():
        yield from (each for each in several if each.status < 400 and each.is_json)


def _telling(contract: Contract, operation: Operation, example: Example, words: Words) -> Iterator[str]:
    """The places at which an example tells a state: what binds it, and what shows a word of it."""
    laid = bindings_of(contract, operation, example)
    yield from (at for at, value in laid.items() if tells_state(value))
    for at, value in leaves(example.value, "", laid):
        if isinstance(value, str) and value in words.get(_last(at), ()):
            yield at


# --- the words of states


@once_per_contract(256)
def words_of(contract: Contract, resource: str) -> Words:
    """All that is written for states of a resource."""
    known: dict[str, list[Any]] = {}
    for operation in contract.operations.values():
        if resource in operation.resources:
            for at, value in _written(contract, operation, resource):
                known.setdefault(_last(at), []).append(value)
    return known


def _written(contract: Contract, operation: Operation, resource: str) -> Iterator[tuple[str, Any]]:
    states = contract.resources[resource].states
    for at, value in every(operation):
        if tells_state(value):
            yield from ((at, written(value, state)) for state in states)
    if operation.paging is not None:
        at = operation.paging.item_state or ""
        yield from ((at, state) for state in operation.paging.states if at)
        yield from ((at, pointers.get(item, at)) for item in _items(operation) if at)
        return
    shown: dict[str, dict[str, set[str]]] = {}
    for example in _successes(operation):
        if resource_of(operation, example.name) == resource:
            for at, value in leaves(example.value, "", bindings_of(contract, operation, example)):
                if isinstance(value, str) and _WORD.fullmatch(value):
                    shown.setdefault(at, {}).setdefault(example.name.rpartition(".")[2], set()).add(value)
    at = max(shown, key=lambda place: _likeness(shown[place]), default="")
    if at and _likeness(shown[at]):
        yield from ((at, word) for several in shown[at].values() for word in several)


def _items(operation: Operation) -> Iterator[Any]:
    for example in _successes(operation):
        listed = pointers.get(example.value, operation.paging.items if operation.paging else "")
        yield from listed if isinstance(listed, list) else ()


def _likeness(words: Mapping[str, set[str]]) -> int:
    """How many states are shown by their own name in one place; none, where all are shown by one word."""
    if len(set().union(*words.values())) < 2:
        return 0
    return sum(any(_plain(word) == _plain(state) for word in several) for state, several in words.items())


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", word).lower()
