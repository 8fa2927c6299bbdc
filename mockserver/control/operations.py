"""The operations of the control API: what each does, and how the control document validates what it is given. Knows
no HTTP framework: whoever controls a server of the same process asks here, without a request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from mockserver import pointers
from mockserver.bounds import SNAPSHOT
from mockserver.contract_cache import Held
from mockserver.control import (
    answers,
    apis,
    clocks,
    contracts,
    endpoints,
    events,
    faults,
    job_results,
    moving,
    records,
    requests,
    sandboxes,
    snapshots,
)
from mockserver.control import webhooks as hooks
from mockserver.control.document import plain, served, with_faults
from mockserver.control.problems import Problem, telling_what_is_away
from mockserver.control.request import ControlHandler, ControlRequest, JsonList, TextBody
from mockserver.control.watching import EventStream
from mockserver.errors import FullError, RequestError, StorageError, UsageError
from mockserver.printable import printable_json
from mockserver.sandboxes import Sandboxes
from mockserver.suggestions import hint
from mockserver.validation import (
    FieldRule,
    Schemas,
    Validator,
    coerce_fields,
    field_rule,
    parse_json,
    parse_query,
    properties_of,
    write_json,
)

HANDLERS: Mapping[str, ControlHandler] = {
    "createSandbox": sandboxes.create_sandbox,
    "listSandboxes": sandboxes.list_sandboxes,
    "showSandbox": sandboxes.show_sandbox,
    "closeSandbox": sandboxes.close_sandbox,
    "takeSnapshot": snapshots.take_snapshot,
    "resetSandbox": sandboxes.reset_sandbox,
    "readClock": clocks.read_clock,
    "setClock": clocks.set_clock,
    "advanceClock": clocks.advance_clock,
    "runUntil": clocks.run_until,
    "switchLimits": sandboxes.switch_limits,
    "switchWebhooks": sandboxes.switch_webhooks,
    "switchStrict": sandboxes.switch_strict,
    "createAccount": apis.create_account,
    "planJobs": apis.plan_jobs,
    "listPlans": apis.list_plans,
    "takePlanBack": apis.take_plan_back,
    "switchQuirk": apis.switch_quirk,
    "playScenario": apis.play_scenario,
    "armFault": faults.arm_fault,
    "listFaults": faults.list_faults,
    "disarmFault": faults.disarm_fault,
    "armAnswer": answers.arm_answer,
    "listAnswers": answers.list_answers,
    "disarmAnswer": answers.disarm_answer,
    "listJobs": records.list_jobs,
    "listWebhooks": records.list_webhooks,
    "registerEndpoint": endpoints.register_endpoint,
    "listEndpoints": endpoints.list_endpoints,
    "removeEndpoint": endpoints.remove_endpoint,
    "rotateSecret": endpoints.rotate_secret,
    "verifyWebhook": endpoints.verify_webhook,
    "listApis": contracts.list_apis,
    "listCatalogue": contracts.list_catalogue,
    "listAccounts": apis.list_accounts,
    "showJob": moving.show_one,
    "moveJob": moving.move_job,
    "listResults": job_results.list_results,
    "readNext": clocks.read_next,
    "advanceToNext": clocks.advance_to_next,
    "testWebhook": hooks.test_webhook,
    "resendWebhook": hooks.resend_webhook,
    "readEntry": records.read_entry,
    "readEvents": events.read_events,
    "readAllEvents": events.read_all_events,
    "readJournal": records.read_journal,
    "readRequests": requests.read_requests,
    "readConduct": records.read_conduct,
    "readUnused": records.read_unused,
    "readCoverage": records.read_coverage,
    "readAllCoverage": records.read_all_coverage,
}

FILE = "control/openapi.json"
BODY_BYTES = 1 << 20
WORDED = frozenset({"armFault"})
"""Operations whose bodies may hold the words of faults."""
LARGER = {"createSandbox": SNAPSHOT}
"""How many bytes the bodies of operations may have that need more than others."""


@dataclass(frozen=True, slots=True)
class ControlOperation:
    """One operation of the document: who handles it, and how its query and body are validated."""

    handler: ControlHandler
    status: int
    guarded: bool
    is_read: bool
    rules: Mapping[str, FieldRule]
    parameters: Mapping[str, Validator]
    body: Validator | None
    keys: tuple[str, ...]

    def query(self, raw: bytes) -> dict[str, Any]:
        """The query's values. Raises RequestError."""
        values = coerce_fields(parse_query(raw), self.rules)
        _refuse_unknown(values, tuple(self.rules))
        for name, value in values.items():
            error = self.parameters[name].check(value, name)
            if error is not None:
                raise error
        return values

    def read(self, raw: bytes) -> Any:
        """The body's value; `{}` when there is none and none is needed. Raises RequestError."""
        if self.body is None:
            return None
        value = parse_json(raw) if raw else {}
        if isinstance(value, dict):
            _refuse_unknown(value, self.keys)
        error = self.body.check(value)
        if error is not None:
            raise error
        return value


