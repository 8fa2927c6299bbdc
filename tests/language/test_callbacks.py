"""A callback of the operation that creates says where its webhook goes: openapi.json alone, in one expression."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from api_kit import receiving
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, both, show
from language_kit import SUBMIT, findings, serving
from webhook_words_kit import KEY, RUN, body_of, event_of, without

OWN = f"{SUBMIT}/callbacks"
BODY = "{$request.body#/callback}"


def called(key: str = BODY, at: str = OWN, **words: Any) -> Mutation:
    """A callback that says when the job has ended; behavior.json names it, and little more."""
    item = {"post": {"requestBody": body_of("succeeded", "failed"), "responses": {"200": {"description": "Taken"}}}}
    bindings = {"/job/id": "id", "/event": "webhook.event", "/at": "updated"}
    return both(
        show("/webhooks", {}), behave("/webhooks", {"told": {"bindings": bindings, **words}}),
        show(at, {"told": {key: item}}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "where", "name"),
    [(BODY, "", ""), ("{$request.query.hook}", "query", "hook"), ("{$request.header.X-Hook}", "header", "X-Hook")],
)
def test_a_callback_goes_where_the_request_says(key: str, where: str, name: str, tmp_path: Path) -> None:
    declared = show(f"{SUBMIT}/parameters", [{"name": name, "in": where, "schema": {"type": "string"}}] if name else [])
    with receiving() as receiver, serving(tmp_path, called(key), declared, RUN) as own:
        body = {"prompt": "x", **({} if name else {"callback": receiver.url})}
        more = {name: receiver.url} if name else {}
        sent = own.http.post(
            "/v1/jobs",
            json=body,
            headers={**KEY, **(more if where == "header" else {})},
            params=more if where == "query" else {},
        )
        assert sent.status_code == 201
        own.advance(100)
        assert [event_of(each) for each in receiver.got] == [("succeeded", 13)]


def test_a_callback_may_be_one_of_components_with_or_without_a_reference(tmp_path: Path) -> None:
    shared = called(at="/components/callbacks")
    named = show(OWN, {"told": {"$ref": "#/components/callbacks/told"}})
    for folder, mutations in (("a", [shared]), ("b", [shared, named])):
        with receiving() as receiver, serving(tmp_path / folder, *mutations, RUN) as own:
            own.submit(callback=receiver.url)
            own.advance(100)
            assert [event_of(each) for each in receiver.got] == [("succeeded", 13)]


def test_a_callback_tells_of_what_its_operation_creates_among_several_resources(tmp_path: Path) -> None:
    other = behave("/resources/other", {"id": "hex", "initial": "there", "states": {"there": {}}})
    with receiving() as receiver, serving(tmp_path, called(), other, RUN) as own:
        own.submit(callback=receiver.url)
        own.advance(100)
        assert [event_of(each) for each in receiver.got] == [("succeeded", 13)]


def test_a_request_that_names_no_target_has_no_webhook(tmp_path: Path) -> None:
    with serving(tmp_path, called(), RUN) as own:
        own.submit()
        own.advance(100)
        assert not own.running.default.webhooks


@pytest.mark.parametrize(
    "key",
    ["{$request.body#/callback}?x=1", "https://acme.com/hook", "{$response.body#/id}", "{$request.body}", "{$url}"],
)
def test_another_expression_is_named(key: str, tmp_path: Path) -> None:
    found = findings(tmp_path, called(key))
    assert any("no single expression" in each and "openapi.json" in each and "callbacks" in each for each in found)


def test_two_expressions_are_a_mistake(tmp_path: Path) -> None:
    second = show(f"{OWN}/told/{{$request.query.x}}", {"post": {}})
    assert any("no single expression" in each for each in findings(tmp_path, called(), second))


def test_where_it_goes_is_said_once_and_not_left_out(tmp_path: Path) -> None:
    twice = findings(tmp_path / "a", called(to="request./callback"))
    assert any("says where it goes, and 'to' says it once more" in each for each in twice)
    both_ways = behave("/webhooks/ended/to", "account")
    assert any("both target and to" in each for each in findings(tmp_path / "b", both_ways))
    nowhere = without("behavior.json", "webhooks", "ended", "target")
    assert any("nothing says where it goes" in each for each in findings(tmp_path / "c", nowhere))


def test_a_name_that_openapi_does_not_have_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    renamed = both(called(), behave("/webhooks", {"tolds": {"resource": "job", "like": "getJob"}}))
    found = findings(tmp_path, renamed)
    assert any("openapi.json has no webhook 'tolds'" in each and "'told'" in each for each in found), found


def test_a_field_that_no_request_has_is_named(tmp_path: Path) -> None:
    assert any("has a field /gone" in each for each in findings(tmp_path, called("{$request.body#/gone}")))


def another_way_to_submit(documents: Documents) -> None:
    """The same operation at another path, whose callback goes where its query says."""
    paths = documents[OPENAPI]["paths"]
    other = copy.deepcopy(paths["/v1/jobs"]["post"])
    other |= {"operationId": "submitOther", "parameters": [{"name": "h", "in": "query", "schema": {"type": "string"}}]}
    (item,) = other["callbacks"]["told"].values()
    other["callbacks"]["told"] = {"{$request.query.h}": item}
    paths["/v1/others"] = {"post": other}
    submit = documents[BEHAVIOR]["operations"]["submitJob"]
    documents[BEHAVIOR]["operations"]["submitOther"] = copy.deepcopy(submit)


def test_a_callback_of_one_name_at_two_operations_goes_where_each_says(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, called(), another_way_to_submit, RUN) as own:
        own.submit(callback=f"{receiver.url}/body")
        params, body = {"h": f"{receiver.url}/query"}, {"prompt": "x", "callback": f"{receiver.url}/unread"}
        own.http.post("/v1/others", headers=KEY, params=params, json=body).raise_for_status()
        own.advance(100)
        assert [each.path.rpartition("/")[2] for each in receiver.got] == ["body", "query"]
