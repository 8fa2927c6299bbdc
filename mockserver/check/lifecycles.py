"""Can jobs live as a contract says: states that are reached, limits that can be kept, webhooks that go out?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver import pointers
from mockserver.bindings import tested
from mockserver.check.existence import missing
from mockserver.contract import Contract, Operation, Webhook
from mockserver.errors import UsageError
from mockserver.facts import row_of
from mockserver.lifecycle import Resource, Run
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.plan_overrides import check_wishes
from mockserver.suggestions import mend_word
from mockserver.triggers import condition_at


def check_lives(source: Source, contract: Contract) -> None:
    """Note what no job can ever come to."""
    for resource in contract.resources.values():
        _check_states(source, contract, resource)
        if resource.run:
            _check_run(source, pointers.join("/resources", resource.name, "run"), resource.run)
        _check_views(source, contract, resource)
    for operation in contract.operations.values():
        _check_moves(source, operation)
    _check_limits(source, contract)
    for webhook in contract.webhooks.values():
        _check_webhook(source, contract, webhook)
    _check_scenarios(source, contract)
    _check_matches(source, contract)


def _check_states(source: Source, contract: Contract, resource: Resource) -> None:
    at = pointers.join("/resources", resource.name)
    timed = [s.name for s in resource.states.values() if s.phase]
    if resource.run and timed and resource.initial in timed[1:]:
        sentence = f"a job begins in {timed[0]}, its first timed state, and not in {resource.initial}."
        source.say(BEHAVIOR, f"{at}/initial", sentence, f"Name {timed[0]!r}, or put {resource.initial!r} first.")
    _check_beginning(source, at, resource)
    reached = {resource.initial, *moved_to(contract, resource)}
    reached |= {name for each in _played(contract, resource) for name in each.outcomes if each.run}
    reached = resource.following(reached)
    if timed and not reached & {*timed}:
        sentence = f"{resource.initial} has no phase, so a move begins the run, and none leads to a state that has one."
        remedy = (
            f'Let an operation\'s "to" name {timed[0]!r}, or name it as `initial`: then the run begins with the job.'
        )
        source.say(BEHAVIOR, f"{at}/initial", sentence, remedy)
        return
    for name in resource.states:
        if name not in reached:
            sentence = f"nothing leads to the state {name!r}."
            remedy = 'Remove it, or let an operation\'s "to", a state\'s "then", an outcome or "produces" name it.'
            source.say(BEHAVIOR, pointers.join(f"{at}/states", name), sentence, remedy)


def _check_beginning(source: Source, at: str, resource: Resource) -> None:
    first = resource.states[resource.initial]
    if first.gone:
        sentence = f"what is created is {first.name}, and so is never found."
        source.say(BEHAVIOR, f"{at}/initial", sentence, "Begin in a state without `gone`.")
    if first.phase and first.chance < 1:
        sentence = f"every job begins in {first.name}, and its chance is {first.chance:g}."
        place = pointers.join(f"{at}/states", first.name, "chance")
        source.say(BEHAVIOR, place, sentence, "Remove the chance, or let another state of the phase stand first.")


def _check_moves(source: Source, operation: Operation) -> None:
    """A state that is moved from is answered with success, by each of its examples."""
    if isinstance(operation.to, str):
        return
    for found in operation.to:
        at = pointers.join("/operations", operation.id, "to", found)
        for name in (operation.example_of(resource, found) for resource in operation.resources):
            refused = [each for each in operation.examples.get(name, ()) if each.status >= 400]
            if refused:
                sentence = f"{operation.id} answers {name} with {refused[0].status}, which moves nothing."
                source.say(BEHAVIOR, at, sentence, "Put its example under a status of success, or leave the state out.")


def _played(contract: Contract, resource: Resource) -> Iterator[Resource]:
    """The resource as scenarios have it."""
    for scenario in contract.scenarios.values():
        if resource.name in scenario.run:
            yield replace(resource, run=scenario.run[resource.name])


def moved_to(contract: Contract, resource: Resource) -> set[str]:
    """The states that requests lead a resource to, and those in which others make one."""
    moves = {state for o in contract.operations.values() if resource.name in o.resources for state in o.targets}
    named = {m.state for r in contract.resources.values() for m in r.makes.values() if m.resource == resource.name}
    moves |= named - {""}
    made = (r.produces for r in contract.resources.values() if r.produces)
    return moves | {p.state for p in made if p.resource == resource.name}


def _check_run(source: Source, at: str, run: Run) -> None:
    if not any(run.outcomes.values()):
        source.say(
            BEHAVIOR, f"{at}/outcomes", "every weight is 0, so no outcome is drawn.", "Give one a weight above 0."
        )
    for phase, duration in run.durations.items():
        if duration.kind == "lognormal" and duration.numbers[2] < duration.numbers[0]:
            source.say(BEHAVIOR, f"{at}/{phase}", "max is below the median.", "Raise max or lower the median.")


def _check_views(source: Source, contract: Contract, resource: Resource) -> None:
    at = pointers.join("/resources", resource.name, "views")
    for index, view in enumerate(resource.views):
        if view.low >= view.high:
            source.say(BEHAVIOR, f"{at}/{index}/progress", "the span is empty.", "Write the lower percentage first.")
        shows = [o for o in contract.operations.values() if o.verb == "show" and resource.name in o.resources]
        for operation in shows:
            name = operation.example_of(resource.name, view.example)
            if name not in operation.examples:
                sentence = f"{operation.id} has no example {name!r}."
                source.say(BEHAVIOR, f"{at}/{index}/example", sentence, "Fix the name or add the example.")


def _check_limits(source: Source, contract: Contract) -> None:
    places = {"": contract.limits}
    places |= {pointers.join("/scenarios", n): s.limits for n, s in contract.scenarios.items() if s.limits is not None}
    for place, limits in places.items():
        for index, limit in enumerate(limits):
            at = f"{place}/limits/{index}"
            if limit.limit < 1:
                source.say(BEHAVIOR, f"{at}/limit", "a limit of 0 refuses every request.", "Allow at least 1.")
            open_ = [o for o in sorted(limit.operations) if contract.operations[o].security.kind in ("open", "signed")]
            if limit.per == "account" and limit.operations and len(open_) == len(limit.operations):
                sentence = "it counts per account, and its operations know none."
                source.say(BEHAVIOR, f"{at}/per", sentence, 'Write "per": "ip".')
            if limit.under and limit.per != "ip":
                sentence = "where no operation answers no account is known."
                source.say(BEHAVIOR, f"{at}/under", sentence, 'Write "per": "ip", or leave "under" out.')
            for operation in sorted(limit.operations):
                if "rate_limited" not in contract.operations[operation].examples:
                    sentence = f"{operation} has no example of rate_limited."
                    source.say(BEHAVIOR, f"{at}/operations", sentence, "Add the example, or leave the operation out.")


def _check_webhook(source: Source, contract: Contract, webhook: Webhook) -> None:
    at = pointers.join("/webhooks", webhook.name)
    resource, like = contract.resources[webhook.resource], contract.operation(webhook.told)
    if webhook.resource not in like.resources:
        source.say(BEHAVIOR, f"{at}/like", f"{like.id} does not answer with {webhook.resource}.", "Name one that does.")
        return
    for state in sorted(webhook.states):
        name = like.example_of(webhook.resource, state)
        if state not in resource.states:
            sentence = f"there is no state {state!r}."
            source.say(BEHAVIOR, f"{at}/states", sentence, mend_word(state, resource.states))
        elif name not in like.examples:
            sentence = f"{like.id} has no example {name!r}, so there is no body to send."
            source.say(BEHAVIOR, f"{at}/states", sentence, "Add the example, or leave the state out.")
    _check_updates(source, contract, webhook, at)


def _check_updates(source: Source, contract: Contract, webhook: Webhook, at: str) -> None:
    """What it tells of a job that goes on happens, and has a body."""
    resource, told = contract.resources[webhook.resource], contract.operation(webhook.told)
    said, run = webhook.updates, resource.run
    silent = [
        s.name
        for s in resource.states.values()
        if s.phase and told.example_of(resource.name, s.name) not in told.examples
    ]
    for event in sorted(said.names):
        if silent and told.example_of(resource.name, event) not in told.examples:
            sentence = f"{told.id} has no example {event!r} and none of {silent[0]}, so there is no body to send."
            source.say(BEHAVIOR, at, sentence, "Add one of them, or leave the event out.")
        if event == "progress" and not said.every:
            sentence = "it tells of progress, and nothing says after how many percent."
            source.say(BEHAVIOR, at, sentence, 'Add "every", the percent between two of them.')
        if event == "log" and run is not None and not run.log:
            sentence = f"it tells of lines of the log, and {resource.name} writes none."
            source.say(BEHAVIOR, at, sentence, f"Add run.log to {resource.name}, or leave the event out.")
    for word, value in (
        ("every", said.every and "progress" not in said.names),
        ("throttle", said.throttle and not said.names),
    ):
        if value:
            sentence = "it tells of no such event."
            source.say(BEHAVIOR, f"{at}/{word}", sentence, 'Name "log" or "progress" among its events, or remove it.')


def _check_scenarios(source: Source, contract: Contract) -> None:
    for name, scenario in contract.scenarios.items():
        at = pointers.join("/scenarios", name)
        for resource, run in scenario.run.items():
            _check_run(source, pointers.join(f"{at}/run", resource), run)
        for quirk in scenario.quirks:
            if quirk not in contract.quirks:
                mend = mend_word(quirk, contract.quirks, "Declare it under quirks.")
                source.say(BEHAVIOR, f"{at}/quirks", f"there is no quirk {quirk!r}.", mend)


def _check_matches(source: Source, contract: Contract) -> None:
    for match in contract.matches:
        at = match.pointer
        for name in sorted(match.operations):
            operation = contract.operations[name]
            for fact in tested(condition_at(match, operation)) if match.exact is None else ():
                wrong = missing(contract, operation, fact) or _unborn(operation, fact)
                if wrong:
                    source.say(BEHAVIOR, f"{at}/when", f"{wrong}.", "Name what a request to it has.")
            if match.plan is not None and operation.verb != "create":
                source.say(BEHAVIOR, f"{at}/operations", f"{name} creates nothing to plan.", "Leave it out.")
            elif match.plan is not None:
                _check_plan(source, f"{at}/plan", contract.resources[operation.resources[0]], match.plan)


def _unborn(operation: Operation, fact: str) -> str:
    if operation.verb == "create" and row_of(fact).of_job:
        return f"{fact} is of a job, and {operation.id} has not created it yet"
    return ""


def _check_plan(source: Source, at: str, resource: Resource, plan: Mapping[str, Any]) -> None:
    try:
        check_wishes(resource, plan)
    except UsageError as error:
        ends = [state.name for state in resource.states.values() if state.end in ("success", "failure")]
        outcome = plan.get("outcome")
        if outcome is not None and outcome not in ends:
            source.say(BEHAVIOR, f"{at}/outcome", f"{error}.", mend_word(outcome, ends))
        else:
            source.say(BEHAVIOR, at, f"{error}.", "Plan what time can bring.")
