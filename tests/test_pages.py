"""What a person sees: the table of APIs, the documents, Swagger UI from the package and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from api_kit import SAMPLES
from control_kit import OWN, Steered, contracts, refused, steered, told

from mockserver import Running
from mockserver.app import Mockserver, Settings
from mockserver.completion import complete
from mockserver.pages.addressed import addressed
from mockserver.pages.html import as_data, docs_page, home, install_page
from mockserver.pages.openapi30 import in_3_0
from mockserver.pages.routes import ui_folder
from mockserver.pages.table import curl
from mockserver.pages.try_it_out import tryable

APIS = ["miraflow", "miragic", "mirrago", "vidgen"]
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def control() -> Iterator[Steered]:
    with steered() as made:
        yield made


class Links(HTMLParser):
    """Every address a page refers to, and the tags it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action")]


def test_programs_get_the_table_as_json(control: Steered) -> None:
    answer = control.ask("GET", "/", headers={"accept": "*/*"})
    table = told(answer, 200)
    assert answer.headers["vary"] == "Accept"
    assert [row["name"] for row in table["apis"]] == APIS
    assert table["control"] == f"{OWN}/_mock/openapi.json"
    for row in table["apis"]:
        assert row["url"] == f"{OWN}/{row['name']}"
        assert "demo-" in json.dumps(row["credentials"])
        assert control.ask("GET", row["docs"]).status_code == control.ask("GET", row["openapi"]).status_code == 200


def test_people_get_it_as_a_page_that_holds_all_it_needs(control: Steered) -> None:
    answer = control.ask("GET", "/", headers=HTML)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = answer.text
    for row in control.get("/")["apis"]:
        assert row["title"] in page
        assert row["url"] in page
        assert all(value in page for value in row["credentials"].values())
    links = Links(page)
    assert "script" not in links.tags
    assert all(address.startswith(("/", "data:")) and not address.startswith("//") for address in links.addresses)
    for address in links.addresses:
        assert address == "data:," or control.ask("GET", address).status_code == 200


def test_the_policy_allows_its_own_style_and_nothing_else(control: Steered) -> None:
    answer = control.ask("GET", "/", headers=HTML)
    style = re.search("<style>(.*)</style>", answer.text, re.DOTALL)
    assert style is not None
    known = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{known}'")
    assert "frame-ancestors 'none'" in policy


EVIL = "<script>\"&'</script>"


def test_whatever_a_contract_says_is_escaped() -> None:
    row = {"name": EVIL, "title": EVIL, "url": EVIL, "credentials": {EVIL: EVIL}, "curl": EVIL}
    for page in (home([row]), install_page(EVIL), docs_page(EVIL, as_data({"info": {"title": EVIL}}))):
        assert EVIL not in page
    assert "script" not in Links(home([row])).tags
    assert Links(docs_page("x", as_data({"a": "</script><script src=evil>"}))).addresses[-1] == "/_mock/ui/show.js"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/_mock/docs", "/_mock/ui/show.js"])
