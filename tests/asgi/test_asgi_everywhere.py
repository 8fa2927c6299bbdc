"""Whatever serves the application, and wherever it is mounted: jobs, files, webhooks and the control API are whole."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from api_kit import receiving
from asgi_kit import KEY, Front, control, status, submit, upload

APIS = ("miraflow", "miragic", "mirrago", "vidgen")
WRITE = {"content-type": "application/json"}


def test_a_job_goes_from_submit_to_download(ask: Front) -> None:
    job = submit(ask)
    assert status(ask, job)["status"] == "PENDING"
    control(ask, "POST", "clock/advance", json={"seconds": 60})
    done = status(ask, job)
    assert done["status"] == "COMPLETED"
    film = ask("GET", done["outputVideo"])
    assert done["outputVideo"].startswith(f"{ask.base}/_media/@default/vidgen/{job}/")
    assert (film.status_code, film.content[4:8]) == (200, b"ftyp")
    part = ask("GET", done["outputVideo"], headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert ask("GET", done["outputVideo"].replace("signature=", "signature=x")).status_code == 403


def test_an_upload_goes_to_the_url_that_was_given_out(ask: Front) -> None:
    url = upload(ask)
    assert url.startswith(ask.base + "/@default/miraflow/")
    assert ask("PUT", url.replace("signature=", "signature=x"), content=b"1").status_code == 403


def test_a_webhook_tells_of_a_film_that_can_be_downloaded(ask: Front) -> None:
    with receiving() as receiver:
        job = submit(ask, webhookUrl=receiver.url)
        control(ask, "POST", "clock/advance", json={"seconds": 60})
    (got,) = receiver.got
    assert got.json["jobId"] == job
    assert "x-webhook-signature" in got.headers
    film = ask("GET", status(ask, job)["outputVideo"])
    assert film.content[4:8] == b"ftyp"
    assert [each["outcome"] for each in control(ask, "GET", "webhooks")] == ["delivered"]


def test_a_sandbox_has_urls_that_work_and_credentials_of_its_own(ask: Front) -> None:
    made = ask("POST", "/_mock/sandboxes", json={"name": "mine", "clock": {"mode": "manual"}})
    assert made.status_code == 201
    access = made.json()["apis"]["vidgen"]
    assert access["url"] == f"{ask.base}/@mine/vidgen"
    key = {"x-api-key": access["api_key"]}
    assert ask("GET", access["url"] + "/api/jobs", headers=key).status_code == 200
    assert ask("GET", access["url"] + "/api/jobs", headers=KEY).status_code == 401
    assert ask("DELETE", "/_mock/sandboxes/mine").status_code == 204
    assert ask("GET", access["url"] + "/api/jobs", headers=key).status_code == 410
    assert ask("GET", access["url"] + "/docs").status_code == 410


REFUSED: list[tuple[str, str, dict[str, Any], int]] = [
    ("PATCH", "/_mock/sandboxes", {"content": b"x" * (3 << 20)}, 405),
    ("POST", "/_mock/sandboxes", {"headers": {"content-type": "text/plain"}, "content": b"{}"}, 415),
    ("PUT", "/_mock/sandboxes/default/limits", {"headers": WRITE, "content": b" " * ((1 << 20) + 1)}, 413),
    ("POST", "/_mock/sandboxes", {"json": {"nix": 1}}, 400),
    ("POST", "/_mock/sandboxes", {"headers": {**WRITE, "origin": "http://evil.example"}, "content": b"{}"}, 403),
    ("GET", "/_mock/sandboxes", {"headers": {"host": "evil.example"}}, 403),
    ("GET", "/_mock/sandboxes/nobody", {}, 404),
    ("GET", "/_mock/nix", {}, 404),
    ("GET", "/nix", {}, 404),
]


@pytest.mark.parametrize(("method", "path", "more", "expected"), REFUSED)
def test_what_is_refused_is_a_problem_document(
    ask: Front, method: str, path: str, more: dict[str, Any], expected: int
) -> None:
    answer = ask(method, path, **more)
    assert (answer.status_code, answer.headers["content-type"]) == (expected, "application/problem+json")
    assert answer.json()["status"] == expected
    assert len(answer.headers.get_list("date")) == 1


def test_a_method_that_a_path_lacks_is_told_of_those_it_has(ask: Front) -> None:
    assert ask("PATCH", "/_mock/sandboxes").headers["allow"] == "GET, HEAD, POST"
    assert ask("POST", "/").headers["allow"] == "GET, HEAD"


def test_documents_and_pages_name_the_place_where_they_are(ask: Front) -> None:
    root = urlsplit(ask.base).path
    table = ask("GET", "/", headers={"accept": "*/*"}).json()
    assert [row["url"] for row in table["apis"]] == [f"{ask.base}/{name}" for name in APIS]
    for row in table["apis"]:
        assert ask("GET", row["openapi"]).json()["servers"][0]["url"] == row["url"]
        assert f'{root}/_mock/ui/show.js"' in ask("GET", row["docs"]).text
    assert f'href="{root}/vidgen/docs"' in ask("GET", "/", headers={"accept": "text/html"}).text
    assert ask("GET", table["control"]).json()["servers"] == [{"url": f"{root}/"}]
    assert ask("GET", "/_mock/docs").status_code == ask("GET", "/_mock/ui/show.js").status_code == 200


def test_head_has_the_head_of_get(ask: Front) -> None:
    for path in ("/_mock/sandboxes/default/clock", "/vidgen/openapi.json", "/vidgen/api/health"):
        whole, head = ask("GET", path), ask("HEAD", path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        assert head.headers["content-length"] == whole.headers["content-length"]


def test_faults_act_that_need_no_connection_to_break(ask: Front) -> None:
    control(ask, "POST", "faults", json={"api": "vidgen", "operation": "getHealth", "fault": "status", "status": 502})
    assert ask("GET", "/vidgen/api/health").status_code == 502


@pytest.mark.parametrize("fault", ["reset_mid_body", "hang", "answer_lost", "garbage", "short_media"])
def test_a_fault_that_would_break_a_connection_is_refused_with_the_remedy(ask: Front, fault: str) -> None:
    answer = ask("POST", "/_mock/sandboxes/default/faults", json={"api": "vidgen", "fault": fault})
    assert answer.status_code == 400
    assert f"the fault {fault} breaks the connection" in answer.json()["detail"]
    assert "mockserver serve" in answer.json()["detail"]
    assert control(ask, "GET", "faults") == []


def test_a_scenario_with_such_a_fault_is_refused_and_changes_nothing(ask: Front) -> None:
    answer = ask("PUT", "/_mock/sandboxes/default/scenario", json={"api": "vidgen", "scenario": "flaky"})
    assert (answer.status_code, "reset_before_headers" in answer.json()["detail"]) == (400, True)
    assert control(ask, "GET", "")["apis"]["vidgen"]["scenario"] == "happy"
    assert control(ask, "GET", "faults") == []
    control(ask, "PUT", "scenario", json={"api": "vidgen", "scenario": "lossy-webhooks"})


def test_the_journal_has_paths_as_the_api_knows_them_and_har_has_whole_urls(ask: Front) -> None:
    assert ask("GET", "/vidgen/api/health").status_code == 200
    assert control(ask, "GET", "journal")[-1]["path"] == "/vidgen/api/health"
    (entry,) = control(ask, "GET", "journal?format=har")["log"]["entries"]
    assert entry["request"]["url"] == f"{ask.base}/vidgen/api/health"


def test_a_path_with_encoded_slashes_is_matched_as_it_was_sent(ask: Front) -> None:
    answer = ask("GET", "/vidgen/api/status/a%2Fb", headers=KEY)
    assert (answer.status_code, answer.json()) == (404, {"error": "Job not found"})
