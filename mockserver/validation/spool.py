"""Bytes on their way into safekeeping: in memory while few, then in a temporary file."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

MAX_IN_MEMORY = 1024 * 1024


class Spool:
    """Takes the bytes of one part. Write errors of the disk (OSError) pass through."""

    __slots__ = ("_directory", "_file", "_limit", "_memory")

    def __init__(self, limit: int = MAX_IN_MEMORY, directory: Path | None = None) -> None:
        """`limit`: how many bytes may stay in memory; `directory`: where the file goes, else the system's."""
        self._limit = limit
        self._directory = directory
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        if self._file is None and len(self._memory) + len(data) > self._limit:
            self._file = self._new_file()
            self._file.write(self._memory)
            self._memory = bytearray()
        if self._file is None:
            self._memory += data
        else:
            self._file.write(data)

    def _new_file(self) -> IO[bytes]:
        # No context manager: the file outlives the call, and even the spool.
        return NamedTemporaryFile(prefix="mockserver-", dir=self._directory, delete=False)

    def close(self) -> bytes | Path:
        """What was written: the bytes, or the path of the file, which now belongs to the caller."""
        if self._file is None:
            return bytes(self._memory)
        self._file.close()
        return Path(self._file.name)

    def discard(self) -> None:
        """Forget everything; the file, if any, is removed."""
        discard(self.close())
        self._memory = bytearray()


def discard(body: bytes | Path | None) -> None:
    """Remove the file behind `body`, if it is one and still there."""
    if isinstance(body, Path):
        body.unlink(missing_ok=True)
