"""Small real files to upload: pictures, a mask and one voice in several forms. They are in the package, in no network.

`upload("portrait.png")` is what httpx and requests take for a file: `files={"image": upload("portrait.png")}`.
"""

from __future__ import annotations

from pathlib import Path

from mockserver.errors import UsageError, is_on_purpose
from mockserver.suggestions import hint

__all__ = ["NAMES", "path", "upload"]
__tracebackhide__ = is_on_purpose

_FOLDER = Path(__file__).resolve().parent
_TYPES = {
    "mask.png": "image/png",
    "portrait.jpg": "image/jpeg",
    "portrait.png": "image/png",
    "portrait.webp": "image/webp",
    "voice.m4a": "audio/mp4",
    "voice.mp3": "audio/mpeg",
    "voice.ogg": "audio/ogg",
    "voice.wav": "audio/wav",
}
NAMES = (*_TYPES,)


def path(name: str) -> Path:
    """Where a sample lies, for clients that open files themselves. Raises UsageError for a name that is none."""
    if name not in _TYPES:
        raise UsageError(f"there is no sample {name!r}; {hint(name, NAMES)}")
    return _FOLDER / name


def upload(name: str) -> tuple[str, bytes, str]:
    """A sample's file name, bytes and media type. Raises UsageError for a name that is none."""
    return name, path(name).read_bytes(), _TYPES[name]
