"""Pictures a finished job shows: drawn from a seed, derived from a reference, filled in behind a mask.

Knows Pillow, imported only when something is drawn; does not know HTTP. A picture that cannot be read is a
RequestError, whatever Pillow calls it.
"""

from __future__ import annotations

import re
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from mockserver.errors import RequestError, UsageError
from mockserver.media.bounded import is_bounded
from mockserver.media.measure import MOST_PIXELS, dimensions
from mockserver.media.orientation import TURNED, orientation

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST = 4096  # pixels, of a side drawn
_LONGEST_EDIT = 1024
_LONGEST_LABEL = 60
_RATIO = re.compile(r"([1-9][0-9]{0,3}):([1-9][0-9]{0,3})")
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_TINT = 0.45
# What makes a picture upright again, by its orientation.
_TURNS = {
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE",
    8: "ROTATE_90",
}  # fmt: skip

__all__ = ["aspect_size", "dimensions", "edited", "inpainted", "picture", "shown_size"]


def picture(seed: str, width: int, height: int, kind: Literal["png", "jpeg"], label: str = "") -> bytes:
    """A pattern of `width` x `height` pixels, the same for the same arguments.

    `label` is written at the foot, in ASCII, cut to 60 characters. Raises UsageError for sides beyond 1 to 4,096.
    """
    drawn = _pattern(seed, width, height)
    if label:
        _write(drawn, label)
    return _encoded(drawn, kind)


def aspect_size(ratio: str, longest: int = 512) -> tuple[int, int]:
    """(width, height) of the ratio, such as "16:9", with a longest side of `longest` pixels.

    Raises RequestError when `ratio` is not two numbers from 1 to 9999 with a colon.
    """
    found = _RATIO.fullmatch(ratio)
    if found is None:
        raise RequestError("", f"An aspect ratio looks like 16:9, not {ratio[:20]!r}.")
    wide, high = map(int, found.groups())
    most = max(wide, high)
    return max(1, round(longest * wide / most)), max(1, round(longest * high / most))


def shown_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) of a picture as it is shown: turned as its EXIF data say. None where `dimensions` has none."""
    size = dimensions(data)
    return size[::-1] if size is not None and orientation(data) in TURNED else size


def edited(
    original: bytes, seed: str, size: tuple[int, int] | None = None, kind: Literal["png", "jpeg"] = "png"
) -> bytes:
    """A picture derived from the picture `original`: tinted by `seed`, cut and scaled to fill `size`.

    Without a size it keeps its own shape, its longest side at most 1,024 pixels. Raises RequestError when
    `original` cannot be read, UsageError for a size beyond 1 to 4,096.
    """
    from PIL import Image, ImageOps

    source = _decoded(original, max(size or (), default=_LONGEST_EDIT)).convert("RGBA")
    if size is None:
        source.thumbnail((_LONGEST_EDIT, _LONGEST_EDIT))
    pattern = _pattern(seed, *(size or source.size))
    fitted = ImageOps.fit(source, pattern.size) if source.size != pattern.size else source
    ground = Image.new("RGB", pattern.size, "white")
    ground.paste(fitted, mask=fitted)
    return _encoded(Image.blend(ground, pattern, _TINT), kind)


def inpainted(original: bytes, mask: bytes, seed: str, kind: Literal["png", "jpeg"] = "png") -> bytes:
    """A picture: a pattern of `seed` where `mask` is white, the pixels of `original` where it is black.

    Grey counts as the nearer of the two. Raises RequestError when either cannot be read or their sizes differ.
    """
    source, replaced = _decoded(original), _decoded(mask).convert("L")
    if source.size != replaced.size:
        sizes = ["x".join(map(str, each.size)) for each in (replaced, source)]
        raise RequestError("", f"The mask is {sizes[0]} pixels, the picture {sizes[1]}: they must be equal.")
    source = source.convert("RGB") if source.mode == "L" else source
    pattern = _pattern(seed, 256, 256).resize(source.size)
    source.paste(pattern, mask=replaced.point([0] * 128 + [255] * 128))
    return _encoded(source, kind)


def _decoded(data: bytes, least: int | None = None) -> Image:
    """The picture as it is shown, as L, RGB or RGBA; made smaller where that is cheap, no side below `least`."""
    if dimensions(data) is None:
        raise RequestError("", f"Not a picture of at most {MOST_PIXELS:,} pixels in {', '.join(_FORMATS)}.")
    if not is_bounded(data):
        raise RequestError("", "The picture takes too long to read.")
    try:
        return _loaded(data, least)
    except Exception as error:  # Pillow's decoders raise a dozen kinds for broken data
        raise RequestError("", f"The picture cannot be read: {error}.") from None


def _loaded(data: bytes, least: int | None) -> Image:
    from PIL import Image

    opened = Image.open(BytesIO(data), formats=_FORMATS)
    if opened.width * opened.height > MOST_PIXELS:
        raise ValueError("larger than its header says")
    if least is not None:
        opened.draft(None, (least, least))
    opened.load()
    plain = _plain(opened)
    if least is not None and min(plain.size) >= 2 * least:
        plain = plain.reduce(min(plain.size) // least)
    turn = _TURNS.get(orientation(data))
    plain = plain if turn is None else plain.transpose(Image.Transpose[turn])
    plain.info.clear()  # profiles and comments may be broken, and would be written as they are
    return plain


def _plain(opened: Image) -> Image:
    """Eight bits a channel, no palette. Sixteen-bit greys are scaled down: Pillow would cut them off at 255."""
    if opened.mode.startswith("I"):
        return opened.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if opened.has_transparency_data else "L" if opened.mode in ("1", "L") else "RGB"
    return opened if opened.mode == mode else opened.convert(mode)


def _pattern(seed: str, width: int, height: int) -> Image:
    """A gradient between two colours with a few discs on it."""
    from PIL import Image, ImageDraw, ImageOps

    if not (1 <= width <= LONGEST and 1 <= height <= LONGEST):
        raise UsageError(f"A picture is 1 to {LONGEST} pixels wide and high, not {width}x{height}.")
    dice = sha256(seed.encode("utf-8", "surrogatepass")).digest()
    dark, light = tuple(each // 2 for each in dice[:3]), tuple(128 + each // 2 for each in dice[3:6])
    slope = Image.linear_gradient("L").rotate(90 * (dice[6] % 4))
    drawn = ImageOps.colorize(slope, dark, light).resize((width, height))
    pen = ImageDraw.Draw(drawn)
    for at in range(7, 27, 5):
        across, down, radius = dice[at] * width // 255, dice[at + 1] * height // 255, dice[at + 2]
        reach = max(1, radius * min(width, height) // 1024)
        pen.ellipse((across - reach, down - reach, across + reach, down + reach), tuple(dice[at + 2 : at + 5]))
    return drawn


def _write(drawn: Image, label: str) -> None:
    from PIL import ImageDraw

    text = label[:_LONGEST_LABEL].encode("ascii", "replace").decode()
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, drawn.height - 18, drawn.width, drawn.height), "black")
    pen.text((4, drawn.height - 15), text, "white")


def _encoded(drawn: Image, kind: Literal["png", "jpeg"]) -> bytes:
    file = BytesIO()
    if kind == "png":
        drawn.save(file, "PNG", compress_level=1)
    else:
        drawn.convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()
