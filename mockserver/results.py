"""The bytes of results, made when they are asked for, from seed, plan and sources. Knows no HTTP.

Makers are a closed table; the same job gives the same bytes every time. A source that cannot be read is no reason to
give nothing: the result is drawn as if there were none.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import PurePath
from typing import Any, Literal

from mockserver import pointers
from mockserver.api_state import SandboxApi
from mockserver.contract import Operation
from mockserver.errors import RequestError, StorageError, UsageError
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Result, Value
from mockserver.media import (
    Blob,
    aspect_size,
    blob,
    edited,
    inpainted,
    padded_picture,
    padded_video,
    picture,
    shown_size,
)
from mockserver.media.drawing import Drawings, beside
from mockserver.shelf import Upload
from mockserver.state.port import Named
from mockserver.store import Handle
from mockserver.subject import Subject
from mockserver.values import reader

Sources = Mapping[str, Blob]
Handles = Mapping[str, Handle]
_TYPES = {".mp4": "video/mp4", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".html": "text/html"}
_drawings = Drawings()


async def result_blob(api: SandboxApi, job: PlannedJob, name: str) -> Blob | None:
    """The bytes of a finished job's result; None when it has no such result, or what it is made from is gone."""
    drawn: dict[tuple[str, str], Blob | None] = {}
    waiting = [(job, name)]
    while waiting:  # what a result is made from is drawn before it, however many stand behind each other
        maker, result = waiting[-1]
        sources = _sources(maker)
        missing = [each for each in sources.values() if each.result and (each.id, each.result) not in drawn]
        for handle in missing:
            found = (await api.state.look_up(api.contract.name, (handle.id,)))[handle.id].job
            if found is None:
                drawn[handle.id, handle.result] = None
            else:
                waiting.append((api.planned(found), handle.result))
        if not missing:
            waiting.pop()
            drawn[maker.id, result] = await _drawn(api, maker, result, _bytes_of(api, sources, drawn))
    return drawn[job.id, name]


def _sources(job: PlannedJob) -> Mapping[str, Handle]:
    """What its results are made from."""
    uploads = (job.uploads or {}).items()
    return {name.removeprefix("source."): handle for name, handle in uploads if name.startswith("source.")}


def _bytes_of(
    api: SandboxApi, sources: Mapping[str, Handle], drawn: Mapping[tuple[str, str], Blob | None]
) -> Sources | None:
    """The bytes behind handles; None when some are gone."""
    found = {}
    for name, handle in sources.items():
        upload = None if handle.result else api.sandbox.shelf.get(handle.id)
        kept = None if upload is None else upload.blob
        made = drawn[handle.id, handle.result] if handle.result else kept
        if made is None:
            return None
        found[name] = made
    return found


async def _drawn(api: SandboxApi, job: PlannedJob, name: str, sources: Sources | None) -> Blob | None:
    result = api.result_of(job, name)
    if result is None or sources is None:
        return None
    if result.make == "page":
        return _page(api, job, result)
    seed = _text(api, job, result.seed) or job.id
    result = _settled(api, job, result)
    aspect, size = _text(api, job, result.aspect), job.plan.result_bytes
    made_of = tuple((name, source.etag) for name, source in sorted(sources.items()))
    drawn = (result.make, result.file, result.size, result.fps, result.seconds, result.longest)
    # Drawing takes tens of milliseconds, of large sources seconds: every other request would wait for it.
    return await _drawings.get(
        (seed, aspect, size, *drawn, made_of),
        lambda: _blob(result, MAKERS[result.make](result, seed, aspect, sources), size),
    )


def _text(api: SandboxApi, job: PlannedJob, value: Value | None) -> str:
    found = None if value is None else _read(api, job, value)
    return "" if found is None else str(found)


def _read(api: SandboxApi, job: PlannedJob, value: Value) -> Any:
    return reader(value)(Subject(0.0, job=job, links=api.links))


def _settled(api: SandboxApi, job: PlannedJob, result: Result) -> Result:
    """The result with the size and the frames a second of this job, where it says anything of them."""
    size, fps = (each and _read(api, job, each) for each in (result.size_of, result.fps_of))
    return result._replace(size=tuple(size) if size else result.size, fps=fps if isinstance(fps, int) else result.fps)


def _kind(file: str) -> str:
    return _TYPES[PurePath(file).suffix]


def _format(result: Result) -> Literal["png", "jpeg"]:
    return "jpeg" if _kind(result.file) == "image/jpeg" else "png"


def _blob(result: Result, data: bytes, size: int | None) -> Blob:
    kind = _kind(result.file)
    if size is None:
        return blob(kind, data)
    return padded_video(data, size) if kind == "video/mp4" else padded_picture(data, _format(result), size)


