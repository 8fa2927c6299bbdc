"""`mockserver new NAME --from FILE`: a folder and what to look at, or a sentence and no folder."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from archive_kit import archive, call, job
from cli_kit import call as run

from mockserver import observed
from mockserver.observed import ObservedContract, contract_of

RUN = (
    call(0, "POST", "/v1/jobs", 201, job("queued"), body={"prompt": "a cat"}),
    call(9, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("done")),
)


def test_a_recording_becomes_a_folder_that_is_sound(tmp_path: Path) -> None:
    (tmp_path / "session.har").write_text(json.dumps(archive(*RUN)))
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "session.har")
    assert done.exit_code == 0, done.output
    assert "│ job │ created by createJobs: queued → done (success) │ the states and their seconds │" in " ".join(
        done.output.split()
    )
    assert run("check", tmp_path / "acme").output == "1 contract is sound\n"
    document = json.loads((tmp_path / "acme" / "openapi.json").read_text())
    assert document["paths"]["/v1/jobs"]["post"]["x-evidence"] == "observed"
    made_up = document["x-responses"]["404"]["content"]["application/json"]["examples"]["not_found"]
    assert made_up["x-evidence"] == "assumed"


def test_a_recording_of_which_no_sound_contract_is_made_is_a_finding_and_its_files_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def unsound(*words: Any) -> ObservedContract:
        made = contract_of(*words)
        return made._replace(openapi={**made.openapi, "openapi": "nonsense"})

    monkeypatch.setattr(observed, "contract_of", unsound)
    (tmp_path / "session.har").write_text(json.dumps(archive(*RUN)))
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "session.har")
    assert (done.exit_code, "Not sound yet" in done.output) == (1, True)
    assert (tmp_path / "acme" / "behavior.json").is_file()
    assert run("check", tmp_path / "acme").exit_code == 1


@pytest.mark.parametrize(
    "text", ["{", "[" * 100_000, '{"log": {}}', '{"log": {"entries": []}}', '{"log": {"entries": [7]}}']
)
def test_what_is_no_recording_is_refused_in_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "odd.har").write_text(text)
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "odd.har")
    assert (done.exit_code, (tmp_path / "acme").exists()) == (2, False)
    assert "Traceback" not in done.output


def made_of(tmp_path: Path, *entries: object, **written: str) -> str:
    """All that is written of a recording; `written` stand in the place of words of its text."""
    text = json.dumps(archive(*entries))
    for word, value in written.items():
        text = text.replace(word, value)
    (tmp_path / "s.har").write_text(text)
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "s.har")
    assert (done.exit_code, "Not sound" in done.output) == (0, False), done.output
    return "".join(path.read_text() for path in (tmp_path / "acme").iterdir())


def test_secrets_in_headers_of_answers_do_not_get_into_a_contract(tmp_path: Path) -> None:
    answered = {
        "X-Debug": "sk-live-repeated-1", "X-Session-Token": "issued-token-22", "Set-Cookie": "sid=cookie-value-33",
        "X-RateLimit-Remaining-Tokens": "17",
    }  # fmt: skip
    sent = {"authorization": "Bearer sk-live-repeated-1"}
    asked = call(4, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("queued"), headers=sent, answered=answered)
    text = made_of(tmp_path, RUN[0], asked, RUN[1])
    assert not re.search("repeated-1|token-22|value-33", text)
    assert "17" in text


@pytest.mark.parametrize("odd", ["[" * 900 + "]" * 900, "NaN", "1e999", "9" * 400, r'"\\ud800"'])
def test_a_body_that_no_contract_could_say_is_left_out(odd: str, tmp_path: Path) -> None:
    asked = call(4, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("queued", odd=7_777_777))
    text = made_of(tmp_path, RUN[0], asked, RUN[1], **{"7777777": odd.replace('"', r"\"")})
    assert "queued" in text


@pytest.mark.parametrize(("name", "value"), [
    ("time", float("nan")), ("time", float("inf")), ("status", 1e300), ("status", 99999), ("method", "a\n{}"),
])  # fmt: skip
def test_an_entry_with_what_http_has_not_is_left_out(name: str, value: object, tmp_path: Path) -> None:
    odd = call(4, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("odd"))
    next(each for each in (odd, odd["request"], odd["response"]) if name in each)[name] = value
    assert '"odd"' not in made_of(tmp_path, RUN[0], odd, RUN[1])


def test_what_a_later_request_carries_is_hidden_in_earlier_answers(tmp_path: Path) -> None:
    early = call(-9, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("queued", shown="later-secret-1"))
    login = call(9, "POST", "/v1/login", 200, {"fine": "yes"}, body={"password": "later-secret-1"})
    assert "later-secret-1" not in made_of(tmp_path, early, *RUN, login)


@pytest.mark.parametrize("word", ["3D rendering", "\x1b[2J::error::", "待機"])
def test_a_state_may_be_called_anything(word: str, tmp_path: Path) -> None:
    asked = call(4, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job(word))
    text = made_of(tmp_path, RUN[0], asked, RUN[1])
    assert word in text or json.dumps(word)[1:-1] in text


def test_a_clock_that_leapt_by_decades_makes_no_contract_unsound(tmp_path: Path) -> None:
    asked = call(1e9, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("succeeded"))
    assert "315576000" in made_of(tmp_path, RUN[0], asked)


def test_half_a_character_anywhere_is_none(tmp_path: Path) -> None:
    asked = call(4, "GET", "/v1/jobs/job_1a2b3c4d5e6f", 200, job("queued"), answered={"X-Odd": "a\ud800"})
    assert "a?" in made_of(tmp_path, RUN[0], asked, RUN[1])


def test_a_host_may_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "s.har").write_text(json.dumps(archive(*RUN, *RUN, call(20, "GET", "/a", 200, {}, host="b.example"))))
    done = run("new", "b", "--into", tmp_path, "--from", tmp_path / "s.har", "--host", "b.example")
    assert done.exit_code == 0, done.output
    assert [*json.loads((tmp_path / "b" / "openapi.json").read_text())["paths"]] == ["/a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("null", "HAR is an object, and this is null"),
        ("[]", "HAR is an object, and this is array"),
        ("{}", "HAR has an object `log`, and this has none"),
        ('{"log": {"version": "1.2"}}', "HAR has a list of what was asked, `log.entries`, and this has none"),
        ('{"log": ', "HAR is JSON, and this is none: "),
        ("", "HAR is JSON, and this is none: "),
    ],
)
def test_what_is_called_a_recording_and_is_none_is_told_so(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "s.har").write_text(text)
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "s.har")
    assert done.exit_code == 2, done.output
    assert "s.har is no recording: " + said in " ".join(done.output.split())
    assert "OpenAPI document" not in done.output
    assert not (tmp_path / "acme").exists()


def test_ends_of_a_job_are_no_steps_of_it(tmp_path: Path) -> None:
    other = "job_9z8y7x6w5v4u"
    failed = (
        call(20, "POST", "/v1/jobs", 201, {**job("queued"), "id": other}, body={"prompt": "a dog"}),
        call(29, "GET", f"/v1/jobs/{other}", 200, {**job("failed"), "id": other}),
    )
    (tmp_path / "s.har").write_text(json.dumps(archive(*RUN, *failed)))
    done = run("new", "acme", "--into", tmp_path, "--from", tmp_path / "s.har")
    assert done.exit_code == 0, done.output
    assert "queued → done (success) | failed (failure)" in " ".join(done.output.split())
