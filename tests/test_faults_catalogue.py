"""The catalogue is closed, complete, documented and tested; JSON is read into it strictly."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from fault_rows import ROWS
from test_faults_jobs import STORIES as JOB_STORIES
from test_faults_webhooks import STORIES as WEBHOOK_STORIES

from mockserver.cli import main
from mockserver.errors import UsageError
from mockserver.faults import CATALOGUE, SELECTOR, check_fault, doc_of, fault_of, kind_of, parameters_of
from mockserver.faults.base import CATEGORIES
from mockserver.faults.table import table

FIXED = {
    "status", "latency", "hang", "stall", "reset_before_headers", "reset_mid_body", "close_before_headers",
    "close_mid_body", "garbage", "bad_chunk", "answer_lost", "truncated_json", "not_found_after_create", "stuck",
    "webhook_duplicate", "webhook_bad_signature",
}  # fmt: skip
# in test_faults_jobs, language/test_webhook_endpoints, language/test_upload_pieces, language/test_idempotency
TOLD_ELSEWHERE = {"token_dies_early", "webhook_dead_endpoint", "upload_cut", "key_in_use"}
PAGE = Path(__file__).parent.parent / "contracts" / "FAULTS.md"


def test_the_names_that_users_rely_on_are_there() -> None:
    assert set(CATALOGUE) >= FIXED


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fault_is_small_frozen_and_documented(name: str) -> None:
    kind = CATALOGUE[name]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert kind.category in CATEGORIES
    assert dataclasses.is_dataclass(kind)
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError, AttributeError)):
        kind().surprise = 1
    assert re.fullmatch(r"[A-Z][^\n]+\.", doc_of(kind))


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_parameter_has_a_default_of_its_own_type_and_no_selector_s_name(name: str) -> None:
    parameters = parameters_of(CATALOGUE[name])
    assert not SELECTOR & set(parameters)
    defaults = {word: default for word, (default, _) in parameters.items()}
    assert check_fault({"fault": name}) is None
    assert check_fault({"fault": name, **defaults}) is None
    assert fault_of({"fault": name})[0] == kind_of(name)()


def test_every_fault_has_a_test_that_plays_it() -> None:
    played = {row.name for row in ROWS} | set(JOB_STORIES) | set(WEBHOOK_STORIES) | TOLD_ELSEWHERE
    assert set(CATALOGUE) - played == set(), "add a row to ROWS in tests/fault_rows.py, or a story to STORIES"
    assert played - set(CATALOGUE) == set(), "there is no such fault any more"


def test_the_page_of_documentation_is_that_of_the_code() -> None:
    assert PAGE.read_text() == table(), "run: python -m mockserver.faults.table > contracts/FAULTS.md"


def test_the_changelog_counts_the_faults_of_the_code() -> None:
    text = (PAGE.parent.parent / "CHANGELOG.md").read_text()
    assert re.findall(r"Faults: (\d+) ways", text)[:1] == [str(len(CATALOGUE))], (
        "count it in CHANGELOG.md: Faults: … ways"
    )


def test_the_command_lists_one_fault_a_line_name_first() -> None:
    result = CliRunner().invoke(main, ["faults"])
    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert [line.split()[0] for line in lines] == list(CATALOGUE)
    assert [line.split()[1] for line in lines] == [kind.category for kind in CATALOGUE.values()]
    assert 'status=503 page="json"' in result.output


def test_the_command_names_what_it_does_not_know() -> None:
    result = CliRunner().invoke(main, ["faults", "hang", "explode"])
    assert result.exit_code != 0
    assert "there is no fault 'explode'; known: " in result.output


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, "there is no fault None"),
        ({"fault": "explode"}, "there is no fault 'explode'; known: skewed_date, "),
        ({"fault": ["hang"]}, "there is no fault"),
        ({"fault": "status", "stat": 1}, "no parameter 'stat'; did you mean 'status'?"),
        ({"fault": "status", "status": "503"}, "status must be a whole number from 200 to 599, not '503'"),
        ({"fault": "status", "status": 503.5}, "status must be a whole number from 200 to 599, not 503.5"),
        ({"fault": "status", "status": True}, "status must be a whole number"),
        ({"fault": "status", "page": "apache"}, "page must be one of json, nginx, cloudflare, cloudfront, alb"),
        ({"fault": "stall", "at": 1.5}, "at must be a number from 0 to 1, not 1.5"),
        ({"fault": "stall", "at": float("nan")}, "at must be a number from 0 to 1"),
        ({"fault": "failed", "message": 7}, "message must be a text"),
        ({"fault": "hang", "times": 0}, "times must be a whole number from 1 to 1000000 or null, not 0"),
        ({"fault": "hang", "probability": 2}, "probability must be a number from 0 to 1 or null, not 2"),
        ({"fault": "hang", "operation": 3}, "operation must be a text or null, not 3"),
    ],
)
def test_what_is_wrong_with_a_fault_is_said_in_a_sentence(data: dict[str, object], why: str) -> None:
    told = check_fault(data)
    assert told is not None
    assert why in told
    with pytest.raises(UsageError):
        fault_of(data)


def test_null_is_what_a_selector_says_when_it_says_nothing() -> None:
    fault, selector = fault_of({"fault": "hang", "times": None, "operation": None})
    assert (fault, selector.times, selector.operation) == (kind_of("hang")(), None, None)
