"""Of which kind the bytes are that a field leads to, or an operation gives, by what is said of them. Knows no life."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockserver.imported.lexicon import made_by, parts

_MEDIA = re.compile(r"\b(?:video|image|audio|text|application)/[a-z0-9][\w.+-]*", re.I)
_ENDING = re.compile(r"\.([a-z0-9]{2,5})(?![\w.])", re.I)
_ENDINGS = {
    ("video", "video.mp4"): "mp4 mov webm mkv avi m4v m3u8 video",
    ("picture", "picture.jpg"): "jpg jpeg",
    ("picture", "picture.png"): "png gif webp svg bmp tiff avif heic image",
    ("audio", "audio.wav"): "wav wave xwav",
    ("audio", "audio.mp3"): "mp3 m4a ogg flac aac opus audio",
    ("text", "result.srt"): "srt subrip xsubrip",
    ("text", "result.vtt"): "vtt",
    ("text", "result.csv"): "csv",
    ("text", "result.md"): "md markdown",
    ("text", "result.txt"): "txt plain",
}
_KINDS = {word: kind for kind, several in _ENDINGS.items() for word in several.split()}
"""By the letters of how a file's name ends, or of a media type: what makes the bytes, and the file."""


def kind_of(name: str, said: str, around: Sequence[str] = ()) -> tuple[str, str]:
    """What makes the bytes of a result and its file.

    By the media type or the file's ending that is said of it, else by the words of its name, of the prose, and around.
    """
    return _told(said) or made_by(parts(name), [*parts(said), *around])


def _told(said: str) -> tuple[str, str] | None:
    """The kind that a media type, a file's ending or the name of either tells."""
    for each in _MEDIA.findall(said):
        first, _, rest = each.lower().partition("/")
        for word in (rest.replace("-", ""), first):
            if word in _KINDS:
                return _KINDS[word]
    found = (_KINDS[each.lower()] for each in _ENDING.findall(said) if each.lower() in _KINDS)
    return next(found, None)
