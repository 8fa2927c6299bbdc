"""Lists: each parameter means one thing, pages lead on and back by any style, and a walk ends while jobs are added."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from check_kit import Mutation, behave, both, show, without
from language_kit import NAME, Served, findings, serving
from lives_kit import cancelling, state

KEY = {"X-API-Key": "demo-key"}
LIST = "/paths/~1v1~1jobs/get"
SHOWN = f"{LIST}/responses/200/content/application~1json"
SIZE = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 50, "default": 2}}
PAGE = {
    "first": ["string", "null"], "last": ["string", "null"], "next": ["string", "integer", "null"],
    "previous": ["string", "integer", "null"], "next_url": ["string", "null"], "previous_url": ["string", "null"],
    "more": ["boolean"], "total": ["integer"], "pages": ["integer"], "number": ["integer", "null"],
    "offset": ["integer", "null"], "count": ["integer"], "url": ["string"],
}  # fmt: skip
VALUES: dict[str, Any] = {"more": True, "total": 1, "pages": 1, "number": 1, "offset": 1, "count": 1}


def query(name: str, schema: Any, **more: Any) -> Any:
    return {"name": name, "in": "query", "schema": schema, **more}


def listed(parameters: dict[str, Any], *declared: Any, **words: Any) -> Mutation:
    """A list that tells everything of its page, with these parameters and further words."""
    item = {"id": "x", "status": "queued", "prompt": "x", "aspect": "16:9", "progress": 0,
            "created_at": "2026-05-07T12:34:56.000Z", "ended_at": None, "picture_url": None, "error": None}  # fmt: skip
    value = {"items": [item], **{name: VALUES.get(name, "x") for name in PAGE}}
    schema = {"type": "object", "properties": {name: {"type": types} for name, types in PAGE.items()}}
    said = {"verb": "list", "resource": "job", "items": "/items", "like": "getJob", "parameters": parameters,
            "bindings": {f"/{name}": f"page.{name}" for name in PAGE}, **words}  # fmt: skip
    return lambda documents: both(
        show(f"{LIST}/parameters", deepcopy([SIZE, *declared])),
        show(f"{SHOWN}/schema", schema),
        show(f"{SHOWN}/examples", {"ok": {"value": value}}),
        behave("/operations/listJobs", deepcopy(said)),
    )(documents)


AFTER = listed({"limit": "limit", "after": "after", "before": "before"}, query("after", {}), query("before", {}))
TOKEN = listed({"limit": "limit", "cursor": "token"}, query("cursor", {"type": "string"}))
NUMBERED = listed({"limit": "limit", "page": "page"}, query("page", {"type": "integer", "minimum": 1}))
FROM_ZERO = listed({"limit": "limit", "page": "page"}, query("page", {"type": "integer", "default": 0}))
OFFSET = listed({"limit": "limit", "skip": "offset"}, query("skip", {"type": "integer", "minimum": 0}))
STYLES = {"after": AFTER, "token": TOKEN, "page": NUMBERED, "page from 0": FROM_ZERO, "offset": OFFSET}


def page(own: Served, url: str = "", **asked: Any) -> Any:
    told = own.http.get(url or "/v1/jobs", params=asked or None, headers=KEY)
    assert told.status_code == 200, told.text
    return told.json()


def ids(found: Any) -> list[str]:
    return [each["id"] for each in found["items"]]


def made(own: Served, number: int) -> list[str]:
    """Jobs, newest first."""
    found = []
    for _ in range(number):
        found.append(own.submit().json()["id"])
        own.advance(1)
    return found[::-1]


def walk(own: Served, word: str, begin: Any, between: Callable[[], Any] = lambda: None) -> Iterator[Any]:
    """Pages from one on, as their URLs lead."""
    found = begin
    for _ in range(20):
        yield found
        if not found[word]:
            return
        between()
        found = page(own, found[word])
    raise AssertionError("the walk does not end")


@pytest.mark.parametrize("style", STYLES)
def test_pages_lead_on_to_the_end_and_back_to_the_beginning(style: str, tmp_path: Path) -> None:
    with serving(tmp_path, STYLES[style]) as own:
        jobs = made(own, 5)
        pages = list(walk(own, "next_url", page(own)))
        assert [ids(each) for each in pages] == [jobs[:2], jobs[2:4], jobs[4:]]
        assert [each["more"] for each in pages] == [True, True, False]
        assert [(each["first"], each["last"]) for each in pages] == [(ids(p)[0], ids(p)[-1]) for p in pages]
        assert {(each["total"], each["pages"]) for each in pages} == {(5, 3)}
        back = list(walk(own, "previous_url", pages[-1]))
        assert [ids(each) for each in back] == [ids(each) for each in pages[::-1]]


DELETED = {"queued": "deleted", "running": "cancelled"}
LONG = behave("/resources/job/run", {"queued": {"fixed": 100}, "running": {"fixed": 100}})


@pytest.mark.parametrize("style", STYLES)
def test_what_is_gone_is_on_no_page_and_is_not_counted(style: str, tmp_path: Path) -> None:
    deleting = cancelling(DELETED, queued="Queued", running="Running")
    with serving(tmp_path, STYLES[style], LONG, state("deleted", gone=True), deleting) as own:
        jobs = made(own, 5)
        for each in jobs[1::2]:
            assert own.http.post(f"/v1/jobs/{each}/cancel", headers=KEY).status_code == 200
        pages = list(walk(own, "next_url", page(own)))
        assert [ids(each) for each in pages] == [[jobs[0], jobs[2]], [jobs[4]]]
        assert {(each["total"], each["pages"]) for each in pages} == {(3, 2)}


@pytest.mark.parametrize("style", STYLES)
def test_a_page_tells_its_own_url(style: str, tmp_path: Path) -> None:
    with serving(tmp_path, STYLES[style]) as own:
        made(own, 5)
        for each in walk(own, "next_url", page(own, limit=1)):
            again = own.http.get(each["url"], headers=KEY).json()
            assert (ids(again), again["url"], "limit=1" in again["url"]) == (ids(each), each["url"], True)


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("style", ["after", "token"])
def test_a_walk_ends_and_shows_no_job_twice_while_jobs_are_added(style: str, order: str, tmp_path: Path) -> None:
    with serving(tmp_path, STYLES[style], behave("/operations/listJobs/order", order)) as own:
        jobs = made(own, 5)
        seen = [i for each in walk(own, "next_url", page(own), lambda: own.submit()) for i in ids(each)]
        assert len(seen) == len(set(seen))
        assert set(jobs) <= set(seen)


@pytest.mark.parametrize("style", ["after", "token"])
def test_with_every_request_a_stepping_clock_and_a_filter_a_walk_ends(style: str, tmp_path: Path) -> None:
    with serving(tmp_path, STYLES[style], behave("/operations/listJobs/states", ["queued"])) as own:
        jobs = made(own, 3)
        own.advance(100)
        jobs = [*made(own, 1), own.submit().json()["id"]]
        seen = [i for each in walk(own, "next_url", page(own, limit=1)) for i in ids(each)]
        assert seen == jobs[:1] or seen == jobs[::-1]


def test_numbers_of_pages_are_told_and_begin_where_the_schema_says(tmp_path: Path) -> None:
    for style, numbers in (("page", [(1, "2", None), (2, "3", "1")]), ("page from 0", [(0, "1", None), (1, "2", "0")])):
        with serving(tmp_path / style.replace(" ", ""), STYLES[style]) as own:
            made(own, 5)
            first = page(own)
            second = page(own, page=first["next"])
            assert [(e["number"], e["next"], e["previous"]) for e in (first, second)] == numbers


def test_an_offset_is_told_as_the_example_shows_it_and_behind_the_end_the_page_is_empty(tmp_path: Path) -> None:
    with serving(tmp_path, OFFSET) as own:
        jobs = made(own, 5)
        found = page(own, skip=1)
        assert (ids(found), found["offset"], found["next"], found["previous"]) == (jobs[1:3], 1, "3", "0")
        beyond = page(own, skip=10**17)
        assert (ids(beyond), beyond["more"], beyond["next_url"], beyond["total"]) == ([], False, None, 5)


def test_the_way_back_from_a_job_tells_whether_there_is_more_on_that_way(tmp_path: Path) -> None:
    with serving(tmp_path, AFTER) as own:
        jobs = made(own, 5)
        found = page(own, before=jobs[3])
        assert (ids(found), found["more"]) == (jobs[1:3], True)
        found = page(own, before=jobs[1])
        assert (ids(found), found["more"], found["previous"], found["next"]) == (jobs[:1], False, None, jobs[0])


def test_no_limit_lets_an_empty_page_lead_on(tmp_path: Path) -> None:
    with serving(tmp_path, AFTER) as own:
        made(own, 2)
        found = page(own, limit=0)
        assert (ids(found), found["next"], found["next_url"]) == ([], None, None)


def other_account(own: Served) -> str:
    """A job of somebody else."""
    side = own.sandbox.apis[NAME]
    other = own.http.post(f"{own.root}/_mock/sandboxes/default/accounts", json={"api": NAME}).json()
    told = own.http.post("/v1/jobs", json={"prompt": "x"}, headers={"X-API-Key": other["api_key"]})
    assert side.contract.name == NAME
    return str(told.json()["id"])


@pytest.mark.parametrize("cursor", ["nothing", "", "a b", "b246IA", "é", "foreign"])
@pytest.mark.parametrize("style", ["after", "token"])
def test_a_cursor_that_leads_to_nothing_here_is_refused(style: str, cursor: str, tmp_path: Path) -> None:
    with serving(tmp_path, STYLES[style]) as own:
        made(own, 3)
        name, sent = ("cursor" if style == "token" else "after"), cursor
        if cursor == "foreign":
            sent = other_account(own)
        told = own.http.get("/v1/jobs", params={name: sent}, headers=KEY)
        assert told.status_code == 400, told.text
        assert own.sandbox.journal.last().example == "bad_request"  # type: ignore[union-attr]


@pytest.mark.parametrize("style", ["after", "token", "page"])
def test_a_cursor_that_leads_to_nothing_has_a_problem_of_its_own_where_the_contract_says(
    style: str, tmp_path: Path
) -> None:
    name = {"token": "cursor"}.get(style, style)
    own_problem = behave("/operations/listJobs/invalid", {f"query.{name}": "no_cursor"})
    shown = show(f"{LIST}/responses/404", {"description": "None", "content": {"application/json": {
        "examples": {"no_cursor": {"value": {"error": "no such cursor"}}}}}})  # fmt: skip
    any_text = show(f"{LIST}/parameters/1/schema", {"type": "string"})
    with serving(tmp_path, STYLES[style], own_problem, shown, any_text) as own:
        assert own.http.get(f"/v1/jobs?{name}=x", headers=KEY).json() == {"error": "no such cursor"}


@pytest.mark.parametrize("sent", ["page=0", "page=x", "page=-1", "limit=51", "limit=x"])
def test_a_number_that_is_none_is_refused(sent: str, tmp_path: Path) -> None:
    with serving(tmp_path, NUMBERED) as own:
        assert own.http.get(f"/v1/jobs?{sent}", headers=KEY).status_code == 400


WORDS = {"asc": True, "desc": False, "oldest": True, "-created_at": False, "created_at": True, "created:desc": False}


@pytest.mark.parametrize("word", WORDS)
def test_an_order_is_asked_for_in_the_words_of_many_vendors(word: str, tmp_path: Path) -> None:
    with serving(tmp_path, listed({"sort": "order", "limit": "limit"}, query("sort", {"enum": list(WORDS)}),
                                  bindings={"/more": "page.more"})) as own:  # fmt: skip
        jobs = made(own, 3)
        assert ids(page(own, sort=word, limit=9)) == (jobs[::-1] if WORDS[word] else jobs)
        assert ids(page(own, limit=9)) == jobs


DEEP = query("created", {"anyOf": [{"type": "integer"}, {"type": "object", "properties": {
    "gte": {"type": "integer"}, "lte": {"type": "integer"}, "gt": {"type": "integer"}, "lt": {"type": "integer"}}}]},
    style="deepObject", explode=True)  # fmt: skip
TIMES = listed(
    {"created[gte]": "created.from", "created[lte]": "created.until", "created[gt]": "created.after",
     "created[lt]": "created.before", "day": "created.on", "limit": "limit"},
    DEEP, query("day", {"type": "string"}), bindings={"/more": "page.more"})  # fmt: skip
START = 1_000_000_000


@pytest.mark.parametrize(("asked", "fitting"), [
    ({"created[gte]": START + 2}, [0, 1, 2]), ({"created[lte]": START + 2}, [2, 3, 4]),
    ({"created[gt]": START + 2}, [0, 1]), ({"created[lt]": START + 2}, [3, 4]),
    ({"created[gte]": START + 1, "created[lt]": START + 3}, [2, 3]),
    ({"day": "2001-09-09"}, [0, 1, 2, 3, 4]), ({"day": "2001-09-08"}, []),
    ({"day": "2001-09-09T01:46:42Z"}, [2]), ({"day": "2001-09-09T03:46:42+02:00"}, [2]),
    ({"day": "2001-09-09T01:46Z"}, [0, 1, 2, 3, 4]), ({"day": f"{START + 2}000"}, [2]),
])  # fmt: skip
def test_jobs_of_a_time_are_asked_for(asked: dict[str, Any], fitting: list[int], tmp_path: Path) -> None:
    with serving(tmp_path, TIMES) as own:
        jobs = made(own, 5)
        assert ids(page(own, limit=9, **asked)) == [jobs[i] for i in fitting]


@pytest.mark.parametrize("sent", ["day=yesterday", "day=2001-13-01", "created[gte]=x", "created[gte]=1&created[gte]=2",
                                  "created[gte][x]=1", "created=x", "day=9999999999999999999"])  # fmt: skip
def test_a_time_that_is_none_is_refused(sent: str, tmp_path: Path) -> None:
    with serving(tmp_path, TIMES) as own:
        told = own.http.get(f"/v1/jobs?{sent}", headers=KEY)
        assert told.status_code == (200 if sent.endswith("99") else 400), told.text


def test_urls_of_pages_keep_the_other_parameters_members_and_lists_included(tmp_path: Path) -> None:
    change = listed({"created[gte]": "created.from", "status": "state", "limit": "limit", "cursor": "token"},
                    DEEP, query("cursor", {}), query("status", {"type": "array", "items": {"type": "string"}}),
                    bindings={"/next_url": "page.next_url", "header.Link": "page.link"})  # fmt: skip
    link = show(f"{LIST}/responses/200/headers", {"Link": {"schema": {"type": "string"}}})
    with serving(tmp_path, change, link) as own:
        made(own, 4)
        sent = {"created[gte]": START, "status": ["queued", "running"], "limit": 1}
        pages = list(walk(own, "next_url", page(own, **sent)))
        pairs = parse_qsl(pages[0]["next_url"].partition("?")[2])
        kept = [("created[gte]", str(START)), ("limit", "1"), ("status", "queued"), ("status", "running")]
        assert sorted(pairs[:-1]) == kept
        assert pairs[-1][0] == "cursor"


def links(own: Served, url: str) -> dict[str, str]:
    told = own.http.get(url, headers=KEY).headers.get("link", "")
    return {name: where for where, name in re.findall(r'<([^>]*)>; rel="(\w+)"', told)}


def test_a_header_links_the_pages_as_rfc_8288_says(tmp_path: Path) -> None:
    header = show(f"{LIST}/responses/200/headers", {"Link": {"schema": {"type": "string"}}})
    bound = behave("/operations/listJobs/bindings/header.Link", "page.link")
    with serving(tmp_path, NUMBERED, header, bound) as own:
        assert own.http.get("/v1/jobs", headers=KEY).headers.get("link") is None
        made(own, 5)
        first = links(own, "/v1/jobs")
        middle, last = links(own, first["next"]), links(own, first["last"])
        assert [sorted(each) for each in (first, middle, last)] == [
            ["last", "next"], ["first", "last", "next", "prev"], ["first", "prev"]]  # fmt: skip
        assert ids(page(own, last["first"])) == ids(page(own))


def test_a_parameter_asks_for_jobs_of_which_a_fact_equals_it(tmp_path: Path) -> None:
    phase = {"fact": "state", "of": {"queued": "active"}, "else": "done"}
    declared = query("prompt", {"type": "string"}), query("phase", {"type": "string"})
    said = {"prompt": "request./prompt", "phase": phase, "limit": "limit"}
    with serving(tmp_path, listed(said, *declared, bindings={"/total": "page.total"})) as own:
        cat = own.submit(prompt="cat").json()["id"]
        own.advance(100)
        dog = own.submit(prompt="dog").json()["id"]
        asked: list[dict[str, str]] = [{"prompt": "cat"}, {"phase": "active"}, {"phase": "done"}, {"phase": "x"}]
        assert [ids(page(own, **each)) for each in asked] == [[cat], [dog], [cat], []]
        assert page(own, prompt="cat")["total"] == 1


def test_items_answer_as_the_operation_does_that_they_are_like(tmp_path: Path) -> None:
    with serving(tmp_path, AFTER, behave("/quirks/loud/default", False)) as own:
        jobs = made(own, 2)
        own.advance(100)
        listed_now = {each["id"]: each for each in page(own)["items"]}
        for identity in jobs:
            shown = own.show(identity)
            url = shown.pop("picture_url"), listed_now[identity].pop("picture_url")
            assert all(url)
            assert listed_now[identity] == shown


def test_a_size_that_is_fixed_needs_no_parameter(tmp_path: Path) -> None:
    change = listed({"cursor": "token"}, query("cursor", {}), limit=3)
    with serving(tmp_path, change) as own:
        made(own, 4)
        assert [len(ids(each)) for each in walk(own, "next_url", page(own))] == [3, 1]


MISTAKES: list[tuple[str, Mutation, str]] = [
    ("a parameter nobody declares", listed({"curser": "after", "limit": "limit"}, query("cursor", {})),
     "#/operations/listJobs/parameters: listJobs has no query parameter 'curser'. Remedy: Did you mean 'cursor'?"),
    ("a member nobody declares", listed({"created[gt]": "created.from", "limit": "limit"},
     query("created", {"type": "object", "properties": {"gte": {}}, "additionalProperties": False},
           style="deepObject")),
     "has no query parameter 'created[gt]'"),
    ("no size", both(AFTER, without("openapi.json", f"{LIST}/parameters/0/schema/default")), "cannot be told"),
    ("a state of an enum", listed({"s": "state", "limit": "limit", "a": "after"}, query("a", {}),
     query("s", {"enum": ["queud"]})), "allows 'queud', which is no state. Remedy: Did you mean 'queued'?"),
    ("an order of an enum", listed({"s": "order", "limit": "limit", "a": "after"}, query("a", {}),
     query("s", {"enum": ["asc", "name"]})), "allows 'name', and lists are in the order of creation"),
    ("no way to a page", listed({"limit": "limit"}), "nothing leads to another page"),
    ("items like nothing", behave("/operations/listJobs/like", "getJbo"), "Did you mean 'getJob'?"),
    ("a fact that is not there", listed({"limit": "limit", "a": "account.team"}, query("a", {}),
     bindings={"/more": "page.more"}), "accounts have no 'team'"),
    ("a cursor elsewhere", both(AFTER, behave("/operations/listJobs/invalid", {"query.afer": "bad_request"})),
     "query.afer is no cursor of this list. Remedy: Did you mean 'query.after'?"),
]  # fmt: skip


@pytest.mark.parametrize(("mutation", "word"), [r[1:] for r in MISTAKES], ids=[r[0] for r in MISTAKES])
def test_a_mistake_in_a_list_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), found


def test_the_words_of_before_are_read_as_before(tmp_path: Path) -> None:
    with serving(tmp_path) as own:
        made(own, 3)
        first = own.http.get("/v1/jobs?limit=2", headers=KEY).json()
        assert (len(first["items"]), first["next"]) == (2, first["items"][-1]["id"])
        assert own.http.get("/v1/jobs?after=unknown", headers=KEY).json()["items"] == []


MAP = {"type": "object", "additionalProperties": {"type": "string"}}
SEARCHED = both(
    listed({"limit": "limit", "after": "after", "search": {"contains": "request./prompt"}, "labels": "request./labels"},
           query("after", {}), query("search", {"type": "string"}), query("labels", MAP, style="deepObject")),
    show("/components/schemas/JobRequest/properties/labels", MAP),
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "boat"}, ["A Boat", "Boats"]),
        ({"search": "BOATS"}, ["Boats"]),
        ({"search": ""}, ["A Boat", "Boats", "A kite"]),
        ({"search": "ship"}, []),
        ({"labels[shop]": "x"}, ["A Boat", "Boats"]),
        ({"labels[shop]": "x", "labels[order]": "7"}, ["A Boat"]),
        ({"labels[shop]": "y"}, []),
        ({"labels[none]": "x"}, []),
        ({"labels[shop]": "x", "search": "boats"}, ["Boats"]),
    ],
)
def test_a_filter_may_be_a_part_of_a_text_or_members_of_an_object(
    asked: dict[str, str], found: list[str], tmp_path: Path
) -> None:
    with serving(tmp_path, SEARCHED) as own:
        own.submit(prompt="A Boat", labels={"shop": "x", "order": "7"})
        own.submit(prompt="Boats", labels={"shop": "x", "order": "8"})
        own.submit(prompt="A kite")
        assert sorted(each["prompt"] for each in page(own, limit="50", **asked)["items"]) == sorted(found)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"contains": "request./promt"}, "/promt"),
        ({"contain": "request./prompt"}, "'contain'"),
        ({"contains": 3}, "3"),
    ],
)
def test_a_part_of_nothing_is_named(said: Any, word: str, tmp_path: Path) -> None:
    mutation = both(SEARCHED, behave("/operations/listJobs/parameters/search", said))
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), found
