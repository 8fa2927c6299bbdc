"""Is a file known by its first bytes, and is an upload judged by what it says, is called and is?"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.media import accepted_type, canonical, mismatch, sniff, video

SAMPLES = Path(__file__).parent.parent / "mockserver" / "samples"
IMAGES = ("image/jpeg", "image/png", "image/webp")
AUDIO = ("audio/mpeg", "audio/wav", "audio/mp4", "audio/ogg")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
MP3 = b"\xff\xfb\x90\x44" + bytes(32)
UNKNOWN = b"nothing that anybody knows"


def ftyp(major: bytes, *others: bytes, rest: bytes = b"") -> bytes:
    brands = b"".join(others)
    return (16 + len(brands)).to_bytes(4, "big") + b"ftyp" + major + bytes(4) + brands + rest


def hdlr(kind: bytes) -> bytes:
    return b"\0\0\0\x21hdlr" + bytes(8) + kind


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("portrait.jpg", "image/jpeg"),
        ("portrait.png", "image/png"),
        ("portrait.webp", "image/webp"),
        ("mask.png", "image/png"),
        ("voice.mp3", "audio/mpeg"),
        ("voice.wav", "audio/wav"),
        ("voice.m4a", "audio/mp4"),
        ("voice.ogg", "audio/ogg"),
    ],
)
def test_every_sample_is_known_by_its_first_bytes(name: str, media_type: str) -> None:
    data = (SAMPLES / name).read_bytes()
    assert sniff(data[:512]) == sniff(data[:64]) == media_type
    assert len(data) < 20_000
    assert accepted_type("application/octet-stream", name, data[:512], [*IMAGES, *AUDIO]) == media_type
    assert accepted_type(media_type, None, data[:512], [*IMAGES, *AUDIO]) == media_type


def test_a_film_made_here_is_known_as_a_film() -> None:
    assert sniff(video("a film", seconds=1)[:2048]) == "video/mp4"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PNG, "image/png"),
        (b"GIF89a", "image/gif"),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "image/bmp"),
        (b"BM is how this text begins", None),
        (b"ID3\x04", "audio/mpeg"),
        (MP3, "audio/mpeg"),
        (b"\xff\xfd\x90\x00", "audio/mpeg"),
        (b"\xff\xfb\xf0\x00", None),
        (b"\xff\xeb\x90\x00", None),
        (b"\xff\xfe<\0h\0t\0", None),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"\xff\xf1\x7c\x80", None),
        (b"\xff", None),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0ACON", None),
        (b"fLaC", "audio/flac"),
        (b"OggS" + bytes(24) + b"\x01vorbis", "audio/ogg"),
        (b"OggS" + bytes(24) + b"\x80theora", "video/ogg"),
        (b"\x1aE\xdf\xa3\x42\x82\x84webm", "video/webm"),
        (b"\x1aE\xdf\xa3\x42\x82\x88matroska", "video/x-matroska"),
        (ftyp(b"M4A ", b"isom"), "audio/mp4"),
        (ftyp(b"M4V ", b"isom"), "video/mp4"),
        (ftyp(b"qt  "), "video/quicktime"),
        (ftyp(b"3gp4"), "video/3gpp"),
        (ftyp(b"isom", b"iso2", b"mp41"), "video/mp4"),
        (ftyp(b"mp42", b"M4A "), "audio/mp4"),
        (ftyp(b"mp42", rest=hdlr(b"soun")), "audio/mp4"),
        (ftyp(b"mp42", b"M4A ", rest=hdlr(b"soun") + hdlr(b"vide")), "video/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\xef\xbb\xbf\n <!DOCTYPE html>", "text/html"),
        (b"<svg xmlns=", "image/svg+xml"),
        (b"<?xml version=", "application/xml"),
        (b"", None),
        (UNKNOWN, None),
    ],
)
def test_magic_bytes_tell_the_media_type(head: bytes, media_type: str | None) -> None:
    assert sniff(head) == media_type


@pytest.mark.parametrize(
    ("declared", "filename", "head", "verdict"),
    [
        ("image/png", None, PNG, "image/png"),
        ("IMAGE/PNG; charset=x", "x.mp3", PNG, "image/png"),
        ("image/jpg", None, UNKNOWN, "image/jpeg"),
        ("image/jpeg", None, PNG, "image/jpeg"),
        ("image/png", "a.png", b"GIF89a", "image/png"),
        ("audio/mpeg", None, PNG, "audio/mpeg"),
        ("image/png", None, b"%PDF-1.7", "image/png"),
        ("image/gif", "x.png", UNKNOWN, None),
        ("audio/mpeg", None, UNKNOWN, "audio/mpeg"),
        ("audio/mp3", None, MP3, "audio/mpeg"),
        ("audio/x-wav", None, b"RIFF\0\0\0\0WAVE", "audio/wav"),
        ("audio/x-m4a", None, ftyp(b"isom"), "audio/mp4"),
        ("audio/mp4", None, ftyp(b"M4V "), "audio/mp4"),
        ("application/ogg", None, b"OggS", "audio/ogg"),
        (None, "voice.MP3", UNKNOWN, "audio/mpeg"),
        ("", "voice.m4a", ftyp(b"mp42"), "audio/mp4"),
        ("application/octet-stream", "voice.ogg", UNKNOWN, "audio/ogg"),
        ("application/octet-stream", "archive.tar.png", UNKNOWN, "image/png"),
        ("application/octet-stream", "blob", MP3, "audio/mpeg"),
        ("application/octet-stream", None, ftyp(b"mp42"), "audio/mp4"),
        ("application/octet-stream", "photo.png", b"\xff\xd8\xff\xe0", "image/png"),
        ("application/octet-stream", "photo.gif", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("application/octet-stream", "photo.png", b"GIF89a", None),
        ("audio/mp4", "a.m4a", ftyp(b"3gp4", b"isom"), "audio/mp4"),
        ("application/octet-stream", "a.m4a", ftyp(b"3gp4", b"isom"), "audio/mp4"),
        ("application/octet-stream", None, ftyp(b"3gp5"), "audio/mp4"),
        ("application/octet-stream", "a.m4a", ftyp(b"qt  "), "audio/mp4"),
        ("video/mp4", "a.m4a", ftyp(b"mp42"), "audio/mp4"),
        ("audio/3gpp", "a.m4a", ftyp(b"3gp4"), "audio/mp4"),
        ("video/ogg", "a.ogg", b"OggS", "audio/ogg"),
        ("video/mp4", "a.mp4", ftyp(b"mp42"), None),
        ("video/mp4", None, ftyp(b"mp42"), None),
        ("audio/mpeg; foo=bar", None, UNKNOWN, "audio/mpeg"),
        ("image/pjpeg", None, UNKNOWN, "image/jpeg"),
        ("application/octet-stream", "voice.mp3", b"%PDF-1.7", None),
        ("application/octet-stream", "notes.txt", UNKNOWN, None),
        (None, "page.html", UNKNOWN, None),
        (None, None, UNKNOWN, None),
    ],
)
def test_an_upload_is_judged_by_type_then_name_then_bytes(
    declared: str | None, filename: str | None, head: bytes, verdict: str | None
) -> None:
    assert accepted_type(declared, filename, head, [*IMAGES, *AUDIO]) == verdict


@pytest.mark.parametrize(
    ("declared", "filename", "head", "accepted", "verdict"),
    [
        ("application/octet-stream", "a.jsonl", b"{}", ["application/jsonl"], "application/jsonl"),
        (None, "A.TXT", b"Hi", ["text/plain", "image/png"], "text/plain"),
        (None, "a.vtt", b"WEBVTT", ["text/*"], "text/vtt"),
        (None, "a.txt", PNG, ["text/plain"], None),
        ("application/octet-stream", "a.bin", b"\0", ["application/octet-stream"], "application/octet-stream"),
        (None, None, PNG, ["text/plain", "application/octet-stream"], "application/octet-stream"),
        (None, "a.txt", b"Hi", ["application/octet-stream", "text/plain"], "text/plain"),
        ("binary/octet-stream", "a", b"\0", ["*/*"], "application/octet-stream"),
        ("text/html", "a.html", b"<", ["application/octet-stream"], None),
        ("application/octet-stream", "a.bin", b"\0", ["text/plain"], None),
    ],
)
def test_texts_go_by_their_name_and_what_is_no_other_type_is_octet_stream(
    declared: str | None, filename: str | None, head: bytes, accepted: list[str], verdict: str | None
) -> None:
    assert accepted_type(declared, filename, head, accepted) == verdict


@pytest.mark.parametrize(
    ("media_type", "head", "sentence"),
    [
        ("image/png", PNG, ""),
        ("image/jpg", b"\xff\xd8\xff\xe0", ""),
        ("image/png", b"\xff\xd8\xff\xe0", "its bytes are image/jpeg"),
        ("image/png", b"fake", "its bytes are of no known type"),
        ("audio/mp4", ftyp(b"3gp4"), ""),
        ("audio/mp4", ftyp(b"isom"), ""),
        ("audio/mp4", ftyp(b"qt  "), ""),
        ("audio/mp4", ftyp(b"M4V "), "its bytes are video/mp4"),
        ("text/csv", b"a,b", ""),
        ("text/csv", PNG, "its bytes are image/png"),
    ],
)
def test_bytes_of_another_type_are_named(media_type: str, head: bytes, sentence: str) -> None:
    assert mismatch(media_type, head) == sentence


def test_accepted_types_may_be_aliases_or_ranges() -> None:
    assert accepted_type("audio/wav", None, b"", ["audio/x-wav"]) == "audio/wav"
    assert accepted_type("audio/wave", None, b"", ["audio/*"]) == "audio/wav"
    assert accepted_type("image/gif", None, b"", ["audio/*"]) is None
    assert accepted_type("image/gif", None, b"", ["*/*"]) == "image/gif"


@given(st.none() | st.text(), st.none() | st.text(), st.binary())
def test_a_verdict_is_always_an_accepted_type(declared: str | None, filename: str | None, head: bytes) -> None:
    assert accepted_type(declared, filename, head, IMAGES) in {None, *IMAGES}


def test_a_canonical_type_stays_itself() -> None:
    assert canonical(" Audio/MP3; rate=1 ") == "audio/mpeg"
    assert canonical("audio/mpeg") == "audio/mpeg"
    assert canonical("x/y") == "x/y"
