"""An MP4 file of encoded samples, its index in front so that it plays while it loads.

Knows ISO base media boxes; does not know what the samples show or how they were encoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, groupby, zip_longest
from struct import pack

_MOVIE_SCALE = 1000  # of the movie header and the edit lists, units a second
_UNITY = pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_SELF_CONTAINED = 1
_UNDETERMINED = 0x55C4  # the language "und"


@dataclass(frozen=True, slots=True)
class Track:
    """Samples of equal duration: `delta` units of `1 / scale` seconds each.

    `entry` is the sample entry box; `size` is (width, height) in pixels for video and None for sound. Only
    the first video sample is a key frame; every sample of sound stands alone.
    """

    entry: bytes
    scale: int
    delta: int
    samples: Sequence[bytes]
    size: tuple[int, int] | None = None


def avc1(width: int, height: int, sequence: bytes, pictures: bytes) -> bytes:
    """The sample entry of H.264 with one sequence and one picture parameter set (NAL units)."""
    config = b"\1" + sequence[1:4] + b"\xff\xe1" + pack(">H", len(sequence)) + sequence
    config += b"\1" + pack(">H", len(pictures)) + pictures
    shape = pack(">16xHHIIIH", width, height, 0x480000, 0x480000, 0, 1)
    return _box(b"avc1", pack(">6xH", 1), shape, bytes(32), pack(">Hh", 24, -1), _box(b"avcC", config))


def mp4a(rate: int, config: bytes) -> bytes:
    """The sample entry of mono AAC at `rate` Hz with this AudioSpecificConfig."""
    decoder = _descriptor(4, b"\x40\x15" + bytes(3) + pack(">II", 64000, 0) + _descriptor(5, config))
    stream = _descriptor(3, b"\0\0\0" + decoder + _descriptor(6, b"\2"))
    sound = pack(">8xHH4xI", 1, 16, rate << 16)
    return _box(b"mp4a", pack(">6xH", 1), sound, _full(b"esds", stream))


def mux(video: Track, sound: Track) -> bytes:
    """The whole file. Both tracks are shown for as long as `video` lasts, chunks alternate by the second."""
    milliseconds = round(len(video.samples) * video.delta * _MOVIE_SCALE / video.scale)
    tracks = (video, sound)
    chunks = [_by_second(track) for track in tracks]
    order = [(which, run) for pair in zip_longest(*chunks) for which, run in enumerate(pair) if run]
    start = len(_file_type()) + len(_movie(tracks, chunks, ([0], [0]), milliseconds)) + 8
    # Every chunk has its offset whatever its value, but the counts must be right for the length to be.
    start += 4 * (len(order) - len(tracks))
    ends = list(accumulate((sum(map(len, run)) for _, run in order), initial=start))
    offsets = tuple([at for at, (which, _) in zip(ends, order, strict=False) if which == wanted] for wanted in (0, 1))
    data = chain.from_iterable(run for _, run in order)
    return b"".join((_file_type(), _movie(tracks, chunks, offsets, milliseconds), _box(b"mdat", *data)))


def _by_second(track: Track) -> list[list[bytes]]:
    """The samples grouped by the second in which they begin."""
    numbered = enumerate(track.samples)
    groups = groupby(numbered, key=lambda each: each[0] * track.delta // track.scale)
    return [[sample for _, sample in group] for _, group in groups]


def _file_type() -> bytes:
    return _box(b"ftyp", b"isom", pack(">I", 0x200), b"isomiso2avc1mp41")


def _movie(
    tracks: Sequence[Track], chunks: Sequence[list[list[bytes]]], offsets: Sequence[list[int]], milliseconds: int
) -> bytes:
    times = pack(">8xII", _MOVIE_SCALE, milliseconds)
    header = times + pack(">IH10x", 0x10000, 0x100) + _UNITY + bytes(24) + pack(">I", len(tracks) + 1)
    parts = [
        _track(number, *each, milliseconds) for number, each in enumerate(zip(tracks, chunks, offsets, strict=True), 1)
    ]
    return _box(b"moov", _full(b"mvhd", header), *parts)


def _track(number: int, track: Track, chunks: list[list[bytes]], offsets: list[int], milliseconds: int) -> bytes:
    width, height = track.size or (0, 0)
    header = pack(">8xI4xI8xHHH2x", number, milliseconds, 0, 0, 0 if track.size else 0x100)
    header += _UNITY + pack(">II", width << 16, height << 16)
    edit = pack(">IIiI", 1, milliseconds, 0, 0x10000)
    media = _media(track, _samples(track, chunks, offsets))
    return _box(b"trak", _full(b"tkhd", header, 3), _box(b"edts", _full(b"elst", edit)), media)


def _media(track: Track, samples: bytes) -> bytes:
    times = pack(">8xIIHH", track.scale, len(track.samples) * track.delta, _UNDETERMINED, 0)
    kind, name = (b"vide", b"VideoHandler\0") if track.size else (b"soun", b"SoundHandler\0")
    handler = _full(b"hdlr", pack(">4x4s12x", kind) + name)
    reference = _box(b"dinf", _full(b"dref", pack(">I", 1) + _full(b"url ", b"", _SELF_CONTAINED)))
    kind_header = _full(b"vmhd", bytes(8), 1) if track.size else _full(b"smhd", bytes(4))
    return _box(b"mdia", _full(b"mdhd", times), handler, _box(b"minf", kind_header, reference, samples))


def _samples(track: Track, chunks: list[list[bytes]], offsets: list[int]) -> bytes:
    sizes = list(map(len, track.samples))
    runs = [
        pack(">III", number, len(run), 1)
        for number, run in enumerate(chunks, 1)
        if number == 1 or len(run) != len(chunks[number - 2])
    ]
    return _box(
        b"stbl",
        _full(b"stsd", pack(">I", 1) + track.entry),
        _full(b"stts", pack(">III", 1, len(sizes), track.delta)),
        _full(b"stss", pack(">II", 1, 1)) if track.size else b"",
        _full(b"stsc", pack(">I", len(runs)) + b"".join(runs)),
        _full(b"stsz", pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)),
        _full(b"stco", pack(f">I{len(offsets)}I", len(offsets), *offsets)),
    )


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return pack(">I", len(body) + 8) + name + body


def _full(name: bytes, body: bytes, flags: int = 0) -> bytes:
    """A box with a version (always 0) and flags."""
    return _box(name, pack(">I", flags), body)


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes((tag, len(body))) + body
