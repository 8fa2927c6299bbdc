"""Broken engines, as data: what is broken, and which check must find it when one operation is asked in one phase.

Each replaces one function of the engine by a wrong one. An operation may bring along the one that creates its job.
Not here, as Schemathesis cannot see them: a page longer than was asked for, a body read under any media type, a job
that can be cancelled twice. These are for other tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from importlib import import_module
from math import inf
from typing import Any

from mockserver.errors import RequestError

Make = Callable[[Any], Any]  # the right function → the wrong one
JOBS, STATUS = "createJob", "getStatus"


@dataclass(frozen=True, slots=True)
class Mutant:
    """`target` is what is replaced (`module:attribute.attribute`); `check` is what must fail: a check, or an error."""

    name: str
    target: str
    make: Make
    api: str
    operations: tuple[str, ...]
    phase: str
    check: str

    def place(self) -> tuple[Any, str, Any]:
        """Where the replacement goes: owner, attribute and the wrong function."""
        module, _, path = self.target.partition(":")
        *owners, last = path.split(".")
        owner = reduce(getattr, owners, import_module(module))
        return owner, last, self.make(vars(owner)[last])


def told(edit: Callable[[Any], Any]) -> Make:
    """A body that says something else, where `edit` knows what it is about."""

    def make(right: Any) -> Any:
        def body(self: Any, subject: Any) -> bytes:
            said = json.loads(right(self, subject) or b"null")
            try:
                edit(said)
            except (KeyError, TypeError, IndexError):
                return right(self, subject)  # type: ignore[no-any-return]
            return json.dumps(said).encode()

        return body

    return make


def answered(**changes: Any) -> Make:
    """Examples that stand under another status, media type or header."""
    return lambda right: lambda self, *asked: replace(right(self, *asked), **changes)


def refused(problem: str, **changes: Any) -> Make:
    """A refusal that stands under another status or media type."""

    def make(right: Any) -> Any:
        def refusal(call: Any, found: str, why: str, field: str) -> Any:
            answer, reason = right(call, found, why, field)
            return (replace(answer, **changes) if found == problem else answer), reason

        return refusal

    return make


def anybody(right: Any) -> Any:
    """Credentials are not looked at: everybody is the first account."""
    return lambda api, operation, given: (next(iter(api.accounts.values())), inf, "")


def any_key(right: Any) -> Any:
    """Whatever key is sent opens the door."""
    return lambda api, operation, given: right(api, operation, given and "demo-key")


def added(route: Any, operation: Any) -> None:
    """Another method answers like the declared one."""
    route.methods[operation.method] = route.methods["DELETE"] = operation
    route.allow = operation.method.encode()


def without_allow(right: Any) -> Any:
    """The 405 does not say what is allowed."""
    return lambda scope, send, answer, body, now, extra=(): right(scope, send, answer, body, now, ())


def wrong_allow(right: Any) -> Any:
    """The 405 allows what is not there."""
    return lambda scope, send, answer, body, now, extra=(): right(
        scope, send, answer, body, now, [(b"allow", b"PATCH")]
    )


def crash(call: Any, found: Any) -> Any:
    """A verb that falls over its own feet."""
    raise ZeroDivisionError("a mutant")


def forgetful(right: Any) -> Any:
    """A state that finds none of the jobs that it keeps."""

    async def begin(*asked: Any) -> Any:
        return (await right(*asked))._replace(job=None)

    return begin


def too_large(validator: Any, values: Any) -> None:
    """A bound that no schema tells of."""
    if len(values) > 2:
        raise RequestError("", "there are too many fields")


BODY = "mockserver.answers:ResponseTemplate.body"
EXAMPLE = "mockserver.operations.call:Call.example"
REFUSAL = "mockserver.app.exchange:refusal"
IDENTIFY = "mockserver.app.exchange:identify"
READING = "mockserver.app.reading"
UNROUTED = "mockserver.app.unrouted:send_answer"
SCHEMA, NEGATIVE, POSITIVE = "response_schema_conformance", "negative_data_rejection", "positive_data_acceptance"

MUTANTS = (
    Mutant("a required field is missing", BODY, told(lambda b: b.pop("jobId")),
           "vidgen", (JOBS,), "examples", SCHEMA),
    Mutant("null where a text must be", BODY, told(lambda b: b["avatars"][0].update(name=None)),
           "miraflow", ("listAvatars",), "coverage", SCHEMA),
    Mutant("a field no schema knows", BODY, told(lambda b: b["pagination"].update(total=3)),
           "vidgen", ("listJobs",), "examples", SCHEMA),
    Mutant("a number as text", BODY, told(lambda b: b["pagination"].update(limit="20")),
           "vidgen", ("listJobs",), "examples", SCHEMA),
    Mutant("a state no enum knows", BODY, told(lambda b: b["data"].update(status="DONE")),
           "miragic", ("createSpeedPainting",), "examples", SCHEMA),
    Mutant("a time without its zone", "mockserver.notation:iso_ms", lambda right: lambda v: right(v)[:-1],
           "vidgen", (JOBS, STATUS), "stateful", SCHEMA),
    Mutant("JSON that breaks off", BODY, lambda right: lambda self, subject: right(self, subject)[:-1],
           "vidgen", ("getHealth",), "coverage", SCHEMA),
    Mutant("the envelope of refusals is another", BODY, told(lambda b: b.update(error={"code": b["error"]})),
           "vidgen", ("cancelJob",), "coverage", SCHEMA),
    Mutant("created, answered 200 for 201", EXAMPLE, answered(status=200),
           "vidgen", (JOBS,), "examples", "status_code_conformance"),
    Mutant("not found, answered 410", REFUSAL, refused("not_found", status=410),
           "vidgen", (STATUS,), "examples", "status_code_conformance"),
    Mutant("not found, answered 200", REFUSAL, refused("not_found", status=200),
           "vidgen", (STATUS,), "coverage", SCHEMA),
    Mutant("500 for a page of jobs", EXAMPLE, answered(status=500),
           "vidgen", ("listJobs",), "examples", "not_a_server_error"),
    Mutant("a verb that crashes", "mockserver.operations.perform:VERBS",
           lambda right: {**right, "list": replace(right["list"], decide=crash)},
           "vidgen", ("listJobs",), "examples", "error"),
    Mutant("refusals in HTML", REFUSAL, refused("not_found", media_type=b"text/html"),
           "vidgen", (STATUS,), "examples", "content_type_conformance"),
    Mutant("a required header is missing", EXAMPLE, answered(headers=()),
           "mirrago", ("issueToken",), "examples", "response_headers_conformance"),
    Mutant("credentials are ignored", IDENTIFY, anybody,
           "vidgen", ("listJobs",), "examples", "ignored_auth"),
    Mutant("any key will do", IDENTIFY, any_key,
           "vidgen", ("listJobs",), "examples", "ignored_auth"),
    Mutant("a method nobody declared", "mockserver.app.routes:PathRoute.add", lambda right: added,
           "vidgen", ("getHealth",), "coverage", "unsupported_method"),
    Mutant("405 without Allow", UNROUTED, without_allow,
           "vidgen", ("getHealth",), "coverage", "unsupported_method"),
    Mutant("405 with the wrong Allow", UNROUTED, wrong_allow,
           "vidgen", ("getHealth",), "coverage", "allow_header_conformance"),
    Mutant("bodies are not checked", f"{READING}:_check", lambda right: lambda validator, values: None,
           "miraflow", ("generateImage",), "coverage", NEGATIVE),
    Mutant("bounds of the query are not checked", "mockserver.app.parameters:Parameters.given",
           lambda right: lambda self, operation, query, headers: ({"limit": 20}, {}),
           "vidgen", ("listJobs",), "coverage", NEGATIVE),
    Mutant("true is a number", "mockserver.validation.coercion:_READERS",
           lambda right: {**right, "integer": lambda text: {"true": 1}.get(text) or right["integer"](text)},
           "vidgen", ("listJobs",), "coverage", NEGATIVE),
    Mutant("real files are refused", "mockserver.app.form_files:accepted_type", lambda right: lambda *_: None,
           "vidgen", (JOBS,), "examples", POSITIVE),
    Mutant("a body of three fields is too large", f"{READING}:_check", lambda right: too_large,
           "miraflow", ("generateImage",), "examples", POSITIVE),
    Mutant("a job is gone once it was created", "mockserver.state.memory:Memory.begin", forgetful,
           "vidgen", (JOBS, "cancelJob"), "stateful", "ensure_resource_availability"),
)  # fmt: skip
