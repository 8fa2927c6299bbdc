"""Is a blob the bytes of its pieces, however large, and is a padded file still a file of its kind?"""

from __future__ import annotations

import zlib
from dataclasses import replace
from io import BytesIO
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mockserver.errors import StorageError, UsageError
from mockserver.media import Blob, Stored, Zeros, blob, padded_picture, padded_video, picture, video
from mockserver.validation.spool import Scratch

ON_DISK = bytes(range(256))
FILM = video("padded", seconds=1)
PNG = picture("padded", 20, 10, "png")
JPEG = picture("padded", 20, 10, "jpeg")


@pytest.fixture(scope="module")
def kept() -> Stored:
    """Bytes of a kept file, between others."""
    scratch = Scratch()
    scratch.append(b"before" + ON_DISK[:200])
    scratch.append(b"after")
    return Stored(scratch, 6, 200, "mark")


def whole(served: Blob) -> bytes:
    return b"".join(served.chunks(0, served.length))


PIECES = st.lists(st.binary(max_size=40) | st.integers(0, 50) | st.just("file"), max_size=5)


@given(PIECES, st.integers(-5, 700), st.integers(-5, 700), st.integers(1, 300))
def test_chunks_are_what_slicing_gives(
    kept: Stored, pieces: list[bytes | int | str], start: int, stop: int, size: int
) -> None:
    segments = [Zeros(each) if isinstance(each, int) else each if isinstance(each, bytes) else kept for each in pieces]
    flat = b"".join(
        bytes(each) if isinstance(each, int) else each if isinstance(each, bytes) else ON_DISK[:200] for each in pieces
    )
    served = blob("text/plain", *segments)
    chunks = list(served.chunks(start, stop, size))
    assert b"".join(chunks) == flat[max(start, 0) : max(stop, 0)]
    assert all(0 < len(chunk) <= size for chunk in chunks)
    assert served.length == len(flat)
    assert whole(served) == flat


def test_a_kept_file_is_told_from_others_by_its_mark(kept: Stored) -> None:
    served = blob("text/plain", kept)
    assert whole(served) == ON_DISK[:200]
    assert served.etag == blob("text/plain", kept).etag
    assert served.etag != blob("text/plain", replace(kept, mark="another")).etag


def test_a_kept_file_that_is_gone_or_was_cut_is_said_so() -> None:
    scratch = Scratch()
    scratch.append(b"0123456789")
    served = blob("text/plain", Stored(scratch, 0, 10, ""))
    scratch.cut(5)
    with pytest.raises(StorageError, match="shorter than it was"):
        whole(served)
    scratch.close()
    with pytest.raises(StorageError, match="cannot be read"):
        whole(served)


def test_an_etag_is_quoted_and_changes_with_the_recipe() -> None:
    etags = [
        blob("text/plain", b"a").etag,
        blob("text/plain", b"b").etag,
        blob("text/html", b"a").etag,
        blob("text/plain", b"a", recipe="r").etag,
        blob("text/plain", Zeros(1)).etag,
        blob("text/plain", Zeros(2)).etag,
        padded_video(FILM, 90_000).etag,
        padded_video(FILM, 90_001).etag,
    ]
    assert len(set(etags)) == len(etags)
    assert all(etag[0] == etag[-1] == '"' and len(etag) == 34 for etag in etags)
    assert blob("text/plain", b"a").etag == blob("text/plain", b"a").etag


def boxes(head: bytes, at: int) -> tuple[int, bytes]:
    size, name = int.from_bytes(head[at : at + 4], "big"), head[at + 4 : at + 8]
    return (int.from_bytes(head[at + 8 : at + 16], "big") if size == 1 else size), name


@pytest.mark.parametrize(
    ("gap", "added"),
    [
        (-10, 0),
        (0, 0),
        (1, 0),
        (3, 0),
        (4, 8),
        (7, 8),
        (8, 8),
        (9, 9),
        (1000, 1000),
        ((1 << 32) - 1, (1 << 32) - 1),
        (1 << 32, 1 << 32),
        (5000000000, 5000000000),
    ],
)
def test_a_padded_video_ends_in_one_free_box_of_the_nearest_size(gap: int, added: int) -> None:
    served = padded_video(FILM, len(FILM) + gap)
    assert served.length == len(FILM) + added
    assert served.content_type == "video/mp4"
    head = b"".join(served.chunks(0, len(FILM) + 16))
    assert head.startswith(FILM)
    if added:
        assert boxes(head, len(FILM)) == (added, b"free")


def test_gigabytes_are_never_held() -> None:
    served = padded_video(FILM, 8_000_000_000)
    last = list(served.chunks(served.length - 100_000, served.length))
    assert sum(map(len, last)) == 100_000
    assert [len(chunk) for chunk in islice(served.chunks(5_000_000_000, served.length), 3)] == [65536] * 3


@pytest.mark.parametrize("gap", [-1, 0, 5, 6, 11, 12, 13, 500, 70_000, (1 << 24) + 1, (1 << 24) + 5, 40_000_000])
def test_a_padded_png_is_a_whole_png(gap: int) -> None:
    served = padded_picture(PNG, "png", len(PNG) + gap)
    data = whole(served)
    wanted = max(gap, 0) if gap <= 0 or gap >= 12 else 12 * (gap >= 6)
    assert len(data) == served.length == len(PNG) + wanted
    names, at = [], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        names.append(data[at + 4 : at + 8])
        assert zlib.crc32(data[at + 4 : at + 8 + length]).to_bytes(4, "big") == data[at + 8 + length : at + 12 + length]
        at += 12 + length
    assert names[-1] == b"IEND"
    assert (b"fiLl" in names) == bool(wanted)
    opened, plain = Image.open(BytesIO(data)), Image.open(BytesIO(PNG))
    opened.load()
    assert opened.tobytes() == plain.tobytes()


def test_a_padded_png_of_gigabytes_is_described_in_no_time() -> None:
    assert padded_picture(PNG, "png", 4_000_000_000).length == 4_000_000_000


@pytest.mark.parametrize("gap", [-1, 0, 1, 2, 70_000])
def test_a_padded_jpeg_opens_and_has_exactly_the_size(gap: int) -> None:
    served = padded_picture(JPEG, "jpeg", len(JPEG) + gap)
    assert served.length == len(JPEG) + max(gap, 0)
    opened, plain = Image.open(BytesIO(whole(served))), Image.open(BytesIO(JPEG))
    opened.load()
    assert opened.tobytes() == plain.tobytes()


def test_a_broken_png_is_not_padded() -> None:
    with pytest.raises(UsageError, match="IEND"):
        padded_picture(PNG[:-4], "png", 5000)
