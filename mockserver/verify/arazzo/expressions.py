"""Runtime expressions and criteria of Arazzo. Knows no workflow and sends nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver import pointers
from mockserver.jsonpath import PathError, select
from mockserver.live import LiveReply
from mockserver.validation.pairs import text
from mockserver.verify.arazzo.conditions import ConditionError, truth

_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")
_INDEX = re.compile(r"\[(\d+)\]")


@dataclass
class Context:
    """What expressions can speak of: of a workflow its inputs and the outputs of its steps, of a step its exchange."""

    inputs: Mapping[str, Any] = field(default_factory=dict)
    steps: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    workflows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    method: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    reply: LiveReply | None = None

    def value(self, expression: str) -> Any:
        """What an expression stands for; MISSING where there is nothing."""
        head, hash_, pointer = expression.partition("#")
        found = self._value(head[1:])
        return pointers.get(found, pointer) if hash_ and pointer and found is not pointers.MISSING else found

    def _value(self, head: str) -> Any:
        word, _, rest = head.partition(".")
        if word in ("url", "method"):
            return self.url if word == "url" else self.method
        if word == "statusCode":
            return self.reply.status if self.reply is not None else pointers.MISSING
        if word in ("request", "response"):
            return self._of_message(word, rest)
        if word in ("inputs", "outputs"):
            return _named(self.inputs if word == "inputs" else self.outputs, rest)
        if word == "steps":
            step, _, name = rest.partition(".outputs.")
            return _named(self.steps.get(step, {}), name)
        if word == "workflows":
            workflow, _, name = rest.partition(".")
            kind, _, name = name.partition(".")
            return _named(self.workflows.get(workflow, {}).get(kind, {}), name)
        return pointers.MISSING

    def _of_message(self, word: str, rest: str) -> Any:
        place, _, name = rest.partition(".")
        if word == "request":
            table = self.request.get(place, pointers.MISSING)
            return (
                _within(table, name) if place == "body" else _named(table, name.lower() if place == "header" else name)
            )
        if self.reply is None:
            return pointers.MISSING
        if place == "header":
            return self.reply.headers.get(name.lower(), pointers.MISSING)
        body = self.reply.json
        return _within(self.reply.body.decode("utf-8", "replace") if body is pointers.MISSING else body, name)

    def filled(self, value: Any) -> Any:
        """A value with all expressions in it replaced; MISSING where one that is all of it stands for nothing."""
        if isinstance(value, str):
            if value.startswith("$") and not _EMBEDDED.search(value):
                return self.value(value)
            return _EMBEDDED.sub(lambda found: self.text(found[1]), value)
        if isinstance(value, dict):
            if value.keys() >= {"context", "selector"}:
                return self._selected(value)
            filled = {name: self.filled(each) for name, each in value.items()}
            return {name: each for name, each in filled.items() if each is not pointers.MISSING}
        if isinstance(value, list):
            return [each for each in map(self.filled, value) if each is not pointers.MISSING]
        return value

    def _selected(self, said: Mapping[str, Any]) -> Any:
        """What a Selector Object stands for."""
        value = self.value(said["context"])
        if kind_of(said, "jsonpointer") == "jsonpath":
            found = [node.value for node in select(said["selector"], value)]
            return found[0] if len(found) == 1 else found or pointers.MISSING
        return pointers.get(value, said["selector"])

    def text(self, expression: str) -> str:
        """An expression within a text."""
        found = self.value(expression)
        return "" if found is pointers.MISSING else text(found)

    def holds(self, criterion: Mapping[str, Any]) -> bool:
        """Whether a criterion holds. Raises ConditionError for one that cannot be read."""
        kind, condition = kind_of(criterion, "simple"), str(criterion["condition"])
        if kind == "simple":
            return truth(condition, self.value)
        value = self.value(criterion["context"])
        written = _EMBEDDED.sub(lambda found: self.text(found[1]), condition)
        try:
            if kind == "regex":
                return value is not pointers.MISSING and re.search(written, text(value)) is not None
            return value is not pointers.MISSING and bool(select(written, value))
        except (re.error, OverflowError, RecursionError, PathError) as error:
            raise ConditionError(str(error)) from None


def kind_of(said: Mapping[str, Any], usual: str) -> str:
    """The type that a criterion or a selector names, by itself or in an object with a version."""
    kind = said.get("type", usual)
    return str(kind.get("type", usual)) if isinstance(kind, dict) else str(kind)


def _named(table: Any, name: str) -> Any:
    """What has a name, which may have dots; else what is within the value that has its beginning."""
    if not isinstance(table, Mapping):
        return pointers.MISSING
    if name in table:
        return table[name]
    head, dot, rest = name.partition(".")
    plain, bracket, more = head.partition("[")
    if plain not in table or not (dot or bracket):
        return pointers.MISSING
    return _within(table[plain], f"[{more}{dot}{rest}" if bracket else rest)


def _within(value: Any, path: str) -> Any:
    """What `.a[0].b` leads to."""
    for part in (each for each in _INDEX.sub(r".\1", path).split(".") if each):
        value = pointers.step(value, part)
        if value is pointers.MISSING:
            break
    return value
