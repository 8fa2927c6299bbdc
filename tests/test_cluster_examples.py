"""The files for systemd, Compose and Kubernetes: options that there are, paths that are answered, engines that keep."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mockserver.app.options import control_hosts
from mockserver.cli.serve import serve
from mockserver.control.document import shapes
from mockserver.stores.choice import check_url, is_shared

yaml = pytest.importorskip("yaml", reason="it comes with the extra `fuzz`")

CLUSTER = Path(__file__).resolve().parent.parent / "examples" / "cluster"
COMPOSE = yaml.safe_load((CLUSTER / "compose.yaml").read_text())
KUBERNETES = {(each["kind"], each["metadata"]["name"]): each for each in
              yaml.safe_load_all((CLUSTER / "kubernetes.yaml").read_text())}  # fmt: skip
VARIABLES = {option.envvar for option in serve.params}
ADDRESS = "POD_IP"
"""What Kubernetes puts into other variables: those behind it."""
HEALTH = "/_mock/health"
POD: dict[str, Any] = KUBERNETES["Deployment", "mockserver"]["spec"]["template"]["spec"]
[CONTAINER] = POD["containers"]


def environments() -> list[dict[str, str]]:
    of_pods = {each["name"]: each.get("value", "") for each in CONTAINER["env"]}
    return [COMPOSE["services"][name]["environment"] for name in ("mockserver-1", "mockserver-2")] + [of_pods]


@pytest.mark.parametrize("said", environments())
def test_variables_are_those_of_options_and_servers_share_a_store_and_an_address(said: dict[str, str]) -> None:
    assert {*said} - {ADDRESS} <= VARIABLES
    check_url(said["MOCKSERVER_STORE"])
    assert is_shared(said["MOCKSERVER_STORE"])
    assert said["MOCKSERVER_PUBLIC_URL"].startswith("http://")
    assert "MOCKSERVER_CONTROL_TOKEN" in said


def test_a_unit_of_systemd_starts_workers_by_options_that_there_are() -> None:
    unit = (CLUSTER / "mockserver.service").read_text()
    [words] = re.findall(r"^ExecStart=\S+/mockserver serve (.+)$", unit, re.MULTILINE)
    with serve.make_context("serve", words.split()) as context:
        assert context.params["workers"] > 1, "a server without workers ends with the signal of a reload"
    assert "ExecReload=/bin/kill -HUP $MAINPID\n" in unit
    assert {*re.findall(r"^#   (\w+)=", unit, re.MULTILINE)} <= VARIABLES
    assert "Restart=on-failure" in unit


def test_a_pod_goes_by_the_names_of_its_service_and_by_its_own_address() -> None:
    names = [each["name"] for each in CONTAINER["env"]]
    assert names.index(ADDRESS) < names.index("MOCKSERVER_ALLOW_HOST")
    said = environments()[-1]["MOCKSERVER_ALLOW_HOST"].replace(f"$({ADDRESS})", "10.0.0.7")
    assert "10.0.0.7" in control_hosts(said.split())
    service = KUBERNETES["Service", "mockserver"]["metadata"]
    assert {service["name"], f"{service['name']}.{service['namespace']}"} <= {*said.split()}


def test_nobody_but_the_servers_reaches_the_engine_that_has_no_password() -> None:
    policy = KUBERNETES["NetworkPolicy", "valkey"]["spec"]
    [rule] = policy["ingress"]
    assert policy["podSelector"] == KUBERNETES["StatefulSet", "valkey"]["spec"]["selector"]
    assert rule["from"] == [{"podSelector": KUBERNETES["Deployment", "mockserver"]["spec"]["selector"]}]
    assert COMPOSE["services"]["valkey"].keys().isdisjoint({"ports", "network_mode"})


def test_engines_keep_what_they_are_given_and_their_names_are_those_that_servers_ask() -> None:
    valkey = KUBERNETES["StatefulSet", "valkey"]["spec"]["template"]["spec"]["containers"][0]["args"]
    for words in (COMPOSE["services"]["valkey"]["command"], valkey):
        pairs = dict(zip(words[1::2], words[2::2], strict=True))
        assert (pairs["--maxmemory-policy"], pairs["--appendonly"]) == ("noeviction", "yes")
        assert pairs["--client-output-buffer-limit"] == "pubsub 0 0 0"
    assert {said["MOCKSERVER_STORE"].split("/")[2].partition(":")[0] for said in environments()} == {"valkey"}
    assert ("Service", "valkey") in KUBERNETES


def test_probes_and_the_balancer_ask_for_a_health_that_everybody_may_ask_for() -> None:
    assert shapes()["paths"][HEALTH]["get"]["security"] == []
    probes = [CONTAINER[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")]
    assert probes == [{"path": HEALTH, "port": "http"}] * 3
    balancer = COMPOSE["configs"]["balancer"]["content"]
    assert f"option httpchk GET {HEALTH}\n" in balancer
    assert re.findall(r"server (\S+) (\S+):8000", balancer) == [
        (name, name) for name in ("mockserver-1", "mockserver-2")
    ]
    assert COMPOSE["services"]["balancer"]["ports"] == ["127.0.0.1:8000:8000"], "this machine alone"


def test_a_pod_has_time_to_end_what_is_under_way() -> None:
    pause = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert POD["terminationGracePeriodSeconds"] >= pause + 12
    assert KUBERNETES["Deployment", "mockserver"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
