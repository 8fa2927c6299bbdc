"""Which of several media types a client wants, by its header Accept (RFC 9110, 12.5.1). Knows no request."""

from __future__ import annotations

from collections.abc import Sequence

ACCEPTS = "call.accepts"
"""The fact that is the media type which a client wants of those that an answer may have."""


def preferred(offered: Sequence[str], accept: str) -> str | None:
    """Of these media types the one that a client likes best; None where it takes none of them.

    Of those that it likes the same, the one that it names most exactly counts, then the first.
    """
    ranges = dict(map(_range, accept.lower().split(","))) if accept.strip() else {"*/*": 1.0}
    liked = {media_type: _liking(media_type, ranges) for media_type in offered}
    best = max(offered, key=lambda media_type: liked[media_type], default=None)
    return best if best is not None and liked[best][0] > 0 else None


def _range(text: str) -> tuple[str, float]:
    """A range of media types, and how much it is liked: from 0 to 1."""
    name, *parameters = (part.strip() for part in text.split(";"))
    weight = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    try:
        return name, min(1.0, max(0.0, float(weight)))
    except ValueError:
        return name, 1.0


def _liking(media_type: str, ranges: dict[str, float]) -> tuple[float, int]:
    """How much a media type is liked, and how exactly it is named: the most exact range counts."""
    bare = media_type.partition(";")[0].strip().lower()
    ranges_of_it = (bare, f"{bare.partition('/')[0]}/*", "*/*")
    return next(((ranges[each], 3 - at) for at, each in enumerate(ranges_of_it) if each in ranges), (0.0, 0))
