"""The standard library's `http.client`, and urllib on top of it: silence alone, calls go where they are sent.

Libraries with connections of their own that descend from these are patched elsewhere, or are this project's.
"""

from __future__ import annotations

import socket
from types import ModuleType
from typing import Any

from pytest_plugin.intercept.routes import is_local
from pytest_plugin.intercept.silence import NO_PAUSE, Pause, Silence
from pytest_plugin.virtual_time.patches import Patches

_PAUSE = "_mockserver_pause"
_OTHERS = frozenset({"mockserver", "urllib3"})


def patch(client: ModuleType, silence: Silence, patches: Patches) -> None:
    """Replace `request` and `getresponse` of connections."""
    connection: Any = client.HTTPConnection
    request, getresponse = connection.request, connection.getresponse

    def ask(self: Any, method: str, url: str, *args: Any, **named: Any) -> None:
        if not _is_plain(self):
            request(self, method, url, *args, **named)
            return
        pause = _pause(silence, self, method, url)
        is_late = silence.ends_in_timeout(pause)
        setattr(self, _PAUSE, (pause, is_late))
        if not is_late:
            request(self, method, url, *args, **named)

    def answer(self: Any) -> Any:
        if not _is_plain(self):
            return getresponse(self)
        pause, is_late = getattr(self, _PAUSE, (NO_PAUSE, False))
        setattr(self, _PAUSE, (NO_PAUSE, False))
        if is_late:  # raised here, as urllib makes a URLError of what is raised while sending
            raise TimeoutError("timed out")
        with silence.call():
            response = getresponse(self)
        if silence.ends_in_timeout(pause, done=True):
            response.close()
            raise TimeoutError("timed out")
        return response

    patches.attribute(connection, "request", ask)
    patches.attribute(connection, "getresponse", answer)


def _is_plain(connection: Any) -> bool:
    """Whether nobody else looks after it; our own calls are no client's, and must not hold the clock they move."""
    return _OTHERS.isdisjoint({each.__module__.partition(".")[0] for each in type(connection).__mro__})


def _pause(silence: Silence, connection: Any, method: str, url: str) -> Pause:
    if not is_local(connection.host):
        return NO_PAUSE
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    return silence.foretell("http.client", method, f"http://{host}:{connection.port}{url}", _patience(connection))


def _patience(connection: Any) -> float | None:
    timeout = connection.timeout
    return timeout if timeout is None or isinstance(timeout, int | float) else socket.getdefaulttimeout()
