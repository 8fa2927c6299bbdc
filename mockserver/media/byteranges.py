"""The bytes that were chosen of a blob: all, one range, or several as `multipart/byteranges` (RFC 9110, 14.6).

Nothing is held: the parts are read from the blob as they are sent. Does not know requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from mockserver.media.blobs import Blob
from mockserver.media.ranges import ByteSpan, Selection, content_range

Piece: TypeAlias = "bytes | ByteSpan"


@dataclass(frozen=True, slots=True)
class RangeBody:
    """What is sent of a blob, in its order: bytes of its own, and spans of the blob."""

    content_type: str
    blob: Blob
    pieces: tuple[Piece, ...]

    @property
    def length(self) -> int:
        return sum(map(_extent, self.pieces))

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, in non-empty chunks."""
        offset = 0
        for piece in self.pieces:
            length = _extent(piece)
            first, last = max(start - offset, 0), min(stop - offset, length)
            if first < last and isinstance(piece, bytes):
                yield piece[first:last]
            elif first < last:
                yield from self.blob.chunks(int(piece[0]) + first, int(piece[0]) + last)
            offset += length


def parts_of(blob: Blob, chosen: Selection) -> RangeBody:
    """What a selection takes of a blob."""
    if len(chosen.spans) < 2:
        return RangeBody(blob.content_type, blob, chosen.spans)
    # The same request has the same answer; that a result holds the boundary by chance is out of the question.
    boundary = blake2b(f"{blob.etag}{chosen.spans}".encode(), digest_size=16).hexdigest()
    pieces: list[Piece] = []
    for span in chosen.spans:
        head = f"--{boundary}\r\nContent-Type: {blob.content_type}\r\n"
        ranged = f"Content-Range: {content_range(span, blob.length)}\r\n\r\n"
        pieces += [f"{head}{ranged}".encode("latin-1"), span, b"\r\n"]
    return RangeBody(f"multipart/byteranges; boundary={boundary}", blob, (*pieces, f"--{boundary}--\r\n".encode()))


def _extent(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece[1] - piece[0]
