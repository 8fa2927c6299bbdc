"""Miraflow: lists, videos and the states of every job."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_kit import OCTETS, START, View, connect, only, sample, tracks
from miraflow_kit import AVATAR, PICTURE, SPEECH, VOICE, begin, started, uploaded

MP3 = sample("voice.mp3")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ERROR = {"result", "message"}


def new_video(miraflow: View, **wishes: Any) -> str:
    miraflow.plan(**{"queued": 2, "running": 10, "curve": "linear", **wishes})
    return started(miraflow.http.post("/api/video/create", json=SPEECH))


def get(miraflow: View, path: str) -> Any:
    answer = miraflow.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: httpx.Response, status: int) -> str:
    body = only(answer, status)
    assert body == {"result": "error", "message": body["message"]}
    assert body["message"]
    message: str = body["message"]
    return message


def test_avatars_are_listed_with_their_voices(miraflow: View) -> None:
    found = get(miraflow, "/api/avatars")
    assert set(found) == {"avatars"}
    for avatar in found["avatars"]:
        assert {"id", "name", "createdAt"} <= set(avatar) <= {"id", "name", "createdAt", "voiceId", "isPhoto"}
        assert TIME.fullmatch(avatar["createdAt"])
    voices = {voice["id"] for voice in get(miraflow, "/api/voices")["avatars"]}
    assert {avatar["voiceId"] for avatar in found["avatars"] if "voiceId" in avatar} <= voices


def test_the_published_avatar_and_voice_and_the_one_of_public_clients_exist(miraflow: View) -> None:
    assert get(miraflow, "/api/avatars")["avatars"][0] == {
        "id": "cm2yaz9j10008l0qg9npyjgs3",
        "name": "Aerin",
        "createdAt": "2024-11-01T05:37:46.194Z",
        "voiceId": "cm1lgilny0005m2lnvv3vgtgv",
        "isPhoto": True,
    }
    assert {
        "id": "cm5n372yq0003vow86ukx8zfe",
        "name": "Belinda - Curious and Soft",
        "createdAt": "2025-01-07T23:13:33.103Z",
    } in get(miraflow, "/api/voices")["avatars"]
    for voice in ("cm5n372yq0003vow86ukx8zfe", "1"):
        started(miraflow.http.post("/api/video/create", json=SPEECH | {"voiceId": voice}))


def test_voices_are_listed_under_the_key_avatars_until_the_quirk_is_off(miraflow: View) -> None:
    literal = get(miraflow, "/api/voices")
    assert set(literal) == {"avatars"}
    assert all(set(voice) == {"id", "name", "createdAt"} for voice in literal["avatars"])
    miraflow.side.quirk("voices_under_avatars", False)
    assert get(miraflow, "/api/voices") == {"voices": literal["avatars"]}


def test_every_listed_avatar_and_voice_can_be_used(miraflow: View) -> None:
    for avatar in get(miraflow, "/api/avatars")["avatars"]:
        for voice in get(miraflow, "/api/voices")["avatars"]:
            started(
                miraflow.http.post(
                    "/api/video/create", json=SPEECH | {"avatarId": avatar["id"], "voiceId": voice["id"]}
                )
            )


def test_a_video_starts_works_and_completes(miraflow: View) -> None:
    job = new_video(miraflow)
    path, general = f"/api/video/{job}/status", f"/api/image/{job}"
    for seconds, status in (
        (2, {"status": "inference_started"}),
        (4.5, {"status": "inference_working", "progress": "0%"}),
        (5.5, {"status": "inference_working", "progress": "45%"}),
        (0, {"status": "inference_complete"}),
    ):
        assert get(miraflow, path) == {"result": "success", **status}
        assert get(miraflow, general) == {"result": "success", **status}
        miraflow.advance(seconds)


@pytest.mark.parametrize("outcome", ["inference_failed", "inference_error"])
def test_a_video_can_fail_in_two_ways(miraflow: View, outcome: str) -> None:
    job = new_video(miraflow, outcome=outcome)
    miraflow.advance(12)
    assert get(miraflow, f"/api/video/{job}/status") == {"result": "success", "status": outcome}
    general = get(miraflow, f"/api/image/{job}")
    assert general == {"result": "success", "status": "inference_failed"}  # inference_error is the video's alone
    refused(miraflow.http.get(f"/api/video/{job}"), 404)
    refused(miraflow.http.get(f"/api/video/{job}/download"), 404)
    assert get(miraflow, "/api/videos") == {"videos": []}


def test_progress_is_the_same_in_both_views_and_never_falls(miraflow: View) -> None:
    job = started(miraflow.http.post("/api/video/create", json=SPEECH))
    before = -1
    for _ in range(80):
        one, other = get(miraflow, f"/api/video/{job}/status"), get(miraflow, f"/api/image/{job}")
        assert one == other
        if one["status"] != "inference_working":
            assert "progress" not in one
        else:
            assert re.fullmatch(r"\d{1,2}%", one["progress"])
            percent = int(one["progress"][:-1])
            assert percent >= before
            before = percent
        miraflow.advance(0.2)
    assert one["status"] == "inference_complete"
    assert before > 90


def test_metadata_list_and_bytes_are_there_once_the_video_is_complete(miraflow: View, tmp_path: Path) -> None:
    job = new_video(miraflow)
    for seconds in (2, 10):
        assert get(miraflow, "/api/videos") == {"videos": []}
        refused(miraflow.http.get(f"/api/video/{job}"), 404)
        refused(miraflow.http.get(f"/api/video/{job}/download"), 404)
        miraflow.advance(seconds)
    item = {"id": job, "name": "My new video", "sourceAvatarId": AVATAR, "createdAt": START}
    assert get(miraflow, "/api/videos") == {"videos": [item]}
    video = get(miraflow, f"/api/video/{job}")
    assert video == {**item, "downloadUrl": video["downloadUrl"]}
    film = miraflow.http.get(f"/api/video/{job}/download")
    assert (film.status_code, film.headers["content-type"]) == (200, "video/mp4")
    assert tracks(film.content, tmp_path) == {"video": "h264", "audio": "aac"}
    assert httpx.get(video["downloadUrl"]).content == film.content


def test_downloads_answer_ranges_and_head(miraflow: View) -> None:
    job = new_video(miraflow)
    miraflow.advance(12)
    path = f"/api/video/{job}/download"
    whole = miraflow.http.get(path)
    part = miraflow.http.get(path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    head = miraflow.http.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(whole.content)))


def test_the_newest_video_comes_first_and_only_ones_own_are_listed(miraflow: View) -> None:
    jobs = [new_video(miraflow) for _ in range(3)]
    miraflow.advance(12)
    assert [v["id"] for v in get(miraflow, "/api/videos")["videos"]] == jobs[::-1]
    with connect(miraflow.url, x_api_key=miraflow.side.account().key) as other:
        assert other.get("/api/videos").json() == {"videos": []}


def test_download_urls_live_for_a_day(miraflow: View) -> None:
    video = new_video(miraflow)
    picture = started(miraflow.http.post("/api/image/generate", json=PICTURE))
    miraflow.advance(15)
    urls = [get(miraflow, path)["downloadUrl"] for path in (f"/api/video/{video}", f"/api/image/{picture}")]
    miraflow.advance(86_399)
    assert [httpx.head(url).status_code for url in urls] == [200, 200]
    miraflow.advance(1)
    assert [httpx.head(url).status_code for url in urls] == [403, 403]
    assert httpx.head(get(miraflow, f"/api/video/{video}")["downloadUrl"]).status_code == 200


def test_a_name_may_be_absent(miraflow: View) -> None:
    body = {name: value for name, value in SPEECH.items() if name != "name"}
    job = started(miraflow.http.post("/api/video/create", json=body))
    miraflow.advance(15)
    assert get(miraflow, f"/api/video/{job}")["name"]


@pytest.mark.parametrize("full", [True, False])
def test_im2vid_full_is_taken(miraflow: View, full: bool) -> None:
    started(miraflow.http.post("/api/video/create", json=SPEECH | {"im2vid_full": full}))


@pytest.mark.parametrize("name", ["voice.mp3", "voice.wav", "voice.m4a", "voice.ogg"])
def test_an_audio_file_takes_the_place_of_voice_and_text(miraflow: View, name: str) -> None:
    started(
        miraflow.http.post(
            "/api/video/create", data={"avatarId": AVATAR}, files={"audio": (name, sample(name), OCTETS)}
        )
    )


def test_an_uploaded_audio_track_takes_the_place_of_voice_and_text(miraflow: View) -> None:
    body = {"avatarId": AVATAR, "mediaId": uploaded(miraflow.http, MP3, "audio/mpeg")}
    started(miraflow.http.post("/api/video/create", json=body))
    started(miraflow.http.post("/api/video/create", data=body, files={"nothing": b""}))
    started(miraflow.http.post("/api/video/create", data=SPEECH, files={"nothing": b""}))


@pytest.mark.parametrize("missing", [{"avatarId"}, {"voiceId"}, {"text"}, {"voiceId", "text"}])
def test_an_avatar_and_one_way_of_speaking_are_required(miraflow: View, missing: set[str]) -> None:
    body = {name: value for name, value in SPEECH.items() if name not in missing}
    message = refused(miraflow.http.post("/api/video/create", json=body), 400)
    assert any(name in message for name in missing)


@pytest.mark.parametrize("body", [{"avatarId": 1}, {"im2vid_full": "yes"}, {"text": ""}, {"text": None}])
def test_parameters_of_another_type_are_refused_and_named(miraflow: View, body: dict[str, Any]) -> None:
    assert next(iter(body)) in refused(miraflow.http.post("/api/video/create", json=SPEECH | body), 400)


def test_unknown_avatars_voices_and_media_are_not_found(miraflow: View) -> None:
    for body in (
        {"avatarId": "nope"},
        {"voiceId": "nope"},
        {"avatarId": VOICE},
        {"mediaId": "nope"},
    ):
        refused(miraflow.http.post("/api/video/create", json=SPEECH | body), 404)


def test_media_that_is_no_audio_or_never_finalized_does_not_speak(miraflow: View) -> None:
    picture = uploaded(miraflow.http)
    refused(miraflow.http.post("/api/video/create", json={"avatarId": AVATAR, "mediaId": picture}), 400)
    fresh, _ = begin(miraflow.http, MP3, "audio/mpeg")
    refused(miraflow.http.post("/api/video/create", json={"avatarId": AVATAR, "mediaId": fresh}), 400)


def test_an_audio_part_of_another_kind_is_refused(miraflow: View) -> None:
    files = {"audio": ("a.mp3", sample("portrait.png"), OCTETS)}
    refused(miraflow.http.post("/api/video/create", data={"avatarId": AVATAR}, files=files), 400)


def test_missing_unknown_and_deactivated_keys_are_refused(miraflow: View) -> None:
    former = miraflow.side.account(active=False).key
    for headers in ({}, {"x_api_key": "nope"}, {"x_api_key": former}):
        with connect(miraflow.url, **headers) as http:
            refused(http.get("/api/avatars"), 401)
            refused(http.post("/api/image/generate", json=PICTURE), 401)


def test_unknown_jobs_and_those_of_others_are_not_found(miraflow: View) -> None:
    job = new_video(miraflow)
    miraflow.advance(12)
    with connect(miraflow.url, x_api_key=miraflow.side.account().key) as other:
        for path in ("/api/video/{}", "/api/video/{}/download", "/api/video/{}/status", "/api/image/{}"):
            refused(miraflow.http.get(path.format("nope")), 404)
            refused(other.get(path.format(job)), 404)


def test_credits_that_run_out_are_a_400(miraflow: View) -> None:
    miraflow.credit(2)
    new_video(miraflow)
    started(miraflow.http.post("/api/image/generate", json=PICTURE))
    refused(miraflow.http.post("/api/video/create", json=SPEECH), 400)
    refused(miraflow.http.post("/api/image/generate", json=PICTURE), 400)


def test_there_is_no_rate_limit_but_in_the_scenario_overloaded(miraflow: View) -> None:
    answers = [miraflow.http.get("/api/avatars") for _ in range(130)]
    assert {a.status_code for a in answers} == {200}
    assert not any("ratelimit" in name for name in answers[0].headers)


def test_unknown_paths_and_wrong_methods_are_refused_in_the_apis_own_form(miraflow: View) -> None:
    refused(miraflow.http.get("/api/nothing"), 404)
    wrong = miraflow.http.delete("/api/avatars")
    refused(wrong, 405)
    assert wrong.headers["allow"] == "GET, HEAD"


def test_a_job_named_mock_error_ends_in_inference_error(miraflow: View) -> None:
    job = started(miraflow.http.post("/api/video/create", json=SPEECH | {"name": "mock:error"}))
    miraflow.advance(15)
    assert get(miraflow, f"/api/video/{job}/status")["status"] == "inference_error"
