"""What of an answer is not there when a job begins: null, left out, or an empty list, as its schema allows.

Changes the answer that is being made; knows no field by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.imported.facts import Lifecycle
from mockserver.imported.shapes import Shapes


class AnswerDraft(NamedTuple):
    """An answer: its example, what is written over it by pointer, and what makes each result that it links to."""

    example: Any
    bindings: dict[str, Any]
    results: dict[str, dict[str, Any]]


class LateValues:
    """Writes such values into answers about one kind of job."""

    def __init__(self, life: Lifecycle, shapes: Shapes) -> None:
        self._life, self._shapes = life, shapes
        self.at = life.at
        """Where the answer has the job."""
        self.early: list[str] = []
        """Where results must be shown before they are there, by what the schemas ask for."""

    def bind(self, made: AnswerDraft, schema: Any, pointer: str, fact: str, fits: bool) -> None:
        """Write a fact that is absent at first: null where that is allowed, left out where nothing asks for it."""
        said = self._shapes.at(schema, pointer)[0]
        value = pointers.get(made.example, pointer)
        if "pattern" in said or said.get("enum") or "const" in said:
            return  # no moment and no sentence is written to fit one
        if value is None and said["null"] and said.get("type") in ("string", "integer", "number"):
            value = _shown(fact, said)
            pointers.put(made.example, pointer, value)
            fits = isinstance(value, str) or fact != "error"
        if fits and value is not None:
            self._bind(made, schema, pointer, fact, value)

    def _bind(self, made: AnswerDraft, schema: Any, pointer: str, fact: str, value: Any) -> None:
        said, must = self._shapes.at(schema, pointer)
        plain = said.get("format") is None and not said.get("enum") and not said.get("minLength")
        gate = self.when_done() if fact.startswith("result.") else {}
        holder = self._holder(schema, pointer) if not said["null"] and (fact == "error" or gate) else None
        if holder is not None:
            at, absent = holder
            made.bindings.setdefault(at, (gate or self.when_failed()) | absent)
            made.bindings[pointer] = {"fact": fact, **gate, **(absent if at == pointer else {"else": value})}
        elif said["null"]:
            made.bindings[pointer] = {"fact": fact, **gate} if gate or fact.startswith("at.") else fact
        elif not must:
            made.bindings[pointer] = {"fact": fact, **gate, "omit": True}
        elif plain and said.get("type") == "string":
            made.bindings[pointer] = {"fact": fact, **gate, "else": ""}
        elif gate and said.get("type") == "string":
            made.bindings[pointer] = {"fact": fact, **gate, "else": value}
            self.early += [pointer]

    @property
    def fails(self) -> bool:
        """Whether a job may fail."""
        return "failure" in self._life.states.values()

    def withhold(
        self, made: AnswerDraft, schema: Any, pointer: str, gate: dict[str, Any], *, is_never: bool = False
    ) -> None:
        """Show what the example has there when a condition holds, and nothing else, as far as the schema allows it."""
        said, must = self._shapes.at(schema, pointer)
        value = pointers.get(made.example, pointer)
        if is_never and said["null"]:
            pointers.put(made.example, pointer, None)
        elif is_never and not must:
            pointers.remove(made.example, pointer)
        elif is_never:
            return
        elif said["null"]:
            made.bindings[pointer] = gate
        elif isinstance(value, list) and not said.get("minItems"):
            made.bindings[pointer] = gate | {"else": []}
        elif not must:
            made.bindings[pointer] = gate | {"omit": True}

    def _holder(self, schema: Any, pointer: str) -> tuple[str, dict[str, Any]] | None:
        """What is around it and may be absent, where it must have what stands there; and what then stands there."""
        for at in self._lists(schema, pointer):
            said = self._shapes.at(schema, at)[0]
            if not at and not said.get("minItems"):
                return "/0", {"omit": True}  # the whole answer is the list
            if at and (said["null"] or not said.get("minItems")):
                return at, {} if said["null"] else {"else": []}
        above, _, name = pointer.rpartition("/")
        if name.isdigit() and self._is_list(schema, above):
            above, name = pointer, ""
        while above and above != self.at:
            outer_at, _, own = above.rpartition("/")
            said, outer = self._shapes.at(schema, above)[0], self._shapes.at(schema, outer_at)[0]
            is_item = own.isdigit() and self._is_list(schema, outer_at)
            if not is_item and name and name not in said["required"] and not said["null"]:
                return None
            if not is_item and (said["null"] or own not in outer["required"]):
                return above, {} if said["null"] else {"omit": True}
            above, name = outer_at, "" if is_item else own
        return None

    def _lists(self, schema: Any, pointer: str) -> list[str]:
        """The lists around a place, below the job, the outermost first."""
        parts = pointers.split(pointer)
        several = [pointers.join("", *parts[:n]) for n, part in enumerate(parts) if part.isdigit()]
        is_below = [at for at in several if at.startswith(f"{self.at}/") or at == self.at]
        return [at for at in is_below if self._is_list(schema, at)]

    def _is_list(self, schema: Any, at: str) -> bool:
        said = self._shapes.at(schema, at)[0]
        return said.get("type") == "array" or "items" in said

    def when_failed(self) -> dict[str, Any]:
        """What went wrong is told where something did."""
        failed = [self._life.names[each] for each, meaning in self._life.states.items() if meaning == "failure"]
        return {"when": {"state": failed if len(failed) != 1 else failed[0]}}

    def when_done(self) -> dict[str, Any]:
        """Results are told from success on, whatever the states are called."""
        names, states = self._life.names, self._life.states
        done = [names[each] for each, meaning in states.items() if meaning == "success"]
        done = done or [names[each] for each, meaning in states.items() if meaning == "running"] or [*names.values()]
        return {"when": {"state": done if len(done) != 1 else done[0]}}


def _shown(fact: str, said: Mapping[str, Any]) -> Any:
    """What an example shows of a fact that it left null."""
    if said.get("type") != "string":
        return 1_767_225_600 if fact == "ended" or fact.startswith("at.") else None
    if fact == "error":
        return "It failed"
    return "2026-05-07T12:34:56Z" if fact == "ended" or fact.startswith("at.") else "https://example.com/"
