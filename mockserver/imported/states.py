"""States of a lifecycle → the words of behavior.json for them, and for how a job goes. Reads no document."""

from __future__ import annotations

from typing import Any

from mockserver.imported.facts import Lifecycle
from mockserver.imported.lexicon import HELD, letters

_PHASES = ("queued", "running")
_ENDS = ("success", "failure", "cancelled")
GONE = "deleted"
FAILED = "It failed"


def states_of(life: Lifecycle, *, is_deleted: bool) -> dict[str, Any]:
    """The states as behavior.json says them, in the order in which jobs come to them."""
    made = {life.names[each]: _words(life, meaning) for each, meaning in life.states.items() if meaning != "gone"}
    gone = gone_of(life)
    if is_deleted:
        made[gone] = {"gone": True}
    return made


def gone_of(life: Lifecycle) -> str:
    """The state of a job that was deleted."""
    return next((life.names[each] for each, meaning in life.states.items() if meaning == "gone"), GONE)


def cancelled_of(life: Lifecycle) -> str:
    """The state to which a cancelled job comes first; empty where no state says that."""
    return next((life.names[s] for s, m in life.states.items() if m == "cancelling"), ended(life, "cancelled"))


def ended(life: Lifecycle, end: str) -> str:
    """The first state that ends so; empty where none does."""
    return next((life.names[each] for each, meaning in life.states.items() if meaning == end), "")


def is_endless(life: Lifecycle) -> bool:
    """Whether it comes to no end by itself: what runs is as it shall be."""
    return not {*life.states.values()} & {*_PHASES}


def _words(life: Lifecycle, meaning: str) -> dict[str, Any]:
    if meaning in _PHASES:
        return {"phase": meaning}
    if meaning == "cancelling" and ended(life, "cancelled") and _cancels(life):
        return {"after": {"fixed": 2}, "then": ended(life, "cancelled")}
    if meaning in _ENDS:
        return {"end": meaning}
    if is_endless(life):  # what runs until somebody ends it has no phase to be held in
        return {"end": "success"}
    return {"phase": "running", "chance": 0}


def _cancels(life: Lifecycle) -> bool:
    return any(each.to == "cancelled" for each in life.of("move"))


def run_of(life: Lifecycle) -> dict[str, Any]:
    """How a job goes: a few seconds of each phase that there is, then success."""
    phases = {meaning for meaning in life.states.values() if meaning in _PHASES}
    phases |= {"running"} & {_words(life, m).get("phase", "") for m in life.states.values()}
    made: dict[str, Any] = {}
    if "queued" in phases:
        made["queued"] = {"uniform": [1, 3]}
    if "running" in phases:
        made["running"] = {"uniform": [4, 9]}
    ends = [life.names[each] for end in _ENDS for each, meaning in life.states.items() if meaning == end]
    held = [life.names[each] for each, meaning in life.states.items() if _words(life, meaning).get("end") == "success"]
    ends = list(dict.fromkeys([*ends, *held]))
    usual = ended(life, "success") or next(iter(ends), "")
    made["outcomes"] = {each: 1 if each == usual else 0 for each in ends}
    failed = ended(life, "failure")
    return made | ({"errors": {failed: [FAILED]}} if failed else {})


def stays(life: Lifecycle, to: str = "") -> dict[str, str]:
    """Where an action leads that changes no state; what holds work does so while that runs."""
    at_work = [life.names[each] for each, meaning in life.states.items() if meaning == "running"]
    if to == "held" and at_work:
        return {each: each for each in at_work}
    done = next(filter(None, (ended(life, end) for end in _ENDS)), "") or next(iter(life.names.values()))
    return {done: done}


def moves_of(life: Lifecycle, to: str) -> dict[str, str]:
    """By the state that is found where an action leads."""
    open_states = [life.names[s] for s, m in life.states.items() if m in (*_PHASES, "unknown")]
    held = [life.names[s] for s in life.states if letters(s) in HELD]
    if to == "held":
        rests = {"success"} if is_endless(life) else set()
        at_work = [life.names[s] for s, m in life.states.items() if m in {*_PHASES} | rests]
        return dict.fromkeys(at_work, held[0]) if held else {}
    if to == "gone":
        every = [life.names[s] for s, m in life.states.items() if m != "gone"]
        return dict.fromkeys(every, gone_of(life))
    open_states += [ended(life, "success")] if is_endless(life) else []
    target = {"cancelled": cancelled_of(life) or ended(life, "failure"), "success": ended(life, "success")}.get(to, "")
    failed = [life.names[s] for s, m in life.states.items() if m in ("failure", "cancelled")]
    first = next((life.names[s] for phase in _PHASES for s, m in life.states.items() if m == phase), "")
    if to == "again" and failed and first:
        return dict.fromkeys(failed, first)
    if to in ("run", "again"):
        running = [life.names[s] for s, m in life.states.items() if m == "running"]
        running = running or ([ended(life, "success")] if is_endless(life) else [])
        return dict.fromkeys([s for s in open_states if s not in running], running[0]) if running else {}
    return dict.fromkeys(open_states, target) if target else {}
