"""Small real files by media type, for uploads that are judged by their bytes. Knows no engine."""

from __future__ import annotations

import io
import wave
from functools import cache

from PIL import Image

_PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF", "image/bmp": "BMP"}
_ALIASES = {
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-m4a": "audio/mp4",
    "application/ogg": "audio/ogg",
}


@cache
def files() -> dict[str, bytes]:
    """A file for every media type that is known here."""
    found = {kind: _picture(name) for kind, name in _PICTURES.items()}
    found |= {"audio/wav": _wav(), "audio/mpeg": _mp3(), "audio/ogg": _ogg(), "audio/aac": b"\xff\xf1\x50\x80" * 8}
    found |= {"audio/mp4": _ftyp(b"M4A "), "video/mp4": _ftyp(b"isom"), "application/pdf": b"%PDF-1.4\n%%EOF\n"}
    return found | {alias: found[kind] for alias, kind in _ALIASES.items()}


def _picture(name: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, name)
    return out.getvalue()


def _wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * 80)
    return out.getvalue()


def _mp3() -> bytes:
    """A tag and one silent frame of 417 bytes (128 kbit/s, 44.1 kHz)."""
    return b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00".ljust(417, b"\x00")


def _ogg() -> bytes:
    """A first page with the head of an Opus stream."""
    head = b"OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00"
    return b"OggS\x00\x02" + bytes(20) + b"\x01" + bytes([len(head)]) + head


def _ftyp(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00" + brand + b"mp42" + b"\x00\x00\x00\x08free"
