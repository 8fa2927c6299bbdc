"""Uploaded bytes that some answer shows a URL to, within a bound for the whole server. Knows no sandbox."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mockserver.media import Blob, blob, stored

BOUND = 1 << 30


@dataclass(slots=True, eq=False)
class Upload:
    """An uploaded part: its accepted media type, its file name, its bytes, and the sandbox that keeps it."""

    content_type: str
    filename: str
    blob: Blob
    path: Path | None = None
    gone: bool = False
    owner: str = ""

    @classmethod
    def of(cls, content_type: str, filename: str, body: bytes | Path) -> Upload:
        """An upload of bytes, or of a file that is its own from now on."""
        if isinstance(body, Path):
            return cls(content_type, filename, stored(content_type, body), body)
        return cls(content_type, filename, blob(content_type, body))

    def discard(self) -> None:
        """Let the bytes go; a job may hold on to the upload itself."""
        self.gone = True
        self.blob = blob(self.content_type, b"")
        if self.path is not None:
            self.path.unlink(missing_ok=True)


class Shelf:
    """Keeps uploads up to `bound` bytes; the oldest make room."""

    def __init__(self, bound: int = BOUND) -> None:
        self._bound = bound
        self._uploads: OrderedDict[int, Upload] = OrderedDict()
        self.bytes = 0

    def keep(self, upload: Upload, owner: str = "") -> list[str]:
        """Keep an upload; gives a sentence for each one dropped to make room for it."""
        upload.owner = owner
        self._uploads[id(upload)] = upload
        self.bytes += upload.blob.length
        dropped = []
        while self.bytes > self._bound and len(self._uploads) > 1:
            _, oldest = self._uploads.popitem(last=False)
            self.bytes -= oldest.blob.length
            dropped.append(f"{oldest.filename}: {oldest.blob.length} uploaded bytes made room for newer ones")
            oldest.discard()
        return dropped

    def forget(self, upload: Upload) -> None:
        """Let an upload go: its job is gone, or it was replaced."""
        if self._uploads.pop(id(upload), None) is not None:
            self.bytes -= upload.blob.length
            upload.discard()

    def forget_all(self, owner: str) -> None:
        """Let the uploads of a sandbox go."""
        for upload in [u for u in self._uploads.values() if u.owner == owner]:
            self.forget(upload)

    def tidy(self, uploads: Iterable[Upload]) -> None:
        """Discard those of a request's uploads that nobody kept."""
        for upload in uploads:
            if id(upload) not in self._uploads:
                upload.discard()

    def clear(self) -> None:
        """Let all go."""
        for upload in list(self._uploads.values()):
            self.forget(upload)