class Operations:
    """All of them, by their `operationId`. Each is compiled when it is first asked for: most tests ask for few.

    `further` are handlers of operations that need more than sandboxes; `has_wire` is told to each request.
    """

    def __init__(
        self, sandboxes: Sandboxes, further: Mapping[str, ControlHandler], *, secured: bool = False,
        has_wire: bool = True,
    ) -> None:  # fmt: skip
        self.sandboxes = sandboxes
        self.has_wire = has_wire
        self.document = plain(sandboxes.contracts)
        self.secured = secured
        self._written = lru_cache(maxsize=8)(lambda root, contracts: write_json(self.served(root)))
        self._handlers = {**HANDLERS, **further, "readDocument": self._read_document}
        self._places = {name: at for _, methods in self.paths() for name, at in methods.values()}
        self._schemas = Schemas(self.document, file=FILE)
        self._compiled = cache(self._compile)

    def paths(self) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
        """Each path, and by method the operation's name and where it stands in the document."""
        for path, item in self.document["paths"].items():
            at = pointers.join("/paths", path)
            yield path, {m.upper(): (spec["operationId"], f"{at}/{m}") for m, spec in item.items()}

    @cached_property
    def _worded(self) -> Schemas:
        return Schemas(with_faults(self.document), file=FILE)

    def __getitem__(self, name: str) -> ControlOperation:
        return self._compiled(name)

    def _compile(self, name: str) -> ControlOperation:
        schemas = self._worded if name in WORDED else self._schemas
        return operation(schemas, self._places[name], self._handlers[name])

    async def _read_document(self, request: ControlRequest) -> bytes:
        return self._written(request.root_path, Held.all(self.sandboxes.contracts))

    def served(self, root: str) -> Any:
        """The document for readers of an application that is mounted at `root`."""
        return served(self.sandboxes.contracts, root, secured=self.secured, has_wire=self.has_wire)

    async def ask(self, method: str, path: str, query: bytes, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to a request of this process, which came by no HTTP, and past the guard."""
        try:
            name, places = self._find(method, path)
            operation = self[name]
            if len(body) > largest(name):
                raise too_large(largest(name))
            result = await perform(
                operation,
                lambda: ControlRequest(
                    self.sandboxes, places, operation.query(query), operation.read(body), has_wire=self.has_wire
                ),
            )
            with telling_what_is_away():
                return operation.status, await json_bytes(result)
        except Problem as problem:
            return problem.status, printable_json(problem.document()).encode()

    def _find(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """The operation at a path, and what the path names. Raises Problem."""
        for shape, methods in self._shapes:
            if (match := shape.fullmatch(path)) is not None and method in methods:
                return methods[method], match.groupdict()
        raise Problem(404, f"there is no {method} {path}")

    @cached_property
    def _shapes(self) -> list[tuple[re.Pattern[str], dict[str, str]]]:
        def shape(path: str) -> re.Pattern[str]:
            return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))

        return [(shape(path), {m: name for m, (name, _) in methods.items()}) for path, methods in self.paths()]


async def json_bytes(result: Any) -> bytes:
    """What a handler gave, as the bytes of its JSON; see `ControlHandler`."""
    if isinstance(result, EventStream):
        result.close()
        raise Problem(406, "a stream is read over HTTP")
    if isinstance(result, TextBody):
        return result.data
    if isinstance(result, JsonList):
        return b"".join([piece async for piece in result.pieces()])
    if result is None or isinstance(result, bytes):
        return result or b""
    return printable_json(result).encode()


def largest(name: str) -> int:
    """How many bytes the body of an operation may have."""
    return LARGER.get(name, BODY_BYTES)


def too_large(most: int) -> Problem:
    """The refusal of a body that is larger than it needs to be."""
    return Problem(413, f"the body is larger than {most} bytes")


async def perform(operation: ControlOperation, request: Callable[[], ControlRequest]) -> Any:
    """What the handler gives for a request, which is validated meanwhile. Raises Problem for all that is expected."""
    try:
        with telling_what_is_away():
            addressed = await request().addressed()
            result = await addressed.handled(operation.handler)
            if not operation.is_read:
                addressed.touch()
            return result
    except RequestError as error:
        raise Problem(400, error.why + error.guess, pointer=error.pointer) from None
    except FullError as error:
        raise Problem(409, str(error)) from None
    except UsageError as error:
        raise Problem(400, str(error)) from None
    except (OSError, StorageError) as error:
        raise Problem(507, f"the machine has no room for this: {error}") from None


def _refuse_unknown(values: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = [name for name in values if name not in known]
    if unknown:
        names = ", ".join(name[:60] for name in unknown[:20])
        are = "is" if len(unknown) == 1 else "are"
        near = hint(unknown[0], known)
        raise RequestError(pointers.join("", unknown[0]), f"{names} {are} not known here; {near}")


def operation(schemas: Schemas, pointer: str, handler: ControlHandler) -> ControlOperation:
    """What a document says at `pointer` (`/paths/~1x/post`), made ready for requests."""
    document: Any = schemas.document
    spec = pointers.get(document, pointer)
    queries = [(at, query) for at, query in _parameters(document, pointer, spec) if query["in"] == "query"]
    schema = "/requestBody/content/application~1json/schema"
    has_body = "requestBody" in spec
    return ControlOperation(
        handler,
        status=next(int(status) for status in spec["responses"] if status.startswith("2")),
        guarded=spec.get("security") != [],
        is_read=pointer.endswith("/get"),
        rules={query["name"]: field_rule([query["schema"]], document) for _, query in queries},
        parameters={query["name"]: schemas.at(f"{at}/schema") for at, query in queries},
        body=schemas.at(pointer + schema) if has_body else None,
        keys=tuple(properties_of(pointers.get(document, pointer + schema), document)) if has_body else (),
    )


def _parameters(document: Any, pointer: str, spec: Any) -> list[tuple[str, Any]]:
    places = [node.get("$ref", f"#{pointer}/parameters/{i}")[1:] for i, node in enumerate(spec.get("parameters", ()))]
    return [(place, pointers.get(document, place)) for place in places]
