"""What crosses the port of the state is a value: every record comes back from JSON as it was."""

from __future__ import annotations

from math import inf
from typing import Any, get_args

import pytest
from state_kit import RECORDS, copied

from mockserver.clock import ClockReading
from mockserver.jobs import PlannedJob
from mockserver.journal import Answered, JournalEntry, Sent
from mockserver.ratelimit import Window, WindowCount
from mockserver.request_log import KeptRequest
from mockserver.state import (
    configuration,
    index_port,
    journal_port,
    port,
    records,
    request_port,
    snapshot_port,
    watch_port,
    webhook_records,
)
from mockserver.state.configuration import ApiConfiguration, Configuration, Endpoint, OwnedRoute
from mockserver.state.index_port import ClosedSandbox, Late, ListedSandbox, SandboxRecord
from mockserver.state.journal_port import Activity, EntryPage, ExampleCounts
from mockserver.state.port import Begin, Begun, KeyUse, Lookup, NamedJobs, PageOf, PlanOrder, WantedRecords
from mockserver.state.records import ArmedFault, ExpiredFault, FaultUses, OwnAnswer
from mockserver.state.request_port import RequestPage
from mockserver.state.snapshot_port import Remainder
from mockserver.state.watch_port import Changes, Told
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import AccountRecord, Attachment, Handle, JobRecord, MemoryStore
from mockserver.timeline import Move
from mockserver.webhooks import DeliveryAttempt

