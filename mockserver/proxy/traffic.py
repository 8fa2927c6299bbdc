"""What clients asked the proxy for: hosts that are mocked, that were let through, and that were refused.

Bounded: names are cut, and past so many of them only their number grows. Knows no connection.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mockserver.bounds import PROXY_HOSTS
from mockserver.printable import one_line

NAME = 253
OTHERS = "(others)"


@dataclass(slots=True)
class Traffic:
    """Connections to each host (`host:port` for a refused one), and to which a client broke TLS off, and why."""

    met: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    distrusted: dict[str, str] = field(default_factory=dict)

    def distrust(self, host: str, why: str) -> None:
        """Note that a client ended a handshake."""
        if len(self.distrusted) < PROXY_HOSTS:
            self.distrusted[_name(host)] = one_line(why)[:NAME]


def count(counter: Counter[str], host: str) -> None:
    """One more of a host."""
    name = _name(host)
    counter[name if name in counter or len(counter) < PROXY_HOSTS else OTHERS] += 1


def _name(host: str) -> str:
    return one_line(host)[:NAME]
