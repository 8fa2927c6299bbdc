"""Answers that are streams: each event as a look at the job, at a moment between the request and the end.

An archive has no times of events: they are spread evenly. Knows no state and no example.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from mockserver.imported.lexicon import FACT_OF, STATE_FIELDS, letters, meaning_of, parts
from mockserver.intake import EVENT_STREAM, STREAMS
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import answer_leaves, leaves
from mockserver.observed.model import Observed, ObservedOperation, StatePlace
from mockserver.observed.texts import json_in
from mockserver.pointers import get
from mockserver.validation.events import events_of

HEARTBEAT_SECONDS = 15
LOGS = frozenset(("log", "logs", "message", "output", "line", "text"))
"""Names of events, and of the fields in them, that tell what a job says as it works; letters alone."""


def find_events(calls: Sequence[ObservedCall]) -> None:
    """Number the calls by time, and set what each stream told: an event is a call of its own, with the same request."""
    for call in calls:
        if call.answer_media not in STREAMS or not call.is_good:
            continue
        are_lines = call.answer_media != EVENT_STREAM
        events = [(each.name, json_in(each.data)) for each in events_of(call.text, are_lines=are_lines)]
        told = [(name, value) for name, value in events if isinstance(value, dict)]
        if not told or (are_lines and not tell_states(value for _, value in told)):
            continue
        step = (call.ended - call.at) / max(len(told) - 1, 1)
        call.told = [
            replace(call, at=at, ended=at, answer=value, text="", event=name, stream=call, told=[], known={})
            for n, (name, value) in enumerate(told)
            for at in (call.at + step * n,)
        ]
    several = sorted((each for call in calls for each in (call, *call.told)), key=lambda each: each.at)
    for number, call in enumerate(several):
        call.number = number


def tell_states(values: Iterable[JsonValue]) -> bool:
    """Whether several objects tell how one thing goes on: rows of results do not, nor do the parts of a text."""
    words = {
        str(value)
        for each in values
        for at, value in leaves(each)
        if letters(_last(at)) in STATE_FIELDS and meaning_of(str(value))
    }
    return len(words) > 1


def _last(at: str) -> str:
    return at.rpartition("/")[2]


def part_streams(found: Observed) -> None:
    """Take streams apart into their events, where an operation answers with nothing else."""
    for op in found.operations:
        streamed = [call for call in op.good if call.told]
        if not streamed:
            continue
        if len(streamed) < len(op.good):
            op.calls = [call for call in op.calls if not call.told]
            row = f"{op.method} {op.template}", "answers with a stream, too, which is left out"
            found.notes.append((*row, "an operation of its own for that, with the verb stream"))
            continue
        op.whole = op.calls
        op.calls = [each for call in op.calls for each in call.told or [call]]
        op.media = streamed[0].answer_media


def made_whole(op: ObservedOperation) -> None:
    """Take an operation for one that answers always with the same stream, as with any other text."""
    op.calls, op.whole, op.media, op.state = op.whole, [], "", None


# --- what events tell


def find_words(op: ObservedOperation, known: Sequence[str]) -> None:
    """Where no field of its events tells the state: set which names of events do, and what it is called elsewhere."""
    names = dict.fromkeys(call.event for call in op.good if call.event)
    words = {}
    for name in names:
        word = next((each for each in known if letters(each) == letters(name)), "") or _meant(name, known)
        if word:
            words[name] = word
    if words:
        op.state, op.words = StatePlace("event"), words


def _meant(name: str, known: Sequence[str]) -> str:
    """The one word of the same meaning; without any, the name itself where it has one."""
    meaning = next((each for word in reversed(parts(name)) if (each := meaning_of(word))), "")
    several = [each for each in known if meaning and meaning_of(each) == meaning]
    if len(several) == 1:
        return several[0]
    return name if meaning and not known else ""


def further(op: ObservedOperation) -> Iterator[tuple[str, ObservedCall]]:
    """`progress` and `log`, each with an event that tells of it."""
    percents = [*_percents(op)]
    moving = next((call for call, value in percents if 0 < value < 100), None)
    if moving is not None and len({value for _, value in percents}) > 2:
        yield "progress", moving
    log = next(filter(is_log, op.good), None)
    if log is not None:
        yield "log", log


def log_of(op: ObservedOperation) -> list[tuple[int, str]]:
    """The lines that events tell, each with the percents at which it does: those of the event before, or its place."""
    found: dict[str, int] = {}
    percents, last = {id(call): value for call, value in _percents(op)}, 0.0
    for n, call in enumerate(op.good):
        last = percents.get(id(call), last)
        if is_log(call):
            at = last if percents else 100 * n / len(op.good)
            found.setdefault(str(get(call.answer, text_at(call))), min(max(round(at), 1), 99))
    return [(at, text) for text, at in found.items()]


def text_at(call: ObservedCall) -> str:
    """Where an event has the line that it tells; empty where it tells none."""
    return next((at for at, value in answer_leaves(call) if isinstance(value, str) and _is_line(at)), "")


def _is_line(at: str) -> bool:
    """Whether one line of a log stands there: in a list there are all of them."""
    return letters(_last(at)) in LOGS and not any(part.isdigit() for part in at.split("/"))


def is_log(call: ObservedCall) -> bool:
    """Whether an event tells a line of a log: it is called so, or has nothing else to tell."""
    tells_state = any(letters(_last(at)) in STATE_FIELDS for at, value in answer_leaves(call) if isinstance(value, str))
    is_named = not call.event or letters(call.event) in LOGS or "log" in letters(call.event)
    return bool(text_at(call)) and not tells_state and is_named


def _percents(op: ObservedOperation) -> Iterator[tuple[ObservedCall, float]]:
    for call in op.good:
        for at, value in answer_leaves(call):
            if FACT_OF.get(letters(_last(at))) == "progress" and type(value) in (int, float):
                yield call, value
                break


def words_of_stream(op: ObservedOperation, told: Mapping[str, ObservedCall]) -> JsonValue:
    """What behavior.json says of a stream: names of its events, how often progress is told, heartbeats."""
    made: JsonValue = {}
    steps = Counter(round(b - a) for (_, a), (_, b) in pairwise(_percents(op)) if b - a >= 1)
    if "progress" in told:
        made["every"] = min(max(steps.most_common(1)[0][0] if steps else 10, 1), 99)
    names = {name: call.event for name, call in told.items() if call.event != name}
    if names and op.media == EVENT_STREAM:
        made["events"] = names
    if any(line.startswith(":") for call in op.whole for line in call.text.splitlines()):
        made["heartbeat"] = HEARTBEAT_SECONDS
    return made
