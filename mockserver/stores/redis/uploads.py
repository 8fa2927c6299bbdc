"""What a home on an engine does with uploaded bytes; see `upload_port`. They lie there in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from mockserver.media import Blob
from mockserver.store import Handle
from mockserver.stores.redis.calls import Calls
from mockserver.stores.redis.codec import read, written
from mockserver.upload_store import Upload
from mockserver.validation.spool import Spool

PIECE = 512 * 1024
"""A larger one would keep others waiting."""


class KnownUpload(NamedTuple):
    """What is known of the bytes."""

    kind: str
    etag: str
    name: str
    length: int


class Uploads(Calls):
    """A part of `RedisState`."""

    async def offer(self, handle: Handle, blob: Blob) -> None:
        description = written(KnownUpload(blob.content_type, blob.etag, handle.filename, blob.length))
        piece = bytearray()
        if not await self.ask("offer", handle.id, description, b""):
            return
        for chunk in blob.chunks(0, blob.length):
            piece += chunk
            if len(piece) >= PIECE:
                await self.ask("offer", handle.id, "", bytes(piece))
                piece.clear()
        if piece:
            await self.ask("offer", handle.id, "", bytes(piece))

    async def upload(self, identity: str) -> Blob | None:
        answer = await self.ask("upload", identity, 0)
        if answer is None:
            return None
        description, pieces, piece = answer
        kind, etag, name, _ = read(KnownUpload, description)
        spool = Spool()
        spool.write(piece)
        for at in range(1, pieces):
            part = await self.ask("upload", identity, at)
            if part is None:
                return None
            spool.write(part[2])
        return replace(Upload.of(kind, name, spool.close()).blob, etag=etag)

    def tidy(self, identities: Sequence[str]) -> None:
        self.tell("tidy", *identities)

    def _made_room(self, word: bytes) -> str:
        upload = read(KnownUpload, word)
        return f"{upload.name}: {upload.length} uploaded bytes made room for newer ones"
