"""Walks journeys that an Arazzo document describes: answers are held against the contract, criteria have to hold.

Knows no journey of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver import pointers
from mockserver.contract import Operation
from mockserver.live.requests import Sample, having_body, plain
from mockserver.validation.pairs import text
from mockserver.verify.arazzo.conditions import ConditionError
from mockserver.verify.arazzo.expressions import Context
from mockserver.verify.arazzo.reading import ArazzoJourneys, Workflow
from mockserver.verify.drift import BROKEN, Drift
from mockserver.verify.walker import Walker

_STEPS = 10_000
"""So many steps a document may take: going to and fro has no end."""
_DEEPEST = 20
END, NEXT = "end", "next"


class Walked:
    """One walk through all workflows. `longest` are the seconds that may be waited in one of them."""

    def __init__(self, walker: Walker, journeys: ArazzoJourneys, longest: float, inputs: Mapping[str, str]) -> None:
        self.walker, self.journeys = walker, journeys
        self.longest, self._inputs = longest, inputs
        self._left = _STEPS
        self._done: dict[str, Mapping[str, Any]] = {}

    def walk(self) -> None:
        """Every workflow once; those that another one depends on before it."""
        for name in self.journeys.workflows:
            self._once(name, ())

    def _once(self, name: str, above: tuple[str, ...]) -> None:
        if name in self._done or name in above or name not in self.journeys.workflows:
            return
        for each in self.journeys.workflows[name][0].get("dependsOn", ()):
            self._once(str(each), (*above, name))
        self._done[name] = self._workflow(name, self._given(self.journeys.workflows[name][0]), 0)

    def _given(self, workflow: Workflow) -> dict[str, Any]:
        """The inputs: what was said, else their defaults."""
        schema, _ = pointers.resolve(self.journeys.document, workflow.get("inputs", {}))
        named = schema.get("properties", {}) if isinstance(schema, dict) else {}
        usual = {name: each["default"] for name, each in named.items() if isinstance(each, dict) and "default" in each}
        return {**usual, **{name: _typed(each, named.get(name)) for name, each in self._inputs.items()}}

    def _workflow(self, name: str, inputs: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        """Walk one; its inputs and its outputs."""
        workflow, at = self.journeys.workflows[name]
        context = Context(inputs, workflows=dict(self._done))
        _Walk(self, workflow, at, context, depth).walk()
        outputs = {each: context.filled(said) for each, said in workflow.get("outputs", {}).items()}
        return {"inputs": inputs, "outputs": {n: v for n, v in outputs.items() if v is not pointers.MISSING}}

    def nested(self, name: str, inputs: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        """A workflow that a step calls; its outputs."""
        if depth >= _DEEPEST:
            self.walker.report.note(f"{name}: workflows call each other deeper than {_DEEPEST} levels")
            return {}
        workflow = self.journeys.workflows[name][0]
        found = self._workflow(name, {**self._given(workflow), **inputs}, depth + 1)
        self._done[name] = found
        return dict(found["outputs"])

    def may_go_on(self, name: str) -> bool:
        """Count a step; whether there may be one more."""
        self._left -= 1
        if self._left < 0:
            self.walker.report.note(f"{name}: more than {_STEPS} steps were not walked")
        return self._left >= 0


class _Walk:
    """One workflow on its way."""

    def __init__(self, all_: Walked, workflow: Workflow, at: str, context: Context, depth: int) -> None:
        self._all, self._workflow, self._at, self._context, self._depth = all_, workflow, at, context, depth
        self._steps: Sequence[Mapping[str, Any]] = workflow["steps"]
        self._names = [str(step["stepId"]) for step in self._steps]
        self._tries: dict[str, int] = {}
        self._waited = 0.0
        self._nested = 0

    def walk(self) -> None:
        index = 0
        while 0 <= index < len(self._steps) and self._all.may_go_on(str(self._workflow["workflowId"])):
            went = self._step(index)
            if went == END:
                return
            index = self._names.index(went) if went in self._names else index + 1

    def _step(self, index: int) -> str:
        """Walk a step; the name of the one that comes then."""
        step, at = self._steps[index], f"{self._at}/steps/{index}"
        unmet = self._unmet(step, at)
        if not unmet:
            outputs = {name: self._context.filled(said) for name, said in step.get("outputs", {}).items()}
            found = {name: value for name, value in outputs.items() if value is not pointers.MISSING}
            self._context.steps[str(step["stepId"])] = {**self._context.outputs, **found}
        for action in self._actions(step, "onFailure" if unmet else "onSuccess"):
            went = self._acts(action, step, unmet)
            if went:
                return went
        if unmet:
            self._tell(step, at, unmet)
            return END
        return NEXT

    def _unmet(self, step: Mapping[str, Any], at: str) -> str:
        """The first criterion that does not hold once the step is done, with its place; empty when all do."""
        self._context.outputs = {}
        if "workflowId" in step:
            given = {
                parameter["name"]: self._context.filled(parameter["value"]) for parameter in self._parameters(step)
            }
            self._context.outputs = self._all.nested(str(step["workflowId"]), given, self._depth)
        else:
            try:
                if not self._ask(self._all.journeys.calls[at], step):
                    return f"{at}: no answer came"
            except ConditionError as error:
                self._context.reply = None
                return f"{at}/requestBody: {error}"
        for index, criterion in enumerate(step.get("successCriteria", ())):
            try:
                holds = self._context.holds(criterion)
            except ConditionError as error:
                return f"{at}/successCriteria/{index}: {error}"
            if not holds:
                return f"{at}/successCriteria/{index}: {criterion['condition']} does not hold"
        return ""

    def _ask(self, operation: Operation, step: Mapping[str, Any]) -> bool:
        """Ask, and hold the answer against the contract's examples of all kinds; whether one came.

        Raises ConditionError where the request cannot be made.
        """
        walker, asked = self._all.walker, self._asked(operation, step)
        reply = walker.ask(asked)
        self._context.url, self._context.method = asked.target, operation.method
        self._context.request = {
            "path": asked.path, "query": asked.query, "body": asked.values,
            "header": {name.lower(): value for name, value in asked.headers},
        }  # fmt: skip
        self._context.reply = reply
        walker.due(operation, [*operation.examples], reply)
        return reply.status != 0

    def _asked(self, operation: Operation, step: Mapping[str, Any]) -> Sample:
        given: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
        for parameter in self._parameters(step):
            value = self._context.filled(parameter["value"])
            if value is not pointers.MISSING:
                given.setdefault(str(parameter.get("in", "query")), {})[str(parameter["name"])] = text(value)
        asked = plain(operation)
        sent = dict(given["header"])
        if given["cookie"]:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in given["cookie"].items())
        asked = replace(asked, path={**asked.path, **given["path"]}, query=given["query"], sent=sent)
        return self._with_body(operation, asked, step)

    def _with_body(self, operation: Operation, asked: Sample, step: Mapping[str, Any]) -> Sample:
        said = step.get("requestBody")
        if not isinstance(said, dict) or not operation.bodies:
            return asked
        kind = said.get("contentType")
        body = next((each for each in operation.bodies if each.media_type == kind), operation.bodies[0])
        values = self._context.filled(said.get("payload"))
        for each in said.get("replacements", ()):
            try:
                pointers.put(values, each["target"], self._context.filled(each["value"]))
            except (KeyError, IndexError, TypeError, ValueError):
                raise ConditionError(f"the payload has nothing at {each['target']} to be replaced") from None
        return having_body(self._all.walker.contract, asked, body, None if values is pointers.MISSING else values)

    def _parameters(self, step: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Those of the workflow, and those of the step in their place."""
        every = [*self._workflow.get("parameters", ()), *step.get("parameters", ())]
        found = [self._all.journeys.resolved(each) for each in every]
        yield from {(each.get("in"), each["name"]): each for each in found if "name" in each}.values()

    def _actions(self, step: Mapping[str, Any], word: str) -> Iterator[Mapping[str, Any]]:
        """What may be done, those of the step first, whose criteria hold."""
        of_all = self._workflow.get("successActions" if word == "onSuccess" else "failureActions", ())
        for each in (self._all.journeys.resolved(said) for said in (*step.get(word, ()), *of_all)):
            try:
                if all(self._context.holds(criterion) for criterion in each.get("criteria", ())):
                    yield each
            except ConditionError:
                continue

    def _acts(self, action: Mapping[str, Any], step: Mapping[str, Any], unmet: str) -> str:
        """Do it; the step that comes then, empty where nothing is done."""
        kind, target = action["type"], str(action.get("stepId", ""))
        if kind == "retry":
            return self._again(action, str(step["stepId"]), target)
        if kind == "goto" and "workflowId" in action:
            self._all.nested(str(action["workflowId"]), {}, self._depth)
            return END
        return target if kind == "goto" else END

    def _again(self, action: Mapping[str, Any], step: str, before: str) -> str:
        """The same step once more, after a while, and after another one where that is said."""
        tries, wait = self._tries.get(step, 0), _seconds(action.get("retryAfter", 0))
        if tries >= _seconds(action.get("retryLimit", 1)) or self._waited + wait > self._all.longest:
            return ""
        self._tries[step] = tries + 1
        self._waited += wait
        if wait:
            self._all.walker.watch(f"{step}: waiting for {wait:g} s until it is tried again")
            self._all.walker.live.wait(wait)
        if before and before != step and before in self._names:
            self._first(before)
        return step

    def _first(self, name: str) -> None:
        """Walk another step before one is tried again; steps that send each other back and forth have an end."""
        if self._nested < _DEEPEST and self._all.may_go_on(str(self._workflow["workflowId"])):
            self._nested += 1
            self._step(self._names.index(name))
            self._nested -= 1

    def _tell(self, step: Mapping[str, Any], at: str, unmet: str) -> None:
        place, _, why = unmet.partition(": ")
        reply, calls = self._context.reply, self._all.journeys.calls
        came = f"; {reply.status} {reply.body[:80]!r} came" if reply is not None and at in calls else ""
        where = calls[at].id if at in calls else str(step["stepId"])
        sentence = f"{self._workflow['workflowId']}, {step['stepId']}: {why}{came}"
        pointer = f"{self._all.journeys.shown}#{place}"
        self._all.walker.report.add(Drift("unmet_criterion", BROKEN, where, "", pointer, sentence))


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else 0.0


def _typed(said: str, schema: Any) -> Any:
    """An input as its schema wants it."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    try:
        return said if kind in (None, "string") else json.loads(said)
    except ValueError:
        return said