def test_pages_can_be_read_only(control: Steered, method: str, path: str) -> None:
    answer = control.ask(method, path, content=b"x" * 100)
    refused(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/_mock", "/_mock/"])
def test_the_root_of_the_control_api_leads_to_the_live_page(control: Steered, path: str) -> None:
    answer = control.ask("GET", path, follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/_mock/")
    assert 'src="live/app.js"' in answer.text
    refused(control.ask("POST", path, json={}), 405)


def test_an_unknown_path_is_told_which_prefixes_are_known(control: Steered) -> None:
    detail = refused(control.ask("POST", "/nix", content=b"x"), 404)["detail"]
    assert detail == "there is no /nix; known: /, /miraflow, /miragic, /mirrago, /vidgen, /@SANDBOX, /_mock, /_media"
    refused(control.ask("GET", "/@default"), 404)


@pytest.mark.parametrize("api", APIS)
def test_a_document_is_the_contract_with_this_servers_addresses(control: Steered, api: str) -> None:
    name = control.sandbox().split("/")[-1]
    contract = next(c for c in contracts() if c.name == api)
    for path in (f"/{api}", f"/@{name}/{api}"):
        document = control.get(f"{path}/openapi.json")
        assert document["servers"][0]["url"] == OWN + path
        assert document["servers"][0]["description"]
        for scheme in document["components"]["securitySchemes"].values():
            for flow in scheme.get("flows", {}).values():
                assert flow["tokenUrl"] == f"{OWN}{path}/oauth/token"
        unchanged = {key: value for key, value in document.items() if key not in ("servers", "components")}
        assert unchanged == {k: v for k, v in complete(contract).items() if k in unchanged}
    assert contract.document["servers"][0]["url"] == f"/{api}"


def test_a_document_is_found_by_the_vendors_host_too(control: Steered) -> None:
    name = control.sandbox().split("/")[-1]
    host = {"host": "api.mirrago.com:80"}
    assert control.get("/openapi.json", headers=host)["servers"][0]["url"] == f"{OWN}/mirrago"
    assert control.get(f"/@{name}/openapi.json", headers=host)["servers"][0]["url"] == f"{OWN}/@{name}/mirrago"
    assert "Mirrago" in control.ask("GET", "/docs", headers=host).text
    refused(control.ask("GET", "/openapi.json"), 404)
    refused(control.ask("GET", "/@nobody/vidgen/docs"), 404)


def test_a_document_without_servers_or_security_is_served_as_well() -> None:
    contract = contracts()[0]
    bare = replace(contract, document={"openapi": "3.1.0", "info": {}, "paths": {}})
    assert addressed(bare, "http://x")["servers"] == [{"url": "http://x"}]


# --- Swagger UI


@pytest.mark.parametrize("path", ["/vidgen/docs", "/@default/mirrago/docs", "/_mock/docs"])
def test_the_docs_fetch_nothing_from_elsewhere(control: Steered, path: str) -> None:
    answer = control.ask("GET", path)
    assert answer.status_code == 200
    assert "script-src 'self'; " in answer.headers["content-security-policy"]
    addresses = Links(answer.text).addresses
    assert [a for a in addresses if a.startswith("/_mock/ui/")] == [a for a in addresses if a != "data:,"]
    for address in addresses[1:]:
        found = control.ask("GET", address)
        assert found.status_code == 200
        assert found.headers["content-type"].split(";")[0] in ("text/css", "text/javascript")
    embedded = re.search('<script type="application/json" id="document">(.*)</script>\n<script', answer.text)
    assert embedded is not None
    document = json.loads(embedded[1])
    assert document["openapi"] == "3.0.3"
    assert document["servers"][0]["url"].startswith("/")


@pytest.mark.parametrize(
    "name", ["index.html", "..%2f__init__.py", "%2e%2e", "swagger-ui.js.map", "nix.js", ".js", "a%00.js"]
)
def test_only_scripts_styles_and_icons_of_the_package_are_served(control: Steered, name: str) -> None:
    refused(control.ask("GET", f"/_mock/ui/{name}"), 404)


def test_without_the_package_the_page_says_what_to_install(control: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "swagger_ui_bundle", None)
    ui_folder.cache_clear()
    try:
        page = control.ask("GET", "/vidgen/docs")
        refused(control.ask("GET", "/_mock/ui/swagger-ui.css"), 404)
    finally:
        ui_folder.cache_clear()
    assert page.status_code == 200
    assert "pip install &#x27;mockserver-kit[ui]&#x27;" in page.text
    assert 'href="openapi.json"' in page.text


def credentials(control: Steered, path: str, **more: Any) -> Any:
    """What a page of Swagger UI is authorised with."""
    page = control.ask("GET", path, **more).text
    found = re.search('<script type="application/json" id="credentials">(.*)</script>', page)
    assert found is not None
    return json.loads(found[1])


NONE = {"keys": {}, "tokens": {}, "client": {}}


@pytest.mark.parametrize(("api", "scheme"), [("vidgen", "ApiKey"), ("miragic", "ApiKey"), ("miraflow", "ApiKeyAuth")])
def test_the_demo_key_is_authorised_already(control: Steered, api: str, scheme: str) -> None:
    assert credentials(control, f"/{api}/docs") == {**NONE, "keys": {scheme: "demo-key"}}


def test_a_token_of_the_demo_client_is_authorised_already(control: Steered) -> None:
    before = len(control.server.sandboxes.default.journal)
    found = credentials(control, "/mirrago/docs")
    assert found["client"] == {"clientId": "demo-client", "clientSecret": "demo-secret"}
    assert len(control.server.sandboxes.default.journal) == before  # opening a page is no request
    headers = {"Authorization": f"Bearer {found['tokens']['OAuth2']}"}
    answer = control.ask("GET", "/mirrago/v1/mirrago/getJob/nobody", headers=headers)
    assert answer.status_code == 404, answer.text


def test_the_control_api_has_no_credentials_to_give(control: Steered) -> None:
    assert credentials(control, "/_mock/docs") == NONE


def test_a_page_of_another_sandbox_gives_its_key_to_those_who_may_control_it(control: Steered) -> None:
    access = control.get(control.sandbox())["apis"]["vidgen"]
    path = access["url"].removeprefix(OWN) + "/docs"
    assert credentials(control, path)["keys"] == {"ApiKey": access["api_key"]}
    assert credentials(control, path, headers={"host": "rebound.example"}) == NONE
    with steered(Settings(control_token="open-sesame")) as guarded:
        own = guarded.run(_made(guarded.server))
        assert credentials(guarded, f"/@{own}/vidgen/docs") == NONE
        assert credentials(guarded, "/vidgen/docs")["keys"] == {"ApiKey": "demo-key"}


async def _made(server: Mockserver) -> str:
    return (await server.sandboxes.make()).name


def test_optional_filters_are_empty_where_they_are_tried_and_all_else_stands() -> None:
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "example": 20}, "example": 20}
    must = {"name": "kind", "in": "query", "required": True, "schema": {}, "example": "x"}
    job = {"name": "id", "in": "path", "required": True, "schema": {}, "example": "j"}
    body = {"content": {"application/json": {"examples": {"one": {"value": {"in": "query", "example": 1}}}}}}
    get = {"parameters": [limit, must, job], "requestBody": body}
    found = tryable({"paths": {"/x": {"get": get}}, "components": {"parameters": {"Limit": limit}}, "info": {}})
    empty = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    assert found["paths"]["/x"]["get"] == {"parameters": [empty, must, job], "requestBody": body}
    assert found["components"]["parameters"]["Limit"] == empty


