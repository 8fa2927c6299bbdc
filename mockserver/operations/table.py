"""The verbs: one row each. A verb is a pure function of a request and of what was found for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mockserver.api_state import SandboxApi
from mockserver.contract import Operation
from mockserver.operations.call import Call
from mockserver.operations.create import create, needed_state, purposes
from mockserver.operations.decision import Decision, LookedUp, More
from mockserver.operations.listing import list_jobs
from mockserver.operations.pieces import move, upload
from mockserver.operations.show import answer, content, show
from mockserver.operations.stream import stream
from mockserver.operations.token import TOKENS, token
from mockserver.operations.updates import update
from mockserver.state.port import WantedRecords


@dataclass(frozen=True, slots=True)
class Verb:
    """`decide` gives a decision or says what else it must see; it raises Refused, and changes nothing.

    `names_job`: the request names the job it is about. `wanted`: what else it must see first. `purposes`: what the
    request gets numbers for.
    """

    decide: Callable[[Call, LookedUp], Decision | More]
    names_job: bool = False
    wanted: Callable[[SandboxApi, Operation, str], WantedRecords] | None = None
    purposes: Callable[[SandboxApi, Operation], tuple[str, ...]] | None = None


VERBS: Mapping[str, Verb] = {
    "answer": Verb(answer),
    "token": Verb(token, purposes=lambda api, operation: (TOKENS,)),
    "create": Verb(create, wanted=needed_state, purposes=purposes),
    "show": Verb(show, names_job=True),
    "list": Verb(list_jobs),
    "move": Verb(move, names_job=True),
    "update": Verb(update, names_job=True),
    "upload": Verb(upload, names_job=True),
    "content": Verb(content, names_job=True),
    "stream": Verb(stream, names_job=True),
}
