"""Unmodified programs in many languages reach a mocked host over TLS, and no other one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from proxy_kit import HOST, REFUSED, Tool, output_of, python
from wire_kit import PATIENCE

from mockserver.proxy import Environment

HERE = Path(__file__).parent
NODE = HERE.parent / "files" / "node"
URLS = f"https://{HOST}/api/health", f"http://{HOST}/api/health"
OTHERS = f"https://{REFUSED}/", f"http://{REFUSED}/"
SENTENCE = f"mockserver refused a call to '{REFUSED}'"


def test_clients_of_python_are_led_into_the_mock_and_nowhere_else(environment: Environment) -> None:
    said = python(environment, (HERE / "python_calls.py").read_text(), *URLS, *OTHERS)
    assert {(url, name): told for url in URLS for name, told in said[url].items() if told != 200} == {}
    refused = {(url, name): str(told) for url in OTHERS for name, told in said[url].items()}
    assert {key: told for key, told in refused.items() if SENTENCE not in told and "502" not in told} == {}
    assert len(said[URLS[0]]) == 11


def test_this_machine_is_left_alone_by_clients_of_python(environment: Environment) -> None:
    before = environment.traffic.met.copy(), environment.traffic.refused.copy()
    url = f"{environment.running.url}/vidgen/api/health"
    said = python(environment, (HERE / "python_calls.py").read_text(), url)
    assert {*said[url].values()} == {200}
    assert (environment.traffic.met, environment.traffic.refused) == before


def test_a_sitecustomize_of_a_users_own_is_run_as_well(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os; os.environ['OWN'] = 'here'")
    own = environment | {"PYTHONPATH": f"{environment['PYTHONPATH']}:{tmp_path}"}
    assert python(own, "import json, os; print(json.dumps(os.environ['OWN']))") == "here"


def test_clients_of_node_are_led_into_the_mock_and_nowhere_else(environment: Environment) -> None:
    node = Tool("node", "nodejs").path
    said = json.loads(output_of(environment, node, HERE / "node_calls.mjs", NODE, *URLS, *OTHERS))
    assert {(url, name): told for url in URLS for name, told in said[url].items() if told != 200} == {}
    refused = {(url, name): str(told) for url in OTHERS for name, told in said[url].items()}
    assert {key: told for key, told in refused.items() if SENTENCE not in told and "502" not in told} == {}
    assert {"fetch", "http and https"} <= {*said[URLS[0]]}


@pytest.mark.parametrize("url", URLS)
def test_curl_is_led_into_the_mock(environment: Environment, url: str) -> None:
    assert json.loads(output_of(environment, Tool("curl", "curl").path, "-sSf", url))["status"] == "ok"


@pytest.mark.parametrize("url", URLS)
def test_wget_is_led_into_the_mock(environment: Environment, url: str) -> None:
    assert json.loads(output_of(environment, Tool("wget", "wget").path, "-nv", "-O", "-", url))["status"] == "ok"


def test_git_is_led_into_the_mock_and_nowhere_else(environment: Environment) -> None:
    """There is no repository, which is what it says: TLS was no trouble."""
    git, environment.traffic.met[HOST] = Tool("git", "git").path, 0
    words = [git, "ls-remote"]
    done = [
        subprocess.run([*words, f"https://{host}/a.git"], env=environment, capture_output=True, text=True, timeout=600)
        for host in (HOST, REFUSED)
    ]
    assert f"repository 'https://{HOST}/a.git/' not found" in done[0].stderr
    assert environment.traffic.met[HOST] == 1
    assert "502" in done[1].stderr


def lines(said: str) -> list[list[str]]:
    return [line.split(" ", 2) for line in said.splitlines()]


@pytest.mark.slow
def test_java_is_led_into_the_mock_and_nowhere_else(environment: Environment) -> None:
    said = lines(
        output_of(environment, Tool("java", "default-jdk-headless").path, HERE / "Calls.java", *URLS, OTHERS[0])
    )
    assert [told for _, url, told in said if url in URLS] == ["200"] * 4
    assert [("502" in told or "refused" in told) for _, url, told in said if url in OTHERS] == [True, True]


@pytest.mark.slow
def test_ruby_is_led_into_the_mock(environment: Environment) -> None:
    script = "require 'net/http'; ARGV.each { |url| puts Net::HTTP.get_response(URI(url)).code }"
    assert output_of(environment, Tool("ruby", "ruby").path, "-e", script, *URLS).split() == ["200", "200"]


@pytest.mark.slow
def test_php_is_led_into_the_mock(environment: Environment) -> None:
    script = (
        "foreach (array_slice($argv, 1) as $url) { $c = curl_init($url); curl_setopt($c, CURLOPT_RETURNTRANSFER, 1); "
        "curl_exec($c); echo curl_getinfo($c, CURLINFO_RESPONSE_CODE), curl_error($c), ' '; }"
    )
    php = Tool("php", "php-cli").path
    if "curl" not in subprocess.run([php, "-m"], capture_output=True, text=True, timeout=PATIENCE).stdout.split():
        pytest.skip("php's curl is missing: apt-get install php-curl")
    assert output_of(environment, php, "-r", script, "--", *URLS).split() == ["200", "200"]


@pytest.mark.slow
def test_go_is_led_into_the_mock_and_nowhere_else(environment: Environment, tmp_path: Path) -> None:
    go = environment | {"GOCACHE": str(tmp_path / "cache"), "GOTOOLCHAIN": "local", "GO111MODULE": "off"}
    said = output_of(go, Tool("go", "golang-go").path, "run", HERE / "calls.go", *URLS, OTHERS[0])
    assert [line.split(" ", 1)[1] for line in said.splitlines()[:2]] == ["200", "200"]
    assert "502" in said.splitlines()[2] or SENTENCE in said.splitlines()[2]
