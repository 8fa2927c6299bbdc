"""Bytes on their way into safekeeping: in memory while few, then in a temporary file that has no name.

What has no name is found by nobody else, and is gone with its last reader or with the process, however that ends. Knows
no forms.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

from mockserver.errors import StorageError

MAX_IN_MEMORY = 1024 * 1024


class Scratch:
    """A temporary file without a name, opened with the first byte. All files of one request share one."""

    __slots__ = ("_directory", "_file", "_lock", "size")

    def __init__(self, directory: Path | None = None) -> None:
        """`directory`: where the file is, else where the system has its temporary ones."""
        self._directory = directory
        self._file: IO[bytes] | None = None
        self._lock = Lock()  # results are drawn in threads
        self.size = 0

    def append(self, data: bytes | bytearray) -> None:
        """Write at the end. Raises StorageError."""
        try:
            if self._file is None:
                self._file = TemporaryFile(dir=self._directory, buffering=0)  # noqa: SIM115
            left = memoryview(data)
            with self._lock:
                self._file.seek(self.size)
                while left:
                    left = left[self._file.write(left) :]
        except OSError as error:
            raise StorageError(f"a file could not be kept: {error.strerror}") from None
        self.size += len(data)

    def cut(self, size: int) -> None:
        """Forget what stands behind the first `size` bytes."""
        if self._file is not None and size < self.size:
            self.size = size
            self._file.truncate(size)

    def read(self, start: int, size: int) -> bytes:
        """At most `size` bytes from `start`. Raises StorageError."""
        try:
            if self._file is None:
                return b""
            with self._lock:
                self._file.seek(start)
                return self._file.read(size)
        except (OSError, ValueError) as error:  # ValueError: it was closed
            raise StorageError(f"a kept file cannot be read: {error}") from None

    def close(self) -> None:
        """Let all of it go at once."""
        if self._file is not None:
            self._file.close()

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Extent:
    """`length` bytes of a scratch file from `start`; `checksum` over all of them."""

    scratch: Scratch
    start: int
    length: int
    checksum: int

    def read_bytes(self) -> bytes:
        """All of them."""
        return self.scratch.read(self.start, self.length)


class Spool:
    """Takes the bytes of one part. Raises StorageError when there is no room for them."""

    __slots__ = ("_checksum", "_limit", "_memory", "_scratch", "_start")

    def __init__(self, limit: int = MAX_IN_MEMORY, scratch: Scratch | None = None) -> None:
        """`limit`: how many bytes may stay in memory; `scratch`: where the others go, else a file of its own."""
        self._limit = limit
        self._scratch = scratch or Scratch()
        self._memory = bytearray()
        self._start: int | None = None
        self._checksum = 0

    def write(self, data: bytes) -> None:
        if self._start is None and len(self._memory) + len(data) > self._limit:
            self._start = self._scratch.size
            self._append(self._memory)
            self._memory = bytearray()
        if self._start is None:
            self._memory += data
        else:
            self._append(data)

    def _append(self, data: bytes | bytearray) -> None:
        self._scratch.append(data)
        self._checksum = zlib.crc32(data, self._checksum)

    def close(self) -> bytes | Extent:
        """What was written: the bytes, or where in the file they are."""
        if self._start is None:
            return bytes(self._memory)
        return Extent(self._scratch, self._start, self._scratch.size - self._start, self._checksum)

    def discard(self) -> None:
        """Forget everything."""
        if self._start is not None:
            self._scratch.cut(self._start)
        self._memory = bytearray()
