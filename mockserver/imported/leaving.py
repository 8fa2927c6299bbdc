"""What is left out of two documents of a contract where nothing less helps: an operation, a resource, a fact.

Knows no finding; what cannot be without the thing goes along, and is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver import pointers
from mockserver.json_types import JsonObject

LeftOut = Iterator[tuple[str, str, str]]
"""What was changed: what it is of, what became of it, and what to look at."""
OUT, ANY, OTHER = "left out", "anything may stand there", "another example"


@dataclass
class Case:
    """Something that is wrong in the two documents: at which pointer, and how often it was told before.

    `refused` are the pointers of the schema in openapi.json that refuses an answer, and of the place in that.
    """

    openapi: JsonObject
    behavior: JsonObject
    parts: tuple[str, ...]
    tries: int
    refused: tuple[str, str] | None = None

    @property
    def operation(self) -> str:
        """The operation below whose path this stands, or whose schema refuses; empty where there is none."""
        for parts in (self.parts, pointers.split(self.refused[0]) if self.refused else ()):
            said = pointers.get(self.openapi, pointers.join("", *parts[:3])) if parts[:1] == ("paths",) else None
            if isinstance(said, dict) and isinstance(said.get("operationId"), str):
                return str(said["operationId"])
        return ""


def operation_of(openapi: JsonObject, name: str) -> JsonObject:
    """The operation of this name; an empty object where there is none."""
    several = (each for item in openapi["paths"].values() for each in item.values())
    return next((each for each in several if isinstance(each, dict) and each.get("operationId") == name), {})


def resource_of(behavior: JsonObject, words: JsonObject) -> str:
    """The resource that an operation is about; empty where it is about none."""
    resources = behavior.get("resources", {})
    return str(words.get("resource", next(iter(resources), ""))) if words.get("verb") != "answer" else ""


def contents_of(openapi: JsonObject, name: str) -> Iterator[tuple[str, JsonObject]]:
    """The contents of the successes of an operation, each with the status under which it stands."""
    for status, response in operation_of(openapi, name).get("responses", {}).items():
        for content in response.get("content", {}).values() if status.startswith("2") else ():
            yield status, content


def opened(openapi: JsonObject, name: str) -> bool:
    """Let anything stand in the answers of an operation; whether that is new."""
    found = False
    for _, content in contents_of(openapi, name):
        found = found or content.get("schema") not in ({"type": "object"}, {}, None)
        content["schema"] = {}
    return found


def drop(openapi: JsonObject, behavior: JsonObject, name: str) -> LeftOut:
    """Leave an operation out, and what cannot be without it."""
    words = behavior["operations"].pop(name, None)
    if words is None:
        return
    for path, item in [*openapi["paths"].items()]:
        for method in [each for each, said in item.items() if said.get("operationId") == name]:
            del item[method]
        if not item:
            del openapi["paths"][path]
    yield name, OUT, "whether a client needs it"
    own = resource_of(behavior, words)
    verbs = [each["verb"] for each in behavior["operations"].values() if resource_of(behavior, each) == own]
    resources = behavior.get("resources", {})
    if own in resources and words["verb"] in ("show", "create") and not {"show", "create"} <= {*verbs}:
        yield from drop_resource(openapi, behavior, own)


def shared_examples(openapi: JsonObject, resource: str) -> Iterator[JsonObject]:
    """The examples that all answers about a resource show, by its state."""
    shown = openapi["components"].get("examples", {})
    yield from (each for name, each in shown.items() if name.startswith(f"{resource}."))


def drop_resource(openapi: JsonObject, behavior: JsonObject, name: str) -> LeftOut:
    """Leave a resource out, with all operations about it."""
    resources = behavior.get("resources", {})
    if name not in resources:
        return
    names = [each for each, said in behavior["operations"].items() if resource_of(behavior, said) == name]
    del resources[name]
    shown = openapi["components"].get("examples", {})
    for each in [each for each in shown if each.startswith(f"{name}.")]:
        del shown[each]
    for each in names:
        yield from drop(openapi, behavior, each)
    yield name, OUT, "whether a client needs it"


def vital_of(behavior: JsonObject) -> set[str]:
    """The places at which some answer shows an id or a state."""
    holders = [*behavior.get("resources", {}).values(), *behavior["operations"].values()]
    rows = [row for holder in holders for table in tables_of(holder) for row in table.items()]
    return {at for at, value in rows if fact_of(value) in ("id", "state")}


def tables_of(words: JsonObject) -> Iterator[JsonObject]:
    """The bindings of a resource or an operation: those of all its examples, and those of some by their names."""
    bindings = words.get("bindings", {})
    yield bindings
    yield from (
        binding
        for name, binding in bindings.items()
        if not name.startswith(("/", "header.")) and isinstance(binding, dict)
    )


def unbind(behavior: JsonObject, fact: str) -> None:
    """Take away the bindings of a fact that is no more."""
    holders = [*behavior.get("resources", {}).values(), *behavior["operations"].values()]
    for bindings in (table for holder in holders for table in tables_of(holder)):
        for at in [at for at, value in bindings.items() if fact_of(value) == fact]:
            del bindings[at]


def fact_of(value: Any) -> str:
    """The fact that a binding shows; empty where it is none by itself."""
    said = value.get("fact", "") if isinstance(value, dict) else value
    return said if isinstance(said, str) else ""
