"""Which facts an answer about a job shows, by the names of its fields. Knows no document and no behavior of a verb.

An answer is one example for all states: what is not there yet is null where its schema allows that, or left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.imported.addresses import PARAMETER
from mockserver.imported.facts import NAME, FieldMap, Lifecycle
from mockserver.imported.kinds import kind_of
from mockserver.imported.lexicon import DONE, FACT_OF, letters, parts
from mockserver.imported.sampling import plain_number, plain_text
from mockserver.imported.shapes import Shapes
from mockserver.imported.states import GONE
from mockserver.json_types import TYPES

_RESULTS = frozenset(
    ["output", "result", "video", "audio", "image", "url", "download", "file", "asset", "media", "sample"]
)


NO_FIELDS: FieldMap = {}


class AnswerDraft(NamedTuple):
    """An answer: its example, what is written over it by pointer, and what makes each result that it links to."""

    example: Any
    bindings: dict[str, Any]
    results: dict[str, dict[str, Any]]


class AnswerReader:
    """Reads answers about one kind of job."""

    def __init__(
        self, life: Lifecycle, shapes: Shapes, asked: Sequence[Mapping[str, Any]], words: Sequence[str]
    ) -> None:
        """`asked` are the flat schemas of what creating requests say; `words` are those of its paths."""
        self._life, self._shapes, self._words = life, shapes, words
        self._asked = asked
        self._fields = NO_FIELDS
        self.path = ""
        """That of the collection, where a name has the whole of it."""

    def told(self, schema: Any, example: Any, at: str, id_at: str = "", fields: FieldMap = NO_FIELDS) -> AnswerDraft:
        """What an answer shows of a job whose object stands at `at` in it; `fields` is what else is known."""
        made = AnswerDraft(example, {}, {})
        self._fields = fields
        for pointer, value in [each for each in _leaves(example) if each[0]]:
            if pointer == id_at or (not id_at and self._is_id(pointer, at)):
                made.bindings[pointer] = self._id(pointer)
                if value is None:
                    pointers.put(example, pointer, self._plain(schema, pointer))
            elif pointer == self._state_at(at):
                tells_all = self.tells_all(schema, pointer)
                made.bindings[pointer] = self.state() if tells_all else self.constant(value)
                if tells_all and value in (None, ""):  # nothing is written over what shows nothing
                    pointers.put(example, pointer, self._life.seen(next(iter(self._life.states))))
            elif pointer.startswith(f"{at}/") or not at:
                self._tell(made, schema, pointer, value, at)
        return made

    def _state_at(self, at: str) -> str:
        return f"{at}{self._life.state_in}"

    def _id(self, pointer: str) -> Any:
        """The id, within a whole path where that is what the field has."""
        if pointer.rpartition("/")[2] != NAME or not self.path:
            return "id"
        said = [each for each in self.path.split("/")[1:] if each][_is_version(self.path) :]
        row: list[Any] = []
        for each in said:
            match = PARAMETER.fullmatch(each)
            row += [{"fact": f"request.path.{match[1]}"} if match else each, "/"]
        return {"join": [*row, {"fact": "id"}]}

    def tells_all(self, schema: Any, pointer: str) -> bool:
        """Whether an answer may tell every state: its schema lists all of them, or none."""
        said, _ = self._shapes.at(schema, pointer)
        listed = [said["const"]] if "const" in said else said.get("enum")
        return not isinstance(listed, list) or {*self._life.states} <= {str(each) for each in listed}

    def constant(self, value: Any) -> Any:
        """What the example shows, in the place of the resource's own binding."""
        return {"fact": "state", "of": {self._life.names[next(iter(self._life.states))]: value}, "else": value}

    def gone(self) -> Any:
        """What an answer shows of a job that it has just taken away, of which no state is told: how one ends."""
        states = self._life.states
        ends = (each for end in ("cancelled", "success", "failure") for each in states if states[each] == end)
        seen = self._life.seen(next(ends, next(iter(states))))
        return {"fact": "state", "of": {GONE: seen}, "else": seen}

    def state(self) -> Any:
        """The state as clients see it."""
        table = {name: self._life.seen(each) for each, name in self._life.names.items() if name != each}
        return {"fact": "state", "of": table, "else": {"fact": "state"}} if table else "state"

    def _is_id(self, pointer: str, at: str) -> bool:
        """Whether this is the job's own id: in its object, or above it where that has none."""
        above, _, name = pointer.rpartition("/")
        word, own = letters(name), letters(self._life.name.rpartition("_")[2])
        if word == NAME and self.path:
            return above == at
        return (above in (at, "")) and word in ("id", letters(self._life.id_parameter), f"{own}id") and word != ""

    def _tell(self, made: AnswerDraft, schema: Any, pointer: str, value: Any, at: str) -> None:
        name = pointers.split(pointer)[-1]
        fact = FACT_OF.get(letters(name), "")
        depth = pointer.count("/") - at.count("/")
        if fact == "error" or (fact == "" and letters(name) == "message" and _is_error(pointer)):
            self._bind_late(made, schema, pointer, "error", isinstance(value, str))
        elif fact in ("created", "updated") and depth == 1:
            self._bind(made, pointer, fact, _is_moment(value))
        elif fact in ("ended", "started") and depth == 1:
            known = "ended" if fact == "ended" else self._started()
            self._bind_late(made, schema, pointer, known, known != "" and (_is_moment(value) or value is None))
        elif isinstance(value, bool) and letters(name) in DONE and depth <= 2:
            made.bindings[pointer] = self._done()
        elif fact == "progress" and depth <= 2 and isinstance(value, int | float) and not isinstance(value, bool):
            made.bindings[pointer] = "progress"
        elif self._is_result(name, self._url(schema, pointer, name) if value is None else value, depth):
            self._bind_result(made, schema, pointer, name)
        else:
            self._echo(made, schema, pointer, value, at)

    def _plain(self, schema: Any, pointer: str) -> Any:
        """A value in the place of null."""
        said, name = self._shapes.at(schema, pointer)[0], pointer.rpartition("/")[2]
        kind = said.get("type")
        if kind == "boolean":
            return True
        listed = next((each for each in said.get("enum", ()) if each is not None), None)
        if listed is not None:
            return listed
        return plain_number(said, name, kind) if kind in ("integer", "number") else plain_text(said, name)

    def _done(self) -> dict[str, Any]:
        """A flag that is true in each state in which a job has ended."""
        ended = [each for each, meaning in self._life.states.items() if meaning in ("success", "failure", "cancelled")]
        return {"fact": "state", "of": {self._life.names[each]: True for each in ended}, "else": False}

    def _started(self) -> str:
        running = [each for each, meaning in self._life.states.items() if meaning == "running"]
        return f"at.{self._life.names[running[0]]}" if running else ""

    def _bind(self, made: AnswerDraft, pointer: str, fact: str, fits: bool) -> None:
        if fits:
            made.bindings[pointer] = fact

    def _bind_late(self, made: AnswerDraft, schema: Any, pointer: str, fact: str, fits: bool) -> None:
        """A fact that is absent at first: null where that is allowed, left out where nothing asks for it."""
        said, must = self._shapes.at(schema, pointer)
        value = pointers.get(made.example, pointer)
        if "pattern" in said or said.get("enum") or "const" in said:
            return  # no moment and no sentence is written to fit one
        if value is None and said["null"] and said.get("type") in ("string", "integer", "number"):
            value = _shown(fact, said)
            pointers.put(made.example, pointer, value)
            fits = isinstance(value, str) or fact != "error"
        if not fits or value is None:
            return
        plain = said.get("format") is None and not said.get("enum") and not said.get("minLength")
        gate = self._when_done() if fact.startswith("result.") else {}
        if not said["null"] and (fact == "error" or gate) and (holder := self._holder(schema, pointer)):
            made.bindings[holder[0]] = (gate or self._when_failed()) | ({} if holder[1] else {"omit": True})
            made.bindings[pointer] = {"fact": fact, "else": value}
        elif said["null"]:
            made.bindings[pointer] = {"fact": fact, **gate} if gate or fact.startswith("at.") else fact
        elif not must:
            made.bindings[pointer] = {"fact": fact, **gate, "omit": True}
        elif plain and said.get("type") == "string":
            made.bindings[pointer] = {"fact": fact, **gate, "else": ""}
        elif gate and said.get("type") == "string":
            made.bindings[pointer] = {"fact": fact, **gate, "else": value}

    def _holder(self, schema: Any, pointer: str) -> tuple[str, bool] | None:
        """The object above that may be left out, where it must have what stands there; and whether it may be null."""
        above, _, name = pointer.rpartition("/")
        while above and above != self._life.at:
            said, _ = self._shapes.at(schema, above)
            outer, _ = self._shapes.at(schema, above.rpartition("/")[0])
            if name not in said["required"] and not said["null"]:
                return None
            if said["null"] or above.rpartition("/")[2] not in outer["required"]:
                return above, said["null"]
            above, _, name = above.rpartition("/")
        return None

    def _when_failed(self) -> dict[str, Any]:
        """What went wrong is told where something did."""
        failed = [self._life.names[each] for each, meaning in self._life.states.items() if meaning == "failure"]
        return {"when": {"state": failed if len(failed) != 1 else failed[0]}}

    def _when_done(self) -> dict[str, Any]:
        """Results are told from success on, whatever the states are called."""
        names, states = self._life.names, self._life.states
        done = [names[each] for each, meaning in states.items() if meaning == "success"]
        done = done or [names[each] for each, meaning in states.items() if meaning == "running"] or [*names.values()]
        return {"when": {"state": done if len(done) != 1 else done[0]}}

    def _url(self, schema: Any, pointer: str, name: str) -> str:
        """What a field that is null at first may be: a URL, by its format or its name."""
        said, _ = self._shapes.at(schema, pointer)
        is_url = said.get("format") in ("uri", "url") or letters(name).endswith(("url", "uri"))
        return "https://example.com/" if is_url and said.get("type") == "string" else ""

    def _is_result(self, name: str, value: Any, depth: int) -> bool:
        words = parts(name)
        is_url = isinstance(value, str) and value.startswith("https://example.com/")
        return (
            is_url
            and depth <= 3
            and (bool({*words} & _RESULTS) or words[-1:] in (["url"], ["uri"], ["href"]))
            and not (
                {*words}
                & {"webhook", "callback", "self", "get", "cancel", "status", "polling", "input", "source", "poll"}
            )
        )

    def _bind_result(self, made: AnswerDraft, schema: Any, pointer: str, name: str) -> None:
        make, file = kind_of(name, self._said(pointer), self._words)
        word = "_".join(parts(name)) or "result"
        made.results[word] = {"make": make, "file": file} | (
            {"text": {"join": ["What came of ", {"fact": "id"}]}} if make == "text" else {}
        )
        self._bind_late(made, schema, pointer, f"result.{word}", fits=True)
        if pointer not in made.bindings:
            del made.results[word]

    def _said(self, pointer: str) -> str:
        """What the document says of a field in words, and its format."""
        field = self._fields.get(
            pointers.join("", *("*" if each.isdigit() else each for each in pointers.split(pointer)))
        )
        return f"{field.said} {f'.{field.form}' if field.form else ''}" if field is not None else ""

    def _echo(self, made: AnswerDraft, schema: Any, pointer: str, value: Any, at: str) -> None:
        """What the request said, where all requests say it and it is of the same kind."""
        above, _, name = pointer.rpartition("/")
        if above != at or not self._asked:
            return
        said = [each["properties"].get(pointers.split(f"/{name}")[0]) for each in self._asked]
        kinds = {str(self._shapes.said(each).get("type")) if each is not None else "" for each in said}
        if len(kinds) != 1 or not kinds <= {"string", "integer", "number", "boolean"}:
            return
        if value is None and self._shapes.at(schema, pointer)[0].get("type") in kinds:
            pointers.put(made.example, pointer, self._plain(schema, pointer))
            made.bindings[pointer] = f"request./{name}"
        elif value is not None and TYPES[type(value)] in kinds:
            made.bindings[pointer] = {"fact": f"request./{name}", "else": self._usual(said, schema, pointer, value)}

    def _usual(self, said: Sequence[Any], schema: Any, pointer: str, value: Any) -> Any:
        """What is shown where a request does not say it: what the requests' schemas name as their default."""
        usual = next((each["default"] for each in map(self._shapes.said, said) if "default" in each), value)
        listed = self._shapes.at(schema, pointer)[0].get("enum", [usual])
        return usual if type(usual) is type(value) and isinstance(listed, list) and usual in listed else value


def _shown(fact: str, said: Mapping[str, Any]) -> Any:
    """What an example shows of a fact that it left null."""
    if said.get("type") != "string":
        return 1_767_225_600 if fact == "ended" or fact.startswith("at.") else None
    if fact == "error":
        return "It failed"
    return "2026-05-07T12:34:56Z" if fact == "ended" or fact.startswith("at.") else "https://example.com/"


def _leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    for pointer, each in pointers.walk(value, at):
        if not isinstance(each, dict | list):
            yield pointer, each


def _is_version(path: str) -> bool:
    """Whether a path begins with a version, which no name has."""
    first = path.split("/")[1]
    return first[:1] == "v" and first[1:2].isdigit()


def _is_error(pointer: str) -> bool:
    return any(letters(each).startswith(("error", "failure")) for each in pointers.split(pointer)[:-1])


def _is_moment(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return (isinstance(value, int) and value > 1e9) or (isinstance(value, str) and value.startswith("2026-05-07T"))
