"""The bytes behind the URLs of answers: films, pictures and uploads, served by the rules of HTTP."""

from __future__ import annotations

import re
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from api_kit import View, connect, opened, tracks
from miraflow_kit import PICTURE, started
from vidgen_kit import new_job, status


@pytest.fixture
def film_url(vidgen: View) -> str:
    """A finished film of VidGen."""
    job = new_job(vidgen)
    vidgen.advance(12)
    url: str = status(vidgen, job)["outputVideo"]
    return url


def test_a_film_has_a_video_and_an_audio_track(film_url: str, tmp_path: Path) -> None:
    assert tracks(httpx.get(film_url).content, tmp_path) == {"video": "h264", "audio": "aac"}


def test_head_tells_what_get_would_send(film_url: str) -> None:
    head, whole = httpx.head(film_url), httpx.get(film_url)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "accept-ranges", "last-modified"):
        assert head.headers[name] == whole.headers[name]
    assert head.headers["accept-ranges"] == "bytes"
    assert head.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("0-0", 0, 1), ("10-19", 10, 20), ("100-", 100, None), ("-5", -5, None), ("0-99999999", 0, None)],
)
def test_a_range_is_answered_206_with_just_those_bytes(film_url: str, asked: str, start: int, stop: int | None) -> None:
    whole = httpx.get(film_url).content
    part = httpx.get(film_url, headers={"Range": f"bytes={asked}"})
    assert part.status_code == 206
    assert part.content == whole[start:stop]
    first = start if start >= 0 else len(whole) + start
    last = first + len(part.content) - 1
    assert part.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"


def test_a_range_beyond_the_end_is_416(film_url: str) -> None:
    size = len(httpx.get(film_url).content)
    refused = httpx.get(film_url, headers={"Range": f"bytes={size}-"})
    assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{size}")


def test_several_ranges_are_the_parts_of_a_multipart(film_url: str) -> None:
    whole = httpx.get(film_url)
    asked = {"Range": "bytes=5-9,900-999,-4,99999999-", "If-Range": whole.headers["etag"]}
    got = httpx.get(film_url, headers=asked)
    assert (got.status_code, got.headers["etag"]) == (206, whole.headers["etag"])
    assert got.headers["content-length"] == str(len(got.content))
    assert "content-range" not in got.headers
    read = message_from_bytes(b"Content-Type: " + got.headers["content-type"].encode() + b"\r\n\r\n" + got.content)
    assert read.get_content_type() == "multipart/byteranges"
    parts = read.get_payload()
    assert [part["content-type"] for part in parts] == ["video/mp4"] * 3
    size = len(whole.content)
    spans = [(5, 10), (900, 1000), (size - 4, size)]
    assert [part["content-range"] for part in parts] == [f"bytes {a}-{b - 1}/{size}" for a, b in spans]
    assert [part.get_payload(decode=True) for part in parts] == [whole.content[a:b] for a, b in spans]


def test_several_ranges_of_which_one_is_left_are_a_single_part(film_url: str) -> None:
    whole = httpx.get(film_url).content
    got = httpx.get(film_url, headers={"Range": "bytes=5-9,99999999-,7-12"})
    assert (got.status_code, got.content, got.headers["content-type"]) == (206, whole[5:13], "video/mp4")


def test_head_means_the_whole_whatever_ranges_it_names(film_url: str) -> None:
    size = httpx.head(film_url).headers["content-length"]
    for asked in ("bytes=0-0", "bytes=0-0,5-6", "bytes=99999999-"):
        head = httpx.head(film_url, headers={"Range": asked})
        assert (head.status_code, head.headers["content-length"]) == (200, size)


def test_a_range_goes_with_its_etag_and_gives_way_to_the_whole_under_another(film_url: str) -> None:
    whole = httpx.get(film_url)
    etag = whole.headers["etag"]
    assert re.fullmatch(r'"[^"]+"', etag)
    same = httpx.get(film_url, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = httpx.get(film_url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status_code, same.content) == (206, whole.content[:10])
    assert (other.status_code, other.content) == (200, whole.content)


def test_what_the_client_has_already_is_304(film_url: str) -> None:
    etag = httpx.head(film_url).headers["etag"]
    answer = httpx.get(film_url, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_one_changed_bit_of_a_url_is_403_wherever_it_is(film_url: str) -> None:
    root = "{0.scheme}://{0.netloc}".format(urlsplit(film_url))
    target = film_url.removeprefix(root)
    signature = target.index("signature=") + len("signature=")
    with connect(root) as http:
        for at in range(signature, len(target)):
            changed = target[:at] + chr(ord(target[at]) ^ 1) + target[at + 1 :]
            assert http.head(changed).status_code == 403, changed
    assert httpx.head(root + target.partition("?")[0]).status_code == 403
    for name in ("video.mp5", "index.html"):
        assert httpx.head(film_url.replace("video.mp4", name)).status_code == 403


def test_media_can_be_read_only(film_url: str) -> None:
    refused = httpx.post(film_url)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("size", [1_000_000, 30_000_000])
def test_a_film_of_any_size_can_be_ordered_and_is_still_a_film(vidgen: View, tmp_path: Path, size: int) -> None:
    job = new_job(vidgen, result_bytes=size)
    vidgen.advance(12)
    answer = httpx.get(status(vidgen, job)["outputVideo"])
    assert len(answer.content) == size == int(answer.headers["content-length"])
    assert tracks(answer.content, tmp_path) == {"video": "h264", "audio": "aac"}


def test_a_picture_of_any_size_can_be_ordered_and_is_still_a_picture(miraflow: View) -> None:
    miraflow.plan(result_bytes=500_000)
    job = started(miraflow.http.post("/api/image/generate", json=PICTURE))
    miraflow.advance(15)
    data = httpx.get(miraflow.http.get(f"/api/image/{job}").json()["downloadUrl"]).content
    assert len(data) == 500_000
    assert opened(data).format == "PNG"


def test_the_same_url_gives_the_same_bytes_every_time(film_url: str, vidgen: View) -> None:
    first = httpx.get(film_url)
    vidgen.advance(100_000)
    again = httpx.get(film_url)
    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])


def test_the_same_seed_gives_the_same_film_in_another_sandbox(view: Any, make_sandbox: Any) -> None:
    films = []
    for _ in range(2):
        vidgen = view(make_sandbox(seed="42"), "vidgen")
        job = new_job(vidgen)
        vidgen.advance(12)
        films.append((job, httpx.get(status(vidgen, job)["outputVideo"]).content))
    assert films[0] == films[1]


def test_a_url_of_one_sandbox_opens_nothing_in_another(film_url: str, make_sandbox: Any, vidgen: View) -> None:
    other = make_sandbox()
    assert httpx.head(film_url.replace(vidgen.sandbox.name, other.name)).status_code == 403


def test_a_download_that_fails_is_in_the_journal_all_the_same(
    vidgen: View, film_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("mockserver.app.media.result_blob", fail)
    assert httpx.get(film_url).status_code == 500
    last = list(vidgen.sandbox.journal)[-1]
    assert (last.kind, last.status, last.why) == ("media", 0, "the download failed: OSError: the disk is gone")
