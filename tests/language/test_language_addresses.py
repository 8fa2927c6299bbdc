"""Where an operation is: base paths of servers, text around parameters, several of them, ids anywhere in a request."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, both, show, without
from language_kit import NAME, SHOW, findings, serving

from mockserver.app.routes import RouteTable
from mockserver.live.credentials import Credentials
from mockserver.live.server import Live
from mockserver.testing.findings import Findings
from mockserver.testing.session import Session

KEY = {"X-API-Key": "demo-key"}
HOST = {"Host": "api.acme.com", **KEY}


def at(*urls: str) -> Mutation:
    return show("/servers", [{"url": url} for url in urls])


def moved(old: str, new: str, *names: str) -> Mutation:
    """A path by another name, with these parameters."""

    def move(documents: Documents) -> None:
        paths = documents[OPENAPI]["paths"]
        paths[new] = paths.pop(old)
        given = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names]
        paths[new]["parameters"] = given

    return move


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://api.acme.com/v9", "/v9"),
        ("https://api.acme.com/v9/", "/v9"),
        ("https://api.acme.com", ""),
        ("/v9", "/v9"),
        (f"/{NAME}/v9", "/v9"),
        (f"/{NAME}", ""),
        ("/", ""),
        ("v9", "/v9"),
    ],
)
def test_the_base_path_of_a_server_belongs_to_the_address(url: str, base: str, tmp_path: Path) -> None:
    with serving(tmp_path, at(url)) as own:
        assert own.http.get(f"{base}/v1/jobs", headers=KEY).status_code == 200
        assert own.http.get("/v1/jobs", headers=KEY).status_code == 200
        served = own.http.get("/openapi.json").json()["servers"]
        assert [each["url"] for each in served] == [f"{own.root}/{NAME}{base}"]
        assert own.http.get(f"{own.root}/@default/{NAME}{base}/v1/jobs", headers=KEY).status_code == 200
        if url.startswith("https:"):
            assert own.http.get(f"{own.root}{base}/v1/jobs", headers=HOST).status_code == 200


def test_hosts_of_servers_answer_beside_those_that_behavior_names(tmp_path: Path) -> None:
    named = both(at("https://api.acme.com/v9", "http://localhost:8000/v8"), behave("/hosts", ["old.acme.com"]))
    with serving(tmp_path, named) as own:
        for host in ("api.acme.com", "old.acme.com"):
            assert own.http.get(f"{own.root}/v9/v1/jobs", headers={"Host": host, **KEY}).status_code == 200
        assert own.http.get(f"{own.root}/v8/v1/jobs", headers={"Host": "localhost", **KEY}).status_code == 404
        assert own.http.get("/v8/v1/jobs", headers=KEY).status_code == 200


def twice(hosts: Any) -> Mutation:
    """The paths once more behind /run, where another status answers, at a host of its own."""

    def add(documents: Documents) -> None:
        paths = documents[OPENAPI]["paths"]
        paths["/run/v1/jobs"] = {"post": {**copy.deepcopy(paths["/v1/jobs"]["post"]), "operationId": "runJob"}}
        paths["/run/v1/jobs"]["post"]["responses"]["202"] = paths["/run/v1/jobs"]["post"]["responses"].pop("201")
        documents[BEHAVIOR]["operations"]["runJob"] = {**documents[BEHAVIOR]["operations"]["submitJob"]}

    return both(add, behave("/hosts", hosts))


RUN = {"api.acme.com": "", "run.acme.com": "/run"}
BODY = b'{"prompt": "A lighthouse"}'


def test_hosts_with_the_same_paths_are_told_apart(tmp_path: Path) -> None:
    with serving(tmp_path, twice(RUN)) as own:
        body: dict[str, Any] = {"json": {"prompt": "A lighthouse"}}

        def asked(host: str, path: str = "/v1/jobs") -> int:
            return own.http.post(f"{own.root}{path}", headers={"Host": host, **KEY}, **body).status_code

        assert [asked("api.acme.com"), asked("run.acme.com"), asked("RUN.acme.com:443")] == [201, 202, 202]
        assert own.http.post("/run/v1/jobs", headers=KEY, **body).status_code == 202
        assert asked("run.acme.com", "/v1%2Fjobs") == asked("run.acme.com", "/run/v1/jobs") == 404
        assert asked("run.acme.com", "/v1/%6Aobs") == asked("run.acme.com", "/@default/v1/jobs") == 202


def test_a_host_that_the_server_was_told_of_has_nothing_before_its_paths(tmp_path: Path) -> None:
    with serving(tmp_path, twice(RUN), hosts={"run.acme.com": NAME, "more.acme.com": NAME}) as own:
        body: dict[str, Any] = {"json": {"prompt": "A lighthouse"}}
        found = [
            own.http.post(f"{own.root}/v1/jobs", headers={"Host": host, **KEY}, **body).status_code
            for host in ("run.acme.com", "more.acme.com")
        ]
        assert found == [201, 201]


def test_a_host_of_a_server_has_what_the_table_says_before_its_paths(tmp_path: Path) -> None:
    with serving(tmp_path, both(twice({"run.acme.com": "/run"}), at("https://run.acme.com"))) as own:
        asked = own.http.get(f"{own.root}/v1/jobs", headers={"Host": "run.acme.com", **KEY})
        assert asked.status_code == 405


def test_the_host_of_a_call_says_which_of_two_operations_is_meant(tmp_path: Path) -> None:
    with serving(tmp_path, twice(RUN)) as own:
        session = Session(own.running.steering, Findings(), own.running)
        sandbox = own.running.steering.sandbox()
        with session.intercepting(sandbox, {}):
            key = {"X-API-Key": sandbox.api(NAME).api_key}
            asked = [f"https://{host}/v1/jobs" for host in RUN]
            found = [httpx.post(url, json={"prompt": "x"}, headers=key, timeout=60).status_code for url in asked]
            live = Live(own.running.app.apis[NAME].contract, "https://run.acme.com", Credentials())
            told = live.request("POST", "/run/v1/jobs", [*key.items(), ("Content-Type", "application/json")], BODY)
            live.close()
        assert (found, told.status) == ([201, 202], 202)


@pytest.mark.parametrize(
    ("before", "remedy"), [("/rum", "Did you mean '/run'?"), ("/elsewhere", "begin with /elsewhere")]
)
def test_what_no_path_begins_with_stands_before_no_paths(before: str, remedy: str, tmp_path: Path) -> None:
    (found,) = findings(tmp_path, twice({"run.acme.com": before}))
    assert "#/hosts/run.acme.com: " in found
    assert remedy in found


def test_a_contract_need_not_name_hosts(tmp_path: Path) -> None:
    with serving(tmp_path, at("https://api.acme.com"), without(BEHAVIOR, "/hosts")) as own:
        assert own.http.get(f"{own.root}/v1/jobs", headers=HOST).status_code == 200


def test_variables_of_a_server_have_their_values(tmp_path: Path) -> None:
    server = {
        "url": "https://{region}.acme.com/{version}",
        "variables": {"region": {"default": "eu", "enum": ["eu", "us"]}, "version": {"default": "v9"}},
    }
    with serving(tmp_path, show("/servers", [server])) as own:
        for host in ("eu.acme.com", "us.acme.com"):
            assert own.http.get(f"{own.root}/v9/v1/jobs", headers={"Host": host, **KEY}).status_code == 200


def test_servers_of_a_path_or_an_operation_go_before_those_of_the_document(tmp_path: Path) -> None:
    others = both(
        at("https://api.acme.com/v9"),
        show("/paths/~1v1~1jobs/servers", [{"url": "https://jobs.acme.com/v8"}]),
        show("/paths/~1v1~1jobs/get/servers", [{"url": "https://lists.acme.com/v7"}]),
    )
    with serving(tmp_path, others) as own:
        body: dict[str, Any] = {"json": {"prompt": "A lighthouse"}}
        made = own.http.post(f"{own.root}/v8/v1/jobs", headers={"Host": "jobs.acme.com", **KEY}, **body)
        assert made.status_code == 201
        assert own.http.get(f"{own.root}/v7/v1/jobs", headers={"Host": "lists.acme.com", **KEY}).status_code == 200
        assert own.http.get(f"{own.root}/v9/v1/jobs/{made.json()['id']}", headers=HOST).status_code == 200
        paths = own.http.get("/openapi.json").json()["paths"]
        assert paths["/v1/jobs"]["post"]["servers"] == [{"url": f"{own.root}/{NAME}/v8"}]
        assert "servers" not in paths["/v1/jobs/{jobId}"]["get"]


@pytest.mark.parametrize("server", [{"url": "https://{region}.acme.com"}, {"url": "http://a:x/"}, {"url": "http://[/"}])
def test_a_server_that_is_no_address_is_named(server: dict[str, Any], tmp_path: Path) -> None:
    assert any("/servers" in each for each in findings(tmp_path, show("/servers", [server])))


JOB = "/v1/jobs/{jobId}"
SHAPES = [
    ("/v1/jobs/{jobId}.json", "/v1/jobs/{}.json", ["/v1/jobs/{}", "/v1/jobs/{}.xml"]),
    ("/v1/jobs/{jobId}:show", "/v1/jobs/{}:show", ["/v1/jobs/{}:hide", "/v1/jobs/:show"]),
    ("/v1/jobs/job-{jobId}", "/v1/jobs/job-{}", ["/v1/jobs/{}", "/v1/jobs/job-"]),
    ("/v1/jobs/({jobId})/it", "/v1/jobs/({})/it", ["/v1/jobs/{}/it"]),
]


@pytest.mark.parametrize(("template", "good", "bad"), SHAPES, ids=[t for t, _, _ in SHAPES])
def test_text_around_a_parameter_is_part_of_the_path(template: str, good: str, bad: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, moved(JOB, template, "jobId")) as own:
        identity = own.submit().json()["id"]
        assert own.http.get(good.format(identity), headers=KEY).json()["id"] == identity
        refused = [own.http.get(each.format(identity), headers=KEY) for each in bad]
        assert {answer.json()["code"] for answer in refused} == {"unknown_path"}


@pytest.mark.parametrize("schema", [{"enum": ["big", "small+"]}, {"$ref": "#/components/schemas/Size"}])
def test_a_parameter_of_listed_words_is_one_of_them(schema: Any, tmp_path: Path) -> None:
    def sized(documents: Documents) -> None:
        item = documents[OPENAPI]["paths"].pop("/v1/jobs/{jobId}")
        item["parameters"] = [*item["parameters"], {"name": "size", "in": "path", "required": True, "schema": schema}]
        documents[OPENAPI]["paths"]["/v1/jobs/{jobId}/{size}"] = item
        documents[OPENAPI]["components"]["schemas"]["Size"] = {"enum": ["big", "small+"]}

    with serving(tmp_path, sized, behave("/operations/getJob/id_at", "path.jobId")) as own:
        identity = own.submit().json()["id"]
        asked = {
            w: own.http.get(f"/v1/jobs/{identity}/{w}", headers=KEY) for w in ("big", "small+", "Big", "bigger", "x")
        }
        assert [each.status_code for each in asked.values()] == [200, 200, 404, 404, 404]
        assert asked["x"].json()["code"] == "unknown_path"
        assert own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY).status_code == 200


def test_the_path_with_the_most_text_is_meant(tmp_path: Path) -> None:
    cancel = moved("/v1/jobs/{jobId}/cancel", "/v1/jobs/{jobId}:cancel", "jobId")
    with serving(tmp_path, cancel) as own:
        identity = own.submit().json()["id"]
        assert own.http.post(f"/v1/jobs/{identity}:cancel", headers=KEY).status_code == 200
        assert own.show(identity)["status"] == "cancelled"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_shapes_that_fit_the_one_with_more_text_is_meant(order: int, tmp_path: Path) -> None:
    with serving(tmp_path) as own:
        operations = own.sandbox.apis[NAME].contract.operations
    shapes = {"getJob": "/v1/{a}:go", "cancelJob": "/v1/{a}:let:go"}
    several = [replace(operations[name], path=path, method="GET", paths=()) for name, path in shapes.items()]
    match = RouteTable(several[::order]).match("/v1/one:let:go")
    assert match is not None
    assert (match[0].methods["GET"].id, match[1]) == ("cancelJob", ("one",))


def test_a_further_path_of_an_operation_takes_no_method_from_the_path_of_another(tmp_path: Path) -> None:
    with serving(tmp_path) as own:
        operations = own.sandbox.apis[NAME].contract.operations
    show, listing = operations["getJob"], operations["listJobs"]
    routes = RouteTable([show, replace(listing, paths=(show.path,))])
    match = routes.match(show.path.replace("{jobId}", "x"))
    assert match is not None
    assert match[0].methods["GET"].id == "getJob"


def test_a_path_may_end_in_a_slash_and_is_another_one_without_it(tmp_path: Path) -> None:
    slashed = both(
        moved("/v1/jobs", "/v1/jobs/"),
        moved("/v1/jobs/{jobId}", "/v1/jobs/{jobId}/", "jobId"),
        moved("/v1/jobs/{jobId}/cancel", "/v1/jobs/{jobId}/cancel/", "jobId"),
        without(OPENAPI, "/paths/~1v1~1jobs~1/parameters"),
    )
    with serving(tmp_path, slashed) as own:
        job = own.http.post("/v1/jobs/", json={"prompt": "x"}, headers=KEY).json()["id"]
        assert own.http.get(f"/v1/jobs/{job}/", headers=KEY).json()["id"] == job
        assert own.http.get(f"{own.root}/@default/{NAME}/v1/jobs/{job}/", headers=KEY).status_code == 200
        assert own.http.post(f"/v1/jobs/{job}/cancel/", headers=KEY).status_code == 200
        for path in ("/v1/jobs", f"/v1/jobs/{job}", "/v1/jobs//", f"/v1/jobs/{job}//", f"/v1/jobs/{job}/cancel"):
            assert own.http.get(path, headers=KEY).json()["code"] == "unknown_path", path


def test_a_job_is_found_under_the_parameters_it_was_created_with(tmp_path: Path) -> None:
    several = both(
        moved("/v1/jobs", "/{owner}/{model}/jobs", "owner", "model"),
        moved(JOB, "/{owner}/{model}/jobs/{jobId}", "owner", "model", "jobId"),
        behave("/operations/getJob/id_at", "path.jobId"),
        behave("/operations/submitJob/bindings/~1prompt", {"join": [
            {"fact": "request.path.owner"}, "/", {"fact": "request.path.model"}]}),
    )  # fmt: skip
    with serving(tmp_path, several) as own:
        made = own.http.post("/acme/flux%2Fdev/jobs", json={"prompt": "A lighthouse"}, headers=KEY).json()
        assert made["prompt"] == "acme/flux/dev"
        assert own.http.get(f"/acme/flux%2Fdev/jobs/{made['id']}", headers=KEY).status_code == 200
        assert own.http.get(f"/acme/other/jobs/{made['id']}", headers=KEY).json()["code"] == "not_found"


def test_a_path_of_several_parameters_wants_to_know_which_names_the_job(tmp_path: Path) -> None:
    found = findings(tmp_path, moved(JOB, "/{owner}/jobs/{jobId}", "owner", "jobId"))
    assert any('"path.owner", "path.jobId"' in each for each in found)


@pytest.mark.parametrize("place", ["query.job", "header.X-Job", "cookie.job", "/job"])
def test_an_id_may_stand_anywhere_in_a_request(place: str, tmp_path: Path) -> None:
    where, _, name = ("", "", "") if place == "/job" else place.partition(".")
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"job": {}}}}}}
    asked: Mutation = show(f"{CANCEL}/requestBody", body)
    if where != "":
        asked = show(f"{CANCEL}/parameters", [{"name": name, "in": where, "schema": {"type": "string"}}])
    if place == "/job":
        asked = both(asked, *refusals())
    else:
        asked = both(asked, show(f"{CANCEL}/responses/400", {"$ref": "#/components/responses/BadRequest"}))
    moved_here = moved("/v1/jobs/{jobId}/cancel", "/v1/cancel")
    no_link = without(OPENAPI, "/paths/~1v1~1jobs/post/responses/201/links/cancel")
    changed = both(no_link, moved_here, asked, behave("/operations/cancelJob/id_at", place))
    with serving(tmp_path, changed) as own:
        identity = own.submit().json()["id"]
        sent: dict[str, Any] = {"headers": dict(KEY)}
        if where == "query":
            sent["params"] = {name: identity}
        elif where == "":
            sent["json"] = {"job": identity}
        else:
            sent["headers"] |= {"X-Job": identity} if where == "header" else {"Cookie": f"job={identity}"}
        assert own.http.post("/v1/cancel", **sent).json()["id"] == identity
        assert own.http.post("/v1/cancel", headers=KEY).status_code in (400, 404)


def test_an_own_url_names_the_job_in_its_query_where_the_operation_does(tmp_path: Path) -> None:
    def asked(documents: Documents) -> None:
        item = documents[OPENAPI]["paths"].pop("/v1/jobs/{jobId}")
        item["parameters"] = [{"name": "job", "in": "query", "required": True, "schema": {"type": "string"}}]
        item["get"]["responses"]["400"] = {"$ref": "#/components/responses/BadRequest"}
        documents[OPENAPI]["paths"]["/v1/job"] = item
        created = documents[OPENAPI]["paths"]["/v1/jobs"]["post"]["responses"]["201"]
        for link in created["links"].values():
            if link["operationId"] == "getJob":
                link["parameters"] = {"job": "$response.body#/id"}
        documents[BEHAVIOR]["operations"]["getJob"]["id_at"] = "query.job"
        documents[BEHAVIOR]["operations"]["submitJob"]["bindings"]["/prompt"] = "url.getJob"

    with serving(tmp_path, asked) as own:
        made = own.submit().json()
        assert made["prompt"].endswith(f"/v1/job?job={made['id']}")
        assert own.http.get(made["prompt"], headers=KEY).json()["id"] == made["id"]
        assert own.http.get("/v1/job", params={"job": "x"}, headers=KEY).status_code == 404


CANCEL = "/paths/~1v1~1cancel/post"


def refusals() -> list[Mutation]:
    named = {"400": "BadRequest", "413": "TooLarge", "415": "UnsupportedBody"}
    return [show(f"{CANCEL}/responses/{s}", {"$ref": f"#/components/responses/{n}"}) for s, n in named.items()]


def test_an_id_may_be_the_end_of_a_longer_name(tmp_path: Path) -> None:
    asked = {"name": "name", "in": "query", "required": True, "schema": {"type": "string"}}
    changed = both(
        moved(JOB, "/v1/operation"),
        show("/paths/~1v1~1operation/get/parameters", [asked]),
        show("/paths/~1v1~1operation/get/responses/400", {"$ref": "#/components/responses/BadRequest"}),
        behave("/operations/getJob/id_at", {"at": "query.name", "after": "/operations/"}),
        without(OPENAPI, "/paths/~1v1~1jobs/post/responses/201/links/show"),
    )
    with serving(tmp_path, changed) as own:
        identity = own.submit().json()["id"]
        answer = own.http.get("/v1/operation", params={"name": f"models/veo/operations/{identity}"}, headers=KEY)
        assert answer.json()["id"] == identity


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ({"prefix": "batch_", "form": "hex", "length": 32}, r"batch_[0-9a-f]{32}"),
        ({"prefix": "key_", "form": "hex", "length": 128}, r"key_[0-9a-f]{128}"),
        ({"prefix": "po_", "form": "base62", "length": 24}, r"po_[0-9A-Za-z]{24}"),
        ({"form": "base32", "length": 26}, r"[0-9a-hjkmnp-tv-z]{26}"),
        ({"form": "number", "length": 19}, r"[1-9][0-9]{18}"),
        ({"prefix": "tlk_", "form": "uuid"}, r"tlk_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ({"prefix": "job-", "form": "cuid"}, r"job-c[0-9a-z]{24}"),
        ("base62", r"[0-9A-Za-z]{24}"),
    ],
    ids=str,
)
def test_an_id_has_the_prefix_and_the_form_that_are_said_and_is_found_by_it(
    form: Any, pattern: str, tmp_path: Path
) -> None:
    import re

    with serving(tmp_path, behave("/resources/job/id", form), behave("/account/id", form)) as own:
        identity = own.submit().json()["id"]
        assert re.fullmatch(pattern, identity)
        assert own.show(identity)["id"] == identity
        assert len({own.submit().json()["id"] for _ in range(20)}) == 20


def test_keys_of_accounts_have_the_prefix_that_is_said(tmp_path: Path) -> None:
    form = {"prefix": "r8_", "form": "base62", "length": 37}
    with serving(tmp_path, behave("/account/key", form)) as own, own.running.sandbox() as other:
        key = other.api(NAME).api_key
        assert len(key) == 40
        assert key.startswith("r8_")
        assert own.http.get("/v1/jobs", headers={"X-API-Key": key}).status_code == 200


@pytest.mark.parametrize("name", ["jobs.get", "jobs-get", "jobs/get", "jobs:get", "Get_Job~1"])
def test_operations_are_named_as_openapi_allows(name: str, tmp_path: Path) -> None:
    def rename(documents: Documents) -> None:
        text = documents[OPENAPI]["paths"][JOB]["get"]
        text["operationId"] = name
        documents[OPENAPI]["paths"]["/v1/jobs"]["post"]["responses"]["201"]["links"]["show"]["operationId"] = name
        operations = documents[BEHAVIOR]["operations"]
        operations[name] = operations.pop("getJob")
        documents[BEHAVIOR]["webhooks"]["ended"]["like"] = name
        documents[BEHAVIOR]["limits"][0]["operations"] = [name]
        documents[BEHAVIOR]["scenarios"]["flaky"] = {
            "title": "x", "faults": [{"fault": "status", "status": 404, "operation": name}]}  # fmt: skip

    with serving(tmp_path, rename) as own, own.running.sandbox() as other:
        assert own.show(own.submit().json()["id"])["status"] == "queued"
        other.api(NAME).fault("status", operation=name, status=404)


@pytest.mark.parametrize("name", ["in-progress", "IN_PROGRESS", "x-off-x"])
def test_a_name_that_is_taken_where_it_is_declared_is_taken_where_it_is_used(name: str, tmp_path: Path) -> None:
    def rename(documents: Documents) -> None:
        text = repr(documents).replace("'queued': {'phase'", f"'{name}': {{'phase'")
        text = text.replace("'initial': 'queued'", f"'initial': '{name}'")
        text = text.replace("'queued': {'$ref'", f"'{name}': {{'$ref'")
        text = text.replace("'status': 'queued'", f"'status': '{name}'").replace("['queued', ", f"['{name}', ")
        changed = eval(text)
        documents.update(changed)

    with serving(tmp_path, rename) as own:
        assert own.submit().json()["status"] == name


def test_a_name_that_would_be_read_as_a_quirk_is_refused(tmp_path: Path) -> None:
    assert any("power-off" in each for each in findings(tmp_path, behave("/resources/job/states/power-off", {})))


@pytest.mark.parametrize("where", ["header", "cookie", "query"])
def test_parameters_are_enforced_wherever_they_stand(where: str, tmp_path: Path) -> None:
    parameter = {"name": "X-Version", "in": where, "required": True, "schema": {"enum": ["2026-01-01", "2026-02-02"]}}
    asked = both(
        show(f"{SHOW}/parameters", [parameter]),
        show(f"{SHOW}/responses/400", {"$ref": "#/components/responses/BadRequest"}),
    )
    with serving(tmp_path, asked) as own:
        identity = own.submit().json()["id"]

        def status(value: str | None) -> int:
            sent: dict[str, Any] = {"headers": dict(KEY)}
            if value is not None and where == "query":
                sent["params"] = {"X-Version": value}
            elif value is not None:
                sent["headers"] |= {"X-Version": value} if where == "header" else {"Cookie": f"X-Version={value}"}
            return own.http.get(f"/v1/jobs/{identity}", **sent).status_code

        assert [status(each) for each in (None, "1999-01-01", "2026-02-02")] == [400, 400, 200]


def test_lists_in_parameters_are_parted_as_their_style_says(tmp_path: Path) -> None:
    schema = {"type": "array", "items": {"type": "integer"}, "maxItems": 2}
    named: list[dict[str, Any]] = [
        {"name": "X-List", "in": "header", "schema": schema},
        {"name": "comma", "in": "query", "explode": False, "schema": schema},
        {"name": "pipe", "in": "query", "style": "pipeDelimited", "schema": schema},
        {"name": "each", "in": "query", "schema": schema},
        {"name": "json", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
    ]
    asked = both(
        show(f"{SHOW}/parameters", named),
        show(f"{SHOW}/responses/400", {"$ref": "#/components/responses/BadRequest"}),
    )
    with serving(tmp_path, asked) as own:
        path = f"/v1/jobs/{own.submit().json()['id']}"
        good = "comma=1,2&pipe=1%7C2&each=1&each=2&json=%7B%7D"
        assert own.http.get(f"{path}?{good}", headers={**KEY, "X-List": "1, 2"}).status_code == 200
        bad = ["comma=1,2,3", "pipe=1%7Cx", "each=1&each=2&each=3", "json=x", "json=1"]
        assert {own.http.get(f"{path}?{each}", headers=KEY).status_code for each in bad} == {400}
        assert own.http.get(path, headers={**KEY, "X-List": "1,2,3"}).status_code == 400


def test_headers_that_openapi_describes_elsewhere_are_no_parameters(tmp_path: Path) -> None:
    names = ("Accept", "Content-Type", "Authorization")
    given = [{"name": n, "in": "header", "required": True, "schema": {"const": "x"}} for n in names]
    with serving(tmp_path, show(f"{SHOW}/parameters", given)) as own:
        assert own.show(own.submit().json()["id"])["status"] == "queued"


@pytest.mark.parametrize(
    ("schema", "is_open"),
    [
        ({"type": "object"}, True),
        ({}, True),
        (True, True),
        ({"type": "object", "additionalProperties": True}, True),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": True}, True),
        ({"type": "object", "patternProperties": {"^p": {"type": "string"}}}, True),
        ({"type": "object", "properties": {"a": {}}}, False),
        ({"type": "object", "additionalProperties": False}, False),
        ({"type": "string"}, False),
        ({"type": "object", "anyOf": [{"required": ["a"]}], "properties": {"a": {}}}, False),
    ],
    ids=str,
)
def test_open_means_open_and_a_list_of_fields_that_says_no_more_is_complete(
    schema: Any, is_open: bool, tmp_path: Path
) -> None:
    asked = both(
        show("/components/schemas/JobRequest/properties/input", schema),
        behave("/operations/getJob/bindings/~1prompt", {"fact": "request./input/prompt", "else": "none"}),
    )
    found = findings(tmp_path, asked)
    assert bool([each for each in found if "has a field /input/prompt" in each]) is not is_open, found
