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
from mockserver.facts import reader
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
from mockserver.store import Job
from mockserver.subject import Subject

Sources = Mapping[str, Upload]
_TYPES = {".mp4": "video/mp4", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".html": "text/html"}
_drawings = Drawings()


async def result_blob(api: SandboxApi, job: Job, name: str) -> Blob | None:
    """The bytes of a finished job's result; None when it has no such result, or what it is made from is gone."""
    result = api.result_of(job, name)
    sources = {n.removeprefix("source."): u for n, u in (job.uploads or {}).items() if n.startswith("source.")}
    if result is None or any(upload.gone for upload in sources.values()):
        return None
    if result.make == "page":
        return _page(api, job, result)
    seed = _text(api, job, result.seed) or job.id
    result = _settled(api, job, result)
    aspect, size = _text(api, job, result.aspect), job.plan.result_bytes
    made_of = tuple((name, upload.blob.etag) for name, upload in sorted(sources.items()))
    drawn = (result.make, result.file, result.size, result.fps, result.seconds, result.longest)
    # Drawing takes tens of milliseconds, of large sources seconds: every other request would wait for it.
    return await _drawings.get(
        (seed, aspect, size, *drawn, made_of),
        lambda: _blob(result, MAKERS[result.make](result, seed, aspect, sources), size),
    )


def _text(api: SandboxApi, job: Job, value: Value | None) -> str:
    found = None if value is None else _read(api, job, value)
    return "" if found is None else str(found)


def _read(api: SandboxApi, job: Job, value: Value) -> Any:
    return reader(value)(Subject(0.0, job=job, links=api.links))


def _settled(api: SandboxApi, job: Job, result: Result) -> Result:
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


def _bytes(upload: Upload) -> bytes:
    return b"".join(upload.blob.chunks(0, upload.blob.length))


def _page(api: SandboxApi, job: Job, result: Result) -> Blob:
    shown = html.escape(api.links.result(job, result.of, True) or "", quote=True)
    title = html.escape(f"{api.contract.title} · {job.id}")
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><body>'
        f'<h1>{title}</h1><video controls src="{shown}"></video><p><a href="{shown}">Download</a></p></body></html>\n'
    )
    return blob("text/html; charset=utf-8", text.encode())


def sources_of(
    operation: Operation, values: Any, files: Mapping[str, Sequence[Upload]], media: Mapping[str, Upload | None]
) -> Sources:
    """The pictures a result will be made from: uploaded parts, or media that the request names, by id."""
    found: dict[str, Upload] = {}
    for result in operation.results.values():
        for name, places in result.sources.items():
            upload = _first(places, values, files, media)
            if upload is not None:
                found[name] = upload
    return found


def _first(
    places: Sequence[str], values: Any, files: Mapping[str, Sequence[Upload]], media: Mapping[str, Upload | None]
) -> Upload | None:
    for place in places:
        if files.get(place):
            return files[place][0]
        for named in _named_at(place, values):
            upload = media[named]
            if upload is not None:
                return upload
    return None


def _named_at(place: str, values: Any) -> list[str]:
    return [str(named) for _, named in pointers.find(values, place)] if place.startswith("/") else []


def named_media(operation: Operation, values: Any, files: Mapping[str, Sequence[Upload]]) -> Iterator[str]:
    """The ids of the media from which results may be made; none where the source was uploaded."""
    for places in (places for result in operation.results.values() for places in result.sources.values()):
        for place in takewhile(lambda place: not files.get(place), places):
            yield from _named_at(place, values)


async def medium(api: SandboxApi, named: str) -> Upload | None:
    """The bytes behind an id: uploaded ones, or the result of the job that produces it."""
    job = await api.store.get(named)
    if job is not None:
        found: Upload | None = (job.uploads or {}).get("body")
        return found
    maker = await api.store.produced(named)
    made = api.contract.resources[maker.resource].produces if maker else None
    if maker is None or made is None or made.result is None:
        return None
    made_bytes = await result_blob(api, maker, made.result)
    return None if made_bytes is None else Upload(made_bytes.content_type, "result", made_bytes)


async def same_size(sources: Sources) -> bool:
    """Whether original and mask are shown in one size; True when either has none."""
    one, other = await beside(lambda: [_shown_size(sources[name]) for name in ("original", "mask")])
    return None in (one, other) or one == other


def _shown_size(upload: Upload) -> tuple[int, int] | None:
    try:
        return shown_size(_bytes(upload))
    except (StorageError, UsageError):
        return None
