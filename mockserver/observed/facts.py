"""Which values of answers are facts of their job: its id, times, progress, error, results, and what the request said.

By names and by values; what is the same in every answer stays as it is. Knows no document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from mockserver.imported.lexicon import FACT_OF, letters, made_by, parts
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall, place_of, url_in
from mockserver.observed.echoes import ShownValues, echo, request_values
from mockserver.observed.flow import HIDDEN, free_name, sent
from mockserver.observed.flow import answer_leaves as shown_by
from mockserver.observed.lives import by_word, moment, state_before
from mockserver.observed.model import Observed, ObservedJob, ObservedOperation, ObservedResource
from mockserver.observed.rows import is_of_many
from mockserver.observed.states import word_of
from mockserver.pointers import MISSING, get, walk

NEAR_SECONDS = 5.0
"""So far may a clock of theirs be from ours, for a time to be that of the creation."""
MADE = {
    "video/mp4": ("video", "video.mp4"), "image/png": ("picture", "picture.png"),
    "image/jpeg": ("picture", "picture.jpg"), "audio/mpeg": ("audio", "audio.mp3"), "audio/wav": ("audio", "audio.wav"),
    "audio/x-wav": ("audio", "audio.wav"),
}  # fmt: skip
"""By media type: what makes such bytes, and how the file is called."""
ENDINGS = {
    "video/webm": "webm", "video/quicktime": "mov", "image/webp": "webp", "image/gif": "gif", "image/svg+xml": "svg",
    "text/html": "html", "audio/ogg": "ogg", "audio/mp4": "m4a", "audio/flac": "flac", "text/plain": "txt",
    "text/csv": "csv", "text/markdown": "md", "application/x-subrip": "srt", "text/vtt": "vtt",
    "application/json": "json", "application/jsonl": "jsonl", "application/x-ndjson": "ndjson",
    "application/pdf": "pdf", "application/zip": "zip", "model/gltf-binary": "glb", "application/xml": "xml",
}  # fmt: skip
"""By media type: how the name of a file of the contract's folder ends, whose bytes are a result."""
ObservedBindings = dict[str, Any]


def bindings_of(found: Observed, resource: ObservedResource, op: ObservedOperation) -> ObservedBindings:
    """By pointer into the answers of an operation about a job: the fact that stands there."""
    several = [*_samples(resource, op)]
    made: ObservedBindings = {}
    places: dict[str, ShownValues] = {at: [] for _, call in several for at, _ in shown_by(call)}
    for job, call in several:
        for at, value in walk(call.answer):
            if at in places:
                places[at].append((job, call, value))
    for at, place in places.items():
        fact = _fact(found, resource, op, (at, place))
        if fact is not None:
            made[at] = _unsaid(fact, at, several)
    return made


def _unsaid(fact: Any, at: str, several: Iterable[tuple[ObservedJob, ObservedCall]]) -> Any:
    """What repeats the request, where that said nothing as answers had it then: left out, or null."""
    if not (isinstance(fact, dict) and str(fact.get("fact")).startswith("request.")):
        return fact
    place = fact["fact"].removeprefix("request.")
    shown = [get(call.answer, at) for job, call in several if not _says(job.created, place)]
    if shown and all(value is MISSING for value in shown):
        return {"fact": fact["fact"], "omit": True}
    return fact["fact"] if shown and all(value is None for value in shown) else fact


def _says(call: ObservedCall, place: str) -> bool:
    where, _, name = place.partition(".")
    return name in call.query if where == "query" else any(at == place for at, _ in sent(call))


def _samples(resource: ObservedResource, op: ObservedOperation) -> Iterator[tuple[ObservedJob, ObservedCall]]:
    """The answers about each job, those of one after the other."""
    of_jobs: dict[str, list[ObservedCall]] = {name: [] for name in resource.jobs}
    for call in op.calls:
        for job in resource.about(call, op) if call.is_good and call.answer is not MISSING else ():
            of_jobs[job.id].append(call)
    yield from ((resource.jobs[name], call) for name, calls in of_jobs.items() for call in calls)


def _fact(found: Observed, resource: ObservedResource, op: ObservedOperation, of: tuple[str, ShownValues]) -> Any:
    at, several = of
    shown = [each for each in several if each[2] not in (None, "")]
    if not shown or (op.state is not None and op.state.at == at):
        return None
    if all(str(value) == job.id for job, _, value in shown):
        return "id"
    name = letters(at.rpartition("/")[2])
    if all(isinstance(value, str) and value.startswith(("http://", "https://", "/")) for _, _, value in shown):
        return _link(found, resource, (at, shown))
    if is_of_many(at, (call.answer for _, call, _ in several)):
        return None
    fact = _by_name(resource, op, (at, name, shown))
    is_never_null = not any(value is None for _, _, value in several)
    if isinstance(fact, str) and (fact == "ended" or fact.startswith("at.")) and is_never_null:
        return {"fact": fact, "else": shown[0][2]}
    return fact or echo(at, shown)


