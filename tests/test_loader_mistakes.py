"""Every mistake that shows when a contract is read is named with its file, its JSON pointer and what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_kit import BEHAVIOR, OPENAPI, Row, assert_named, behave, both, show, without

SUBMIT = "/paths/~1v1~1jobs/post"
SHOW = "/paths/~1v1~1jobs~1{jobId}/get"
LISTED = "/paths/~1v1~1jobs/get/responses/200/content/application~1json/examples/ok/value"
GET = "/operations/getJob/bindings"
JOB = "/components/schemas/Job/properties"

MUTATIONS: list[Row] = [
    ("unknown word", behave("/resources/job/initail", "queued"), BEHAVIOR, "/resources/job/initail", "initail"),
    ("unknown verb", behave("/operations/getJob/verb", "display"), BEHAVIOR, "/operations/getJob/verb", "display"),
    ("unknown fact", behave(f"{GET}/~1id", "identity"), BEHAVIOR, f"{GET}/~1id", "identity"),
    ("example breaks its schema", show("/components/examples/Queued/value/progress", 101), OPENAPI,
     "/components/examples/Queued/value/progress", "101"),
    ("state without an answer", without(OPENAPI, f"{SHOW}/responses/200/content/application~1json/examples/running"),
     OPENAPI, f"{SHOW}/responses", "does not answer the state running"),
    ("problem without an answer", without(OPENAPI, f"{SHOW}/responses/404"), OPENAPI, f"{SHOW}/responses", "not_found"),
    ("binding to no field", behave(f"{GET}/~1nothing", "id"), BEHAVIOR, f"{GET}/~1nothing", "/nothing"),
    ("dangling reference", show(f"{SUBMIT}/responses/400", {"$ref": "#/components/responses/Gone"}), OPENAPI,
     f"{SUBMIT}/responses/400/$ref", "leads nowhere"),
    ("reference to another kind", show("/components/parameters/JobId", {"$ref": "#/components/schemas/Job"}), OPENAPI,
     "/components/parameters/JobId/$ref", "no parameter"),
    ("parameter that is an operation", show(f"{SHOW}/parameters", [{"$ref": f"#{SUBMIT}"}]), OPENAPI,
     f"{SHOW}/parameters/0/$ref", "no parameter"),
    ("schema that is a list", show(f"{JOB}/error", {"$ref": f"#{JOB}/status/enum"}), OPENAPI, f"{JOB}/error/$ref",
     "no schema"),
    ("dangling link", show(f"{SUBMIT}/responses/201/links/show/operationId", "gone"), OPENAPI,
     f"{SUBMIT}/responses/201/links/show/operationId", "gone"),
    ("undefined security scheme", show("/security", [{"oauth": []}]), OPENAPI, "/security/0/oauth", "oauth"),
    ("impossible bounds", show("/components/schemas/JobRequest/properties/prompt/minLength", 2000), OPENAPI,
     "/components/schemas/JobRequest/properties/prompt", "minLength 2000 is above maxLength"),
    ("operation without behavior", without(BEHAVIOR, "/operations/getJob"), BEHAVIOR, "/operations", "getJob"),
    ("behavior without operation", behave("/operations/gone", {"verb": "answer"}), BEHAVIOR, "/operations/gone",
     "openapi.json has no operation 'gone'"),
    ("quirk nobody declared", without(BEHAVIOR, "/quirks/loud"), OPENAPI,
     f"{SHOW}/responses/200/content/application~1json/examples/failed.loud-off", "loud"),
    ("curve that falls", behave("/resources/job/run/curve", {"keyframes": [[0, 50], [1, 10]]}), BEHAVIOR,
     "/resources/job/run/curve", "rise"),
    ("undeclared path parameter", without(OPENAPI, "/paths/~1v1~1jobs~1{jobId}/parameters"), OPENAPI, SHOW, "jobId"),
    ("another OpenAPI", show("/openapi", "3.0.3"), OPENAPI, "/openapi", "3.1"),
    ("job of a thousand years", behave("/resources/job/run/queued", {"fixed": 3e10}), BEHAVIOR,
     "/resources/job/run/queued/fixed", "greater than the maximum"),
    ("no title", show("/info", {"version": "1"}), OPENAPI, "/info", "title"),
    ("nullable", show(f"{JOB}/error", {"type": "string", "nullable": True}), OPENAPI, f"{JOB}/error", "nullable"),
    ("enum with a value twice", show(f"{JOB}/status/enum/5", "queued"), OPENAPI, f"{JOB}/status/enum", "twice"),
    ("operation without a name", without(OPENAPI, f"{SHOW}/operationId"), OPENAPI, SHOW, "operationId"),
    ("name given twice", show(f"{SHOW}/operationId", "submitJob"), OPENAPI, f"{SHOW}/operationId", "submitJob"),
    ("parameter the path has not", show("/paths/~1v1~1jobs/parameters", [
        {"name": "jobId", "in": "path", "required": True, "schema": {"type": "string"}}]), OPENAPI,
     "/paths/~1v1~1jobs/parameters/0/name", "{jobId}"),
    ("link's parameter of no name", show(f"{SUBMIT}/responses/201/links/show/parameters/id", "$response.body#/id"),
     OPENAPI, f"{SUBMIT}/responses/201/links/show/parameters/id", "'id'"),
    ("schema that cannot be", show("/components/schemas/Error/properties/code", {"type": "text"}), OPENAPI,
     "/components/schemas/Error/properties/code/type", "there is no type 'text'"),
    ("pattern that looks ahead", show(f"{JOB}/error/pattern", "^(?!x)"), OPENAPI, f"{JOB}/error/pattern", "linear"),
    ("pattern that looks back", show(f"{JOB}/error/pattern", r"^(a+)+\1$"), OPENAPI, f"{JOB}/error/pattern", "linear"),
    ("name's pattern that looks behind", show("/components/schemas/Job/patternProperties", {"(?<=a)b": True}), OPENAPI,
     "/components/schemas/Job/patternProperties", "linear time"),
    ("example without a value", show("/components/examples/Running", {"summary": "empty"}), OPENAPI,
     "/components/examples/Running", "no value"),
    ("status that is a range", show(f"{SHOW}/responses/5XX", {
        "description": "x", "content": {"application/json": {"examples": {"server_error": {"value": {}}}}}}), OPENAPI,
     f"{SHOW}/responses/5XX",
     "numbered"),
    ("unrouted problem without a response", behave("/unrouted/unknown_path", "Gone"), BEHAVIOR,
     "/unrouted/unknown_path",
     "Gone"),
    ("unrouted problem without an example", behave("/unrouted/unknown_path", "WrongMethod"), OPENAPI,
     "/components/responses/WrongMethod", "unknown_path"),
    ("no such resource", behave("/operations/getJob/resource", "film"), BEHAVIOR, "/operations/getJob/resource",
     "film"),
    ("move to no state", behave("/operations/cancelJob/to", "stopped"), BEHAVIOR, "/operations/cancelJob/to",
     "stopped"),
    ("bounds the wrong way round", behave("/resources/job/run/queued/uniform", [3, 1]), BEHAVIOR,
     "/resources/job/run/queued/uniform", "above"),
    ("phase of no state", without(BEHAVIOR, "/resources/job/states/queued/phase"), BEHAVIOR,
     "/resources/job/run/queued", "phase"),
    ("timed states without a run", without(BEHAVIOR, "/resources/job/run"), BEHAVIOR, "/resources/job", "run"),
    ("run that ends nowhere", both(without(BEHAVIOR, "/resources/job/run/outcomes"),
                                   behave("/resources/job/states/succeeded", {})), BEHAVIOR, "/resources/job/run",
     "no outcome"),
    ("exclusive in no state", behave("/resources/job/exclusive", {"states": ["busy"], "problem": "active"}), BEHAVIOR,
     "/resources/job/exclusive/states", "busy"),
    ("limit on no operation", behave("/limits/0/operations", ["gone"]), BEHAVIOR, "/limits/0/operations", "gone"),
    ("scenario for no resource", behave("/scenarios/slow/run/film", {}), BEHAVIOR, "/scenarios/slow/run", "film"),
    ("reference to a list of nothing", behave("/operations/submitJob/references", [
        {"at": "/prompt", "listed": {"operation": "listJobs", "at": "/films/*/id"}, "missing": "not_found"}]), BEHAVIOR,
     "/operations/submitJob/references/0", "lists nothing"),
    ("webhook that openapi.json lacks", without(OPENAPI, "/webhooks/ended"), BEHAVIOR, "/webhooks/ended",
     "no webhook 'ended'"),
    ("webhook of no resource", behave("/webhooks/ended/resource", "film"), BEHAVIOR, "/webhooks/ended/resource",
     "there is no resource"),
    ("product that is none", behave("/resources/job/produces", {
        "resource": "film", "when": "succeeded", "state": "there", "result": "picture"}), BEHAVIOR,
     "/resources/job/produces/resource", "there is no resource"),
    ("view of no quirk", behave("/resources/job/views", [
        {"state": "queued", "quirk": "gone", "progress": [0, 50], "example": "running"}]), BEHAVIOR,
     "/resources/job/views/0/quirk", "gone"),
    ("exact match on no operation", behave("/matches/0/operations", ["gone"]), BEHAVIOR, "/matches/0/operations",
     "gone"),
    ("example of no name", show(f"{SHOW}/responses/200/content/application~1json/examples/done",
                                {"$ref": "#/components/examples/Succeeded"}), OPENAPI,
     f"{SHOW}/responses/200/content/application~1json/examples/done", "'done'"),
    ("page without a field", behave("/operations/listJobs/page/~1total", "page.count"), BEHAVIOR,
     "/operations/listJobs/page/~1total", "/total"),
    ("answer that stands twice", show(f"{SHOW}/responses/409", {
        "description": "x", "content": {"application/json": {"examples": {"running": {"value": {}}}}}}), OPENAPI,
     "/components/examples/Running/value", "stands twice"),
]  # fmt: skip


@pytest.mark.parametrize("row", MUTATIONS, ids=[row[0] for row in MUTATIONS])
def test_a_mistake_is_named(tmp_path: Path, row: Row) -> None:
    assert_named(tmp_path / "small", row)
