"""Asks a live server and holds each answer against the examples that were due. Knows no journey."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from http.client import HTTPException

from mockserver.contract import Contract, Example, Operation
from mockserver.live import Credentials, Live, LiveReply, authorization, authorized, recognise
from mockserver.live.requests import Sample
from mockserver.verify.asked import shown_request
from mockserver.verify.compare import compare, nearest, response_of, seen_at, unlike
from mockserver.verify.drift import BROKEN, LOOSE, STRICT, CheckedAnswer, Drift, Report
from mockserver.verify.states import UNKNOWN, shown_as

_PATIENCE = 3  # how often a request is sent again after the server asked for time


@dataclass(frozen=True, slots=True)
class Invalid:
    """A request that the contract does not allow: `what` says why not, `pointer` where that is said.

    `field` is what it lacks, `parameter` the pointer to the one whose schema it breaks.
    """

    operation: Operation
    what: str
    pointer: str
    field: str = ""
    parameter: str = ""


class Walker:
    """One walk: its report and its client; `watch` is told what is waited for."""

    def __init__(
        self, contract: Contract, live: Live, report: Report, only: Collection[str] = (),
        watch: Callable[[str], None] = lambda text: None,
    ) -> None:  # fmt: skip
        self.contract = contract
        self.live = live
        self.report = report
        self.watch = watch
        self._only = only

    def wants(self, operation: Operation) -> bool:
        """Whether this operation was asked for."""
        return not self._only or operation.id in self._only

    def operations(self, *verbs: str) -> list[Operation]:
        """The operations of these verbs, wanted or not."""
        return [o for o in self.contract.operations.values() if o.verb in verbs]

    def ask(self, asked: Sample, credentials: Credentials | None = None, *, anybody: bool = False) -> LiveReply:
        """Send a request as the account (or as other `credentials`, or as `anybody`); a passed limit is waited for."""
        kind, body = asked.encoded()
        headers = [*asked.headers, *([("Content-Type", kind)] if kind else [])]
        target, known = asked.target, credentials or self.live.credentials
        if not anybody:
            headers += authorization(asked.operation, known).items()
            target = authorized(asked.operation, known, target)
        return self.send(asked.operation, target, headers, body)

    def send(
        self, operation: Operation, target: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b""
    ) -> LiveReply:
        """Send to a path of an operation; when a limit was passed, wait for it and try again."""
        for left in reversed(range(_PATIENCE)):
            self.report.requests += 1
            try:
                reply = self.live.ask(operation, operation.method, target, headers, body)
            except (HTTPException, OSError) as error:
                pointer = next(response_of(v[0]) for v in operation.examples.values())
                asked = shown_request(operation.method, target, headers, body, self.live.credentials)
                self._no_answer(operation.id, pointer, error, asked)
                return LiveReply(0, {}, b"")
            wait = self._window(operation, reply)
            if wait is None or left == 0:
                break
            self.watch(f"{operation.id}: a rate limit was passed; waiting for {wait:g} s until its window ends")
            self.live.wait(wait)
        return reply

    def _no_answer(self, where: str, pointer: str, error: Exception, asked: str) -> None:
        sentence = f"no answer came to {asked}: {type(error).__name__}: {error}"
        self.report.add(Drift("other_status", BROKEN, where, "", pointer, sentence))

    def _window(self, operation: Operation, reply: LiveReply) -> float | None:
        """Seconds until the window of a passed limit ends; None when none was passed."""
        limits = [limit.window for limit in self.contract.limits if operation.id in limit.operations]
        if not limits or "rate_limited" not in recognise(self.contract, operation, reply.status, reply.json):
            return None
        told = reply.headers.get("retry-after", "")
        return float(told) if told.isdigit() else max(limits)

    def due(self, operation: Operation, names: Sequence[str], reply: LiveReply) -> bool:
        """Hold an answer against the examples of these names; whether its status was one of theirs."""
        expected = [e for name in names for e in operation.examples.get(name, ())]
        return self._hold(CheckedAnswer(operation.id, operation.id, tuple(names), reply), expected)

    def unrouted(self, problem: str, where: str, method: str, target: str) -> None:
        """Ask for what no operation answers, and hold the refusal against the one that is due."""
        self.report.requests += 1
        expected = self.contract.unrouted[problem]
        try:
            reply = self.live.request(method, target)
        except (HTTPException, OSError) as error:
            asked = shown_request(method, target, (), b"", self.live.credentials)
            self._no_answer(where, response_of(expected[0]), error, asked)
            return
        self._hold(CheckedAnswer("", where, (problem,), reply), expected)

    def _hold(self, exchange: CheckedAnswer, expected: Sequence[Example]) -> bool:
        operation, name, reply = self.contract.operations.get(exchange.operation), exchange.where, exchange.reply
        if reply.status == 0 or not expected:
            return False
        drifts = compare(self.contract, operation, name, expected, reply)
        if not self.live.has_limits:
            drifts = [drift for drift in drifts if "ratelimit" not in drift.at.lower()]
        for drift in drifts:
            self.report.add(drift, seen_at(drift, reply))
        self.report.keep(exchange, drifts)
        met = [e.name for e in expected if e.status == reply.status]
        if met:
            known = shown_as(self.contract, operation, met, reply) if operation is not None else []
            self.report.answered[(name, (known or met)[0])] += 1
        return bool(met)

    def accepted(self, asked: Sample, names: Sequence[str], reply: LiveReply) -> bool:
        """As `due`, for a valid request: one that is refused as invalid says that the contract allows too much."""
        expected = {e.status for name in names for e in asked.operation.examples.get(name, ())}
        if reply.status in (400, 413, 415, 422) and reply.status not in expected and asked.body is not None:
            sentence = f"a request that the contract allows was refused: {reply.status} {reply.body[:160]!r}"
            self.report.add(Drift("refused", LOOSE, asked.operation.id, "", asked.body.pointer, sentence))
            return False
        return self.due(asked.operation, names, reply)

    def refused(self, asked: Invalid, names: Sequence[str], reply: LiveReply) -> None:
        """As `due`, for an invalid request: one that is taken says that the contract allows too little."""
        operation = asked.operation
        if 200 <= reply.status < 300:
            sentence = f"{asked.what} was taken, and answered {reply.status}"
            self.report.add(Drift("accepted", STRICT, operation.id, "", asked.pointer, sentence), asked)
        else:
            self.due(operation, names, reply)

    def state(self, operation: Operation, names: Sequence[str], reply: LiveReply) -> str | None:
        """The one of these examples that an answer is; when it is none of them, that is drift.

        UNKNOWN for an answer that tells another state than theirs.
        """
        if not self.due(operation, names, reply):
            return None
        found = shown_as(self.contract, operation, names, reply)
        strange = unlike(self.contract, operation, names, reply)
        if strange is not None and not self._told(operation, strange.at):
            self.report.add(strange, seen_at(strange, reply))
        exchange = CheckedAnswer(operation.id, operation.id, tuple(names), reply, shows_state=True)
        self.report.keep(exchange, () if strange is None else (strange,))
        if strange is not None and strange.kind == "new_enum_value":
            return UNKNOWN
        several = [e for n in names for e in operation.examples.get(n, ()) if e.status == reply.status]
        return found[0] if found else nearest(several, reply.json)

    def _told(self, operation: Operation, at: str) -> bool:
        """Whether a difference of an operation is told already, at this place of its answers if one is named."""
        several = (drift for drift in self.report.drifts.values() if drift.operation == operation.id)
        return any(drift.at == at or not at for drift in several)
