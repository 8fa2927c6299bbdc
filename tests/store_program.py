"""A server whose state is on an engine, in a process of its own: `store_program.py URL`. Ends with its input."""

from __future__ import annotations

import sys

from state_kit import port_on

from mockserver import sandbox as sandbox_module
from mockserver import start
from mockserver.stores.redis import Worker

if __name__ == "__main__":
    sandbox_module.port_to = port_on(Worker(sys.argv[1]))
    with start(clock="x60", insecure_webhooks=True) as running:
        print(running.url, flush=True)
        sys.stdin.read()
