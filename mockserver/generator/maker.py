"""Schemas compiled to functions that make values: the subset of JSON Schema that contracts use.

What it does not understand (`not`, `patternProperties`, `dependentSchemas`) it ignores; who uses it checks the whole
value against the whole schema and takes the example instead of what does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any

from mockserver import pointers
from mockserver.generator.edge_cases import EXTRA_FIELDS, INTEGERS, LETTERS, NUMBERS, STRINGS, UNKNOWN_ENUMS
from mockserver.validation import Schemas

Pick = Callable[[int], int]
Make = Callable[[Pick, Any], Any]  # (pick, what an example shows there, or MISSING) → a value
MISSING = pointers.MISSING
_MOST_ITEMS = 6
_BRANCHES = ("anyOf", "oneOf")


class Maker:
    """Makes values by the schemas of one document.

    `pinned`: values of enumerations stay as the example shows them. `extra_fields`: fields nobody declared appear
    also where a schema is closed. `unknown_enums`: enumerations hold values they do not list.
    """

    def __init__(
        self, document: Any, *, pinned: bool = False, extra_fields: bool = False, unknown_enums: bool = False
    ) -> None:
        self.document = document
        self.pinned = pinned
        self.extra_fields = extra_fields
        self.unknown_enums = unknown_enums
        self.schemas = Schemas(document)
        self._known = cache(self._chosen)

    def of(self, said: Sequence[str]) -> Make:
        """What makes values that fit all schemas at these pointers."""
        return self._known(tuple(self.flat(said)))

    def _chosen(self, said: tuple[str, ...]) -> Make:
        """The same for pointers whose references and `allOf` were followed already."""
        for index, pointer in enumerate(said):
            for word in _BRANCHES:
                if word in self.node(pointer):
                    return self._alternatives(said, index, word)
        return self._typed(said)

    def node(self, pointer: str) -> Any:
        """The schema at a pointer, without the alternatives that were chosen already."""
        base, _, word = pointer.partition("\0")
        found = pointers.get(self.document, base)
        found = found if isinstance(found, dict) else {}
        return {key: value for key, value in found.items() if key != word} if word else found

    def flat(self, said: Sequence[str], seen: set[str] | None = None) -> Iterator[str]:
        """The same schemas with references and `allOf` followed, each once."""
        seen = set() if seen is None else seen
        for pointer in (each for each in said if each not in seen):
            seen.add(pointer)
            node = self.node(pointer)
            if "$ref" in node:
                yield from self.flat([str(node["$ref"]).removeprefix("#")], seen)
            for index in range(len(node.get("allOf", ()))):
                yield from self.flat([f"{pointer}/allOf/{index}"], seen)
            yield pointer

    def _alternatives(self, said: tuple[str, ...], index: int, word: str) -> Make:
        """One of several schemas: the first that fits what is shown is the plainest choice."""
        pointer = said[index]
        inner = [f"{pointer.partition(chr(0))[0]}/{word}/{n}" for n in range(len(self.node(pointer)[word]))]
        fits = [self.schemas.at(each).is_valid for each in inner]
        rest = (*said[:index], f"{pointer}\0{word}", *said[index + 1 :])
        makers = [self._known((*rest, *(p for p in self.flat([each]) if p not in rest))) for each in inner]

        def make(pick: Pick, shown: Any) -> Any:
            first = next((i for i, fit in enumerate(fits) if shown is not MISSING and fit(shown)), 0)
            chosen = (first + (0 if self.pinned else pick(len(inner)))) % len(inner)
            return makers[chosen](pick, shown)

        return make

    def _typed(self, said: tuple[str, ...]) -> Make:
        nodes = [self.node(pointer) for pointer in said]
        types = self._types(nodes)
        if ("object" in types and types != ALL) or any("properties" in node for node in nodes):
            return _nullable(ObjectMaker(self, said).make, types)
        if "array" in types and types != ALL:
            return _nullable(self._array(said, nodes), types)
        return self._leaf(said, nodes, types)

    def _types(self, nodes: Sequence[Any]) -> frozenset[str]:
        found = ALL
        for node in nodes:
            if "type" in node:
                given = {node["type"]} if isinstance(node["type"], str) else set(node["type"])
                found &= frozenset(given | ({"integer"} if "number" in given else set()))
        return found

    def _leaf(self, said: tuple[str, ...], nodes: Sequence[Any], types: frozenset[str]) -> Make:
        """Text, numbers, truth and null: those oddities that every schema allows."""
        fits = [self.schemas.at(pointer.partition("\0")[0]).is_valid for pointer in said]
        listed = next(
            ([n["const"]] if "const" in n else list(n["enum"]) for n in nodes if "const" in n or "enum" in n), None
        )
        pool = listed if listed is not None else list(_pool(nodes, types))
        allowed = [value for value in pool if all(fit(value) for fit in fits)]
        unknown = list(UNKNOWN_ENUMS) if listed is not None and self.unknown_enums and "string" in types else []
        is_pinned = listed is not None and self.pinned and not unknown
        free = (
            listed is None and "string" in types and not any({"pattern", "format", "maxLength"} & set(n) for n in nodes)
        )
        least = max((node.get("minLength", 0) for node in nodes), default=0)
        choices = allowed + unknown
        n = len(choices)

        def make(pick: Pick, shown: Any) -> Any:
            if shown is not MISSING and (is_pinned or n == 0 or pick(2) == 0) and all(fit(shown) for fit in fits):
                return shown
            if free and pick(4) == 3:
                return "".join([LETTERS[pick(len(LETTERS))] for _ in range(least + pick(12))])
            return choices[pick(n)] if n else None

        return make

    def _array(self, said: tuple[str, ...], nodes: Sequence[Any]) -> Make:
        inner = tuple(
            f"{p.partition(chr(0))[0]}/items"
            for p, n in zip(said, nodes, strict=True)
            if isinstance(n.get("items"), dict)
        )
        least = max((n.get("minItems", 0) for n in nodes), default=0)
        most = max(least, min([_MOST_ITEMS, *(n["maxItems"] for n in nodes if "maxItems" in n)]))
        item = self.of(inner) if inner else None

        def make(pick: Pick, shown: Any) -> Any:
            before = shown if isinstance(shown, list) else []
            count = len(before) if pick(3) == 0 and len(before) >= least else least + pick(most - least + 1)
            if item is None:
                return before[:count]
            return [item(pick, before[i % len(before)] if before else MISSING) for i in range(count)]

        return make


ALL = frozenset({"string", "integer", "number", "boolean", "null", "object", "array"})


def _nullable(make: Make, types: frozenset[str]) -> Make:
    if "null" not in types or types == ALL:
        return make
    return lambda pick, shown: (
        shown
        if shown is None and pick(2) == 0
        else None
        if pick(4) == 3
        else make(pick, MISSING if shown is None else shown)
    )


def _pool(nodes: Sequence[Any], types: frozenset[str]) -> Iterator[Any]:
    """Candidates by type; the bounds of the schemas among them."""
    if "string" in types:
        yield from STRINGS
        longest = min((n["maxLength"] for n in nodes if "maxLength" in n), default=0)
        yield from ("x" * longest, "é" * longest) if longest and longest <= 100_000 else ()
    if "integer" in types or "number" in types:
        bounds = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
        for said in (n[word] for n in nodes for word in bounds if word in n):
            yield from (said, said + 1, said - 1)
        yield from NUMBERS if "number" in types else INTEGERS
    if "boolean" in types:
        yield from (False, True)
    if "null" in types:
        yield None


class ObjectMaker:
    """Objects: first the fields that conditions ask for, then, by the conditions that hold, the others."""

    def __init__(self, maker: Maker, said: tuple[str, ...]) -> None:
        self._maker = maker
        self._said = said
        self._nodes = [(pointer.partition("\0")[0], maker.node(pointer)) for pointer in said]
        self._required = {name for _, node in self._nodes for name in node.get("required", ())}
        closed = ("additionalProperties", "unevaluatedProperties")
        self._open = maker.extra_fields or not any(
            node.get(word) is False for _, node in self._nodes for word in closed
        )
        self._stages = cache(self._stage)

    @cached_property
    def _conditions(self) -> list[tuple[Callable[[Any], bool], str, str, frozenset[str]]]:
        """(does `if` hold, pointer to `then`, to `else`, the fields that `if` asks for)."""
        return [
            (
                self._maker.schemas.at(f"{at}/if").is_valid,
                f"{at}/then",
                f"{at}/else",
                frozenset(node["if"].get("properties", ())),
            )
            for at, node in self._nodes
            if isinstance(node.get("if"), dict)
        ]

    def make(self, pick: Pick, shown: Any) -> Any:
        """An object; `shown` is the example's."""
        before = shown if isinstance(shown, dict) else {}
        made: dict[str, Any] = {}
        asked = frozenset().union(*(fields for *_, fields in self._conditions)) if self._conditions else frozenset()
        if asked:
            self._fill(made, pick, before, (), asked, only=True)
        holding = tuple(then if holds(made) else other for holds, then, other, _ in self._conditions)
        self._fill(made, pick, before, holding, asked, only=False)
        if self._open and pick(8) == 7:
            names = list(EXTRA_FIELDS)
            made.setdefault(name := names[pick(len(names))], EXTRA_FIELDS[name])
        return made

    def _fill(
        self, made: dict[str, Any], pick: Pick, before: Any, more: tuple[str, ...], asked: frozenset[str], *, only: bool
    ) -> None:
        fields, required = self._stages(more)
        for name, make in fields.items():
            if (name in asked) is not only or name in made:
                continue
            if name not in required and (pick(4) == 3) is (name in before):
                continue
            made[name] = make(pick, before.get(name, MISSING))

    def _stage(self, more: tuple[str, ...]) -> tuple[dict[str, Make], set[str]]:
        """Makers of all fields, and the required ones, under the conditions that hold."""
        maker = self._maker
        nodes = [*self._nodes, *((p, maker.node(p)) for each in more for p in maker.flat([each]))]
        places: dict[str, list[str]] = {}
        for at, node in nodes:
            for name in node.get("properties", ()):
                places.setdefault(name, []).append(pointers.join(f"{at}/properties", name))
        required = self._required | {name for _, node in nodes for name in node.get("required", ())}
        return {name: maker.of(tuple(several)) for name, several in places.items()}, required
