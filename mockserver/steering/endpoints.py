"""Where an account's webhooks go, and what signs them: what a test registers in the place of a vendor's dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.errors import is_on_purpose
from mockserver.json_types import Json, JsonValue
from mockserver.reprs import brief
from mockserver.steering.accounts import Account
from mockserver.steering.armed import ArmingSandbox
from mockserver.steering.connection import ControlError

if TYPE_CHECKING:
    from mockserver.steering.records import Delivery

__tracebackhide__ = is_on_purpose


class WebhookEndpoint:
    """A webhook endpoint that a test registered; `with api.webhook_endpoint(…):` removes it at the end.

    `secret` is what signs for it. `events` None: all of them.
    """

    def __init__(self, sandbox: ArmingSandbox, told: Json) -> None:
        self._sandbox = sandbox
        self.api, self.id, self.url = str(told["api"]), str(told["id"]), str(told["url"])
        self.events: Sequence[str] | None = told["events"]
        self.secret = str(told["webhook_secret"])

    def __repr__(self) -> str:
        events = "all events" if self.events is None else ", ".join(self.events)
        return brief("WebhookEndpoint", f"{self.id} of {self.api}:", f"{self.url},", events)

    def rotate_secret(self) -> str:
        """Put a new secret in the place of the old one, which may be good for a while more; gives the new one."""
        self.secret = _rotated(self._sandbox, self.api, self.id)
        return self.secret

    def remove(self) -> None:
        """Nothing goes there any more. May be called twice."""
        try:
            self._sandbox.tell("DELETE", "webhook-endpoints", self.id)
        except ControlError as refused:
            if refused.status not in (404, 410):
                raise

    def __enter__(self) -> WebhookEndpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class WithEndpoints:
    """An API whose webhooks may go to registered endpoints."""

    _sandbox: ArmingSandbox
    _account: Account
    name: str

    @property
    def webhook_secret(self) -> str:
        """What webhooks of the sandbox's own account are signed with."""
        return self._account.webhook_secret

    @property
    def webhook_public_key(self) -> str:
        """By which webhooks of the sandbox's own account are verified, signed by Ed25519: `whpk_…`; else empty."""
        return str(self._sandbox.tell("GET")["apis"][self.name].get("webhook_public_key") or "")

    def webhook_endpoint(self, url: str, *, events: Sequence[str] | None = None) -> WebhookEndpoint:
        """Register a webhook endpoint of the sandbox's own account, for all `events` or those that are named.

        Raises ControlError where the API sends to none, or not to such a URL.
        """
        body: dict[str, JsonValue] = {"api": self.name, "url": url}
        if events is not None:
            body["events"] = [*events]
        return WebhookEndpoint(self._sandbox, self._sandbox.tell("POST", "webhook-endpoints", **body))

    def test_webhook(self, url: str, *, event: str | None = None, webhook: str | None = None) -> Delivery:
        """Send a webhook that no job owes, to see whether it arrives, of an `event` (or a state); tried once.

        It is written and signed as those of real jobs are. Raises ControlError where the API has no such webhook, or
        may not send it to such a URL. A receiver in this event loop can answer only if this runs in a thread.
        """
        from mockserver.steering.records import delivery_of

        document = self._sandbox.tell("POST", "webhooks", "test", api=self.name, url=url, event=event, webhook=webhook)
        return delivery_of(document)

    def rotate_webhook_secret(self) -> str:
        """Put a new secret in the place of the account's old one, which may be good for a while more; gives it."""
        secret = _rotated(self._sandbox, self.name, None)
        self._account = replace(self._account, webhook_secret=secret)
        return secret


def _rotated(sandbox: ArmingSandbox, api: str, owner: str | None) -> str:
    return str(sandbox.tell("POST", "webhook-secrets", api=api, of=owner)["webhook_secret"])
