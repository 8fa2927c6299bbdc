"""Files as people and vandals have them, each made when it is asked for."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from struct import pack
from typing import Any

from PIL import Image, PngImagePlugin

SAMPLES = Path(__file__).parent.parent / "mockserver" / "samples"
PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
MP3, WAV, M4A, OGG = "audio/mpeg", "audio/wav", "audio/mp4", "audio/ogg"
MAGIC = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class File:
    """A file as a client sends it: its name, what it is declared to be, its bytes."""

    name: str
    declared: str | None
    data: bytes


Make = Callable[[], bytes]


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def scene(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    """A picture with something in it, in any of Pillow's modes."""
    drawn = Image.linear_gradient("L").resize(size)
    if mode in ("RGB", "RGBA", "LA"):
        drawn = Image.merge("RGB", (drawn, drawn.transpose(Image.Transpose.FLIP_TOP_BOTTOM), drawn))
    return drawn.convert(mode)


def chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int, depth: int = 8, colour: int = 0, rows: bytes = b"") -> bytes:
    """A PNG of which the header says what it wants, whatever the rows are."""
    header = pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return MAGIC + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def plain_png() -> bytes:
    return saved(scene(), "PNG")


def plain_jpeg() -> bytes:
    return saved(scene(), "JPEG")


def with_exif(orientation: int, form: str = "JPEG", size: tuple[int, int] = (48, 32)) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(scene(size=size), form, exif=exif)


def broken_crc(name: bytes) -> bytes:
    data = bytearray(plain_png())
    at = data.index(name)
    data[at + 4 + int.from_bytes(data[at - 4 : at], "big")] ^= 0xFF
    return bytes(data)


def palette_with_transparency() -> bytes:
    return saved(scene().convert("P"), "PNG", transparency=bytes(range(256)))


def animated(form: str, **options: Any) -> bytes:
    frames = [scene().rotate(90 * turn) for turn in range(3)]
    return saved(frames[0], form, save_all=True, append_images=frames[1:], duration=50, **options)


def many_scans() -> bytes:
    """A progressive JPEG that repeats its first scan again and again."""
    data = saved(scene(), "JPEG", progressive=True)
    start = data.index(b"\xff\xda")
    end = data.index(b"\xff", start + 14)
    while data[end + 1] in (0, *range(0xD0, 0xD8)):
        end = data.index(b"\xff", end + 2)
    return data[:start] + data[start:end] * 2000 + data[end:]


def filled_jpeg() -> bytes:
    return plain_jpeg()[:-2] + b"\xff" * (3 << 20) + b"\xff\xd9"


def with_text(many: int) -> bytes:
    info = PngImagePlugin.PngInfo()
    for index in range(many):
        info.add_text(f"k{index}", "x" * 10)
    return saved(scene(), "PNG", pnginfo=info)


def text_bomb() -> bytes:
    whole = plain_png()
    return whole[:33] + chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(8 << 20), 9)) + whole[33:]


def gif_with_comment() -> bytes:
    whole = saved(scene("P"), "GIF")
    at = 13 + (3 << ((whole[10] & 7) + 1) if whole[10] & 0x80 else 0)
    return whole[:at] + b"\x21\xfe" + (b"\xff" + b"c" * 255) * 5000 + b"\0" + whole[at:]


def lying_jpeg(width: int, height: int) -> bytes:
    data = bytearray(plain_jpeg())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = pack(">HH", height, width)
    return bytes(data)


def large(pixels: tuple[int, int] = (8064, 6048)) -> bytes:
    """48 megapixels, as telephones take them."""
    return saved(Image.new("RGB", pixels, "teal"), "JPEG", quality=50)


def ftyp(major: bytes, *others: bytes) -> bytes:
    brands = b"".join(others)
    return (16 + len(brands)).to_bytes(4, "big") + b"ftyp" + major + bytes(4) + brands


def phone_sound(major: bytes) -> bytes:
    """The sample as a telephone names its container."""
    whole = sample("voice.m4a")
    return whole[:8] + major + whole[12:]