def test_fields_of_a_form_hold_what_its_first_example_has() -> None:
    fps, name = {"type": "integer", "default": 10}, {"type": "string"}
    form = {
        "schema": {"$ref": "#/components/schemas/Form"},
        "encoding": {"image": {"contentType": "image/png"}},
        "examples": {"one": {"value": {"image": "(bytes)", "fps": 30}}, "two": {"value": {"fps": 60, "name": "x"}}},
    }
    schemas = {"Form": {"type": "object", "properties": {"image": {}, "fps": fps, "name": name}}}
    paths = {"/x": {"post": {"requestBody": {"content": {"multipart/form-data": form}}}}}
    found = tryable({"paths": paths, "components": {"schemas": schemas}})
    held = found["paths"]["/x"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert held == {"image": {}, "fps": {"type": "integer", "example": 30}, "name": name}
    assert found["components"]["schemas"] == schemas


ANY_VALUE = {"schema": {"properties": {"x": True}}, "examples": {"one": {"value": {"x": 1}}}}


@pytest.mark.parametrize(
    "form", [{}, {"examples": {}}, {"schema": {}}, {"examples": {"one": {"value": "text"}}}, ANY_VALUE]
)
def test_a_form_without_example_or_fields_stays_as_it_is(form: Any) -> None:
    paths = {"/x": {"post": {"requestBody": {"content": {"multipart/form-data": form}}}}}
    assert tryable({"paths": paths})["paths"] == paths


OLDER: list[tuple[Any, Any]] = [
    ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
    ({"type": ["null"]}, {"nullable": True}),
    ({"type": ["string", "integer", "null"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True}),
    ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
    ({"const": 1}, {"enum": [1]}),
    ({"examples": [1, 2]}, {"example": 1}),
    ({"examples": []}, {"example": None}),
    ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
    ({"exclusiveMaximum": 9.5}, {"maximum": 9.5, "exclusiveMaximum": True}),
    ({"prefixItems": [{}], "items": False}, {"items": {}}),
    ({"properties": {"const": {"const": 1}, "type": {"type": ["null", "string"]}}},
     {"properties": {"const": {"enum": [1]}, "type": {"type": "string", "nullable": True}}}),
    ({"example": {"const": 1}}, {"example": {"const": 1}}),
    ({"enum": [{"type": ["a", "null"]}]}, {"enum": [{"type": ["a", "null"]}]}),
    ({"examples": {"ok": {"value": {"const": 1}}}}, {"examples": {"ok": {"value": {"const": 1}}}}),
    ([{"const": 1}, 2], [{"enum": [1]}, 2]),
]  # fmt: skip


@pytest.mark.parametrize(("newer", "older"), OLDER)
def test_a_schema_is_said_in_the_words_of_3_0(newer: Any, older: Any) -> None:
    found = in_3_0({"openapi": "3.1.0", "webhooks": {}, "x": newer})
    assert found == {"openapi": "3.0.3", "x": older}


# --- commands to try


@pytest.mark.parametrize("api", APIS)
def test_the_command_of_each_api_works_as_it_stands(running: Running, api: str) -> None:
    rows = httpx.get(running.url, trust_env=False).json()["apis"]
    command = next(row["curl"] for row in rows if row["name"] == api)
    words = [*shlex.split(command), "--silent", "--show-error", "--fail", "--noproxy", "*"]
    found = subprocess.run(words, cwd=SAMPLES, capture_output=True, timeout=300, check=False)
    assert found.returncode == 0, (command, found.stderr)
    assert json.loads(found.stdout)


def test_a_command_is_found_for_any_contract() -> None:
    vidgen = next(c for c in contracts() if c.name == "vidgen")
    made = {o.id: o for o in vidgen.operations.values()}
    create = next(o for o in made.values() if o.verb == "create")
    only = replace(vidgen, operations={create.id: create})
    assert "-F image=@portrait.png" in curl(only, "http://x", {"api_key": "k"})
    cancel = next(o for o in made.values() if o.verb == "move")
    only = replace(vidgen, operations={cancel.id: cancel})
    words = shlex.split(curl(only, "http://x", {"api_key": "k"}))
    assert words[-3:-1] == ["-X", cancel.method]
    bearer = replace(create, security=replace(create.security, kind="token"), bodies=())
    words = shlex.split(curl(replace(vidgen, operations={"x": bearer}), "http://x", {}))
    assert "Authorization: Bearer TOKEN" in words


def test_pages_are_whole_on_a_socket_as_well(running: Running) -> None:
    with httpx.Client(base_url=running.url, trust_env=False) as client:
        for path in ("/", "/vidgen/docs", "/vidgen/openapi.json", "/_mock/openapi.json", "/_mock/ui/swagger-ui.css"):
            whole, head = client.get(path), client.head(path)
            assert whole.status_code == head.status_code == 200
            assert len(whole.content) == int(whole.headers["content-length"]) == int(head.headers["content-length"])
            assert len(whole.headers.get_list("date")) == 1
        assert client.get("/_mock/openapi.json").json()["openapi"] == "3.1.0"


def test_the_docs_of_an_api_are_written_once(control: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [f"/vidgen/{each}" for each in ("docs", "openapi.json")]
    first = [control.ask("GET", path).text for path in paths]
    monkeypatch.setattr("mockserver.pages.routes.addressed", lambda *_, **__: pytest.fail("written anew"))
    assert [control.ask("GET", path).text for path in paths] == first


def test_the_docs_of_the_control_api_are_written_once(control: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    first = control.ask("GET", "/_mock/docs").text
    monkeypatch.setattr("mockserver.pages.routes.in_3_0", lambda document: pytest.fail("written anew"))
    assert control.ask("GET", "/_mock/docs").text == first
