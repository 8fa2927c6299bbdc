"""The journeys of a contract as an Arazzo 1.1 document: create, look until it is over, move, ask for what is not there.

Credentials are left to whoever runs it, as OpenAPI describes them. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver import pointers
from mockserver.bindings import every
from mockserver.contract import Contract, Operation
from mockserver.lifecycle import Resource
from mockserver.live.match_example import bindings_of, leaves
from mockserver.live.requests import Sample, plain, required
from mockserver.validation.pairs import text

VERSION = "1.1.0"
UNKNOWN = "mockserver-verify-unknown"
ArazzoStep = dict[str, Any]


def arazzo(contract: Contract, source: str = "./openapi.json", polls: int = 600) -> tuple[dict[str, Any], list[str]]:
    """The document, and what is left out of it. `polls` are the looks at a job, a second apart."""
    made = _Workflows(contract, polls)
    workflows = [each for each in made.all() if each["steps"]]
    title = f"Journeys of {contract.title}"
    return {
        "arazzo": VERSION,
        "info": {"title": title, "version": contract.version or "1"},
        "sourceDescriptions": [{"name": contract.name, "url": source, "type": "openapi"}],
        "workflows": workflows,
    }, made.left_out


class _Workflows:
    """Writes one workflow after the other."""

    def __init__(self, contract: Contract, polls: int) -> None:
        self._contract, self._polls = contract, polls
        self.left_out: list[str] = []

    def all(self) -> Iterator[dict[str, Any]]:
        """Operations without a job, lives, moves, refusals."""
        operations = self._contract.operations.values()
        for operation in (o for o in operations if o.verb in ("answer", "list")):
            yield _workflow(operation.id, f"{operation.id} answers", [self._ok(operation)])
        for operation in (o for o in operations if o.verb == "create"):
            for name in operation.resources:
                yield from self._lives(operation, self._contract.resources[name])
        for operation in (o for o in operations if o.verb == "show" and "not_found" in o.examples):
            step = {**_called(operation, "ask", UNKNOWN), **self._due(operation, ["not_found"])}
            yield _workflow(f"{operation.id}-unknown", f"{operation.id} does not know every id", [step])

    def _ok(self, operation: Operation) -> ArazzoStep:
        return {**_called(operation, "ask", None), **_body(self._contract, operation), **self._due(operation, ["ok"])}

    def _lives(self, create: Operation, resource: Resource) -> Iterator[dict[str, Any]]:
        at = next((at for at, v in every(create) if v.fact == "id" and not v.salt and at[:1] == "/"), None)
        if any(reference.resource for reference in create.references) or not create.path:
            self.left_out.append(f"{create.id}: what it names has to be made before")
            return
        suffix = f"-{resource.name}" if len(create.resources) > 1 else ""
        begun = self._create(create, resource, at)
        looks = self._looks(create, resource) if at is not None else []
        title = f"A {resource.name} from its beginning to its end"
        yield _workflow(f"{create.id}{suffix}", title, [begun, *looks])
        moves = [o for o in self._contract.operations.values() if o.verb == "move" and resource.name in o.resources]
        for move in moves if at is not None and resource.run is not None and not resource.rests else ():
            moved = {**self._of(move, "move", create), **self._due(move, self._names(move, resource))}
            yield _workflow(f"{create.id}{suffix}-{move.id}", f"A {resource.name} and {move.id}", [begun, moved])

    def _create(self, create: Operation, resource: Resource, at: str | None) -> ArazzoStep:
        states = self._names(create, resource) if create.holds else [create.example_of(resource.name, resource.initial)]
        step = {**_called(create, "create", None), **_body(self._contract, create), **self._due(create, states)}
        return {**step, "outputs": {"id": f"$response.body#{at}"}} if at is not None else step

    def _looks(self, create: Operation, resource: Resource) -> list[ArazzoStep]:
        """Until it is over, then once at what its end brings."""
        steps: list[ArazzoStep] = []
        for operation in self._contract.operations.values():
            if resource.name in operation.resources and operation.verb == "show":
                step = self._of(operation, f"look-{operation.id}", create)
                steps.append({**step, **self._over(operation, resource)})
        return steps

    def _over(self, show: Operation, resource: Resource) -> ArazzoStep:
        """The criteria by which a resource is over, and another look as long as they do not hold."""
        due = self._due(show, self._names(show, resource))
        ends = [name for name, state in resource.states.items() if getattr(state, "end", None)]
        if resource.run is None or resource.rests or not ends:
            return due
        told = _told_by(self._contract, show, [show.example_of(resource.name, name) for name in ends])
        if told is None:
            return due
        at, words = told
        condition = " || ".join(f"$response.body#{at} == {_quoted(word)}" for word in words)
        again = {"name": "again", "type": "retry", "retryAfter": 1, "retryLimit": self._polls}
        return {"successCriteria": [*due["successCriteria"], {"condition": condition}], "onFailure": [again]}

    def _of(self, operation: Operation, step: str, create: Operation) -> ArazzoStep:
        """A step about what the first one created."""
        if operation.id_at is not None and operation.id_at[:1] == "/":
            body = _body(self._contract, operation)
            pointers.put(body["requestBody"]["payload"], operation.id_at, "$steps.create.outputs.id")
            return {**_called(operation, step, None), **body}
        shared = {place.partition(".")[2] for _, place in operation.shared}
        given = {name: value for name, value in plain(create).path.items() if name in shared}
        return _called(operation, step, "$steps.create.outputs.id", given)

    def _names(self, operation: Operation, resource: Resource) -> list[str]:
        states = [*resource.states, *(view.example for view in resource.views)]
        names = (operation.example_of(resource.name, state) for state in states)
        return [name for name in names if name in operation.examples]

    def _due(self, operation: Operation, names: Sequence[str]) -> ArazzoStep:
        statuses = sorted({e.status for name in names for e in operation.examples.get(name, ())})
        condition = " || ".join(f"$statusCode == {status}" for status in statuses)
        return {"successCriteria": [{"condition": condition}]} if condition else {}


def _workflow(name: str, summary: str, steps: list[ArazzoStep]) -> dict[str, Any]:
    return {"workflowId": name, "summary": summary, "steps": steps}


def _called(operation: Operation, step: str, identity: str | None, given: Any = ()) -> ArazzoStep:
    """A step that calls an operation, with all that it must be given."""
    asked: Sample = plain(operation, identity)
    named = f"{operation.id_after}{{{identity}}}" if operation.id_after and (identity or "")[:1] == "$" else None
    values: list[tuple[str, str, Any]] = [("path", name, value) for name, value in asked.path.items()]
    values += [("query", name, value) for name, value in {**dict(required(operation, "query")), **asked.query}.items()]
    values += [("header", name, value) for name, value in required(operation, "header")]
    values += [("cookie", name, value) for name, value in required(operation, "cookie")]
    whole = f"{operation.id_after}{identity}"
    parameters = [
        {"name": name, "in": where, "value": named if named and value == whole else dict(given).get(name, value)}
        for where, name, value in values
    ]
    return {"stepId": step, "operationId": operation.id, **({"parameters": parameters} if parameters else {})}


def _body(contract: Contract, operation: Operation) -> ArazzoStep:
    """The first example of a body."""
    for body in operation.bodies:
        holder = pointers.get(contract.document, body.pointer.removesuffix("/schema"))
        for node in holder.get("examples", {}).values():
            value = pointers.resolve(contract.document, node)[0]["value"]
            return {"requestBody": {"contentType": body.media_type, "payload": _copied(value)}}
    return {}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def _told_by(contract: Contract, operation: Operation, over: Sequence[str]) -> tuple[str, list[Any]] | None:
    """The place whose words tell what is over from what is not, and those words."""
    words: dict[str, dict[str, set[Any]]] = {}
    shown = {name: e for name, several in operation.examples.items() for e in several if e.status < 300 and e.is_json}
    for name, example in shown.items():
        for at, value in leaves(example.value, "", bindings_of(contract, operation, example)):
            if isinstance(value, str) and value:
                words.setdefault(at, {}).setdefault(name, set()).add(value)
    for at, by_name in words.items():
        ends = {word for name in over if name in by_name for word in by_name[name]}
        others = {word for name, several in by_name.items() if name not in over for word in several}
        if ends and by_name.keys() >= shown.keys() and not ends & others:
            return at, sorted(ends)
    return None


def _quoted(value: Any) -> str:
    return "'" + text(value).replace("'", "''") + "'"
