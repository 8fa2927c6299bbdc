"""A vendor's whole document can be openapi.json: what behavior.json does not name is no part of what is served."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from check_kit import Mutation, behave, both, show, write
from language_kit import NAME, POST_LINKS, Served, findings, serving

from mockserver.app import Mockserver, Settings
from mockserver.app.trial_run import tried
from mockserver.check import check
from mockserver.clock import Clock
from mockserver.launch import start_app
from mockserver.loader import load_folder

OTHERS = behave("/others", "unserved")
BROKEN: dict[str, Any] = {
    "operationId": "elsewhere", "security": [{"unknown": []}],
    "responses": {"default": {"$ref": "#/components/responses/Nowhere"}, "4XX": {"description": "x"}},
}  # fmt: skip
WHOLE = both(
    OTHERS,
    show("/paths/~1v2~1other", {"get": BROKEN, "post": {"responses": {}}}),
    show("/paths/~1v1~1jobs/delete", {"operationId": "deleteAll", "responses": {}}),
    show("/components/schemas/Unused", {"type": "string", "nullable": True, "pattern": "(?=x)"}),
    show(f"{POST_LINKS}/other", {"operationId": "deleteAll"}),
    show("/webhooks/other", {"post": {"requestBody": {"$ref": "#/components/requestBodies/Nowhere"}}}),
)
KEY = {"X-API-Key": "demo-key"}


def test_mistakes_of_what_is_not_served_are_nobody_s_business(tmp_path: Path) -> None:
    assert findings(tmp_path, WHOLE) == []


def test_operations_that_are_not_named_are_unknown_paths(tmp_path: Path) -> None:
    with serving(tmp_path, WHOLE) as own:
        assert own.http.get("/v2/other", headers=KEY).status_code == 404
        told = own.http.delete("/v1/jobs", headers=KEY)
        assert (told.status_code, told.headers["allow"]) == (405, "GET, HEAD, POST")
        assert own.submit().status_code == 201


def test_the_served_document_has_what_is_served_and_nothing_else(tmp_path: Path) -> None:
    with serving(tmp_path, WHOLE) as own:
        document = own.http.get("/openapi.json").json()
        assert "/v2/other" not in document["paths"]
        assert sorted(document["paths"]["/v1/jobs"]) == ["get", "post"]
        assert "Unused" not in document["components"]["schemas"]
        assert "Job" in document["components"]["schemas"]
        assert "deleteAll" not in json.dumps(document)
        assert list(document["webhooks"]) == ["ended"]


def test_without_the_word_every_operation_has_to_be_named(tmp_path: Path) -> None:
    found = findings(tmp_path, show("/paths/~1v1~1jobs/delete", {"operationId": "deleteAll", "responses": {}}))
    assert any("the operation 'deleteAll' has no behavior" in each for each in found)


def test_a_name_that_is_misspelt_is_looked_up_among_all_operations(tmp_path: Path) -> None:
    changes: list[Mutation] = [WHOLE, behave("/operations/deleteAl", {"verb": "answer"})]
    (found,) = findings(tmp_path, *changes)
    assert "openapi.json has no operation 'deleteAl'. Remedy: Did you mean 'deleteAll'?" in found


def test_other_words_are_refused(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, behave("/others", "unsreved"))
    assert "Did you mean 'unserved'?" in found


def test_a_response_for_all_other_statuses_is_passed_by(tmp_path: Path) -> None:
    assert findings(tmp_path, show("/paths/~1v1~1jobs/post/responses/default", {"description": "Any other"})) == []


# A vendor's own document, in the vendor's own shape ---------------------------------------------------------------

CHARGE: dict[str, Any] = {
    "type": "object", "required": ["amount"], "additionalProperties": False, "properties": {
        "amount": {"type": "integer"},
        "expand": {"type": "array", "items": {"type": "string"}},
        "metadata": {"anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"enum": [""]}]},
        "card": {"type": "object", "properties": {
            "number": {"type": "string"},
            "owner": {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}}},
        "lines": {"type": "array", "items": {"type": "object", "required": ["price"], "properties": {
            "price": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}}}}}}  # fmt: skip
DEEP = {name: {"style": "deepObject", "explode": True} for name in ("expand", "metadata", "card", "lines")}
JSON, STATES = "application/json", ("pending", "paid")
ERROR = {"schema": {"type": "object"}, "examples": {
    name: {"value": {"error": {"type": name, "message": "x"}}} for name in (
    "bad_request", "missing_key", "unknown_key", "deactivated_key", "not_found", "unsupported_body", "too_large",
    "unknown_path", "wrong_method", "malformed_request", "headers_too_large")}}  # fmt: skip
VENDOR: dict[str, Any] = {
    "openapi": "3.1.0", "info": {"title": "Vendor", "version": "2026-01-01"},
    "servers": [{"url": "https://api.vendor.com/"}], "security": [{"bearer": []}],
    "paths": {
        "/v1/charges": {
            "post": {
                "operationId": "PostCharges",
                "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {
                    "schema": {"$ref": "#/components/schemas/charge_params"}, "encoding": DEEP}}},
                "responses": {
                    "200": {"description": "Made", "content": {JSON: {
                        "schema": {"$ref": "#/components/schemas/charge"}}}},
                    "default": {"$ref": "#/components/responses/error"}}},
            "get": {
                "operationId": "GetCharges", "parameters": [
                    {"name": "created", "in": "query", "style": "deepObject", "explode": True,
                     "schema": {"type": "object", "properties": {"gte": {"type": "integer"}}}}],
                "responses": {"200": {"description": "A page", "content": {JSON: {"examples": {"ok": {
                    "value": {"data": [{"id": "ch_x", "object": "charge", "amount": 1, "status": "pending"}]}}}}}}}}},
        "/v1/charges/{charge}": {"get": {
            "operationId": "GetCharge", "parameters": [
                {"name": "charge", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {
                "200": {"description": "It", "content": {JSON: {"schema": {"$ref": "#/components/schemas/charge"}}}},
                "default": {"$ref": "#/components/responses/error"}}}},
        "/v1/customers": {
            "post": {"operationId": "PostCustomers", "requestBody": {"content": {"application/x-www-form-urlencoded": {
                "schema": {"$ref": "#/components/schemas/nowhere"}}}}, "responses": {}},
            "get": {"operationId": "GetCustomers", "responses": {"default": {"$ref": "#/components/responses/error"}}}},
        "/v1/files": {"post": {"operationId": "PostFiles", "servers": [{"url": "https://files.vendor.com/"}],
                               "responses": {"200": {"$ref": "#/components/responses/nowhere"}}}}},
    "x-responses": {"400": {"description": "Refused", "content": {JSON: ERROR}}},
    "components": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"}, "basic": {"type": "http", "scheme": "basic"}},
        "responses": {"error": {"description": "Error", "content": {JSON: {
            "schema": {"$ref": "#/components/schemas/error"}}}}},
        "schemas": {
            "charge_params": CHARGE, "error": {"type": "object"}, "customer": {"$ref": "#/components/schemas/nowhere"},
            "charge": {"type": "object", "required": ["id", "amount"], "properties": {
                "id": {"type": "string"}, "object": {"const": "charge"}, "amount": {"type": "integer"},
                "status": {"enum": ["pending", "paid"]}, "metadata": {"type": ["object", "null", "string"]},
                "card": {"type": ["object", "null"]}, "lines": {"type": ["array", "null"]},
                "expand": {"type": ["array", "null"]}}}},
        "examples": {state: {"value": {
            "id": "ch_x", "object": "charge", "amount": 1, "status": state, "metadata": {"a": "b"},
            "card": {"number": "4"}, "lines": [{"price": 1}], "expand": ["x"]}} for state in STATES}}}  # fmt: skip
BEHAVIOR_OF_VENDOR: dict[str, Any] = {
    "others": "unserved",
    "resources": {"charge": {
        "id": {"prefix": "ch_", "form": "base62", "length": 24},
        "states": {"pending": {"phase": "running"}, "paid": {"end": "success"}}, "run": {"running": {"fixed": 5}},
        "bindings": {"/id": "id", "/amount": "request./amount", "/metadata": "request./metadata",
                     "/card": "request./card", "/lines": "request./lines", "/expand": "request./expand"}}},
    "operations": {
        "PostCharges": {"verb": "create"}, "GetCharge": {"verb": "show"},
        "GetCharges": {"verb": "list", "items": "/data", "parameters": {"created[gte]": "created.from"}}},
    "problems": {"bad_request": {"/error/message": "problem.why"}},
    "triggers": ["/metadata/mock"],
}  # fmt: skip
DATA = (
    "amount=100&expand[]=balance&expand[]=customer&metadata[order]=7&metadata[a+b]=%C3%A9&card[number]=4242"
    "&card[owner][name]=Anna&card[owner][age]=41&lines[0][price]=9&lines[0][tags][]=new&lines[1][price]=10"
)


@contextmanager
def vendor(folder: Path) -> Iterator[Served]:
    """The vendor's document, of which three operations are served."""
    where = write(folder / NAME, {"openapi.json": VENDOR, "behavior.json": BEHAVIOR_OF_VENDOR})
    assert not check(where), "\n".join(map(str, check(where)))
    contract, _ = load_folder(where)
    assert contract is not None
    assert not tried(contract)
    app = Mockserver([contract], Settings(clock=Clock("manual")))
    with start_app(app) as running, httpx.Client(base_url=f"{running.url}/{NAME}", trust_env=False) as http:
        http.headers["Authorization"] = "Bearer demo-key"
        yield Served(running, http, running.url)


