"""The servers behind all inboxes of a run: plain HTTP and TLS on loopback, with an authority of their own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mockserver.errors import is_on_purpose
from mockserver.inbox.inbox import Judge, WebhookInbox

__tracebackhide__ = is_on_purpose

IDLE_SECONDS = 10.0


class Receiver:
    """Two listeners; the first part of a path names the inbox. Raises ImportError without trustme."""

    def __init__(self) -> None:
        import trustme

        from mockserver.wire import load_identity

        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        load_identity(context, authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.bytes())
        self.ca_pem = authority.cert_pem.bytes().decode()
        self._inboxes: dict[str, WebhookInbox] = {}
        self._servers = (_Server(self._inboxes, None), _Server(self._inboxes, context))

    def open(
        self, name: str, secrets: Callable[[], Sequence[str]], judge: Judge = lambda *_: False,
        hint: str = "",
    ) -> WebhookInbox:  # fmt: skip
        """An inbox of that name; `secrets` gives those that may have signed, `judge` knows other signatures.

        `hint` says what to do where nothing arrives, if that is known to be something else than to move the clock.
        """
        plain, tls = self._servers
        urls = f"https://localhost:{tls.server_port}/{name}", f"http://127.0.0.1:{plain.server_port}/{name}"
        inbox = self._inboxes[name] = WebhookInbox(*urls, secrets, judge, hint)
        return inbox

    def shut(self, name: str) -> None:
        """Webhooks to this inbox are answered 410 from now on."""
        self._inboxes.pop(name).close()

    def end(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.end()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, inboxes: dict[str, WebhookInbox], context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.inboxes = inboxes
        self._context = context
        name = f"webhook-inbox:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, name=name)
        self._thread.daemon = True
        self._thread.start()

    def get_request(self) -> tuple[Any, Any]:
        sock, address = super().get_request()
        sock.settimeout(IDLE_SECONDS)
        if self._context is not None:  # the handshake waits for the first read, in a thread of its own
            sock = self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return sock, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that breaks off is the sandbox's business: its journal tells of it."""

    def end(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        inbox = self.server.inboxes.get(self.path.split("/")[1].partition("?")[0])
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = 410 if inbox is None else inbox.take(self.path, headers, body)
        if status is None and inbox is not None:
            inbox.released.wait()
            return
        self.send_response(status or 410)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """pytest's output is not ours."""
