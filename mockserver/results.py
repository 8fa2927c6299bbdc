"""The bytes of results, made when they are asked for, from seed, plan and sources. Knows no HTTP.

Makers are a closed table; the same job gives the same bytes every time.
"""

from __future__ import annotations

import asyncio
import html
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import PurePath
from typing import Any

from mockserver import pointers
from mockserver.answers import Subject, reader
from mockserver.bounds import RESULTS, RESULTS_COUNT
from mockserver.contract import Operation, Result, Value
from mockserver.media import (
    Blob,
    aspect_size,
    blob,
    dimensions,
    edited,
    inpainted,
    padded_picture,
    padded_video,
    picture,
)
from mockserver.sandbox import SandboxApi
from mockserver.shelf import Upload
from mockserver.store import Job

Sources = Mapping[str, Upload]
_TYPES = {".mp4": "video/mp4", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".html": "text/html"}
_cache: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()


async def result_blob(api: SandboxApi, job: Job, name: str) -> Blob | None:
    """The bytes of a finished job's result; None when it has no such result, or what it is made from is gone."""
    result = api.result_of(job, name)
    sources = {n.removeprefix("source."): u for n, u in (job.uploads or {}).items() if n.startswith("source.")}
    if result is None or any(upload.gone for upload in sources.values()):
        return None
    if result.make == "page":
        return _page(api, job, result)
    seed = _text(api, job, result.seed) or job.id
    aspect = _text(api, job, result.aspect)
    key = None if sources else (seed, aspect, result.make, result.file, result.size, result.seconds, result.longest)
    data = _cache.get(key) if key is not None else None
    if data is None:
        # Drawing takes tens of milliseconds: in a thread, or every other request would wait for it.
        data = await asyncio.to_thread(MAKERS[result.make], result, seed, aspect, sources)
        if key is not None:
            _remember(key, data)
    return _blob(result, data, job.plan.result_bytes)


def _remember(key: tuple[Any, ...], data: bytes) -> None:
    _cache[key] = data
    while len(_cache) > RESULTS_COUNT or sum(map(len, _cache.values())) > RESULTS:
        _cache.popitem(last=False)


def _text(api: SandboxApi, job: Job, value: Value | None) -> str:
    if value is None:
        return ""
    found = reader(value)(Subject(0.0, job=job, links=api.links))
    return "" if found is None else str(found)


def _kind(file: str) -> str:
    return _TYPES[PurePath(file).suffix]


def _blob(result: Result, data: bytes, size: int | None) -> Blob:
    kind = _kind(result.file)
    if size is None:
        return blob(kind, data)
    return (
        padded_video(data, size)
        if kind == "video/mp4"
        else padded_picture(data, "jpeg" if kind == "image/jpeg" else "png", size)
    )


def _video(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    from mockserver.media import video

    return video(seed, *result.size, result.seconds)


def _picture(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    size = aspect_size(aspect, result.longest) if aspect else result.size
    return picture(seed, *size, "jpeg" if _kind(result.file) == "image/jpeg" else "png")


def _edited(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    if "original" not in sources:
        return _picture(result, seed, aspect, sources)
    size = aspect_size(aspect, result.longest) if aspect else None
    return edited(_bytes(sources["original"]), seed, size)


def _inpainted(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    return inpainted(_bytes(sources["original"]), _bytes(sources["mask"]), seed)


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


def same_size(sources: Sources) -> bool:
    """Whether original and mask are pictures of one size; True when they are not both there."""
    if "original" not in sources or "mask" not in sources:
        return True
    sizes = [dimensions(_bytes(sources[name])) for name in ("original", "mask")]
    return None not in sizes and sizes[0] == sizes[1]
