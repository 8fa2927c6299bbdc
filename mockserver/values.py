"""Values: what a contract writes into bodies, headers and texts, read off a subject and written as an example shows it.

A value is a fact, a text joined of values, an array of rows or what the example shows itself; a condition decides
whether it is there. Each is compiled once; what a contract does not use costs nothing. Knows no HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from mockserver.conditions import Condition, Rule, is_same
from mockserver.draws import form_of
from mockserver.facts import ROWS, FactKind, Reader, fact_reader, row_of
from mockserver.lifecycle import Value
from mockserver.notation import NAMED, WriteValue, bare, moment, percentage
from mockserver.subject import Subject
from mockserver.validation import write_json

_BREAKS = re.compile(r"[\x00-\x1f\x7f]+")
_FORMED = frozenset(("time", "percent", "id"))
"""The kinds that are written in a form."""
_TEXTS = re.compile(r"(call|request)\.(path|query|header|cookie)\.").match
_LARGEST = 1e300
"""What is multiplied is smaller: what comes of it is a number that JSON can write."""
_DIGITS = re.compile(r"-?\d{1,300}(\.\d{1,300})?", re.ASCII).fullmatch
_SPAN = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:d|h|ms|m|s))+", re.ASCII).fullmatch
_PARTS = re.compile(r"([0-9.]+)(d|h|ms|m|s)").findall
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}
CENTURY = 3.2e9
Slot = Callable[["Subject"], bytes]
TemplatePart = Callable[["Subject"], "bytes | None"]
"""What writes a value; None when it is absent."""
Segments = tuple["bytes | Slot", ...]
Compile = Callable[[Any, Mapping[str, Value]], Segments]
"""What makes segments of an example's value and its bindings."""
Holds = Callable[["Subject"], bool]


def text(value: str) -> bytes:
    """A JSON string."""
    return encode_basestring(value).encode()


def render(segments: Segments, subject: Subject) -> bytes:
    """Join constant parts and facts."""
    return b"".join([s if type(s) is bytes else s(subject) for s in segments])  # type: ignore[operator]


def slot(value: Value, example: Any, own: Slot, compiled: Compile) -> Slot:
    """What writes a value where the contract shows `example`, which `own` writes itself; null when it is absent."""
    if value.fact == "page.items":
        return lambda s: s.page.items  # type: ignore[union-attr]
    if value.each or value.when or value.is_shown or value.otherwise is not None:
        write = part(value, example, own, compiled)
        return lambda s: b"null" if (v := write(s)) is None else v
    read, form = _base(value), writer(value, example)  # the usual one: a call less in each answer
    return lambda s: b"null" if (v := read(s)) is None else form(v)


def part(value: Value, example: Any, own: Slot, compiled: Compile) -> TemplatePart:
    """The same; None when it is absent and nothing stands in its place."""
    write: TemplatePart
    if value.each:
        write = _array(value, example, compiled)
    elif value.is_shown:
        write = own
    else:
        read, form = _base(value), writer(value, example)
        write = lambda s: None if (v := read(s)) is None else form(v)  # noqa: E731
    if value.when:
        write = _gated(write, holds(value.when))
    return write if value.otherwise is None else _or_else(write, value.otherwise, example, own, compiled)


def _gated(write: Callable[[Subject], Any], is_there: Holds) -> Callable[[Subject], Any]:
    return lambda s: write(s) if is_there(s) else None


def _or_else(write: TemplatePart, otherwise: Any, example: Any, own: Slot, compiled: Compile) -> TemplatePart:
    if isinstance(otherwise, Value):
        write_other = part(otherwise, example, own, compiled)
        return lambda s: write_other(s) if (v := write(s)) is None else v
    is_text = isinstance(example, str) and isinstance(otherwise, str)
    constant = text(otherwise) if is_text else _plain(otherwise)
    return lambda s: constant if (v := write(s)) is None else v


def _array(value: Value, example: Any, compiled: Compile) -> TemplatePart:
    """What writes the first element of an array once for each row."""
    template = compiled(example[0], value.bindings) if isinstance(example, list) and example else ()
    rows = ROWS[value.each]

    def write(subject: Subject) -> bytes:
        before, elements = subject.row, []
        for row in rows(subject):
            subject.row = row
            elements.append(render(template, subject))
        subject.row = before
        return b"[" + b",".join(elements) + b"]"

    return write


def writer(value: Value, example: Any) -> Callable[[Any], bytes]:
    """How what was read is written where the contract shows `example`."""
    if value.of is not None:
        return _plain
    kind = kind_of(value)
    if kind == "fields" and any(isinstance(item, list) for item in example.values()):
        return lambda v: write_json({name: [why] for name, why in v.items()})
    if kind == "key" and type(example) is int:
        return lambda v: v.encode()  # digits, which are a number of JSON as they are
    if kind in _FORMED:
        write, is_text = notation(value, example), isinstance(example, str) and value.form not in NAMED
        return (lambda v: b'"%b"' % write(v).encode()) if is_text else lambda v: write_json(write(v))
    if kind == "number" or (
        kind == "count" and type(example) is int and value.fact in ("credits_before", "account.credits")
    ):
        return lambda v: b"%d" % v
    return _plain if kind == "any" or not isinstance(example, str) else lambda v: text(bare(v))


def kind_of(value: Value) -> FactKind:
    """What kind a value is of; what is joined is a text, what an example shows itself anything."""
    if value.fact:
        return row_of(value.fact).kind
    return "text" if value.parts else "any"


