"""Miragic: each documented oddity, on and off."""

from __future__ import annotations

import pytest
from api_kit import START, View, connect, only
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


def test_every_refusal_can_come_without_the_error_object(miragic: View) -> None:
    miragic.side.quirk("error_object", False)
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
    assert [a.status_code for a in answers] == [401, 401, 404, 404, 405, 415, 400, 415]
    for answer in answers:
        assert set(only(answer, answer.status_code)) == {"success", "message"}
    for _ in range(60):
        last = miragic.http.get(f"{PAINTINGS}/jobs/x")
    assert set(only(last, 429)) == {"success", "message"}
