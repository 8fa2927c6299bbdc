"""Faults of webhooks: what is done to a parcel on its way to the receiver. Knows no queue, no job and no socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from mockserver.faults.kinds import Category
from mockserver.faults.parameters import Between, Seconds

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery: what signs it, what is sent, and whether the connection is cut inside the body."""

    signature: Pairs
    body: bytes
    cut: bool = False


class Untouched:
    """What a fault of webhooks leaves as it is."""

    __slots__ = ()
    name: ClassVar[str] = ""
    category: ClassVar[Category] = "webhook"
    times: ClassVar[int | None] = None
    signed: ClassVar[bool] = False
    """Whether it makes sense only where webhooks are signed."""
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

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        """What is sent in its place."""
        return (parcel,)


@dataclass(frozen=True, slots=True)
class WebhookDuplicate(Untouched):
    """Delivers the same webhook several times over."""

    name: ClassVar[str] = "webhook_duplicate"
    copies: Annotated[int, Between(2, 10)] = 2

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        return (parcel,) * self.copies


@dataclass(frozen=True, slots=True)
class WebhookReorder(Untouched):
    """Holds a webhook back until another one was delivered, or until so many seconds have passed."""

    name: ClassVar[str] = "webhook_reorder"
    seconds: Seconds = 60.0

    @property
    def wait(self) -> float:
        return self.seconds

    @property
    def overtaken(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class WebhookLate(Untouched):
    """Delivers a webhook so many seconds after it was due."""

    name: ClassVar[str] = "webhook_late"
    seconds: Seconds = 60.0

    @property
    def wait(self) -> float:
        return self.seconds


@dataclass(frozen=True, slots=True)
class WebhookNever(Untouched):
    """Delivers no webhook."""

    name: ClassVar[str] = "webhook_never"

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        return ()


@dataclass(frozen=True, slots=True)
class WebhookBeforeAnswer(Untouched):
    """Delivers the webhook of a job's end before the answer to the job's creation."""

    name: ClassVar[str] = "webhook_before_answer"
    early: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class WebhookBadSignature(Untouched):
    """Signs a webhook with a signature of the right form that is wrong."""

    name: ClassVar[str] = "webhook_bad_signature"
    signed: ClassVar[bool] = True

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        wrong = tuple((name, _turned(text) if _signs(name) else text) for name, text in parcel.signature)
        return (replace(parcel, signature=wrong),)


def _signs(header: str) -> bool:
    return "signature" in header.lower()


def _turned(text: str) -> str:
    """The same form, other characters: the end is turned around, padding apart."""
    bare = text.rstrip("=")
    tail = bare[-16:]
    turned = tail[::-1] if tail[::-1] != tail else "0" * len(tail)
    return bare[:-16] + turned + text[len(bare) :]


@dataclass(frozen=True, slots=True)
class WebhookMissingSignature(Untouched):
    """Sends a webhook without its signature."""

    name: ClassVar[str] = "webhook_missing_signature"
    signed: ClassVar[bool] = True

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        return (replace(parcel, signature=tuple(each for each in parcel.signature if not _signs(each[0]))),)


@dataclass(frozen=True, slots=True)
class WebhookBodyMismatch(Untouched):
    """Signs one body and sends another."""

    name: ClassVar[str] = "webhook_body_mismatch"
    signed: ClassVar[bool] = True

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        return (replace(parcel, body=parcel.body[:-1] + b',"tampered":true}'),)


@dataclass(frozen=True, slots=True)
class WebhookCut(Untouched):
    """Breaks off inside the body of a webhook."""

    name: ClassVar[str] = "webhook_cut"

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        return (replace(parcel, cut=True),)


@dataclass(frozen=True, slots=True)
class WebhookRetriedAfterSuccess(Untouched):
    """Delivers a webhook once more after the receiver has taken it."""

    name: ClassVar[str] = "webhook_retried_after_success"
    seconds: Seconds = 5.0

    @property
    def again(self) -> float | None:
        return self.seconds
