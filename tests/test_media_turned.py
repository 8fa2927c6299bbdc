"""Pictures as telephones take them: turned by EXIF, large, or made to keep a decoder busy for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import kinds_kit as kinds
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from mockserver.errors import RequestError
from mockserver.media import blob, dimensions, edited, inpainted, shown_size
from mockserver.media.bounded import is_bounded
from mockserver.media.drawing import Drawings
from mockserver.media.orientation import orientation

FORMS = ["JPEG", "PNG", "WEBP"]
HOSTILE = [kinds.many_scans, kinds.filled_jpeg, kinds.gif_with_comment]


def opened(data: bytes) -> Image.Image:
    return Image.open(kinds.io.BytesIO(data))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_is_seen_as_its_camera_was_held(form: str, turn: int) -> None:
    data = kinds.with_exif(turn, form)
    upright = ImageOps.exif_transpose(opened(data))
    assert orientation(data) == turn
    assert dimensions(data) == (48, 32)
    assert shown_size(data) == upright.size == ((48, 32) if turn < 5 else (32, 48))
    black = kinds.saved(Image.new("L", upright.size), "PNG")
    assert opened(inpainted(data, black, "seed")).tobytes() == upright.convert("RGB").tobytes()
    assert dimensions(edited(data, "seed")) == upright.size


@pytest.mark.parametrize("wrong", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_upright(wrong: int) -> None:
    assert orientation(kinds.with_exif(wrong)) == 1


@given(st.integers(0, 400), st.binary(max_size=12), st.sampled_from(FORMS))
def test_broken_exif_is_upright_or_something_that_exists(at: int, junk: bytes, form: str) -> None:
    data = kinds.with_exif(6, form)
    assert 1 <= orientation(data[:at] + junk + data[at + len(junk) :]) <= 8
    assert 1 <= orientation(data[:at]) <= 8


@pytest.mark.parametrize("make", HOSTILE)
def test_a_picture_that_would_keep_a_decoder_busy_is_not_read(make: kinds.Make) -> None:
    assert dimensions(make()) is not None
    assert not is_bounded(make())
    with pytest.raises(RequestError, match="too long"):
        edited(make(), "seed")


def test_ordinary_pictures_are_read() -> None:
    for title, file in kinds.pictures().items():
        if file.data and (title.startswith(("a ", "turned", "16", "48", "CMYK", "one", "1 x"))) and "GIF" not in title:
            assert is_bounded(file.data) or dimensions(file.data) is None or "BMP" in title, title


@given(st.binary(max_size=80), st.sampled_from([b"\xff\xd8", kinds.MAGIC, b"GIF89a", b"BM", b"RIFF", b""]))
def test_no_bytes_make_the_look_at_a_picture_fail(data: bytes, magic: bytes) -> None:
    is_bounded(magic + data)
    orientation(magic + data)
    shown_size(magic + data)


def test_large_pictures_are_made_smaller_while_they_are_read() -> None:
    assert dimensions(edited(kinds.large(), "seed")) == (1024, 768)
    assert dimensions(edited(kinds.large(), "seed", (512, 288))) == (512, 288)


def test_profiles_and_comments_of_a_source_do_not_go_on_into_a_result() -> None:
    data = kinds.saved(kinds.scene(), "PNG", icc_profile=b"broken" * 9)
    black = kinds.saved(Image.new("L", (48, 32)), "PNG")
    assert b"iCCP" in data
    assert b"iCCP" not in edited(data, "seed") + inpainted(data, black, "seed")


@pytest.mark.filterwarnings("error")
def test_a_mask_of_any_mode_is_read_without_a_warning() -> None:
    for mask in (kinds.palette_with_transparency(), kinds.saved(kinds.scene("LA"), "PNG")):
        assert dimensions(inpainted(kinds.plain_png(), mask, "seed")) == (48, 32)


def test_a_result_can_be_a_jpeg_whatever_its_source_is() -> None:
    data = kinds.saved(kinds.scene("RGBA"), "PNG")
    assert opened(edited(data, "seed", kind="jpeg")).format == "JPEG"
    assert opened(inpainted(data, data, "seed", "jpeg")).format == "JPEG"


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_drawings_are_kept_up_to_a_bound_in_bytes(runner: asyncio.Runner) -> None:
    drawings, drawn = Drawings(10_000), []

    def draw(key: str, size: int) -> str:
        def work() -> object:
            drawn.append(key)
            return blob("image/png", key.encode() * size)

        return runner.run(drawings.get(key, work)).etag  # type: ignore[arg-type]

    assert draw("a", 3000) == draw("a", 3000)
    draw("b", 3000)
    assert drawn == ["a", "b"]
    draw("c", 3000)
    draw("a", 3000)
    assert drawn == ["a", "b", "c", "a"]
    draw("d", 20_000)
    draw("d", 20_000)
    assert drawn[-2:] == ["d", "d"]
    assert drawings.bytes <= 10_000


def test_a_drawing_that_fails_is_tried_again(runner: asyncio.Runner) -> None:
    drawings = Drawings()

    def fail() -> object:
        raise OSError("no room")

    for _ in range(2):
        with pytest.raises(OSError, match="no room"):
            runner.run(drawings.get("a", fail))  # type: ignore[arg-type]
    assert runner.run(drawings.get("a", lambda: blob("text/plain", b"x"))).length == 1
