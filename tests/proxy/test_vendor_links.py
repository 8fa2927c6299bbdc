"""Links in answers to a client that takes the server for a vendor's host are at that host, and lead there again."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from proxy_kit import Tool, secured, tunneled
from wire_kit import read_to_end

from mockserver import intercepting
from mockserver.proxy import Environment

HOST = "api.replicate.com"
ORDER = json.dumps({"version": "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa", "input": {}})


@pytest.fixture(scope="module")
def stepping() -> Iterator[Environment]:
    """Its clock goes on with every request."""
    with intercepting(apis=["replicate"], clock="step:600") as made:
        yield made


def curl(env: Environment, *words: str) -> bytes:
    headers = ("-H", "Authorization: Bearer demo-key", "-H", "Content-Type: application/json")
    command = [str(Tool("curl", "curl").path), "-sSf", *headers, *words]
    return subprocess.run(command, env=env, check=True, capture_output=True).stdout


def created(env: Environment, scheme: str = "https", host: str = HOST) -> Any:
    return json.loads(curl(env, f"{scheme}://{host}/v1/predictions", "-d", ORDER))


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_links_are_at_the_vendors_host_and_lead_to_the_job_and_its_results(stepping: Environment, scheme: str) -> None:
    made = created(stepping, scheme)
    link = made["urls"]["get"]
    assert link.startswith(f"{scheme}://{HOST}/"), made
    done = json.loads(curl(stepping, link))
    assert (done["id"], done["status"]) == (made["id"], "succeeded")
    results = done["output"] if isinstance(done["output"], list) else [done["output"]]
    assert all(each.startswith(f"{scheme}://{HOST}/_media/") for each in results), done
    assert all(curl(stepping, each) for each in results)


def test_a_page_leads_to_the_next_one_at_the_vendors_host(stepping: Environment) -> None:
    for _ in range(101):
        created(stepping)
    listed = json.loads(curl(stepping, f"https://{HOST}/v1/predictions"))
    assert listed["next"].startswith(f"https://{HOST}/"), listed["next"]
    assert json.loads(curl(stepping, listed["next"]))["results"]


def test_a_port_that_the_client_named_stays(stepping: Environment) -> None:
    assert created(stepping, host=f"{HOST}:8443")["urls"]["get"].startswith(f"https://{HOST}:8443/")


def test_a_client_that_asks_the_server_itself_is_shown_its_own_address(stepping: Environment) -> None:
    url = stepping.running.url
    made = json.loads(curl(stepping, "-H", f"Host: {HOST}", f"{url}/v1/predictions", "-d", ORDER))
    assert made["urls"]["get"].startswith(f"{url}/")


def test_a_host_that_is_none_of_the_vendors_names_no_link(stepping: Environment) -> None:
    body = ORDER.encode()
    head = (
        "POST /@default/replicate/v1/predictions HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n"
        f"Authorization: Bearer demo-key\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with tunneled(stepping, HOST) as sock, secured(stepping, sock, host=HOST) as tls:
        tls.sendall(head.encode() + body)
        answer = read_to_end(tls)  # type: ignore[arg-type]
    assert b"elsewhere.example" not in answer
    assert stepping.running.url.encode() in answer
