"""The files that come with the package: all that lie in the checkout, readable, and taken by the APIs."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from mockserver import Running, samples
from mockserver.errors import UsageError
from mockserver.media.sniff import sniff

FOLDER = Path(samples.__file__).parent


def test_every_file_of_the_folder_is_a_sample() -> None:
    assert sorted(samples.NAMES) == sorted(each.name for each in FOLDER.iterdir() if each.suffix not in (".py", ""))


@pytest.mark.parametrize("name", samples.NAMES)
def test_a_sample_is_what_its_type_says(name: str) -> None:
    given, content, media_type = samples.upload(name)
    assert (given, content) == (name, samples.path(name).read_bytes())
    assert sniff(content) == media_type


def test_a_name_that_is_none_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"there is no sample 'portait.png'; did you mean 'portrait.png'\?"):
        samples.upload("portait.png")


def test_samples_make_a_video_where_files_have_to_be_what_they_are_said_to_be(running: Running) -> None:
    with running.sandbox(strict=True) as world:
        vidgen = world.api("vidgen")
        files = {"image": samples.upload("portrait.png"), "audio": samples.upload("voice.mp3")}
        answer = httpx.post(f"{vidgen.url}/api/jobs", headers={"X-API-Key": vidgen.api_key}, files=files)
        assert answer.status_code == 201, answer.text
