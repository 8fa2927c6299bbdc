"""A server as a program of its own: `python wire_program.py HTTP LOOP GRACEFUL DESCRIPTORS LINGER`; says its URL."""

from __future__ import annotations

import asyncio
import resource
import sys
from typing import Any

from mockserver.wire import bind, run


async def app(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    if scope["path"] == "/hang":
        print("hung", flush=True)
        await asyncio.Event().wait()
    body = b"ok"
    if scope["path"] == "/memory":
        body = b"%d" % resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


def main(http: Any, loop: Any, graceful: str, descriptors: str, linger: str) -> None:
    if descriptors:
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(descriptors), int(descriptors)))
    run(
        app, bind(), http=http, loop=loop, graceful=float(graceful), linger=float(linger) if linger else None,
        on_listening=lambda url: print(url, flush=True),
    )  # fmt: skip
    print("over", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
