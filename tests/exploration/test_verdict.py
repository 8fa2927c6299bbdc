"""How a run of a command is judged, which schedules are tried first, and when a failure counts. No process is run."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from mockserver.errors import UsageError
from mockserver.exploring.command import CommandOutcome, paced
from mockserver.exploring.explorer import Explorer
from mockserver.exploring.search import Search, in_order
from mockserver.exploring.verdict import RunLimits, Usual, complaint, first_broken_rule, limits, survivable, usual
from mockserver.launch import contracts_in
from mockserver.schedules import Alphabet, Schedule, is_revealing
from mockserver.steering.records import Entry, Finding

VIDGEN = next(each for each in contracts_in() if each.name == "vidgen")
FINE = CommandOutcome(0, None, "", [], 1, [])
NOTHING_KNOWN = Usual(1, frozenset())
STUCK = {"api": "vidgen", "fault": "stuck"}
BUSY = {"api": "vidgen", "fault": "status", "operation": "getStatus", "times": 1}


def entry(operation: str = "getStatus", example: str = "COMPLETED", fault: str = "", **more: Any) -> Entry:
    told = {"n": 1, "at": 0.0, "kind": "request", "api": "vidgen", "method": "GET", "path": "/", "status": 200}
    rest = {"why": "", "seconds": 0.0, "violation": None, "raw": {}}
    return Entry(**{**told, **rest, "operation": operation, "example": example, "fault": fault, **more})


def result(fault: str = "") -> Entry:
    return entry("", "bytes", fault, kind="media")


LIMITS = RunLimits()


def rule_of(
    outcome: CommandOutcome, schedule: Schedule = (), allowed: RunLimits = LIMITS, known: Usual = NOTHING_KNOWN
) -> str:
    broken = first_broken_rule(outcome, schedule, allowed, VIDGEN, known)
    return "" if broken is None else broken.rule


def failed(code: int = 1, output: str = "", **more: Any) -> CommandOutcome:
    return dataclasses.replace(FINE, code=code, output=output, **more)


TOLD = RunLimits(fails_with=frozenset({3}))


@pytest.mark.parametrize(
    ("outcome", "schedule", "allowed", "rule"),
    [
        (FINE, [], RunLimits(), ""),
        (failed(), [], RunLimits(), "fails_anyway"),
        (failed(3), [], TOLD, "fails_anyway"),
        (failed(3), [BUSY], TOLD, ""),
        (failed(1), [BUSY], TOLD, "crashed"),
        (failed(1), [STUCK], TOLD, "crashed"),
        (failed(1), [BUSY], RunLimits(), "gave_up"),
        (failed(1), [STUCK], RunLimits(), ""),
        (failed(1), [BUSY, STUCK], RunLimits(), ""),
        (failed(139), [STUCK], RunLimits(), "killed"),
        (failed(137), [STUCK], RunLimits(), "killed"),
        (failed(137, stopped_after=15.0), [STUCK], RunLimits(), "never_ended"),
        (failed(137, stopped_after=15.0), [], RunLimits(), "never_ended"),
        (failed(1, jobs=2), [STUCK], RunLimits(), "submitted_twice"),
        (failed(1, jobs=2), [STUCK], RunLimits(submits=2), ""),
        (failed(1, jobs=2), [STUCK], RunLimits(ignored=frozenset({"submitted_twice"})), ""),
    ],
)
def test_an_exit_code_is_judged_by_what_befell_the_command(
    outcome: CommandOutcome, schedule: Schedule, allowed: RunLimits, rule: str
) -> None:
    assert rule_of(outcome, schedule, allowed) == rule


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ([entry(), result()], ""),
        ([entry(example="FAILED")], "content_too_soon"),
        ([entry(example="PENDING", fault="unknown_enum")], "content_too_soon"),
        ([entry(fault="close_before_headers")], "content_too_soon"),
        ([entry(fault="close_before_headers"), result()], ""),
        ([entry(fault="invalid_utf8"), result()], ""),
        ([entry(status=503, example="overloaded")], "content_too_soon"),
        ([entry()], "content_too_soon"),
        ([entry(), result("short_media")], "took_half"),
        ([entry(), result("short_media"), result()], ""),
    ],
)
def test_a_command_that_is_content_has_come_as_far_as_ever(entries: Sequence[Entry], rule: str) -> None:
    known = usual(dataclasses.replace(FINE, entries=[entry(), result()]), VIDGEN)
    assert rule_of(dataclasses.replace(FINE, entries=entries), [STUCK], known=known) == rule


@pytest.mark.parametrize(("fault", "rule"), [("", ""), ("invalid_utf8", ""), ("close_mid_body", "content_too_soon")])
def test_a_look_at_the_end_counts_that_a_client_can_have_read(fault: str, rule: str) -> None:
    known = Usual(1, frozenset({"seen a job end well"}))
    assert rule_of(dataclasses.replace(FINE, entries=[entry(fault=fault)]), [STUCK], known=known) == rule


def test_a_command_that_looks_at_no_job_need_not_begin_to() -> None:
    assert rule_of(FINE, [STUCK], known=usual(FINE, VIDGEN)) == ""


def test_as_many_jobs_as_ever_may_be_created() -> None:
    assert rule_of(dataclasses.replace(FINE, jobs=3), known=Usual(3, frozenset())) == ""
    assert rule_of(dataclasses.replace(FINE, jobs=4), known=Usual(3, frozenset())) == "submitted_twice"


def test_conduct_is_judged_but_for_what_a_slow_machine_blurs() -> None:
    def behaved(rule: str) -> CommandOutcome:
        return dataclasses.replace(FINE, conduct=[Finding(rule, "so it was", "vidgen", {})])

    assert rule_of(behaved("ignored_retry_after")) == "ignored_retry_after"
    assert rule_of(behaved("polled_after_end")) == "polled_after_end"
    assert rule_of(behaved("no_backoff")) == ""


@pytest.mark.parametrize(
    ("fault", "status", "rule"),
    [
        ("webhook_bad_signature", 204, "believed_forgery"),
        ("webhook_body_mismatch", 200, "believed_forgery"),
        ("webhook_bad_signature", 401, ""),
        ("webhook_duplicate", 204, ""),
        ("", 204, ""),
    ],
)
def test_a_webhook_that_nobody_can_have_signed_so_must_not_be_thanked_for(fault: str, status: int, rule: str) -> None:
    delivered = entry("", "", fault, kind="webhook", status=status)
    assert rule_of(dataclasses.replace(FINE, entries=[delivered])) == rule


def test_webhooks_are_broken_where_that_was_wanted() -> None:
    for wanted in (True, False):
        explorer = Explorer(Pretended(), VIDGEN, RunLimits(), webhooks=wanted)  # type: ignore[arg-type]
        tried: list[str] = []
        search = explorer.search(300, Random(0).randrange)
        explorer._watch = lambda _, schedule: tried.extend(event.get("fault", "") for event in schedule)  # noqa: B023
        explorer.explore(search)
        assert ("webhook_duplicate" in tried) == wanted


def test_a_job_that_ended_without_its_result_may_be_looked_at_again() -> None:
    late = Finding("polled_after_end", "looked at again", "vidgen", {"entries": [1, 2]})
    looked = dataclasses.replace(FINE, conduct=[late], entries=[entry()])
    assert rule_of(looked) == "polled_after_end"
    assert rule_of(dataclasses.replace(looked, entries=[entry(fault="completed_without_url")])) == ""


@pytest.mark.parametrize(
    ("event", "passes"),
    [
        (BUSY, True),
        ({**BUSY, "status": 429, "retry_after": "seconds", "wait": 30}, True),
        ({**BUSY, "wait": 120}, False),
        ({**BUSY, "status": 404}, False),
        ({**BUSY, "operation": "createJob"}, False),
        ({**BUSY, "fault": "reset_mid_body"}, True),
        ({**BUSY, "fault": "missing_field"}, False),
        ({"fault": "reset_mid_body", "operation": "getStatus"}, False),  # for ever
        (STUCK, False),
        ({"plan": {"resource": "job", "queued": 0, "running": 0}}, True),
        ({"plan": {"resource": "job", "running": 300}}, False),
        ({"plan": {"resource": "job", "outcome": "FAILED"}}, False),
    ],
)
def test_what_passes_by_itself_need_not_end_a_client(event: dict[str, Any], passes: bool) -> None:
    assert survivable([event], VIDGEN) is passes


def test_the_line_that_names_an_error_is_what_a_program_complains_of() -> None:
    node = "file:///x.mjs:3\n  throw\n  ^\n\nTypeError: no 'jobId' of undefined\n    at x.mjs:3\n\nNode.js v20.20.2\n"
    assert complaint(node) == "TypeError: no 'jobId' of undefined"
    assert complaint("one\ntwo\n\n") == "two"
    assert complaint("") == ""


def test_complaints_that_differ_by_a_number_are_of_one_kind() -> None:
    kinds = set()
    for text in ("Error: job 12b78246-5ad6 is gone after 3 s", "Error: job 77c78246-1ad6 is gone after 12 s"):
        broken = first_broken_rule(failed(1, text), [BUSY], RunLimits(), VIDGEN, NOTHING_KNOWN)
        assert broken is not None
        kinds.add(broken.kind)
    assert len(kinds) == 1


def test_a_program_whose_time_goes_no_faster_is_told_of_the_time_that_it_had() -> None:
    for is_timed in (True, False):
        stopped = failed(137, stopped_after=15.0, is_timed=is_timed)
        broken = first_broken_rule(stopped, [STUCK], RunLimits(), VIDGEN, NOTHING_KNOWN)
        assert broken is not None
        assert ("it had 15 s: a longer --time-limit" in broken.sentence) is not is_timed


def test_a_rule_that_is_none_is_refused() -> None:
    assert limits(None, [3], ["polled_too_fast"]).fails_with == {3}
    with pytest.raises(UsageError, match="took_half"):
        limits(None, [], ["took_hlf"])


def test_a_late_answer_comes_after_time_has_gone_on() -> None:
    late = {"api": "vidgen", "fault": "latency", "operation": "getStatus", "seconds": 45.0}
    assert paced(late, 60)["seconds"] == 3.75
    assert paced({name: value for name, value in late.items() if name != "seconds"}, 60)["seconds"] > 3
    assert paced(late, 1) == late
    for other in (STUCK, {"api": "vidgen", "plan": {}}, {"api": "vidgen", "fault": "hang", "operation": "getStatus"}):
        assert paced(other, 60) == other


# --- which are tried


def test_every_fault_has_its_turn_before_one_has_its_second() -> None:
    events = Alphabet(VIDGEN).singles
    order = in_order(events, Random(1).randrange)
    assert sorted(map(str, order)) == sorted(map(str, events))
    names = [str(event.get("fault", "")) for event in order]
    first = max(names.index(name) for name in set(names))
    assert all(many <= 6 for many in Counter(names[: first + 1]).values())
    assert all(map(is_revealing, order[:10]))


class Pretended:
    """A command that is not run: what it does under each event, by its fault."""

    def __init__(self, usually: CommandOutcome = FINE, **by_fault: Sequence[CommandOutcome]) -> None:
        self.runs = 0
        self.seen: list[str] = []
        self._by_fault = {name: [*each] for name, each in by_fault.items()}
        self._usually = dataclasses.replace(usually, entries=usually.entries or [entry("getHealth", "ok")])

    def run(self, schedule: Schedule) -> CommandOutcome:
        self.runs += 1
        names = [str(event.get("fault")) for event in schedule]
        self.seen.append(",".join(names))
        several = next((self._by_fault[name] for name in names if name in self._by_fault), [self._usually])
        return several.pop(0) if len(several) > 1 else several[0]


def explored(command: Pretended, runs: int = 200, allowed: RunLimits = LIMITS) -> tuple[Explorer, Search]:
    explorer = Explorer(command, VIDGEN, allowed)  # type: ignore[arg-type]
    search = explorer.search(runs, Random(0).randrange)
    explorer.explore(search)
    return explorer, search


def test_a_failure_counts_when_it_happens_twice() -> None:
    once, always = [failed(139), FINE], [failed(139)]
    _, search = explored(Pretended(stuck=once, lost=always))
    assert [(found.broken.rule, [event["fault"] for event in found.schedule]) for found in search.found.values()] == [
        ("killed", ["lost"])
    ]


def told(explorer: Explorer, search: Search) -> list[tuple[str, int]]:
    found = [*explorer.anyway, *search.found.values()]
    return [(each.broken.rule, len(each.schedule)) for each in found]


def test_what_is_broken_when_nothing_befalls_a_command_is_told_once_and_hides_nothing() -> None:
    findings = [Finding(rule, "so it was", "vidgen", {}) for rule in ("polled_too_fast", "hammered_after_409")]
    hasty = dataclasses.replace(FINE, conduct=findings)
    also = dataclasses.replace(hasty, code=139)
    explorer, search = explored(Pretended(hasty, stuck=[also]))
    assert told(explorer, search) == [("polled_too_fast", 0), ("hammered_after_409", 0), ("killed", 1)]
    explorer.replay(search, [STUCK])
    assert told(explorer, search)[-1] == ("killed", 1)


def test_a_command_that_fails_when_nothing_befalls_it_is_not_run_again() -> None:
    command = Pretended(failed(2))
    explorer, search = explored(command)
    assert explorer.is_hopeless
    assert command.runs == 1
    assert told(explorer, search) == [("fails_anyway", 0)]
    explorer.replay(search, [STUCK])
    assert command.seen == ["", ""]
    assert ("fails_anyway", 0) in told(explorer, search)


def test_a_command_that_asks_the_api_for_nothing_cannot_be_explored() -> None:
    command = Pretended()
    command._usually = dataclasses.replace(FINE, refused=["elsewhere.example:443"], output="hello")
    with pytest.raises(UsageError, match=r"no request to vidgen; it asked for elsewhere\.example:443.*--map.*hello"):
        explored(command)


def test_no_schedule_is_run_twice_but_to_confirm_a_failure() -> None:
    command = Pretended(stuck=[failed(139)])
    explored(command, runs=100)
    assert command.seen.count("stuck") == 2
    assert command.seen.count("") == 1
