"""The framing of chunked bodies: any cut gives the same body, and what passes is what h11 reads."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire.chunks import Chunks, Malformed

BODIES = st.lists(st.binary(min_size=1, max_size=40), max_size=5)


def framed(pieces: list[bytes]) -> bytes:
    return b"".join(b'%x ;a=b; c = "d;\\"e"\r\n%s\r\n' % (len(piece), piece) for piece in pieces) + b"0\r\nA: b\r\n\r\n"


def plain(pieces: list[bytes]) -> bytes:
    """The same without extensions and trailer."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def read(chunks: Chunks, pieces: list[bytes]) -> tuple[bytes, bytes | None]:
    """What passed of these pieces, and what followed the body."""
    passed, rest = b"", None
    for piece in pieces:
        if rest is not None:
            rest += piece
            continue
        lawful, rest = chunks.feed(piece)
        passed += lawful
    return passed, rest


@given(BODIES, st.data(), st.binary(max_size=20))
def test_a_body_may_be_cut_anywhere(body: list[bytes], data: st.DataObject, after: bytes) -> None:
    sent = framed(body) + after
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    passed, rest = read(Chunks(100), pieces)
    assert passed == plain(body)
    assert rest == after


@given(st.binary(max_size=60) | st.text("0123456789abcfx;= \r\n:", max_size=60).map(str.encode))
def test_whatever_passes_is_read_by_h11(sent: bytes) -> None:
    try:
        passed, _ = Chunks(100).feed(sent)
    except Malformed:
        return
    reader = h11.Connection(h11.SERVER)
    reader.receive_data(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + passed)
    while reader.next_event() not in (h11.NEED_DATA, h11.PAUSED):
        pass


@given(BODIES)
def test_byte_by_byte_is_the_same(body: list[bytes]) -> None:
    sent = framed(body)
    assert read(Chunks(100), [sent[at : at + 1] for at in range(len(sent))])[1] == b""


@pytest.mark.parametrize("trailer", [b"A: " + b"b" * 100, b"A: " + b"b" * 100 + b"\r\n\r\n"])
def test_a_trailer_is_bounded(trailer: bytes) -> None:
    with pytest.raises(Malformed, match="trailer"):
        Chunks(50).feed(b"0\r\n" + trailer)
