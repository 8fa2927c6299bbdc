"""Content codings of bodies: what clients write is read however it is cut, and nothing unfolds in memory."""

from __future__ import annotations

import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import RequestError
from mockserver.validation import Decoder, coding_of
from mockserver.validation.codings import MAX_MEMBERS, PIECE


def raw(data: bytes) -> bytes:
    made = zlib.compressobj(wbits=-15)
    return made.compress(data) + made.flush()


CODINGS = {"gzip": ("gzip", gzip.compress), "zlib": ("deflate", zlib.compress), "bare": ("deflate", raw)}
DATA = st.binary(max_size=300) | st.integers(0, 300_000).map(lambda n: b"a" * n)


def unfolded(coding: str, sent: list[bytes]) -> bytes:
    decoder = Decoder(coding)
    pieces = [piece for each in sent for piece in decoder.feed(each)]
    decoder.finish()
    assert all(0 < len(piece) <= PIECE for piece in pieces)
    return b"".join(pieces)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(at % (len(data) + 1) for at in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


@pytest.mark.parametrize(("coding", "fold"), CODINGS.values(), ids=CODINGS)
@given(data=DATA, cuts=st.lists(st.integers(0, 400), max_size=6))
def test_what_was_coded_is_read_however_it_is_cut(coding: str, fold: object, data: bytes, cuts: list[int]) -> None:
    assert unfolded(coding, cut(fold(data), cuts)) == data  # type: ignore[operator]


@pytest.mark.parametrize(("coding", "fold"), CODINGS.values(), ids=CODINGS)
def test_a_body_that_is_cut_short_is_refused(coding: str, fold: object) -> None:
    whole: bytes = fold(b"something to say " * 9)  # type: ignore[operator]
    for end in range(1, len(whole)):
        with pytest.raises(RequestError, match=f"ends before its {coding} does|no valid"):
            unfolded(coding, [whole[:end]])


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@given(data=st.binary(max_size=100))
def test_no_bytes_raise_anything_but_a_request_error(coding: str, data: bytes) -> None:
    decoder = Decoder(coding)
    try:
        assert sum(map(len, decoder.feed(data))) < 1_000_000
        decoder.finish()
    except RequestError:
        pass


def test_a_body_without_a_byte_is_none() -> None:
    assert unfolded("gzip", []) == unfolded("deflate", [b""]) == b""


def test_members_of_gzip_follow_each_other() -> None:
    two = gzip.compress(b"a" * 100_000) + gzip.compress(b"b")
    assert unfolded("gzip", [two]) == unfolded("gzip", [bytes([each]) for each in two]) == b"a" * 100_000 + b"b"


def test_bytes_behind_the_end_are_refused() -> None:
    with pytest.raises(RequestError, match="no valid gzip"):
        unfolded("gzip", [gzip.compress(b"a") + b"rest"])
    with pytest.raises(RequestError, match="goes on after its deflate"):
        unfolded("deflate", [zlib.compress(b"a") + b"r", b"est"])
    with pytest.raises(RequestError, match="goes on after its gzip"):
        unfolded("gzip", [gzip.compress(b"") * (MAX_MEMBERS + 1)])


def test_a_bomb_unfolds_in_small_pieces() -> None:
    decoder = Decoder("gzip")
    pieces = decoder.feed(gzip.compress(bytes(50_000_000)))
    assert [len(next(pieces)) for _ in range(3)] == [PIECE] * 3


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (b"gzip", "gzip"),
        (b"X-GZip", "gzip"),
        (b" deflate ", "deflate"),
        (b"identity", ""),
        (b"", ""),
        (b"identity, gzip,", "gzip"),
        (b"br", None),
        (b"zstd", None),
        (b"gzip, gzip", None),
        (b"gzip, br", None),
        (b"\xff", None),
        (b"aws-chunked", None),
    ],
)
def test_a_coding_is_known_by_its_names(header: bytes, coding: str | None) -> None:
    assert coding_of(header) == coding
