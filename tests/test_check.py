"""Every mistake that shows when answers are rendered is named with its file, its JSON pointer and what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_kit import BEHAVIOR, OPENAPI, Row, assert_named, behave, both, good, put, show, without, write

from mockserver.check import check
from mockserver.loader import SHIPPED, contract_folders

SUBMIT = "/paths/~1v1~1jobs/post"
SHOW = "/paths/~1v1~1jobs~1{jobId}/get"
LISTED = "/paths/~1v1~1jobs/get/responses/200/content/application~1json/examples/ok/value"
GET = "/operations/getJob/bindings"
JOB = "/components/schemas/Job/properties"

MUTATIONS: list[Row] = [
    # what rendering finds
    ("absent fact where the schema wants one", show(f"{JOB}/ended_at/type", "string"), OPENAPI,
     "/components/examples/Queued/value/ended_at", "null"),
    ("request field that may be left out",
     both(show(f"{JOB}/aspect", {"type": "string"}), show("/components/examples/Queued/value/aspect", "16:9"),
          behave("/operations/submitJob/bindings/~1aspect", "request./aspect")),
     BEHAVIOR, "/operations/submitJob/bindings/~1aspect", "null"),
    ("echoed text longer than the answer allows", show(f"{JOB}/prompt/maxLength", 100), BEHAVIOR,
     "/operations/submitJob/bindings/~1prompt", "at most 100"),
    ("progress past the schema", show(f"{JOB}/progress", {"enum": [0, 45, 100]}), BEHAVIOR, f"{GET}/~1progress", "99"),
    ("URL that is no constant", show(f"{JOB}/picture_url", {"enum": [None, "https://example.com/picture.png"]}),
     BEHAVIOR, f"{GET}/~1picture_url", "result.picture"),
    ("error nobody listed",
     both(without(BEHAVIOR, "/resources/job/run/errors"), show(f"{JOB}/error", {"enum": [None, "Rendering failed"]})),
     BEHAVIOR, f"{GET}/~1error", "error"),
    ("refusal's sentence where a code is wanted",
     show("/components/schemas/Error/properties/message", {"type": "string", "maxLength": 60}), BEHAVIOR,
     "/problems/bad_request/bindings/~1message", "problem.why"),
    ("else of another kind", behave(f"{GET}/~1prompt", {"fact": "request./aspect", "else": 7}), BEHAVIOR,
     f"{GET}/~1prompt", "7 in the answer"),
    ("text joined of an absent part", behave(f"{GET}/~1prompt", {"join": ["at ", {"fact": "request./aspect"}]}),
     BEHAVIOR, f"{GET}/~1prompt", "can write null"),
    ("page that ends", show("/paths/~1v1~1jobs/get/responses/200/content/application~1json/schema/properties/next",
                            {"type": "string"}), BEHAVIOR, "/operations/listJobs/page/~1next", "page.next"),
    ("item of a list", show(f"{JOB}/created_at", {"enum": ["2026-05-07T12:34:56.000Z"]}), BEHAVIOR,
     "/operations/listJobs/bindings/~1created_at", "listJobs ok"),
    ("body that the webhook does not allow",
     show("/webhooks/ended/post/requestBody/content/application~1json/schema", {"required": ["event"]}), BEHAVIOR,
     "/webhooks/ended", "event"),
    # facts that are not there, and forms they do not take
    ("no such result", behave(f"{GET}/~1picture_url", "result.film"), BEHAVIOR, f"{GET}/~1picture_url", "picture"),
    ("no such part", behave(f"{GET}/~1picture_url", "upload.image"), BEHAVIOR, f"{GET}/~1picture_url", "image"),
    ("no such operation to link", behave(f"{GET}/~1picture_url", "link.gone"), BEHAVIOR,
     f"{GET}/~1picture_url", "gone"),
    ("link to an operation that is not signed", behave(f"{GET}/~1picture_url", "link.getJob"), BEHAVIOR,
     f"{GET}/~1picture_url", "signed"),
    ("no such account fact", behave(f"{GET}/~1prompt", "account.team"), BEHAVIOR, f"{GET}/~1prompt", "team"),
    ("no such request field", behave(f"{GET}/~1prompt", "request./promt"), BEHAVIOR, f"{GET}/~1prompt", "/promt"),
    ("nothing is produced", behave(f"{GET}/~1prompt", "produced"), BEHAVIOR, f"{GET}/~1prompt", "produces nothing"),
    ("fact of a token", behave(f"{GET}/~1prompt", "token"), BEHAVIOR, f"{GET}/~1prompt", "verb token"),
    ("fact of a page", behave(f"{GET}/~1prompt", "page.next"), BEHAVIOR, f"{GET}/~1prompt", "list's page"),
    ("fact of a refusal", behave(f"{GET}/~1prompt", "problem.why"), BEHAVIOR, f"{GET}/~1prompt", "refusals"),
    ("fact of a job in a refusal", behave("/problems/bad_request/bindings/~1message", "id"), BEHAVIOR,
     "/problems/bad_request/bindings/~1message", "none here"),
    ("aspect of no field", behave("/resources/job/results/picture/aspect", "request./ratio"), BEHAVIOR,
     "/resources/job/results/picture", "/ratio"),
    ("size of no field",
     behave("/resources/job/results/picture/size", {"fact": "request./ratio", "of": {"hd": [64, 64]}}), BEHAVIOR,
     "/resources/job/results/picture", "/ratio"),
    ("frames of no field", behave("/resources/job/results/picture/fps", {"fact": "request./ratio"}), BEHAVIOR,
     "/resources/job/results/picture", "/ratio"),
    ("quirk of a scenario", behave("/scenarios/slow/quirks", {"gone": True}), BEHAVIOR, "/scenarios/slow/quirks",
     "'gone'"),
    ("header nobody declares", behave("/operations/getJob/bindings/header.X-Job", "id"), BEHAVIOR,
     "/operations/getJob/bindings/header.X-Job", "X-Job"),
    ("header of a fact that is not there",
     both(behave("/operations/getJob/bindings/header.X-Job", "request./promt"),
          show(f"{SHOW}/responses/200/headers", {"X-Job": {"schema": {"type": "string"}}})), BEHAVIOR,
     "/operations/getJob/bindings/header.X-Job", "/promt"),
    ("answer without a body to no state", show(f"{SHOW}/responses/200/x-answers", ["gone"]), OPENAPI,
     f"{SHOW}/responses/200/x-answers", "'gone'"),
    ("time in no known form", behave(f"{GET}/~1prompt", "created"), BEHAVIOR, f"{GET}/~1prompt", "a time"),
    ("progress in no known form", behave(f"{GET}/~1prompt", "progress"), BEHAVIOR, f"{GET}/~1prompt", "percentage"),
    ("count shown as a word", behave(f"{GET}/~1prompt", "retries"), BEHAVIOR, f"{GET}/~1prompt", "a number"),
    ("price shown as a word", behave(f"{GET}/~1prompt", "cost"), BEHAVIOR, f"{GET}/~1prompt", "a number"),
    ("id shown as a number", behave(f"{GET}/~1progress", "id"), BEHAVIOR, f"{GET}/~1progress", "a text"),
    ("more shown as a text", behave("/operations/listJobs/page/~1next", "page.more"), BEHAVIOR,
     "/operations/listJobs/page/~1next", "true or false"),
    # lives that cannot be lived
    ("limit of 0", behave("/limits/0/limit", 0), BEHAVIOR, "/limits/0/limit", "every request"),
    ("limit of 0 in a scenario", behave("/scenarios/slow/limits", [
        {"name": "none", "per": "account", "operations": "*", "limit": 0, "window": 60}]), BEHAVIOR,
     "/scenarios/slow/limits/0/limit", "every request"),
    ("limit per account where none is known",
     both(*(show(f"{at}/security", []) for at in (SUBMIT, SHOW, "/paths/~1v1~1jobs/get",
                                                  "/paths/~1v1~1jobs~1{jobId}~1cancel/post")),
          *(without(OPENAPI, f"{at}/responses/{status}") for status in ("401", "403") for at in (
              SUBMIT, SHOW, "/paths/~1v1~1jobs/get", "/paths/~1v1~1jobs~1{jobId}~1cancel/post"))),
     BEHAVIOR, "/limits/0/per", "know none"),
    ("limit under a path per account",
     both(behave("/limits/0/under", "/v1/"), behave("/unrouted/rate_limited", "RateLimited"),
          behave("/limits/0/per", "account")), BEHAVIOR, "/limits/0/under", "no account"),
    ("limit under a path without an answer", behave("/limits/0/under", "/v1/"), BEHAVIOR, "/unrouted",
     "how it refuses"),
    ("empty text of no field", behave("/operations/submitJob/blank", ["/promt"]), BEHAVIOR,
     "/operations/submitJob/blank", "/promt"),
    ("file that stands for no file",
     behave("/operations/submitJob/files", {"prompt": {"as": "film", "quirk": "loud"}}), BEHAVIOR,
     "/operations/submitJob/files/prompt/as", "'film'"),
    ("file that depends on no quirk",
     behave("/operations/submitJob/files", {"prompt": {"as": "film", "quirk": "gone"}}), BEHAVIOR,
     "/operations/submitJob/files/prompt/quirk", "'gone'"),
    ("state nobody reaches",
     both(behave("/resources/job/states/lost", {}),
          *(show(f"{at}/content/application~1json/examples/lost", {"$ref": f"#/components/examples/{name}"})
            for at, name in ((f"{SHOW}/responses/200", "Queued"),
                             ("/paths/~1v1~1jobs~1{jobId}~1cancel/post/responses/409", "NotCancellable"))),
          behave("/operations/listJobs/states", ["queued"])),
     BEHAVIOR, "/resources/job/states/lost", "nothing leads"),
    ("beginning that is not the first", behave("/resources/job/initial", "succeeded"), OPENAPI, f"{SUBMIT}/responses",
     "succeeded"),
    ("beginning after the first timed state",
     both(behave("/resources/job/initial", "running"),
          show(f"{SUBMIT}/responses/201/content/application~1json/examples/running",
               {"$ref": "#/components/examples/Running"})),
     BEHAVIOR, "/resources/job/initial", "begins in queued"),
    ("outcome without weight", behave("/resources/job/run/outcomes", {"succeeded": 0}), BEHAVIOR,
     "/resources/job/run/outcomes", "weight"),
    ("scenario without an outcome", behave("/scenarios/failing/run/job/outcomes", {"failed": 0}), BEHAVIOR,
     "/scenarios/failing/run/job/outcomes", "weight"),
    ("longest below the median",
     behave("/resources/job/run/running", {"lognormal": {"median": 9, "sigma": 1, "max": 3}}), BEHAVIOR,
     "/resources/job/run/running", "median"),
    ("scenario's outcome of no state", behave("/scenarios/failing/run/job/outcomes", {"burnt": 1}), BEHAVIOR,
     "/scenarios/failing/run/job/outcomes/burnt", "burnt"),
    ("exact match's plan that cannot be", behave("/matches/0/plan", {"outcome": "cancelled"}), BEHAVIOR,
     "/matches/0/plan/outcome", "cancelled"),
    ("exact match that creates nothing", behave("/matches/0/operations", ["cancelJob"]), BEHAVIOR,
     "/matches/0/operations", "creates nothing"),
    ("exact match on no field", behave("/matches/0/at", "/name"), BEHAVIOR, "/matches/0/at", "/name"),
    ("limit on what has no answer for it",
     both(without(OPENAPI, f"{SHOW}/responses/429"), behave("/limits/0/operations", ["submitJob"]),
          behave("/scenarios/slow/limits", [
              {"name": "some", "per": "account", "operations": ["getJob"], "limit": 9, "window": 60}])),
     BEHAVIOR, "/scenarios/slow/limits/0/operations", "getJob has no example"),
    # webhooks, views, quirks, results and lists
    ("webhook for no state", behave("/webhooks/ended/states", ["done"]), BEHAVIOR, "/webhooks/ended/states", "done"),
    ("webhook like another thing",
     both(behave("/resources/other", {"id": "cuid", "initial": "there", "states": {"there": {}}}),
          behave("/webhooks/ended/resource", "other")),
     BEHAVIOR, "/webhooks/ended/like", "does not answer with other"),
    ("webhook without a body", behave("/webhooks/ended/like", "submitJob"), BEHAVIOR, "/webhooks/ended/states",
     "no body to send"),
    ("webhook to no field", behave("/webhooks/ended/target", "/hook"), BEHAVIOR, "/webhooks/ended/target", "/hook"),
    ("view that is empty",
     behave("/resources/job/views", [{"state": "queued", "quirk": "loud", "progress": [50, 50], "example": "running"}]),
     BEHAVIOR, "/resources/job/views/0/progress", "empty"),
    ("view of no example",
     behave("/resources/job/views", [{"state": "queued", "quirk": "loud", "progress": [0, 50], "example": "busy"}]),
     BEHAVIOR, "/resources/job/views/0/example", "busy"),
    ("quirk that changes nothing", behave("/quirks/quiet", {"default": True, "title": "Nothing"}), BEHAVIOR,
     "/quirks/quiet", "changes nothing"),
    ("quirk that refuses no field", behave("/quirks/loud/refuse", ["/shout"]), BEHAVIOR, "/quirks/loud/refuse/0",
     "/shout"),
    ("picture named like a film", behave("/resources/job/results/picture/file", "picture.mp4"), BEHAVIOR,
     "/resources/job/results/picture/file", "picture.mp4"),
    ("page of no result", behave("/resources/job/results/share", {"make": "page", "file": "index.html", "of": "film"}),
     BEHAVIOR, "/resources/job/results/share/of", "film"),
    ("content of no result",
     both(behave("/webhooks", {}),
          behave("/operations/getJob", {"verb": "content", "resource": "job", "result": "film"}),
          without(OPENAPI, f"{SHOW}/responses/200/content/application~1json/examples/succeeded")),
     BEHAVIOR, "/operations/getJob/result", "film"),
    ("fill without a mask", behave("/resources/job/results/fill", {
        "make": "inpainted", "file": "fill.png", "sources": {"original": ["/prompt"]}}), BEHAVIOR,
     "/resources/job/results/fill/sources", "mask"),
    ("list without a list",
     both(behave("/operations/listJobs/items", "/next"), behave("/operations/listJobs/bindings", {})),
     BEHAVIOR, "/operations/listJobs/items", "no list"),
    ("list that lacks a state", behave("/operations/listJobs/item_state", "/id"), OPENAPI,
     f"{LISTED}/items", "queued"),
    ("list without item_state", without(BEHAVIOR, "/operations/listJobs/item_state"), OPENAPI, f"{LISTED}/items",
     "exactly one item"),
    ("filter by no word", show("/paths/~1v1~1jobs/get/parameters/2/schema", {"enum": [{"a": 1}]}), BEHAVIOR,
     "/operations/listJobs/parameters", "no state"),
    ("list of no state", behave("/operations/listJobs/states", ["done"]), BEHAVIOR, "/operations/listJobs/states",
     "done"),
    ("list's limit that is no parameter", behave("/operations/listJobs/limit/parameter", "size"), BEHAVIOR,
     "/operations/listJobs/limit", "size"),
]  # fmt: skip


@pytest.mark.parametrize("row", MUTATIONS, ids=[row[0] for row in MUTATIONS])
def test_a_mistake_is_named(tmp_path: Path, row: Row) -> None:
    assert_named(tmp_path / "small", row)


def test_a_folder_without_contracts_is_a_mistake(tmp_path: Path) -> None:
    assert "no contract is here" in check(tmp_path)[0].sentence


def test_what_a_request_may_leave_out_is_fine_where_the_answer_allows_null(tmp_path: Path) -> None:
    documents = good()
    put(documents[OPENAPI], f"{JOB}/aspect", {"type": ["string", "boolean", "null"]})
    put(documents[OPENAPI], "/components/schemas/JobRequest/properties/aspect", {"type": ["string", "boolean", "null"]})
    put(documents[OPENAPI], "/components/examples/Queued/value/aspect", "16:9")
    put(documents[BEHAVIOR], "/operations/submitJob/bindings/~1aspect", "request./aspect")
    assert check(write(tmp_path / "small", documents)) == []


def test_the_good_contract_is_sound(tmp_path: Path) -> None:
    assert check(write(tmp_path / "small", good())) == []


@pytest.mark.parametrize("folder", contract_folders(SHIPPED), ids=lambda p: p.name)
def test_the_shipped_contracts_are_sound(folder: Path) -> None:
    assert check(folder) == []
