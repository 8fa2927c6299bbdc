"""A retry that sends an open file again sends 0 bytes: it is refused, and conduct says what it is."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from typing import IO, Any

import aiohttp
import pytest
import requests
from entrances_kit import GOOD

from mockserver import Running
from mockserver.steering import SandboxHandle

PICTURE, VOICE = GOOD["image"].data, GOOD["audio"].data
RULE = "resent_consumed_file"


@pytest.fixture
def sandbox(running: Running) -> Iterator[SandboxHandle]:
    with running.steering.sandbox(limits=False) as made:
        yield made


def submit(api: Any, image: IO[bytes], audio: IO[bytes]) -> requests.Response:
    files = {"image": ("a.png", image, "image/png"), "audio": ("a.mp3", audio, "audio/mpeg")}
    return requests.post(f"{api.url}/api/jobs", headers={"X-API-Key": api.api_key}, files=files, timeout=10)


def found(sandbox: SandboxHandle) -> list[Any]:
    return [each.raw for each in sandbox.conduct if each.rule == RULE]


def test_a_retry_with_files_read_to_their_end_is_refused_and_named(sandbox: SandboxHandle) -> None:
    vidgen: Any = sandbox.api("vidgen")
    vidgen.fault("status", operation="createJob", status=503, times=1)
    image, audio = io.BytesIO(PICTURE), io.BytesIO(VOICE)
    assert [submit(vidgen, image, audio).status_code for _ in range(3)] == [503, 400, 400]
    (one,) = found(sandbox)
    assert one["sentence"] == "a request that had failed was sent again with a file of 0 bytes, 2 times"
    assert "seek(0)" in one["remedy"]
    assert (one["operation"], one["entries"], one["numbers"]) == ("createJob", [1, 2, 3], {"times": 2})
    assert vidgen.journal.last().raw["empty_file"] == "image"


def test_a_retry_that_opens_its_files_anew_is_not_named(sandbox: SandboxHandle) -> None:
    vidgen: Any = sandbox.api("vidgen")
    vidgen.fault("status", operation="createJob", status=503, times=1)
    assert [submit(vidgen, io.BytesIO(PICTURE), io.BytesIO(VOICE)).status_code for _ in range(2)] == [503, 201]
    assert submit(vidgen, io.BytesIO(PICTURE), io.BytesIO(VOICE)).status_code == 409
    assert found(sandbox) == []


def test_an_empty_file_behind_no_failure_is_refused_and_no_retry(sandbox: SandboxHandle) -> None:
    vidgen: Any = sandbox.api("vidgen")
    assert submit(vidgen, io.BytesIO(b""), io.BytesIO(VOICE)).status_code == 400
    assert found(sandbox) == []


def test_a_retry_after_a_lost_connection_is_named_too(sandbox: SandboxHandle) -> None:
    vidgen: Any = sandbox.api("vidgen")
    vidgen.fault("reset_before_headers", operation="createJob", times=1)
    image, audio = io.BytesIO(PICTURE), io.BytesIO(VOICE)
    with pytest.raises(requests.ConnectionError):
        submit(vidgen, image, audio)
    image.seek(0, io.SEEK_END)
    audio.seek(0, io.SEEK_END)
    assert submit(vidgen, image, audio).status_code == 400
    (one,) = found(sandbox)
    assert one["entries"] == [1, 2]


def test_a_presigned_put_sent_again_is_named_although_a_bucket_takes_it(sandbox: SandboxHandle) -> None:
    miraflow: Any = sandbox.api("miraflow")
    key = {"x-api-key": miraflow.api_key}
    said = {"fileName": "a.png", "contentType": "image/png", "fileSize": len(PICTURE)}
    begun = requests.post(f"{miraflow.url}/api/media/initialize", json=said, headers=key, timeout=10).json()
    miraflow.fault("status", operation="uploadMedia", status=503, times=1)
    file = io.BytesIO(PICTURE)
    headers = {"Content-Type": "image/png"}
    puts = [requests.put(begun["uploadUrl"], data=file, headers=headers, timeout=10) for _ in range(2)]
    assert [each.status_code for each in puts] == [503, 200]
    body = {"mediaId": begun["mediaId"]}
    done = requests.post(f"{miraflow.url}/api/media/finalize", json=body, headers=key, timeout=10)
    assert done.status_code == 400
    (one,) = found(sandbox)
    assert (one["operation"], one["entries"]) == ("uploadMedia", [2, 3])
    requests.put(begun["uploadUrl"], data=PICTURE, headers=headers, timeout=10).raise_for_status()
    assert requests.post(f"{miraflow.url}/api/media/finalize", json=body, headers=key, timeout=10).status_code == 200


def test_an_empty_put_takes_back_the_bytes_that_were_there(sandbox: SandboxHandle) -> None:
    miraflow: Any = sandbox.api("miraflow")
    key = {"x-api-key": miraflow.api_key}
    said = {"fileName": "a.png", "contentType": "image/png", "fileSize": len(PICTURE)}
    begun = requests.post(f"{miraflow.url}/api/media/initialize", json=said, headers=key, timeout=10).json()
    for data in (PICTURE, b""):
        requests.put(
            begun["uploadUrl"], data=data, headers={"Content-Type": "image/png"}, timeout=10
        ).raise_for_status()
    requests.put(begun["uploadUrl"], timeout=10).raise_for_status()  # of no declared type
    body = {"mediaId": begun["mediaId"]}
    assert requests.post(f"{miraflow.url}/api/media/finalize", json=body, headers=key, timeout=10).status_code == 400


def test_aiohttp_sends_a_consumed_file_in_that_way_too(sandbox: SandboxHandle, tmp_path: Any) -> None:
    miragic: Any = sandbox.api("miragic")
    miragic.fault("status", operation="createSpeedPainting", status=502, times=1)
    path = tmp_path / "a.png"
    path.write_bytes(PICTURE)

    async def twice() -> list[int]:
        statuses = []
        async with aiohttp.ClientSession(headers={"X-API-Key": miragic.api_key}) as session:
            for content in (path.read_bytes(), b""):  # aiohttp closes a file that it has sent
                form = aiohttp.FormData({"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"})
                form.add_field("image", io.BytesIO(content), filename="a.png", content_type="image/png")
                url = f"{miragic.url}/api/v1/speed-painting/create"
                async with session.post(url, data=form) as answer:
                    statuses.append(answer.status)
        return statuses

    assert asyncio.run(twice()) == [502, 400]
    (one,) = found(sandbox)
    assert one["operation"] == "createSpeedPainting"
