"""Where in a snapshot something stands, so that a refusal can name it. Knows nothing of what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from mockserver import pointers
from mockserver.errors import RequestError, UsageError

REFUSED = "the snapshot cannot be restored"


class SnapshotPlace:
    """A value in a snapshot, and the JSON pointer to it. `hint` is added to what is said of anything within."""

    __slots__ = ("hint", "pointer", "value")

    def __init__(self, value: Any, pointer: str, hint: str = "") -> None:
        self.value = value
        self.pointer = pointer
        self.hint = hint

    def __getitem__(self, key: str) -> SnapshotPlace:
        return SnapshotPlace(self.value[key], pointers.join(self.pointer, key), self.hint)

    def each(self) -> Iterator[SnapshotPlace]:
        """The items of a list."""
        return (SnapshotPlace(item, f"{self.pointer}/{n}", self.hint) for n, item in enumerate(self.value))

    def items(self) -> Iterator[tuple[str, SnapshotPlace]]:
        """The keys and values of an object."""
        return ((key, self[key]) for key in self.value)

    def among(self, known: Any, what: str) -> Any:
        """The value, which is one of those that are known. Raises RequestError."""
        if self.value not in known:
            self.refuse(f"there is no {what} {self.value!r:.80}")
        return self.value

    def refuse(self, why: str) -> NoReturn:
        """Raises RequestError for what stands here."""
        raise RequestError(self.pointer, f"{REFUSED}: {why}{self.hint}") from None

    def blamed(self, error: UsageError) -> NoReturn:
        """Raises RequestError for the field that an error names, else for what stands here."""
        at = self[error.field] if isinstance(self.value, dict) and error.field in self.value else self
        at.refuse(str(error))

    @contextmanager
    def judged(self) -> Iterator[None]:
        """What is said within of a wrong value is said of this place."""
        try:
            yield
        except RequestError as error:
            if error.why.startswith(REFUSED):
                raise
            self.refuse(error.why)
        except UsageError as error:
            self.blamed(error)
