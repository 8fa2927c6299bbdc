"""The film a finished job shows: a pattern, a block that changes colour, a bar that grows, a soft tone.

Everything is drawn from a seed by hashing: no clock, no chance. Knows no API and no HTTP.
"""

from __future__ import annotations

from hashlib import sha256
from struct import pack

from mockserver.errors import UsageError
from mockserver.media import aac, h264, mp4
from mockserver.media.h264 import Tile

LONGEST = 600  # seconds
LARGEST, SMALLEST = 4096, 16  # pixels
FASTEST = 60  # frames a second
_DELTA = 512  # units of a frame; the scale is as many units times the frame rate
_CELLS = 8  # of the pattern, across and down
_BEEP = 12  # frames of sound out of every 43, which is about a second

Colour = tuple[int, int, int]


def video(seed: str, width: int = 320, height: int = 180, seconds: float = 4, fps: int = 10) -> bytes:
    """A playable MP4 (H.264 and AAC) of about `seconds`, the same bytes for the same arguments.

    Odd sizes lose a pixel: the format halves the colour planes. Raises UsageError beyond 600 seconds,
    60 frames a second, or sides of 16 to 4,096 pixels.
    """
    width, height = width - width % 2, height - height % 2
    _check(seconds, width, height, fps)
    count = max(1, round(seconds * fps))
    entry = mp4.avc1(width, height, *h264.parameter_sets(width, height, fps))
    frames = _frames(_dice(seed), width, height, count)
    shown = mp4.Track(entry, fps * _DELTA, _DELTA, frames, (width, height))
    length = -(-count * aac.RATE // (fps * aac.FRAME))
    return mp4.mux(shown, mp4.Track(mp4.mp4a(aac.RATE, aac.CONFIG), aac.RATE, aac.FRAME, _sound(seed, length)))


def _check(seconds: float, width: int, height: int, fps: int) -> None:
    if not 0 < seconds <= LONGEST:
        raise UsageError(f"A video lasts up to {LONGEST} seconds, not {seconds}.")
    if not 1 <= fps <= FASTEST:
        raise UsageError(f"A video has 1 to {FASTEST} frames a second, not {fps}.")
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise UsageError(f"A video is {SMALLEST} to {LARGEST} pixels wide and high, not {width}x{height}.")


def _frames(dice: bytes, width: int, height: int, count: int) -> list[bytes]:
    """Every frame as one sample: the NAL unit after its length."""
    wide, high = h264.across(width), h264.across(height)
    # The last row that is shown whole; a bar in a cropped row would hardly be seen.
    row = max(height // h264.EDGE - 1, 0) * wide
    shown = _pattern(dice, wide, high)
    samples, filled = [], 0
    for number in range(count):
        reached = (number + 1) * width // count
        changed = _block(dice, wide, row // wide, number)
        changed |= {row + at: tile for at, tile in _bar(dice, filled, reached, wide).items()}
        filled = reached
        unit = h264.next_frame(changed, wide, wide * high, number) if number else h264.key_frame(shown | changed, wide)
        samples.append(pack(">I", len(unit)) + unit)
    return samples


def _pattern(dice: bytes, wide: int, high: int) -> dict[int, Tile]:
    """A mirrored pattern of two colours, one dice bit a cell."""
    tiles = [h264.flat(_colour(dice, at)) for at in (0, 1)]
    cells = int.from_bytes(dice[16:20], "big")
    pattern = {}
    for at in range(wide * high):
        down, right = (at // wide) * _CELLS // high, (at % wide) * _CELLS // wide
        cell = down * (_CELLS // 2) + min(right, _CELLS - 1 - right)
        pattern[at] = tiles[cells >> cell & 1]
    return pattern


def _block(dice: bytes, wide: int, room: int, number: int) -> dict[int, Tile]:
    """The block amid the `room` rows above the bar, in the colour of frame `number`."""
    edge = min(wide, room) // 4 or min(wide, room, 1)
    top, left = (room - edge) // 2, (wide - edge) // 2
    luma, blue, red = _colour(dice, 2)
    tile = h264.flat((40 + (luma + 9 * number) % 180, blue, 255 - red))
    return {(top + y) * wide + left + x: tile for y in range(edge) for x in range(edge)}


def _bar(dice: bytes, filled: int, reached: int, wide: int) -> dict[int, Tile]:
    """The macroblocks of the bar's row that change when it grows from `filled` to `reached` pixels."""
    done, to_do = _colour(dice, 3), (32, 128, 128)
    end = min(reached // h264.EDGE, wide - 1)
    row = {at: h264.flat(done) for at in range(filled // h264.EDGE, end)}
    row[end] = h264.split(done, to_do, min(reached - end * h264.EDGE, h264.EDGE))
    if not filled:
        row |= {at: h264.flat(to_do) for at in range(end + 1, wide)}
    return row


def _colour(dice: bytes, which: int) -> Colour:
    """A colour (Y, Cb, Cr) far enough from the others in brightness, and never with a byte of zero."""
    luma, blue, red = dice[which * 3 : which * 3 + 3]
    return 60 + which * 40 + luma % 30, 40 + blue % 176, 40 + red % 176


def _sound(seed: str, length: int) -> list[bytes]:
    bins = aac.HIGHEST_BIN - aac.LOWEST_BIN + 1
    tone, silence = aac.tone(aac.LOWEST_BIN + _dice(seed)[20] % bins), aac.silence()
    return [tone[at % 4] if at % 43 < _BEEP else silence for at in range(length)]


def _dice(seed: str) -> bytes:
    return sha256(seed.encode("utf-8", "surrogatepass")).digest()
