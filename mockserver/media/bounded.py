"""Whether a picture is read in a time that its size alone bounds. Knows where Pillow's decoders take longer.

Their worst cases: a scan of a JPEG goes over the whole picture, and there may be thousands; fill bytes before a marker
are read in quadratic time, and so are the blocks of a comment in a GIF; each chunk of a PNG and each run of a
compressed BMP is a step of Python.
"""

from __future__ import annotations

import re
from struct import error as Short
from struct import unpack_from

from mockserver.media.measure import MOST_STEPS, jpeg_segments, png_chunks

MOST_SCANS = 64
MOST_FILL = 1 << 20
MOST_BLOCKS = 1000
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # what is no marker in a scan: escaped bytes, restarts, fill
_SCAN, _END = 0xDA, 0xD9
_FRAME, _EXTENSION = 0x2C, 0x21
_PLAIN = frozenset({0, 3})  # how the pixels of a BMP may be stored


def is_bounded(data: bytes) -> bool:
    """Whether a decoder gets by with one pass over the picture in `data`. Never raises."""
    try:
        if data[:2] == b"\xff\xd8":
            return _jpeg(data)
        if data[:4] == b"GIF8":
            return _gif(data)
        if data[:2] == b"BM":
            return unpack_from("<I", data, 14)[0] == 12 or unpack_from("<I", data, 30)[0] in _PLAIN
        return data[:4] == b"RIFF" or _png(data)
    except (Short, IndexError):
        return False


def _png(data: bytes) -> bool:
    return sum(1 for _ in png_chunks(data)) < MOST_STEPS


def _jpeg(data: bytes) -> bool:
    end = max((end for _, _, end in jpeg_segments(data)), default=2)
    return data[end] == 0xFF and data.find(b"\xff" * MOST_FILL, end) < 0 and _scans(data, end) <= MOST_SCANS


def _scans(data: bytes, at: int) -> int:
    """How many scans a JPEG has, whose first begins at `at` or later; too many when they are long to count."""
    count = 0
    for _ in range(MOST_STEPS):
        found = _MARKER.search(data, at)
        if found is None or found[0][1] == _END:
            return count
        count += found[0][1] == _SCAN
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
    return MOST_SCANS + 1


def _gif(data: bytes) -> bool:
    """Whether the first frame comes after few blocks of comments and other extensions."""
    flags = data[10]
    at = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    is_within = False
    for _ in range(MOST_BLOCKS):
        if is_within:
            is_within = data[at] > 0
            at += 1 + data[at]
        elif data[at] != _EXTENSION:
            return data[at] == _FRAME
        else:
            is_within = True
            at += 2
    return False
