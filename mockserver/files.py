"""Files that somebody names: read where they are files, and not where reading might never end; written whole or not at
all. Knows no format.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

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
    status = Path(path).stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, NO_FILE, str(path))
    if status.st_size > LARGEST:
        raise OSError(errno.EFBIG, f"it is larger than {LARGEST} bytes", str(path))


def replace(files: Mapping[Path, bytes], check: Callable[[], None] = lambda: None) -> None:
    """Put contents in the place of those of files, once there is room for all of them, and `check` raises nothing.

    Where one cannot be put there, those before it are as they were. Raises OSError, and what `check` raises.
    """
    paths = {path.resolve(): content for path, content in files.items()}
    new: dict[Path, Path] = {}
    try:
        for path, content in paths.items():
            new[path] = beside(path)
            _write_through(new[path], content)
        for path, beside_it in new.items():
            if path.exists():
                beside_it.chmod(stat.S_IMODE(path.stat().st_mode))
        check()
        _put(new)
    finally:
        for beside_it in new.values():
            with suppress(OSError):
                beside_it.unlink(missing_ok=True)


def _write_through(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _put(new: Mapping[Path, Path]) -> None:
    """Each file in the place of its path, or none of them."""
    before = {path: path.read_bytes() if path.exists() else None for path in new}
    replaced: list[Path] = []
    try:
        for path, source in new.items():
            source.replace(path)
            replaced.append(path)
    except OSError:
        for path in replaced:
            content = before[path]
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)
        raise


def beside(path: Path) -> Path:
    """A new file in the same folder, which its owner alone may read. Raises OSError."""
    descriptor, name = mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    os.close(descriptor)
    return Path(name)


@contextmanager
def new_folder(folder: Path) -> Iterator[None]:
    """A folder that is filled within a block, and gone where that fails. Raises OSError, also where it is there."""
    folder.mkdir(parents=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
