"""What a test holds of a fault that it armed."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from mockserver.errors import is_on_purpose
from mockserver.steering.connection import ControlError
from mockserver.steering.json_types import Json, JsonValue
from mockserver.steering.reprs import brief, value

__tracebackhide__ = is_on_purpose


class Place(Protocol):
    """Where a fault was armed: the handle of a sandbox."""

    def tell(self, method: str, /, *path: str, **body: JsonValue) -> JsonValue: ...


class Fault:
    """A fault that was armed; `with api.fault(…):` disarms it at the end."""

    def __init__(self, sandbox: Place, identity: str, said: Json) -> None:
        self._sandbox = sandbox
        self.id = identity
        self._said = said
        self._is_disarmed = False

    def __repr__(self) -> str:
        words = [f"{name}={value(each)}" for name, each in self._said.items() if name != "fault"]
        return brief("Fault", f"{self.id}:", "disarmed," if self._is_disarmed else "", self._said["fault"], *words)

    def disarm(self) -> None:
        """It takes no effect any more."""
        self._is_disarmed = True
        self._sandbox.tell("DELETE", "faults", self.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        try:
            self.disarm()
        except ControlError as refused:
            if refused.status != 404:  # 404: it took effect as often as it was to
                raise
