"""The part of the state's port that uploaded bytes go through. Which of them are kept, a commit says (`Keep`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mockserver.media import Blob
from mockserver.store import Handle


class UploadState(Protocol):
    """Bytes by the ids of their handles. A blob is read where it goes to another process, and shared where it stays."""

    async def offer(self, handle: Handle, blob: Blob) -> None:
        """Bytes of a request, which may be kept; they can be read from now on."""

    async def upload(self, identity: str) -> Blob | None:
        """The bytes of an id; None when they made room for others."""

    def tidy(self, identities: Sequence[str]) -> None:
        """The request is over that offered these: they go, unless they are kept. This is never waited for."""
