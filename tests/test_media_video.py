"""Does a film play: for an independent decoder, without a complaint, and does it move and sound?"""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import UsageError
from mockserver.media import aac, h264, mp4, padded_video, video

Probe = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Probe:
    """Decodes every frame with ffprobe, which must not print one error."""
    ffprobe = shutil.which("ffprobe")
    if ffprobe is None:
        pytest.fail("ffprobe is not on PATH. Install FFmpeg, e.g. `apt-get install ffmpeg`.")
    folder = tmp_path_factory.mktemp("films")

    def run(data: bytes, filters: str = "") -> dict[str, Any]:
        path = folder / "film.mp4"
        path.write_bytes(data)
        source = ["-f", "lavfi", "-show_frames", filters.format(path)] if filters else [str(path)]
        command = [ffprobe, "-v", "error", "-of", "json", "-count_frames", "-show_streams", "-show_format", *source]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert (done.returncode, done.stderr) == (0, "")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return run


def brightness(probe: Probe, data: bytes) -> list[float]:
    frames = probe(data, "movie={},signalstats")["frames"]
    return [float(frame["tags"]["lavfi.signalstats.YAVG"]) for frame in frames]


@pytest.mark.parametrize(
    ("seconds", "width", "height", "fps"),
    [(4, 320, 180, 10), (1, 16, 16, 1), (2.5, 640, 361, 25), (0.01, 98, 50, 60), (3, 18, 400, 7), (1, 1920, 1080, 5)],
)
def test_a_film_decodes_without_a_complaint(probe: Probe, seconds: float, width: int, height: int, fps: int) -> None:
    told = probe(video("a seed", width, height, seconds, fps))
    picture, sound = told["streams"]
    frames = max(1, round(seconds * fps))
    assert (picture["codec_name"], picture["profile"]) == ("h264", "Constrained Baseline")
    assert (picture["width"], picture["height"]) == (width, height - height % 2)
    assert int(picture["nb_read_frames"]) == int(picture["nb_frames"]) == frames
    assert (sound["codec_name"], sound["profile"], sound["channels"]) == ("aac", "LC", 1)
    assert float(told["format"]["duration"]) == pytest.approx(frames / fps, abs=0.01)
    assert float(sound["duration"]) == pytest.approx(frames / fps, abs=0.01)


def test_a_film_moves_from_frame_to_frame(probe: Probe) -> None:
    seen = brightness(probe, video("it moves", seconds=4))
    assert len(seen) == 40
    assert all(a != b for a, b in itertools.pairwise(seen))


def test_a_film_can_be_heard(probe: Probe) -> None:
    frames = probe(video("it sounds", seconds=2), "amovie={},astats=metadata=1:reset=1")["frames"]
    peaks = [float(frame["tags"]["lavfi.astats.Overall.Peak_level"].replace("-inf", "-999")) for frame in frames]
    assert -40 < max(peaks) < -10
    assert min(peaks) < -90


@pytest.mark.parametrize("bin_", [aac.LOWEST_BIN, aac.LOWEST_BIN + 1, 30, 35, aac.HIGHEST_BIN])
def test_a_tone_holds_one_frequency_and_one_loudness(probe: Probe, bin_: int) -> None:
    entry = mp4.mp4a(aac.RATE, aac.CONFIG)
    sound = mp4.Track(entry, aac.RATE, aac.FRAME, aac.tone(bin_) * 12)
    film = mp4.mux(still([h264.flat((90, 90, 90))], 1), sound)
    frames = probe(film, "amovie={},astats=metadata=1:reset=1")["frames"][4:40]
    tags = [frame["tags"] for frame in frames]
    loudness = [float(tag["lavfi.astats.1.RMS_level"]) for tag in tags]
    assert max(loudness) - min(loudness) < 3
    crossings = sum(float(tag["lavfi.astats.1.Zero_crossings"]) for tag in tags)
    assert crossings / 2 / (len(tags) * aac.FRAME / aac.RATE) == pytest.approx((bin_ + 0.5) * 21.53, rel=0.02)


def still(tiles: list[h264.Tile], wide: int) -> mp4.Track:
    """A second of one frame, `wide` macroblocks wide."""
    width, height = wide * 16, len(tiles) // wide * 16
    unit = h264.key_frame(dict(enumerate(tiles)), wide)
    sample = len(unit).to_bytes(4, "big") + unit
    entry = mp4.avc1(width, height, *h264.parameter_sets(width, height, 1))
    return mp4.Track(entry, 1, 1, [sample], (width, height))


SILENCE = mp4.Track(mp4.mp4a(aac.RATE, aac.CONFIG), aac.RATE, aac.FRAME, [aac.silence()] * 44)


def test_pixels_that_look_like_start_codes_are_escaped(probe: Probe) -> None:
    colours = [(0, 0, 0), (0, 0, 1), (1, 0, 0), (3, 0, 2), (0, 255, 0), (2, 1, 0)]
    tiles = [h264.split(a, b, at) for at, (a, b) in enumerate(zip(colours, colours[1:] + colours, strict=False))]
    track = still(tiles, 3)
    unit = track.samples[0][4:]
    assert not any(bytes((0, 0, low)) in unit for low in range(3))
    plain = unit.replace(b"\0\0\3", b"\0\0")
    assert all(tile.pixels in plain for tile in tiles)
    seen = brightness(probe, mp4.mux(track, SILENCE))
    assert seen == [pytest.approx(sum(sum(tile.pixels[:256]) for tile in tiles) / (256 * 6), abs=0.01)]


def test_copied_macroblocks_are_the_pixels_they_stand_for(probe: Probe) -> None:
    dark, light = h264.flat((50, 100, 150)), h264.flat((200, 90, 40))
    half = h264.split((50, 1, 1), (250, 2, 2), 4)
    tiles = [dark, dark, light, half, dark, light, light, half, dark, dark, light, half]
    seen = brightness(probe, mp4.mux(still(tiles, 4), SILENCE))
    assert seen == [pytest.approx(sum(sum(tile.pixels[:256]) for tile in tiles) / (256 * 12), abs=0.01)]


def test_the_seed_decides_every_byte() -> None:
    assert video("one", seconds=1) == video("one", seconds=1)
    assert len({video(seed, seconds=1) for seed in ("one", "two", "", "\ud800")}) == 4


def test_a_film_is_small_and_begins_with_its_index() -> None:
    film = video("small", seconds=4)
    assert len(film) < 100_000
    assert film.index(b"moov") < film.index(b"mdat")


def test_a_padded_film_still_plays(probe: Probe) -> None:
    film = video("padded", seconds=1)
    served = padded_video(film, len(film) + 100_000)
    told = probe(b"".join(served.chunks(0, served.length)))
    assert int(told["streams"][0]["nb_read_frames"]) == 10


@pytest.mark.parametrize("name", ["voice.mp3", "voice.wav", "voice.m4a", "voice.ogg"])
def test_every_sample_of_sound_plays(probe: Probe, name: str) -> None:
    told = probe((Path(__file__).parent.parent / "mockserver" / "samples" / name).read_bytes())
    assert 1.5 < float(told["format"]["duration"]) < 2.5
    assert [stream["codec_type"] for stream in told["streams"]] == ["audio"]


def test_a_frame_beyond_every_level_claims_the_highest() -> None:
    assert h264.parameter_sets(16000, 16000, 60)[0][3] == 52


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0},
        {"seconds": 601},
        {"seconds": float("nan")},
        {"fps": 0},
        {"fps": 61},
        {"width": 15},
        {"height": 4098},
    ],
)
def test_an_impossible_film_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="A video"):
        video("x", **({"seconds": 1} | wrong))
