"""VidGen's client against VidGen's bad days."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from vidgen_client import AsyncVidGen, JobFailed, VidGen

from mockserver import samples
from pytest_plugin import ApiHandle, FastForward, WebhookInbox

IMAGE, AUDIO = (samples.path(name).read_bytes() for name in ("portrait.png", "voice.mp3"))


@pytest.fixture
def client(vidgen: ApiHandle, fast_forward: FastForward) -> Iterator[VidGen]:
    with closing(VidGen(vidgen.api_key, vidgen.url)) as made:
        yield made


def test_a_video_that_takes_ten_minutes(client: VidGen, vidgen: ApiHandle, fast_forward: FastForward) -> None:
    vidgen.next_job(queued=60, running=540)
    video = client.wait(client.submit(IMAGE, AUDIO))
    assert client.download(video)[4:8] == b"ftyp"
    assert 600 <= fast_forward.elapsed <= 630


def test_a_job_that_fails_says_why(client: VidGen, vidgen: ApiHandle) -> None:
    vidgen.next_job(outcome="FAILED", error="No face was found in the image")
    with pytest.raises(JobFailed, match="No face was found in the image"):
        client.wait(client.submit(IMAGE, AUDIO))


def test_a_stuck_job_times_out(client: VidGen, vidgen: ApiHandle, fast_forward: FastForward) -> None:
    vidgen.fault("stuck")
    with pytest.raises(TimeoutError):
        client.wait(client.submit(IMAGE, AUDIO))
    assert 1200 <= fast_forward.elapsed < 1230


@pytest.mark.parametrize("fault", ["reset_before_headers", "close_mid_body", "garbage", "truncated_json", "status"])
def test_broken_answers_are_asked_for_again(client: VidGen, vidgen: ApiHandle, fault: str) -> None:
    job = client.submit(IMAGE, AUDIO)
    vidgen.fault(fault, operation="getStatus", times=2)
    assert client.wait(job).job == job
    assert vidgen.journal.count("getStatus", fault=fault) == 2


def test_a_lost_answer_is_not_paid_for_twice(client: VidGen, vidgen: ApiHandle) -> None:
    vidgen.fault("answer_lost", operation="createJob", times=1)
    job = client.submit(IMAGE, AUDIO)
    assert [each.id for each in vidgen.jobs] == [job]


def test_the_webhook_comes_when_the_video_is_done(
    client: VidGen, vidgen: ApiHandle, webhook_inbox: WebhookInbox
) -> None:
    job = client.submit(IMAGE, AUDIO, webhook_inbox.url)
    client.wait(job)
    received = webhook_inbox.wait(1)[0]
    assert received.verified
    assert received.json["jobId"] == job


def test_a_request_that_breaks_the_contract_is_seen_though_it_was_expected(client: VidGen, vidgen: ApiHandle) -> None:
    with vidgen.violations.off(), pytest.raises(httpx.HTTPStatusError):
        client.submit(IMAGE, AUDIO, webhook_url="ftp://nowhere")
    assert [violation.pointer for violation in vidgen.violations] == ["/webhookUrl"]


@pytest.mark.asyncio
async def test_many_wait_at_once_and_time_passes_once(vidgen: ApiHandle, fast_forward: FastForward) -> None:
    client = AsyncVidGen(vidgen.api_key, vidgen.url)
    vidgen.next_job(queued=10, running=290)
    job = await client.submit(IMAGE, AUDIO)
    assert (await client.wait(job)).job == job
    assert 300 <= fast_forward.elapsed <= 330
    await client.aclose()
