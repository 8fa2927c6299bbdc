"""Miragic: each documented oddity, on and off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_kit import START, View, connect, only, streams
from test_miragic import PAINTINGS, new_job, submit, task


@pytest.mark.parametrize("outcome", ["COMPLETED", "FAILED"])
def test_the_fields_of_the_prose_can_be_left_out(miragic: View, outcome: str) -> None:
    job = new_job(miragic, outcome=outcome)
    for _ in range(2):
        full = task(miragic, job)
        miragic.side.quirk("prose_fields", False)
        bare = task(miragic, job)
        assert set(full) - set(bare) == {"progress", "download_signed_url"}
        assert bare == {name: full[name] for name in bare}
        miragic.side.quirk("prose_fields", True)
        miragic.advance(10)


@pytest.mark.parametrize("seconds", [0, 5, 10])
def test_created_at_can_be_a_text(miragic: View, seconds: float) -> None:
    job = new_job(miragic)
    miragic.advance(seconds)
    literal = task(miragic, job)
    miragic.side.quirk("created_at_unix", False)
    assert task(miragic, job) == literal | {"createdAt": START}


def test_both_can_be_switched_off_together(miragic: View) -> None:
    job = new_job(miragic)
    miragic.side.quirk("created_at_unix", False)
    miragic.side.quirk("prose_fields", False)
    shown = task(miragic, job)
    assert shown["createdAt"] == START
    assert "progress" not in shown


def test_the_middle_of_the_run_can_show_processing(miragic: View) -> None:
    job = new_job(miragic)
    seen = []
    for on in (False, True):
        miragic.side.quirk("processing_state", on)
        seen.append([])
        if on:
            job = new_job(miragic)
        for _ in range(11):
            seen[-1].append(task(miragic, job)["status"])
            miragic.advance(1)
    assert seen[0] == ["PENDING"] * 10 + ["COMPLETED"]
    assert seen[1] == ["PENDING"] + ["PROCESSING"] * 8 + ["PENDING", "COMPLETED"]


def test_processing_is_off_unless_switched_on(miragic: View) -> None:
    assert "processing_state" in miragic.side.off


def refusals(miragic: View) -> list[Any]:
    """One refusal of every kind, the last is that of the limit."""
    with connect(miragic.url) as nobody, connect(miragic.url, x_api_key="x") as stranger:
        answers = [
            nobody.get(f"{PAINTINGS}/jobs/x"),
            stranger.get(f"{PAINTINGS}/jobs/x"),
            miragic.http.get(f"{PAINTINGS}/jobs/x"),
            miragic.http.get("/nothing"),
            miragic.http.put(f"{PAINTINGS}/create"),
            miragic.http.post(f"{PAINTINGS}/create", json={}),
            submit(miragic.http, fps="1"),
            submit(miragic.http, ("a.txt", b"text", "text/plain")),
        ]
    for _ in range(60):
        last = miragic.http.get(f"{PAINTINGS}/jobs/x")
    statuses = [401, 401, 404, 404, 405, 415, 400, 415, 429]
    return [only(answer, status) for answer, status in zip([*answers, last], statuses, strict=True)]


def test_an_unknown_key_is_refused_exactly_as_a_client_logged_it(miragic: View) -> None:
    with connect(miragic.url, x_api_key="x") as stranger:
        answer = stranger.get(f"{PAINTINGS}/jobs/x")
    assert answer.status_code == 401
    assert answer.text == '{"success":false,"error":{"code":"INVALID_API_KEY","message":"Invalid or expired API key"}}'


@pytest.mark.parametrize("message", [False, True])
def test_every_refusal_can_come_without_the_error_object(miragic: View, message: bool) -> None:
    miragic.side.quirk("error_object", False)
    miragic.side.quirk("error_message", message)
    for body in refusals(miragic):
        assert set(body) == {"success", "message"}


def test_every_refusal_can_carry_the_message_beside_the_error_object(miragic: View) -> None:
    for body in refusals(miragic):
        assert set(body) == {"success", "error"}
    miragic.side.limiter.clear()
    miragic.side.quirk("error_message", True)
    for body in refusals(miragic):
        assert set(body) == {"success", "message", "error"}
        assert body["message"] == body["error"]["message"]


def test_a_slow_task_passes_through_processing_as_a_real_one_did(miragic: View) -> None:
    miragic.side.play("slow")
    job, seen = new_job(miragic), []
    for _ in range(11):
        seen.append(task(miragic, job)["status"])
        miragic.advance(1)
    assert seen == ["PENDING"] + ["PROCESSING"] * 8 + ["PENDING", "COMPLETED"]


def test_a_test_has_the_last_word_over_the_quirks_of_a_scenario(miragic: View) -> None:
    miragic.side.quirk("processing_state", False)
    miragic.side.play("slow")
    assert "processing_state" in miragic.side.off
    miragic.side.quirk("processing_state", True)
    miragic.side.play("happy")
    assert "processing_state" not in miragic.side.off


def test_the_quirks_of_a_scenario_end_with_it(miragic: View) -> None:
    miragic.side.play("slow")
    assert "processing_state" not in miragic.side.off
    miragic.side.play("failing")
    assert "processing_state" in miragic.side.off
    miragic.side.play("slow")
    miragic.sandbox.reset()
    assert "processing_state" in miragic.side.off


@pytest.mark.parametrize("fps", ["30", "60"])
def test_the_video_has_the_frame_rate_and_the_quality_that_were_asked_for(
    miragic: View, fps: str, tmp_path: Path
) -> None:
    sizes, lengths = {}, {}
    for quality in ("hd", "sd"):
        miragic.plan(running=1)
        job = submit(miragic.http, fps=fps, quality=quality).json()["data"]["jobId"]
        miragic.advance(1)
        shown = task(miragic, job)
        for name in ("externalVideoUrl", "processedVideoUrl", "download_signed_url"):
            video = miragic.http.get(shown[name]).content
            [picture] = [track for track in streams(video, tmp_path) if track["codec_type"] == "video"]
            assert picture["r_frame_rate"] == f"{fps}/1"
            sizes[quality], lengths[quality] = picture["width"] * picture["height"], len(video)
    assert sizes["hd"] > sizes["sd"]
    assert lengths["hd"] > lengths["sd"]
