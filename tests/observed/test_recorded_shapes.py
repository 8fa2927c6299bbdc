"""Answers that have other fields for some requests, and what answers repeat of requests that did not say it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from archive_kit import HOST, archive, call, job
from observed_kit import contract_in

from mockserver import start
from mockserver.check import check
from mockserver.observed import contract_of

KEY = {"authorization": "Bearer demo-key", "host": HOST}


def one(n: int, body: Any, made: Any = None, shown: Any = None) -> list[Any]:
    number, at = f"job_1a2b3c4d5e{n:02x}", 20.0 * n
    path, more = f"/v1/jobs/{number}", shown or {}
    return [
        call(at, "POST", "/v1/jobs", 201, made or job("waiting", number), body=body),
        call(at + 2, "GET", path, 200, job("waiting", number, **more)),
        call(at + 9, "GET", path, 200, job("done", number, **more)),
    ]


def posted(folder: Path, entries: list[Any], *bodies: Any) -> list[Any]:
    """What a server of the contract answers to these, and what it shows of each then."""
    made = contract_in(folder, archive(*entries))
    assert [str(finding) for finding in check(made)] == []
    with start(made, hosts={HOST: "again"}) as running, httpx.Client(base_url=running.url, headers=KEY) as http:
        answers = [http.post("/v1/jobs", json=body).json() for body in bodies]
        return [(each, http.get(f"/v1/jobs/{each['id']}").json()) for each in answers]


HOOKED = {"prompt": "a cat", "notify_url": "https://hooks.example/x"}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_creation_answers_with_other_fields_where_the_request_had_another(
    order: tuple[int, int], tmp_path: Path
) -> None:
    plain, hooked = (
        one(order[0], {"prompt": "a cat"}, {"id": f"job_1a2b3c4d5e{order[0]:02x}", "poll": "often"}),
        one(order[1], HOOKED, {"id": f"job_1a2b3c4d5e{order[1]:02x}", "status": "waiting", "hook": "set"}),
    )
    entries = [*plain, *hooked] if order == (1, 2) else [*hooked, *plain]
    behavior = contract_of(archive(*entries), "Acme").behavior
    assert behavior["variants"] == {"with_notify_url": {"request./notify_url": {"present": True}}}
    (first, _), (second, _) = posted(
        tmp_path, entries, {"prompt": "x"}, {**HOOKED, "notify_url": "http://127.0.0.1:9/"}
    )
    assert (first.keys(), second.keys()) == ({"id", "poll"}, {"id", "status", "hook"})


def test_what_no_request_explains_is_the_fullest_answer(tmp_path: Path) -> None:
    entries = [*one(1, {"prompt": "a"}, job("waiting", "job_1a2b3c4d5e01", a=1, tag="x")), *one(2, {"prompt": "b"})]
    assert "variants" not in contract_of(archive(*entries), "Acme").behavior
    ((made, _),) = posted(tmp_path, entries, {"prompt": "c"})
    assert made.keys() == {"id", "status", "a", "tag"}


@pytest.mark.parametrize(("silent", "then"), [({}, "left out"), ({"style": None}, None)])
def test_what_repeats_the_request_is_as_it_was_where_that_said_nothing(
    silent: dict[str, Any], then: Any, tmp_path: Path
) -> None:
    entries = [
        *one(1, {"prompt": "a cat", "style": "oil"}, shown={"style": "oil"}),
        *one(2, {"prompt": "a cat"}, shown=silent),
    ]  # fmt: skip
    (_, said), (_, other) = posted(tmp_path, entries, {"prompt": "x", "style": "pencil"}, {"prompt": "x"})
    assert (said["style"], other.get("style", "left out")) == ("pencil", then)


def test_what_a_client_said_before_is_no_id_that_it_was_given() -> None:
    entries = [*one(1, {"prompt": "cat-00000001"}), *one(2, {"prompt": "cat-00000001"})]
    cancel = call(25, "POST", "/v1/jobs/job_1a2b3c4d5e01/cancel", 200, {"ok": True, "prompt": "cat-00000001"})
    again = one(3, {"prompt": "cat-00000001"})
    behavior = contract_of(archive(*entries[:2], cancel, *entries[2:], *again), "Acme").behavior
    assert [*behavior["resources"]] == ["job"]
    assert behavior["operations"]["createJobsCancel"]["verb"] == "move"


def test_operations_are_called_by_words_that_say_something() -> None:
    entries = [
        call(0, "POST", "/api/v1/dream/v2/films", 201, job("waiting"), body={"prompt": "a"}),
        call(1, "GET", "/api/v1/dream/get_film?id=job_1a2b3c4d5e6f", 200, job("done")),
        call(2, "GET", "/api/v1/get_plan", 200, {"plan": "free"}),
    ]
    behavior = contract_of(archive(*entries), "Acme").behavior
    assert [*behavior["operations"]] == ["createDreamFilms", "getDreamGetFilm", "getPlan"]


def test_a_count_is_that_of_a_page_where_it_always_was() -> None:
    rows = [job("done", f"job_1a2b3c4d5e0{n}") for n in (1, 2)]
    entries = [
        *one(1, {"prompt": "a"}), *one(2, {"prompt": "b"}),
        call(90, "GET", "/v1/jobs?limit=10", 200, {"jobs": rows, "count": 2, "limit": 10}),
        call(91, "GET", "/v1/jobs?limit=1", 200, {"jobs": rows[:1], "count": 1, "limit": 1}),
    ]  # fmt: skip
    behavior = contract_of(archive(*entries), "Acme").behavior
    assert behavior["operations"]["listJobs"]["page"] == {"/count": "page.count", "/limit": "page.limit"}
    assert json.dumps(behavior).count("page.count") == 1


def test_a_list_is_of_what_its_items_are_and_not_of_what_they_name() -> None:
    file, row = {"id": "file_1a2b3c4d5e6f", "name": "a"}, {"file": "file_1a2b3c4d5e6f", "status": "done"}
    entries = [
        call(0, "POST", "/v1/files", 201, file, body={"name": "a"}),
        *one(1, {"prompt": "a", "file": file["id"]}, shown={"file": file["id"]}),
        call(90, "GET", "/v1/all", 200, {"rows": [{"id": "job_1a2b3c4d5e01", **row}]}),
        call(91, "GET", f"/v1/files/{file['id']}", 200, file),
    ]
    behavior = contract_of(archive(*entries), "Acme").behavior
    assert behavior["operations"]["listAll"]["resource"] == "job"


def test_a_link_of_another_name_of_the_host_leads_to_the_operation_of_its_path(tmp_path: Path) -> None:
    number = "job_1a2b3c4d5e01"
    shown = {"self": f"https://eu.gateway.example/acme/v1/jobs/{number}", "page": f"https://acme.example/{number}"}
    entries = one(1, {"prompt": "a"}, shown=shown)
    behavior = contract_of(archive(*entries), "Acme").behavior
    assert behavior["operations"]["getJob"]["bindings"] == {"/id": "id", "/self": "url.getJob"}
    ((_, again),) = posted(tmp_path, entries, {"prompt": "b"})
    assert again["self"].endswith(f"/v1/jobs/{again['id']}")


def test_things_are_called_as_the_path_to_one_calls_them() -> None:
    entries = [
        call(0, "POST", "/v1/text_to_image", 201, job("waiting"), body={"prompt": "a"}),
        call(9, "GET", "/v1/tasks/job_1a2b3c4d5e6f", 200, job("done")),
    ]
    assert [*contract_of(archive(*entries), "Acme").behavior["resources"]] == ["task"]


def test_a_result_that_was_asked_for_at_the_end_alone_is_assumed_before_that() -> None:
    result = call(40, "GET", "/v1/jobs/job_1a2b3c4d5e01/result", 200, {"text": "A cat"})
    made = contract_of(archive(*one(1, {"prompt": "a"}), result), "Acme")
    content = made.openapi["paths"]["/v1/jobs/{jobId}/result"]["get"]["responses"]["200"]["content"]
    evidence = {name: each["x-evidence"] for name, each in content["application/json"]["examples"].items()}
    assert evidence == {"waiting": "assumed", "done": "observed"}
