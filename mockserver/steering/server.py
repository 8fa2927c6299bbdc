"""A running server, as a test controls it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict

from mockserver.clock import clock_settings
from mockserver.errors import is_on_purpose
from mockserver.json_types import Json
from mockserver.reprs import brief
from mockserver.steering.certificates import pem_of
from mockserver.steering.connection import Control, if_known
from mockserver.steering.handles import SandboxHandle
from mockserver.steering.snapshots import snapshot_of

__tracebackhide__ = is_on_purpose


class SandboxSettings(TypedDict, total=False):
    """What `Steering.sandbox` takes."""

    seed: int | str | None
    clock: str | Json | None
    name: str | None
    limits: bool | None
    insecure_webhooks: bool | None
    webhook_ca: str | Path | None
    webhook_timeout: float | None
    strict: bool | None
    requests: bool | None
    owner: str | None
    snapshot: Json | Path | None


class Steering:
    """A running server, used over its control API. `token` is its control token, `ca_pem` whom to trust for TLS."""

    def __init__(self, url: str, token: str | None = None, *, ca_pem: bytes | None = None) -> None:
        self.control = Control(url, token, ca_pem=ca_pem)
        self.url = self.control.url

    @property
    def coverage(self) -> Json | None:
        """Which of the contracts' answers any sandbox was given since the server's start; None where none counts."""
        rows: Json | None = if_known(lambda: self.control.get("coverage"))
        return rows

    def sandbox(
        self,
        *,
        seed: int | str | None = None,
        clock: str | Json | None = None,
        name: str | None = None,
        limits: bool | None = None,
        insecure_webhooks: bool | None = None,
        webhook_ca: str | Path | None = None,
        webhook_timeout: float | None = None,
        strict: bool | None = None,
        requests: bool | None = None,
        owner: str | None = None,
        snapshot: Json | Path | None = None,
    ) -> SandboxHandle:
        """A new sandbox with credentials of its own; a context manager that closes it at its end.

        `seed` is 0 unless it is named, `clock` `manual`; others are `real`, `x60` (an hour a minute), `step:5`, or the
        control API's JSON. `webhook_ca` is the PEM of authorities that webhooks trust, or a Path to it;
        `insecure_webhooks` lets them go to plain http; `strict` refuses files that are not what they are said to be;
        `requests` keeps what clients send whole, secrets and all, for `sandbox.requests`. With a `snapshot` (of
        `SandboxHandle.snapshot`, or the Path of a file of it) the sandbox begins with its accounts, jobs, clock and
        faults; what is named beside it goes first. Raises ControlError and Unreachable.
        """
        state = snapshot_of(snapshot)
        if state is None:
            seed, clock = 0 if seed is None else seed, "manual" if clock is None else clock
        settings = {
            "name": name, "seed": None if seed is None else str(seed), "limits": limits, "owner": owner,
            "clock": None if clock is None else clock_settings(clock), "insecure_webhooks": insecure_webhooks,
            "webhook_ca": pem_of(webhook_ca), "webhook_timeout": webhook_timeout, "strict": strict,
            "requests": requests, "snapshot": state,
        }  # fmt: skip
        body = {key: value for key, value in settings.items() if value is not None}
        document = self.control.request("POST", "sandboxes", body=body)
        return SandboxHandle(
            self.control, document, str(seed if state is None or seed is not None else state.get("seed"))
        )

    @property
    def default(self) -> SandboxHandle:
        """The sandbox that is always there, with the published credentials."""
        document = self.control.get("sandboxes", "default")
        return SandboxHandle(self.control, document, str(document.get("seed", "")))

    def __repr__(self) -> str:
        return brief("Steering", self.url)

    def close(self) -> None:
        """Hang up."""
        self.control.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
