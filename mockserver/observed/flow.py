"""What of a path is a parameter: parts that an answer handed out before, and parts that only machines write.

Knows no operation; the words of a path stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import count
from typing import Any

from mockserver.imported.lexicon import parts as words_of
from mockserver.imported.lexicon import stem
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.pointers import MISSING, walk

HIDDEN = "[redacted]"
SHORTEST = 3
LONGEST_VALUE = 512
_IDS = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}|[0-9a-fA-F]{16,}|[0-9]{4,}|[0-9A-HJKMNP-TV-Z]{26}|c[a-z0-9]{24}|"
    r"[A-Za-z]{1,12}[_-][A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]{6,}"
)
_MIXED = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{12,}")
_VERSION = re.compile(r"(?i)v?[0-9]{1,2}(?:\.[0-9]+)*(?:(?:alpha|beta)[0-9]*)?|[0-9]{4}-[0-9]{2}-[0-9]{2}")


def leaves(value: JsonValue) -> Iterator[tuple[str, Any]]:
    """Every (pointer, value) of a body that is no list and no object."""
    if value is not MISSING:
        yield from ((pointer, each) for pointer, each in walk(value) if not isinstance(each, dict | list))


def sent(call: ObservedCall) -> list[tuple[str, Any]]:
    """The leaves of a request's body, found once."""
    if "sent" not in call.known:
        call.known["sent"] = [*leaves(call.body)]
    found: list[tuple[str, Any]] = call.known["sent"]
    return found


def answer_leaves(call: ObservedCall) -> list[tuple[str, Any]]:
    """The leaves of an answer, found once."""
    if "shown" not in call.known:
        call.known["shown"] = [*leaves(call.answer)]
    found: list[tuple[str, Any]] = call.known["shown"]
    return found


def named_by_request(call: ObservedCall) -> dict[str, int]:
    """What a request names, in its path, its query and its body, and how clearly; paths have their parameters."""
    if "named" not in call.known:
        weights = {str(each): 1 for _, each in sent(call)} | dict.fromkeys(call.query.values(), 2)
        call.known["named"] = dict.fromkeys((*call.values, *call.query.values()), 0) | weights
        call.known["named"] |= dict.fromkeys(call.values, 3)
    found: dict[str, int] = call.known["named"]
    return found


def is_id_name(pointer: str) -> bool:
    """Whether the last name of a pointer says that an id stands there."""
    words = words_of(pointer.rpartition("/")[2])
    return bool(words) and words[-1] in ("id", "ids", "uuid", "guid", "uid", "name", "slug", "key", "handle", "token")


def looks_like_id(part: str) -> bool:
    """Whether only a machine writes such a part of a path."""
    if HIDDEN in part:
        return True
    return _VERSION.fullmatch(part) is None and bool(_IDS.fullmatch(part) or _MIXED.fullmatch(part))


def find_templates(calls: list[ObservedCall]) -> None:
    """Set the template and the values of each call."""
    handed: set[str] = set()
    short: set[tuple[str, ...]] = set()
    for call in calls:
        _template(call, [
            part in handed or looks_like_id(part) or call.path[: n + 1] in short for n, part in enumerate(call.path)
        ])  # fmt: skip
        if call.status < 400:
            for told in call.told or [call]:
                handed.update(_handed_out(told))
                short.update((*call.path, each) for each in _short(told))
        for event in call.told:
            event.template, event.values = call.template, call.values
    _join_the_strange(calls)


def _handed_out(call: ObservedCall) -> set[str]:
    """Values of an answer that may be part of a path later: words that a client sent are no ids."""
    said = {str(each) for _, each in sent(call)} | {*call.query.values()}
    found = set()
    for pointer, value in answer_leaves(call):
        text = str(value) if type(value) in (str, int) else ""
        is_one = SHORTEST <= len(text) <= LONGEST_VALUE and text not in said and is_id_name(pointer)
        if is_one and (looks_like_id(text) or not text.isalpha()):
            found.add(text)
    return found


def _short(call: ObservedCall) -> set[str]:
    """Numbers in an answer that are too short to be known anywhere, and are ids right below where they came from."""
    found = {str(value) for at, value in answer_leaves(call) if type(value) in (str, int) and is_id_name(at)}
    return {each for each in found if len(each) < SHORTEST and each.isascii() and each.isdecimal()}


def _template(call: ObservedCall, is_parameter: list[bool]) -> None:
    names: list[str] = []
    parts = []
    for index, part in enumerate(call.path):
        if is_parameter[index]:
            name = _name(call.path[:index], is_parameter, names)
            names.append(name)
            parts.append(f"{{{name}}}")
        else:
            parts.append(part.replace("{", "%7B").replace("}", "%7D"))
    call.template = "/" + "/".join(parts)
    call.values = tuple(part for part, is_one in zip(call.path, is_parameter, strict=True) if is_one)


def _name(before: tuple[str, ...], is_parameter: list[bool], taken: Collection[str]) -> str:
    """`jobId` behind `jobs`."""
    words = next(
        (words_of(part) for n, part in reversed([*enumerate(before)]) if not is_parameter[n] and words_of(part)), []
    )
    words = [word for word in words if word.isascii() and word.isalnum()]
    base = (stem(words[-1]) if words and not _VERSION.fullmatch(words[-1]) else "") + "Id"
    return free_name(base if base != "Id" else "id", taken)


def free_name(base: str, taken: Collection[str]) -> str:
    """The first of `base`, `base2`, `base3` … that is not taken."""
    names = (base if n == 1 else f"{base}{n}" for n in count(1))
    return next(name for name in names if name not in taken)


def _join_the_strange(calls: list[ObservedCall]) -> None:
    """A path that was refused is that of an operation, where all but its parameters is as there: an id of nobody's."""
    taken = {call.template for call in calls if call.status < 400}
    known = {call.operation: _shape(call) for call in calls if call.values and call.status < 400}
    for call in calls:
        if call.status < 400 or call.template in taken:
            continue
        same = [shape for _, shape in sorted(known.items(), key=lambda row: row[0][0] != call.method)]
        for shape in same:
            if len(shape) == len(call.path) and all(a is None or a == b for a, b in zip(shape, call.path, strict=True)):
                _template(call, [each is None for each in shape])
                break


def _shape(call: ObservedCall) -> list[str | None]:
    return [None if part.startswith("{") and part.endswith("}") else part for part in call.template.split("/")[1:]]
