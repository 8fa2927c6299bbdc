"""Rate limits, by the headers that tell what is left of them. Knows nothing else of an answer."""

from __future__ import annotations

import re

from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.model import Observed
from mockserver.observed.refusals import ObservedRefusals
from mockserver.observed.requests import is_open
from mockserver.ratelimit import style_of

USUAL_WINDOW = 60
WINDOWS = (1, 10, 60, 300, 600, 900, 3600, 86_400)
_UNTIL = 1_000_000_000
"""A reset above it is a moment, and no number of seconds."""


def limits_of(found: Observed, refusals: ObservedRefusals, calls: list[ObservedCall]) -> JsonValue:
    """The words `limits` and `limit_headers`; empty where no answer told of any, and none was refused for one."""
    told = [call for call in calls if _limit(call) is not None]
    if not told:
        return _met(found, refusals)
    rows: list[JsonValue] = []
    for op in found.operations:
        several = [limit for call in op.calls if (limit := _limit(call)) is not None]
        window = max(map(_window, op.calls)) or 60
        if several:
            _enter(rows, op.name, max(several), window)
    opened = {op.name for op in found.operations if is_open(op)}
    for n, row in enumerate(rows):
        row["per"] = "ip" if opened >= {*row["operations"]} else "account"
        row["name"] = f"requests{n + 1}" if n else "requests"
        row["operations"] = "*" if len(row["operations"]) == len(found.operations) else row["operations"]
    return {"limits": rows, "limit_headers": style_of(told[0].answered)} if rows else {}


def _met(found: Observed, refusals: ObservedRefusals) -> JsonValue:
    """Limits that were met and of which no header tells: as many requests as were taken before that."""
    rows: list[JsonValue] = []
    for op in found.operations if refusals.limited else ():
        calls = op.whole or op.calls
        refused = next((call for call in calls if call.status == 429), None)
        limit, window = _before(calls, refused) if refused is not None else (0, 0)
        if limit:
            rows.append({"name": f"requests{len(rows) + 1}" if rows else "requests", "per": "account",
                         "operations": [op.name], "limit": limit, "window": window})  # fmt: skip
            told = f"{limit} in {window} s, assumed: so many were taken before one was refused"
            found.notes.append((f"{op.name}: limit", told, "the number, the seconds, what else counts"))
    return {"limits": rows} if rows else {}


def _before(calls: list[ObservedCall], refused: ObservedCall) -> tuple[int, int]:
    """How many requests were taken in the shortest usual window that ends when the refusal says."""
    wait = re.match(r"\d+", refused.answered.get("retry-after", ""))
    left = float(wait[0]) if wait else 0.0
    for window in WINDOWS:
        taken = [call for call in calls if call.number < refused.number and call.status < 400]
        taken = [call for call in taken if refused.at - call.at + left <= window]
        if taken and (wait or window >= USUAL_WINDOW):
            return len(taken), window
    return 0, 0


def _enter(rows: list[JsonValue], operation: str, limit: int, window: int) -> None:
    same = next((row for row in rows if (row["limit"], row["window"]) == (limit, window)), None)
    if same is None:
        same = {"name": "", "per": "account", "operations": [], "limit": limit, "window": window}
        rows.append(same)
    same["operations"].append(operation)


def _limit(call: ObservedCall) -> int | None:
    headers = call.answered
    for name in ("ratelimit-limit", "x-ratelimit-limit", "x-rate-limit-limit"):
        found = re.match(r"\d+", headers.get(name, ""))
        if found:
            return int(found[0])
    for name in ("ratelimit", "ratelimit-policy"):
        found = re.search(r"(?:limit=|;\s*q=|^)(\d+)", headers.get(name, ""))
        if found:
            return int(found[1])
    return None


def _window(call: ObservedCall) -> int:
    headers = call.answered
    policy = re.search(r"\bw=(\d+)", f"{headers.get('ratelimit-policy', '')} {headers.get('ratelimit-limit', '')}")
    if policy:
        return int(policy[1])
    reset = re.match(r"\d+(?:\.\d+)?", headers.get("ratelimit-reset", "") or headers.get("x-ratelimit-reset", ""))
    left = float(reset[0]) if reset else 0.0
    left = left - call.at if left > _UNTIL else left
    return next((window for window in WINDOWS if left <= window), 86_400) if left > 0 else 0
