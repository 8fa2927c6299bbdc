"""Files that somebody names: read where they are files, and not where reading might never end. Knows no format."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

LARGEST = 64 * 2**20
"""So many bytes a file may have."""
NO_FILE = "it is no file but a pipe, a device, a socket or a folder"


def bytes_of(path: str | Path) -> bytes:
    """The content of a file. Raises OSError, also for what is none, or larger than LARGEST."""
    check_file(path)
    return Path(path).read_bytes()


def text_of(path: str | Path) -> str:
    """The same as UTF-8. Raises OSError, and UnicodeDecodeError, which is a ValueError."""
    return bytes_of(path).decode("utf-8")


def check_file(path: str | Path) -> None:
    """Raises OSError for what is no file (a pipe would never end, a device would fill the memory) or too large."""
    found = Path(path).stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, NO_FILE, str(path))
    if found.st_size > LARGEST:
        raise OSError(errno.EFBIG, f"it is larger than {LARGEST} bytes", str(path))