def test_a_vendor_s_document_is_served_with_its_forms_member_by_member(tmp_path: Path) -> None:
    with vendor(tmp_path) as own:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        made = own.http.post("/v1/charges", content=DATA, headers=form)
        assert made.status_code == 200, made.text
        told = made.json()
        assert told["amount"] == 100
        assert told["expand"] == ["balance", "customer"]
        assert told["metadata"] == {"order": "7", "a b": "é"}
        assert told["card"] == {"number": "4242", "owner": {"name": "Anna", "age": 41}}
        assert told["lines"] == [{"price": 9, "tags": ["new"]}, {"price": 10}]
        assert own.http.get(f"/v1/charges/{told['id']}").json()["card"] == told["card"]
        assert own.http.get("/v1/charges?created[gte]=0").json()["data"][0]["id"] == told["id"]
        refused = own.http.post("/v1/charges", content="amount=1&lines[0][tags][]=x", headers=form)
        assert (refused.status_code, refused.json()["error"]["type"]) == (400, "bad_request")
        assert "price" in refused.json()["error"]["message"]
        lost = own.http.post("/v1/charges", content="amount=1&metadata[mock]=mock:unavailable", headers=form)
        assert lost.status_code == 503


def test_what_a_vendor_s_document_has_beside_it_is_not_served(tmp_path: Path) -> None:
    with vendor(tmp_path) as own:
        for path in ("/v1/customers", "/v1/files"):
            assert own.http.post(path).json()["error"]["type"] == "unknown_path"
        served = own.http.get("/openapi.json").json()
        assert sorted(served["paths"]) == ["/v1/charges", "/v1/charges/{charge}"]
        assert "customer" not in served["components"]["schemas"]
        form = served["paths"]["/v1/charges"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
        assert form["encoding"]["metadata"] == {"style": "deepObject", "explode": True}
