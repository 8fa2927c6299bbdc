"""Are pictures drawn from their seed, and is a broken one always refused in the same way?"""

from __future__ import annotations

import subprocess
import sys
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mockserver.errors import RequestError, UsageError
from mockserver.media import aspect_size, dimensions, edited, inpainted, picture, sniff
from mockserver.media.measure import MOST_STEPS

SAMPLES = Path(__file__).parent.parent / "mockserver" / "samples"
PORTRAIT = (SAMPLES / "portrait.png").read_bytes()
MASK = (SAMPLES / "mask.png").read_bytes()
FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP"]


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["png", "jpeg"])
@pytest.mark.parametrize("size", [(1, 1), (512, 288), (33, 700)])
def test_a_picture_has_the_size_and_kind_asked_for(kind: str, size: tuple[int, int]) -> None:
    data = picture("seed", *size, kind, "job 17")  # type: ignore[arg-type]
    assert sniff(data) == f"image/{kind}"
    assert dimensions(data) == opened(data).size == size


def test_the_seed_and_the_label_decide_every_byte() -> None:
    drawn = [picture(seed, 64, 64, "png", label) for seed in ("a", "b", "\ud800") for label in ("", "x")]
    assert drawn == [picture(seed, 64, 64, "png", label) for seed in ("a", "b", "\ud800") for label in ("", "x")]
    assert len(set(drawn)) == 6


def test_any_text_is_a_label() -> None:
    assert opened(picture("seed", 64, 64, "png", "é\ud800\n" * 1000)).size == (64, 64)


@pytest.mark.parametrize("size", [(0, 5), (5, 4097), (-1, -1)])
def test_an_impossible_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match="pixels wide and high"):
        picture("seed", *size, "png")


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("1:1", (512, 512)), ("16:9", (512, 288)), ("9:16", (288, 512)), ("4:3", (512, 384)), ("1:9999", (1, 512))],
)
def test_an_aspect_ratio_becomes_a_size(ratio: str, size: tuple[int, int]) -> None:
    assert aspect_size(ratio) == size


@pytest.mark.parametrize("ratio", ["", "16/9", "0:1", "1:0", "1:1:1", " 1:1", "1:" + "9" * 5000, "-1:2", "٣:٤"])
def test_a_malformed_ratio_is_refused(ratio: str) -> None:
    with pytest.raises(RequestError):
        aspect_size(ratio)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (300, 2)])
def test_dimensions_are_read_from_the_header_alone(form: str, size: tuple[int, int]) -> None:
    for mode in ("RGB", "L"):
        data = saved(Image.new(mode, size), form)
        assert dimensions(data) == size
        assert all(dimensions(data[:cut]) in {None, size} for cut in range(60))


def test_dimensions_of_rarer_forms_are_read_too() -> None:
    red = Image.new("RGB", (40, 30), "red")
    assert dimensions(saved(red, "WEBP", lossless=True)) == (40, 30)
    assert dimensions(saved(red, "WEBP", exif=b"Exif\0\0" + bytes(8))) == (40, 30)
    assert dimensions(saved(red, "JPEG", progressive=True, comment=b"c" * 300)) == (40, 30)
    assert dimensions(b"\xff\xd8\xff\xff\xff\x01" + saved(red, "JPEG")[2:]) == (40, 30)
    assert dimensions(b"BM" + bytes(12) + pack("<IHH", 12, 7, 5)) == (7, 5)
    assert dimensions(b"BM" + bytes(12) + pack("<Iii", 40, 7, -5)) == (7, 5)
    assert dimensions(b"RIFF\0\0\0\0WEBPNONE") is None
    assert dimensions((SAMPLES / "portrait.webp").read_bytes()) == (240, 320)


def claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its data does not have."""
    return PORTRAIT[:16] + pack(">II", width, height) + PORTRAIT[24:]


@pytest.mark.parametrize("size", [(0, 5), (100_000, 100_000), (0xFFFFFFFF, 0xFFFFFFFF)])
def test_a_picture_without_area_or_beyond_all_bounds_has_no_dimensions(size: tuple[int, int]) -> None:
    assert dimensions(claiming(*size)) is None
    with pytest.raises(RequestError, match="64,000,000"):
        edited(claiming(*size), "seed")


@given(st.binary(max_size=64), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM"]))
def test_dimensions_never_raises(data: bytes, magic: bytes) -> None:
    dimensions(magic + data)


WHOLE = [saved(Image.new("RGB", (12, 9), "teal"), form) for form in FORMATS]


@given(st.sampled_from(WHOLE), st.data())
def test_a_broken_picture_is_read_or_refused_and_nothing_else(whole: bytes, data: st.DataObject) -> None:
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(broken[: data.draw(st.integers(0, len(broken)))])
    # Bounded, so that no example draws sixty million pixels.
    size = dimensions(cut)
    if size and size[0] * size[1] > 100_000:
        return
    with suppress(RequestError):
        assert dimensions(edited(cut, "seed", (8, 8))) == (8, 8)


def test_a_cut_picture_is_refused() -> None:
    with pytest.raises(RequestError, match="cannot be read"):
        edited(PORTRAIT[: len(PORTRAIT) // 2], "seed")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_larger_than_its_first_header_says_is_refused() -> None:
    second = claiming(9000, 9000)[8:33]
    second = second[:-4] + zlib.crc32(second[4:-4]).to_bytes(4, "big")
    with pytest.raises(RequestError, match="cannot be read"):
        edited(PORTRAIT[:33] + second + PORTRAIT[33:], "seed")


def test_an_edited_picture_derives_from_its_reference_and_its_seed() -> None:
    pictures = {edited(PORTRAIT, "a"), edited(PORTRAIT, "b"), edited(picture("other", 240, 320, "jpeg"), "a")}
    assert len(pictures) == 3
    assert edited(PORTRAIT, "a") in pictures
    assert {dimensions(data) for data in pictures} == {(240, 320)}
    assert dimensions(edited(PORTRAIT, "a", (512, 288))) == (512, 288)
    assert dimensions(edited(picture("large", 2048, 1000, "jpeg"), "a")) == (1024, 500)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_colour_mode_can_be_edited_and_inpainted(mode: str) -> None:
    data = saved(Image.new(mode, (24, 16)), "PNG")
    assert dimensions(edited(data, "seed")) == (24, 16)
    assert dimensions(inpainted(data, data, "seed")) == (24, 16)


def test_inpainting_keeps_every_pixel_under_black() -> None:
    before, mask = opened(PORTRAIT).convert("RGB"), opened(MASK).convert("L")
    after = opened(inpainted(PORTRAIT, MASK, "seed"))
    assert after.format == "PNG"
    kept = Image.composite(Image.new("RGB", mask.size), after, mask)
    assert kept.tobytes() == Image.composite(Image.new("RGB", mask.size), before, mask).tobytes()
    changed = [a != b for a, b, m in zip(*map(pixels, (before, after, mask)), strict=True) if m]
    assert sum(changed) > 0.9 * len(changed) > 0
    assert inpainted(PORTRAIT, MASK, "seed") != inpainted(PORTRAIT, MASK, "other seed")


def pixels(image: Image.Image) -> list[object]:
    width, height = image.size
    return [image.getpixel((x, y)) for y in range(height) for x in range(width)]


def test_inpainting_keeps_transparency_and_deep_greys() -> None:
    black = saved(Image.new("L", (4, 3)), "PNG")
    glass = Image.new("RGBA", (4, 3), (10, 20, 30, 40))
    assert pixels(opened(inpainted(saved(glass, "PNG"), black, "seed"))) == pixels(glass)
    deep = saved(Image.new("I;16", (4, 3), 200 << 8), "PNG")
    assert pixels(opened(inpainted(deep, black, "seed"))) == [(200, 200, 200)] * 12


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(RequestError, match="240x320"):
        inpainted(PORTRAIT, saved(Image.new("L", (4, 3)), "PNG"), "seed")
    with pytest.raises(RequestError):
        inpainted(PORTRAIT, b"no mask", "seed")


def test_pillow_is_loaded_only_when_something_is_drawn() -> None:
    code = "import sys, mockserver.media; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=300).returncode == 0


def test_a_jpeg_of_nothing_but_markers_is_given_up() -> None:
    frame = b"\xff\xc0\x00\x11\x08\x00\x02\x00\x03"
    assert dimensions(b"\xff\xd8" + b"\xff" * 100 + frame[1:]) == (3, 2)
    assert dimensions(b"\xff\xd8" + b"\xff" * (MOST_STEPS + 1) + frame[1:]) is None
