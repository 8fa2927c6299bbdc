"""H.264 Constrained Baseline from flat and nearly flat tiles, without arithmetic on pixels.

A macroblock is either sent raw (I_PCM), copied from the edge of its neighbour (Intra 16x16 without residual)
or left as it was (P_Skip). Knows the bitstream; does not know containers, time or what is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

EDGE = 16  # of a macroblock, in pixels
_LEVELS = (  # level_idc, macroblocks a second, macroblocks a frame (H.264, table A-1)
    (10, 1485, 99),
    (12, 6000, 396),
    (20, 11880, 396),
    (21, 19800, 792),
    (22, 20250, 1620),
    (30, 40500, 1620),
    (31, 108000, 3600),
    (32, 216000, 5120),
    (40, 245760, 8192),
    (42, 522240, 8704),
    (50, 589824, 22080),
    (51, 983040, 36864),
    (52, 2073600, 36864),
)
_CODED_LEFT = "010"  # intra_chroma_pred_mode: horizontal
_CODED_ABOVE = "011"  # intra_chroma_pred_mode: vertical


@dataclass(frozen=True, slots=True)
class Tile:
    """One macroblock: `pixels` are 256 bytes of Y, 64 of Cb, 64 of Cr.

    `level`: every row is of one value. `upright`: every column is of one value.
    """

    pixels: bytes
    level: bool
    upright: bool


@lru_cache(maxsize=64)
def flat(colour: tuple[int, int, int]) -> Tile:
    """A tile of one colour, given as Y, Cb, Cr."""
    luma, blue, red = colour
    return Tile(bytes((luma,)) * 256 + bytes((blue,)) * 64 + bytes((red,)) * 64, True, True)


def split(left: tuple[int, int, int], right: tuple[int, int, int], column: int) -> Tile:
    """A tile whose first `column` columns (0 to 16) have the colour `left`, the others `right`."""
    planes = [
        (bytes((a,)) * (column * edge // EDGE) + bytes((b,)) * (edge - column * edge // EDGE)) * edge
        for a, b, edge in zip(left, right, (16, 8, 8), strict=True)
    ]
    return Tile(b"".join(planes), column in (0, EDGE), True)


def across(pixels: int) -> int:
    """How many macroblocks cover so many pixels."""
    return -(-pixels // EDGE)


def parameter_sets(width: int, height: int, fps: int) -> tuple[bytes, bytes]:
    """The sequence and the picture parameter set for frames of `width` x `height` pixels, both even."""
    wide, high = across(width), across(height)
    crop = ((wide * EDGE - width) // 2, (high * EDGE - height) // 2)
    cropping = f"1{_ue(0)}{_ue(crop[0])}{_ue(0)}{_ue(crop[1])}" if any(crop) else "0"
    # Picture order type 2: frames are shown in the order they are sent, so decoders hold none back.
    sequence = f"{_ue(0)}{_ue(0)}{_ue(2)}{_ue(1)}0{_ue(wide - 1)}{_ue(high - 1)}11{cropping}0"
    head = bytes((0x67, 66, 0xC0, _level(wide * high, fps)))
    # Deblocking control is present so that slices can switch it off: tiles keep their edges exactly.
    pictures = f"{_ue(0)}{_ue(0)}00{_ue(0)}{_ue(0)}{_ue(0)}000{_ue(0)}{_ue(0)}{_ue(0)}100"
    return head + _escaped(_aligned(sequence + "1")), b"\x68" + _escaped(_aligned(pictures + "1"))


def key_frame(tiles: Mapping[int, Tile], wide: int) -> bytes:
    """The NAL unit of a whole frame; `tiles` holds every macroblock by its index, row by row."""
    header = f"{_ue(0)}{_ue(7)}{_ue(0)}0000{_ue(0)}00{_ue(0)}{_ue(1)}"
    return b"\x65" + _escaped(_slice(header, tiles, wide, None))


def next_frame(tiles: Mapping[int, Tile], wide: int, total: int, number: int) -> bytes:
    """The NAL unit of frame `number` after the key frame: `tiles` are those that changed, of `total`."""
    header = f"{_ue(0)}{_ue(5)}{_ue(0)}{number % 16:04b}000{_ue(0)}{_ue(1)}"
    return b"\x41" + _escaped(_slice(header, tiles, wide, total))


def _slice(header: str, tiles: Mapping[int, Tile], wide: int, total: int | None) -> bytes:
    """Slice header and data; `total` is given when the macroblocks that `tiles` lacks are skipped."""
    sent, bits, raw, last = bytearray(), [header], set[int](), -1
    kinds = 0 if total is None else 5  # intra types follow the five inter types in a P slice
    from_left, from_above, as_it_is = _ue(kinds + 2) + _CODED_LEFT, _ue(kinds + 1) + _CODED_ABOVE, _ue(kinds + 25)
    for at in sorted(tiles):
        if total is not None:
            bits.append(_ue(at - last - 1))
        last, tile = at, tiles[at]
        left, above = tiles.get(at - 1) if at % wide else None, tiles.get(at - wide)
        # Tiles are shared: most comparisons end at the first word, and no pixel is looked at.
        if tile.level and (left is tile or left == tile):
            bits.append(from_left)
        elif tile.upright and (above is tile or above == tile):
            bits.append(from_above)
        else:
            bits.append(as_it_is)
            sent += _aligned("".join(bits)) + tile.pixels
            bits = []
            raw.add(at)
            continue
        # Quantizer unchanged, no coefficients. A raw neighbour counts as full and changes the code for none.
        beside_raw = (left is not None and at - 1 in raw) or at - wide in raw
        bits.append("1000011" if beside_raw else "11")
    if total is not None and last < total - 1:
        bits.append(_ue(total - 1 - last))
    return bytes(sent + _aligned("".join([*bits, "1"])))


def _level(macroblocks: int, fps: int) -> int:
    fitting = (idc for idc, rate, most in _LEVELS if macroblocks <= most and macroblocks * fps <= rate)
    return next(fitting, _LEVELS[-1][0])


@lru_cache(maxsize=4096)
def _ue(value: int) -> str:
    """Unsigned Exp-Golomb."""
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


def _aligned(bits: str) -> bytes:
    padded = bits + "0" * (-len(bits) % 8)
    return int(padded or "0", 2).to_bytes(len(padded) // 8, "big")


def _escaped(payload: bytes) -> bytes:
    """With emulation prevention: no three bytes that a decoder could take for a start code."""
    return re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", payload)
