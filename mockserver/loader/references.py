"""`references` of behavior.json → what a request names that has to exist. Knows no request.

A table says it by place and leaves the rules to the resource (`ready`, `missing`, `not_ready`); a list says all itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver import pointers
from mockserver.intake import FileRule, Reference
from mockserver.lifecycle import Resource
from mockserver.loader.document import operations as documented
from mockserver.loader.responses import examples_of
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.suggestions import mend_word


def references(
    source: Source, operation: str, data: Any, resources: Mapping[str, Resource], files: Mapping[str, FileRule]
) -> tuple[Reference, ...]:
    """The references of an operation; those to what is not there are findings."""
    at = pointers.join("/operations", operation, "references")
    rows = data.items() if isinstance(data, dict) else enumerate(data)
    made = (_made(source, at, key, said, resources) for key, said in rows)
    return tuple(_as_file(source, each, said, files) for each, said in zip(made, _said(data), strict=True))


def _said(data: Any) -> Iterator[Mapping[str, Any]]:
    yield from (each if isinstance(each, dict) else {} for each in (data.values() if isinstance(data, dict) else data))


def _as_file(source: Source, reference: Reference, said: Mapping[str, Any], files: Mapping[str, FileRule]) -> Reference:
    """A reference to what is taken `as` a file of the request is of the types of that file."""
    name = said.get("as")
    if name is None:
        return reference
    if name not in files:
        mend = mend_word(name, files, "Name a file of the request whose types are declared.")
        source.say(BEHAVIOR, pointers.join(reference.pointer, "as"), f"no request has a file {name!r}.", mend)
        return reference
    return reference._replace(accept=files[name].accept, unsupported=files[name].unsupported)


def _made(source: Source, at: str, key: int | str, said: Any, resources: Mapping[str, Resource]) -> Reference:
    where = pointers.join(at, key)
    if isinstance(key, str):
        said, place = {"at": key, **({"resource": said} if isinstance(said, str) else said)}, where
    else:
        place = f"{where}/at"
    if "listed" in said:
        return _listed(source, where, said, place)
    resource = resources.get(said["resource"])
    if resource is None:
        sentence = f"there is no resource {said['resource']!r}."
        source.say(BEHAVIOR, where, sentence, mend_word(said["resource"], resources))
        return Reference(said["at"], "not_found", pointer=place)
    for state in said.get("states", ()):
        if state not in resource.states:
            source.say(BEHAVIOR, where, f"there is no state {state!r}.", mend_word(state, resource.states))
    missing = said.get("missing") or resource.missing or "not_found"
    return Reference(
        said["at"],
        missing,
        resource.name,
        frozenset(said.get("states", resource.ready or resource.states)),
        said.get("otherwise") or resource.not_ready or missing,
        accept=tuple(said.get("accept", ())),
        unsupported=said.get("unsupported", ""),
        after=said.get("after", ""),
        is_optional=said.get("optional", False),
        pointer=place,
    )


def _listed(source: Source, where: str, said: Mapping[str, Any], place: str) -> Reference:
    listed, missing = said["listed"], said.get("missing", "not_found")
    ids = frozenset(_ids(source, listed))
    if not ids:
        sentence = f"{listed['operation']} lists nothing at {listed['at']}."
        source.say(BEHAVIOR, where, sentence, _remedy(source, listed["operation"]))
    return Reference(said["at"], missing, listed=ids, after=said.get("after", ""), pointer=place)


def _ids(source: Source, listed: Mapping[str, Any]) -> Iterator[str]:
    for pointer, _, _, operation, _ in documented(source):
        if operation.get("operationId") == listed["operation"]:
            for example in examples_of(source, pointer, operation).get("ok", ()):
                yield from (str(value) for _, value in pointers.find(example.value, listed["at"]))


def _remedy(source: Source, operation: str) -> str:
    known = [each.get("operationId", "") for _, _, _, each, _ in documented(source)]
    return "Fix the pointer." if operation in known else mend_word(operation, known)
