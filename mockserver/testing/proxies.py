"""Proxies that the environment names, as in CI: requests to a server on this machine must not go through one.

Nothing is changed where no proxy is named: a lone NO_PROXY would hide what the operating system is set to.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from mockserver.errors import is_on_purpose

__tracebackhide__ = is_on_purpose

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_EXCEPTIONS = ("no_proxy", "NO_PROXY")  # where both are there, most clients read the first
_HERE = ("127.0.0.1", "localhost")


@contextmanager
def bypassed(url: str) -> Iterator[None]:
    """NO_PROXY and no_proxy name the host of a URL, and this machine; what was changed is put back at the end."""
    wanted = {name: _with_hosts(name, url) for name in _EXCEPTIONS}
    changed = {name: text for name, text in wanted.items() if text is not None and text != os.environ.get(name)}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, text in changed.items():
            if os.environ.get(name) == text:  # else somebody else has changed it since
                _put_back(name, before[name])


class Bypass:
    """The same for users who overlap, in threads too: what was changed is put back when the last one has ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._changes = ExitStack()

    @contextmanager
    def of(self, url: str) -> Iterator[None]:
        """Proxies that are named now are bypassed for the host of a URL."""
        with self._lock:
            self._users += 1
            self._changes.enter_context(bypassed(url))
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._changes.close()


def _with_hosts(name: str, url: str) -> str | None:
    """What a variable is to be; None where it is not there and need not be."""
    said = os.environ.get(name)
    if not any(os.environ.get(each) or os.environ.get(each.upper()) for each in _PROXIES):
        return said
    if said is None:  # the other one must not be hidden
        said = next((text for each in _EXCEPTIONS if (text := os.environ.get(each)) is not None), "")
    known = [each.strip() for each in said.split(",") if each.strip()]
    hosts = [host for host in dict.fromkeys([urlsplit(url).hostname or "", *_HERE]) if host and host not in known]
    return said if "*" in known else ",".join([*known, *hosts])


def _put_back(name: str, text: str | None) -> None:
    if text is None:
        del os.environ[name]
    else:
        os.environ[name] = text
