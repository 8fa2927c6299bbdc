"""The control API under `/_mock`: sandboxes, clocks, accounts, plans and records over HTTP, for tests elsewhere.

What it looks like stands in `openapi.json` beside this file; what each operation does stands in the table of
`routes`. A new operation is an entry in each. Knows nothing of the vendors' traffic.
"""

from mockserver.control.guard import Guard
from mockserver.control.problems import MEDIA_TYPE, Problem
from mockserver.control.routes import ControlRoutes

__all__ = ["MEDIA_TYPE", "ControlRoutes", "Guard", "Problem"]
