"""A receiver of webhooks in a thread, which keeps what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Letter:
    """One delivery; `is_whole` is False when its body broke off."""

    headers: Mapping[str, str]
    body: bytes
    is_whole: bool

    def json(self) -> Any:
        return json.loads(self.body)


class Inbox:
    """Takes every POST with 200."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        letters, came = self.letters, threading.Condition()
        self._came = came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                with came:
                    letters.append(Letter(dict(self.headers.items()), body, len(body) == length))
                    came.notify_all()
                if len(body) == length:
                    self.send_response(200)
                    self.send_header("content-length", "0")
                    self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def wait(self, count: int, seconds: float = 10.0) -> None:
        """Return when so many letters have come; of one that was cut the sender knows before the receiver does."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.letters) >= count, seconds)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
