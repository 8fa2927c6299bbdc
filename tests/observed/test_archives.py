"""What is taken from an archive, whatever wrote it: answers, limits, what was refused, and no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from archive_kit import archive, call, job

from mockserver.contract import Limit
from mockserver.observed import contract_of
from mockserver.observed.archive import calls_of
from mockserver.observed.refusals import told_apart
from mockserver.observed.taken import RequestParts
from mockserver.ratelimit import Hit, headers, style_of

STYLES = ("draft-6", "draft-7", "draft-8", "draft-11", "legacy", "none")


def of(*entries: Any) -> Any:
    return calls_of(archive(*entries))


def test_an_answer_on_which_a_tool_commented_nothing_is_read() -> None:
    entry = call(0, "GET", "/v1/jobs/1", 200, job("done"))
    entry["response"]["content"]["comment"] = ""
    assert of(entry)[0].answer == job("done")


def test_secrets_in_headers_of_answers_are_in_no_contract() -> None:
    answered = {"X-Auth-Token": "tok-1234567890ab", "X-Copy": "tok-1234567890ab", "X-Version": "7"}
    made = contract_of(archive(call(0, "GET", "/v1/limits", 200, {"a": 1}, answered=answered)), "Acme")
    assert "tok-1234567890ab" not in json.dumps(made.openapi)
    response = made.openapi["paths"]["/v1/limits"]["get"]["responses"]["200"]
    assert [*response["headers"]] == ["X-Version"]


def test_what_requests_that_were_taken_asked_for_as_well_refuses_none() -> None:
    taken, refused = of(
        call(0, "GET", "/v1/jobs?limit=10", 200, []), call(1, "GET", "/v1/jobs?limit=10&page=zero", 400, {"e": "no"})
    )
    assert told_apart(refused, RequestParts([taken])) == ("query.page", "zero")


@pytest.mark.parametrize("style", STYLES)
def test_the_way_in_which_limits_are_told_is_recognised(style: str) -> None:
    limit = Limit("requests", "account", frozenset(), 100, 60.0)
    told = {name.decode(): value.decode() for name, value in headers(style, Hit(limit, 99, 30.0, refused=False), 0.0)}
    assert style_of(told) == style
    if style != "none":
        made = contract_of(archive(call(0, "GET", "/v1/limits", 200, {"a": 1}, answered=told)), "Acme").behavior
        assert (made["limit_headers"], made["limits"][0]["limit"]) == (style, 100)


def test_a_credential_is_in_no_contract_though_an_answer_told_it_first() -> None:
    """Under a name that says nothing, before any request carried it."""
    told = call(0, "POST", "/v1/login", 200, {"data": "tok-1234567890ab"}, body={"user": "a"})
    used = call(1, "GET", "/v1/limits", 200, {"a": 1}, headers={"authorization": "Bearer tok-1234567890ab"})
    made = contract_of(archive(told, used), "Acme")
    assert "tok-1234567890ab" not in json.dumps([made.openapi, made.behavior])
