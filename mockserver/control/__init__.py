"""The control API under `/_mock`: sandboxes, clocks, accounts, plans and records over HTTP, for tests elsewhere.

What it looks like stands in `openapi.json` beside this file; what each operation does stands in the table of
`operations`. A new operation is an entry in each. `routes` and `responses` speak HTTP, by Starlette, which is slow to
import: this file leaves them out. Knows nothing of the vendors' traffic.
"""

from mockserver.control.guard import Guard
from mockserver.control.operations import Operations
from mockserver.control.problems import MEDIA_TYPE, Problem

__all__ = ["MEDIA_TYPE", "Guard", "Operations", "Problem"]
