# Made by `python -m mockserver.stubs`; a test holds it to the code.
# A handle of one API takes fewer texts than one of any: that is its use, though it breaks the rule of subclasses.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# ruff: noqa
# fmt: off
"""Handles whose faults, operations, states and other names a type checker knows.

At run time they are an `ApiHandle` and what it gives. Nothing here is of one API: the names come as type arguments.
"""

from typing import Generic, Literal, TypeAlias, TypedDict, TypeVar, Unpack, overload
from mockserver.steering.handles import ApiHandle
from mockserver.steering.clock import SandboxClock
from mockserver.steering.journal import JournalView
from mockserver.steering.requests import Requests
import re
from collections.abc import Callable, Sequence
from mockserver.json_types import Json, JsonValue
from mockserver.steering.answers import Answer, Handler
from mockserver.steering.faults import CurveName, Fault, Plan
from mockserver.steering.messages import HeaderPairs, Request
from mockserver.steering.records import Entry, Job

Operation = TypeVar("Operation", bound=str)
State = TypeVar("State", bound=str)
Outcome = TypeVar("Outcome", bound=str)
Resource = TypeVar("Resource", bound=str)
Scenario = TypeVar("Scenario", bound=str)
Quirk = TypeVar("Quirk", bound=str)

FaultName: TypeAlias = Literal[
    "skewed_date", "clock_jump", "token_dies_early", "not_found_after_create", "lost", "status_back", "progress_back",
    "stuck", "failed", "cancel_completes", "lock_held", "completed_without_url", "result_403", "result_404",
    "result_expired", "short_media", "corrupt_media", "status", "redirect_loop", "unauthorized", "key_in_use",
    "answer_lost", "truncated_json", "empty_body", "given_body", "wrong_content_type", "invalid_utf8", "bom",
    "half_gzip", "missing_field", "null_field", "extra_field", "number_as_string", "huge_integer", "unknown_enum",
    "latency", "hang", "stall", "dribbled_headers", "dribbled_body", "bandwidth", "slow_close", "reset_before_headers",
    "close_before_headers", "close_keep_alive", "half_open", "upload_cut", "reset_mid_body", "close_mid_body",
    "close_mid_headers", "garbage", "bad_chunk", "wrong_length", "doubled_length", "http_1_0", "early_hints",
    "unsolicited_answer", "webhook_duplicate", "webhook_reorder", "webhook_late", "webhook_never",
    "webhook_before_answer", "webhook_bad_signature", "webhook_missing_signature", "webhook_body_mismatch",
    "webhook_cut", "webhook_retried_after_success", "webhook_replayed", "webhook_dead_endpoint",
]

class Which(TypedDict, Generic[Operation], total=False):
    operation: Operation | Literal["media"] | None
    job: str | None
    account: str | None
    nth: int | None
    first: int | None
    every: int | None
    probability: float | None
    for_seconds: float | None
    at_once: int | None
    times: int | None
    ttl: float | None

class CheckedEntryFilter(TypedDict, total=False):
    status: int | None
    method: str | None
    path: str | None
    example: str | None
    kind: str | None
    fault: FaultName | None
    where: Callable[[Entry], bool] | None

class CheckedClock(SandboxClock, Generic[State]):
    async def arun_until(self, job: str, state: State, timeout: float = 604800.0) -> Job: ...
    def run_until(self, job: str, state: State, timeout: float = 604800.0) -> Job: ...

class CheckedJournal(JournalView, Generic[Operation]):
    def count(self, operation: Operation | None = None, **wanted: Unpack[CheckedEntryFilter]) -> int: ...
    def filter(
        self, operation: Operation | None = None, *, status: int | None = None, method: str | None = None,
        path: str | None = None, example: str | None = None, kind: str | None = None, fault: FaultName | None = None,
        where: Callable[[Entry], bool] | None = None,
    ) -> list[Entry]: ...
    def masked(
        self, operation: Operation | None = None, **wanted: Unpack[CheckedEntryFilter],
    ) -> list[dict[str, JsonValue]]: ...
    def wait_for(
        self, n: int = 1, operation: Operation | None = None, *, timeout: float = 5.0,
        **wanted: Unpack[CheckedEntryFilter],
    ) -> list[Entry]: ...

