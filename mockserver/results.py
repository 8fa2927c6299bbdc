"""The bytes of results, made when they are asked for, from seed, plan and sources. Knows no HTTP.

Makers and writers are closed tables; the same job gives the same bytes every time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import Any

from mockserver import pointers
from mockserver.api_state import SandboxApi
from mockserver.bounds import ITEM_BYTES, ITEMS
from mockserver.contract import Operation
from mockserver.errors import RequestError, StorageError, UsageError
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Result, Value, is_count, is_seconds, is_size
from mockserver.makers import Sources, bytes_of, drawn_result, sized
from mockserver.media import Blob, shown_size
from mockserver.media.drawing import Drawings, beside
from mockserver.state.port import NamedJobs
from mockserver.store import Handle
from mockserver.subject import Subject
from mockserver.text_results import WRITERS, subject_of
from mockserver.upload_store import Arriving, Upload
from mockserver.validation import parse_json
from mockserver.values import reader

Handles = Mapping[str, Handle]
_drawings = Drawings()
_DIGITS = re.compile(r"[0-9]{2,4}").fullmatch
_SIZE = re.compile(r"([0-9]{2,4})[:x]([0-9]{2,4})")


async def result_blob(api: SandboxApi, job: PlannedJob, name: str) -> Blob | None:
    """The bytes of a finished job's result; None when it has no such result, or what it is made from is gone."""
    blobs: dict[tuple[str, str], Blob | None] = {}
    waiting = [(job, name)]
    while waiting:  # what a result is made from is drawn before it, however many stand behind each other
        maker, result = waiting[-1]
        sources = _sources(maker)
        missing = [source for source in sources.values() if source.result and (source.id, source.result) not in blobs]
        for handle in missing:
            record = (await api.state.look_up(api.contract.name, (handle.id,)))[handle.id].job
            if record is None:
                blobs[handle.id, handle.result] = None
            else:
                waiting.append((api.planned(record), handle.result))
        if not missing:
            waiting.pop()
            await api.links.look((maker,))
            blobs[maker.id, result] = await _drawn(api, maker, result, await _bytes_of(api, sources, blobs))
    return blobs[job.id, name]


def _sources(job: PlannedJob) -> Mapping[str, Handle]:
    """What its results are made from."""
    uploads = (job.uploads or {}).items()
    return {name.removeprefix("source."): handle for name, handle in uploads if name.startswith("source.")}


async def _bytes_of(
    api: SandboxApi, sources: Mapping[str, Handle], blobs: Mapping[tuple[str, str], Blob | None]
) -> Sources | None:
    """The bytes behind handles; None when some are gone."""
    found = {}
    for name, handle in sources.items():
        blob = blobs[handle.id, handle.result] if handle.result else await api.state.upload(handle.id)
        if blob is None:
            return None
        found[name] = blob
    return found


async def _drawn(api: SandboxApi, job: PlannedJob, name: str, sources: Sources | None) -> Blob | None:
    result = api.result_of(job, name)
    if result is None or sources is None:
        return None
    now, size = (await api.sandbox.read_clock()).now, job.plan.result_bytes
    if result.make in WRITERS:
        data = WRITERS[result.make](api, job, result, now)
        return None if data is None else sized(result, data, size if result.make != "page" else None)
    subject = subject_of(api, job, now)
    seed, sides = _text(subject, result.seed) or job.id, _sides(subject, result.size_of)
    aspect = "" if sides else _text(subject, result.aspect)
    result = _settled(subject, result, sides)
    made_of = tuple((name, source.etag) for name, source in sorted(sources.items()))
    form = (result.make, result.file, result.size, result.fps, result.seconds, result.longest)
    # Drawing takes tens of milliseconds, of large sources seconds: every other request would wait for it.
    return await _drawings.get(
        (seed, aspect, size, *form, made_of), lambda: drawn_result(result, seed, aspect, sources, size)
    )


def _text(subject: Subject, value: Value | None) -> str:
    text = None if value is None else reader(value)(subject)
    return "" if text is None else str(text)


def _settled(subject: Subject, result: Result, sides: tuple[int, int] | None) -> Result:
    """The result with the size, the seconds and the frames a second of this job, where it says anything of them."""
    fps, seconds = (rule and reader(rule)(subject) for rule in (result.fps_of, result.seconds_of))
    size = reader(result.size_of)(subject) if isinstance(result.size_of, Value) else None
    return result._replace(
        size=sides or _size(size) or result.size,
        fps=fps if is_count(fps) else result.fps,
        seconds=float(seconds) if is_seconds(seconds) else result.seconds,
    )


def _sides(subject: Subject, size: Value | tuple[int | Value, int | Value] | None) -> tuple[int, int] | None:
    """A width and a height that are said apart; None where they are not, or one of them is no such number."""
    if size is None or isinstance(size, Value):
        return None
    sides = [_whole(reader(side)(subject)) if isinstance(side, Value) else side for side in size]
    return (sides[0], sides[1]) if is_size(sides) else None


