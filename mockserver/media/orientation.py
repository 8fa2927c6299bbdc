"""How a camera held a picture: the orientation that its EXIF data state, found without decoding a pixel.

Knows where JPEG, PNG and WebP keep EXIF data; does not know Pillow. Whatever is broken counts as upright.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import error as Short
from struct import unpack_from

from mockserver.media.measure import PNG_MAGIC, jpeg_segments, png_chunks, riff_chunks

UPRIGHT = 1
TURNED = frozenset({5, 6, 7, 8})
"""Orientations under which width and height change places."""

_ORIENTATION = 0x0112
_SHORT = 3
_MOST_TAGS = 1000
_EXIF = b"Exif\0\0"


def orientation(data: bytes) -> int:
    """1 to 8 as EXIF defines them; 1 when `data` says nothing of it. Never raises."""
    try:
        exif = _exif(data)
        return _stated(exif.removeprefix(_EXIF)) if exif else UPRIGHT
    except (Short, IndexError):
        return UPRIGHT


def _exif(data: bytes) -> bytes:
    if data[:2] == b"\xff\xd8":
        found = (data[at + 4 : end] for marker, at, end in jpeg_segments(data) if marker == 0xE1)
        return next((segment for segment in found if segment.startswith(_EXIF)), b"")
    if data[:8] == PNG_MAGIC:
        return _first(png_chunks(data), b"eXIf", data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _first(riff_chunks(data), b"EXIF", data)
    return b""


def _first(chunks: Iterator[tuple[bytes, int, int]], name: bytes, data: bytes) -> bytes:
    return next((data[start:end] for each, start, end in chunks if each == name), b"")


def _stated(tiff: bytes) -> int:
    """The tag of the orientation in the first directory of a TIFF structure."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    start = unpack_from(f"{order}I", tiff, 4)[0]
    count = unpack_from(f"{order}H", tiff, start)[0]
    for index in range(min(count, _MOST_TAGS)):
        tag, kind, _, value = unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * index)
        if tag == _ORIENTATION:
            return value if kind == _SHORT and 1 <= value <= 8 else UPRIGHT
    return UPRIGHT
