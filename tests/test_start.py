"""`start` takes the folders of contracts as people have them: one as text or path, or several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver import start
from mockserver.cli import main
from mockserver.errors import ContractError
from mockserver.launch import contracts_in
from pytest_plugin.exploration.strategies import contract_of

FORMS: list[Callable[[str], Any]] = [str, Path, lambda name: [name], lambda name: (Path(name),), lambda name: {name}]


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["new", "acme"]).exit_code == 0
    return "./acme"


@pytest.mark.parametrize("form", FORMS, ids=["text", "path", "list", "tuple", "set"])
def test_one_folder_or_several_are_served(acme: str, form: Callable[[str], Any]) -> None:
    with start(form(acme)) as server:
        assert "acme" in server.default.names


def test_whoever_else_takes_folders_takes_one_as_well(acme: str) -> None:
    assert contracts_in(acme)[-1].name == "acme"
    assert contract_of("acme", acme).name == "acme"


def test_a_folder_that_is_not_there_is_named_whole() -> None:
    with pytest.raises(ContractError, match=r"no-such-folder: no contract is here"):
        start("./no-such-folder")
