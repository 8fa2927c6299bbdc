"""Names with one or several values, as headers, queries and forms have them. What is shown of one holds no secret."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from mockserver.errors import is_on_purpose
from mockserver.printable import one_line
from mockserver.secret_names import sensitive

__tracebackhide__ = is_on_purpose

V = TypeVar("V")
HIDDEN = "[redacted]"
_LONGEST = 60
_CREDENTIALS = re.compile(r"(?i)^\s*(bearer|basic|digest|token)\s|eyJ[\w-]{8,}|whsec_|signature=|://[^/\s]*@")


def without(secrets: Collection[str], text: str) -> str:
    """A text in which none of them stands, in capitals or not; those that come first are looked for first."""
    return re.sub("|".join(map(re.escape, secrets)), HIDDEN, text, flags=re.IGNORECASE) if secrets else text


def report_value(name: str, value: object, secrets: Collection[str] = ()) -> str:
    """A value as a report may show it: cut, on one line, and not at all where its name or form tells of a secret.

    Nor is it where one of the `secrets` stands in it, which are in lower case.
    """
    text = value if isinstance(value, str) else repr(value)
    if sensitive(name) or _CREDENTIALS.search(text) or any(map(text.lower().__contains__, secrets)):
        return HIDDEN
    return one_line(repr(value) if len(text) <= _LONGEST else f"{repr(text)[:_LONGEST]}…")


class MultiDict(Mapping[str, V], Generic[V]):
    """`[name]` is the first value of a name, `get_list(name)` all of them, `multi_items()` all pairs in order.

    What is shown of one has none of the `secrets` in it, which are in lower case.
    """

    def __init__(self, pairs: Iterable[tuple[str, V]] = (), secrets: Collection[str] = ()) -> None:
        self._pairs = tuple(pairs)
        self._secrets = secrets
        self._first: dict[str, V] = {}
        for name, value in self._pairs:
            self._first.setdefault(self._key(name), value)

    def get_list(self, name: str) -> list[V]:
        """All values of a name, in order."""
        return [value for key, value in self._pairs if self._key(key) == self._key(name)]

    def multi_items(self) -> list[tuple[str, V]]:
        """All names and values, in order."""
        return list(self._pairs)

    def __getitem__(self, name: str) -> V:
        __tracebackhide__ = True
        if isinstance(name, str) and (key := self._key(name)) in self._first:
            return self._first[key]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return dict(self.items()) == {self._key(str(key)): value for key, value in other.items()}

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        hidden = self._secrets
        pairs = [
            f"{one_line(without(hidden, repr(name)))}: {report_value(name, value, hidden)}"
            for name, value in self._pairs
        ]
        return f"{type(self).__name__}({{{', '.join(pairs)}}})"

    def _key(self, name: str) -> str:
        return name


class Headers(MultiDict[str]):
    """Header fields: names in capitals or not, and `[name]` joins the values of several lines."""

    def __getitem__(self, name: str) -> str:
        __tracebackhide__ = True
        values = self.get_list(name) if isinstance(name, str) else []
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def _key(self, name: str) -> str:
        return name.lower()
