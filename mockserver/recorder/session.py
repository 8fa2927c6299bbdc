"""A recorder for as long as a block runs: a forwarder with the proxy before it. Knows no command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from mockserver.clock import steady
from mockserver.proxy import Traffic
from mockserver.proxy.authority import Authority, roots
from mockserver.proxy.listener import Listener
from mockserver.proxy.session import known, temporary
from mockserver.proxy.variables import Way, variables
from mockserver.recorder.forwarder import Forwarder
from mockserver.recorder.tape import Tape
from mockserver.recorder.upstream import trust, upstreams
from mockserver.wire import Limits, serve_in_thread

LIMITS = Limits(body_seconds=600.0)
"""What is recorded may be an upload of any length; whoever sends it need not hurry."""
GRACE_SECONDS = 0.2


class Recording(dict[str, str]):
    """A whole environment for a program, whose calls to the upstreams are recorded on the `tape`; `traffic` are the
    hosts that were asked for.
    """

    def __init__(self, variables: Mapping[str, str], tape: Tape, traffic: Traffic) -> None:
        super().__init__(variables)
        self.tape = tape
        self.traffic = traffic


@contextmanager
def recording(
    urls: Collection[str], *, connect_to: Collection[str] = (), passthrough: Collection[str] = (),
    ca_pem: str | None = None, folder: Path | None = None, now: Callable[[], float] | None = None,
) -> Iterator[Recording]:  # fmt: skip
    """Record what programs that get this environment ask these hosts; the tape is complete behind the block.

    Other hosts are refused, but for those in `passthrough` and this machine. `connect_to` (`HOST=ADDRESS:PORT`) says
    where a host is, `ca_pem` whom to trust beside the system's authorities. Raises UsageError.
    """
    hosts = upstreams(urls, connect_to)
    through = known(passthrough, hosts)
    trusted = roots(os.environ)
    authority, traffic, tape = Authority(hosts), Traffic(), Tape()
    forwarder = Forwarder(hosts, trust(ca_pem, trusted), tape, now or steady())
    with serve_in_thread(forwarder, limits=LIMITS, graceful=GRACE_SECONDS) as server:
        listener = Listener(server, dict.fromkeys(hosts, server.url), through, authority, traffic, refusal_of)
        listener.start()
        try:
            with nullcontext(folder) if folder else temporary() as place:
                way = Way(listener.port, listener.tls_port, [*hosts], through, authority.pem, trusted, "")
                yield Recording(variables(os.environ, way, place), tape, traffic)
        finally:
            listener.stop()


def refusal_of(host: str) -> str:
    """Why a host is not reached, and what to do about it."""
    return (
        f"mockserver record refused a call to {host!r}: it is not recorded. To record it, too: --upstream "
        f"https://{host}; to let it through: --passthrough {host}."
    )
