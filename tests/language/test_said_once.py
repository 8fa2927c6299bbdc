"""Headers of every response, rules of every file, fields that refusals lack, refusals found by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, both, drop, put, show, without, write
from language_kit import FORM, NAME, SUBMIT, documents, findings, serving

from mockserver.completion import complete
from mockserver.contract import Contract
from mockserver.loader import load_folder

KEY = {"X-API-Key": "demo-key"}
JSON = "application/json"
HEADER = {"X-Version": {"schema": {"type": "string"}, "example": "7"}}


def loaded(folder: Path, *mutations: Mutation) -> Contract:
    contract, found = load_folder(write(folder / NAME, documents(*mutations)))
    assert contract is not None, found
    return contract


def typed(made: Documents) -> None:
    """The job is submitted by a form, and the types of its picture stand in openapi.json alone."""
    put(made[OPENAPI], f"{SUBMIT}/requestBody/content", {
        kind: {**said, "encoding": {"picture": {"contentType": "image/png, image/jpeg"}}} for kind, said in FORM.items()
    })  # fmt: skip
    drop(made[BEHAVIOR], "/resources/job/results/picture/aspect")
    for file in (OPENAPI, BEHAVIOR):
        put(made[file], "/webhooks", {})
    put(made[BEHAVIOR], "/matches", [])
    examples = made[OPENAPI]["components"]["responses"]["UnsupportedBody"]["content"][JSON]["examples"]
    examples["wrong_file"] = {"value": {"code": "wrong_file", "message": "x"}}


def send(own: Any, data: bytes, kind: str) -> Any:
    return own.http.post("/v1/jobs", data={"prompt": "x"}, files={"picture": ("a", data, kind)}, headers=KEY)


# Headers -----------------------------------------------------------------------------------------------------------


def test_a_header_of_every_response_is_sent_with_each(tmp_path: Path) -> None:
    with serving(tmp_path, show("/x-headers", HEADER)) as own:
        made = own.submit()
        asked = [made, own.http.get("/v1/jobs/none", headers=KEY), own.http.get("/v1/jobs")]
        assert [(each.status_code, each.headers.get("x-version")) for each in asked] == [
            (201, "7"), (404, "7"), (401, "7")]  # fmt: skip
        assert "x-version" not in own.http.get("/v1/nowhere").headers
        served = own.http.get("/openapi.json").json()
        assert "x-headers" not in served
        for path in served["paths"].values():
            for operation in (each for method, each in path.items() if method in ("get", "post")):
                for response in operation["responses"].values():
                    node = response if "$ref" not in response else served["components"]["responses"][
                        response["$ref"].rsplit("/", 1)[1]]  # fmt: skip
                    assert "X-Version" in node["headers"]


def test_what_a_response_says_of_a_header_itself_stands(tmp_path: Path) -> None:
    own_header = {"X-Version": {"schema": {"type": "string"}, "example": "8"}}
    with serving(tmp_path, show("/x-headers", HEADER), show(f"{SUBMIT}/responses/201/headers", own_header)) as own:
        assert own.submit().headers["x-version"] == "8"


def test_where_a_limit_counts_unknown_paths_they_have_it_too(tmp_path: Path) -> None:
    limit = {"name": "all", "per": "ip", "operations": "*", "under": "/v1/", "limit": 100, "window": 60}
    limited = both(behave("/limits", [limit]), behave("/unrouted/rate_limited", "RateLimited"))
    with serving(tmp_path, show("/x-headers", HEADER), limited) as own:
        assert own.http.get("/v1/nowhere").headers["x-version"] == "7"
        assert own.http.delete("/v1/jobs", headers=KEY).headers["x-version"] == "7"


def test_what_is_no_header_is_named(tmp_path: Path) -> None:
    assert any("#/x-headers/X-Version" in each for each in findings(tmp_path, show("/x-headers", {"X-Version": 7})))


# Files -------------------------------------------------------------------------------------------------------------

RULES = {"max_bytes": 20, "unsupported": "wrong_file"}


def test_what_is_the_same_for_all_files_stands_once(tmp_path: Path) -> None:
    with serving(tmp_path, typed, behave("/files", RULES)) as own:
        png = b"\x89PNG\r\n\x1a\n"
        assert send(own, png, "image/png").status_code == 201
        assert send(own, b"GIF89a", "image/gif").json()["code"] == "wrong_file"
        answer = send(own, png + b"x" * 20, "image/png")
        assert answer.json().get("code") == "too_large", answer.text


def test_the_length_that_a_schema_says_goes_before(tmp_path: Path) -> None:
    at = f"{SUBMIT}/requestBody/content/multipart~1form-data/schema/properties/picture/maxLength"
    contract = loaded(tmp_path, typed, behave("/files", RULES), show(at, 30))
    rule = contract.operations["submitJob"].files["picture"]
    assert (rule.max_bytes, rule.unsupported, rule.accept) == (30, "wrong_file", ("image/png", "image/jpeg"))


def test_a_problem_of_files_that_nothing_shows_is_named(tmp_path: Path) -> None:
    found = findings(tmp_path, typed, behave("/files", {"unsupported": "zzz"}))
    assert any("submitJob can refuse with zzz, and there is no example of it" in each for each in found)


def test_a_reference_may_be_of_the_types_of_a_file(tmp_path: Path) -> None:
    referring = both(
        typed, behave("/files", RULES),
        show(f"{SUBMIT}/requestBody/content/multipart~1form-data/schema/properties/like", {"type": "string"}),
        show(f"{SUBMIT}/responses/404", {"$ref": "#/components/responses/NotFound"}),
        behave("/operations/submitJob/references", {"/like": {"resource": "job", "as": "picture"}}),
    )  # fmt: skip
    (reference,) = loaded(tmp_path, referring).operations["submitJob"].references
    assert (reference.accept, reference.unsupported) == (("image/png", "image/jpeg"), "wrong_file")
    wrong = behave("/operations/submitJob/references", {"/like": {"resource": "job", "as": "pictur"}})
    (found,) = findings(tmp_path / "x", referring, wrong)
    assert "/operations/submitJob/references/~1like/as: no request has a file 'pictur'" in found
    assert "Did you mean 'picture'?" in found


# Quirks ------------------------------------------------------------------------------------------------------------


def brief(**more: Any) -> Mutation:
    """A quirk without which answers have no message."""
    said = {"default": True, "title": "Words", "omit": ["/message"], **more}
    return both(
        behave("/quirks/words", said),
        show("/components/schemas/Error/required", ["code"]),
        show("/components/schemas/Job/properties/message", {"type": "string"}),
        show("/components/examples/Queued/value/message", "Welcome"),
    )


@pytest.mark.parametrize(("more", "told"), [({}, None), ({"only": "refusals"}, "Welcome")])
def test_a_quirk_may_be_one_of_refusals_alone(more: dict[str, str], told: str | None, tmp_path: Path) -> None:
    with serving(tmp_path, brief(**more)) as own:
        own.sandbox.apis[NAME].quirk("words", False)
        assert own.submit().json().get("message") == told
        assert own.http.get("/v1/jobs/none", headers=KEY).json() == {"code": "not_found"}
        assert own.http.get("/v1/nowhere").json() == {"code": "unknown_path"}


def test_refusals_alone_of_nothing_is_a_mistake(tmp_path: Path) -> None:
    found = findings(tmp_path, behave("/quirks/loud/only", "refusals"))
    assert any("#/quirks/loud" in each for each in found)


def test_the_served_document_shows_what_a_quirk_takes_away(tmp_path: Path) -> None:
    contract = loaded(tmp_path, brief(only="refusals"))
    document = complete(contract)
    shown = document["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]["404"]["content"][JSON]["examples"]
    assert shown["not_found.words-off"] == {"value": {"code": "not_found"}}
    assert "queued.words-off" not in str(document["paths"]["/v1/jobs"]["post"]["responses"]["201"])
    unknown = document["components"]["responses"]["UnknownPath"]["content"][JSON]["examples"]
    assert unknown["unknown_path.words-off"] == {"value": {"code": "unknown_path"}}
    assert "words-off" not in str(contract.document)


def test_items_that_are_like_an_operation_lack_what_its_answers_lack(tmp_path: Path) -> None:
    short = both(
        brief(), without(BEHAVIOR, "/operations/listJobs/item_state"), behave("/operations/listJobs/like", "getJob")
    )
    with serving(tmp_path, short) as own:
        own.submit()
        assert own.http.get("/v1/jobs", headers=KEY).json()["items"][0]["message"] == "Welcome"
        own.sandbox.apis[NAME].quirk("words", False)
        assert "message" not in own.http.get("/v1/jobs", headers=KEY).json()["items"][0]


# Refusals that no operation gives ----------------------------------------------------------------------------------


def test_refusals_of_no_operation_are_found_by_their_names(tmp_path: Path) -> None:
    with serving(tmp_path, without(BEHAVIOR, "/unrouted")) as own:
        assert own.http.get("/v1/nowhere").json()["code"] == "unknown_path"
        assert own.http.delete("/v1/jobs", headers=KEY).json()["code"] == "wrong_method"


def in_shared(made: Documents) -> None:
    del made[BEHAVIOR]["unrouted"]
    responses = made[OPENAPI]["components"]["responses"]
    made[OPENAPI]["x-responses"] = {
        status: responses.pop(name)
        for name, status in (("UnknownPath", "410"), ("WrongMethod", "405"), ("MalformedRequest", "400"))
    }


def test_they_may_stand_among_the_refusals_of_all_with_a_status_of_their_own(tmp_path: Path) -> None:
    with serving(tmp_path, in_shared) as own:
        gone = own.http.get("/v1/nowhere")
        assert (gone.status_code, gone.json()["code"]) == (410, "unknown_path")
        served = own.http.get("/openapi.json").json()["components"]["responses"]
        assert "unknown_path" in served["UnknownPath"]["content"][JSON]["examples"]


def test_one_that_is_missing_is_named_with_where_it_belongs(tmp_path: Path) -> None:
    found = findings(
        tmp_path, without(BEHAVIOR, "/unrouted"), without(OPENAPI, "/components/responses/HeadersTooLarge")
    )
    assert any("no example is named 'headers_too_large'" in each and "status 431" in each for each in found)


def test_what_a_webhook_is_like_is_shown_in_the_served_document(tmp_path: Path) -> None:
    document = complete(loaded(tmp_path))
    shown = document["webhooks"]["ended"]["post"]["requestBody"]["content"][JSON]["examples"]
    assert list(shown) == ["succeeded", "failed", "failed.loud-off"]


def test_a_state_that_is_named_beside_a_response_is_not_answered_by_other(tmp_path: Path) -> None:
    def other(made: Documents) -> None:
        responses = made[OPENAPI]["paths"]["/v1/jobs/{jobId}/cancel"]["post"]["responses"]
        examples = responses["200"]["content"][JSON].pop("examples")
        made[OPENAPI]["components"]["examples"]["cancelled"] = made[OPENAPI]["components"]["examples"]["Cancelled"]
        responses["200"]["x-answers"] = list(examples)
        late = responses["409"]["content"][JSON]
        late["examples"] = {"other": late["examples"]["running"]}

    with serving(tmp_path, other) as own:
        identity = own.submit().json()["id"]
        moved = own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)
        assert (moved.status_code, moved.json()["status"]) == (200, "cancelled")
        assert own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY).status_code == 409


def test_a_body_without_examples_is_judged_by_a_small_one(tmp_path: Path) -> None:
    bare: list[Mutation] = [
        without(OPENAPI, f"{SUBMIT}/requestBody/content/application~1json/examples"),
        show("/components/schemas/JobRequest/required", ["prompt", "aspect"]),
        behave("/operations/getJob/bindings/~1prompt", "request./aspect"),
    ]
    assert findings(tmp_path, *bare) == []
    optional = show("/components/schemas/JobRequest/required", ["prompt"])
    found = findings(tmp_path / "optional", *bare, optional)
    assert any("the fact request./aspect can write null" in each for each in found)
