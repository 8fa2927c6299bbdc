"""What faults of webhooks have in common, and what they change: one delivery. Knows no queue and no socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.base import Category, Fault


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery of a webhook: its headers, its body, and whether the connection is cut inside the body.

    `digests` are the signatures in it, each of one key, wherever they stand.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: bool = False
    digests: tuple[str, ...] = ()


class WebhookFault(Fault):
    """Changes how a webhook is delivered. What a class leaves out is as it is without the fault."""

    __slots__ = ()
    category: ClassVar[Category] = "webhook"
    signed: ClassVar[bool] = False
    """Whether it makes sense only where webhooks are signed."""
    registered: ClassVar[bool] = False
    """Whether it is about endpoints that are registered."""
    early: ClassVar[bool] = False
    """Whether it acts before the answer to the job's creation."""

    @property
    def wait(self) -> float:
        """Seconds on the sandbox's clock by which the first attempt is late."""
        return 0.0

    @property
    def overtaken(self) -> bool:
        """Whether the wait ends as soon as another webhook was delivered."""
        return False

    @property
    def again(self) -> float | None:
        """Seconds after a delivery that succeeded at which it is made once more."""
        return None

    @property
    def replays(self) -> bool:
        """Whether it is made once more to the byte, with the signature and the time that it had."""
        return False

    @property
    def unreachable(self) -> int:
        """How many attempts do not reach the endpoint."""
        return 0

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        """What is sent in its place."""
        return (parcel,)
