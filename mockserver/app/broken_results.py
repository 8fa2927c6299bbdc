"""What a fault of a job does to the bytes of its results. Knows replies and blobs, not who asked for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.app.bucket import refusal
from mockserver.faults import Reply
from mockserver.jobs import FaultEffect

if TYPE_CHECKING:
    from mockserver.faults import CloseMidBody

EVERY = 997  # bytes from one damaged byte to the next


def results_refusal(job_fault: FaultEffect, now: float) -> Reply | None:
    """The refusal of a job's results; None when they are given out."""
    if job_fault.refusal is None:
        return None
    return refusal(job_fault.refusal, now, now if job_fault.refusal == "expired_link" else None)


def corrupted(job_fault: FaultEffect, reply: Reply) -> Reply:
    """The reply, its bytes damaged where the fault says so."""
    if not job_fault.corrupts:
        return reply

    def chunks(start: int, stop: int) -> Iterator[bytes]:
        for chunk in reply.chunks(start, stop):
            yield _damaged(chunk, start)
            start += len(chunk)

    return replace(reply, chunks=chunks)


def _damaged(chunk: bytes, offset: int) -> bytes:
    """The first bytes, and every so many after them, are turned around, each once."""
    data = bytearray(chunk)
    for at in range(-offset % EVERY, len(data), EVERY):
        data[at] ^= 0xFF
    if offset == 0:
        data[1:16] = bytes(byte ^ 0xFF for byte in data[1:16])
    return bytes(data)


def broken_off(job_fault: FaultEffect, reply: Reply) -> CloseMidBody | None:
    """How the bytes are sent when they break off; None when they do not."""
    from mockserver.faults import CloseMidBody

    return CloseMidBody(at=job_fault.cut) if job_fault.cut is not None and reply.length else None
