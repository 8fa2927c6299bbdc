"""Sound made from a seed: a tone as WAV; as MP3 a silence that is named after the seed. Knows no HTTP."""

from __future__ import annotations

import math
import struct
from hashlib import blake2b

RATE = 16_000
_PERIODS = 8
_FRAME = bytes.fromhex("fffb14c4") + bytes(92)
"""One frame of MPEG-1 layer III, 48 kHz, 32 kbit/s, mono: 24 ms in which nothing is heard."""


def wav(seed: str, seconds: float) -> bytes:
    """A tone, 16 bits a sample; which one depends on the seed."""
    samples = max(1, round(seconds * RATE))
    length = 16 + _drawn(seed) % 48  # samples a period: between 250 and 1000 Hz
    period = [round(12_000 * math.sin(2 * math.pi * at / length)) for at in range(length)]
    tone = struct.pack(f"<{length}h", *period)
    data = (tone * (samples // length + 1))[: 2 * samples]
    form = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def mp3(seed: str, seconds: float) -> bytes:
    """Silence of whole frames, with a title that is drawn from the seed."""
    title = b"\x03" + f"{_drawn(seed):016x}".encode()
    frame = b"TIT2" + struct.pack(">IH", len(title), 0) + title
    size = len(frame)
    head = b"ID3\x03\x00\x00" + bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127))
    return head + frame + _FRAME * max(1, round(seconds / 0.024))


def _drawn(seed: str) -> int:
    return int.from_bytes(blake2b(seed.encode("utf-8", "replace"), digest_size=8).digest(), "big")