def _by_name(resource: ObservedResource, op: ObservedOperation, of: tuple[str, str, ShownValues]) -> Any:
    _, name, shown = of
    meaning = FACT_OF.get(name, "")
    times = [(job, call, time) for job, call, value in shown if (time := time_in(value)) is not None]
    if len(times) == len(shown):
        return _time_fact(resource, times, meaning)
    if meaning == "progress" and all(type(value) in (int, float) and 0 <= value <= 100 for _, _, value in shown):
        return "progress"
    states = {state.meaning for _, call, _ in shown if (state := by_word(resource, word_of(call, op))) is not None}
    if states == {"failure"} and all(isinstance(value, str) for _, _, value in shown):
        return (
            "error" if meaning == "error" or name.endswith(("message", "reason", "detail")) or "error" in name else None
        )
    return None


def _time_fact(resource: ObservedResource, times: list[tuple[ObservedJob, ObservedCall, float]], meaning: str) -> Any:
    """By when it is: at the creation, or later; by its name where that does not tell."""
    if meaning in ("created", "updated", "ended"):
        return meaning
    if meaning == "started":
        return next((f"at.{state.name}" for state in resource.states.values() if state.meaning == "running"), None)
    return "created" if all(abs(time - moment(job.created)) <= NEAR_SECONDS for job, _, time in times) else None


def time_in(value: Any) -> float | None:
    """The moment that a text or a number is, in seconds since 1970; None for what is none."""
    if isinstance(value, str) and len(value) >= 19:
        try:
            read = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return None
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    if type(value) in (int, float) and 1e9 <= value < 2e9:
        return float(value)
    return value / 1000 if type(value) is int and 1e12 <= value < 2e12 else None


# --- links


def _link(found: Observed, resource: ObservedResource, of: tuple[str, ShownValues]) -> Any:
    at, shown = of
    target = next(
        (op for op in resource.operations if all(_leads(op, job, call, value) for job, call, value in shown)), None
    )
    if target is not None:
        target.signed = target.signed or (target.verb == "upload")
        return f"url.{target.name}" if _is_absolute(shown) else None
    if any(value in request_values(job.created) for job, _, value in shown):
        return echo(at, shown)
    different = {value for _, _, value in shown}
    if len(different) < len({job.id for job, _, _ in shown}) and not any(HIDDEN in value for value in different):
        return None  # what was hidden in several may have been different
    if not all(_is_late(resource, job, call) for job, call, _ in shown):
        return None
    name = _result(found, resource, at, [value for _, _, value in shown])
    return f"{'result' if _is_absolute(shown) else 'result_path'}.{name}" if name else None


def _is_absolute(shown: ShownValues) -> bool:
    return all(value.startswith("http") for _, _, value in shown)


def _leads(op: ObservedOperation, job: ObservedJob, call: ObservedCall, value: str) -> bool:
    """Whether a URL is that of an operation on this job."""
    url = url_in(value) or url_in(f"https://{call.host}{value}")
    if url is None:
        return False
    if not op.asked:
        op.asked = {(other.place, value) for other in op.calls for value in other.values}
    if (place_of(url), job.id) in op.asked:
        return True
    names = [part[1:-1] for part in op.template.split("/") if part.startswith("{")]
    path = op.template.replace(f"{{{names[0]}}}", job.id) if len(names) == 1 else ""
    if url.netloc and url.netloc.rpartition("@")[2].lower() != call.host:  # the same under another name
        return path.count("/") > 1 and unquote(url.path).endswith(path)
    return bool(path) and path == unquote(url.path)


def _is_late(resource: ObservedResource, job: ObservedJob, call: ObservedCall) -> bool:
    """Whether an answer is that of a job that succeeded."""
    shown = job.sighted(call)
    state = state_before(resource, job, call) if shown is None else by_word(resource, shown)
    return state is None or state.meaning in ("success", "still")


def _result(found: Observed, resource: ObservedResource, at: str, urls: Iterable[str]) -> str:
    """The name of the result that stands at a pointer; it is noted down for its resource."""
    places = {place_of(url) for each in urls if (url := url_in(each)) is not None}
    got = next((call for call in found.downloads if call.place in places and call.is_good), None)
    words = [word for part in at.split("/") for word in parts(part)]
    make, file = result_of(got, urls, words)
    if at in resource.results:
        return str(resource.results[at]["name"])
    name = free_name(make, {str(row["name"]) for row in resource.results.values()})
    resource.results[at] = {"name": name, "make": make, "file": file, "got": got}
    return name


def result_of(got: ObservedCall | None, urls: Iterable[str], words: list[str]) -> tuple[str, str]:
    """What a result is, and how its file is called: by what was got, by how its URL ends, by words about it."""
    media = got.answer_media if got is not None else ""
    if media in MADE:
        return MADE[media]
    if media:
        return "file", f"result.{ENDINGS.get(media, 'bin')}"
    ends = {PurePosixPath(url.partition("?")[0]).suffix.lower() for url in urls}
    for make, file in MADE.values():
        if PurePosixPath(file).suffix in ends:
            return make, file
    make, file = made_by(words)
    return ("file", file) if make == "text" else (make, file)


def content_of(op: ObservedOperation) -> tuple[str, str]:
    """The same of an operation that answers with bytes."""
    words = [word for part in op.template.split("/") if not part.startswith("{") for word in parts(part)]
    return result_of(next(iter(op.good), None), [], words)


def json_of(calls: Iterable[ObservedCall]) -> list[JsonValue]:
    """The answers that are JSON."""
    return [call.answer for call in calls if call.answer is not MISSING]
