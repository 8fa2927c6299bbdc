"""Bytes that may be larger than memory: pieces laid end to end and read a chunk at a time.

Knows how a video or a picture is padded to a size and stays valid; does not know HTTP.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Literal, Protocol, TypeAlias

from mockserver.errors import StorageError, UsageError

_CHUNK = 65536
_ZEROS = bytes(_CHUNK)
_BOX = 8  # size and name
_LARGE_BOX = 16  # size 1, name, the size in 64 bits
_PNG_CHUNK = 12  # length, name, CRC
_PNG_CHUNK_LIMIT = 1 << 24  # readers may hold a chunk at once
_PNG_CHUNKS = 1024  # of the largest pictures, which are read by no one: a list of millions takes time to make
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_CRC_32 = 0xEDB88320
_ONE = 1 << 31
_PNG_FILLER = b"fiLl"  # ancillary, private, safe to copy


@dataclass(frozen=True, slots=True)
class Zeros:
    """A run of `length` zero bytes, or of another one."""

    length: int
    fill: bytes = b"\0"


class Readable(Protocol):
    """A kept file, and how many bytes it has."""

    @property
    def size(self) -> int: ...
    def read(self, start: int, size: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """The `length` bytes from `start` of a kept file; `mark` tells them from others."""

    source: Readable
    start: int
    length: int
    mark: str


Segment: TypeAlias = "bytes | Zeros | Stored"


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes to serve: `length` in bytes, `etag` strong and quoted, `segments` end to end."""

    content_type: str
    length: int
    etag: str
    segments: tuple[Segment, ...]

    def chunks(self, start: int, stop: int, size: int = _CHUNK) -> Iterator[bytes]:
        """The bytes from `start` (inclusive) to `stop` (exclusive), in non-empty chunks of at most `size`.

        Bounds beyond the blob are cut to it. Raises StorageError when a kept file does not give them.
        """
        offset = 0
        for segment in self.segments:
            length = extent(segment)
            first, last = max(start - offset, 0), min(stop - offset, length)
            if first < last:
                yield from _read(segment, first, last, max(size, 1))
            offset += length


def blob(content_type: str, *segments: Segment, recipe: str | None = None) -> Blob:
    """A blob of `segments`; its etag is drawn from `recipe`, or from what the segments say of themselves."""
    kept = tuple(segment for segment in segments if extent(segment))
    marks = [recipe.encode("utf-8", "replace")] if recipe is not None else [_mark(each) for each in kept]
    return Blob(content_type, sum(map(extent, kept)), _etag(content_type, *marks), kept)


def padded_video(data: bytes, size: int) -> Blob:
    """The MP4 `data` padded to `size` bytes by a `free` box at its end.

    A size below `len(data)` gives the data as it is. A gap of 1 to 7 bytes cannot be a box: up to 3 none is
    added, from 4 the box has 8. A box of 4 GiB or more takes the 64-bit form.
    """
    gap = _nearest(size - len(data), _BOX)
    return _padded("video/mp4", data, b"", size, _free_box(gap))


def padded_picture(data: bytes, kind: Literal["png", "jpeg"], size: int) -> Blob:
    """The picture `data` padded to `size` bytes; a size below `len(data)` gives the data as it is.

    PNG: private ancillary chunks of zeros before IEND; a gap of 1 to 11 bytes cannot be a chunk: up to 5 none
    is added, from 6 the chunk has 12. JPEG: zeros after the end-of-image marker, where decoders have stopped
    reading. (Fill bytes before the marker are as legal, but Pillow reads those in quadratic time.)
    Raises UsageError for a PNG that does not end in IEND.
    """
    if kind == "jpeg":
        return _padded("image/jpeg", data, b"", size, [Zeros(max(size - len(data), 0))])
    if not data.endswith(_PNG_END):
        raise UsageError("Only a whole PNG can be padded: this one does not end in IEND.")
    gap = _nearest(size - len(data), _PNG_CHUNK)
    return _padded("image/png", data[: -len(_PNG_END)], _PNG_END, size, _png_chunks(gap))


