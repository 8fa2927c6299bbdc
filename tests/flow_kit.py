"""The good contract with words about how requests and answers go: keys, waits, streams."""

from __future__ import annotations

from typing import Any

from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, both, show
from language_kit import SHOW, SUBMIT

KEY = {"X-API-Key": "demo-key"}
ERROR = {"value": {"code": "key", "message": "The key was used"}}
IDEMPOTENCY = {
    "header": "Idempotency-Key", "ttl": 600, "mismatch": "key_mismatch", "busy": "key_busy",
    "replayed": "Idempotent-Replayed",
}  # fmt: skip


def parameter(name: str, where: str = "header", schema: Any = None) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": schema or {"type": "string"}}


def refusals(operation: str) -> Mutation:
    """What an operation says of a key that it does not take."""
    content = {"schema": {"$ref": "#/components/schemas/Error"}}
    both_ways = {"409": {"key_busy": ERROR}, "422": {"key_mismatch": ERROR}}
    return both(show(f"{operation}/responses/400", {"$ref": "#/components/responses/BadRequest"}), *(
        show(f"{operation}/responses/{status}", {"description": "No", "content": {"application/json": {
            **content, "examples": examples}}})
        for status, examples in both_ways.items()
    ))  # fmt: skip


def keyed(operation: str = SUBMIT, **words: Any) -> Mutation:
    """An operation takes idempotency keys."""
    return both(
        behave("/idempotency", {**IDEMPOTENCY, **words}),
        show(f"{operation}/parameters", [parameter("Idempotency-Key")]),
        refusals(operation),
    )


# --- waits

TIMES = both(behave("/resources/job/run/queued", {"fixed": 2}), behave("/resources/job/run/running", {"fixed": 8}))
BAD = {"$ref": "#/components/responses/BadRequest"}
STATES = ("Queued", "Running", "Succeeded", "Failed", "Cancelled")
ALL = {name.lower(): {"$ref": f"#/components/examples/{name}"} for name in STATES}


def waiting_create(place: str = "header.Prefer", **more: Any) -> Mutation:
    """Submitting a job waits for it."""
    return both(
        TIMES,
        behave("/operations/submitJob/wait", {"for": place, "most": 60, **more}),
        behave("/operations/submitJob/bindings/~1picture_url", "result.picture"),
        behave("/operations/submitJob/bindings/~1ended_at", "ended"),
        behave("/operations/submitJob/bindings/~1error", "error"),
        show(f"{SUBMIT}/parameters", [parameter("Prefer"), parameter("wait", "query", {})]),
        show(f"{SUBMIT}/responses/201/content/application~1json/examples", ALL),
    )


def waiting_show(**more: Any) -> Mutation:
    """Showing a job waits for it."""
    return both(
        TIMES,
        behave("/operations/getJob/wait", {"for": "query.wait", "most": 60, **more}),
        show(f"{SHOW}/parameters", [parameter("wait", "query", {"type": ["string", "number"]})]),
        show(f"{SHOW}/responses/400", BAD),
    )


# --- streams

AT = "/paths/~1v1~1jobs~1{jobId}~1events"
RESPONSES = f"{AT}/get/responses"
LIVED = both(
    behave("/resources/job/run/queued", {"fixed": 2}), behave("/resources/job/run/running", {"fixed": 8}),
    behave("/resources/job/run/log", [[5, "Loading"], [50, "Sampling"], [100, "Done"]]),
)  # fmt: skip
EVENTS = {
    "queued": {"value": {"status": "queued", "progress": 0}},
    "running": {"value": {"status": "running", "progress": 1}},
    "progress": {"value": {"status": "running", "progress": 1}},
    "log": {"value": {"line": "x", "at": 1.5}},
    "succeeded": {"value": {"status": "succeeded", "progress": 100, "url": "https://x"}},
    "failed": {"value": {"status": "failed", "progress": 0, "error": "x"}},
    "cancelled": {"value": {"status": "cancelled", "progress": 0}},
}
BOUND = {
    "verb": "stream", "resource": "job", "every": 25,
    "bindings": {"/progress": "progress", "/line": "log.text", "/at": "log.at", "/url": "result.picture",
                 "/error": "error"},
}  # fmt: skip


def streaming(media: str = "text/event-stream", examples: Any = EVENTS, **words: Any) -> Mutation:
    """A stream of a job's events, beside the operation that shows it."""

    def make(documents: Documents) -> None:
        openapi, behavior = documents[OPENAPI], documents[BEHAVIOR]
        shown = openapi["paths"]["/v1/jobs/{jobId}"]
        refused = {status: said for status, said in shown["get"]["responses"].items() if status != "200"}
        content = {each: {"examples": examples} if examples else {} for each in media.split()}
        openapi["paths"]["/v1/jobs/{jobId}/events"] = {
            "parameters": shown["parameters"],
            "get": {
                "operationId": "streamJob",
                "responses": {"200": {"description": "Events", "content": content}, **refused},
            },
        }
        behavior["operations"]["streamJob"] = {**BOUND, **words}
        LIVED(documents)

    return make