def _video(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    from mockserver.media.film import FASTEST, video

    return video(seed, *result.size, result.seconds, min(max(result.fps, 1), FASTEST))


def _picture(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    return picture(seed, *(_size(result, aspect) or result.size), _format(result))


def _size(result: Result, aspect: str) -> tuple[int, int] | None:
    """The size that the request asked for; None when it named none that can be drawn."""
    try:
        return aspect_size(aspect, result.longest) if aspect else None
    except RequestError:
        return None


def _edited(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    try:
        return edited(_bytes(sources["original"]), seed, _size(result, aspect), _format(result))
    except _UNREADABLE:
        return _picture(result, seed, aspect, sources)


def _inpainted(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    try:
        return inpainted(_bytes(sources["original"]), _bytes(sources["mask"]), seed, _format(result))
    except _UNREADABLE:
        return _edited(result, seed, aspect, sources)


_UNREADABLE = (KeyError, RequestError, UsageError, StorageError, MemoryError)
"""There is no such source, it is no picture, its file is gone, it is too large for this machine."""


MAKERS: Mapping[str, Callable[[Result, str, str, Sources], bytes]] = {
    "video": _video,
    "picture": _picture,
    "edited": _edited,
    "inpainted": _inpainted,
}


def _bytes(source: Blob) -> bytes:
    return b"".join(source.chunks(0, source.length))


def _page(api: SandboxApi, job: PlannedJob, result: Result) -> Blob:
    shown = html.escape(api.links.result(job, result.of, True) or "", quote=True)
    title = html.escape(f"{api.contract.title} · {job.id}")
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><body>'
        f'<h1>{title}</h1><video controls src="{shown}"></video><p><a href="{shown}">Download</a></p></body></html>\n'
    )
    return blob("text/html; charset=utf-8", text.encode())


def sources_of(
    operation: Operation, values: Any, files: Mapping[str, Sequence[Upload]], media: Mapping[str, Handle | None]
) -> Handles:
    """The pictures a result will be made from: uploaded parts, or media that the request names, by id."""
    found: dict[str, Handle] = {}
    for result in operation.results.values():
        for name, places in result.sources.items():
            handle = _first(places, values, files, media)
            if handle is not None:
                found[name] = handle
    return found


def _first(
    places: Sequence[str], values: Any, files: Mapping[str, Sequence[Upload]], media: Mapping[str, Handle | None]
) -> Handle | None:
    for place in places:
        if files.get(place):
            return files[place][0].handle
        for named in _named_at(place, values):
            handle = media[named]
            if handle is not None:
                return handle
    return None


def _named_at(place: str, values: Any) -> list[str]:
    return [str(named) for _, named in pointers.find(values, place)] if place.startswith("/") else []


def named_media(operation: Operation, values: Any, files: Mapping[str, Sequence[Upload]]) -> Iterator[str]:
    """The ids of the media from which results may be made; none where the source was uploaded."""
    for places in (places for result in operation.results.values() for places in result.sources.values()):
        for place in takewhile(lambda place: not files.get(place), places):
            yield from _named_at(place, values)


async def medium(api: SandboxApi, named: Named) -> Handle | None:
    """The bytes behind an id: uploaded ones, or the result of the job that produces it."""
    if named.job is not None:
        return (named.job.uploads or {}).get("body")
    maker = named.maker
    made = api.contract.resources[maker.resource].produces if maker else None
    if maker is None or made is None or made.result is None:
        return None
    drawn = await result_blob(api, api.planned(maker), made.result)
    if drawn is None:
        return None
    return Handle(maker.id, drawn.content_type, "result", drawn.length, result=made.result)


async def same_size(api: SandboxApi, sources: Handles) -> bool:
    """Whether original and mask are shown in one size; True when either has none."""
    blobs = [await blob_of(api, sources[name]) for name in ("original", "mask")]
    one, other = await beside(lambda: [*map(_shown_size, blobs)])
    return None in (one, other) or one == other


async def blob_of(api: SandboxApi, handle: Handle) -> Blob | None:
    """The bytes behind a handle; None when they are gone."""
    if not handle.result:
        upload = api.sandbox.shelf.find(handle.id)
        return None if upload is None else upload.blob
    maker = (await api.state.look_up(api.contract.name, (handle.id,)))[handle.id].job
    return None if maker is None else await result_blob(api, api.planned(maker), handle.result)


def _shown_size(source: Blob | None) -> tuple[int, int] | None:
    try:
        return None if source is None else shown_size(_bytes(source))
    except (StorageError, UsageError):
        return None
