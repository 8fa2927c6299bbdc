"""What of an archive is passed over is told, with the reason and how often: nothing is lost without a word."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from archive_kit import HOST, archive, call, job
from cli_kit import call as run

from mockserver.errors import UsageError
from mockserver.observed import contract_of
from mockserver.observed.archive import calls_of
from mockserver.pointers import MISSING

RUN = (
    call(0, "POST", "/v1/jobs", 201, job("queued"), body={"prompt": "a cat"}),
    call(9, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("done")),
)


def odd(**more: Any) -> dict[str, Any]:
    """A call with other parts."""
    return {**call(4, "POST", "/v1/things", 200, {"a": 1}, body={"b": 2}), **more}


def requested(**more: Any) -> dict[str, Any]:
    return odd(request={**odd()["request"], **more})


def answered(**more: Any) -> dict[str, Any]:
    return odd(response={**odd()["response"], **more})


def shown(**more: Any) -> dict[str, Any]:
    return answered(content={**odd()["response"]["content"], **more})


LEFT = {
    "no entry at all": (7, "1 entry", "left out: it has no request"),
    "no request": (odd(request=None), "1 entry", "left out: it has no request"),
    "no answer": (odd(response="x"), "1 entry: POST /v1/things", "left out: it has no response"),
    "no time": (odd(startedDateTime="yesterday"), "1 entry: POST /v1/things", "left out: nothing says when it was"),
    "no status": (answered(status="ok"), "1 entry: POST /v1/things", "left out: its status is none"),
    "a preflight": (requested(method="OPTIONS"), "1 entry: OPTIONS /v1/things", "left out: OPTIONS is not of an API's"),
    "a blob": (requested(url="blob:https://x.example/1"), "1 entry: POST", "left out: blob: is no address of HTTP"),
    "no URL": (requested(url="https://[x"), "1 entry: POST", "left out: its URL is none"),
    "an aborted call": (answered(status=0), "1 entry: POST /v1/things", "left out: no answer came"),
    "nothing new": (answered(status=304), "1 entry: POST /v1/things", "left out: nothing had changed for the browser"),
    "a gateway": (answered(status=502), "1 entry: POST /v1/things", "left out: 502 is of what stands between"),
    "an answer that is cut": (
        shown(text='{"a": '), "1 entry: POST /v1/things", "read without a body: that of the answer is no JSON"),
    "an answer that is not there": (
        shown(text=""), "1 entry: POST /v1/things", "read without a body: that of the answer is not in the archive"),
    "a request that is cut": (
        requested(postData={"mimeType": "application/json", "text": '{"a": '}), "1 entry: POST /v1/things",
        "read without a body: that of the request is no JSON"),
    "a request that is not there": (
        requested(postData=None, bodySize=9, headers=[{"name": "Content-Type", "value": "application/json"}]),
        "1 entry: POST /v1/things", "read without a body: that of the request is not in the archive"),
}  # fmt: skip


@pytest.mark.parametrize("how", LEFT)
def test_what_is_left_out_is_told_with_the_reason(how: str) -> None:
    entry, subject, why = LEFT[how]
    notes = contract_of(archive(*RUN, entry), "Acme").notes
    assert [note for note in notes if note[0] == subject and note[1].startswith(why)], notes


def test_the_same_reason_is_counted_and_some_are_named(tmp_path: Path) -> None:
    several = [{**call(4, "POST", f"/v1/part{n}", 200), "startedDateTime": None} for n in range(5)]
    recorded = archive(*RUN, *several, several[0])
    subjects = [subject for subject, why, _ in contract_of(recorded, "Acme").notes if "nothing says when" in why]
    assert subjects == ["6 entries: POST /v1/part0, POST /v1/part1, POST /v1/part2, …"]
    (tmp_path / "s.har").write_text(json.dumps(recorded))
    assert "6 entries: POST" in run("new", "acme", "--into", tmp_path, "--from", tmp_path / "s.har").output


def test_of_other_hosts_nothing_is_told() -> None:
    elsewhere = call(4, "GET", "/x", 0, host="cdn.acme.example")
    assert not any("left out" in meaning for _, meaning, _ in contract_of(archive(*RUN, elsewhere), "Acme").notes)


def test_no_secret_is_told_of_what_cannot_be_read() -> None:
    bot = "bot123456789:AAF-abcDEF1234ghIkl-zyx57W2v1u"
    entry = requested(url=f"https://{HOST}/v1/{bot}/send?token=abcdefabcdef", method="OPTIONS")
    notes = str(contract_of(archive(*RUN, entry), "Acme").notes)
    assert "OPTIONS /v1/[redacted]/send" in notes
    assert "AAF-abc" not in notes
    assert "abcdefabcdef" not in notes


def test_where_nothing_can_be_read_the_reason_is_in_the_sentence() -> None:
    with pytest.raises(UsageError, match=r"hosts in it: none \(2 entries: .*nothing says when it was"):
        contract_of(archive(odd(startedDateTime=None), odd(startedDateTime="")), "Acme")
    with pytest.raises(UsageError, match="the recording has no entries: nothing was asked"):
        contract_of(archive(), "Acme")


# --- what other tools write, and is read


BODY = json.dumps({"a": 1}).encode()
FORM = (
    '--x\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name="f"; '
    'filename="a.png"\r\nContent-Type: image/png\r\n\r\n\r\n--x--\r\n'
)
ANSWERS: dict[str, dict[str, Any]] = {
    "in base64": {"text": base64.b64encode(BODY).decode(), "encoding": "base64"},
    "in base64 and gzip": {"text": base64.b64encode(gzip.compress(BODY)).decode(), "encoding": "base64"},
    "of no media type": {"mimeType": "x-unknown"}, "as JSON itself": {"text": {"a": 1}},
}  # fmt: skip


@pytest.mark.parametrize("how", ANSWERS)
def test_an_answer_is_read(how: str) -> None:
    assert [each.answer for each in calls_of(archive(shown(**ANSWERS[how])))] == [{"a": 1}]


@pytest.mark.parametrize(
    "text", [FORM, FORM.replace("\r\n", "\n"), f"Content-Type: multipart/form-data; boundary=x\r\n\r\n{FORM}"]
)
def test_a_form_that_was_kept_as_it_was_sent_is_read(text: str) -> None:
    (found,) = calls_of(archive(requested(postData={"mimeType": "multipart/form-data; boundary=x", "text": text})))
    assert (found.body, found.files["f"].media) == ({"n": "1"}, "image/png")


@pytest.mark.parametrize(
    "at", [1_700_000_000, 1_700_000_000_000, "2023-11-14T22:13:20.000+0000", "2023-11-14T23:13:20.0000000+01:00"]
)
def test_a_time_is_read(at: Any) -> None:
    assert [each.at for each in calls_of(archive(odd(startedDateTime=at)))] == [1_700_000_000.0]


def test_headers_and_urls_may_be_written_otherwise() -> None:
    headers = {":authority": HOST, ":path": "/v1/things", "Content-Type": "application/json"}
    (found,) = calls_of(archive(requested(url="/v1/things", headers=headers)))
    assert (found.host, found.path, found.media) == (HOST, ("v1", "things"), "application/json")


def test_a_form_that_is_none_has_no_body() -> None:
    (found,) = calls_of(archive(requested(postData={"mimeType": "multipart/form-data; boundary=x", "text": "--x\r\n"})))
    assert found.body is MISSING
