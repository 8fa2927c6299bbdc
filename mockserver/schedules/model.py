"""What a schedule is: checked, applied to a sandbox, written as code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from mockserver.errors import UsageError, is_on_purpose
from mockserver.faults import check_fault

__tracebackhide__ = is_on_purpose

Event = Mapping[str, Any]
Schedule = Sequence[Event]


class ScheduleApi(Protocol):
    """An API of a sandbox, as far as a schedule needs it."""

    @property
    def next_job(self) -> Callable[..., object]: ...
    @property
    def fault(self) -> Callable[..., object]: ...


class ArmedEvent(Protocol):
    """What a sandbox keeps of the things that were armed in it."""

    def uncounted(self) -> AbstractContextManager[None]: ...


class ScheduleSandbox(Protocol):
    """What a schedule is applied to, such as a `SandboxHandle`."""

    @property
    def armed(self) -> ArmedEvent: ...
    def api(self, name: str) -> ScheduleApi: ...


def check_schedule(schedule: Any) -> None:
    """Raises UsageError for what is no schedule; whether the API has what it names, only a sandbox can say."""
    if not isinstance(schedule, list | tuple):
        raise UsageError(f"a schedule is a list of events, not {schedule!r:.80}")
    for event in schedule:
        if not isinstance(event, Mapping) or not isinstance(event.get("api"), str):
            raise UsageError(f"an event says which API it is for, {{'api': …}}: {event!r:.120}")
        if ("plan" in event) == ("fault" in event):
            raise UsageError(f"an event holds either a plan or a fault: {event!r:.120}")
        if "plan" in event and (set(event) != {"api", "plan"} or not isinstance(event["plan"], Mapping)):
            raise UsageError(f"an event with a plan is {{'api': …, 'plan': {{…}}}}: {event!r:.120}")
        if "fault" in event and (wrong := check_fault({k: v for k, v in event.items() if k != "api"})):
            raise UsageError(wrong)


def apply(schedule: Schedule, sandbox: ScheduleSandbox) -> None:
    """Order and arm everything. Raises UsageError for what is no schedule, ControlError for what cannot come true."""
    check_schedule(schedule)
    with sandbox.armed.uncounted():  # what was drawn need not take effect
        for event in schedule:
            api = sandbox.api(event["api"])
            if "plan" in event:
                api.next_job(**event["plan"])
            else:
                api.fault(**{name: value for name, value in event.items() if name != "api"})


def written(schedule: Schedule, *, seed: str | None = None) -> str:
    """The marker that replays a schedule, as code."""
    words = [] if seed is None else [f"seed={seed!r}, "]
    if not schedule:
        return f"@pytest.mark.mockserver({''.join(words)}schedule=[])"
    lines = "".join(f"    {_shown(event)},\n" for event in schedule)
    return f"@pytest.mark.mockserver({''.join(words)}schedule=[\n{lines}])"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f'"{name}": {_shown(each)}' for name, each in value.items()) + "}"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
