"""How much a server keeps: every bound on what requests can make grow, how it is weighed, and how it is cut.

Counts bound what has one size; bytes bound what clients and tests choose the length of. Rings drop their oldest and
count what they dropped; what a test armed, ordered or made is never dropped: one too many is refused (`FullError`).
Knows nothing of what is kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from sys import getsizeof
from typing import Any

from mockserver.header_types import RawHeaders

KIB, MIB = 1 << 10, 1 << 20

# --- one entry of a journal: longer values are cut, with a mark that says how much is missing
BODY = 4 * KIB
"""How many first bytes of a body are kept."""
PATH = 2 * KIB
QUERY = 4 * KIB
SENTENCE = KIB
NAME = 200
HEADER = KIB
HEADERS = 100
HEAD = 8 * KIB
"""The names and values of all headers of a message together; `HEADERS` is how many of them, `HEADER` one value."""

# --- a sandbox
JOURNAL, JOURNAL_ENTRIES = 24 * MIB, 10_000
POSTINGS, POSTINGS_COUNT = 32 * MIB, 100_000
POSTING = 2 * KIB
"""What a webhook takes beside its texts, its job included."""
ATTEMPT_ANSWER = 8 * KIB
WAITING, DELIVERIES = 100_000, 256
"""Webhooks that wait for their time, and those that are under way at once."""
REQUESTS, REQUESTS_COUNT = 256 * MIB, 10_000
"""Whole requests with their answers, of a sandbox that asked for them."""
REQUEST_BODY, RESPONSE_BODY = 128 * MIB, 4 * MIB
"""Of one body in them."""
STORED_BODY = MIB
"""The same at a store, whose engine would keep everybody waiting for a larger one."""
JOBS, JOBS_COUNT = 64 * MIB, 200_000
"""What requests said in them, and how many there are in one API."""
KEPT = MIB
"""What updates may make of what requests said in one job; what its creation said may be more."""
ORDERS, ORDERS_COUNT = 4 * MIB, 10_000
FAULTS, FAULTS_COUNT = 4 * MIB, 1_000
ROUTES = 1_000
"""Paths that a test answers itself."""
HANDLERS_LEFT = 32
"""Handlers of a test that are at work after their clients have left."""
LAPSED = 1_000
"""Faults whose time was over before they took effect: their names."""
FORESEEN = 1_000
"""Silences that clients pass by themselves, of one fault."""
KEYS, KEYS_COUNT = 16 * MIB, 10_000
"""Answers kept under idempotency keys, in one API."""
HELD = 1_000
"""Requests that are held back, and streams."""
ACCOUNTS = 1_000
ENDPOINTS = 100
EVENTS, EVENTS_COUNT = MIB // 2, 2_000
"""What is kept of a stream of events, for readers that are slow or come back."""
ROTATED = 2_000
"""Accounts and endpoints whose secrets were replaced, in one API."""
WINDOWS = 10_000
"""Callers that are counted by the rate limits of one API."""
TOKENS = 4_096

# --- a snapshot of a sandbox
SNAPSHOT = 8 * MIB
"""How large one may be."""
SNAPSHOT_JOBS = 5_000
"""How many jobs go into one, the newest."""
SNAPSHOT_UPLOAD, SNAPSHOT_UPLOADS = 256 * KIB, 2 * MIB
"""The bytes of one upload, and of all together, that go along."""

# --- a server
SANDBOXES = 10_000
READERS = 256
"""Of streams of events, and streams for which events are kept."""
SERIES = 10_000
"""Counts of answers, and of webhooks, that metrics tell apart by their names."""
AUTHORITIES = 16 * MIB
"""Different certificates that webhooks of sandboxes trust, together."""
CLOSED, CLOSED_COUNT = 16 * MIB, 50_000
"""Names, owners and credentials of sandboxes that were closed."""
LATE, LATE_COUNT = 2 * MIB, 1_000
JOURNALS = 512 * MIB
"""The journals of all sandboxes together."""
ALL_REQUESTS = 512 * MIB
"""The whole requests of all sandboxes together."""
UPLOADS = 1 << 30
RESULTS = 32 * MIB

# --- the proxy of `mockserver exec`
PROXY_HEAD = 16 * KIB
PROXY_CONNECTIONS = 512
PROXY_BUFFER = 64 * KIB
"""Of a tunnel to a host that is let through, each way; twice that where it waits to be written."""
PROXY_REFUSED = 16 * MIB
PROXY_HOSTS = 1_000
"""Results that were drawn and may be asked for again."""
ALIKE, ALIKE_COUNT = 2 * KIB, 256
"""Heads that are remembered because clients send them again and again: how long, and how many in each place."""
ALIKE_HEADERS = 40

# --- how an entry of a journal is weighed
ENTRY = 720
"""What an entry takes beside its texts: three tuples, numbers, and the heads of the objects."""
PAIR = 140
"""What a header takes beside its bytes."""
REQUEST = 1 * KIB
"""What a whole request takes beside its texts, headers and bodies."""


PLAIN = frozenset((str, bytes))
NUMBERS = frozenset((int, float, bool, type(None)))
NUMBER = 72
"""What a number of a hundred digits takes: longer ones are not read."""
TEXT = getsizeof("")
"""What a text takes besides its characters."""


def weigh(value: Any) -> int:
    """How many bytes a value of plain types and records takes, about; what it shares with others counts in full."""
    if type(value) in NUMBERS:
        return NUMBER
    if type(value) in PLAIN:
        return getsizeof(value)
    if isinstance(value, Mapping):
        return getsizeof(value) + sum(weigh(k) + weigh(v) for k, v in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return getsizeof(value) + sum(map(weigh, value))
    if is_dataclass(value):
        return getsizeof(value) + sum(weigh(getattr(value, field.name)) for field in fields(value))
    return getsizeof(value)


def cut(text: str, most: int) -> str:
    """The beginning of a text that is too long, with a mark; different texts stay different."""
    if len(text) <= most:
        return text
    return text[:most] + _mark(len(text) - most, text.encode("utf-8", "surrogatepass"))


def cut_bytes(data: bytes, most: int) -> bytes:
    """The same for bytes."""
    if len(data) <= most:
        return data
    return data[:most] + _mark(len(data) - most, data).encode()


def cut_pairs(pairs: RawHeaders) -> tuple[RawHeaders, int]:
    """Headers of which too long ones, and too many, are cut; and how many bytes they take."""
    size = sum([len(name) + len(value) for name, value in pairs])
    if size > HEADER or len(pairs) > HEADERS:
        shortened = _fitting([(cut_bytes(name, NAME), cut_bytes(value, HEADER)) for name, value in pairs[:HEADERS]])
        if len(shortened) < len(pairs):
            shortened.append((b"...", b"%d more headers" % (len(pairs) - len(shortened))))
        pairs, size = tuple(shortened), sum([len(name) + len(value) for name, value in shortened])
    return pairs, size + PAIR * len(pairs)


def _fitting(pairs: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The first of them, up to `HEAD` bytes."""
    size = 0
    for index, (name, value) in enumerate(pairs):
        size += len(name) + len(value)
        if size > HEAD:
            return pairs[:index]
    return pairs


def _mark(missing: int, whole: bytes) -> str:
    return f"...[{missing} more, {zlib.crc32(whole):08x}]"


PIECES = 16
"""So many pieces of an upload lie beside each other: with one more, the last ones are made one."""
PART_NUMBERS = 10_000
"""The highest number that a part of an upload may have."""

ITEMS, ITEM_BYTES = 10_000, 16 * MIB
"""So many items of a batch are done, and so many bytes of the file in which they stand are read."""

# --- `mockserver record`
RECORDED, RECORDED_COUNT = 128 * MIB, 20_000
"""The exchanges of a recording."""
RECORDED_HEAD = 128 * KIB
"""The head of an upstream's answer."""
RECORDED_BODY = 512 * KIB
"""The beginning of a body of text."""
RECORDED_UNDER_WAY = 64 * MIB
"""What is kept of all bodies that have not ended yet."""
RECORDED_IDS = 100_000
"""Ids that answers handed out, which are no secrets."""
RECORDED_SECRETS = 5_000
