"""Verification knows what a contract writes once: it stands at no operation, and belongs to each that answers so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from check_kit import OPENAPI, Documents, good, write
from verify_kit import walk

from mockserver import pointers
from mockserver.contract import Contract
from mockserver.live import LiveReply
from mockserver.loader import load_folder
from mockserver.verify.compare import compare

JSON = "application/json"


def contract_of(folder: Path, documents: Documents) -> Contract:
    contract, findings = load_folder(write(folder / "own", documents))
    assert contract is not None, findings
    return contract


def short() -> Documents:
    """The good contract: its refusals stand in x-responses, what shows a job has neither examples nor a schema."""
    documents = good()
    openapi = documents[OPENAPI]
    shared: dict[str, Any] = {}
    for item in openapi["paths"].values():
        for operation in (item[method] for method in ("get", "post") if method in item):
            for status in [each for each in operation["responses"] if each >= "400" and each != "409"]:
                response = operation["responses"].pop(status)
                shared[status] = json.loads(json.dumps(pointers.resolve(openapi, response)[0]))
    openapi["x-responses"] = shared
    examples = openapi["components"]["examples"]
    for name in ("Queued", "Running", "Succeeded", "Failed", "Cancelled"):
        examples[name.lower()] = examples[name]
    examples["failed.loud-off"] = examples["Failed"]
    openapi["paths"]["/v1/jobs/{jobId}"]["get"]["responses"]["200"]["content"][JSON] = {}
    return documents


def test_a_contract_that_writes_once_does_what_it_says(tmp_path: Path) -> None:
    contract = contract_of(tmp_path, short())
    report = walk(contract, contract)
    assert not report.drifts, [*report.drifts.values()]


@pytest.mark.parametrize("value", [[{"id": "x"}], "a text", 3])
def test_an_example_of_a_resource_without_a_schema_may_be_any_value(value: Any, tmp_path: Path) -> None:
    documents = short()
    documents[OPENAPI]["components"]["examples"]["running"] = {"value": value}
    contract = contract_of(tmp_path, documents)
    operation = contract.operations["getJob"]
    reply = LiveReply(200, {"content-type": JSON}, json.dumps(value).encode())
    assert not compare(contract, operation, "getJob", operation.examples["running"], reply)
