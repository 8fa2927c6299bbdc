"""Endpoints for webhooks that clients registered beforehand, and what was delivered there. Knows no document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.deliveries import Named, endpoints_in, registers
from mockserver.observed.flow import leaves
from mockserver.observed.lives import ENDS
from mockserver.observed.model import Observed, ObservedJob, ObservedOperation, ObservedResource

ALL = "*"


@dataclass(slots=True)
class Registered:
    """Where endpoints are registered: the resource that they are, None where there is but one that is set; the places
    of their URLs, where requests name these, and the calls.
    """

    resource: ObservedResource | None
    at: str
    named: list[Named] = field(default_factory=list)

    def receives(self, events: Sequence[str]) -> JsonValue:
        """The word `receives`: the field of requests in which names of these events stand says which are wanted."""
        made = {"url": f"request.{self.at}"}
        for each in self.named:
            body = each.call.body if isinstance(each.call.body, dict) else {}
            for name, value in body.items():
                if isinstance(value, list) and any(event in value for event in (*events, ALL)):
                    return {**made, "events": f"request./{name}", "all": ALL}
        return made


def is_endpoint(resource: ObservedResource) -> bool:
    """Whether what lives on behind an id is an endpoint for webhooks."""
    return any(registers(call) for maker in resource.makers for call in maker.good)


def registrations(found: Observed) -> Iterator[Registered]:
    """All of them."""
    for resource in found.resources.values():
        yield from _of(resource.makers, resource)
    yield from _of([op for op in found.operations if op.verb == "answer"], None)


def _of(operations: Sequence[ObservedOperation], resource: ObservedResource | None) -> Iterator[Registered]:
    named = [each for op in operations for call in op.good for each in endpoints_in(call)]
    if named:
        yield Registered(resource, named[0].at, named)


def told_to(
    found: Observed, here: Registered, deliveries: Sequence[ObservedCall]
) -> Iterator[tuple[ObservedCall, ObservedJob]]:
    """What was delivered to such endpoints, each with the job that it names, else the last that was created."""
    places = {each.place for each in here.named}
    jobs = {job.id: job for resource in watched(found) for job in resource.jobs.values()}
    for call in deliveries:
        if f"{call.host}{call.url.path or '/'}" in places:
            named = (jobs.get(str(value)) for _, value in leaves(call.body))
            before = [job for job in jobs.values() if job.created.at < call.at]
            job = next((each for each in named if each is not None and each in before), None)
            if job is not None or before:
                yield call, job or max(before, key=lambda each: each.created.at)


def watched(found: Observed) -> list[ObservedResource]:
    """The resources of which endpoints are told: those that come to an end."""
    several = [resource for resource in found.resources.values() if not is_endpoint(resource)]
    ending = [each for each in several if any(state.meaning in ENDS for state in each.states.values())]
    return ending or several
