"""What a job brings forth: resources of their own, found from the moment on at which it comes to a state."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import httpx
import pytest
from check_kit import BEHAVIOR, OPENAPI, Mutation, behave, both, show, write
from language_kit import NAME, Served, documents, findings, serving
from lives_kit import cancelling, running, state

from mockserver.app.trial_run import tried
from mockserver.loader import load_folder

KEY = {"X-API-Key": "demo-key"}
SHOWN = {"id": "x", "status": "processed", "name": "x", "created_at": 1}


def filed(produces: Any, **states: Any) -> Mutation:
    """A second resource, `file`, that jobs bring forth: looked at, listed, downloaded, deleted."""
    known = {"processed": {}, **states, "deleted": {"gone": True}}

    def make(documents: Any) -> None:
        openapi, behavior = documents[OPENAPI], documents[BEHAVIOR]
        refused = {s: {"$ref": f"#/components/responses/{n}"} for s, n in (
            ("401", "Unauthorized"), ("403", "Deactivated"), ("404", "NotFound"), ("429", "RateLimited"))}  # fmt: skip
        shown = {name: {"value": {**SHOWN, "status": name}} for name, said in known.items() if not said.get("gone")}

        def answers(examples: Any, **more: Any) -> Any:
            ok = {
                "description": "x",
                "content": {"application/json": {"schema": {}, "examples": copy.deepcopy(examples)}},
            }
            return {"200": ok, **refused, **more}

        parameter = {"parameters": [{"name": "fileId", "in": "path", "required": True, "schema": {"type": "string"}}]}
        listed = {"ok": {"value": {"data": [{**SHOWN}]}}}
        openapi["paths"] |= {
            "/v1/files": {"get": {"operationId": "listFiles", "responses": answers(listed)}},
            "/v1/files/{fileId}": {
                **parameter,
                "get": {"operationId": "getFile", "responses": answers(shown)},
                "delete": {"operationId": "deleteFile", "responses": answers(shown)},
            },
            "/v1/files/{fileId}/content": {
                **parameter,
                "get": {
                    "operationId": "fileContent",
                    "responses": {
                        "200": {"description": "x", "content": {"application/octet-stream": {}}}, **refused
                    },
                },
            },
        }  # fmt: skip
        for path in ("/v1/files", "/v1/files/{fileId}", "/v1/files/{fileId}/content"):
            for name, operation in openapi["paths"][path].items():
                if name != "parameters" and path == "/v1/files":
                    operation["responses"].pop("404")
        bindings = {"/id": "id", "/name": "upload.file.name", "/created_at": "created"}
        behavior["resources"]["file"] = {
            "id": {"prefix": "file-", "form": "base62"}, "initial": "processed", "states": known, "bindings": bindings,
        }  # fmt: skip
        job = behavior["resources"]["job"]
        job["results"]["output"] = {"make": "text", "file": "output.txt", "text": "request./prompt"}
        job["produces"] = produces
        behavior["operations"] |= {
            "listFiles": {"verb": "list", "resource": "file", "items": "/data"},
            "getFile": {"verb": "show", "resource": "file"},
            "deleteFile": {"verb": "move", "resource": "file", "to": "deleted"},
            "fileContent": {"verb": "content", "resource": "file", "result": "upload.file"},
        }
        behavior["operations"]["getJob"]["bindings"]["/prompt"] = "produced.output"

    return make


OUTPUT = {"resource": "file", "on": ["succeeded"], "result": "output", "as": "file"}
FILED = both(running(), filed({"output": OUTPUT}))


def asked(own: Served, path: str, method: str = "GET") -> httpx.Response:
    return own.http.request(method, f"/v1/files{path}", headers=KEY)


def test_what_a_job_brings_forth_is_found_when_it_comes_to_the_state(tmp_path: Path) -> None:
    with serving(tmp_path, FILED) as own:
        identity = own.submit(prompt="A boat").json()["id"]
        file = own.show(identity)["prompt"]
        assert file.startswith("file-")
        for path in (f"/{file}", f"/{file}/content"):
            assert asked(own, path).status_code == 404
        assert asked(own, "").json()["data"] == []
        own.advance(11.9)
        assert asked(own, f"/{file}").status_code == 404
        own.advance(0.1)
        told = asked(own, f"/{file}").json()
        assert (told["id"], told["name"], told["created_at"]) == (file, "output.txt", 1_000_000_012)
        assert asked(own, f"/{file}/content").text == "A boat"
        assert [each["id"] for each in asked(own, "").json()["data"]] == [file]


PARENT = both(
    FILED, behave("/resources/file/bindings/~1name", "parent.id"),
    show("/paths/~1v1~1files/get/parameters", [{"name": "job", "in": "query", "schema": {"type": "string"}}]),
    show("/paths/~1v1~1files/get/responses/400", {"$ref": "#/components/responses/BadRequest"}),
    behave("/operations/listFiles/parameters", {"job": "parent.id"}),
)  # fmt: skip


def test_it_knows_the_job_that_brought_it_forth_and_is_listed_by_that(tmp_path: Path) -> None:
    with serving(tmp_path, PARENT) as own:
        first, second = (own.submit().json()["id"] for _ in range(2))
        files = {each: own.show(each)["prompt"] for each in (first, second)}
        own.advance(12)
        assert {each: asked(own, f"/{files[each]}").json()["name"] for each in files} == {first: first, second: second}
        assert [each["id"] for each in asked(own, f"?job={second}").json()["data"]] == [files[second]]
        assert asked(own, "?job=nobody").json()["data"] == []
        taken = own.http.get(f"{own.root}/_mock/sandboxes/default/snapshot").json()
        made = own.http.post(f"{own.root}/_mock/sandboxes", json={"name": "again", "snapshot": taken})
        assert made.status_code == 201, made.text
        again = own.http.get(f"{own.root}/@again/{NAME}/v1/files/{files[first]}", headers=KEY)
        assert again.json()["name"] == first


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (behave("/operations/getJob/bindings/~1prompt", "parent.id"), "no job brings forth job, which has no parent"),
        (both(FILED, behave("/resources/file/bindings/~1name", "parent.ids")), "Did you mean 'parent.id'?"),
    ],
)
def test_a_parent_that_nothing_has_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), found


def test_it_is_deleted_like_any_other(tmp_path: Path) -> None:
    with serving(tmp_path, FILED) as own:
        file = own.show(own.submit().json()["id"])["prompt"]
        assert asked(own, f"/{file}", "DELETE").status_code == 404
        own.advance(12)
        assert asked(own, f"/{file}", "DELETE").status_code == 200
        assert asked(own, f"/{file}").status_code == 404
        assert asked(own, f"/{file}/content").status_code == 404
        assert asked(own, "").json()["data"] == []


def test_it_is_of_the_account_of_its_job(tmp_path: Path) -> None:
    with serving(tmp_path, FILED) as own:
        file = own.show(own.submit().json()["id"])["prompt"]
        own.advance(12)
        other = own.running.default.api("own").account()
        answer = own.http.get(f"/v1/files/{file}", headers={"X-API-Key": other.api_key})
        assert answer.status_code == 404


CANCELLED = both(
    running(),
    filed({"output": {**OUTPUT, "on": ["succeeded", "cancelled"]}}),
    state("cancelling", after={"fixed": 4}, then="cancelled"),
    cancelling({"queued": "failed", "running": "cancelling"}, queued="Failed", running="cancelling"),
)


def test_a_job_that_is_moved_brings_it_forth_elsewhere_or_not_at_all(tmp_path: Path) -> None:
    with serving(tmp_path, CANCELLED) as own:
        first, second = (own.submit().json()["id"] for _ in range(2))
        files = {each: own.show(each)["prompt"] for each in (first, second)}
        own.http.post(f"/v1/jobs/{first}/cancel", headers=KEY)
        own.advance(3)
        own.http.post(f"/v1/jobs/{second}/cancel", headers=KEY)
        own.advance(3.9)
        assert asked(own, f"/{files[second]}").status_code == 404
        own.advance(0.1)
        assert asked(own, f"/{files[second]}").json()["created_at"] == 1_000_000_007
        own.advance(100)
        assert asked(own, f"/{files[first]}").status_code == 404
        assert [each["id"] for each in asked(own, "").json()["data"]] == [files[second]]


def test_a_job_is_moved_with_what_it_brings_forth_though_that_was_changed_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path, CANCELLED) as own:
        identity = own.submit().json()["id"]
        file, api = own.show(identity)["prompt"], own.sandbox.apis[NAME]
        look_up, looks = api.state.look_up, []

        async def changed_behind(name: str, ids: Any) -> Any:
            """Another process changes the file just after it was looked up, the first time."""
            records = await look_up(name, ids)
            looks.append(records[file].job.rev)
            if len(looks) == 1:
                api.part.store.put(records[file].job.but())
            return records

        monkeypatch.setattr(api.state, "look_up", changed_behind)
        assert own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY).status_code == 200
        assert looks == [1, 2]


def test_it_begins_in_the_state_that_is_named_and_lives_on_from_there(tmp_path: Path) -> None:
    lived = both(
        running(),
        filed(
            {"output": {**OUTPUT, "state": "checking"}},
            checking={"after": {"fixed": 5}, "then": "processed"},
        ),
    )
    with serving(tmp_path, lived) as own:
        file, told = own.show(own.submit().json()["id"])["prompt"], []
        own.advance(12)
        for seconds in (0, 4.9, 0.1):
            own.advance(seconds)
            told.append(asked(own, f"/{file}").json()["status"])
        assert told == ["checking", "checking", "processed"]


def test_a_snapshot_has_what_will_be_brought_forth(tmp_path: Path) -> None:
    lived = both(
        running(),
        filed({"output": {**OUTPUT, "state": "checking"}, "log": {"resource": "file", "on": ["failed"]}},
              checking={"after": {"fixed": 5}, "then": "processed"}),
    )  # fmt: skip
    with serving(tmp_path, lived) as own:
        file = own.show(own.submit(prompt="A boat").json()["id"])["prompt"]
        for seconds in (1, 11):
            own.advance(seconds)
            with own.running.sandbox(snapshot=own.running.default.snapshot()) as other:
                key = {"X-API-Key": other.api("own").api_key}
                url = f"{other.api('own').url}/v1/files/{file}"
                other.clock.advance(12 - 1 if seconds == 1 else 0)
                assert own.http.get(url, headers=key).json()["status"] == "checking"
                assert own.http.get(f"{url}/content", headers=key).text == "A boat"
                other.clock.advance(5)
                assert own.http.get(url, headers=key).json()["status"] == "processed"


def test_the_control_api_lists_what_is_there(tmp_path: Path) -> None:
    with serving(tmp_path, FILED) as own:
        own.submit()
        assert [each.state for each in own.running.default.jobs] == ["queued"]
        own.advance(12)
        assert {each.state for each in own.running.default.jobs} == {"succeeded", "processed"}


@pytest.mark.parametrize("state", ["queued", "succeeded", "cancelled"])
def test_a_trial_takes_no_offspring_for_the_job_that_was_created(state: str, tmp_path: Path) -> None:
    contract, found = load_folder(
        write(tmp_path / NAME, documents(running(), filed({"output": {"resource": "file", "on": [state]}})))
    )
    assert contract is not None, found
    said = [each.sentence for each in tried(contract)]
    assert [each for each in said if "breaks" in each or "does not tell" in each] == []


@pytest.mark.parametrize(
    ("produces", "word"),
    [
        ({"output": {**OUTPUT, "resource": "fil"}}, "no resource 'fil'"),
        ({"output": {**OUTPUT, "on": ["done"]}}, "no on 'done'"),
        ({"output": {**OUTPUT, "state": "ready"}}, "no state 'ready'"),
        ({"output": {**OUTPUT, "result": "outputs"}}, "no result 'outputs'"),
        ({"other": OUTPUT}, "nothing is produced as 'output'; there is other"),
        ({"output": {"resource": "file"}}, "the word 'on' is missing"),
    ],
)
def test_a_mistake_in_what_is_brought_forth_is_named(produces: Any, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, running(), filed(produces))
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"


__all__ = ["behave"]