def notation(value: Value, example: Any) -> WriteValue:
    """How a time, a percentage or an id is written beside an example, or in the form that the contract names."""
    kind = kind_of(value)
    if kind == "id":
        make_id = form_of(example).made
        return lambda v: make_id(bytes.fromhex(v))
    if value.form in NAMED:
        return NAMED[value.form]
    if kind == "percent":
        return percentage(example, is_fraction=value.form == "fraction") or percentage(0) or str
    return moment(example) or NAMED["iso"]


def header_slot(value: Value, example: Any) -> TemplatePart:
    """What gives a value as the text of a header, on one line; None when it is absent, and not sent."""
    read = text_of(value, example)
    return lambda s: None if (v := read(s)) is None else _BREAKS.sub(" ", v).encode("latin-1", "replace")


def text_of(value: Value, example: Any = None) -> Callable[[Subject], str | None]:
    """What gives a value as bare text: a time, a percentage or an id as is shown, or in the form that is named."""
    read = _constant(example) if value.is_shown else _base(value)
    if value.when:
        read = _gated(read, holds(value.when))
    is_form = value.of is None and kind_of(value) in _FORMED
    write = notation(value, example) if is_form else bare
    if isinstance(value.otherwise, Value):
        read_other = text_of(value.otherwise, example)
        return lambda s: read_other(s) if (v := read(s)) is None else bare(write(v))
    constant = None if value.otherwise is None else bare(value.otherwise)
    return lambda s: constant if (v := read(s)) is None else bare(write(v))


def reader(value: Value) -> Reader:
    """What reads a value off a subject; None when it is absent and nothing stands in its place."""
    read = _base(value)
    if value.when:
        read = _gated(read, holds(value.when))
    if value.otherwise is None:
        return read
    read_other = reader(value.otherwise) if isinstance(value.otherwise, Value) else _constant(value.otherwise)
    return lambda s: read_other(s) if (v := read(s)) is None else v


def _base(value: Value) -> Reader:
    """What reads a value without regard to its condition and to what stands in its place."""
    if value.parts:
        return _joined(value.parts)
    if not value.fact:
        return _constant(None)
    read = fact_reader(value.fact, value.salt)
    if value.times != 1:
        read = _multiplied(read, value.times)
    if value.plus:
        read = _later(read, value.plus)
    return read if value.of is None else _looked_up(read, value.of)


def _multiplied(read: Reader, times: float) -> Reader:
    """A number, or one that is written in digits, so many times; None for anything else."""

    def read_times(subject: Subject) -> float | None:
        number = number_of(read(subject))
        return number * times if number is not None and abs(number) < _LARGEST else None

    return read_times


def number_of(value: Any) -> float | None:
    """A number, or one that is written in digits; None for anything else."""
    if isinstance(value, str):
        return float(value) if _DIGITS(value) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _later(read: Reader, plus: float | Value) -> Reader:
    """A time, so many seconds later; None where a value that gives them does not."""
    if not isinstance(plus, Value):
        return lambda s: None if (v := read(s)) is None else v + plus
    added = reader(plus)
    return lambda s: None if (v := read(s)) is None or (seconds := seconds_of(added(s))) is None else v + seconds


def seconds_of(value: Any) -> float | None:
    """A number of seconds, of at most a hundred years, also in digits or as `1h30m5s`, `500ms`; None for all else."""
    if isinstance(value, str) and _SPAN(value):
        return min(sum(float(number) * _UNITS[unit] for number, unit in _PARTS(value)), CENTURY)
    number = number_of(value)
    return float(min(number, CENTURY)) if number is not None and number >= 0 else None


def _joined(parts: Sequence[str | Value]) -> Reader:
    """What joins parts to a text; None when one of them is absent."""
    readers = [_constant(piece) if isinstance(piece, str) else text_of(piece) for piece in parts]

    def read(subject: Subject) -> str | None:
        texts = [text for read_part in readers if (text := read_part(subject)) is not None]
        return "".join(texts) if len(texts) == len(readers) else None

    return read


def _looked_up(read: Reader, table: Mapping[str, Any]) -> Reader:
    """What stands in a table for the text of a fact; None for one that does not stand there."""
    return lambda s: None if (v := read(s)) is None else table.get(bare(v))


def _constant(value: Any) -> Reader:
    return lambda _: value


def _plain(value: Any) -> bytes:
    return write_json(int(value) if isinstance(value, float) and value.is_integer() else value)


def holds(condition: Condition) -> Holds:
    """What says whether a condition holds; an empty one always does."""
    if not condition:
        return lambda _: True
    rows = [[_rule(rule) for rule in row] for row in condition]
    if len(rows) == 1:
        (tests,) = rows
        return tests[0] if len(tests) == 1 else lambda s: all(test(s) for test in tests)
    return lambda s: any(all(test(s) for test in tests) for tests in rows)


def _rule(rule: Rule) -> Holds:
    read = fact_reader(rule.fact)
    if rule.has:
        return lambda s: isinstance(v := read(s), list) and any(is_one_of(item, rule) for item in v)
    if rule.present is not None:
        return lambda s: (read(s) is not None) is rule.present
    if rule.has_bounds:
        return _bounded(rule, read)
    return lambda s: is_one_of(read(s), rule)


def _bounded(rule: Rule, read: Reader) -> Holds:
    """Parameters are texts: of digits they are numbers."""
    if not _TEXTS(rule.fact):
        return lambda s: rule.is_within(read(s))
    return lambda s: rule.is_within(v if (number := number_of(v := read(s))) is None else number)


def is_one_of(value: Any, rule: Rule) -> bool:
    """Whether a value is one of a rule's: parameters compare as text, all else as JSON does."""
    if value is None or not _TEXTS(rule.fact):
        return any(is_same(value, constant) for constant in rule.any_of)
    return bare(value) in [bare(constant) for constant in rule.any_of if constant is not None]
