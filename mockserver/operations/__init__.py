"""The verbs: Call → Reply. They know sandboxes and contracts, and no HTTP."""

from mockserver.operations.call import Breach, Call, Refused, Verb, identity
from mockserver.operations.content import content
from mockserver.operations.create import create, matched
from mockserver.operations.listing import list_jobs
from mockserver.operations.moves import move, upload
from mockserver.operations.show import answer, show
from mockserver.operations.token import token

VERBS: dict[str, Verb] = {
    "answer": answer,
    "token": token,
    "create": create,
    "show": show,
    "list": list_jobs,
    "move": move,
    "upload": upload,
    "content": content,
}

__all__ = ["VERBS", "Breach", "Call", "Refused", "Verb", "identity", "matched"]
