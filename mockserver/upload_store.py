"""Uploaded bytes that some answer shows a URL to, within a bound for the whole server. Knows no sandbox."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import md5, sha256
from itertools import count

from mockserver import signing
from mockserver.bounds import UPLOADS, weigh
from mockserver.media import Blob, Stored, blob, mismatch
from mockserver.store import Handle
from mockserver.validation.spool import Extent, Spool

FILES = 100
"""How many uploads may lie on disk: each of them holds a file descriptor."""
RECORD = 1024
"""What an upload takes beside its bytes and its name."""
HEAD = 256
"""How many first bytes of a raw body tell what it is."""
_NUMBERS, _PROCESS = count(1), signing.new_name()


@dataclass(slots=True, eq=False)
class Upload:
    """An uploaded part: its accepted media type, its file name, its bytes, and the sandbox that keeps it.

    `footprint` is what it takes on disk, those included that were sent beside it; 0 for one in memory.
    `size` and `checksum` are those of the bytes as sent, also where these were not kept; `md5` is known of a raw body,
    `sha256` where it was asked for; `is_cut`: the client left before it was whole; `is_offered`: the state has its
    bytes. `mismatch` says what the bytes are where they are not of that type.
    """

    content_type: str
    filename: str
    blob: Blob
    footprint: int = 0
    gone: bool = False
    size: int = 0
    checksum: int = 0
    owner: str = ""
    weight: int = 0
    mismatch: str = ""
    md5: str = ""
    sha256: str = ""
    is_cut: bool = False
    is_offered: bool = False
    id: str = field(default_factory=lambda: f"upload {_PROCESS} {next(_NUMBERS)}")

    @property
    def handle(self) -> Handle:
        """What finds it again, once it is kept."""
        kind, name, size = self.content_type, self.filename, self.size
        return Handle(self.id, kind, name, size, self.md5, "", self.checksum, self.mismatch, self.sha256)

    def hashed(self) -> Handle:
        """The same with the digest of its bytes."""
        found = sha256()
        for chunk in self.blob.chunks(0, self.blob.length):
            found.update(chunk)
        self.sha256 = found.hexdigest()
        return self.handle

    @classmethod
    def of(cls, content_type: str, filename: str, body: bytes | Extent, size: int = 0, checksum: int = 0) -> Upload:
        """An upload of bytes, or of a part of a temporary file that stays as long as somebody reads it."""
        segment = body if isinstance(body, bytes) else _stored(body)
        footprint = 0 if isinstance(body, bytes) else body.scratch.size
        made = blob(content_type or "application/octet-stream", segment)
        return cls(content_type, filename, made, footprint, size=size or made.length, checksum=checksum)

    @classmethod
    def behind(cls, handle: Handle, blob: Blob) -> Upload:
        """The upload of a handle; what it takes on disk is what the files take that its bytes lie in."""
        footprint = sum([segment.source.size for segment in blob.segments if isinstance(segment, Stored)])
        return cls(
            handle.content_type, handle.filename, blob, footprint, size=handle.size, checksum=handle.checksum,
            mismatch=handle.mismatch, md5=handle.md5, sha256=handle.sha256, id=handle.id,
        )  # fmt: skip

    def discard(self) -> None:
        """Let the bytes go; a job may hold on to the upload itself."""
        self.gone = True
        self.blob = blob(self.content_type, b"")


class Arriving:
    """An upload of a body of its own while its bytes arrive. Raises StorageError when there is no room for them."""

    def __init__(self, *, is_hashed: bool = False) -> None:
        """`is_hashed`: its SHA-256 is wanted, too."""
        self.head = b""
        self._spool, self._md5 = Spool(), md5(usedforsecurity=False)
        self._sha256 = sha256() if is_hashed else None

    def write(self, chunk: bytes) -> None:
        self._spool.write(chunk)
        self._md5.update(chunk)
        if self._sha256 is not None:
            self._sha256.update(chunk)
        if len(self.head) < HEAD:
            self.head += chunk[:HEAD]

    def discard(self) -> None:
        """Forget everything."""
        self._spool.discard()

    def close(self, content_type: str, filename: str, *, is_whole: bool = True) -> Upload:
        """What has arrived; only of one that is whole it is said whether its bytes are of that type."""
        made = Upload.of(content_type, filename, self._spool.close())
        made.mismatch = mismatch(content_type, self.head) if self.head and is_whole else ""
        made.md5 = self._md5.hexdigest()
        made.sha256 = "" if self._sha256 is None else self._sha256.hexdigest()
        return made


def _stored(body: Extent) -> Stored:
    return Stored(body.scratch, body.start, body.length, f"{body.length} {body.checksum:08x}")


class Shelf:
    """Keeps uploads up to `bound` bytes, those of their records among them; the oldest make room.

    A request offers its uploads before it decides; those that nobody keeps are discarded at its end.
    """

    def __init__(self, bound: int = UPLOADS) -> None:
        self._bound = bound
        self._uploads: OrderedDict[str, Upload] = OrderedDict()
        self._offered: dict[str, Upload] = {}
        self.bytes = 0
        self.files = 0

    def offer(self, uploads: Iterable[Upload]) -> None:
        """Uploads that may be kept."""
        self._offered.update({upload.id: upload for upload in uploads})

    def find(self, identity: str) -> Upload | None:
        """An upload that is kept, or offered."""
        return self._uploads.get(identity) or self._offered.get(identity)

    def keep(self, identity: str, owner: str = "") -> list[str]:
        """Keep an upload that was offered; gives a sentence for each one dropped to make room for it."""
        upload = self._offered.pop(identity)
        upload.owner = owner
        self._uploads[identity] = upload
        upload.weight = RECORD + (upload.footprint or upload.blob.length) + weigh(upload.filename)
        self.bytes += upload.weight
        self.files += bool(upload.footprint)
        dropped = []
        while (self.bytes > self._bound or self.files > FILES) and len(self._uploads) > 1:
            _, oldest = self._uploads.popitem(last=False)
            self.bytes -= oldest.weight
            self.files -= bool(oldest.footprint)
            dropped.append(f"{oldest.filename}: {oldest.blob.length} uploaded bytes made room for newer ones")
            oldest.discard()
        return dropped

    def forget(self, identity: str) -> None:
        """Let an upload go: its job is gone, or it was replaced."""
        upload = self._uploads.pop(identity, None)
        if upload is not None:
            self.bytes -= upload.weight
            self.files -= bool(upload.footprint)
            upload.discard()

    def forget_all(self, owner: str) -> Iterator[None]:
        """Let the uploads go that a sandbox has now, one a step."""
        return self._forgotten([u.id for u in self._uploads.values() if u.owner == owner])

    def _forgotten(self, identities: Sequence[str]) -> Iterator[None]:
        for identity in identities:
            self.forget(identity)
            yield

    def tidy(self, identities: Iterable[str]) -> None:
        """Let go of those that were offered and that nobody kept."""
        for identity in identities:
            upload = self._offered.pop(identity, None)
            if upload is not None:
                upload.discard()

    def clear(self) -> None:
        """Let all go."""
        for identity in list(self._uploads):
            self.forget(identity)
