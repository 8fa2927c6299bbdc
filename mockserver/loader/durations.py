"""Durations of behavior.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.lifecycle import Duration


def duration(data: Mapping[str, Any]) -> Duration:
    """A Duration from its JSON form."""
    if "fixed" in data:
        return Duration("fixed", (float(data["fixed"]),))
    if "uniform" in data:
        low, high = data["uniform"]
        return Duration("uniform", (float(low), float(high)))
    spec = data["lognormal"]
    return Duration("lognormal", (float(spec["median"]), float(spec["sigma"]), float(spec["max"])))
