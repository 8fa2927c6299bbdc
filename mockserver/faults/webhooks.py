"""Faults of webhooks: what is done to a parcel on its way to the receiver. Knows no queue, no job and no socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, final

from mockserver.faults.base import Parcel, WebhookFault
from mockserver.faults.parameters import Between, Seconds


@final
@dataclass(frozen=True, slots=True)
class WebhookDuplicate(WebhookFault):
    """Delivers the same webhook several times over."""

    name: ClassVar[str] = "webhook_duplicate"
    copies: Annotated[int, Between(2, 10)] = 2

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        return (parcel,) * self.copies


@final
@dataclass(frozen=True, slots=True)
class WebhookReorder(WebhookFault):
    """Holds a webhook back until another one was delivered, or until so many seconds have passed."""

    name: ClassVar[str] = "webhook_reorder"
    seconds: Seconds = 60.0

    @property
    def wait(self) -> float:
        return self.seconds

    @property
    def overtaken(self) -> bool:
        return True


@final
@dataclass(frozen=True, slots=True)
class WebhookLate(WebhookFault):
    """Delivers a webhook so many seconds after it was due."""

    name: ClassVar[str] = "webhook_late"
    seconds: Seconds = 60.0

    @property
    def wait(self) -> float:
        return self.seconds


@final
@dataclass(frozen=True, slots=True)
class WebhookNever(WebhookFault):
    """Delivers no webhook."""

    name: ClassVar[str] = "webhook_never"

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        return ()


@final
@dataclass(frozen=True, slots=True)
class WebhookBeforeAnswer(WebhookFault):
    """Delivers the webhook of a job's end before the answer to the job's creation."""

    name: ClassVar[str] = "webhook_before_answer"
    early: ClassVar[bool] = True


@final
@dataclass(frozen=True, slots=True)
class WebhookBadSignature(WebhookFault):
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


@final
@dataclass(frozen=True, slots=True)
class WebhookMissingSignature(WebhookFault):
    """Sends a webhook without its signature."""

    name: ClassVar[str] = "webhook_missing_signature"
    signed: ClassVar[bool] = True

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        return (replace(parcel, signature=tuple(each for each in parcel.signature if not _signs(each[0]))),)


@final
@dataclass(frozen=True, slots=True)
class WebhookBodyMismatch(WebhookFault):
    """Signs one body and sends another."""

    name: ClassVar[str] = "webhook_body_mismatch"
    signed: ClassVar[bool] = True

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        return (replace(parcel, body=parcel.body[:-1] + b',"tampered":true}'),)


@final
@dataclass(frozen=True, slots=True)
class WebhookCut(WebhookFault):
    """Breaks off inside the body of a webhook."""

    name: ClassVar[str] = "webhook_cut"

    def parcels(self, parcel: Parcel) -> Sequence[Parcel]:
        return (replace(parcel, cut=True),)


@final
@dataclass(frozen=True, slots=True)
class WebhookRetriedAfterSuccess(WebhookFault):
    """Delivers a webhook once more after the receiver has taken it."""

    name: ClassVar[str] = "webhook_retried_after_success"
    seconds: Seconds = 5.0

    @property
    def again(self) -> float | None:
        return self.seconds
