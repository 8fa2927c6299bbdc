"""The verbs: (Call, Found) → Decision. They know sandboxes and contracts, and no HTTP.

call  decision      what a verb is given and what it decides
show  listing  create  moves  token      the verbs, pure functions
table  perform      one row a verb; what goes on around a decision
"""

from mockserver.operations.call import Breach, Call, Refused, identity
from mockserver.operations.create import matched
from mockserver.operations.perform import perform
from mockserver.operations.table import VERBS

__all__ = ["VERBS", "Breach", "Call", "Refused", "identity", "matched", "perform"]
