"""An Arazzo document (1.0, 1.1) in JSON → workflows whose steps call operations of a contract. Walks none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract, Operation
from mockserver.errors import ContractError, Finding
from mockserver.jsonpath import PathError, select
from mockserver.loader.source import read_json, text_of
from mockserver.suggestions import mend_word
from mockserver.verify.arazzo.expressions import kind_of

_CALLS = ("operationId", "operationPath", "workflowId", "channelPath")
_ACTIONS = {"onSuccess": ("end", "goto"), "onFailure": ("end", "goto", "retry")}
Workflow = Mapping[str, Any]


@dataclass(frozen=True)
class ArazzoJourneys:
    """The workflows of a document by id, where each stands, and which operation each step calls, by its pointer."""

    shown: str
    document: Any
    workflows: Mapping[str, tuple[Workflow, str]]
    calls: Mapping[str, Operation]

    def resolved(self, said: Any) -> Any:
        """What a Reusable Object refers to, in its place; a `value` of its own goes before that one's."""
        if not (isinstance(said, dict) and isinstance(said.get("reference"), str)):
            return said
        found = pointers.get(self.document, "/" + said["reference"].removeprefix("$").replace(".", "/", 2))
        return {**found, **({"value": said["value"]} if "value" in said else {})} if isinstance(found, dict) else {}


def read_journeys(file: Path, contract: Contract) -> ArazzoJourneys:
    """The journeys that a file describes. Raises ContractError with every mistake."""
    shown = str(file)
    document = read_json(text_of(file, shown), shown)
    findings: list[Finding] = []
    found = ArazzoJourneys(shown, document, dict(_workflows(document)), {})
    reader = _Reader(contract, found, findings)
    calls = reader.calls()
    if findings:
        raise ContractError(findings)
    return ArazzoJourneys(shown, document, found.workflows, calls)


def _workflows(document: Any) -> Iterator[tuple[str, tuple[Workflow, str]]]:
    said = document.get("workflows")
    for index, each in enumerate(said if isinstance(said, list) else ()):
        if isinstance(each, dict) and isinstance(each.get("workflowId"), str):
            yield each["workflowId"], (each, f"/workflows/{index}")


