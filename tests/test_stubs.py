"""The stub files say what the faults, the handles and the contracts are today."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from plugin_kit import ROOT

import pytest_plugin
from mockserver import steering
from mockserver.faults import CATALOGUE
from mockserver.launch import contracts_in
from mockserver.steering import ApiHandle, Steering
from mockserver.steering.server import SandboxSettings
from mockserver.stubs.__main__ import files, main
from mockserver.stubs.apis import class_name, own
from mockserver.stubs.faults import PARTS
from mockserver.stubs.signatures import ALSO_MEDIA, methods_of

SHIPPED = contracts_in()


def test_stub_files_are_as_python_m_mockserver_stubs_writes_them() -> None:
    stale = [str(path.relative_to(ROOT)) for path, text in files().items() if path.read_text("utf-8") != text]
    assert not stale, f"{stale}: run `python -m mockserver.stubs`"


def test_every_shipped_contract_has_a_type_that_is_exported_and_a_fixture_of_that_type() -> None:
    fixtures = {
        node.name: ast.unparse(node.returns)
        for node in ast.parse((ROOT / "pytest_plugin/plugin.py").read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.returns is not None
    }
    for contract in SHIPPED:
        name = class_name(contract)
        assert fixtures[contract.name] == name
        assert name in pytest_plugin.__all__
        assert getattr(pytest_plugin, name) is ApiHandle


def test_every_word_of_a_contract_and_every_fault_is_in_a_stub() -> None:
    texts = {path.name: text for path, text in files().items()}
    for contract in SHIPPED:
        states = {state for resource in contract.resources.values() for state in resource.states}
        for word in (*contract.operations, *states, *contract.scenarios, *contract.quirks):
            assert f'"{word}"' in texts["apis.pyi"]
    assert [name for name in CATALOGUE if f'"{name}"' not in texts["checked.pyi"]] == []


def test_every_part_of_a_handle_that_takes_names_is_checked() -> None:
    of_all = {"SandboxHandle"}  # which may mean any of the APIs
    taking = {
        name
        for name in steering.__all__
        if inspect.isclass(kind := getattr(steering, name)) and kind is not str and methods_of(kind)
    }
    checked = {"ApiHandle", *(kind.__name__ for kind, _, _ in PARTS.values())}
    assert taking - of_all == checked, "a row in PARTS of mockserver/stubs/faults.py is missing"


def test_every_method_that_takes_downloads_is_there() -> None:
    kinds = (steering.ApiHandle, *(kind for kind, _, _ in PARTS.values()))
    assert {each.__qualname__ for kind in kinds for each in methods_of(kind)} >= ALSO_MEDIA


def test_the_words_of_a_new_sandbox_are_those_of_its_typed_dictionary() -> None:
    signature = inspect.signature(Steering.sandbox)
    assert {*SandboxSettings.__annotations__} == {*signature.parameters} - {"self"}


def test_an_api_of_ones_own_gets_a_type_from_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = subprocess.run([sys.executable, "-m", "mockserver", "new", "speed-paint"], cwd=tmp_path, check=False)
    assert made.returncode == 0
    main([str(tmp_path / "speed-paint")])
    told = capsys.readouterr().out
    classes = [node.name for node in ast.parse(told).body if isinstance(node, ast.ClassDef)]
    assert classes == ["SpeedPaint"]
    assert "from mockserver.steering import ApiHandle" not in told, "unused"


@pytest.mark.parametrize(
    ("name", "made"), [("none", "NoneApi"), ("literal", "LiteralApi"), ("type-alias", "TypeAliasApi")]
)
def test_no_name_and_no_text_of_a_contract_breaks_out_of_its_stub(name: str, made: str) -> None:
    title = 'A "video"""\nimport os\\'
    told = own([replace(SHIPPED[0], name=name, title=title, hosts={})], "a command")
    tree = ast.parse(told)
    assert [node.name for node in tree.body if isinstance(node, ast.ClassDef)] == [made]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert f"{title} in a sandbox." in [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


def test_a_contract_without_quirks_takes_none() -> None:
    [vidgen] = [each for each in SHIPPED if not each.quirks]
    assert f"{class_name(vidgen)}Quirk: TypeAlias = Never" in own([vidgen], "a command")
