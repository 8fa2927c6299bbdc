"""AAC-LC frames written by hand: silence, and a soft tone on one frequency.

Mono, 44,100 Hz, 1,024 samples a frame. Knows the bitstream; does not know containers.
"""

from __future__ import annotations

RATE = 44100
FRAME = 1024  # samples
CONFIG = b"\x12\x08"  # AudioSpecificConfig: LC, 44,100 Hz, one channel
LOWEST_BIN, HIGHEST_BIN = 16, 39  # 355 to 851 Hz, where every scale factor band has four bins
_LOUDNESS = 185  # global_gain: the tone's peaks lie some 20 dB below full scale
_UP = ("10000", "10011", "10110", "10100")  # codebook 1: +1 in the first, second … of four bins
_DOWN = ("10001", "10111", "10101", "10010")


def silence() -> bytes:
    """A frame of silence."""
    return _frame("0000000", "")


def tone(frequency_bin: int) -> tuple[bytes, ...]:
    """Four frames to be repeated in this order: a sine in the middle of bin 16 to 39 (21.5 Hz each).

    A steady sine turns by a quarter or three quarters of a circle from frame to frame, so its one
    coefficient only changes sign.
    """
    up, down = (_sounding(frequency_bin, codes) for codes in (_UP, _DOWN))
    return (up, up, down, down) if frequency_bin % 2 else (up, down, down, up)


def _sounding(frequency_bin: int, codes: tuple[str, ...]) -> bytes:
    band, place = divmod(frequency_bin, 4)
    sections = f"0000{band:05b}" + f"0001{1:05b}"  # the bands below are empty, this one uses codebook 1
    return _frame(f"{band + 1:06b}0", sections + "0", codes[place])


def _frame(bands: str, scaled: str, spectrum: str = "") -> bytes:
    """One long window: `bands` are max_sfb and the predictor flag, `scaled` the sections and scale factors."""
    channel = f"{_LOUDNESS:08b}0000{bands}{scaled}000{spectrum}"
    bits = f"0000000{channel}111"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