OWNER = ("ann", "video")
ACCOUNT = AccountRecord("vidgen", "ann", "k", "c", "s", "w", False, 2.5, {"plan": "free"}, 100.0)
HANDLE = Handle("upload 1", "image/png", "a b.png", 3, "abc")
JOB = JobRecord(
    "j1", "video", "ann", 1_000_000_000.123456, ("slow", 7), "createVideo", 3, {"queued": 2.5, "outcome": "FAILED"},
    {"/prompt": "Ein Drachen \U0001fa81", "/seed": None, "/tags": ["a", {"b": 1.5}]}, {"image": HANDLE}, "p1", 99.5,
    (Move(1.0, "CANCELLED"),), Attachment("stuck", {"state": "", "progress": 99}, 5.0),
)  # fmt: skip
KEY = port.KeyName("ann", "createVideo", "ff")
ANSWER = port.SavedAnswer(201, "queued", "application/json", (("location", "/x"),), b"\xff", "j1")
ATTEMPT = DeliveryAttempt("https://a.b/c", "refused", "503", (("a", "b"),), b"{}", 503, (), b"\xff", 7.5)
OWED = OwedWebhook(
    "msg-1", "vidgen", "done", JOB, "ann", "https://a.b/c", 9, (ATTEMPT,), "waiting", 1,
    Attachment("webhook_late", {"seconds": 5.0}, 0.0), True, False, "RUNNING", inf, "http://x", True, "we_1", 5.0, 9.0,
    True, 4,
)  # fmt: skip
ENDPOINT = Endpoint("we_1", "ann", "https://a.b/c", ("job.done",), "whsec")
CONFIGURED = Configuration(False, True, "PEM", True, {"vidgen": ApiConfiguration((ACCOUNT,))}, 7)
CLOCK = ClockReading("step", 1.0, 5.0, 1_000_000_000.123456, 3)
KEPT = KeptRequest(
    "w-1", 1.5, "vidgen", "", "POST", "/x", "http://x", b"/x?a", ((b"host", b"y"),), {"a": "b"}, b"\xff", 1, 201,
    ((b"a", b"b"),), b"{}", 2, "route", True, (b"a: b\r\n", b"HTTP/1.1 200 OK\r\n\r\n"), 1, 7,
)  # fmt: skip
SAMPLES: list[Any] = [
    JOB,
    JobRecord("j2", "video", "ann", 0.0),
    PlanOrder(None, -1, {"running": 3.0}, 99, frozenset({"video", "image"}), "x-plan-4"),
    WantedRecords(OWNER, "ann", "video"),
    Lookup(JOB, inf, 5.0, PlanOrder("video", 2, {}, id="vidgen-plan-1")),
    Begin("vidgen", WantedRecords(OWNER), ("id.vidgen.job",), (Window("all", "::1", 5, 60.0),), ()),
    Begun(7, 12.5, (WindowCount(3, 59.5, False),), (0, 1), JOB, -inf, None, None),
    JournalEntry(
        1,
        1.5,
        "request",
        "vidgen",
        "getStatus",
        extra={"a": [1]},
        sent=Sent(((b"a", b"\xff"),)),
        answered=Answered(b"h"),
    ),
    port.PutJob(JOB, 2),
    port.Occupy(OWNER, "j1", 1.0, inf),
    port.Prolong(OWNER, "j1", -inf),
    port.Charge("ann", None, 4.0),
    port.Refund("job-1", "ann", 5.0, 2.5),
    port.UseOrder("x-plan-4"),
    port.Drop({"j1": 3}),
    port.KeepUpload(HANDLE),
    port.IssueSecret("j1", "endpoint"),
    port.Forget("upload 1"),
    port.Post("done", JOB, "ann", "https://a.b/c", 9, Attachment("webhook_late", {"seconds": 5.0}, 1.0)),
    port.Moved(JOB),
    KEY,
    KeyUse("0a", 1.5, 9, ANSWER),
    port.SaveAnswer(KEY, ANSWER),
    ANSWER,
    ApiConfiguration((ACCOUNT,), {"loud": True}, "slow"),
    ApiConfiguration(endpoints={"we_1": ENDPOINT}, rotated={"r1": "s2"}, replaced={"r1": (("s1", 5.0),)}),
    ENDPOINT,
    CONFIGURED,
    OwnedRoute("route-1", "vidgen", "GET", "/x/{y}", "o1"),
    CLOCK,
    FaultUses(3, 2, 1, {".seconds": 4}, (True, False)),
    ArmedFault("vidgen-1", "latency", {"seconds": [1, 2]}, {"nth": 2}, 1.0, 3, True, 50, 7, "", FaultUses(1)),
    OwnAnswer("vidgen-3", "getStatus", None, 1.0, 2),
    ExpiredFault("vidgen-2", "status", "10 s of the sandbox's time"),
    PageOf(OWNER, None, 20, True),
    NamedJobs(JOB, None),
    OWED,
    WebhookPage([OWED], 3),
    EntryPage([JournalEntry(1, 1.5, "webhook", "x", "", extra={"attempt": ATTEMPT})], 7),
    ExampleCounts({("x", "op", "ok"): 2}, {}),
    Activity(5, 1, 2, 3, 4, 5, 1, 150.5),
    SandboxRecord("world", "test_it", "0", 1.5, CONFIGURED, CLOCK, {"account.vidgen": 1}, True, 2.5, 7),
    ListedSandbox(7, "world", "test_it", 1.5, CLOCK),
    ClosedSandbox("world", "test_it"),
    RequestPage((KEPT,), 3, 9, 2),
    Told("event: jobs\n", 3),
    Changes((JournalEntry(1, 1.5, "request", "x", ""),), (("vidgen", "j1"),), (OWED,), (1, 0, 2)),
    Remainder((("all", "::1", 9.5, 2.0),), ((KEY, KeyUse("0a", 1.5, 9, ANSWER)),), 7),
    KEPT,
    Late("world", "test_it", "GET", "/@world/x"),
]


@pytest.mark.parametrize("value", SAMPLES, ids=lambda value: type(value).__name__)
def test_a_record_comes_back_from_json_as_it_was(value: Any) -> None:
    again = copied(value)
    assert (again, type(again)) == (value, type(value))


def test_every_record_of_the_port_has_a_sample() -> None:
    ports = (records, configuration, index_port, journal_port, request_port, snapshot_port, watch_port, webhook_records)
    rooms = {each.__name__ for each in ports}
    of_the_port = {name for name, kind in RECORDS.items() if kind.__module__ in rooms}
    assert {type(value).__name__ for value in SAMPLES} >= of_the_port
    assert {kind.__name__ for kind in get_args(port.Effect)} <= of_the_port


WRONG = [print, object(), MemoryStore(), PlannedJob(JOB), [lambda: None]]


@pytest.mark.parametrize("thing", WRONG, ids=lambda each: type(each).__name__)
def test_what_is_no_value_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match="no value"):
        copied(thing)


def test_no_record_can_be_changed() -> None:
    for value in SAMPLES:
        with pytest.raises(AttributeError):
            setattr(value, value._fields[0], None)
