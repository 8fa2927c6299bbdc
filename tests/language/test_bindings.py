"""Bindings say whom they are for: a resource, an operation, one example; the narrowest goes before."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_kit import OPENAPI, Documents, Mutation, behave, both, show
from language_kit import findings, serving

KEY = {"X-API-Key": "demo-key"}
GET = "/operations/getJob/bindings"
EMPTY = 'null or "" in every example'
PLAN = behave(
    "/resources/job/run", {"running": {"fixed": 1}, "outcomes": {"failed": 1}, "errors": {"failed": ["Broken"]}}
)


def failing(documents: Documents) -> None:
    """A failed job is answered with 422 and an envelope of its own."""
    at = documents[OPENAPI]["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]
    del at["200"]["content"]["application/json"]["examples"]["failed"]
    del at["200"]["content"]["application/json"]["examples"]["failed.loud-off"]
    value = {"id": "job_error", "error": "x", "progress": 3, "detail": "x"}
    at["422"] = {"description": "x", "content": {"application/json": {"examples": {"failed": {"value": value}}}}}


UNLOUD = both(failing, behave("/quirks", {}), behave("/webhooks", {}))


def failed(folder: Path, *mutations: Mutation) -> dict[str, object]:
    with serving(folder, PLAN, UNLOUD, *mutations) as own:
        identity = own.submit().json()["id"]
        own.advance(5)
        found: dict[str, object] = own.show(identity)
        assert found.get("id") != identity or found["id"] == identity
        return {**found, "is_own": found["id"] == identity}


def test_what_is_bound_under_the_name_of_an_example_goes_before_and_null_takes_away(tmp_path: Path) -> None:
    found = failed(tmp_path, behave(f"{GET}/failed", {"/id": None, "/detail": "error"}))
    assert found == {"id": "job_error", "error": "Broken", "progress": 99, "detail": "Broken", "is_own": False}


def test_bindings_of_an_operation_fall_on_every_answer_about_a_job(tmp_path: Path) -> None:
    found = failed(tmp_path)
    assert (found["is_own"], found["error"], found["detail"]) == (True, "Broken", "x")


def test_bindings_of_a_resource_fall_on_successes_alone_and_on_the_example_they_name(tmp_path: Path) -> None:
    common = behave("/resources/job/bindings", {"/id": "id", "/error": "error", "failed": {"/detail": "error"}})
    others = behave(GET, {"/prompt": "request./prompt"})
    found = failed(tmp_path, common, others)
    assert found == {"id": "job_error", "error": "x", "progress": 3, "detail": "Broken", "is_own": False}


def test_what_a_resource_binds_to_an_example_need_not_fit_each_operation_that_has_one_of_that_name(
    tmp_path: Path,
) -> None:
    common = behave("/resources/job/bindings", {"failed": {"/detail": "error"}})
    found = failed(tmp_path, common, behave("/operations/cancelJob/bindings", {"failed": {"/message": "error"}}))
    assert found["detail"] == "Broken"


def test_a_resource_says_once_what_is_true_of_it_in_lists_too(tmp_path: Path) -> None:
    bindings = {"/id": "id", "/prompt": "request./prompt", "/progress": "progress", "/created_at": "created"}
    none = [behave(f"/operations/{each}/bindings", {}) for each in ("submitJob", "getJob", "cancelJob", "listJobs")]
    with serving(tmp_path, behave("/resources/job/bindings", bindings), *none) as own:
        made = own.submit(prompt="A cliff").json()
        assert own.show(made["id"]) == made
        (item,) = own.http.get("/v1/jobs", headers=KEY).json()["items"]
        assert {k: item[k] for k in bindings_of(bindings)} == {k: made[k] for k in bindings_of(bindings)}
        assert made["prompt"] == "A cliff"


def bindings_of(table: dict[str, str]) -> list[str]:
    return [pointer[1:] for pointer in table]


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (behave(f"{GET}/fialed", {"/id": "id"}), "no example 'fialed'"),
        (behave(f"{GET}/failed", {"/idd": "id"}), "no field /idd"),
        (behave("/resources/job/bindings", {"/idd": "id"}), "/idd has no field to write in any answer about job"),
        (behave("/resources/job/bindings", {"failed": {"/idd": "id"}}), "/idd has no field"),
        (behave("/resources/job/bindings", {"/id": "idd"}), "idd"),
        (behave(f"{GET}/failed", {"/id": "request./nothing"}), "no request that creates"),
        (behave(f"{GET}/failed", {}), "failed"),
    ],
)
def test_what_is_bound_to_nothing_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    assert any(word in each for each in findings(tmp_path, mutation))


LISTED = "/paths/~1v1~1jobs/get/responses/200/content/application~1json/examples/ok/value"


@pytest.mark.parametrize(
    ("mutation", "remedy"),
    [
        (behave("/operations/listJobs/page", {"/next": "page.next", "/total": "page.total"}), EMPTY),
        (behave(f"{GET}/failed", {"/picture_url": "id"}), EMPTY),
        (
            behave("/operations/listJobs/bindings", {"/more": {"fact": "state", "of": {"queued": True}}}),
            'the word "page"',
        ),
        (behave("/resources/job/bindings", {"/id": "Hello"}), 'always the same is {"join": ["Hello"]}'),
        (behave("/resources/job/bindings", {"/id": "request.promt"}), "Did you mean 'request./promt'?"),
        (behave("/resources/job/bindings", {"/id": "item.outcom"}), "Did you mean 'item.outcome'?"),
        (behave("/resources/job/bindings", {"/id": "item.custom_id"}), "Did you mean 'item./custom_id'?"),
    ],
)
def test_what_can_be_written_in_its_place_is_said(mutation: Mutation, remedy: str, tmp_path: Path) -> None:
    told = findings(tmp_path, show(f"{LISTED}/total", None), mutation)
    assert any(remedy in each for each in told), told
    assert not any("Known: " in each and remedy == EMPTY for each in told), told


def test_other_words_than_pointers_have_no_place_in_problems_and_pages(tmp_path: Path) -> None:
    for at in ("/problems/bad_request/bindings/failed", "/operations/listJobs/page/failed"):
        assert any("failed" in each for each in findings(tmp_path, behave(at, {"/id": "id"})))


BAD_REQUEST = "/components/responses/BadRequest/headers"
TICKET = behave("/problems/bad_request/bindings/header.X-Ticket", "call.id")


def test_a_refusal_has_the_headers_that_are_bound_to_its_problem(tmp_path: Path) -> None:
    declared = show(BAD_REQUEST, {"X-Ticket": {"schema": {"type": "string"}, "example": "t_00000000"}})
    with serving(tmp_path, declared, TICKET) as own:
        answers = [own.http.post("/v1/jobs", json={"prompt": 3}, headers=KEY) for _ in range(2)]
        tickets = {each.headers["x-ticket"] for each in answers}
        assert len(tickets) == 2
        assert "t_00000000" not in tickets


def test_a_header_of_a_problem_that_no_response_declares_is_named(tmp_path: Path) -> None:
    found = findings(tmp_path, TICKET)
    assert any("no response that shows bad_request declares the header X-Ticket" in each for each in found), found


def test_a_list_has_the_headers_that_are_bound(tmp_path: Path) -> None:
    at = "/paths/~1v1~1jobs/get/responses/200/headers"
    with serving(
        tmp_path,
        show(at, {"X-Who": {"schema": {}}}),
        behave("/operations/listJobs/bindings/header.X-Who", "account.id"),
    ) as own:
        assert own.http.get("/v1/jobs", headers=KEY).headers["x-who"] == own.account.id


def test_what_stands_for_an_absent_time_is_written_as_it_is(tmp_path: Path) -> None:
    bound = behave("/operations/getJob/bindings/~1ended_at", {"fact": "ended", "else": "not yet"})
    shown = both(*(show(f"/components/examples/{each}/value/ended_at", 1) for each in ("Queued", "Running")))
    with serving(tmp_path, bound, shown, show("/components/schemas/Job/properties/ended_at", {})) as own:
        assert own.show(own.submit().json()["id"])["ended_at"] == "not yet"
