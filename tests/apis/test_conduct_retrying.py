"""Conduct after a refusal, a failure or silence: for each rule a client that breaks it, and one that nearly does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
from api_kit import View, connect
from miraflow_kit import PICTURE, image_of, started
from steered_kit import everywhere
from test_mirrago import submit
from vidgen_kit import IMAGE, status
from vidgen_kit import new_job as new_video
from vidgen_kit import submit as submit_video

from mockserver.conduct import ConductFinding, judge
from mockserver.conduct.retrying import told_to_wait
from mockserver.faults import CATALOGUE
from mockserver.journal import Answered, JournalEntry

Conduct = Callable[[View], list[ConductFinding]]


def tight(view: View, **limits: int) -> None:
    """Other numbers for the limits of an API."""
    changed = [replace(each, limit=limits.get(each.name, each.limit)) for each in view.side.contract.limits]
    for sandbox in everywhere(view.sandbox):
        sandbox.apis[view.side.contract.name].set_limits(changed)


def judged(view: View, entries: Sequence[JournalEntry]) -> list[str]:
    return [each.rule for each in judge(entries, {view.side.contract.name: view.side.contract})]


def test_a_client_that_does_not_wait_ignores_retry_after(vidgen: View, conduct: Conduct) -> None:
    tight(vidgen, submissions=1)
    submit_video(vidgen.http)
    refused = submit_video(vidgen.http)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    vidgen.advance(59)
    submit_video(vidgen.http)
    (found,) = conduct(vidgen)
    assert found.rule == "ignored_retry_after"
    assert found.sentence == "Retry-After said 60 s, the next request came after 59 s"
    assert found.numbers == {"told": 60, "waited": 59, "times": 1}
    assert found.entries == (2, 3)


def test_a_client_that_waits_just_long_enough_heeds_retry_after(vidgen: View, conduct: Conduct) -> None:
    tight(vidgen, submissions=1)
    submit_video(vidgen.http)
    submit_video(vidgen.http)
    vidgen.http.get("/api/jobs")
    vidgen.advance(60)
    submit_video(vidgen.http)
    assert conduct(vidgen) == []


@pytest.mark.parametrize(("fault", "rules"), [("status", ["ignored_retry_after"]), ("status, garbage", [])])
def test_a_retry_after_that_never_came_is_not_ignored(vidgen: View, fault: str, rules: list[str]) -> None:
    answered = Answered(b"HTTP/1.1 503 Service Unavailable\r\n", b"retry-after: 60\r\n")
    told, came = failing(vidgen, [2])
    assert judged(vidgen, [told._replace(answered=answered, extra={"fault": fault}), came]) == rules


def failing(view: View, pauses: Sequence[float], status: int = 503) -> list[JournalEntry]:
    """A journal in which the same list was asked for in vain, once and after each pause."""
    times = [sum(pauses[:i]) for i in range(len(pauses) + 1)]
    return [JournalEntry(n, at, "request", "vidgen", "listJobs", "GET", "/", status) for n, at in enumerate(times, 1)]


def test_retries_at_a_steady_pace_are_no_backoff(vidgen: View) -> None:
    (found,) = judge(failing(vidgen, [2, 2, 2]), {"vidgen": vidgen.side.contract})
    assert (found.rule, found.entries) == ("no_backoff", (1, 2, 3, 4))
    assert found.sentence == "3 retries after failures came at a steady pace, the last after 2 s"
    assert found.numbers == {"retries": 3, "first": 2, "last": 2}


@pytest.mark.parametrize("status", [0, 429, 500])
def test_retries_without_a_pause_are_no_backoff(vidgen: View, status: int) -> None:
    assert judged(vidgen, failing(vidgen, [0, 0, 0], status)) == ["no_backoff"]


@pytest.mark.parametrize("pauses", [[1, 2, 4], [2, 2], [10, 10, 10]])
def test_growing_few_or_long_pauses_between_retries_back_off(vidgen: View, pauses: list[float]) -> None:
    assert judged(vidgen, failing(vidgen, pauses)) == []


def test_requests_that_succeed_are_no_retries(vidgen: View) -> None:
    assert judged(vidgen, failing(vidgen, [1, 1, 1, 1], status=200)) == []


def lost(entries: list[JournalEntry], fault: str = "answer_lost") -> list[JournalEntry]:
    """The same journal, had the answer to its first request been lost."""
    return [entries[0]._replace(extra={"fault": fault}), *entries[1:]]


@pytest.mark.parametrize("fault", ["answer_lost", "latency, close_mid_body"])
def test_the_same_body_after_a_lost_answer_is_resubmitted(vidgen: View, fault: str) -> None:
    submit_video(vidgen.http)
    submit_video(vidgen.http)  # the same form with another boundary
    entries = list(vidgen.sandbox.journal)
    (found,) = judge(lost(entries, fault), {"vidgen": vidgen.side.contract})
    assert found.rule == "resubmitted"
    assert found.sentence == "the answer to a job that was made was lost, and the same body was sent once again"
    assert found.entries == (1, 2)


def test_both_jobs_of_a_resubmission_are_counted(mirrago: View) -> None:
    for _ in range(3):
        submit(mirrago.http)
    entries = [entry for entry in mirrago.sandbox.journal if entry.operation == "generateImage"]
    (found,) = judge(lost(entries), {"mirrago": mirrago.side.contract})
    assert (found.sentence[-18:], found.numbers) == ("sent 2 times again", {"jobs": 3, "times": 2})


@pytest.mark.parametrize("fault", ["", "latency", "stuck"])
def test_the_same_body_after_an_answer_is_another_job(vidgen: View, fault: str) -> None:
    submit_video(vidgen.http)
    submit_video(vidgen.http)
    assert judged(vidgen, lost(list(vidgen.sandbox.journal), fault)) == []


def test_another_body_after_a_lost_answer_is_another_job(vidgen: View) -> None:
    submit_video(vidgen.http)
    submit_video(vidgen.http, image=("portrait.jpg", IMAGE[1] + b"\0", "image/jpeg"))
    assert judged(vidgen, lost(list(vidgen.sandbox.journal))) == []


def test_the_same_body_of_another_account_is_another_job(vidgen: View, view: Any) -> None:
    submit_video(vidgen.http)
    with connect(vidgen.url, x_api_key=vidgen.side.account().key) as other:
        submit_video(other)
    assert judged(vidgen, lost(list(vidgen.sandbox.journal))) == []


def test_a_client_that_left_is_taken_not_to_have_read_the_answer(mirrago: View) -> None:
    submit(mirrago.http)
    submit(mirrago.http)
    entries = [entry for entry in mirrago.sandbox.journal if entry.operation == "generateImage"]
    assert judged(mirrago, [entries[0]._replace(status=0), *entries[1:]]) == ["resubmitted"]


def test_submitting_again_and_again_hammers_after_409(vidgen: View, conduct: Conduct) -> None:
    new_video(vidgen, running=600)
    for _ in range(3):
        vidgen.advance(1)
        assert submit_video(vidgen.http).status_code == 409
    (found,) = conduct(vidgen)
    assert found.rule == "hammered_after_409"
    assert found.sentence == "a request was refused with 409 3 times within 2 s"
    assert found.entries == (2, 3, 4)


def test_looking_at_the_job_in_the_way_is_no_hammering(vidgen: View, conduct: Conduct) -> None:
    job = new_video(vidgen, running=600)
    for _ in range(4):
        vidgen.advance(1)
        submit_video(vidgen.http)
        status(vidgen, job)
    assert conduct(vidgen) == []


def test_long_pauses_are_no_hammering(vidgen: View, conduct: Conduct) -> None:
    new_video(vidgen, running=600)
    for _ in range(4):
        vidgen.advance(10)
        submit_video(vidgen.http)
    assert conduct(vidgen) == []


def test_a_link_used_after_its_time_is_an_expired_url(miraflow: View, conduct: Conduct) -> None:
    job = started(miraflow.http.post("/api/image/generate", json=PICTURE))
    image_of(miraflow, job)
    url = miraflow.http.get(f"/api/image/{job}").json()["downloadUrl"]
    miraflow.advance(86_400)
    assert httpx.get(url).status_code == 403
    (found,) = conduct(miraflow)
    assert (found.rule, found.job, found.numbers) == ("used_expired_url", job, {"times": 1})


def test_a_link_used_in_its_last_second_is_fine(miraflow: View, conduct: Conduct) -> None:
    job = started(miraflow.http.post("/api/image/generate", json=PICTURE))
    image_of(miraflow, job)
    url = miraflow.http.get(f"/api/image/{job}").json()["downloadUrl"]
    miraflow.advance(86_399)
    assert httpx.get(url).status_code == 200
    assert conduct(miraflow) == []


def test_a_link_that_a_fault_let_die_early_is_forgiven_once(miraflow: View) -> None:
    entry = JournalEntry(
        1, 0.0, "media", "miraflow", "", "GET", "/_media/x", 403, "expired_link", extra={"fault": "result_expired"}
    )
    assert judged(miraflow, [entry]) == []
    assert judged(miraflow, [entry, entry._replace(n=2)]) == ["used_expired_url"]


def test_a_signed_upload_after_its_time_is_an_expired_url(miraflow: View, conduct: Conduct) -> None:
    announced = {"fileName": "file", "contentType": "image/png", "fileSize": 4}
    url = miraflow.http.post("/api/media/initialize", json=announced).json()["uploadUrl"]
    miraflow.advance(86_400)
    assert httpx.put(url, content=b"1234", headers={"Content-Type": "image/png"}).status_code == 403
    assert [each.rule for each in conduct(miraflow)] == ["used_expired_url"]


def test_a_token_used_again_after_a_401_is_a_reused_one(mirrago: View, conduct: Conduct) -> None:
    mirrago.advance(3600)
    for _ in range(2):
        mirrago.advance(5)
        assert submit(mirrago.http).status_code == 401
    (found,) = conduct(mirrago)
    assert found.rule == "reused_expired_token"
    assert found.sentence == "an expired token was used 2 times, the last 10 s after its end"
    assert found.entries == (1, 2, 3)


def test_one_401_and_a_new_token_are_fine(mirrago: View, conduct: Conduct) -> None:
    for _ in range(2):
        mirrago.advance(3600)
        assert submit(mirrago.http).status_code == 401
        asked = {"client_id": mirrago.mine.client_id, "client_secret": mirrago.mine.client_secret}
        answer = mirrago.http.post("/oauth/token", json={**asked, "grant_type": "client_credentials"})
        mirrago.http.headers["Authorization"] = "Bearer " + answer.json()["access_token"]
    assert submit(mirrago.http).status_code == 200
    assert conduct(mirrago) == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"7", 7),
        (b"Sun, 09 Sep 2001 01:46:50 GMT", 10),
        (b"Sun, 09 Sep 2001 01:46:30 GMT", 0),
        (b"soon", None),
        (b"", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: bytes, seconds: float | None) -> None:
    answered = Answered(b"HTTP/1.1 429 Too Many Requests\r\n", b"retry-after: %s\r\n" % text)
    assert told_to_wait(JournalEntry(1, 1_000_000_000.0, "request", "a", "b", answered=answered)) == seconds
    assert told_to_wait(JournalEntry(1, 0.0, "request", "a", "b")) is None


def test_the_faults_that_lose_answers_and_headers_are_these() -> None:
    assert {name for name, kind in CATALOGUE.items() if kind.loses_answer} == {
        "answer_lost", "hang", "stall", "half_open", "reset_before_headers", "reset_mid_body", "close_before_headers",
        "close_mid_headers", "close_mid_body", "garbage", "bad_chunk", "wrong_length", "doubled_length",
        "truncated_json", "empty_body", "wrong_content_type", "invalid_utf8", "half_gzip", "upload_cut",
    }  # fmt: skip
    assert {name for name, kind in CATALOGUE.items() if kind.hides_headers} == {
        "answer_lost", "hang", "half_open", "reset_before_headers", "close_before_headers", "close_mid_headers",
        "garbage", "doubled_length", "early_hints", "reset_mid_body", "upload_cut",
    }  # fmt: skip
