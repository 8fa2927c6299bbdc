"""What kind of file a few leading bytes are, and whether an uploaded part may pass as what it says it is.

Knows media types and magic bytes; does not know HTTP, forms or how large anything may be.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/jfif": "image/jpeg",
    "image/x-citrix-jpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-citrix-png": "image/png",
    "image/apng": "image/png",
    "image/vnd.mozilla.apng": "image/png",
    "image/x-webp": "image/webp",
    "image/x-ms-bmp": "image/bmp",
    "image/x-bmp": "image/bmp",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-pn-wav": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/mpeg3": "audio/mpeg",
    "audio/mpg": "audio/mpeg",
    "audio/x-mpg": "audio/mpeg",
    "audio/x-mpeg-3": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/mp4a-latm": "audio/mp4",
    "audio/x-mp4": "audio/mp4",
    "audio/m4b": "audio/mp4",
    "audio/x-m4b": "audio/mp4",
    "application/ogg": "audio/ogg",
    "application/x-ogg": "audio/ogg",
    "audio/opus": "audio/ogg",
    "audio/vorbis": "audio/ogg",
    "audio/x-ogg": "audio/ogg",
    "audio/x-flac": "audio/flac",
    "audio/aacp": "audio/aac",
    "audio/x-aac": "audio/aac",
    "audio/x-hx-aac-adts": "audio/aac",
    "video/x-m4v": "video/mp4",
    "application/mp4": "video/mp4",
    "application/x-pdf": "application/pdf",
    "application/x-zip-compressed": "application/zip",
    "application/xhtml+xml": "text/html",
}

EXTENSIONS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpe": "image/jpeg",
    "jfif": "image/jpeg",
    "pjpeg": "image/jpeg",
    "pjp": "image/jpeg",
    "apng": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "wave": "audio/wav",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "pdf": "application/pdf",
    "html": "text/html",
    "htm": "text/html",
    "zip": "application/zip",
}

_TEXTS = {
    "txt": "text/plain",
    "csv": "text/csv",
    "md": "text/markdown",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "ndjson": "application/x-ndjson",
    "xml": "application/xml",
}
"""What a name tells of files that begin with no bytes of their own."""
_ANYTHING = "application/octet-stream"
_UNDECLARED = {"", _ANYTHING, "binary/octet-stream", "application/x-octet-stream"}
# What systems call a file of this type when they know its container, and not that there is only sound in it.
_CONTAINERS = {
    "audio/mp4": {"video/mp4", "audio/3gpp", "video/3gpp", "video/quicktime"},
    "audio/ogg": {"video/ogg"},
}

_PREFIXES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BMP_HEADER_SIZES = {12, 16, 40, 52, 56, 64, 108, 124}
_AUDIO_BRANDS = {b"M4A ", b"M4B ", b"M4P "}
_BRANDS = {
    b"M4V ": "video/mp4",
    b"avif": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
}
# One container, two types: the bytes alone cannot always tell a sound from a film.
_MP4 = ("video/mp4", "audio/mp4")
_MP4_SOUND = ("audio/mp4", "video/mp4")
_QUICKTIME = ("video/quicktime", "audio/mp4")
_3GPP = ("video/3gpp", "audio/3gpp", "audio/mp4", "video/mp4")  # telephones record .m4a under this brand
_WEBM = ("video/webm", "audio/webm")
_TELLABLE = set(EXTENSIONS.values()) - {"text/html"}
"""Types that begin with bytes of their own."""


def sniff(head: bytes) -> str | None:
    """The media type that the first bytes of a file (512 are plenty) tell, or None when they tell nothing."""
    told = _told(head)
    return told[0] if told else None


def canonical(media_type: str) -> str:
    """The one name of a media type: lower case, without parameters, aliases resolved."""
    bare = media_type.partition(";")[0].strip().lower()
    return ALIASES.get(bare, bare)


def accepted_type(declared: str | None, filename: str | None, head: bytes, accepted: Sequence[str]) -> str | None:
    """The accepted canonical type of an uploaded part, or None when the part is refused.

    `declared` is the part's Content-Type; missing or octet-stream, the extension of `filename` decides, then
    the magic bytes in `head`. What is declared is believed, see `mismatch`; what only the name says is not, where the
    bytes are known to be of a type that is not accepted. `accepted` holds types or ranges such as `image/*`; aliases
    mean their canonical type. Where octet-stream is accepted, a file that is declared as no other is of it.
    """
    allowed = {canonical(each) for each in accepted}
    extension = (filename or "").rpartition(".")[2].strip().lower()
    stated, named = canonical(declared or ""), EXTENSIONS.get(extension) or _TEXTS.get(extension)
    if stated not in _UNDECLARED and stated not in _CONTAINERS.get(named or "", ()):
        return stated if _within(stated, allowed) else None
    told = _told(head)
    otherwise = _ANYTHING if stated in _UNDECLARED and _within(_ANYTHING, allowed) else None
    if told and not any(_within(each, allowed) for each in told):
        return otherwise
    guesses = (stated, named, *told) if stated not in _UNDECLARED else (named, *told)
    return next((guess for guess in guesses if _within(guess, allowed)), otherwise)


def mismatch(media_type: str, head: bytes) -> str:
    """What the bytes of a file are, where they are not of the type that it passes as; "" where they are."""
    kind, told = canonical(media_type), _told(head)
    if kind in told or (not told and kind not in _TELLABLE):
        return ""
    return f"its bytes are {told[0]}" if told else "its bytes are of no known type"


def _within(media_type: str | None, allowed: set[str]) -> bool:
    if not media_type:
        return False
    family = media_type.partition("/")[0]
    return media_type in allowed or f"{family}/*" in allowed or "*/*" in allowed


def _told(head: bytes) -> tuple[str, ...]:
    """Every type these bytes may be, the likeliest first; empty when the magic is unknown."""
    for prefix, media_type in _PREFIXES:
        if head.startswith(prefix):
            return (media_type,)
    return _container(head) or _frame_sync(head) or _bmp(head) or _markup(head)


def _container(head: bytes) -> tuple[str, ...]:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] in _RIFF:
        return (_RIFF[head[8:12]],)
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head[:4] == b"OggS":
        return ("video/ogg",) if b"theora" in head[:128] else ("audio/ogg",)
    if head[:4] == b"\x1aE\xdf\xa3":
        return ("video/x-matroska",) if b"matroska" in head[:64] else _WEBM
    return ()


def _iso_media(head: bytes) -> tuple[str, ...]:
    major = head[8:12]
    if major in _AUDIO_BRANDS:
        return ("audio/mp4",)
    if major in _BRANDS:
        return (_BRANDS[major],)
    if major[:2] == b"3g":
        return _3GPP
    if major == b"qt  ":
        return _QUICKTIME
    others = head[16 : min(int.from_bytes(head[:4], "big"), 256)]
    brands = {others[at : at + 4] for at in range(0, len(others), 4)}
    # Handler types follow `hdlr` when the file opens with its index; they outrank any brand.
    handlers = {head[at.end() + 8 : at.end() + 12] for at in re.finditer(rb"hdlr", head)}
    if b"vide" not in handlers and (b"soun" in handlers or brands & _AUDIO_BRANDS):
        return _MP4_SOUND
    return _MP4


def _frame_sync(head: bytes) -> tuple[str, ...]:
    """MPEG audio layers II and III, and AAC in ADTS; layer I is left out: FF FE is also UTF-16's mark."""
    if len(head) < 4 or head[0] != 0xFF:
        return ()
    second, third = head[1], head[2]
    if second & 0xF6 == 0xF0:
        return ("audio/aac",) if (third >> 2) & 0x0F < 13 else ()
    syncs = second & 0xE0 == 0xE0 and second & 0x18 != 0x08 and second & 0x06 in (0x02, 0x04)
    return ("audio/mpeg",) if syncs and third >> 4 != 0x0F and third & 0x0C != 0x0C else ()


def _bmp(head: bytes) -> tuple[str, ...]:
    # Two letters alone would claim any text that begins with BM.
    sized = int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES
    return ("image/bmp",) if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and sized else ()


def _markup(head: bytes) -> tuple[str, ...]:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return ("text/html",)
    if text.startswith(b"<svg"):
        return ("image/svg+xml",)
    return ("application/xml",) if text.startswith(b"<?xml") else ()
