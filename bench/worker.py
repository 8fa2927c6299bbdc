"""One of several servers at one socket, as they are measured: limits counted and never reached, state at a store.

`worker.py DESCRIPTOR [URL]`: the socket is inherited; without a URL the state is in this process.
"""

from __future__ import annotations

import socket
import sys
from dataclasses import replace

from mockserver import launch
from mockserver.app import Mockserver
from mockserver.contract import Contract
from mockserver.stores.choice import store_at

FINGERPRINT = "bench"


def contracts() -> list[Contract]:
    """The shipped ones, which count every request against their limits and never refuse one."""
    return [replace(each, limits=tuple(replace(limit, limit=10**9) for limit in each.limits)) for each in shipped()]


def shipped() -> list[Contract]:
    """Those of `mockserver serve`."""
    return [*launch.contracts_in()]


def made(url: str) -> Mockserver:
    """The server, at a store if there is a URL."""
    return Mockserver(contracts(), store=store_at(url, FINGERPRINT) if url else None)


def main(descriptor: int, url: str = "") -> None:
    app = made(url)

    async def joined() -> None:
        await app.sandboxes.join()
        await app.sandboxes.default.refresh()

    launch.serve(app, socket.socket(fileno=descriptor), lambda told: print(told, flush=True), None, joined)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
