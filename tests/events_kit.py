"""A reader of the control API's streams of events, over a connection of its own."""

from __future__ import annotations

import http.client
import json
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from wire_kit import PATIENCE

DEFAULT = "/_mock/sandboxes/default/events"


class Event(NamedTuple):
    name: str
    id: str
    data: Any


class Stream:
    """One stream; `status` and `headers` are those of the response, `beats` counts comments."""

    def __init__(self, url: str, path: str = DEFAULT, last_id: str | None = None, **headers: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
        if last_id is not None:
            headers["Last-Event-ID"] = last_id
        self._connection.request("GET", path, headers=headers)
        self._response = self._connection.getresponse()
        self.status, self.headers = self._response.status, self._response.headers
        self.beats = 0

    def block(self) -> dict[str, str] | None:
        """The fields of the next block; None at the end of the stream."""
        fields: dict[str, str] = {}
        while line := self._response.readline().decode():
            if line == "\n":
                return fields
            name, _, value = line.rstrip("\n").partition(":")
            fields[name] = value.removeprefix(" ")
        return None

    def next(self) -> Event | None:
        """The next event; None at the end of the stream."""
        while (fields := self.block()) is not None:
            self.beats += "" in fields
            if "event" in fields:
                return Event(fields["event"], fields["id"], json.loads(fields["data"]))
        return None

    def until(self, *names: str) -> list[Event]:
        """The events up to the first of each of these names."""
        found: list[Event] = []
        while not {*names} <= {each.name for each in found}:
            event = self.next()
            assert event is not None, f"the stream ended before {names}: {found}"
            found.append(event)
        return found

    def rest(self) -> list[Event]:
        """All that comes to the end of the stream."""
        found = []
        while (event := self.next()) is not None:
            found.append(event)
        return found

    def close(self) -> None:
        self._response.close()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
