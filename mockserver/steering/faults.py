"""What a test holds of a fault that it armed, and of a plan that it made."""

from __future__ import annotations

from typing import Literal, TypeAlias

from mockserver.errors import is_on_purpose
from mockserver.json_types import Json
from mockserver.reprs import brief, value
from mockserver.steering.armed import Armed, ArmingSandbox

__tracebackhide__ = is_on_purpose

CurveName: TypeAlias = Literal["linear", "ease-in-out"]
"""How a plan's progress grows."""


class Fault(Armed):
    """A fault that was armed; `with api.fault(…):` disarms it at the end."""

    def __init__(self, sandbox: ArmingSandbox, api: str, identity: str, said: Json) -> None:
        super().__init__(sandbox, f"{said['fault']} of {api}")
        self.id = identity
        self._said = said

    def __repr__(self) -> str:
        words = [f"{name}={value(setting)}" for name, setting in self._said.items() if name != "fault"]
        return brief("Fault", f"{self.id}:", "disarmed," if self.is_disarmed else "", self._said["fault"], *words)

    def _take_back(self) -> None:
        self._sandbox.tell("DELETE", "faults", self.id)


class Plan(Armed):
    """A plan that waits for its jobs; disarmed, it waits for no more."""

    def __init__(self, sandbox: ArmingSandbox, api: str, identity: str) -> None:
        super().__init__(sandbox, f"for {api}")
        self.id = identity

    def _take_back(self) -> None:
        self._sandbox.tell("DELETE", "plans", self.id)