def padded(content_type: str, data: bytes, size: int) -> Blob:
    """Any other `data` padded to `size` bytes: with line breaks where it is text, else with zeros at its end."""
    is_text = content_type.startswith("text/") or "json" in content_type or "charset" in content_type
    fill = b"\n" if is_text else b"\0"
    return _padded(content_type, data, b"", size, [Zeros(max(size - len(data), 0), fill)])


def extent(segment: Segment) -> int:
    """How many bytes a segment has."""
    return len(segment) if isinstance(segment, bytes) else segment.length


def _padded(content_type: str, data: bytes, tail: bytes, size: int, filler: list[Segment]) -> Blob:
    recipe = f"{_digest(data)} padded to {size}"
    return blob(content_type, data, *filler, tail, recipe=recipe)


def _nearest(gap: int, smallest: int) -> int:
    """The filler length nearest to `gap` that is 0 or at least `smallest`; a tie goes up."""
    if gap >= smallest:
        return gap
    return smallest if 2 * gap >= smallest else 0


def _free_box(length: int) -> list[Segment]:
    if not length:
        return []
    if length < 1 << 32:
        return [length.to_bytes(4, "big") + b"free", Zeros(length - _BOX)]
    return [b"\0\0\0\1free" + length.to_bytes(8, "big"), Zeros(length - _LARGE_BOX)]


def _png_chunks(gap: int) -> list[Segment]:
    """Chunks of nearly one length that fill `gap`: none can then come out below the smallest."""
    count = min(-(-gap // _PNG_CHUNK_LIMIT), _PNG_CHUNKS)
    segments: list[Segment] = []
    for index in range(count):
        length = gap // count + (index < gap % count) - _PNG_CHUNK
        crc = _crc_of_filler(length).to_bytes(4, "big")
        segments += [length.to_bytes(4, "big") + _PNG_FILLER, Zeros(length), crc]
    return segments


@lru_cache(maxsize=64)
def _crc_of_filler(length: int) -> int:
    """The CRC of the name and so many zeros: each of them multiplies by x to the 8th, so all by a power of it."""
    power, base = _ONE, 1 << 23
    while length:
        power = _product(power, base) if length & 1 else power
        base, length = _product(base, base), length >> 1
    return _product(power, zlib.crc32(_PNG_FILLER) ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def _product(left: int, right: int) -> int:
    """Of two polynomials over GF(2), the highest bit the lowest power, modulo that of CRC-32."""
    product = 0
    for place in range(31, -1, -1):
        product ^= right if left >> place & 1 else 0
        right = right >> 1 ^ (_CRC_32 if right & 1 else 0)
    return product


def _read(segment: Segment, first: int, last: int, size: int) -> Iterator[bytes]:
    if isinstance(segment, Zeros):
        size = min(size, _CHUNK)
        run = _ZEROS if segment.fill == b"\0" else segment.fill * _CHUNK
        return (run[: min(size, last - at)] for at in range(first, last, size))
    if isinstance(segment, Stored):
        return _read_file(segment, first, last, size)
    return (segment[at : min(at + size, last)] for at in range(first, last, size))


def _read_file(segment: Stored, first: int, last: int, size: int) -> Iterator[bytes]:
    while first < last:
        data = segment.source.read(segment.start + first, min(size, last - first))
        if not data:
            raise StorageError("a kept file is shorter than it was")
        first += len(data)
        yield data


def _mark(segment: Segment) -> bytes:
    if isinstance(segment, bytes):
        return _digest(segment).encode()
    return (segment.mark if isinstance(segment, Stored) else repr(segment)).encode()


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _etag(content_type: str, *marks: bytes) -> str:
    return f'"{_digest(chr(10).encode().join((content_type.encode(), *marks)))}"'
