"""Files: told apart when they come in, made from a seed when they go out, served whole or in part."""

from __future__ import annotations

from mockserver.media.blobs import Blob, Stored, Zeros, blob, padded_picture, padded_video, stored
from mockserver.media.film import video
from mockserver.media.measure import dimensions
from mockserver.media.pictures import aspect_size, edited, inpainted, picture
from mockserver.media.ranges import Selection, select
from mockserver.media.sniff import canonical, judge, sniff

__all__ = [
    "Blob",
    "Selection",
    "Stored",
    "Zeros",
    "aspect_size",
    "blob",
    "canonical",
    "dimensions",
    "edited",
    "inpainted",
    "judge",
    "padded_picture",
    "padded_video",
    "picture",
    "select",
    "sniff",
    "stored",
    "video",
]