PICTURES: Mapping[str, tuple[str | None, Make]] = {
    "a PNG": (PNG, plain_png),
    "a JPEG": (JPEG, plain_jpeg),
    "a WebP": (WEBP, partial(saved, scene(), "WEBP")),
    "a lossless WebP": (WEBP, partial(saved, scene("RGBA"), "WEBP", lossless=True)),
    "a JPEG named PNG": (PNG, plain_jpeg),
    "a PNG of no declared type": (None, plain_png),
    "text": (PNG, lambda: b"fake"),
    "text that says it is no picture": (JPEG, lambda: b"not a picture"),
    "one byte": (PNG, lambda: b"\0"),
    "nothing": (PNG, lambda: b""),
    "blanks": (WEBP, lambda: b" \r\n" * 20),
    "a line that looks like a boundary": (PNG, lambda: b"\r\n--frontier\r\n\r\n--\r\n"),
    "the magic of a PNG": (PNG, lambda: MAGIC),
    "the magic of a JPEG": (JPEG, lambda: b"\xff\xd8\xff"),
    "the magic of a WebP": (WEBP, lambda: b"RIFF\x10\0\0\0WEBPVP8X"),
    "half a PNG": (PNG, lambda: sample("portrait.png")[:4000]),
    "half a JPEG": (JPEG, lambda: sample("portrait.jpg")[:3000]),
    "half a WebP": (WEBP, lambda: sample("portrait.webp")[:1500]),
    "a PNG without its last byte": (PNG, lambda: plain_png()[:-1]),
    "a PNG with more behind it": (PNG, lambda: plain_png() + b"<?php ?>" * 10),
    "a wrong checksum of the header": (PNG, partial(broken_crc, b"IHDR")),
    "a wrong checksum of the pixels": (PNG, partial(broken_crc, b"IDAT")),
    "a broken profile of colours": (PNG, lambda: saved(scene(), "PNG", icc_profile=b"broken" * 9)),
    "a broken profile in a JPEG": (JPEG, lambda: saved(scene(), "JPEG", icc_profile=b"\0" * 200)),
    "broken EXIF": (JPEG, lambda: saved(scene(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xf0")),
    **{f"turned by EXIF {n}": (JPEG, partial(with_exif, n)) for n in (2, 3, 4, 5, 6, 7, 8)},
    "a PNG turned by EXIF": (PNG, partial(with_exif, 6, "PNG")),
    "a WebP turned by EXIF": (WEBP, partial(with_exif, 8, "WEBP")),
    "CMYK": (JPEG, lambda: saved(scene("CMYK"), "JPEG")),
    "a progressive JPEG": (JPEG, lambda: saved(scene(), "JPEG", progressive=True)),
    "a grey JPEG": (JPEG, lambda: saved(scene("L"), "JPEG")),
    "16 bits": (PNG, lambda: saved(Image.new("I;16", (40, 30), 40000), "PNG")),
    "16 bits of colour": (PNG, lambda: png_of(4, 3, 16, 2, (b"\0" + bytes(range(24))) * 3)),
    "one bit": (PNG, lambda: saved(scene("1"), "PNG")),
    "a palette": (PNG, lambda: saved(scene().convert("P"), "PNG")),
    "a palette with transparency": (PNG, palette_with_transparency),
    "grey with transparency": (PNG, lambda: saved(scene("LA"), "PNG")),
    "colour with transparency": (PNG, lambda: saved(scene("RGBA"), "PNG")),
    "one colour that is transparent": (PNG, lambda: saved(scene("L"), "PNG", transparency=0)),
    "an animated GIF": ("image/gif", partial(animated, "GIF")),
    "an animated GIF named PNG": (PNG, partial(animated, "GIF")),
    "an animated WebP": (WEBP, partial(animated, "WEBP")),
    "an animated PNG": (PNG, partial(animated, "PNG")),
    "a GIF with a long comment": (PNG, gif_with_comment),
    "a BMP": ("image/bmp", partial(saved, scene(), "BMP")),
    "1 x 1": (PNG, partial(saved, scene(size=(1, 1)), "PNG")),
    "1 x 65500": (PNG, partial(saved, scene("L", (1, 65500)), "PNG")),
    "65500 x 1": (JPEG, partial(saved, scene("L", (65500, 1)), "JPEG")),
    "no pixels": (PNG, lambda: png_of(0, 0)),
    "60,000 x 60,000 in a header": (PNG, lambda: png_of(60_000, 60_000)),
    "8,000 x 8,000 in a header": (PNG, lambda: png_of(8000, 8000)),
    "65,500 x 65,500 in a JPEG's header": (JPEG, lambda: lying_jpeg(65_500, 65_500)),
    "larger than a JPEG's data": (JPEG, lambda: lying_jpeg(900, 700)),
    "400 megapixels": (PNG, lambda: png_of(20_000, 20_000, 1, 0, bytes(2501 * 2000))),
    "48 megapixels": (JPEG, large),
    "a comment that unpacks to 8 MB": (PNG, text_bomb),
    "a thousand comments": (PNG, partial(with_text, 1000)),
    "two thousand scans": (JPEG, many_scans),
    "3 MB of fill": (JPEG, filled_jpeg),
    "HEIC": ("image/heic", lambda: ftyp(b"heic", b"mif1", b"heic") + bytes(100)),
    "HEIC named JPEG": (JPEG, lambda: ftyp(b"heic", b"mif1", b"heic") + bytes(100)),
    "SVG": (PNG, lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "a document": ("application/pdf", lambda: b"%PDF-1.7\n%%EOF"),
    "a page": (JPEG, lambda: b"<!doctype html><script>alert(1)</script>"),
    "an archive": (PNG, lambda: b"PK\x03\x04" + bytes(60)),
}

SOUNDS: Mapping[str, tuple[str | None, Make]] = {
    "an MP3": (MP3, partial(sample, "voice.mp3")),
    "a WAV": ("audio/x-wav", partial(sample, "voice.wav")),
    "an M4A": ("audio/x-m4a", partial(sample, "voice.m4a")),
    "an OGG": ("application/ogg", partial(sample, "voice.ogg")),
    "a WAV named MP3": (MP3, partial(sample, "voice.wav")),
    "an MP3 of no declared type": (None, partial(sample, "voice.mp3")),
    "an M4A of an old telephone": (M4A, partial(phone_sound, b"3gp4")),
    "text": (MP3, lambda: b"fake"),
    "nothing": (MP3, lambda: b""),
    "half an MP3": (MP3, lambda: sample("voice.mp3")[:1001]),
    "half a WAV": (WAV, lambda: sample("voice.wav")[:50]),
    "the head of a WAV": (WAV, lambda: b"RIFF\xff\xff\xff\xffWAVE"),
    "half an M4A": (M4A, lambda: sample("voice.m4a")[:700]),
    "the head of an M4A": (M4A, lambda: ftyp(b"M4A ")),
    "half an OGG": (OGG, lambda: sample("voice.ogg")[:300]),
    "the magic of an OGG": (OGG, lambda: b"OggS"),
    "silence": (MP3, lambda: bytes(5000)),
    "a picture": (MP3, plain_png),
    "a page": (MP3, lambda: b"<html>"),
}

NAMES = (
    "a.png", "", ".", "..", "...", ".png", "a", "../../etc/passwd", "..\\..\\a.png", "C:\\a\\b.png", "/etc/passwd",
    "a/b.png", "a b.png", "a%20b.png", "%2e%2e%2fa.png", "a%00b.png", "a?b#c.png", "a;b=c.png", "a,b.png", "a'b.png",
    "a(1).png", "a!*b.png", "a+b.png", "a&b=c.png", "<script>.png", "猫.png", "é.png", "😀.png", "\u202egnp.a",
    "\u2028.png", "\x9b31m.png", "e\u0301.png", "\ufffe.png", "\x7f.png", "x" * 250 + ".png", "猫" * 1000 + ".png",
    "a." + "x" * 3000, "mock:fail-not", "CON", "nul.png", "-rf.png", "~", "$(id).png", "{{7*7}}.png", "a.png.exe",
    "a..png", " .png", "a.png ", "__", "_._",
)  # fmt: skip


@cache
def made(make: Make) -> bytes:
    return make()


def pictures() -> dict[str, File]:
    return _files(PICTURES, "picture")


def sounds() -> dict[str, File]:
    return _files(SOUNDS, "sound")


def _files(kinds: Mapping[str, tuple[str | None, Make]], name: str) -> dict[str, File]:
    extension = {"picture": ".png", "sound": ".mp3"}[name]
    return {title: File(name + extension, declared, made(make)) for title, (declared, make) in kinds.items()}
