"""What a test does with single jobs and webhooks of a sandbox, and what it hears of them while they happen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from mockserver.errors import is_on_purpose
from mockserver.json_types import Json, JsonValue
from mockserver.steering.connection import Control

if TYPE_CHECKING:
    from mockserver.steering.records import Delivery, Job

__tracebackhide__ = is_on_purpose

JobMove = Literal["finish", "fail", "stick", "lose", "release"]


class Event(NamedTuple):
    """One event of a sandbox: its name (`jobs`, `journal`, `clock` …), its data, and its id."""

    name: str
    data: Json
    id: str


class Watching:
    """A sandbox whose jobs are moved by hand, and that is watched."""

    _control: Control
    _path: tuple[str, str]

    def move_job(self, job: str, to: JobMove, *, error: str | Json | None = None) -> Job:
        """End a job now (`finish`, `fail` with an `error`), let it `stick` or be lost (`lose`), or `release` it again.

        Webhooks tell of an end. Raises ControlError for what cannot become of it.
        """
        from mockserver.steering.records import job_of

        body: dict[str, JsonValue] = {"to": to} if error is None else {"to": to, "error": error}
        return job_of(self._control.request("POST", *self._path, "jobs", job, "move", body=body))

    def resend_webhook(self, webhook: str) -> list[Delivery]:
        """Send a webhook once more, by its id (`delivery.raw["id"]`), to each of its receivers."""
        from mockserver.steering.records import delivery_of

        documents = self._control.request("POST", *self._path, "webhooks", webhook, "resend", body={})
        return [delivery_of(document) for document in cast("list[Json]", documents)]

    def events(self, last_id: str | None = None) -> Iterator[Event]:
        """What happens from now on, or behind the event `last_id`, while it happens; ends when the sandbox is closed.

        The first event is `start`; what is read after it and done by others is told. Raises ControlError, Unreachable.
        """
        headers = {} if last_id is None else {"Last-Event-ID": last_id}
        fields: dict[str, str] = {}
        for line in self._control.stream(*self._path, "events", headers=headers):
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields:
                yield Event(fields["event"], json.loads(fields["data"]), fields["id"])
            if not line:
                fields = {}
