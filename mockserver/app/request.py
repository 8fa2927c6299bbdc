"""A request whose head has been read: where it leads, and what it says before its body. Knows no state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockserver.app.fields import FieldDict
from mockserver.contract import Operation
from mockserver.header_types import RawHeaders


@dataclass(slots=True)
class IncomingRequest:
    """`values` are those in its path, `given` the credentials it carries, `named` the job that its head names.

    `fields` stand for `pairs`, its headers as they were sent: heads that are alike are remembered by them.
    """

    operation: Operation
    values: Sequence[str]
    method: str
    path: str
    query: bytes
    headers: FieldDict
    fields: bytes | RawHeaders
    pairs: RawHeaders
    given: str | None
    named: str
