"""What a trial does with webhooks: those that a request asks for come, and what is made as an endpoint is one.

Each walk begins in a sandbox without jobs, and notes what no client could do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver import pointers
from mockserver.app.trial import Trial
from mockserver.app.trial_walks import new_job, state_of, with_value
from mockserver.clock import LONGEST_LEAP
from mockserver.contract import Contract, Operation, Webhook
from mockserver.live.requests import requests_of_examples
from mockserver.loader.source import BEHAVIOR


async def webhooks(trial: Trial) -> None:
    """A job that asks for webhooks causes them. All that are asked for at one place are asked for by one job."""
    for operation in trial.of("create"):
        for place, names in _asked_for(trial.contract, operation).items():
            trial.renew()
            caused = await _caused(trial, operation, place)
            for name in () if caused is None else [each for each in names if each not in caused]:
                sentence = f"a job of {operation.id} whose request names {place} causes no webhook."
                trial.say(BEHAVIOR, pointers.join("/webhooks", name), sentence)


def _asked_for(contract: Contract, operation: Operation) -> Mapping[str, Sequence[str]]:
    """The webhooks that a request of an operation asks for, by the place of its body that says where they go."""
    by_place: dict[str, list[str]] = {}
    for webhook in contract.webhooks.values():
        place = _place(webhook, operation) if webhook.resource == operation.resources[0] else ""
        if place:
            by_place.setdefault(place, []).append(webhook.name)
    return by_place


async def _caused(trial: Trial, operation: Operation, place: str) -> set[str] | None:
    """The webhooks of a job whose request names a receiver at a place; None where no request can name one there."""
    for example in requests_of_examples(trial.contract, operation):
        naming = with_value(example, place, "https://127.0.0.1:9/hook")
        if naming is not example and (await trial.ask(naming)).status < 300:
            job = await trial.newest(operation)
            await _pass(trial, 0.0 if job is None else job.plan.seconds + 1)
            return {posting.webhook.name for posting in trial.sandbox.outbox.postings}
    return None


async def _pass(trial: Trial, seconds: float) -> None:
    """Time goes by, in leaps as long as a clock can make."""
    while seconds > 0:
        await trial.sandbox.outbox.advance(min(seconds, LONGEST_LEAP))
        seconds -= LONGEST_LEAP


def _place(webhook: Webhook, operation: Operation) -> str:
    """Where in the body of a request stands where a webhook goes; empty where that is not said in one place there."""
    place = webhook.targets.get(operation.id, webhook.target)
    if webhook.to is not None and not webhook.when and webhook.to.fact.startswith("request./"):
        place = webhook.to.fact.removeprefix("request.")
    return place if place.startswith("/") else ""


async def endpoints(trial: Trial) -> None:
    """What is made as an endpoint is told of webhooks."""
    for resource in trial.contract.resources.values():
        trial.renew()
        endpoint = await new_job(trial, resource.name) if resource.receives is not None else None
        if endpoint is None or resource.receives is None or state_of(endpoint) not in resource.receives.states:
            continue
        standing = await trial.side.endpoints.of_account(endpoint.account, trial.sandbox.clock.now())
        if endpoint.id not in [each.id for each in standing]:
            sentence = f"the example of a request for {resource.name} names no URL at {resource.receives.url.fact}."
            trial.say(BEHAVIOR, pointers.join("/resources", resource.name, "receives", "url"), sentence)
