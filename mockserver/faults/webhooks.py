"""Faults of webhooks: what is done to a parcel on its way to the receiver. Knows no queue, no job and no socket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, final

from mockserver.faults.parameters import Between, Seconds
from mockserver.faults.parcels import Parcel, WebhookFault


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
        return (_with_digests(parcel, _turned),)


def _with_digests(parcel: Parcel, change: Callable[[str], str]) -> Parcel:
    """The parcel with each signature in it changed, in its headers and in its body."""
    headers, body = parcel.headers, parcel.body
    for digest in parcel.digests:
        headers = tuple((name, value.replace(digest, change(digest))) for name, value in headers)
        body = body.replace(digest.encode(), change(digest).encode())
    return replace(parcel, headers=headers, body=body)


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
        headers = tuple((name, value) for name, value in parcel.headers if not any(d in value for d in parcel.digests))
        return (_with_digests(replace(parcel, headers=headers), lambda _: ""),)


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


@final
@dataclass(frozen=True, slots=True)
class WebhookReplayed(WebhookFault):
    """Delivers a webhook once more to the byte, with its old time and signature, as one who overheard it would."""

    name: ClassVar[str] = "webhook_replayed"
    signed: ClassVar[bool] = True
    seconds: Seconds = 600.0

    @property
    def again(self) -> float | None:
        return self.seconds

    @property
    def replays(self) -> bool:
        return True


@final
@dataclass(frozen=True, slots=True)
class WebhookDeadEndpoint(WebhookFault):
    """A registered endpoint cannot be reached for so many attempts."""

    name: ClassVar[str] = "webhook_dead_endpoint"
    registered: ClassVar[bool] = True
    attempts: Annotated[int, Between(1, 20)] = 1

    @property
    def unreachable(self) -> int:
        return self.attempts
