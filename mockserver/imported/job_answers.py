"""Which facts an answer about a job shows, by the names of its fields. Knows no document and no behavior of a verb.

An answer is one example for all states: what is not there yet is null where its schema allows that, or left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from mockserver import pointers
from mockserver.imported.addresses import PARAMETER
from mockserver.imported.facts import NAME, Field, FieldMap, Lifecycle
from mockserver.imported.kinds import kind_of
from mockserver.imported.late import AnswerDraft, LateValues
from mockserver.imported.lexicon import DONE, FACT_OF, MOMENT, letters, parts
from mockserver.imported.sampling import is_text_of, plain_number, plain_text
from mockserver.imported.shapes import Shapes
from mockserver.imported.states import GONE
from mockserver.json_types import TYPES
from mockserver.notation import percentage

_NO_RESULTS = frozenset((
    "webhook", "callback", "input", "source", "upload", "docs", "documentation", "dashboard", "project", "avatar",
    "icon", "homepage", "website", "profile", "terms", "support", "help", "next", "previous", "prev", "parent", "user",
))  # fmt: skip
"""Words of addresses that are there before anything comes of a job."""
_OUTCOMES = frozenset(("output", "outputs", "result", "results", "response", "transcript", "transcription"))
"""Fields of a job that have what came of it."""
_SHOWN = frozenset(("self", "get", "status", "polling", "poll"))
"""Words of addresses at which a job is shown."""
_DEEPEST = 5
_PERCENTAGES = ("45%", "45", "45 %", "45.0%", "45.0", "0.45")
_NUMBERS = (0, 7, 45, 100)
NO_FIELDS: FieldMap = {}


class AnswerReader:
    """Reads answers about one kind of job."""

    def __init__(
        self, life: Lifecycle, shapes: Shapes, asked: Sequence[Mapping[str, Any]], words: Sequence[str]
    ) -> None:
        """`asked` are the flat schemas of what creating requests say; `words` are those of its paths."""
        self._life, self._shapes, self._words = life, shapes, words
        self._asked = asked
        self.late = LateValues(life, shapes)
        self._fields = NO_FIELDS
        self.path = ""
        """That of the collection, where a name has the whole of it."""

    def asks(self, name: str) -> bool:
        """Whether a request that creates says a field of this name."""
        return any(name in each["properties"] for each in self._asked)

    def told(self, schema: Any, example: Any, at: str, id_at: str = "", fields: FieldMap = NO_FIELDS) -> AnswerDraft:
        """What an answer shows of a job whose object stands at `at` in it; `fields` is what else is known."""
        made = AnswerDraft(example, {}, {})
        self._fields, self.late.at = fields, at
        for pointer, value in [leaf for leaf in _leaves(example) if leaf[0]]:
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
        holder = pointers.get(example, at)
        for name in [*holder] if isinstance(holder, dict) else ():
            self._withhold(made, schema, pointers.join(at, name))
        return made

    def _withhold(self, made: AnswerDraft, schema: Any, pointer: str) -> None:
        """Show what went wrong, or what came of a job, when that is so, where nothing else says when."""
        word, said = letters(pointer.rpartition("/")[2]), self._shapes.at(schema, pointer)[0]
        if word in _OUTCOMES and pointers.get(made.example, pointer) is None and said.get("type") == "string":
            pointers.put(made.example, pointer, plain_text(said, word))
        if pointer in made.bindings or pointers.get(made.example, pointer) is None:
            return
        if FACT_OF.get(word) == "error" and isinstance(pointers.get(made.example, pointer), dict):
            self.late.withhold(made, schema, pointer, self.late.when_failed(), is_never=not self.late.fails)
        elif word in _OUTCOMES and not self.asks(pointers.split(pointer)[-1]):
            self.late.withhold(made, schema, pointer, self.late.when_done())

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
        ends = (state for end in ("cancelled", "success", "failure") for state in states if states[state] == end)
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
            self.late.bind(made, schema, pointer, "error", isinstance(value, str))
        elif fact in ("created", "updated") and depth == 1 and self._shows_moments(made, schema, pointer):
            made.bindings[pointer] = fact
        elif fact in ("ended", "started") and depth == 1:
            known = "ended" if fact == "ended" else self._started()
            self.late.bind(made, schema, pointer, known, known != "" and (_is_moment(value) or value is None))
        elif isinstance(value, bool) and letters(name) in DONE and depth <= 2:
            made.bindings[pointer] = self._done()
        elif fact == "progress" and depth <= 2 and isinstance(value, int | float) and not isinstance(value, bool):
            if self._takes_any(schema, pointer):
                made.bindings[pointer] = "progress"
        elif fact == "progress" and depth <= 2 and (value is None or isinstance(value, str)):
            self._bind_percentage(made, schema, pointer)
        elif self._echo(made, schema, pointer, value, at):
            return
        elif is_url(self._url(schema, pointer, name) if value is None else value) and depth <= _DEEPEST:
            self._bind_url(made, schema, pointer)

    def _takes_any(self, schema: Any, pointer: str) -> bool:
        """Whether a number may be all that progress is, from 0 on to 100 or to 1."""
        said = self._shapes.at(schema, pointer)[0]
        top = 1 if said.get("maximum") == 1 and said.get("type") == "number" else 100
        low, high = said.get("minimum", 0), said.get("maximum", top)
        return low <= 0 and high >= top and not {"enum", "const", "multipleOf"} & {*said}

    def _bind_percentage(self, made: AnswerDraft, schema: Any, pointer: str) -> None:
        """Progress that is told in a text, `42%`, as an example of the field shows it or its pattern allows."""
        said, shown = self._shapes.at(schema, pointer)[0], self._field(pointer).shown
        several = [*shown, *(_PERCENTAGES if isinstance(said.get("pattern"), str) else ())]
        for each in several if said.get("type") == "string" and "enum" not in said else ():
            write = percentage(each)
            if write is not None and all(is_text_of(said, write(number)) for number in _NUMBERS):
                pointers.put(made.example, pointer, each)
                made.bindings[pointer] = "progress"
                return

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

    def _shows_moments(self, made: AnswerDraft, schema: Any, pointer: str) -> bool:
        """Whether a field shows moments: by its value, else by the document's example of a text that may be any."""
        value, said = pointers.get(made.example, pointer), self._shapes.at(schema, pointer)[0]
        is_open = isinstance(value, str) and not {"enum", "const", "pattern", "format", "maxLength"} & {*said}
        if is_open and any(map(MOMENT.match, self._field(pointer).shown)):
            value = "2026-05-07T12:34:56Z"
            pointers.put(made.example, pointer, value)
        return _is_moment(value)

    def _url(self, schema: Any, pointer: str, name: str) -> str:
        """What a field that is null at first may be: a URL, by its format or its name."""
        said, _ = self._shapes.at(schema, pointer)
        is_url = said.get("format") in ("uri", "url") or letters(name).endswith(("url", "uri"))
        return "https://example.com/" if is_url and said.get("type") == "string" else ""

    def _bind_url(self, made: AnswerDraft, schema: Any, pointer: str) -> None:
        """An address: that of an operation about the job, one that was there before it, else of what it led to."""
        words = {*result_name(pointer)}
        if words <= {"href", "url", "uri", "link"}:  # `links: {self: {href}}`
            words |= {*result_name(pointer.rpartition("/")[0])}
        cancel = next((each.operation for each in self._life.of("move") if each.to == "cancelled"), "")
        is_item = any(each.isdigit() for each in pointers.split(pointer.removeprefix(self.late.at)))
        led = "" if is_item else self._life.show if words & _SHOWN else cancel if "cancel" in words else ""
        if led:
            made.bindings[pointer] = f"url.{led}"
        elif may_be_result(words):
            self._bind_result(made, schema, pointer)

    def _bind_result(self, made: AnswerDraft, schema: Any, pointer: str) -> None:
        words = result_name(pointer)
        make, file = kind_of("_".join(words), self._said(pointer), self._words)
        word = "_".join(words) or "result"
        made.results[word] = {"make": make, "file": file} | (
            {"text": {"join": ["What came of ", {"fact": "id"}]}} if make == "text" else {}
        )
        self.late.bind(made, schema, pointer, f"result.{word}", fits=True)
        if pointer not in made.bindings:
            del made.results[word]

    def _said(self, pointer: str) -> str:
        """What the document says of a field in words, and its format."""
        field = self._field(pointer)
        return f"{field.said} {f'.{field.form}' if field.form else ''}"

    def _field(self, pointer: str) -> Field:
        """What is known of a field beside its schema."""
        at = pointers.join("", *("*" if each.isdigit() else each for each in pointers.split(pointer)))
        return self._fields.get(at, Field(""))

    def _echo(self, made: AnswerDraft, schema: Any, pointer: str, value: Any, at: str) -> bool:
        """What the request said, where all requests say it and it is of the same kind; whether that is so."""
        above, _, name = pointer.rpartition("/")
        if above != at or not self._asked:
            return False
        said = [each["properties"].get(pointers.split(f"/{name}")[0]) for each in self._asked]
        kinds = {str(self._shapes.said(each).get("type")) if each is not None else "" for each in said}
        if len(kinds) != 1 or not kinds <= {"string", "integer", "number", "boolean"}:
            return False
        if value is None and self._shapes.at(schema, pointer)[0].get("type") in kinds:
            pointers.put(made.example, pointer, self._plain(schema, pointer))
            made.bindings[pointer] = f"request./{name}"
        elif value is not None and TYPES[type(value)] in kinds:
            made.bindings[pointer] = {"fact": f"request./{name}", "else": self._usual(said, schema, pointer, value)}
        return pointer in made.bindings

    def _usual(self, said: Sequence[Any], schema: Any, pointer: str, value: Any) -> Any:
        """What is shown where a request does not say it: what the requests' schemas name as their default."""
        usual = next((each["default"] for each in map(self._shapes.said, said) if "default" in each), value)
        listed = self._shapes.at(schema, pointer)[0].get("enum", [usual])
        return usual if type(usual) is type(value) and isinstance(listed, list) and usual in listed else value


def is_url(value: Any) -> bool:
    """Whether a value of an example stands for an address."""
    return isinstance(value, str) and value.startswith("https://example.com/")


def may_be_result(words: Collection[str]) -> bool:
    """Whether an address that is called so is of what a job led to."""
    return not {*words} & {*_NO_RESULTS, *_SHOWN, "cancel"}


def result_name(pointer: str) -> list[str]:
    """The words of the field at a place; of an item of a list those of the list."""
    return parts(next((each for each in reversed(pointers.split(pointer)) if not each.isdigit()), ""))


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
