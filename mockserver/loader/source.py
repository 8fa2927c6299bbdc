"""The two documents of a contract as they were read, and the list of what is wrong with them."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from errno import EFBIG, EINVAL
from pathlib import Path
from typing import Any

from mockserver import pointers
from mockserver.errors import ContractError, Finding, Mend, is_on_purpose
from mockserver.files import LARGEST, bytes_of
from mockserver.loader.places import twice
from mockserver.negotiation import ACCEPTS
from mockserver.suggestions import nearest

__tracebackhide__ = is_on_purpose

OPENAPI = "openapi.json"
BEHAVIOR = "behavior.json"
OVERLAY = "overlay.json"
DEEPEST = 100
"""So many levels values may nest: validators go down on the stack, which is short."""
MOST = 10_000
"""With so many mistakes looking for more ends: each is compared with what is known, and gone through the text for."""
_FIRST = "Fix these first."
_IMPORT = "`mockserver new NAME --from FILE` makes a contract of an OpenAPI document in YAML"


@dataclass(slots=True)
class Source:
    """One contract's documents; `say` collects findings about them."""

    name: str
    openapi: dict[str, Any]
    behavior: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)
    others: tuple[str, ...] = ()
    """The operations of the document that are not served."""
    folder: Path | None = None
    is_whole: bool = True
    """Whether every reference that was followed leads somewhere."""
    negotiates: bool = field(init=False)
    """Whether something may look at the media type that a client wants."""
    _said: set[Finding] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.negotiates = ACCEPTS in repr(self.behavior)  # quicker than to go through it, which each start would do

    def say(
        self,
        file: str,
        pointer: str,
        sentence: str,
        remedy: str,
        mend: Mend | None = None,
        refused: tuple[str, str] | None = None,
    ) -> None:
        """Note a mistake at a JSON pointer of `openapi.json` or `behavior.json`. Raises ContractError at too many."""
        at = f"{self.name}/{file}"
        finding = Finding(at, f"#{pointer}", _short(sentence), _short(remedy), mend=mend, refused=refused)
        if finding not in self._said:
            self._said.add(finding)
            self.findings.append(finding)
            if len(self.findings) >= MOST:
                more = Finding(f"{self.name}/{file}", "#", f"there are {MOST} mistakes, and may be more.", _FIRST)
                raise ContractError([*self.findings, more])

    def raise_findings(self) -> None:
        """Raise ContractError when anything is wrong."""
        if self.findings:
            raise ContractError(self.findings)

    def resolve(self, node: Any, at: str) -> tuple[Any, str]:
        """Follow `$ref`s in openapi.json; a dangling one is a finding and gives an empty object."""
        found, where = pointers.resolve(self.openapi, node, at)
        if found is pointers.MISSING:
            self.is_whole = False
            mend = self._meant_reference(where, "Fix the reference or add what it names.")
            self.say(OPENAPI, f"{at}/$ref", f"the reference leads nowhere: {where}.", mend)
            return {}, at
        return found, where

    def _meant_reference(self, where: str, otherwise: str) -> str:
        """What mends a reference: one to what is called nearly so."""
        above, _, name = where.rpartition("/")
        beside = pointers.get(self.openapi, above)
        near = nearest(name, beside) if isinstance(beside, dict) else None
        return otherwise if near is None else f"Did you mean {f'#{above}/{near}'!r}?"


def _short(text: str, most: int = 2000) -> str:
    """What is said of a mistake, which repeats what somebody wrote, however long that is."""
    return text if len(text) <= most else f"{text[: most - 200]} … {text[-200:]}"


def text_of(path: Path, shown: str) -> bytes:
    """The bytes of a contract's file. Raises ContractError with its name when there is none that can be read."""
    try:
        return bytes_of(path)
    except FileNotFoundError:
        raise _missing(path, shown) from None
    except OSError as error:
        if error.errno == EINVAL:
            raise _wrong(shown, "this is not a file.", "Put the document itself there.") from None
        if error.errno == EFBIG:
            raise _wrong(
                shown, f"the file is larger than {LARGEST} bytes.", "Leave out what no client needs."
            ) from None
        raise _wrong(shown, f"the file cannot be read: {error.strerror}.", "Make it one that can.") from None


