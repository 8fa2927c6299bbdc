"""What a server is told at its start. Knows nothing of how it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from mockserver.app.cors import ANY
from mockserver.clock import Clock
from mockserver.journal import JournalEntry


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server was told at its start; `hosts` are further ones, each with the API that answers for it."""

    seed: str = "0"
    clock: Clock | None = None
    public_url: str | None = None
    allow_hosts: frozenset[str] = frozenset()
    webhook_allow: frozenset[str] = frozenset()
    insecure_webhooks: bool = False
    webhook_ca: str | None = None
    control_token: str | None = field(default=None, repr=False)
    cors: frozenset[str] = frozenset((ANY,))
    strict: bool = False
    page: Literal["on", "read-only", "off"] = "on"
    hosts: Mapping[str, str] = field(default_factory=dict)
    on_entry: Callable[[str, JournalEntry], None] | None = None
