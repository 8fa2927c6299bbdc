"""The sandbox as what belongs to one of its APIs sees it; the sandbox itself stands above. Decides nothing."""

from __future__ import annotations

from typing import Any, Protocol

from mockserver.clock import Clock, ClockReading
from mockserver.draws import Draws
from mockserver.generation import Generation
from mockserver.held_requests import Moments
from mockserver.redaction import Redaction
from mockserver.request_log import Recorder
from mockserver.state.configuration import Configuration, ConfigurationChange
from mockserver.state.memory import Memory
from mockserver.state.port import State
from mockserver.state.records import FaultUses


class Outgoing(Protocol):
    """The webhooks that wait."""

    def wake(self) -> None: ...


class SandboxView(Protocol):
    """See `Sandbox`, which has all of it."""

    name: str
    seed: str
    secret: bytes
    clock: Clock
    draws: Draws
    home: Memory
    state: State
    configuration: Configuration
    generation: Generation
    moments: Moments
    redaction: Redaction
    limits_on: bool
    insecure_webhooks: bool
    strict: bool
    is_alone: bool
    recorder: Recorder | None
    routes: Any

    @property
    def outbox(self) -> Outgoing: ...
    @property
    def base_url(self) -> str: ...
    def url(self, api: str) -> str: ...
    async def read_clock(self, *, tick: bool = False) -> ClockReading: ...
    async def move_clock(self, to: float = 0.0, *, by: float = 0.0) -> ClockReading: ...
    async def refresh(self) -> None: ...
    async def change(self, change: ConfigurationChange) -> None: ...
    def change_here(self, change: ConfigurationChange) -> None: ...
    def uses_here(self, api: str, fault: str) -> FaultUses: ...