def _missing(path: Path, shown: str) -> ContractError:
    for suffix in (".yaml", ".yml"):
        other = path.with_suffix(suffix)
        if other.is_file():
            sentence = f"the file is missing, and {other.name} is there: contracts are JSON."
            return _wrong(shown, sentence, f"Write what stands in {other.name} as JSON, in {path.name}; {_IMPORT}.")
    return _wrong(shown, "the file is missing.", "`mockserver new NAME` writes both.")


def read_json(text: bytes, shown: str) -> dict[str, Any]:
    """An object from the text of a JSON file. Raises ContractError with the place when there is none."""
    try:
        value = json.loads(
            text, parse_int=whole, parse_float=fraction, parse_constant=fraction, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as error:
        raise _not_json(text, shown, error) from None
    if not isinstance(value, dict):
        raise _wrong(shown, "the document is not an object.", "Begin it with `{`.")
    if is_deeper(value, DEEPEST):
        raise _wrong(shown, f"values nest deeper than {DEEPEST} levels.", "Name inner schemas and refer to them.")
    half = _half_character(value) if b"\\u" in text else ""
    if half:
        raise _wrong(
            shown, f"{half} is half a character.", "Write both surrogates of the pair, or the character itself."
        )
    return value


def _half_character(value: Any) -> str:
    """A lone surrogate, as JSON writes it; it has no bytes that could be sent."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        return f"\\u{ord(error.object[error.start]):04x}"
    return ""


class _Twice(ValueError):
    """Of two values under one name the first would be lost without a word."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        often = Counter(name for name, _ in pairs)
        raise _Twice(f"{next(name for name in made if often[name] > 1)!r} stands twice in one object")
    return made


def _not_json(text: bytes, shown: str, error: Exception) -> ContractError:
    """What is wrong with a text that cannot be read: names that stand twice, all of them, or where reading ends."""
    if isinstance(error, _Twice):
        try:
            found = twice(text.decode())
        except (ValueError, RecursionError):
            found = []
        said = [Finding(shown, f"#{at}", _stands_twice(at, first), _ONE, line) for at, first, line in found]
        return ContractError(said) if said else _wrong(shown, f"{error}.", "Remove one of them.")
    if _is_yaml(text):
        sentence = "this is not JSON but looks like YAML."
        return _wrong(shown, sentence, f"Write the same as JSON: contracts are JSON documents; {_IMPORT}.")
    line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
    why = "values nest too deeply" if isinstance(error, RecursionError) else error
    finding = Finding(shown, "#", f"this is not JSON: {why}.", "Fix the text at that place.", line)
    return ContractError([finding])


_ONE = "Remove one of them, or fix its name."


def _stands_twice(pointer: str, first: int) -> str:
    return f"{pointers.split(pointer)[-1]!r} stands twice in one object: in line {first} as well."


_YAML = re.compile(rb"\s*(#[^\n]*\n\s*|---\s+)*+(openapi|swagger|info|account|resources|operations)\s*:")


def _is_yaml(text: bytes) -> bool:
    return _YAML.match(text) is not None


def whole(digits: str) -> int:
    """A whole number of JSON. Raises ValueError for one that is too large to be counted with."""
    fraction(digits)
    return int(digits)


def fraction(digits: str) -> float:
    """A number of JSON. Raises ValueError for one that is not finite."""
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError(f"{digits[:30]} is no number that can be counted with")
    return found


def is_deeper(value: Any, levels: int) -> bool:
    """Goes level by level: what is too deep for the stack must not be walked on it."""
    level = [value]
    for _ in range(levels + 1):
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [item for each in inner for item in each]
    return bool(level)


def _wrong(shown: str, sentence: str, remedy: str) -> ContractError:
    return ContractError([Finding(shown, "#", sentence, remedy)])
