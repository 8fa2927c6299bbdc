"""Files: told apart when they come in, made from a seed when they go out, served whole or in part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.media.blobs import Blob, Stored, Zeros, blob, padded, padded_picture, padded_video
from mockserver.media.byteranges import parts_of
from mockserver.media.measure import dimensions
from mockserver.media.pictures import aspect_size, edited, inpainted, picture, shown_size
from mockserver.media.ranges import Selection, select
from mockserver.media.sniff import accepted_type, canonical, mismatch, sniff

if TYPE_CHECKING:
    from mockserver.media.film import video

__all__ = [
    "Blob",
    "Selection",
    "Stored",
    "Zeros",
    "accepted_type",
    "aspect_size",
    "blob",
    "canonical",
    "dimensions",
    "edited",
    "inpainted",
    "mismatch",
    "padded",
    "padded_picture",
    "padded_video",
    "parts_of",
    "picture",
    "select",
    "shown_size",
    "sniff",
    "video",
]


def __getattr__(name: str) -> Any:
    """The maker of films is imported with the first one that is asked for."""
    if name == "video":
        from mockserver.media.film import video

        return video
    raise AttributeError(name)
