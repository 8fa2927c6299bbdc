"""The answer of a stream: events of a job's life as they happen, on the sandbox's clock, and how it is sent.

Nothing is made before the client has taken what was sent before; what happened meanwhile is made up for. A stream ends
with the life of its job, with its client, or, on a clock that stands, after a real while.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from math import inf
from operator import attrgetter
from typing import Any

from mockserver.app.incoming import ClientLeft
from mockserver.app.outcomes import own_headers
from mockserver.app.presence import while_connected
from mockserver.app.sending import SendMessage
from mockserver.bounds import BODY
from mockserver.clock import date_header
from mockserver.faults import Reply
from mockserver.held_requests import STANDS
from mockserver.intake import EVENT_STREAM, Stream
from mockserver.job_events import JobEvent, events, marks
from mockserver.jobs import PlannedJob
from mockserver.journal import Answered
from mockserver.operations import Call
from mockserver.operations.call import state_example
from mockserver.operations.stream import event_bytes, event_data
from mockserver.ratelimit import lines, pairs
from mockserver.redaction import AHEAD

FULL = "too many requests wait in this sandbox already"
ENDS = "the server ends"
PING = b":\n\n"


@dataclass(frozen=True)
class FollowedReply(Reply):
    """A reply whose bytes come with time."""

    is_live = True

    def without_body(self) -> Reply:
        return Reply(self.status, self.headers, 0, lambda start, stop: iter(()), self.name)


class Feed:
    """What one client is told: the events behind `after`, else the present state and all that comes.

    `counts` are the events that were sent, by name, `beginning` the first bytes.
    """

    def __init__(self, call: Call, rule: Stream, media_type: str, after: int | None) -> None:
        assert call.job is not None, "a stream is about a job"
        self.call, self.rule, self.media_type = call, rule, media_type
        self.job: PlannedJob | None = call.job
        self.after = after
        self.counts: Counter[str] = Counter()
        self.beginning, self.sent, self.hint, self.last = b"", 0, "", ""
        self._in_hand, self._at = b"", 0
        self._live = self.pieces()
        self._marks: tuple[int, list[float]] = (0, [])
        self._known: tuple[int, list[JobEvent]] = (0, [])

    def reply(self) -> FollowedReply:
        """The stream as a reply."""
        call = self.call
        headers = [(b"content-type", self.media_type.encode()), (b"cache-control", b"no-cache")]
        headers.append(date_header(int(call.now)))
        headers += self._own_headers()
        if self._is_over():
            return FollowedReply(204, tuple(headers[1:]), 0, self.chunks, "stream")
        return FollowedReply(self.rule.status, tuple(headers), max(1, self._foreseen()), self.chunks, "stream")

    def _own_headers(self) -> list[tuple[bytes, bytes]]:
        """Those of the rate limit, and what its response declares, as the example of the present state has it."""
        call, answers = self.call, self.call.api.table[self.call.operation.id]
        candidates = [answer for answer in answers.values() if answer.status == self.rule.status]
        name = state_example(call, self.job, call.status) if self.job is not None and call.status is not None else ""
        example = next((each for each in candidates if each.name == name), candidates[0] if candidates else None)
        if example is not None:
            return [*example.headers, *own_headers(call, example)]
        hit = call.hit
        return pairs(lines(call.api.contract.limit_headers, hit, call.now, tells_when=False)) if hit is not None else []

    def _is_over(self) -> bool:
        """Whether there is nothing behind what the client has read: 204 tells a browser not to ask again."""
        past = self._until(self.call.now)
        is_read = self.after is not None and bool(past) and past[-1].is_last and self.after >= past[-1].n
        return is_read and self.media_type == EVENT_STREAM

    def marks(self, job: PlannedJob) -> list[float]:
        """The moments at which something may happen to the job, as it is now."""
        if self._marks[0] != job.record.rev:
            self._marks = (job.record.rev, marks(job, self.rule.every))
        return self._marks[1]

    def _until(self, moment: float) -> list[JobEvent]:
        """What has happened by then; all that will happen is worked out once, for as long as nobody changes the job."""
        job = self.job
        assert job is not None, "it begins with one"
        if self._known[0] != job.record.rev:
            self._known = (job.record.rev, [*events(job, self.rule.every, self.marks(job), inf)])
        job_events = self._known[1]
        return job_events[: bisect_right(job_events, moment, key=attrgetter("at"))]

    def _foreseen(self) -> int:
        """How many bytes it will have, if nothing comes between."""
        job_events = self._until(inf)
        first, last = self._first(job_events, self.call.now)
        pending = [*first, *(event for event in job_events if event.n > last)]
        return sum(len(self._piece(event, max(event.at, 0.0)) or b"") for event in pending)

    def _first(self, job_events: list[JobEvent], now: float) -> tuple[list[JobEvent], int]:
        """What is sent at once, and the number of the last event that is told by it."""
        past = [event for event in job_events if event.at <= now]
        if self.after is not None:
            return [event for event in past if event.n > self.after], max(self.after, len(past))
        states = [event for event in past if event.is_state][-1:]
        return [state._replace(n=len(past)) for state in states], len(past)

    def _piece(self, event: JobEvent, at: float) -> bytes | None:
        assert self.job is not None, "it is there as long as there are events"
        body = event_data(self.call, self.rule, self.job, event, at)
        return None if body is None else event_bytes(self.rule, self.media_type, event, body)

    async def chunks(self, start: int, stop: float) -> AsyncIterator[bytes]:
        """The bytes from `start` to `stop`, as they come. What was sent is let go: who asks again asks further on."""
        while self._at < stop:
            self._in_hand = self._in_hand or await anext(self._live, b"")
            if not self._in_hand:
                return
            at, piece = self._at, self._in_hand
            part = piece[max(0, start - at) : max(0, int(min(stop, at + len(piece))) - at)]
            is_whole = at + len(piece) <= stop
            if is_whole:
                self._in_hand, self._at = b"", at + len(piece)
            if part:
                self.note(part)
                yield part
            if not is_whole:
                return

    def note(self, part: bytes) -> None:
        self.sent += len(part)
        if len(self.beginning) <= BODY + AHEAD:
            self.beginning += part[: BODY + AHEAD + 1]

    async def pieces(self) -> AsyncIterator[bytes]:
        call, rule = self.call, self.rule
        call.pause = call.pause or call.api.sandbox.moments.pause(self.job.id if self.job else "")
        last, quiet, is_first = 0, call.now, True
        while self.job is not None:
            now = max(call.now, (await call.api.sandbox.read_clock()).now)
            job_events = self._until(now)
            pending, last = (
                self._first(job_events, now) if is_first else (job_events[last:], max(last, len(job_events)))
            )
            for event in pending:
                moment = now if is_first and self.after is None else event.at
                if (piece := self._piece(event, moment)) is not None:
                    self.counts[event.name] += 1
                    self.last, quiet = event.name, now
                    yield piece
            is_first = False
            if job_events[-1].is_last:
                return
            if rule.heartbeat and now >= quiet + rule.heartbeat and self.media_type == EVENT_STREAM:
                quiet = now
                yield PING
            if not await self._wait(now, quiet):
                if self.media_type == EVENT_STREAM:
                    yield f": {self.hint}\n\n".encode()
                return

    async def _wait(self, now: float, quiet: float) -> bool:
        """Wait for what comes next; False when that is waited for no longer."""
        call, job = self.call, self.job
        assert job is not None, "it is waited for"
        if call.pause is None:
            self.hint = FULL
            return False
        due = next((at for at in self.marks(job) if at > now), inf)
        beat = quiet + self.rule.heartbeat if self.rule.heartbeat and self.media_type == EVENT_STREAM else inf
        if not await call.pause.until(min(due, beat)):
            self.hint = ENDS if call.api.sandbox.moments.is_over else STANDS
            return False
        record = (await call.api.state.look_up(call.api.contract.name, (job.id,)))[job.id].job
        self.job = None if record is None else call.api.planned(record)
        return True

    def answered(self, reply: Reply) -> Answered:
        """What the journal keeps of it."""
        return Answered(reply.head(), b"", self.beginning, self.sent)

    def told(self) -> Mapping[str, Any]:
        """What the journal says besides."""
        return {"events": dict(self.counts), **({"hint": self.hint} if self.hint else {})}


async def send_feed(feed: Feed, reply: Reply, send: SendMessage, client: Any) -> None:
    """Send a stream to its client; no piece is made before the last one was taken.

    Raises ClientLeft when it disconnects, also where all that is left could be made without waiting.
    """
    pieces = feed.pieces()
    await send({"type": "http.response.start", "status": reply.status, "headers": list(reply.headers)})
    while (piece := await while_connected(client, anext(pieces, None))) is not None:
        feed.note(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        if client is not None and client.is_gone:
            raise ClientLeft
    await send({"type": "http.response.body", "body": b""})


def feed_of(call: Call, accept: bytes, last: bytes | None) -> Feed:
    """The feed that a request asks for: by `Accept`, and behind the event that it has read last."""
    rule = call.operation.stream
    assert rule is not None, "a stream says how"
    accepted = accept.decode("latin-1").lower()
    media_type = next((each for each in rule.media_types if each in accepted), rule.media_types[0])
    is_known = last is not None and call.operation.verb == "stream"  # of a new job nobody has read anything
    after = int(last) if is_known and last is not None and last.isdigit() and len(last) < 10 else None
    return Feed(call, rule, media_type, after)
