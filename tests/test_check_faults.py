"""A fault that a contract names must exist and be able to take effect; check and start say so in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, Mutation, Row, assert_named, behave, both, good, put, write
from click.testing import CliRunner

from mockserver import start
from mockserver.cli import main
from mockserver.errors import ContractError
from mockserver.faults import mistakes
from mockserver.launch import contracts_in

PLAYED = "/scenarios/failing/faults"
HEARD = "/matches/1"


def played(fault: str, **more: Any) -> Mutation:
    """A fault in a scenario, after one that is right."""
    return behave(PLAYED, [{"fault": "status"}, {"fault": fault, **more}])


def heard(fault: str, create: str = "submitJob", **more: Any) -> Mutation:
    """A fault in an exact match, after one that is right."""
    row = {"operations": [create], "at": "/prompt", "equals": "mock:x", "fault": {"fault": fault, **more}}
    return behave(HEARD, row)


def signed(scheme: str) -> Mutation:
    return behave("/webhooks/ended/sign", {"scheme": scheme, "header": "X-Signature"})


ROWS: list[Row] = [
    ("no such fault", played("stats"), BEHAVIOR, f"{PLAYED}/1/fault", "there is no fault 'stats'"),
    ("no such parameter", played("status", code=503), BEHAVIOR, f"{PLAYED}/1/code", "no parameter 'code'"),
    ("parameter of another type", played("latency", seconds="2"), BEHAVIOR, f"{PLAYED}/1/seconds", "a number from 0"),
    ("parameter out of bounds", played("status", status=99), BEHAVIOR, f"{PLAYED}/1/status", "from 200 to 599"),
    ("parameter of no word", played("status", page="apache"), BEHAVIOR, f"{PLAYED}/1/page", "one of json, nginx"),
    ("selector of another type", played("status", nth=0), BEHAVIOR, f"{PLAYED}/1/nth", "a whole number from 1"),
    ("no such operation", played("status", operation="gone"), BEHAVIOR, f"{PLAYED}/1/operation", "'gone'"),
    ("id of a job", played("status", job="cm42"), BEHAVIOR, f"{PLAYED}/1/job", "job wants an id"),
    ("id of an account", played("status", account="cm42"), BEHAVIOR, f"{PLAYED}/1/account", "account wants an id"),
    ("time to live", played("status", ttl=5), BEHAVIOR, f"{PLAYED}/1/ttl", "until another one is played"),
    ("no tokens", played("token_dies_early"), BEHAVIOR, f"{PLAYED}/1/fault", "it takes no tokens"),
    ("no lock", played("lock_held"), BEHAVIOR, f"{PLAYED}/1/fault", "any number of active jobs"),
    ("nothing changed", played("answer_lost", operation="getJob"), BEHAVIOR, f"{PLAYED}/1/fault", "nothing is changed"),
    ("no job", played("stuck", operation="listJobs"), BEHAVIOR, f"{PLAYED}/1/fault", "no job is created or named"),
    ("no such state", played("stuck", state="succeeded"), BEHAVIOR, f"{PLAYED}/1/fault", "no state 'succeeded'"),
    ("no body in such a state", played("given_body", state="x"), BEHAVIOR, f"{PLAYED}/1/fault", "in a state 'x'"),
    ("no results", both(behave("/resources/job/results", {}), behave("/operations/getJob/bindings", {"/id": "id"}),
                        behave("/operations/listJobs/bindings", {"/id": "id"}), played("result_404")),
     BEHAVIOR, f"{PLAYED}/1/fault", "no results"),
    ("no webhooks", both(behave("/webhooks", {}), played("webhook_late")), BEHAVIOR, f"{PLAYED}/1/fault",
     "no webhook goes out"),
    ("webhooks that are not signed", played("webhook_bad_signature"), BEHAVIOR, f"{PLAYED}/1/fault", "not signed"),
    ("webhook of what shows", both(signed("hmac-sha256-hex"), played("webhook_late", operation="getJob")), BEHAVIOR,
     f"{PLAYED}/1/fault", "no webhook goes out"),
    ("no such fault in a match", heard("stats"), BEHAVIOR, f"{HEARD}/fault/fault", "there is no fault 'stats'"),
    ("no such parameter in a match", heard("status", code=503), BEHAVIOR, f"{HEARD}/fault/code", "no parameter 'code'"),
    ("selector in a match", heard("status", probability=0.5), BEHAVIOR, f"{HEARD}/fault/probability", "no meaning"),
    ("operation in a match", heard("status", operation="gone"), BEHAVIOR, f"{HEARD}/fault/operation", "no meaning"),
    ("match that creates nothing", heard("status", "cancelJob"), BEHAVIOR, f"{HEARD}/operations", "creates nothing"),
    ("no lock in a match", heard("lock_held"), BEHAVIOR, f"{HEARD}/fault/fault", "any number of active jobs"),
    ("fault of later requests in a match", heard("progress_back"), BEHAVIOR, f"{HEARD}/fault/fault", "other requests"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_mistake_is_named(tmp_path: Path, row: Row) -> None:
    assert_named(tmp_path / "small", row)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_the_start_stops_at_it_in_the_same_words(tmp_path: Path, row: Row) -> None:
    documents = good()
    row[1](documents)
    folder = write(tmp_path / "small", documents)
    with pytest.raises(ContractError) as caught:
        start([folder])
    told = CliRunner().invoke(main, ["check", str(folder)]).output
    assert any(f.file == f"small/{row[2]}" and f.pointer == f"#{row[3]}" for f in caught.value.findings)
    for finding in caught.value.findings:
        assert f"{finding.file}:{finding.line}: {finding.pointer}: {finding.sentence}\n    {finding.remedy}" in told


def test_the_serve_command_says_where_and_what(tmp_path: Path) -> None:
    documents = good()
    put(documents[BEHAVIOR], PLAYED, [{"fault": "stats"}])
    folder = write(tmp_path / "small", documents)
    told = CliRunner().invoke(main, ["serve", "--port", "0", "--contracts", str(folder)])
    assert told.exit_code == 2
    remedy = "Did you mean 'status'?"
    assert f"small/behavior.json:1: #{PLAYED}/0/fault: there is no fault 'stats'. Remedy: {remedy}" in told.output


GOOD: list[Mutation] = [
    played("status", operation="getJob", times=2, probability=0.5, every=2, first=9, for_seconds=60, at_once=1),
    played("stuck", state="queued"),
    played("given_body", state="running", operation="getJob"),
    played("webhook_late", operation="submitJob"),
    both(signed("hmac-sha256-hex"), played("webhook_bad_signature")),
    heard("not_found_after_create", seconds=5),
    heard("webhook_before_answer"),
    heard("skewed_date", seconds=-60),
]


@pytest.mark.parametrize("mutation", GOOD)
def test_what_can_take_effect_is_no_mistake(tmp_path: Path, mutation: Mutation) -> None:
    documents = good()
    mutation(documents)
    folder = write(tmp_path / "small", documents)
    assert [mistakes(each) for each in contracts_in([folder]) if each.name == "small"] == [[]]
