"""The operation of the control API that tells which silence a request would meet. Knows no HTTP."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any

from mockserver.control.request import ControlHandler, ControlRequest
from mockserver.expected_silence import Silence

PreviewDelay = Callable[[str, str, float | None, bool], Awaitable[Silence | None]]
"""Asked for method, path, the client's patience and whether time is virtual."""


def foreseen(foresee: PreviewDelay) -> ControlHandler:
    """The handler of `foreseeSilence`."""

    async def answer(request: ControlRequest) -> dict[str, Any]:
        """The silence a request would meet."""
        body, path = request.body, f"/@{request.sandbox().name}{request.body['path']}"
        silence = await foresee(body["method"], path, body.get("patience"), body.get("virtual", False))
        if silence is None:
            return {"silent": False, "seconds": None, "done": False}
        seconds = None if silence.seconds == math.inf else silence.seconds
        return {"silent": True, "seconds": seconds, "done": silence.is_done}

    return answer
