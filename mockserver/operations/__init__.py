"""The verbs: (Call, LookedUp) → Decision | More. They know sandboxes and contracts, and no HTTP.

call  decision      what a verb is given and what it decides
show  stream  listing  create  moves  pieces  updates  token      the verbs, pure functions
table  perform      one row a verb; what goes on around a decision
keys                what idempotency keys were used for
"""

from mockserver.operations.call import Breach, Call, Refused, bare_id, identity, rewritten
from mockserver.operations.keys import KeyRefused
from mockserver.operations.matching import matched
from mockserver.operations.perform import begin_of, named_in_head, perform
from mockserver.operations.table import VERBS

__all__ = [
    "VERBS",
    "Breach",
    "Call",
    "KeyRefused",
    "Refused",
    "bare_id",
    "begin_of",
    "identity",
    "matched",
    "named_in_head",
    "perform",
    "rewritten",
]
