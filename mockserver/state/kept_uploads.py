"""What the home in this process does with uploaded bytes; see `upload_port`."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.media import Blob
from mockserver.store import Handle
from mockserver.upload_store import Shelf, Upload


class KeptUploads:
    """A part of `Memory`."""

    shelf: Shelf

    async def offer(self, handle: Handle, blob: Blob) -> None:
        if self.shelf.find(handle.id) is None:
            self.shelf.offer([Upload.behind(handle, blob)])

    async def upload(self, identity: str) -> Blob | None:
        kept_upload = self.shelf.find(identity)
        return None if kept_upload is None else kept_upload.blob

    def tidy(self, identities: Sequence[str]) -> None:
        self.shelf.tidy(identities)
