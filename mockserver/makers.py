"""The bytes of results that are drawn from a seed and from sources alone. A closed table; knows no job and no HTTP.

A source that cannot be read is no reason to give nothing: the result is drawn as if there were none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Literal

from mockserver.errors import RequestError, StorageError, UsageError
from mockserver.lifecycle import MAKES, Result
from mockserver.media import Blob, aspect_size, blob, edited, inpainted, padded, padded_picture, padded_video, picture
from mockserver.media.sound import mp3, wav

Sources = Mapping[str, Blob]
TYPES: Mapping[str, str] = {
    ".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime", ".png": "image/png", ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif", ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
    ".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg", ".m4a": "audio/mp4", ".flac": "audio/flac",
    ".txt": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".md": "text/markdown; charset=utf-8",
    ".srt": "application/x-subrip; charset=utf-8", ".vtt": "text/vtt; charset=utf-8", ".json": "application/json",
    ".jsonl": "application/jsonl", ".ndjson": "application/x-ndjson", ".pdf": "application/pdf",
    ".zip": "application/zip", ".glb": "model/gltf-binary", ".xml": "application/xml",
}  # fmt: skip
"""The media type of a file by how its name ends; of others nothing is known."""
_UNREADABLE = (KeyError, RequestError, UsageError, StorageError, MemoryError)
"""There is no such source, it is no picture, its file is gone, it is too large for this machine."""


def media_type(file: str) -> str:
    """The media type of a result's file."""
    return TYPES.get(PurePath(file).suffix.lower(), "application/octet-stream")


def drawn_result(result: Result, seed: str, aspect: str, sources: Sources, size: int | None) -> Blob:
    """A result that is drawn, of so many bytes where that is asked for."""
    return sized(result, MAKERS[result.make](result, seed, aspect, sources), size)


def sized(result: Result, data: bytes, size: int | None) -> Blob:
    """Bytes as the blob of a result, padded to a size."""
    kind = media_type(result.file)
    if size is None:
        return blob(kind, data)
    if kind == "video/mp4":
        return padded_video(data, size)
    if kind in ("image/png", "image/jpeg"):
        return padded_picture(data, _format(result), size)
    return padded(kind, data, size)


def _format(result: Result) -> Literal["png", "jpeg"]:
    return "jpeg" if media_type(result.file) == "image/jpeg" else "png"


def _video(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    from mockserver.media.film import FASTEST, video

    return video(seed, *result.size, result.seconds, min(max(result.fps, 1), FASTEST))


def _picture(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    return picture(seed, *(_size(result, aspect) or result.size), _format(result))


def _audio(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    return (wav if result.file.lower().endswith(".wav") else mp3)(seed, result.seconds)


def _size(result: Result, aspect: str) -> tuple[int, int] | None:
    """The size that the request asked for; None when it named none that can be drawn."""
    try:
        return aspect_size(aspect, result.longest) if aspect else None
    except RequestError:
        return None


def _edited(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    try:
        return edited(bytes_of(sources["original"]), seed, _size(result, aspect), _format(result))
    except _UNREADABLE:
        return _picture(result, seed, aspect, sources)


def _inpainted(result: Result, seed: str, aspect: str, sources: Sources) -> bytes:
    try:
        return inpainted(bytes_of(sources["original"]), bytes_of(sources["mask"]), seed, _format(result))
    except _UNREADABLE:
        return _edited(result, seed, aspect, sources)


MAKERS: Mapping[str, Callable[[Result, str, str, Sources], bytes]] = {
    "video": _video,
    "picture": _picture,
    "edited": _edited,
    "inpainted": _inpainted,
    "audio": _audio,
}
assert MAKERS.keys() <= MAKES.keys()


def bytes_of(source: Blob) -> bytes:
    """All bytes of a blob."""
    return b"".join(source.chunks(0, source.length))
