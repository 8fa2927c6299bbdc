"""The control API: what a person looks through: the journal by page and word, APIs, faults, accounts."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from control_kit import Steered, contracts, job, refused, told

from mockserver.faults import CATALOGUE


@pytest.fixture
def full(control: Steered, sandbox: str) -> str:
    """A sandbox in whose journal stand twenty entries."""
    access = control.get(sandbox)["apis"]["vidgen"]
    for n in range(18):
        control.ask("GET", f"{access['url']}/api/status/job-{n}", headers={"x-api-key": access["api_key"]})
    control.ask("GET", f"{access['url']}/nowhere")
    job(control, sandbox)
    return sandbox


def numbers(control: Steered, sandbox: str, **query: Any) -> list[int]:
    return [each["n"] for each in control.get(f"{sandbox}/journal", params=query)]


def test_the_journal_is_read_page_by_page_backwards(control: Steered, full: str) -> None:
    pages, before = [], 1_000
    while page := numbers(control, full, before=before, limit=7):
        pages.append(page)
        before = page[0]
    assert pages == [[*range(14, 21)], [*range(7, 14)], [*range(1, 7)]]


def test_entries_in_short_have_all_but_what_was_sent_and_answered(control: Steered, full: str) -> None:
    whole = control.get(f"{full}/journal")
    brief = control.get(f"{full}/journal", params={"whole": "false"})
    assert [{k: v for k, v in each.items() if k not in ("sent", "answered")} for each in whole] == brief
    assert control.get(f"{full}/journal", params={"whole": "true"}) == whole
    assert numbers(control, full, whole="false", before=7, limit=2) == [5, 6]
    archive = control.get(f"{full}/journal", params={"whole": "false", "format": "har"})
    assert len(archive["log"]["entries"]) == 20


def test_webhooks_in_short_have_the_number_of_attempts_and_the_last_one(control: Steered, sandbox: str) -> None:
    control.ask("PUT", f"{sandbox}/webhooks", json={"insecure": True})
    job(control, sandbox, hook="http://127.0.0.1:9/hook")
    control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": 60})
    (whole,) = control.get(f"{sandbox}/webhooks")
    (brief,) = control.get(f"{sandbox}/webhooks", params={"whole": "false"})
    attempts, tries, last = whole.pop("attempts"), brief.pop("tries"), brief.pop("last")
    assert brief == whole
    assert (tries, last) == (len(attempts), {key: attempts[-1][key] for key in ("status", "sentence")})


def test_before_and_after_go_together(control: Steered, full: str) -> None:
    assert numbers(control, full, after=3, before=7) == [4, 5, 6]
    assert numbers(control, full, after=3, before=7, limit=2) == [4, 5]
    assert numbers(control, full, before=1) == []


def test_entries_are_found_by_what_stands_in_them(control: Steered, full: str) -> None:
    assert numbers(control, full, search="JOB-7") == [8]
    assert numbers(control, full, search="post /") == [20]
    assert numbers(control, full, search="image/png") == [20], "a form is shown by its parts"
    assert numbers(control, full, search="404") != []
    assert numbers(control, full, search="no such thing") == []


def test_secrets_are_not_found_for_they_are_not_kept(control: Steered, full: str) -> None:
    access = control.get(full)["apis"]["vidgen"]
    assert numbers(control, full, search=access["api_key"]) == []


def test_violations_jobs_and_faults_are_found(control: Steered, full: str) -> None:
    assert numbers(control, full, violations="true") == [19]
    assert 19 not in numbers(control, full, violations="false")
    (made,) = [each["id"] for each in control.get(f"{full}/jobs")]
    assert numbers(control, full, job=made) == [20]
    told(control.ask("POST", f"{full}/faults", json={"api": "vidgen", "fault": "status", "times": 1}), 201)
    access = control.get(full)["apis"]["vidgen"]
    control.ask("GET", f"{access['url']}/api/status/{made}", headers={"x-api-key": access["api_key"]})
    assert numbers(control, full, fault="status") == [21]
    assert numbers(control, full, job=made, fault="status") == [21]


def test_what_a_job_caused_is_found_by_it_and_stands_in_its_entry_whatever_is_filtered(
    control: Steered, sandbox: str
) -> None:
    control.ask("PUT", f"{sandbox}/webhooks", json={"insecure": True})
    made = job(control, sandbox, hook="http://127.0.0.1:9/hook")
    control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": 60})
    assert numbers(control, sandbox, job=made) == [1, 2, 3, 4]
    assert numbers(control, sandbox, job=made, kind="webhook") == [2, 3, 4]
    (alone,) = control.get(f"{sandbox}/journal", params={"kind": "request"})
    assert alone["webhooks"] == [2, 3, 4]
    assert control.get(f"{sandbox}/journal/1") == alone


def test_headers_of_limits_and_places_of_mistakes_are_found(control: Steered, sandbox: str) -> None:
    access = control.get(sandbox)["apis"]["vidgen"]
    job(control, sandbox)
    control.ask("POST", f"{access['url']}/api/jobs", headers={"x-api-key": access["api_key"]}, data={"webhookUrl": "x"})
    (mistake,) = control.get(f"{sandbox}/journal", params={"violations": "true"})
    place = mistake["violation"]["pointer"]
    assert place.count("/") == 1
    assert numbers(control, sandbox, search=place) == [2], "it stands in nothing else"
    assert numbers(control, sandbox, search="ratelimit-remaining: 28") == [2]


@pytest.mark.parametrize("query", [{"before": "x"}, {"before": -1}, {"violations": "perhaps"}, {"search": ""},
                                   {"search": "x" * 201}, {"limit": 0}, {"before": 10**13}])  # fmt: skip
def test_a_filter_that_is_none_is_refused(control: Steered, sandbox: str, query: dict[str, Any]) -> None:
    refused(control.ask("GET", f"{sandbox}/journal", params=query), 400)


def test_an_entry_is_shown_whole(control: Steered, full: str) -> None:
    shown = control.get(f"{full}/journal/20")
    assert shown == control.get(f"{full}/journal", params={"after": 19})[0]
    assert "a.png (image/png, 40 bytes)" in shown["sent"]["text"]
    assert shown["answered"]["text"]


def test_a_delivery_is_shown_with_what_was_sent(control: Steered, sandbox: str) -> None:
    body = {"api": "vidgen", "url": "https://127.0.0.1:9/"}
    sent = told(control.ask("POST", f"{sandbox}/webhooks/test", json=body), 200)
    shown = control.get(f"{sandbox}/journal/1")
    assert f'"jobId":"{sent["job"]}"' in shown["attempt"]["body"]
    assert "signature=[redacted]" in shown["attempt"]["body"], "the journal keeps no signed link"
    assert shown["outcome"] == "unreachable"


@pytest.mark.parametrize("n", ["0", "99", "x", "-1", "9" * 5000, "1.0", "%D9%A1", "", " 1"])
def test_an_entry_that_is_not_there_is_not_found(control: Steered, full: str, n: str) -> None:
    assert control.ask("GET", f"{full}/journal/{n}").status_code == 404


def test_what_apis_offer_is_what_can_be_chosen(control: Steered, sandbox: str) -> None:
    apis = control.get("/_mock/apis")
    assert [each["name"] for each in apis] == [contract.name for contract in contracts()]
    for each in apis:
        for scenario in each["scenarios"]:
            body = {"api": each["name"], "scenario": scenario}
            told(control.ask("PUT", f"{sandbox}/scenario", json=body), 200)
        for quirk in each["quirks"]:
            body = {"api": each["name"], "quirk": quirk["name"], "on": not quirk["default"]}
            told(control.ask("PUT", f"{sandbox}/quirks", json=body), 200)
        for resource in each["resources"]:
            for outcome in resource["outcomes"]:
                body = {"api": each["name"], "resource": resource["name"], "outcome": outcome}
                told(control.ask("POST", f"{sandbox}/plans", json=body), 201)


def test_faults_of_the_catalogue_can_be_armed_where_it_says(control: Steered, sandbox: str) -> None:
    found = control.get("/_mock/faults")
    assert {each["fault"] for each in found["faults"]} <= {*CATALOGUE}
    assert "operation" in found["selector"]
    for each in found["faults"]:
        for api, operations in each["apis"].items():
            for operation in operations[:1]:
                body = {"api": api, "fault": each["fault"], "operation": operation}
                told(control.ask("POST", f"{sandbox}/faults", json=body), 201)
        names = {field.name for field in fields(CATALOGUE[each["fault"]])}
        assert {*each["parameters"]} == {*each["defaults"]} == names


def test_accounts_are_listed_with_credentials_and_what_is_left(control: Steered, sandbox: str) -> None:
    made = told(control.ask("POST", f"{sandbox}/accounts", json={"api": "vidgen", "credits": 5}), 201)
    own, other = control.get(f"{sandbox}/accounts", params={"api": "vidgen"})
    assert own["api_key"] == control.get(sandbox)["apis"]["vidgen"]["api_key"]
    assert other == made
    assert {each["api"] for each in control.get(f"{sandbox}/accounts")} == {each.name for each in contracts()}


def test_sandboxes_tell_when_they_were_made(control: Steered, sandbox: str) -> None:
    shown = control.get(sandbox)
    listed = {each["name"]: each for each in control.get("/_mock/sandboxes")}
    assert listed[shown["name"]]["made"] == shown["made"] >= listed["default"]["made"]
