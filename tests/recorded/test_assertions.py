"""Assertions on requests: what is equal, what is contained, and failures that name the nearest request."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import ANY

import httpx
import pytest

from mockserver.errors import UsageError
from mockserver.steering import ApiHandle, SandboxHandle


@pytest.fixture
def api(world: SandboxHandle) -> ApiHandle:
    made = world.api("miraflow")
    with httpx.Client(base_url=made.url, headers={"x-api-key": made.api_key, "X-Trace": "7"}) as client:
        client.post("/api/image/generate?dry=1", json={"prompt": "a cat", "more": {"n": 1, "on": True}})
        client.post("/api/image/generate", json={"prompt": "a dog", "secret": "hush-hush"})
        client.post("/api/form", data={"a": "1", "b": "x", "api_key": "hush-hush"})
    return made


CREATE = "generateImage"


@pytest.fixture(autouse=True)
def named(api: ApiHandle) -> None:
    assert api.requests[0].operation == CREATE


@pytest.mark.parametrize(
    "expected",
    [
        {"times": 2},
        {"json": {"prompt": "a cat", "more": {"n": 1, "on": True}}},
        {"json": {"prompt": ANY, "more": ANY}},
        {"headers": {"X-TRACE": 7}, "times": 2},
        {"headers": {"x-missing": None}, "query": {"dry": 1}, "times": 1},
        {"headers": {"x-trace": ["7"]}, "query": {"dry": ["1"]}},
        {"method": "post", "path": "/api/image/generate"},
        {"path": re.compile("/api/image/.*"), "where": lambda each: each.json()["prompt"] == "a dog"},
        {"content": b'{"prompt":"a dog","secret":"hush-hush"}'},
    ],
)
def test_what_agrees_is_found(api: ApiHandle, expected: dict[str, Any]) -> None:
    found = api.assert_requested(CREATE, **expected)
    assert {each.operation for each in found} == {CREATE}


def test_a_form_is_equal_in_all_its_fields(api: ApiHandle) -> None:
    api.assert_requested(path="/api/form", form={"a": 1, "b": "x", "api_key": ANY})
    api.assert_not_requested(path="/api/form", form={"a": 1, "b": "x"})


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"json": {"prompt": "a cat", "more": {"n": 2, "on": 1}}},
         ["nearest: POST /api/image/generate → ", "json/more/n: expected 2, was 1", "json/more/on: expected 1, was T"]),
        ({"json": {"prompt": "a cat"}}, ["json/more: not expected, was {'n': 1, 'on': True}"]),
        ({"json": {"prompt": "a cat", "more": {"n": 1, "on": True}, "x": [1]}}, ["json/x: expected [1], was missing"]),
        ({"headers": {"x-trace": "8", "x-new": "1"}},
         ["header 'x-trace': expected '8', was '7'", "header 'x-new': expected '1', was missing"]),
        ({"query": {"dry": None}, "status": 418, "json": ANY}, ["status: expected 418, was "]),
        ({"times": 3}, ["expected exactly 3 matching requests (generateImage), found 2 among 3 requests:"]),
        ({"content": b'{"prompt":"a cow"}'}, ["they part at byte 13"]),
        ({"form": {"a": 1}}, ["form 'a': expected 1, was missing"]),
        ({"where": lambda each: False}, ["where: it says no"]),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_named_with_the_nearest_request(
    api: ApiHandle, expected: dict[str, Any], said: list[str]
) -> None:
    with pytest.raises(AssertionError) as failure:
        api.assert_requested(CREATE, **expected)
    for each in said:
        assert each in str(failure.value)
    assert len(str(failure.value).splitlines()) <= 10


def test_a_failure_shows_no_secret(api: ApiHandle) -> None:
    with pytest.raises(AssertionError) as failure:
        api.assert_requested(CREATE, json={"prompt": "hush-hush", "secret": "other"}, headers={"x-api-key": "other"})
    assert not re.search(f"hush|{api.api_key}|'other'", str(failure.value))
    assert "header 'x-api-key': expected [redacted], was [redacted]" in str(failure.value)


def test_never_and_in_order(api: ApiHandle) -> None:
    found = api.assert_requested_in_order(
        CREATE, {"json": ANY, "where": lambda each: "dog" in each.text}, "POST /api/form"
    )
    assert [each.n for each in found] == [1, 2, 3]
    with pytest.raises(AssertionError, match=r"step 2, POST /api/image/generate, did not come behind POST /api/form"):
        api.assert_requested_in_order("POST /api/form", "POST /api/image/generate")
    with pytest.raises(AssertionError, match=r"expected no matching request \(generateImage\), found 2 among 3"):
        api.assert_not_requested(CREATE)
    api.assert_not_requested(CREATE, json={})


def test_nothing_sent_is_said(world: SandboxHandle) -> None:
    with pytest.raises(AssertionError, match="found 0 among 0 requests:\n  the client sent none"):
        world.api("vidgen").assert_requested("createJob")


def test_a_name_that_no_operation_has_is_never_found_missing(api: ApiHandle) -> None:
    for call in (api.assert_requested, api.assert_not_requested, api.assert_requested_in_order):
        with pytest.raises(UsageError, match="there is no operation 'generateImge'; did you mean 'generateImage'"):
            call("generateImge")
    with pytest.raises(UsageError, match="a step is an operation"):
        api.assert_requested_in_order({"oparation": "x"})
    with pytest.raises(UsageError, match="one body"):
        api.assert_requested(json={}, form={})
