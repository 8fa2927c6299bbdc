"""What is known of the bytes that were uploaded to a job, and what facts show of it. Knows no request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from mockserver.jobs import PlannedJob
from mockserver.store import Handle
from mockserver.subject import Subject

PIECE = "piece."
"""Bytes of an upload that is not complete yet are kept under this and the number of the piece."""


class UploadRow(NamedTuple):
    """How something of an upload is read, and what it is."""

    read: Callable[[Subject, Handle], Any]
    kind: Literal["text", "count"] = "text"


def _size(subject: Subject, upload: Handle) -> int | None:
    """How many bytes were uploaded, or a result has that is the part of another resource."""
    if not upload.result:
        return upload.size
    return None if subject.links is None else subject.links.size(upload)


UPLOADED: Mapping[str, UploadRow] = {
    "size": UploadRow(_size, "count"),
    "type": UploadRow(lambda _, upload: upload.content_type),
    "name": UploadRow(lambda _, upload: upload.filename or None),
    "sha256": UploadRow(lambda _, upload: upload.sha256 or None),
}
"""What a fact can show of the bytes of an uploaded part."""


def handle_at(job: PlannedJob | None, part: str) -> Handle | None:
    return None if job is None else (job.uploads or {}).get(part)


def uploaded(part: str, what: str) -> Callable[[Subject], Any]:
    """What reads one of them of a part."""
    read = UPLOADED[what].read
    return lambda s: None if (upload := handle_at(s.job, part)) is None else read(s, upload)


def md5(part: str) -> Callable[[Subject], str | None]:
    """What reads the MD5 of a part's bytes."""
    return lambda s: None if (upload := handle_at(s.job, part)) is None else upload.md5 or None


def pieces_of(uploads: Mapping[str, Handle] | None) -> dict[int, Handle]:
    """The pieces of an upload that is not complete, by number."""
    pieces = {
        int(name.removeprefix(PIECE)): upload for name, upload in (uploads or {}).items() if name.startswith(PIECE)
    }
    return dict(sorted(pieces.items()))


def received(job: PlannedJob) -> int:
    """How many bytes have arrived: of the pieces, or of all once they are complete."""
    uploads = job.uploads or {}
    pieces = pieces_of(uploads)
    whole = uploads.get("body")
    return sum(piece.size for piece in pieces.values()) if pieces or whole is None else whole.size


def _last(job: PlannedJob) -> int | None:
    return received(job) - 1 if received(job) else None


def _of_job(read: Callable[[PlannedJob], Any]) -> Callable[[Subject], Any]:
    return lambda s: None if s.job is None else read(s.job)


RECEIVED: Mapping[str, tuple[Callable[[Subject], Any], Literal["text", "count"]]] = {
    "bytes": (_of_job(received), "count"),
    "last": (_of_job(_last), "count"),
    "md5": (lambda s: s.piece and s.piece.md5, "text"),
}
"""What facts show of an upload that comes in pieces, by name."""
