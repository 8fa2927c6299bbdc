"""Ways to break: a closed catalogue of small typed faults, and a book of those that are armed.

parameters  base  parcels  selector   how a fault is written, what it must be able to, which requests it is meant for
reply  pages  streaming         the answer a fault bends, the pages of gateways, sending bytes of any length
clocks  jobs  results  answers  bodies  pace  cuts  framing  webhooks      the faults
catalogue  uses  book           all of them by name; whether one can take effect; those armed in a sandbox
declared                        the faults that a contract names

Knows contracts, jobs and the handle of a connection, but neither HTTP servers nor sandboxes.

Names are imported on demand: all the dataclasses take longer to make than a server to start, and most tests arm no
fault.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.faults.armed import ActiveFault
    from mockserver.faults.base import (
        COMMITTING,
        Category,
        Changing,
        ClockFault,
        Delivering,
        Fault,
        FaultConnection,
        JobFault,
        Losing,
        Pausing,
        Receiving,
        Replacing,
        RequestFacts,
        Silencing,
    )
    from mockserver.faults.book import FaultBook
    from mockserver.faults.catalogue import (
        CATALOGUE,
        SELECTOR,
        attached,
        attachment,
        check_fault,
        doc_of,
        fault_of,
        fault_of_json,
        job_fault,
        kind_of,
        parameters_of,
        schemas_of,
    )
    from mockserver.faults.clocks import ClockJump, SkewedDate, TokenDiesEarly
    from mockserver.faults.cuts import CloseMidBody
    from mockserver.faults.declared import mistakes
    from mockserver.faults.jobs import Attached
    from mockserver.faults.pace import linger
    from mockserver.faults.parcels import Parcel, WebhookFault
    from mockserver.faults.reply import Reply
    from mockserver.faults.selector import MEDIA, Selector
    from mockserver.faults.streaming import Presence, stream
    from mockserver.faults.uses import check_use, check_wire

__all__ = [
    "CATALOGUE",
    "COMMITTING",
    "MEDIA",
    "SELECTOR",
    "ActiveFault",
    "Attached",
    "Category",
    "Changing",
    "ClockFault",
    "ClockJump",
    "CloseMidBody",
    "Delivering",
    "Fault",
    "FaultBook",
    "FaultConnection",
    "JobFault",
    "Losing",
    "Parcel",
    "Pausing",
    "Presence",
    "Receiving",
    "Replacing",
    "Reply",
    "RequestFacts",
    "Selector",
    "Silencing",
    "SkewedDate",
    "TokenDiesEarly",
    "WebhookFault",
    "attached",
    "attachment",
    "check_fault",
    "check_use",
    "check_wire",
    "doc_of",
    "fault_of",
    "fault_of_json",
    "job_fault",
    "kind_of",
    "linger",
    "mistakes",
    "parameters_of",
    "schemas_of",
    "stream",
]

_PLACES = {
    "base": (
        "COMMITTING Category Changing ClockFault FaultConnection Delivering Fault "
        "JobFault Losing Pausing Receiving Replacing RequestFacts Silencing"
    ),
    "armed": "ActiveFault",
    "book": "FaultBook",
    "catalogue": (
        "CATALOGUE SELECTOR attached attachment check_fault doc_of fault_of fault_of_json job_fault kind_of "
        "parameters_of schemas_of"
    ),
    "clocks": "ClockJump SkewedDate TokenDiesEarly",
    "cuts": "CloseMidBody",
    "declared": "mistakes",
    "jobs": "Attached",
    "pace": "linger",
    "parcels": "Parcel WebhookFault",
    "reply": "Reply",
    "selector": "MEDIA Selector",
    "streaming": "Presence stream",
    "uses": "check_use check_wire",
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
