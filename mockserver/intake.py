"""What an operation takes of a request, as frozen data: credentials, parameters, bodies, files. Part of a contract.

Knows nothing of files, HTTP or time; `loader` makes these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mockserver.json_types import JsonValue
from mockserver.lifecycle import NONE, NOTHING, Value

PARAMETER = re.compile(r"\{([^{}]+)\}")
"""A parameter in a path."""


class Parameter(NamedTuple):
    """A declared parameter; `pointer` leads to its schema, if it has one.

    A list stands in one text with `separator` between its items, or where that is empty, item by item. `is_json`: the
    text is JSON. `is_deep`: an object, whose members come by names of their own, `created[gte]`. `words` are those that
    the schema of a path's parameter lists; other paths are not that one.
    """

    name: str
    where: Literal["path", "query", "header", "cookie"]
    required: bool
    schema: JsonValue
    pointer: str
    separator: str = ""
    is_json: bool = False
    is_deep: bool = False
    words: tuple[str, ...] = ()


class RequestBody(NamedTuple):
    """One accepted request media type; `pointer` leads to its schema, `schema` is resolved one level.

    Of a form: `deep` fields come member by member, `metadata[order]`; `types` are media types of fields.
    """

    media_type: str
    schema: JsonValue
    pointer: str
    deep: frozenset[str] = NONE
    types: Mapping[str, tuple[str, ...]] = NOTHING


class FileRule(NamedTuple):
    """What an uploaded part may be, and the problems that refuse it. `max_bytes` itself is still allowed."""

    accept: tuple[str, ...]
    max_bytes: int
    unsupported: str
    too_large: str


class Stand(NamedTuple):
    """A text field of a form in which a file may come while a quirk is on: as if it came in the field `field`."""

    field: str
    quirk: str


class Reference(NamedTuple):
    """What a request names must exist: a resource in certain states, or an id in a listed answer.

    The id is what stands behind `after`. Where it is optional, a value that does not begin so names nothing (it is an
    address, say). `pointer` is where behavior.json says so.
    """

    at: str
    missing: str
    resource: str = ""
    states: frozenset[str] = NONE
    otherwise: str = ""
    listed: frozenset[str] = NONE
    accept: tuple[str, ...] = ()
    unsupported: str = ""
    after: str = ""
    is_optional: bool = False
    pointer: str = ""

    def names(self, value: JsonValue) -> bool:
        """Whether a value in a request names anything."""
        return not self.is_optional or (isinstance(value, str) and value.startswith(self.after))

    def named(self, value: JsonValue) -> str:
        """The id that stands in a request."""
        return str(value).rpartition(self.after)[2] if self.after else str(value)


class Idempotency(NamedTuple):
    """The header that holds an idempotency key, and for how many seconds the answer to its request is kept.

    `mismatch` and `busy` are the problems of a key that was used with another request, and of one whose request is in
    work. `replayed` is the header that an answer has which was given before; empty for none.
    """

    header: str
    ttl: float
    mismatch: str
    busy: str
    replayed: str = ""


class Wait(NamedTuple):
    """A request may ask at a place that its answer be held for so many seconds, at most `most`; without one all are.

    It is held until the job has ended, or until its state changes.
    """

    place: str
    most: float
    until: Literal["end", "change"] = "end"


INCOMPLETE = "incomplete"
"""The example that answers while an upload is not complete yet."""


IN_PIECES = frozenset({"range", "offset", "commands", "parts"})
"""The styles of uploads that come in several requests."""


class Pieces(NamedTuple):
    """How the bytes of an upload come in several requests, and at which places those say what they are.

    `range`: at `range` stands `bytes 0-99/1000`, and the last piece ends at the total. `offset`: at `offset` stands
    where the piece begins, and the upload is complete with what was announced. `commands`: at `command` stands what is
    asked for (`upload`, `finalize`, `query`, separated by commas), with an `offset`; `cancel` leads to the state
    `cancels`, where there is one. `parts`: at `number` stands the number of the part, in any order, and a move that
    `joins` them completes it.
    """

    style: Literal["range", "offset", "commands", "parts"]
    places: Mapping[str, str]
    cancels: str = ""


class Joins(NamedTuple):
    """A move makes one of the parts that were uploaded: those whose `numbers` stand in the request, else all.

    At `tags` stands, for each of the numbers, the MD5 of its bytes in hex.
    """

    numbers: str = ""
    tags: str = ""


EVENT_STREAM = "text/event-stream"
STREAMS = (EVENT_STREAM, "application/jsonl", "application/x-jsonlines", "application/x-ndjson")
"""Media types whose bytes come event by event; all but the first are lines of JSON."""


HAPPENINGS = frozenset({"log", "progress"})
"""The events of a job that are no states."""


class Stream(NamedTuple):
    """How the events of a job are told: in one of `media_types`, under `status`.

    `like` is the operation that each is answered as; else the examples are named after events. `events` are the
    vendor's names of them. `heartbeat`: after so many seconds without a word (0: never). `every`: after so many percent
    comes an event of progress (0: none).
    """

    media_types: tuple[str, ...]
    status: int = 200
    like: str = ""
    heartbeat: float = 0.0
    every: int = 0
    events: Mapping[str, str] = {}


GONE = frozenset({410})
"""The statuses with which every receiver of webhooks ends the attempts."""


class Updates(NamedTuple):
    """Which events a webhook tells of beside states, `log` and `progress`.

    `every`: after so many percent comes one of progress. `throttle`: none within so many seconds of the one before.
    """

    names: frozenset[str] = NONE
    every: int = 0
    throttle: float = 0.0


CONTAINS = "contains"
"""The meaning of a filter of which a part of the value is enough."""


class Filter(NamedTuple):
    """What a parameter of a list asks for: those whose `value` it equals, or, by `meaning`, is a part of; without a
    value, what `meaning` says.

    `place` is where in a request it stands.
    """

    place: str
    meaning: str
    value: Value | None = None


class Paging(NamedTuple):
    """How a list is read: pointers into the example page, and the places of what a request says of it.

    `places` has them by meaning: limit, after, before, token, offset, page, order, and cursor, which is a job's id:
    that of the first on the next page with `from_next`, else that of the last on this one. `size` is that of a page
    where nothing is said, `first` the number of the first page. `like` is the operation as which items answer, whole or
    with what stands at `like_at`. `page` is bound once, of which `beside` stand among the bindings of items. `facts`
    are those of a page that answers show.
    `new`: the contract has the word `parameters`.
    """

    items: str
    item_state: str | None
    states: tuple[str, ...]
    filters: tuple[Filter, ...]
    places: Mapping[str, str]
    size: int
    page: Mapping[str, Value]
    from_next: bool = False
    is_ascending: bool = False
    first: int = 1
    like: str = ""
    beside: frozenset[str] = NONE
    facts: frozenset[str] = NONE
    new: bool = False
    like_at: str = ""


class Presented(NamedTuple):
    """One way a request may carry a credential: an account's own `key`, or a `token` that it was given for one.

    `name` is that of the header (in lower case), query parameter or cookie; `scheme` is the word before the credential
    in Authorization.
    """

    kind: Literal["key", "token"]
    where: Literal["header", "query", "cookie"]
    name: str
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Security:
    """How an operation knows its caller: by `key` or `token`, by a `signed` URL, or not at all, `open`.

    Of several `ways` any will do, and `kind` is that of the first. `is_optional`: nobody is a caller as well.
    """

    kind: Literal["key", "token", "signed", "open"]
    expires: int = 0
    ways: tuple[Presented, ...] = ()
    is_optional: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """What is accepted: `key`, `token` or either."""
        return frozenset(way.kind for way in self.ways)
