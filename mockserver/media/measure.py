"""Width and height of a picture from its first bytes, without decoding a pixel.

So that a small file that unpacks to gigabytes is found before anything unpacks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import error as Short
from struct import unpack_from

MOST_PIXELS = 64_000_000
"""A telephone's pictures have 48 or 50 million pixels; decoded, as many as these take 256 MB."""
MOST_STEPS = 100_000
"""So many segments or chunks of a file are looked at."""
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_NO_FRAME = {0xC4, 0xC8, 0xCC}  # tables and reserved markers among those that open a JPEG frame
_SCAN = 0xDA
_BARE = {0x01, *range(0xD0, 0xD9)}  # JPEG markers without a length


def dimensions(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels of a PNG, JPEG, WebP, GIF or BMP, as stored.

    None when `data` is none of these, breaks off, has no area or more than 64,000,000 pixels. Never raises.
    """
    try:
        size = _stated(data)
    except (Short, IndexError):
        return None
    return size if size and 0 < size[0] * size[1] <= MOST_PIXELS else None


def _stated(data: bytes) -> tuple[int, int] | None:
    if data[:8] == PNG_MAGIC and data[12:16] == b"IHDR":
        return _pair(unpack_from(">II", data, 16))
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return _pair(unpack_from("<HH", data, 6))
    if data[:2] == b"\xff\xd8":
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return _bmp(data) if data[:2] == b"BM" else None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    for marker, at, _ in jpeg_segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = unpack_from(">HH", data, at + 5)
            return width, height
    return None


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment with a length, up to the first scan or to what is none.

    Raises IndexError or struct.error where the data break off.
    """
    at = 2
    for _ in range(MOST_STEPS):
        marker = data[at + 1] if data[at] == 0xFF else _SCAN
        if marker == _SCAN:
            return
        if marker == 0xFF:  # fill
            at += 1
        elif marker in _BARE:
            at += 2
        else:
            end = at + 2 + unpack_from(">H", data, at + 2)[0]
            yield marker, at, end
            at = end


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of each chunk of a PNG; the last may break off."""
    at = len(PNG_MAGIC)
    for _ in range(MOST_STEPS):
        if at + 8 > len(data):
            return
        length = unpack_from(">I", data, at)[0]
        yield data[at + 4 : at + 8], at + 8, at + 8 + length
        at += 12 + length


def riff_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of each chunk of a WebP; the last may break off."""
    at = 12
    for _ in range(MOST_STEPS):
        if at + 8 > len(data):
            return
        length = unpack_from("<I", data, at + 4)[0]
        yield data[at : at + 4], at + 8, at + 8 + length
        at += 8 + length + length % 2


def _webp(data: bytes) -> tuple[int, int] | None:
    form = data[12:16]
    if form == b"VP8X":
        low, high, short, top = unpack_from("<HBHB", data, 24)  # two numbers of 24 bits
        return (low | high << 16) + 1, (short | top << 16) + 1
    if form == b"VP8L":
        packed = unpack_from("<I", data, 21)[0]
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if form == b"VP8 ":
        width, height = unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _bmp(data: bytes) -> tuple[int, int]:
    if unpack_from("<I", data, 14)[0] == 12:
        return _pair(unpack_from("<HH", data, 18))
    width, height = unpack_from("<ii", data, 18)
    return width, abs(height)  # negative: stored from the top down


def _pair(numbers: tuple[int, ...]) -> tuple[int, int]:
    width, height = numbers
    return width, height
