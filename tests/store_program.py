"""A server whose state is on an engine, in a process of its own. Ends with its input.

`store_program.py URL [SECONDS]`: by so many the machine's clock is wrong.
"""

from __future__ import annotations

import sys
import time

if wrong := float("".join(sys.argv[2:]) or 0):
    told = time.time
    time.time = lambda: told() + wrong  # before anything of ours is imported

from mockserver import sandbox as sandbox_module
from mockserver import sandboxes as sandboxes_module
from mockserver import start
from mockserver.stores.redis import RedisStore

if __name__ == "__main__":
    store = RedisStore(sys.argv[1])
    sandbox_module.port_to, sandboxes_module.port_to_index = store.state, store.index
    with start(clock="x60", insecure_webhooks=True) as running:
        print(running.url, flush=True)
        sys.stdin.read()
