"""The command line: checking contracts, writing new ones, and what is imported for a mere --help."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from check_kit import BEHAVIOR, OPENAPI, good, write
from click.testing import CliRunner, Result

import mockserver
from mockserver import start
from mockserver.cli import COMMANDS, main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], prog_name="mockserver")


VERSION = (
    f"mockserver, version {mockserver.__version__} "
    f"(Python {platform.python_version()}, {platform.system()} {platform.machine()})\n"
)


def test_the_version_is_told_with_pythons_and_the_platform() -> None:
    assert run("--version").output == VERSION


def test_help_names_every_command() -> None:
    output = run("--help").output
    assert all(f"  {name} " in output for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"mockserver {command}" in result.output


def test_an_unknown_command_is_refused() -> None:
    assert run("srve").exit_code == 2


@pytest.mark.parametrize("command", ["serve", "report", "fuzz", "verify"])
def test_help_names_the_variable_of_the_control_token(command: str) -> None:
    assert "MOCKSERVER_CONTROL_TOKEN" in run(command, "--help").output


def test_a_public_url_begins_with_its_scheme() -> None:
    result = run("serve", "--port", "0", "--public-url", "mocks.example:9")
    assert (result.exit_code, "does not begin with http:// or https://" in result.output) == (2, True)


def test_a_contract_of_the_same_name_is_served_in_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    assert run("new", "vidgen", "--into", tmp_path).exit_code == 0
    with start([tmp_path / "vidgen"]) as server:
        assert httpx.get(f"{server.url}/vidgen/openapi.json", trust_env=False).json()["info"]["title"] == "Vidgen"


def test_help_imports_no_server() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from mockserver.cli import main;"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0;"
        "print(sorted({'starlette', 'uvicorn', 'PIL', 'rich', 'jsonschema_rs'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "mockserver", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == VERSION


def test_sound_contracts_are_counted(tmp_path: Path) -> None:
    write(tmp_path / "one", good())
    assert run("check", tmp_path / "one").output == "1 contract is sound\n"
    write(tmp_path / "two", good())
    result = run("check", tmp_path)
    assert (result.exit_code, result.output) == (0, "2 contracts are sound\n")


def test_a_contract_named_twice_is_checked_once(tmp_path: Path) -> None:
    write(tmp_path / "one", good())
    assert run("check", tmp_path, tmp_path / "one").output == "1 contract is sound\n"


def test_the_shipped_contracts_are_checked_when_none_is_named() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert result.output.endswith("contracts are sound\n")


def test_mistakes_are_printed_with_place_and_remedy(tmp_path: Path) -> None:
    documents = good()
    documents[BEHAVIOR]["limits"][0]["limit"] = 0
    result = run("check", write(tmp_path / "small", documents))
    assert result.exit_code == 1
    place, remedy = result.stdout.splitlines()
    assert place == "small/behavior.json:1: #/limits/0/limit: a limit of 0 refuses every request."
    assert remedy == "    Allow at least 1."
    assert result.stderr == "1 mistake\n"


def test_a_folder_without_a_contract_is_named(tmp_path: Path) -> None:
    result = run("check", tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {tmp_path}: no contract is here")


def test_a_file_stands_for_the_contract_it_is_part_of(tmp_path: Path) -> None:
    folder = write(tmp_path / "one", good())
    assert run("check", folder / OPENAPI, folder / BEHAVIOR).output == "1 contract is sound\n"


def test_text_that_is_not_json_is_a_mistake(tmp_path: Path) -> None:
    folder = write(tmp_path / "small", good())
    (folder / BEHAVIOR).write_text("{")
    result = run("check", folder)
    assert result.exit_code == 1
    assert "small/behavior.json:1: #: this is not JSON" in result.stdout


def test_a_new_contract_is_sound(tmp_path: Path) -> None:
    result = run("new", "acme", "--into", tmp_path)
    assert result.exit_code == 0
    assert sorted(p.name for p in (tmp_path / "acme").iterdir()) == [
        "behavior.json",
        "behavior.schema.json",
        "openapi.json",
    ]
    assert '"title": "Acme"' in (tmp_path / "acme" / "openapi.json").read_text()
    assert run("check", tmp_path / "acme").output == "1 contract is sound\n"


def test_a_new_contract_comes_with_the_next_steps(tmp_path: Path) -> None:
    output = run("new", "acme", "--into", tmp_path / "some folder").output
    assert f"mockserver check '{tmp_path}/some folder/acme'" in output
    assert f"mockserver serve --contracts '{tmp_path}/some folder/acme'" in output
    assert "curl" in output


def test_a_new_contract_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    result = run("new", "acme", "--into", tmp_path)
    assert result.exit_code == 2
    assert "there already" in result.output
    assert list((tmp_path / "acme").iterdir()) == []


@pytest.mark.parametrize("name", ["Acme", "1st", "a/b", "..", "a b", ""])
def test_a_name_that_is_no_prefix_is_refused(tmp_path: Path, name: str) -> None:
    assert run("new", name, "--into", tmp_path).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_ours_is_one_line() -> None:
    result = run("serve", "--clock", "sundial")
    assert result.exit_code == 2
    assert result.output.startswith("Error: 'sundial' is no clock")


def test_a_new_contract_submits_shows_and_cancels(tmp_path: Path) -> None:
    run("new", "acme", "--into", tmp_path)
    headers = {"X-API-Key": "demo-key"}
    with start([tmp_path / "acme"], clock="manual") as server, httpx.Client(headers=headers, trust_env=False) as client:
        jobs = f"{server.url}/acme/v1/jobs"
        first, second = (client.post(jobs, json={"prompt": p}).json()["id"] for p in ("A lighthouse", "mock:fail"))
        cancelled = client.post(f"{jobs}/{client.post(jobs, json={'prompt': 'x'}).json()['id']}/cancel").json()
        assert (cancelled["status"], cancelled["ended_at"]) == ("cancelled", cancelled["created_at"])
        server.app.sandboxes.default.clock.advance(20)
        done, failed = (client.get(f"{jobs}/{i}").json() for i in (first, second))
        assert (done["status"], done["progress"], done["error"]) == ("succeeded", 100, None)
        assert client.get(done["picture_url"]).headers["content-type"] == "image/png"
        assert (failed["status"], failed["error"], failed["picture_url"]) == ("failed", "Rendering failed", None)
        assert client.post(f"{jobs}/{first}/cancel").status_code == 409
