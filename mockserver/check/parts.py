"""Do the smaller parts of a contract fit together: results, lists, quirks, and the request fields they name?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from mockserver import pointers
from mockserver.answers import is_refusal
from mockserver.check.existence import uploads
from mockserver.check.lists import check_list
from mockserver.check.requests import file_parts, is_declared, is_raw, places_of, said_at
from mockserver.contract import Contract, Operation
from mockserver.kept import facts_read
from mockserver.lifecycle import MAKES, UPLOAD, Resource, Result, Value, constants_of, is_count, is_seconds, is_size
from mockserver.loader.responses import media_types
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.suggestions import mend_word
from mockserver.validation import matches

SOURCES = {"edited": {"original"}, "inpainted": {"original", "mask"}}


def check_parts(source: Source, contract: Contract) -> None:
    """Note parts that name what is not there."""
    _check_quirks(source, contract)
    _check_fields(source, contract)
    _check_batches(source, contract)
    _check_problems(source, contract)
    for resource in contract.resources.values():
        at = pointers.join("/resources", resource.name, "results")
        _check_results(source, contract, at, resource.results, resource.results)
        _check_lines(source, resource, at)
    for operation in contract.operations.values():
        at = pointers.join("/operations", operation.id)
        known = contract.resources[operation.resources[0]].results if operation.resources else {}
        _check_results(source, contract, f"{at}/results", operation.results, known)
        if operation.gives_bytes:
            _check_served(source, contract, operation, f"{at}/result")
        if operation.sends:
            _check_sent(source, contract, operation, f"{at}/type")
        if operation.verb == "list":
            check_list(source, contract, operation)
        if operation.verb == "upload":
            _check_upload(source, contract, operation)
        for place in operation.sets:
            _check_set(source, contract, operation, place)


def _check_results(
    source: Source, contract: Contract, at: str, results: Mapping[str, Result], known: Mapping[str, Result]
) -> None:
    for result in results.values():
        place = pointers.join(at, result.name)
        ends = MAKES[result.make]
        if ends and PurePath(result.file).suffix.lower() not in ends:
            sentence = f"{result.file} is no name for what {result.make!r} makes."
            source.say(BEHAVIOR, f"{place}/file", sentence, f"Let it end in {' or '.join(ends)}.")
        _check_constants(source, place, result)
        if result.make == "page" and result.of not in known:
            sentence = f"the page shows {result.of!r}, which is no result."
            source.say(BEHAVIOR, f"{place}/of", sentence, mend_word(result.of, known))
        for name in sorted(SOURCES.get(result.make, set()) - set(result.sources) if result.sources else ()):
            source.say(BEHAVIOR, f"{place}/sources", f"{name!r} is missing.", f"{result.make!r} is made from it.")


def _check_constants(source: Source, at: str, result: Result) -> None:
    """What a value may be that the contract says itself is of the kind that it stands for."""
    apart = result.size_of if type(result.size_of) is tuple else ()
    rows: list[tuple[str, Any, Callable[[Any], object], str]] = [
        ("size", result.size_of if not apart else None, is_size, "a width and a height from 16 to 4096"),
        ("fps", result.fps_of, is_count, "a whole number"),
        ("seconds", result.seconds_of, is_seconds, "a number above 0 and up to 60"),
        *((f"size/{index}", side, _is_side, "a number from 16 to 4096") for index, side in enumerate(apart)),
    ]
    for word, value, fits, words in rows:
        said = [] if value is None else constants_of(value) if isinstance(value, Value) else [value]
        for wrong in [each for each in said if not fits(each)]:
            source.say(BEHAVIOR, f"{at}/{word}", f"{wrong!r} is not {words}.", f"Write {words}.")


def _is_side(value: Any) -> bool:
    return is_size([value, value])


def _check_lines(source: Source, resource: Resource, at: str) -> None:
    """Files of lines are of items, by their outcomes."""
    known = resource.items.names if resource.items is not None else []
    for result in resource.results.values():
        if result.make == "jsonl" and not known:
            sentence = f"{resource.name} has no items, of which each is a line."
            source.say(BEHAVIOR, pointers.join(at, result.name, "make"), sentence, 'Add "items" to the resource.')
        for wrong in [item for item in result.items if item not in known]:
            place = pointers.join(at, result.name, "items")
            source.say(BEHAVIOR, place, f"no item comes to {wrong!r}.", mend_word(wrong, known))


def _check_served(source: Source, contract: Contract, operation: Operation, at: str) -> None:
    """The results whose bytes an operation is answered with are there."""
    resource = contract.resources[operation.resources[0]]
    known = {*resource.results, *(UPLOAD + part for part in uploads(contract, resource))}
    for name in operation.result_names:
        if name not in known:
            source.say(BEHAVIOR, at, f"there is no result {name!r}.", mend_word(name, known))
    if operation.result_of is None and not operation.result and len(resource.results) != 1:
        sentence = f"{resource.name} has {len(resource.results)} results, and none is named here."
        source.say(BEHAVIOR, at, sentence, mend_word("", resource.results, 'Add "result".'))


def _check_sent(source: Source, contract: Contract, operation: Operation, at: str) -> None:
    """The media types that bytes are said to be sent as are declared."""
    if not operation.gives_bytes:
        source.say(
            BEHAVIOR, at, f"{operation.id} is not answered with bytes.", "Remove type: content says of what type."
        )
    declared = [*media_types(source, operation.pointer, pointers.get(contract.document, operation.pointer))]
    sends = operation.sends
    for each in constants_of(sends) if isinstance(sends, Value) else (sends,):
        if isinstance(each, str) and not any(matches(each, kind) for kind in declared):
            remedy = mend_word(each, declared, "Add it under content in openapi.json.")
            source.say(BEHAVIOR, at, f"no success of {operation.id} has the type {each!r}.", remedy)


def _check_quirks(source: Source, contract: Contract) -> None:
    used = {v.quirk for r in contract.resources.values() for v in r.views}
    used |= {stand.quirk for o in contract.operations.values() for stand in o.stands.values()}
    used |= {q for several in _examples(contract) for off in several for q in off}
    for quirk in contract.quirks.values():
        at = pointers.join("/quirks", quirk.name)
        for field in quirk.omit:
            if not any(_shows(contract, operation, field) for operation in contract.operations.values()):
                source.say(BEHAVIOR, f"{at}/omit", f"no answer has a field {field}.", "Fix the pointer.")
        if quirk.name not in used and not (quirk.refuse or quirk.omit):
            sentence = "the quirk changes nothing: no example, view or request field depends on it."
            source.say(BEHAVIOR, at, sentence, f"Add an example with the suffix .{quirk.name}-off, or remove it.")
        for field in quirk.refuse:
            if not any(is_declared(contract, o, field) for o in contract.operations.values()):
                known = dict.fromkeys(p for o in contract.operations.values() for p in places_of(contract, o))
                place = f"{at}/refuse/{quirk.refuse.index(field)}"
                mend = mend_word(field, known, "Declare it in openapi.json, or fix the pointer.")
                source.say(BEHAVIOR, place, f"no request has a field {field}.", mend)


def _shows(contract: Contract, operation: Operation, field: str) -> bool:
    """Whether some answer of an operation, or some item of its list, has a field."""
    places = [field, *([f"{operation.paging.items}/*{field}"] if operation.paging else [])]
    values = [e.value for several in operation.examples.values() for e in several]
    values += [e.value for several in contract.unrouted.values() for e in several]
    return any(True for value in values for place in places for _ in pointers.find(value, place))


def _examples(contract: Contract) -> Iterator[list[frozenset[str]]]:
    for operation in contract.operations.values():
        yield from ([e.off for e in variants] for variants in operation.examples.values())
    yield from ([e.off for e in variants] for variants in contract.unrouted.values())


def _check_problems(source: Source, contract: Contract) -> None:
    """Bindings of a problem that no answer is named after."""
    known = dict.fromkeys(
        name for o in contract.operations.values() for name in o.examples if is_refusal(contract, o, name)
    )
    known |= dict.fromkeys(contract.unrouted)
    for name in contract.problems:
        if name not in known:
            sentence = f"no answer is named after a problem {name!r}."
            free = [each for each in known if each not in contract.problems]
            source.say(BEHAVIOR, pointers.join("/problems", name), sentence, mend_word(name, free, "Remove it."))


def _check_fields(source: Source, contract: Contract) -> None:
    """The request fields that webhooks, references, ids, sizes and exact matches are read from."""
    for at, operations, field in _fields(contract):
        if operations and not any(is_declared(contract, o, field) for o in operations):
            names = ", ".join(o.id for o in operations)
            known = dict.fromkeys(place for o in operations for place in places_of(contract, o))
            mend = mend_word(field, known, "Declare it in openapi.json, or fix the pointer.")
            source.say(BEHAVIOR, at, f"no request of {names} has a field {field}.", mend)


def _check_batches(source: Source, contract: Contract) -> None:
    """What is done one by one is an array, an object or the id of a file; where each of several is meant, anything."""
    for resource in contract.resources.values():
        places = resource.items.places if resource.items is not None else ()
        for place in (each for each in places if "*" not in each):
            for operation in contract.operations.values():
                if operation.verb == "create" and resource.name in operation.resources:
                    _check_batch(source, contract, operation, resource.name, place)


def _check_batch(source: Source, contract: Contract, operation: Operation, resource: str, place: str) -> None:
    said = [each.get("type") for each in said_at(contract, operation, place)]
    kinds = {kind for each in said if each for kind in ([each] if isinstance(each, str) else each)}
    if kinds and not kinds & {"array", "object", "string"}:
        sentence = f"{place} of {operation.id} is {' or '.join(sorted(kinds))}, and holds no items."
        at = pointers.join("/resources", resource, "items", "from")
        source.say(BEHAVIOR, at, sentence, "Name an array, an object, or a text that names a file of lines.")


def _fields(contract: Contract) -> Iterator[tuple[str, list[Operation], str]]:
    operations = contract.operations
    for operation in operations.values():
        yield from ((pointers.join("/operations", operation.id, "blank"), [operation], f) for f in operation.blank)
    creating = [o for o in operations.values() if o.verb == "create"]
    yield from _targets(contract, creating)
    for resource in contract.resources.values():
        makers = [o for o in creating if resource.name in o.resources]
        for place in resource.items.places if resource.items is not None else ():
            yield pointers.join("/resources", resource.name, "items", "from"), makers, place
    for operation in operations.values():
        yield from _fields_of(operation, creating)
    for match in contract.matches:
        if match.exact is not None:
            yield match.said, [operations[o] for o in sorted(match.operations)], match.exact[0]


def _fields_of(operation: Operation, creating: list[Operation]) -> Iterator[tuple[str, list[Operation], str]]:
    at = pointers.join("/operations", operation.id)
    for reference in operation.references:
        yield reference.pointer, [operation], reference.at
    for word, place in (operation.pieces.places if operation.pieces is not None else {}).items():
        if place:
            yield f"{at}/places/{word}", [operation], place
    joins = operation.joins
    for word, place in {"numbers": joins.numbers, "tags": joins.tags}.items() if joins is not None else ():
        if place:
            yield f"{at}/joins/{word}", [operation], place
    yield from (
        (f"{at}/wait/for", [operation], wait.place) for wait in (operation.wait,) if wait is not None and wait.place
    )
    yield from ((pointers.join(f"{at}/sets", place), [operation], place) for place in operation.sets)
    if operation.id_at is not None:
        yield f"{at}/id_at", [operation], operation.id_at
    for name in operation.files:
        yield pointers.join(f"{at}/files", name), [operation], pointers.join("", name)
    for word, field in operation.announced.items():
        makers = [o for o in creating if set(operation.resources) & set(o.resources)]
        yield f"{at}/announced/{word}", makers, field


def _check_set(source: Source, contract: Contract, operation: Operation, place: str) -> None:
    """What an update says anew is shown, by a fact of the creating request."""
    names = {*operation.resources}
    shown = {fact for o in contract.operations.values() if names & {*o.resources} for fact in facts_read(contract, o)}
    if not any(fact == f"request.{place}" or fact.startswith((f"request.{place}/", "request.body")) for fact in shown):
        at = pointers.join("/operations", operation.id, "sets", place)
        remedy = f'Bind the fact "request.{place}" in the answers about it.'
        source.say(BEHAVIOR, at, f"nothing shows request.{place}, so saying it anew changes nothing.", remedy)


def _targets(contract: Contract, creating: list[Operation]) -> Iterator[tuple[str, list[Operation], str]]:
    """The places at which requests name where webhooks go."""
    for name, webhook in contract.webhooks.items():
        at = pointers.join("/webhooks", name, "target")
        if webhook.target:
            yield at, [o for o in creating if webhook.resource in o.resources], webhook.target
        for operation, place in webhook.targets.items():
            if operation in contract.operations:
                yield at, [contract.operations[operation]], place


def _check_upload(source: Source, contract: Contract, operation: Operation) -> None:
    """Every body of an upload has to bring bytes."""
    at = pointers.join("/operations", operation.id)
    if not operation.bodies:
        source.say(OPENAPI, operation.pointer, f"{operation.id} takes no body.", "Add a requestBody with bytes.")
    for body in operation.bodies:
        if not is_raw(body) and not file_parts(contract, operation, body):
            sentence = f"{operation.id} takes bytes, and {body.media_type} brings none here."
            remedy = "Declare a media type of files, or a form with a field of the format binary."
            source.say(BEHAVIOR, at, sentence, remedy)
