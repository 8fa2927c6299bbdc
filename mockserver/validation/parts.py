"""The files of a form: what is to be done with one, and what one was. Reads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.validation.spool import Extent


@dataclass(frozen=True, slots=True)
class PartRule:
    """What to do with a file of this name: its largest size in bytes, and whether to keep its bytes.

    `or_text`: a part of this name that is no file is a text like any other.
    """

    max_bytes: int | None = None
    keep: bool = False
    or_text: bool = False


@dataclass(frozen=True, slots=True)
class FormPart:
    """A file of a form. `size` in bytes, as sent; `head` the first of them; `checksum` over all.

    `body` is None unless the rule says keep and the file is not too large; else bytes or, for larger
    ones, where in a temporary file they are.
    """

    name: str
    filename: str | None
    content_type: str | None
    size: int
    head: bytes
    too_large: bool
    body: bytes | Extent | None
    checksum: int = 0