class _Reader:
    """Looks through all that is said."""

    def __init__(self, contract: Contract, journeys: ArazzoJourneys, findings: list[Finding]) -> None:
        self._contract, self._journeys, self._findings = contract, journeys, findings

    def _say(self, at: str, sentence: str, remedy: str) -> None:
        self._findings.append(Finding(self._journeys.shown, f"#{at}", sentence, remedy))

    def calls(self) -> dict[str, Operation]:
        """The operation of each step, by the step's pointer."""
        document = self._journeys.document
        if not re.fullmatch(r"1\.[01]\.\d+", str(document.get("arazzo", ""))):
            self._say("/arazzo", "this is no Arazzo 1.0 or 1.1.", 'Write "arazzo": "1.1.0".')
        said = document.get("workflows")
        if not isinstance(said, list) or len(self._journeys.workflows) != len(said) or not said:
            self._say("/workflows", "workflows are missing, or one has no id, or that of another.", "Name each.")
        found: dict[str, Operation] = {}
        for workflow, at in self._journeys.workflows.values():
            found.update(self._steps(workflow, at))
        return found

    def _steps(self, workflow: Workflow, at: str) -> Iterator[tuple[str, Operation]]:
        steps = workflow.get("steps")
        if not isinstance(steps, list) or not steps or not all(isinstance(each, dict) for each in steps):
            self._say(f"{at}/steps", "there are no steps.", "Add one.")
            return
        names = [str(each.get("stepId", "")) for each in steps]
        for index, step in enumerate(steps):
            place = f"{at}/steps/{index}"
            if not names[index] or names.count(names[index]) > 1:
                self._say(f"{place}/stepId", "the step has no id, or that of another.", "Name it.")
            operation = self._called(step, place)
            if operation is not None:
                yield place, operation
            self._check_given(step, place)
            self._check_criteria(step, "successCriteria", place)
            for word in _ACTIONS:
                self._check_actions(step, word, place, names)
        for word, name in (("successActions", "onSuccess"), ("failureActions", "onFailure")):
            self._check_actions({name: workflow.get(word, [])}, name, at, names)
        self._check_given(workflow, at)

    def _called(self, step: Mapping[str, Any], at: str) -> Operation | None:
        said = [word for word in _CALLS if word in step]
        if len(said) != 1 or said == ["channelPath"]:
            sentence = "the step calls a channel." if "channelPath" in said else "the step calls nothing, or several."
            self._say(at, sentence, "Name one operationId, operationPath or workflowId: APIs of HTTP are asked.")
            return None
        word, name = said[0], str(step[said[0]])
        if word == "workflowId":
            if name not in self._journeys.workflows:
                mend = mend_word(name, self._journeys.workflows, "Workflows of other documents are not read.")
                self._say(f"{at}/workflowId", f"there is no workflow {name!r}.", mend)
            return None
        if word == "operationPath":
            return self._at_path(name, at)
        plain = name.split(".", 2)[-1] if name.startswith("$sourceDescriptions.") else name
        if plain not in self._contract.operations:
            mend = mend_word(plain, self._contract.operations, "Name one of the contract.")
            self._say(f"{at}/operationId", f"{self._contract.name} has no operation {plain!r}.", mend)
        return self._contract.operations.get(plain)

    def _at_path(self, said: str, at: str) -> Operation | None:
        pointer = said.partition("#")[2]
        found = next((o for o in self._contract.operations.values() if o.pointer == pointer), None)
        if found is None:
            sentence = f"{self._contract.name} serves no operation at {pointer!r}."
            self._say(f"{at}/operationPath", sentence, "Write {$sourceDescriptions.NAME.url}#/paths/~1jobs/post.")
        return found

    def _check_given(self, said: Mapping[str, Any], at: str) -> None:
        """What a step, or every step of a workflow, is given, and what it puts out."""
        parameters = said.get("parameters", [])
        for index, each in enumerate(parameters if isinstance(parameters, list) else [None]):
            found = self._journeys.resolved(each)
            if not isinstance(found, dict) or not {"name", "value"} <= found.keys():
                self._say(f"{at}/parameters/{index}", "the parameter has no name, or no value.", "Add name and value.")
        if not isinstance(said.get("outputs", {}), dict):
            self._say(f"{at}/outputs", "outputs are no object.", 'Write "outputs": {"id": "$response.body#/id"}.')
        body = said.get("requestBody")
        replaced = body.get("replacements", []) if isinstance(body, dict) else []
        for index, each in enumerate(replaced if isinstance(replaced, list) else [None]):
            if not isinstance(each, dict) or not isinstance(each.get("target"), str) or "value" not in each:
                place = f"{at}/requestBody/replacements/{index}"
                self._say(place, "the replacement has no target, or no value.", 'Add "target": "/prompt", and value.')
        for word in ("parameters", "outputs", "requestBody"):
            for place, each in pointers.walk(said.get(word), f"{at}/{word}"):
                if isinstance(each, dict) and each.keys() >= {"context", "selector"}:
                    self._check_selector(each, place)

    def _check_selector(self, said: Mapping[str, Any], at: str) -> None:
        if not isinstance(said["context"], str) or not isinstance(said["selector"], str):
            self._say(at, "context or selector is no text.", "Write an expression, and a JSONPath or a JSON pointer.")
        elif kind_of(said, "jsonpointer") == "jsonpath":
            try:
                select(said["selector"], None)
            except PathError as error:
                self._say(f"{at}/selector", f"{error}.", "Write it as RFC 9535 has it: $.items[0].id")

    def _check_criteria(self, said: Mapping[str, Any], word: str, at: str) -> None:
        criteria = said.get(word, [])
        for index, each in enumerate(criteria if isinstance(criteria, list) else [None]):
            place = f"{at}/{word}/{index}"
            if not isinstance(each, dict) or not isinstance(each.get("condition"), str):
                self._say(place, "the criterion has no condition.", 'Add "condition": "$statusCode == 200".')
                continue
            kind = kind_of(each, "simple")
            if kind not in ("simple", "regex", "jsonpath"):
                self._say(f"{place}/type", f"{kind!r} is not understood.", "Write simple, regex or jsonpath.")
            elif kind != "simple" and not isinstance(each.get("context"), str):
                self._say(place, "what the condition is about is missing.", 'Add "context": "$response.body".')

    def _check_actions(self, said: Mapping[str, Any], word: str, at: str, names: list[str]) -> None:
        actions = said.get(word, [])
        for index, action in enumerate(actions if isinstance(actions, list) else [None]):
            each, place = self._journeys.resolved(action), f"{at}/{word}/{index}"
            if not isinstance(each, dict) or each.get("type") not in _ACTIONS[word]:
                self._say(place, "what is to be done is not said.", f'Add "type": {", ".join(_ACTIONS[word])}.')
                continue
            self._check_criteria(each, "criteria", place)
            if "stepId" in each and each["stepId"] not in names:
                self._say(f"{place}/stepId", f"there is no step {each['stepId']!r}.", mend_word(each["stepId"], names))
            if "workflowId" in each and each["workflowId"] not in self._journeys.workflows:
                mend = mend_word(each["workflowId"], self._journeys.workflows)
                self._say(f"{place}/workflowId", f"there is no workflow {each['workflowId']!r}.", mend)
            if each["type"] == "goto" and not {"stepId", "workflowId"} & each.keys():
                self._say(place, "where to go is not said.", "Add stepId or workflowId.")
