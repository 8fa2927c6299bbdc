"""The verb `update`: what a request says anew of a resource is what later answers show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_kit import receiving
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, both, show, without
from language_kit import NAME, SHOW, Served, findings, serving

KEY = {"X-API-Key": "demo-key"}
FORM = "application/x-www-form-urlencoded"
AT = "/paths/~1v1~1jobs~1{jobId}/patch"
NAMES = ("Queued", "Running", "Succeeded", "Failed", "Cancelled")
LABELS = {"type": "object", "maxProperties": 3, "additionalProperties": {"type": ["string", "null"]}}
FIELDS = {"labels": LABELS, "prompt": {"type": "string"}, "note": {}}


def updating(sets: Any = None, media_type: str = "application/json", **more: Any) -> Mutation:
    """A job with labels, and an operation that says some of its fields anew."""
    labels = {"type": "object", "additionalProperties": {"type": "string"}} if media_type == FORM else LABELS
    content = {
        "schema": {"type": "object", "properties": {**FIELDS, "labels": labels}},
        "examples": {"one": {"value": {"labels": {"a": "1"}, "prompt": "y"}}},
        **({"encoding": {"labels": {"style": "deepObject"}}} if media_type == FORM else {}),
    }

    def write(documents: Documents) -> None:
        api, said = documents[OPENAPI], documents[BEHAVIOR]
        for name in NAMES:
            api["components"]["examples"][name]["value"] |= {"labels": {"a": "1"}, "note": "x"}
        api["components"]["schemas"]["Job"]["properties"] |= {"labels": {}, "note": {}}
        api["components"]["schemas"]["JobRequest"]["properties"]["labels"] = LABELS
        shown = api["paths"]["/v1/jobs/{jobId}"]["get"]
        refused = {name: shown["responses"][name] for name in shown["responses"] if name != "200"}
        refused["400"] = {"$ref": "#/components/responses/BadRequest"}
        for status, problem in (("413", "too_large"), ("415", "unsupported_body")):
            examples = {problem: {"value": {"message": "x"}}}
            refused[status] = {"description": "x", "content": {"application/json": {"examples": examples}}}
        api["paths"]["/v1/jobs/{jobId}"]["patch"] = {
            "operationId": "updateJob",
            "parameters": shown.get("parameters", []),
            "requestBody": {"required": True, "content": {media_type: content}},
            "responses": {"200": shown["responses"]["200"], **refused},
        }
        said["resources"]["job"]["bindings"] = {
            "/labels": {"fact": "request./labels", "else": {"when": {"request./labels": None}}},
            "/note": {"fact": "request./note", "else": "none"},
            "/prompt": "request./prompt",
        }
        said["operations"]["updateJob"] = {
            "verb": "update", "resource": "job", "bindings": {"/id": "id", "/error": "error", "/created_at": "created"},
            "sets": {"/labels": "merge", "/prompt": "replace", "/note": "replace"} if sets is None else sets, **more,
        }  # fmt: skip

    return write


def update(own: Served, identity: str, **said: Any) -> Any:
    return own.http.patch(f"/v1/jobs/{identity}", json=said, headers=KEY)


def test_what_is_said_anew_is_shown_from_then_on(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, updating()) as own:
        identity = own.submit(labels={"a": "1", "b": "2"}, callback=receiver.url).json()["id"]
        answer = update(own, identity, labels={"b": None, "c": "3"}, prompt="Another", note={"deep": [1]})
        assert answer.status_code == 200
        wanted = {"labels": {"a": "1", "c": "3"}, "prompt": "Another", "note": {"deep": [1]}}
        assert answer.json().items() >= wanted.items()
        assert own.show(identity).items() >= wanted.items()
        update(own, identity, prompt="A third")
        assert own.show(identity).items() >= {**wanted, "prompt": "A third"}.items()
        own.advance(1000)
        assert receiver.got[0].json.items() >= {**wanted, "prompt": "A third"}.items()


def test_members_are_taken_away_and_put_back(tmp_path: Path) -> None:
    with serving(tmp_path, updating()) as own:
        identity = own.submit().json()["id"]
        assert update(own, identity, labels={"x": "1"}).json()["labels"] == {"x": "1"}
        assert update(own, identity, labels={"x": None}).json()["labels"] == {}
        assert update(own, identity, labels={"y": ""}).json()["labels"] == {"y": ""}


def nullable(documents: Documents) -> None:
    """An update whose fields may be null, members by name among them."""
    fields = documents[OPENAPI]["paths"]["/v1/jobs/{jobId}"]["patch"]["requestBody"]["content"]["application/json"]
    inner = {"a": {"type": ["string", "null"]}, "b": {"type": "string"}}
    labels = {"type": ["object", "null"], "properties": inner, "additionalProperties": {"type": ["string", "null"]}}
    fields["schema"]["properties"] |= {"labels": labels, "note": {"anyOf": [{"type": "string"}, {"type": "null"}]}}


def test_null_is_a_value_that_is_said_anew_where_the_schema_allows_it(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, updating(), nullable) as own:
        identity = own.submit(labels={"a": "1", "b": "2"}, callback=receiver.url).json()["id"]
        assert update(own, identity, labels={"a": None}).json()["labels"] == {"b": "2"}
        assert update(own, identity, note="y").json()["note"] == "y"
        answer = update(own, identity, note=None)
        assert (answer.status_code, answer.json()["note"]) == (200, "none")  # what stands for an absent one
        assert update(own, identity, labels=None).json()["labels"] == {}
        assert (own.show(identity)["note"], own.show(identity)["labels"]) == ("none", {})
        own.advance(1000)
        assert (receiver.got[0].json["note"], receiver.got[0].json["labels"]) == ("none", {})
        assert update(own, identity, note="z").json()["note"] == "z"


def test_null_is_left_out_where_the_schema_does_not_allow_it(tmp_path: Path) -> None:
    with serving(tmp_path, updating(), nullable) as own:
        identity = own.submit(prompt="Mine", labels={"a": "1", "b": "2"}).json()["id"]
        assert update(own, identity, prompt=None).status_code == 200
        assert update(own, identity, labels={"b": None}).json()["labels"] == {"a": "1", "b": "2"}
        assert own.show(identity)["prompt"] == "Mine"


def test_who_creates_says_nothing_by_null(tmp_path: Path) -> None:
    field = show("/components/schemas/JobRequest/properties/note", {"type": ["string", "null"]})
    with serving(tmp_path, updating(), field) as own:
        assert own.submit(note=None).json()["note"] == own.submit().json()["note"] == "none"


def test_what_an_update_may_say_fits_what_is_shown_of_it(tmp_path: Path) -> None:
    """Null too, and texts that are longer than the creating request may say."""
    at = f"{AT}/requestBody/content/application~1json/schema/properties/prompt"
    shown = "/components/schemas/Job/properties/prompt"
    for name, mutation in (
        ("null", both(show(at, {"type": ["string", "null"]}), show(shown, {"type": "string"}))),
        (
            "long",
            both(show(at, {"type": "string", "maxLength": 5000}), show(shown, {"type": "string", "maxLength": 2000})),
        ),
    ):
        found = findings(tmp_path / name, updating(), mutation)
        assert any("request./prompt can write" in each for each in found), found


def test_in_a_form_the_empty_text_takes_a_member_away(tmp_path: Path) -> None:
    with serving(tmp_path, updating(media_type=FORM)) as own:
        identity = own.submit(labels={"a": "1", "b": "2"}).json()["id"]

        def sent(**fields: str) -> Any:
            return own.http.patch(f"/v1/jobs/{identity}", data=fields, headers=KEY).json()["labels"]

        assert sent(**{"labels[a]": "", "labels[c]": "3"}) == {"b": "2", "c": "3"}
        assert sent(**{"labels[b]": "", "labels[c]": ""}) == {}


@pytest.mark.parametrize(("field", "status"), [("labels[]", 400), ("labels[][c]", 400), ("labels[0]", 200)])
def test_a_member_of_an_object_has_a_name(field: str, status: int, tmp_path: Path) -> None:
    with serving(tmp_path, updating(media_type=FORM)) as own:
        identity = own.submit(labels={"a": "1"}).json()["id"]
        told = own.http.patch(f"/v1/jobs/{identity}", data={field: "3"}, headers=KEY)
        assert told.status_code == status, told.text
        assert own.show(identity)["labels"] == ({"a": "1", "0": "3"} if status == 200 else {"a": "1"})


@pytest.mark.parametrize("media_type", [FORM, "application/json"])
def test_the_empty_text_in_the_place_of_all_members_takes_them_away(media_type: str, tmp_path: Path) -> None:
    """As far as the schema lets it stand there; else it is refused, and nothing is lost."""
    at = f"{AT}/requestBody/content/{media_type.replace('/', '~1')}/schema/properties/labels"
    labels = {"anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"const": ""}]}
    word = "data" if media_type == FORM else "json"
    for name, mutation, left in (("open", show(at, labels), {}), ("closed", both(), {"a": "1", "b": "2"})):
        with serving(tmp_path / name, updating(media_type=media_type), mutation) as own:
            identity = own.submit(labels={"a": "1", "b": "2"}).json()["id"]
            sent = [{word: {"labels": ""}}, {word: {"prompt": "x"}}]
            told = [own.http.patch(f"/v1/jobs/{identity}", headers=KEY, **each).status_code for each in sent]
            assert (told, own.show(identity)["labels"]) == ([200 if name == "open" else 400, 200], left)


def test_who_asks_for_another_ones_job_changes_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, updating()) as own:
        identity = own.submit(prompt="Mine").json()["id"]
        other = own.sandbox.apis[NAME].account()
        answer = own.http.patch(f"/v1/jobs/{identity}", json={"prompt": "Yours"}, headers={"X-API-Key": other.key})
        assert answer.status_code == 404
        assert update(own, "nobody", prompt="x").status_code == 404
        assert update(own, identity, prompt=3).status_code == 400
        assert own.show(identity)["prompt"] == "Mine"


def conflict(documents: Documents) -> None:
    """What has succeeded takes no update."""
    responses = documents[OPENAPI]["paths"]["/v1/jobs/{jobId}"]["patch"]["responses"]
    shown = responses["200"]["content"]["application/json"]["examples"]
    left = {name: each for name, each in shown.items() if not name.startswith("succeeded")}
    media = {**responses["200"]["content"]["application/json"], "examples": left}
    responses["200"] = {"description": "x", "content": {"application/json": media}}
    late = {"succeeded": {"value": {"message": "Too late"}}}
    responses["409"] = {"description": "x", "content": {"application/json": {"examples": late}}}


def test_a_state_that_refuses_keeps_what_there_was(tmp_path: Path) -> None:
    with serving(tmp_path, updating(), conflict) as own:
        identity = own.submit(prompt="First").json()["id"]
        own.advance(1000)
        assert update(own, identity, prompt="Second").status_code == 409
        assert own.show(identity)["prompt"] == "First"


def test_an_update_may_move_its_job_as_well(tmp_path: Path) -> None:
    with serving(tmp_path, updating(to={"queued": "cancelled"})) as own:
        identity = own.submit().json()["id"]
        assert update(own, identity, prompt="Last words").status_code == 200
        assert (own.show(identity)["status"], own.show(identity)["prompt"]) == ("cancelled", "Last words")


def test_the_answer_is_that_of_the_variant_which_the_update_makes_so(tmp_path: Path) -> None:
    wide = both(
        behave("/variants", {"loudly": {"request./note": "loud"}}),
        show(f"{SHOW}/responses/200/content/application~1json/examples/queued.loudly", {"value": {"id": "LOUD"}}),
        show("/components/schemas/Job/required", []),
    )
    with serving(tmp_path, updating(), wide) as own:
        identity = own.submit().json()["id"]
        assert update(own, identity, note="quiet").json()["status"] == "queued"
        assert "status" not in update(own, identity, note="loud").json()
        assert "status" not in own.show(identity)


def test_updates_of_one_job_keep_no_more_than_a_mebibyte(tmp_path: Path) -> None:
    with serving(tmp_path, updating()) as own:
        identity = own.submit().json()["id"]
        half = "x" * 600_000
        assert update(own, identity, note=half).status_code == 200
        assert update(own, identity, prompt=half).status_code == 413
        assert own.show(identity)["note"] == half
        assert update(own, identity, note="short").status_code == 200
        assert update(own, identity, prompt=half).status_code == 200


def test_what_is_too_large_already_may_be_said_anew_as_long_as_it_does_not_grow(tmp_path: Path) -> None:
    with serving(tmp_path, updating()) as own:
        large = "x" * 1_048_500  # what a request can say at most weighs a little more than may be kept
        identity = own.submit(labels={"a": large}).json()["id"]
        assert update(own, identity, labels={"a": "y" * len(large)}).status_code == 200
        assert update(own, identity, note="more").status_code == 413
        assert own.show(identity)["labels"]["a"][0] == "y"


def test_what_was_said_anew_comes_back_out_of_a_snapshot(tmp_path: Path) -> None:
    with serving(tmp_path, updating()) as own:
        identity = own.submit(labels={"a": "1", "b": "2"}).json()["id"]
        update(own, identity, labels={"c": "3", "d": "4"}, note={"deep": True})
        taken = own.http.get(f"{own.root}/_mock/sandboxes/default/snapshot").json()
        made = own.http.post(f"{own.root}/_mock/sandboxes", json={"name": "again", "snapshot": taken})
        assert made.status_code == 201, made.text
        again = own.http.get(f"{own.root}/@again/{NAME}/v1/jobs/{identity}", headers=KEY).json()
        assert again == {**own.show(identity), "picture_url": again["picture_url"]}
        assert len(again["labels"]) == 4


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (updating({"/labls": "merge"}), "no request of updateJob has a field /labls"),
        (updating({"/labels": "merg"}), "'merg'"),
        (updating({}), "{}"),
        (updating({"labels": "merge"}), "labels"),
        (both(updating(), without(BEHAVIOR, "/resources/job/bindings/~1note")), "nothing shows request./note"),
        (both(updating(), without(OPENAPI, f"{AT}/responses/413")), "too_large"),
        (both(updating(), without(BEHAVIOR, "/operations/updateJob/sets")), "'sets' is missing"),
        (updating(to={"queued": "canceled"}), "no state 'canceled'"),
        (behave("/resources/job/bindings", {"/prompt": "request./nowhere"}), "/nowhere"),
    ],
)
def test_an_update_that_cannot_be_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"


@pytest.mark.parametrize("sent", ["application/merge-patch+json", "Application/Merge-Patch+JSON; charset=utf-8"])
def test_a_body_of_another_type_of_json_is_read_as_json(sent: str, tmp_path: Path) -> None:
    with serving(tmp_path, updating(media_type="application/merge-patch+json")) as own:
        identity = own.submit(prompt="One").json()["id"]
        patch = {"content": b'{"prompt": "Another"}', "headers": {**KEY, "Content-Type": sent}}
        assert own.http.patch(f"/v1/jobs/{identity}", **patch).json()["prompt"] == "Another"
        assert own.http.get(f"/v1/jobs/{identity}", headers=KEY).json()["prompt"] == "Another"
        wrong = own.http.patch(f"/v1/jobs/{identity}", **{**patch, "content": b'{"prompt": 7}'})
        assert wrong.status_code == 400
