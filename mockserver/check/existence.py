"""Is a fact there where it is named? Knows no example and no form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mockserver import pointers
from mockserver.bindings import tested
from mockserver.check.requests import file_parts, is_declared, is_raw, places_of
from mockserver.contract import Contract, Operation
from mockserver.facts import ACCOUNT_FACTS, FAMILIES, row_of
from mockserver.lifecycle import Resource, Value
from mockserver.suggestions import nearest

MANY = 50
"""The fields of so many operations are looked through for the one that was meant."""
OF_ROWS = {"log.text": "log", "log.at": "log"}
"""The facts of a row, and of which rows each is."""
_OF_WORDS = {
    "produced": ("produces", "the resource produces nothing"),
    "secret": ("secret", 'the resource has no "secret"'),
}
"""The facts that a resource has by a word of its own, and what is wrong where it lacks it."""


def spoken(value: Value, rows: str = "") -> Iterator[tuple[str, str]]:
    """Every (fact that a value or one of its conditions names, rows that it is one of)."""
    yield from ((fact, rows) for fact in (value.fact, *tested(value.when)) if fact)
    for part in (*value.parts, value.otherwise, value.plus):
        if isinstance(part, Value):
            yield from spoken(part, rows)
    for inner in value.bindings.values():
        yield from spoken(inner, value.rows)
    if value.rows:
        yield value.rows, rows


def missing(contract: Contract, operation: Operation | None, fact: str, at: str = "", rows: str = "") -> str:
    """What is wrong with a fact that an answer of an operation names, as a clause; empty when nothing is."""
    head, _, rest = fact.partition(".")
    if fact in OF_ROWS and OF_ROWS[fact] != rows and (operation is None or operation.stream is None):
        return f'{fact} is of a row, in the bindings of {{"each": "{OF_ROWS[fact]}"}}'
    if head == "call":
        return _wrong_call(contract, operation, rest, at)
    if fact == "account.credits":
        return ""
    if row_of(fact).of_job:
        return _wrong_of_job(contract, operation, fact, head, rest)
    if head == "account":
        known = {"credits", *ACCOUNT_FACTS, *contract.account_facts}
        return "" if rest in known else f"accounts have no {rest!r}; they have {_list(known)}"
    return _wrong_elsewhere(operation, fact, head, at)


def _wrong_call(contract: Contract, operation: Operation | None, place: str, at: str) -> str:
    """A webhook and what falls on several operations may name what not every request has."""
    operations = [*contract.operations.values()]
    if operation is not None:
        of_all = at.startswith("/resources/")
        operations = [
            o for o in operations if (o.id == operation.id or (of_all and {*o.resources} & {*operation.resources}))
        ]
    if not operations:
        return f"call.{place} is of a request that is being answered, and a webhook answers none"
    if place in ("id", "accepts") or any(is_declared(contract, each, place) for each in operations):
        return ""
    return f"no request of {', '.join(each.id for each in operations)} has {place!r}"


def _wrong_elsewhere(operation: Operation | None, fact: str, head: str, at: str) -> str:
    if head == "problem" and operation is not None:
        return f"{fact} is of refusals, and this is an answer"
    if head == "webhook" and not at.startswith("/webhooks/"):
        return f"{fact} is of a webhook"
    if head == "page" and not is_of_page(operation, at):
        return f"{fact} is of a list's page"
    if fact in ("token", "expires_in") and (operation is None or operation.verb != "token"):
        return f"{fact} is of the verb token"
    return ""


def page_binding(operation: Operation, pointer: str) -> str:
    """Where in behavior.json it stands what is written into the page of a list at a pointer."""
    is_beside = operation.paging is not None and pointer in operation.paging.beside
    return pointers.join("/operations", operation.id, "bindings" if is_beside else "page", pointer)


def is_of_page(operation: Operation | None, at: str) -> bool:
    """Whether what stands there is written into a list's page, or into a header of it."""
    if operation is None or operation.paging is None:
        return False
    return at.startswith(f"{pointers.join('/operations', operation.id)}/") and (
        "/bindings/header." in at or at in {page_binding(operation, each) for each in operation.paging.page}
    )


def meant(contract: Contract, operation: Operation | None, fact: str, at: str, rows: str) -> str | None:
    """The fact that may have been meant by one that is missing: one of its family that is there."""
    head = fact.partition(".")[0]
    if head not in FAMILIES:
        return None
    resources = [contract.resources[name] for name in (operation.resources if operation else ())]
    words = {"id", *contract.account_facts, *contract.operations}
    words |= {word for r in resources for word in (*r.states, *r.results)} | set(operation.results if operation else ())
    for each in [*_makers(contract, resources), *([operation] if operation else [])][:MANY]:
        words |= {*places_of(contract, each)} | {part for r in resources for part in uploads(contract, r)}
    near = [f"{head}.{word}" for word in sorted(words)]
    while (found := nearest(fact, near)) is not None:
        if not missing(contract, operation, found, at, rows):
            return found
        near.remove(found)
    return None