class CheckedRequests(Requests, Generic[Operation]):
    def check_operation(self, operation: Operation | None, found: Sequence[Request]) -> None: ...
    def filter(
        self, operation: Operation | Literal["media"] | None = None, *, method: str | None = None,
        path: str | re.Pattern[str] | None = None, status: int | None = None,
        where: Callable[[Request], bool] | None = None,
    ) -> list[Request]: ...

class CheckedHandle(ApiHandle, Generic[Operation, State, Outcome, Resource, Scenario, Quirk]):
    clock: CheckedClock[State]
    journal: CheckedJournal[Operation]
    requests: CheckedRequests[Operation]
    def answer(
        self, operation: Operation | Literal["media"], *, json: JsonValue = ..., text: str | None = None,
        content: bytes | None = None, status: int | None = None, headers: HeaderPairs = ..., times: int | None = 1,
        callback: Handler | None = None, unchecked: bool = False,
    ) -> Answer: ...
    def assert_not_requested(
        self, operation: Operation | Literal["media"] | None = None, *, method: str | None = None,
        path: str | re.Pattern[str] | None = None, status: int | None = None, json: JsonValue = ...,
        form: Json | None = None, content: bytes | None = None, headers: Json | None = None, query: Json | None = None,
        where: Callable[[Request], bool] | None = None,
    ) -> None: ...
    def assert_requested(
        self, operation: Operation | Literal["media"] | None = None, *, times: int | None = None,
        method: str | None = None, path: str | re.Pattern[str] | None = None, status: int | None = None,
        json: JsonValue = ..., form: Json | None = None, content: bytes | None = None, headers: Json | None = None,
        query: Json | None = None, where: Callable[[Request], bool] | None = None,
    ) -> list[Request]: ...
    def next_job(
        self, *, outcome: Outcome | None = None, error: str | Json | None = None, queued: float | None = None,
        running: float | None = None, curve: CurveName | Json | None = None, count: int | None = None,
        resource: Resource | None = None, result_bytes: int | None = None, passes: list[str] | None = None,
        items: dict[str, float] | None = None, during: str | None = None,
    ) -> Plan: ...
    def quirk(self, name: Quirk, on: bool = True) -> None: ...
    def scenario(self, name: Scenario) -> None: ...
    @overload
    def fault(
        self,
        fault: Literal["skewed_date", "clock_jump", "token_dies_early", "not_found_after_create", "lost", "status_back", "lock_held", "hang", "slow_close", "half_open", "webhook_reorder", "webhook_late", "webhook_retried_after_success", "webhook_replayed"],
        *, seconds: float = ..., **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`skewed_date`: Sends a Date header that is so many seconds ahead (behind, when negative).

        `clock_jump`: Moves the sandbox's clock forward as the request arrives; once, unless told otherwise.

        `token_dies_early`: Refuses a bearer token as expired so many seconds before its time.

        `not_found_after_create`: The job cannot be found until so many seconds after it was created.

        `lost`: The job cannot be found any more from so many seconds after the fault took hold of it.

        `status_back`: A job past its first state shows the one before it once more, for so many seconds.

        `lock_held`: The account's one-active-job lock is held so many seconds beyond the job's end.

        `hang`: Takes the request and never answers; after `seconds` (0: never) it closes.

        `slow_close`: Sends everything without a length, and closes only `seconds` later: the end of the body is the close.

        `half_open`: Leaves the connection as a dead peer does: nothing is read, nothing said; reset after `seconds`.

        `webhook_reorder`: Holds a webhook back until another one was delivered, or until so many seconds have passed.

        `webhook_late`: Delivers a webhook so many seconds after it was due.

        `webhook_retried_after_success`: Delivers a webhook once more after the receiver has taken it.

        `webhook_replayed`: Delivers a webhook once more to the byte, with its old time and signature, as one who overheard it would."""
    @overload
    def fault(
        self, fault: Literal["progress_back"], *, percent: int = ..., seconds: float = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`progress_back`: The progress of a running job falls by so many percent once, for so many seconds."""
    @overload
    def fault(
        self, fault: Literal["stuck"], *, state: State | Literal[""] = ..., progress: int = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`stuck`: The job never leaves a state (the last timed one, unless named) and stops at a progress."""
    @overload
    def fault(self, fault: Literal["failed"], *, message: str = ..., **which: Unpack[Which[Operation]]) -> Fault:
        """`failed`: The job fails at its end, with a message (else one of the contract's)."""
    @overload
    def fault(
        self, fault: Literal["short_media", "truncated_json", "half_gzip", "reset_mid_body", "close_mid_headers"], *,
        at: float = ..., **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`short_media`: The bytes of the job's results break off, the whole length announced.

        `truncated_json`: Cuts a JSON body and gives its length honestly.

        `half_gzip`: Declares gzip and sends a part of the stream, its length given honestly.

        `reset_mid_body`: Announces the whole body, sends a share of it, then resets the connection (RST).

        `close_mid_headers`: Closes the connection (FIN) inside the headers."""
    @overload
    def fault(
        self, fault: Literal["status"], *, status: int = ...,
        page: Literal["json", "nginx", "cloudflare", "cloudfront", "alb"] = ...,
        retry_after: Literal["as_is", "seconds", "date", "missing", "zero", "huge", "garbage", "negative", "fraction", "past"] = ...,
        wait: int = ..., **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`status`: Answers with a status: the operation's own example (`json`) or the HTML page of a gateway."""
    @overload
    def fault(
        self, fault: Literal["redirect_loop", "unsolicited_answer"], *, status: int = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`redirect_loop`: Redirects every request to its own address.

        `unsolicited_answer`: Sends a second answer nobody asked for; a client that keeps the connection takes it for its next one."""
    @overload
    def fault(
        self, fault: Literal["unauthorized"], *,
        problem: Literal["expired_key", "unknown_key", "missing_key", "deactivated_key"] = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`unauthorized`: Refuses valid credentials in the middle of a session with 401."""
    @overload
    def fault(
        self, fault: Literal["key_in_use"], *, problem: Literal["busy", "mismatch"] = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`key_in_use`: Refuses an idempotency key: the request that has it is in work (`busy`), or said something else (`mismatch`)."""
    @overload
    def fault(
        self, fault: Literal["answer_lost"], *, how: Literal["close", "reset", "hang"] = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`answer_lost`: Does what was asked (create, move, upload), then loses the answer; webhooks still go out."""
    @overload
    def fault(
        self, fault: Literal["given_body"], *, body: str = ..., state: State | Literal[""] = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`given_body`: Answers with a body that a test gives, wherever the job is in a state (any, unless named) and not refused."""
    @overload
    def fault(
        self, fault: Literal["wrong_content_type"], *, media_type: str = ..., body: Literal["page", "kept"] = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`wrong_content_type`: Sends another media type: with an HTML page as the body, or with the body as it was."""
    @overload
    def fault(
        self, fault: Literal["missing_field", "null_field", "number_as_string", "huge_integer"], *, field: str = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`missing_field`: Leaves a field out: the named one, else the last optional one, else the last one.

        `null_field`: Writes null where a value is promised: in the named field, else in the first that has a value.

        `number_as_string`: Writes a number as text: the named one, else the first.

        `huge_integer`: Writes an integer of 30 digits in the place of a number: the named one, else the first."""
    @overload
    def fault(
        self, fault: Literal["extra_field", "unknown_enum"], *, field: str = ..., value: str = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`extra_field`: Adds a field that the contract does not know.

        `unknown_enum`: Writes a state that nobody announced: in the named field, else where the answer shows its state."""
    @overload
    def fault(
        self, fault: Literal["latency"], *, how: Literal["fixed", "uniform", "lognormal", "ramp"] = ...,
        seconds: float = ..., most: float = ..., sigma: float = ..., over: int = ..., **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`latency`: Answers later: `fixed`, `uniform` (seconds to most), `lognormal` (median, sigma) or a `ramp` over n answers."""
    @overload
    def fault(
        self, fault: Literal["stall"], *, at: float = ..., seconds: float = ..., **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`stall`: Sends the headers and a share of the body, then nothing more; after `seconds` (0: never) it closes."""
    @overload
    def fault(
        self, fault: Literal["dribbled_headers", "dribbled_body"], *, interval: float = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`dribbled_headers`: Sends the headers one byte at a time.

        `dribbled_body`: Sends the headers at once and the body one byte at a time."""
    @overload
    def fault(
        self, fault: Literal["bandwidth"], *, bytes_per_second: int = ..., **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`bandwidth`: Sends the body no faster than so many bytes a second."""
    @overload
    def fault(
        self, fault: Literal["close_keep_alive"], *, request: int = ..., **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`close_keep_alive`: Closes a kept-alive connection as its nth request arrives (counted from when faults were armed)."""
    @overload
    def fault(
        self, fault: Literal["upload_cut"], *, at: float = ..., how: Literal["reset", "close"] = ...,
        **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`upload_cut`: Takes a share of the bytes of an upload, then ends the connection; an upload in pieces goes on behind them."""
    @overload
    def fault(
        self, fault: Literal["close_mid_body"], *, at: float = ...,
        framing: Literal["length", "chunked", "close"] = ..., **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`close_mid_body`: Sends a share of the body, then closes (FIN); the body's end was told by length, by chunks or by the close."""
    @overload
    def fault(self, fault: Literal["wrong_length"], *, by: int = ..., **which: Unpack[Which[Operation]]) -> Fault:
        """`wrong_length`: Announces so many bytes more than are sent (fewer, when negative), then closes."""
    @overload
    def fault(
        self, fault: Literal["webhook_duplicate"], *, copies: int = ..., **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`webhook_duplicate`: Delivers the same webhook several times over."""
    @overload
    def fault(
        self, fault: Literal["webhook_dead_endpoint"], *, attempts: int = ..., **which: Unpack[Which[Operation]],
    ) -> Fault:
        """`webhook_dead_endpoint`: A registered endpoint cannot be reached for so many attempts."""
    @overload
    def fault(self, fault: FaultName, **which: Unpack[Which[Operation]]) -> Fault:
        """`cancel_completes`: Cancelling is answered as done, and the job goes on to its end.

        `completed_without_url`: The job ends well, and its results have no URL.

        `result_403`: The URLs of the job's results answer 403.

        `result_404`: The URLs of the job's results answer 404.

        `result_expired`: The URLs of the job's results have expired as soon as they are given out.

        `corrupt_media`: The bytes of the job's results are damaged, their number is right.

        `empty_body`: Answers with the right status and no body at all.

        `invalid_utf8`: Puts a byte that is no UTF-8 into the first text of a JSON body.

        `bom`: Puts a byte order mark before a JSON body.

        `reset_before_headers`: Resets the connection (RST) instead of doing anything.

        `close_before_headers`: Closes the connection (FIN) instead of doing anything.

        `garbage`: Sends bytes that are no HTTP in the answer's place.

        `bad_chunk`: Sends the body chunked, with a chunk size that is no number.

        `doubled_length`: Sends two different Content-Lengths.

        `http_1_0`: Answers in HTTP/1.0 and closes.

        `early_hints`: Sends 103 Early Hints before the answer.

        `webhook_never`: Delivers no webhook.

        `webhook_before_answer`: Delivers the webhook of a job's end before the answer to the job's creation.

        `webhook_bad_signature`: Signs a webhook with a signature of the right form that is wrong.

        `webhook_missing_signature`: Sends a webhook without its signature.

        `webhook_body_mismatch`: Signs one body and sends another.

        `webhook_cut`: Breaks off inside the body of a webhook.

        Any other, with the defaults of its parameters."""
