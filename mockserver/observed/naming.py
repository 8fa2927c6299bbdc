"""What things and operations of a contract are called: by the words of their paths. Knows no answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from mockserver.imported.lexicon import ACTIONS, TOLD, letters, parts, stem
from mockserver.observed.flow import free_name
from mockserver.observed.model import ObservedOperation

NO_THINGS = frozenset(ACTIONS) | {
    "api", "rest", "v", "create", "generate", "generation", "initialize", "init", "new", "submit", "upload", "begin",
    "make", "add", "request", "async", "sync",
}  # fmt: skip
"""Words of paths that name no thing."""
MOST_PARTS = 3
"""So many parts of a path are in the name of an operation, the last ones."""
_VERSION = re.compile(r"v[0-9]+")
VERBS = {"POST": "create", "GET": "get", "PUT": "put", "PATCH": "update", "DELETE": "delete"}


def resource_name(makers: list[ObservedOperation], about: Iterable[ObservedOperation], taken: Collection[str]) -> str:
    """By the word before its id in the paths of others, else by what creates it."""
    for op in about:
        before, brace, _ = op.template.partition("/{")
        words = parts(before.rpartition("/")[2])[-1:] if brace else []
        is_said = words and words[0].isalpha() and words[0].isascii() and words[0] not in {*TOLD, *ACTIONS}
        if is_said:
            return free_name(stem(words[0]), taken)
    said = [parts(part) for part in makers[0].template.split("/") if part and not part.startswith("{")]
    words = [stem(several[-1]) for several in said if several and several[0] not in NO_THINGS]
    words = [word for word in words if word.isascii() and word.isalpha() and word not in NO_THINGS]
    return free_name(words[-1] if words else "job", taken)


def _telling(part: str) -> list[str]:
    """The words of a part of a path that say something of an operation."""
    words = [each for each in parts(part) if each.isascii() and each.isalnum() and letters(each)]
    return [word for word in words if word not in ("api", "rest") and not _VERSION.fullmatch(word)]


def name_all(operations: list[ObservedOperation]) -> None:
    """Name each operation by its verb and the end of its path."""
    taken: set[str] = set()
    for op in operations:
        said = [_telling(part) for part in op.template.split("/") if not part.startswith("{")]
        words = [each for several in [part for part in said if part][-MOST_PARTS:] for each in several]
        verb = {"list": "list", "content": "download", "upload": "upload", "show": "get"}.get(
            op.verb, VERBS.get(op.method, op.method.lower())
        )
        if op.template.endswith("}") and words:
            words = [*words[:-1], stem(words[-1])]
        words = words[1:] if words[:1] == [verb] and words[1:] else words
        op.name = free_name(verb + "".join(word.capitalize() for word in words), taken)
        taken.add(op.name)
