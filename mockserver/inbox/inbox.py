"""Where webhooks arrive: one receiver for a run, one inbox for a test. Knows signatures, but no sandbox."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mockserver.errors import is_on_purpose
from mockserver.event_loops import in_thread, refuse_in_loop
from mockserver.json_types import JsonValue
from mockserver.reprs import brief

__tracebackhide__ = is_on_purpose


@dataclass(frozen=True, slots=True, repr=False)
class Received:
    """One webhook as it arrived. `headers` have lower-case names; `verified` if its signature is right; `status` is
    what it was answered, None if nothing."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    verified: bool
    status: int | None

    def __repr__(self) -> str:
        verified = "verified" if self.verified else "not verified"
        answered = "without an answer" if self.status is None else f"answered {self.status}"
        return brief(
            "Received", f"at {self.path.partition('?')[0]}:", f"{len(self.body)} bytes,", f"{verified},", answered
        )

    @property
    def json(self) -> JsonValue:
        """The body, parsed."""
        return json.loads(self.body)


MOST, MOST_BYTES = 10_000, 64 << 20
"""How many webhooks an inbox keeps, and how large they may be together."""


def _weight(received: Received) -> int:
    return 1024 + len(received.path) + len(received.body) + sum(len(n) + len(v) for n, v in received.headers.items())


Judge = Callable[[Mapping[str, str], bytes], bool]
"""Who says of other signatures than those that are known here whether they are right."""

BEFORE_ITS_TIME = "a manual clock makes no delivery before it is advanced"
"""Why most likely nothing arrived."""


class WebhookInbox:
    """A receiver of webhooks of one test. `url` is https, trusted by the test's sandbox; `http_url` is plain."""

    def __init__(
        self, url: str, http_url: str, secrets: Callable[[], Sequence[str]], judge: Judge = lambda *_: False,
        hint: str = "",
    ) -> None:  # fmt: skip
        self.url = url
        self.http_url = http_url
        self.released = threading.Event()
        self._secrets, self._judge, self._hint = secrets, judge, hint or BEFORE_ITS_TIME
        self._script: list[int | None] = []
        self._received: deque[Received] = deque()
        self._bytes = 0
        self.dropped = 0
        self._changed = threading.Condition()

    def __repr__(self) -> str:
        return brief("WebhookInbox", f"{self.url}:", f"{len(self._received) + self.dropped} received")

    @property
    def received(self) -> list[Received]:
        """What arrived, in order."""
        with self._changed:
            return list(self._received)

    def answer(self, status: int, times: int = 1) -> None:
        """Answer the next `times` webhooks with that status; 200 is the answer otherwise."""
        self._script += [status] * times

    def hang(self, times: int = 1) -> None:
        """Take the next `times` webhooks and never answer them."""
        self._script += [None] * times

    def wait(self, n: int = 1, timeout: float = 5.0) -> list[Received]:
        """Block until `n` webhooks have arrived; gives them all. Raises AssertionError after `timeout` real seconds.

        In a running event loop: ClockError, unless they are there already.
        """
        if len(self.received) < n:
            refuse_in_loop("`await webhook_inbox.wait_async(n)`")
        return self._wait(n, timeout)

    async def wait_async(self, n: int = 1, timeout: float = 5.0) -> list[Received]:  # noqa: ASYNC109 - as `wait`
        """As `wait`; the loop goes on turning."""
        return await in_thread(lambda: self._wait(n, timeout))

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """Record a webhook; gives the status to answer, None for no answer."""
        verified = any(is_signed(secret, headers, body) for secret in self._secrets()) or self._judge(headers, body)
        with self._changed:
            status = self._script.pop(0) if self._script else 200
            self._keep(Received(path, headers, body, verified, status))
            self._changed.notify_all()
        return status

    def _keep(self, received: Received) -> None:
        """The last of them, within bounds; `dropped` counts those that made room."""
        self._received.append(received)
        self._bytes += _weight(received)
        while len(self._received) > MOST or self._bytes > MOST_BYTES:
            self._bytes -= _weight(self._received.popleft())
            self.dropped += 1

    def close(self) -> None:
        """Let go of what hangs."""
        self.released.set()

    def _wait(self, n: int, seconds: float) -> list[Received]:
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._received) + self.dropped >= n, seconds):
                raise AssertionError(f"{len(self._received)} of {n} webhooks arrived in {seconds:g} s; {self._hint}")
            return list(self._received)


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether `secret` signed these bytes: by Standard Webhooks, or as bare hex HMAC-SHA256 in `x-…-signature`."""
    standard = headers.get("webhook-signature")
    if standard is not None:
        signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
        digest = base64.b64encode(hmac.digest(_key(secret), signed, "sha256"))
        expected = b"v1," + digest
        return any(hmac.compare_digest(expected, each.encode()) for each in standard.split())
    hex_digest = hmac.digest(secret.encode(), body, "sha256").hex()
    given = [value for name, value in headers.items() if name.startswith("x-") and name.endswith("-signature")]
    return any(hmac.compare_digest(hex_digest.encode(), each.encode()) for each in given)


def _key(secret: str) -> bytes:
    text = secret.removeprefix("whsec_").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return secret.encode()
