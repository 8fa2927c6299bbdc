"""Is a contract sound? What the loader finds, and what shows only once answers are rendered. Serves nothing."""

from __future__ import annotations

from pathlib import Path

from mockserver.check.conditions import check_conditions
from mockserver.check.facts import check_facts
from mockserver.check.ids import check_ids
from mockserver.check.lifecycles import check_lives
from mockserver.check.parts import check_parts
from mockserver.check.rendering import check_rendering
from mockserver.check.variants import check_variants
from mockserver.check.webhooks import check_webhooks
from mockserver.contract import Contract
from mockserver.errors import ContractError, Finding
from mockserver.faults import mistakes
from mockserver.loader import contract_folders, load_folder
from mockserver.loader.source import Source


def check(folder: Path) -> list[Finding]:
    """Every mistake in the contract of a folder, or in those of its subfolders; empty when all are sound."""
    try:
        folders = contract_folders(folder)
    except ContractError as error:
        return error.findings
    return [finding for each in folders for finding in _check_one(each)]


def _check_one(folder: Path) -> list[Finding]:
    _, findings = load_folder(folder, further=check_contract)
    return findings


def check_contract(contract: Contract) -> list[Finding]:
    """Every mistake in a contract that the loader accepted."""
    source = Source(contract.name, contract.document, {})
    check_ids(source, contract)
    if source.findings:  # nothing below can make an id
        return source.findings
    check_parts(source, contract)
    check_lives(source, contract)
    source.findings += mistakes(contract)
    check_facts(source, contract)
    if not source.findings:
        check_conditions(source, contract)
    check_variants(source, contract)
    check_webhooks(source, contract)
    if not source.findings:  # a fact that does not exist cannot be rendered
        check_rendering(source, contract)
    return source.findings


__all__ = ["check", "check_contract"]
