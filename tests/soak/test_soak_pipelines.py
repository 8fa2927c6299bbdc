"""The examples for CI, run: every line of them, in a fresh environment, with the wheel that this project makes."""

from __future__ import annotations

import shutil
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pipeline_kit import CI, Machine, build_wheel, environment, github_steps, gitlab_script, machine

from mockserver.wire import bind

yaml = pytest.importorskip("yaml", reason="it comes with the extra `fuzz`")
pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

GITHUB = yaml.safe_load((CI / "github-actions.yml").read_text())["jobs"]
GITLAB = yaml.safe_load((CI / "gitlab-ci.yml").read_text())


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """That of a machine with an empty Python and our wheel within reach."""
    place = tmp_path_factory.mktemp("machine")
    build_wheel(place / "wheels")
    venv.create(place / "venv", with_pip=True)
    return environment(place / "wheels", place / "venv" / "bin")


@pytest.fixture
def host(env: dict[str, str], tmp_path: Path) -> Iterator[Machine]:
    if shutil.which("bash") is None or shutil.which("curl") is None:
        pytest.skip("bash and curl are needed")
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with machine(tmp_path, env, port) as made:
        yield made


def cases_in(file: Path) -> int:
    return len(list(ET.parse(file).getroot().iter("testcase")))


def test_github_fuzzes_the_contracts(host: Machine) -> None:
    for script in github_steps(GITHUB["contracts"]):
        code, said = host.bash(script, "-e")
        assert code == 0, said
    assert cases_in(host.folder / "contracts.xml") > 20


def test_github_tests_the_consumer_and_its_gate_bites(host: Machine) -> None:
    *steps, gate = github_steps(GITHUB["consumer"])
    for script in steps:
        code, said = host.bash(script, "-e")
        assert code == 0, said
    assert cases_in(host.folder / "consumer.xml") == 2
    code, said = host.bash(gate, "-e")
    assert code == 0, said
    code, said = host.bash(gate.replace("--fail-under 60", "--fail-under 100"), "-e")
    assert code == 1
    assert "is below 100 %" in said


def test_gitlab_fuzzes_the_contracts(host: Machine) -> None:
    code, said = host.bash(gitlab_script(GITLAB["contract-fuzzing"]))
    assert code == 0, said
    assert cases_in(host.folder / "contracts.xml") > 20


def test_gitlab_tests_the_consumer(host: Machine) -> None:
    script = gitlab_script(GITLAB["consumer"])
    code, said = host.bash(script)
    assert code == 0, said
    assert cases_in(host.folder / "consumer.xml") == 2


def test_the_wheel_is_what_was_run(host: Machine) -> None:
    code, said = host.bash(
        "pip install --quiet mockserver-kit && python -c 'import mockserver; print(mockserver.__file__)'"
    )
    assert code == 0, said
    assert "site-packages" in said


def schemas() -> list[tuple[str, Path]]:
    files = {
        "examples/ci/github-actions.yml": "github-workflows",
        "examples/ci/gitlab-ci.yml": "gitlab-ci",
        "compose.yaml": "compose-spec",
        "examples/cluster/compose.yaml": "compose-spec",
        ".github/workflows/tests.yml": "github-workflows",
        ".github/workflows/release.yml": "github-workflows",
        "action.yml": "github-actions",
        ".github/ISSUE_TEMPLATE/bug.yml": "github-issue-forms",
        ".github/ISSUE_TEMPLATE/contract.yml": "github-issue-forms",
        ".github/ISSUE_TEMPLATE/config.yml": "github-issue-config",
    }
    return [(f"vendor.{name}", CI.parents[1] / file) for file, name in files.items()]


def agrees(package: str, *words: str, env: dict[str, str]) -> None:
    """A foreign tool ends with 0; the test is skipped where its package cannot be installed."""
    installing = ["python", "-m", "pip", "install", "--quiet", package]
    if subprocess.run(installing, env=env, capture_output=True).returncode:
        pytest.skip(f"{package} cannot be installed here")
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("schema", "file"), schemas(), ids=lambda each: str(getattr(each, "name", each)))
def test_a_file_keeps_the_schema_of_its_engine(schema: str, file: Path, env: dict[str, str]) -> None:
    agrees("check-jsonschema", "check-jsonschema", "--builtin-schema", schema, str(file), env=env)


def test_the_manifest_keeps_the_schemas_of_kubernetes(env: dict[str, str]) -> None:
    manifest = str(CI.parents[1] / "examples/cluster/kubernetes.yaml")
    agrees("kubernetes-validate", "kubernetes-validate", "--strict", manifest, env=env)


def test_the_hook_is_one_that_pre_commit_takes(env: dict[str, str]) -> None:
    manifest = str(CI.parents[1] / ".pre-commit-hooks.yaml")
    agrees("pre-commit", "pre-commit", "validate-manifest", manifest, env=env)