def _wrong_of_job(contract: Contract, operation: Operation | None, fact: str, head: str, rest: str) -> str:
    if operation is None or not operation.resources:
        return f"{fact} is of a job, and there is none here"
    resources = [contract.resources[name] for name in operation.resources]
    if head in ("items", "item", "produced"):
        return _wrong_produced(resources, rest) if head == "produced" else _wrong_item(resources, head, rest)
    if fact in _OF_WORDS and not any(getattr(r, _OF_WORDS[fact][0]) for r in resources):
        return _OF_WORDS[fact][1]
    if head in ("result", "result_path"):
        known = {name for r in resources for name in r.results} | set(operation.results)
        return "" if rest in known else f"there is no result {rest!r}; there is {_list(known)}"
    if head == "error" and rest:
        known = {key for r in resources for key in _error_keys(r)}
        return "" if rest in known else f"no error has a {rest!r}; there is {_list(known)}"
    if head in ("upload", "upload_path", "upload_md5"):
        rest = rest.partition(".")[0]
        parts = {part for r in resources for part in uploads(contract, r)}
        return "" if rest in parts else f"no request uploads a part {rest!r}; there is {_list(parts)}"
    if head in _NAMING:
        return _NAMING[head](contract, operation, rest)
    if head in ("at", "seconds"):
        states = {state for r in resources for state in r.states}
        known = states if head == "at" else {"queued", "running"}
        return (
            ""
            if rest in known
            else f"there is no {'state' if head == 'at' else 'phase'} {rest!r}; there is {_list(known)}"
        )
    several = (*_makers(contract, [*resources, *_parents(contract, resources)]), *_updates(contract, resources, rest))
    is_said = any(is_declared(contract, each, rest) for each in several)
    if head == "request" and not is_said:
        return f"no request that creates the resource has a field {rest}"
    return ""


def _wrong_received(contract: Contract, operation: Operation, name: str) -> str:
    """What has arrived of an upload is known where it comes in pieces."""
    if name == "md5":
        return "" if operation.pieces is not None else f"received.md5 is of a piece, and {operation.id} takes none"
    takers = [o for o in contract.operations.values() if o.pieces is not None]
    is_taken = any(set(o.resources) & set(operation.resources) for o in takers)
    return "" if is_taken else f"no upload of {' or '.join(operation.resources)} comes in pieces"


def _wrong_url(contract: Contract, operation: Operation, name: str) -> str:
    target = contract.operations.get(name)
    if target is None:
        return f"there is no operation {name!r}; there is {_list(set(contract.operations))}"
    if not set(target.resources) & {*operation.resources} or not target.names_in_url:
        return f"{name} names no {' or '.join(operation.resources)} in its path or its query"
    shared = {index for index, _ in target.shared} | {target.id_index}
    lost = [each for index, each in enumerate(target.names) if index not in shared]
    return f"nothing says what {lost[0]!r} in the path of {name} is" if lost else ""


def _wrong_link(contract: Contract, operation: Operation, name: str) -> str:
    target = contract.operations.get(name)
    if target is None:
        return f"there is no operation {name!r}; there is {_list(set(contract.operations))}"
    return "" if target.security.kind == "signed" else f'the operation {name} is not "signed"'


def _wrong_parent(contract: Contract, operation: Operation, name: str) -> str:
    resources = [contract.resources[name] for name in operation.resources]
    has_parent = any(_parents(contract, [resource]) for resource in resources)
    return "" if has_parent else f"no job brings forth {' or '.join(operation.resources)}, which has no parent"


_NAMING: Mapping[str, Callable[[Contract, Operation, str], str]] = {
    "received": _wrong_received,
    "parent": _wrong_parent,
    "url": _wrong_url,
    "link": _wrong_link,
}
"""Families whose facts name an operation, or are of one."""


def _makers(contract: Contract, resources: list[Resource]) -> list[Operation]:
    names = {r.name for r in resources}
    return [o for o in contract.operations.values() if o.verb == "create" and names & set(o.resources)]


def _parents(contract: Contract, resources: list[Resource]) -> list[Resource]:
    """Those whose jobs bring these forth: what is brought forth keeps of the request that created the job."""
    names = {r.name for r in resources}
    return [r for r in contract.resources.values() if not names.isdisjoint(each.resource for each in r.makes.values())]


def _updates(contract: Contract, resources: list[Resource], place: str) -> list[Operation]:
    """The operations that say anew what stands at a place of the creating request, or around it."""
    names, around = {r.name for r in resources}, [place[:at] for at in range(1, len(place) + 1)]
    return [
        o for o in contract.operations.values() if names & set(o.resources) and not o.sets.keys().isdisjoint(around)
    ]


def _wrong_item(resources: list[Resource], head: str, name: str) -> str:
    """A fact of a batch or of one of its items: there are items, and such a number of them."""
    outcomes = {outcome for r in resources if r.items for outcome in r.items.names}
    if not outcomes:
        return f"{' or '.join(r.name for r in resources)} has no items"
    known = outcomes | {"total", "done", "left"} if head == "items" else {"id", "outcome", "number", "key", "body"}
    is_known = name in known or name.startswith("/") if head == "item" else name in known | {""}
    return "" if is_known else f"there is no {head}.{name}; there is {_list(known)}"


def _wrong_produced(resources: list[Resource], name: str) -> str:
    if not name:
        return "" if any(r.produces for r in resources) else "the resource produces nothing without a name"
    known = {each for r in resources for each in r.makes}
    return "" if name in known else f"nothing is produced as {name!r}; there is {_list(known)}"


def uploads(contract: Contract, resource: Resource) -> set[str]:
    """The uploaded parts a resource may have; `body` when an operation of its own takes its bytes."""
    makers = _makers(contract, [resource])
    parts = {part for o in makers for body in o.bodies for part in file_parts(contract, o, body)}
    takes = any(o.verb == "upload" and resource.name in o.resources for o in contract.operations.values())
    takes |= any(is_raw(body) for o in makers for body in o.bodies)
    made = (each for r in contract.resources.values() for each in r.makes.values() if each.resource == resource.name)
    return parts | ({"body"} if takes else set()) | {each.part for each in made if each.result}


def _error_keys(resource: Resource) -> set[str]:
    """What records of its errors have besides a message; every failure has that."""
    said = resource.run.errors.values() if resource.run else ()
    records = (each for several in said for each in several if not isinstance(each, str))
    return {"message"}.union(*records)


def _list(words: set[str]) -> str:
    return ", ".join(sorted(words)) or "none"
