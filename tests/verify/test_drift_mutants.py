"""A walk finds nothing between a mock and its own contract, and names what a mutated mock does otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from verify_kit import MUTANTS, contract_of, walk

from mockserver.launch import contracts_in
from mockserver.verify import report_text

CONTRACTS = {contract.name: contract for contract in contracts_in()}


@pytest.mark.parametrize("api", CONTRACTS)
def test_a_mock_keeps_its_own_contract(api: str) -> None:
    report = walk(CONTRACTS[api], CONTRACTS[api])
    assert not report.drifts, report_text(report)
    met = {operation for operation, _ in report.answered}
    assert set(CONTRACTS[api].operations) <= met


def test_there_are_twenty_mutants_of_all_kinds() -> None:
    assert len(MUTANTS) >= 20
    assert {m["api"] for m in MUTANTS} == set(CONTRACTS)
    assert {m["expect"]["judgement"] for m in MUTANTS} == {
        "contract too strict", "contract too loose", "server broke its promise"
    }  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m["name"])
def test_a_mutant_is_found_and_named(mutant: dict[str, Any], tmp_path: Path) -> None:
    judge = contract_of(mutant["api"], mutant.get("judge", {}), tmp_path / "judge")
    server = contract_of(mutant["api"], mutant["server"], tmp_path / "server")
    report = walk(server, judge, operations=[mutant["operation"]])
    found = [
        {"kind": d.kind, "judgement": d.judgement, "operation": d.operation, "at": d.at, "pointer": d.pointer}
        for d in report.drifts.values()
    ]
    assert {"operation": mutant["operation"], **mutant["expect"]} in found