def _whole(number: Any) -> Any:
    """A number, or one that is written in digits."""
    return int(number) if isinstance(number, str) and _DIGITS(number) else number


def _size(text: Any) -> tuple[int, int] | None:
    """The width and height of a list of two, or of a text such as `1280:720`; None where it says none."""
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    size = [int(group) for group in match.groups()] if match else text
    return (size[0], size[1]) if is_size(size) else None


def sources_of(
    operation: Operation, values: Any, files: Mapping[str, Sequence[Upload]], media: Mapping[str, Handle | None]
) -> Handles:
    """The pictures a result will be made from: uploaded parts, or media that the request names, by id."""
    sources: dict[str, Handle] = {}
    for result in operation.results.values():
        for name, places in result.sources.items():
            handle = _first(places, values, files, media)
            if handle is not None:
                sources[name] = handle
    return sources


def _first(
    places: Sequence[str], values: Any, files: Mapping[str, Sequence[Upload]], media: Mapping[str, Handle | None]
) -> Handle | None:
    for place in places:
        if files.get(place):
            return files[place][0].handle
        for identity in _named_at(place, values):
            handle = media[identity]
            if handle is not None:
                return handle
    return None


def _named_at(place: str, values: Any) -> list[str]:
    return [str(identity) for _, identity in pointers.find(values, place)] if place.startswith("/") else []


def named_media(operation: Operation, values: Any, files: Mapping[str, Sequence[Upload]]) -> Iterator[str]:
    """The ids of the media from which results may be made; none where the source was uploaded."""
    for places in (places for result in operation.results.values() for places in result.sources.values()):
        for place in takewhile(lambda place: not files.get(place), places):
            yield from _named_at(place, values)


async def medium(api: SandboxApi, records: NamedJobs) -> Handle | None:
    """The bytes behind an id: uploaded ones, or the result of the job that produces it."""
    if records.job is not None:
        uploads = records.job.uploads or {}
        return uploads.get("body") or next(iter(uploads.values()), None)
    maker = records.maker
    product = api.contract.resources[maker.resource].produces if maker else None
    if maker is None or product is None or product.result is None:
        return None
    blob = await result_blob(api, api.planned(maker), product.result)
    if blob is None:
        return None
    return Handle(maker.id, blob.content_type, "result", blob.length, result=product.result)


async def same_size(api: SandboxApi, sources: Handles) -> bool:
    """Whether original and mask are shown in one size; True when either has none."""
    blobs = [await blob_of(api, sources[name]) for name in ("original", "mask")]
    first, second = await beside(lambda: [*map(_shown_size, blobs)])
    return None in (first, second) or first == second


async def blob_of(api: SandboxApi, handle: Handle) -> Blob | None:
    """The bytes behind a handle; None when they are gone."""
    if not handle.result:
        return await api.state.upload(handle.id)
    maker = (await api.state.look_up(api.contract.name, (handle.id,)))[handle.id].job
    return None if maker is None else await result_blob(api, api.planned(maker), handle.result)


async def joined_pieces(api: SandboxApi, pieces: Sequence[Handle]) -> Upload | None:
    """The bytes behind handles, end to end, of the type of the last; None when some are gone."""
    blobs = [await blob_of(api, piece) for piece in pieces]
    whole = [blob for blob in blobs if blob is not None]
    return await beside(lambda: _joined(whole, pieces[-1])) if len(whole) == len(blobs) else None


def _joined(blobs: Sequence[Blob], like: Handle) -> Upload:
    """An upload that has all these bytes, with their digests, of the type and the name of another one."""
    arriving = Arriving(is_hashed=True)
    try:
        for chunk in (chunk for blob in blobs for chunk in blob.chunks(0, blob.length)):
            arriving.write(chunk)
    except BaseException:
        arriving.discard()
        raise
    return arriving.close(like.content_type, like.filename)


async def lines_of(api: SandboxApi, handle: Handle) -> Sequence[Any]:
    """The values of bytes in which each line is JSON, null for a line that is none; empty lines do not count."""
    blob = await blob_of(api, handle)
    return [] if blob is None else await beside(lambda: [*islice(map(_parsed, _lines(blob)), ITEMS)])


def _lines(blob: Blob) -> Iterator[bytes]:
    tail = b""
    for chunk in blob.chunks(0, min(blob.length, ITEM_BYTES)):
        *whole, tail = (tail + chunk).split(b"\n")
        yield from (line for line in whole if line.strip())
    if tail.strip():
        yield tail


def _parsed(line: bytes) -> Any:
    try:
        return parse_json(line)
    except RequestError:
        return None


def _shown_size(source: Blob | None) -> tuple[int, int] | None:
    try:
        return None if source is None else shown_size(bytes_of(source))
    except (StorageError, UsageError):
        return None
