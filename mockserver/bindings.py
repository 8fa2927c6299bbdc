"""Which bindings fall on which example of an operation. Knows no fact and no answer.

General ones of the resource fall on successes, those of the operation on every answer about a job; what is bound under
an example's name falls wherever that stands, and goes before. None takes a binding away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mockserver.conditions import Condition
from mockserver.contract import Operation, Webhook
from mockserver.lifecycle import NOTHING, Bindings, Resource, Value

HEADER = "header."


def bound(operation: Operation, name: str, status: int, *, is_refusal: bool = False, title: str = "") -> Bindings:
    """The bindings that fall on an example, by pointer or `header.NAME`; `title` names its variants, too."""
    by_name = operation.named.get(name, NOTHING)
    if title not in ("", name) and title in operation.named:
        by_name = {**by_name, **operation.named[title]}
    if is_refusal:
        bindings = {**by_name}
    else:
        common = operation.common.get(resource_of(operation, name), NOTHING) if status < 400 else NOTHING
        bindings = {**common, **operation.bindings, **by_name} if common or by_name else dict(operation.bindings)
    return {at: value for at, value in bindings.items() if value is not None}


def resource_of(operation: Operation, name: str) -> str:
    """The resource whose example has this name."""
    if len(operation.resources) < 2:
        return operation.resources[0] if operation.resources else ""
    return name.partition(".")[0]


def of_template(resource: Resource, name: str) -> Bindings:
    """The bindings that fall on an example of what is in a result."""
    bindings = {**resource.bindings, **resource.named.get(name, NOTHING)}
    return {at: value for at, value in in_body(bindings).items() if value is not None}


def every(operation: Operation) -> Iterator[tuple[str, Value]]:
    """Every (pointer or header, value) that is bound somewhere in an operation, what goes before first."""
    tables = (*operation.named.values(), operation.bindings, *operation.common.values())
    for table in tables:
        yield from ((at, value) for at, value in table.items() if value is not None)


def read_by(webhook: Webhook) -> Iterator[Value]:
    """Everything that a webhook reads of its job, its body apart."""
    for table in webhook.headers.values():
        yield from (value for value in table.values() if value is not None)
    yield from (value for value in (webhook.wanted, webhook.to, *(webhook.echo or ())) if value is not None)
    if webhook.sign is not None:
        yield webhook.sign.over
        yield from (value for value in (webhook.sign.secret,) if value is not None)
    if webhook.when:
        yield Value(when=webhook.when)


def headers_of(webhook: Webhook, example: str) -> Mapping[str, Value]:
    """The headers that are bound where a webhook shows an example of this name."""
    table = {**webhook.headers.get("", NOTHING), **webhook.headers.get(example, NOTHING)}
    return {name: value for name, value in table.items() if value is not None}


def within(value: Value) -> Iterator[Value]:
    """A value and all that it is made of."""
    yield value
    for inner in (*value.parts, value.otherwise, value.plus, *value.bindings.values()):
        if isinstance(inner, Value):
            yield from within(inner)


def below(table: Mapping[str, Value], pointer: str) -> dict[str, Value]:
    """The bindings of what stands at a pointer, by pointers within it."""
    inner = ((at.removeprefix(pointer), value) for at, value in table.items() if at.startswith(pointer))
    return {at: value for at, value in inner if at[:1] in ("", "/")}


def facts_of(value: Value) -> Iterator[str]:
    """The facts that a value may be read from, those of its conditions too."""
    for inner in within(value):
        yield from (fact for fact in (inner.fact, inner.rows) if fact)
        yield from tested(inner.when)


def tested(condition: Condition) -> Iterator[str]:
    """The facts that a condition looks at."""
    yield from (rule.fact for row in condition for rule in row)


def in_body(bindings: Bindings) -> Bindings:
    """Those that are written into a body."""
    return {at: value for at, value in bindings.items() if not at.startswith(HEADER)}


def in_headers(bindings: Bindings) -> Bindings:
    """Those that are written into headers, by the header's name."""
    return {at[len(HEADER) :]: value for at, value in bindings.items() if at.startswith(HEADER)}
