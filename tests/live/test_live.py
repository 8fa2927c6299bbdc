"""A client of a live server: credentials, a bound on paid jobs, connections that were closed, answers recognised."""

from __future__ import annotations

import http.client
import socket

import pytest
from api_kit import receiving

from mockserver import Running
from mockserver.errors import UsageError
from mockserver.launch import contracts_in
from mockserver.live import DEMO, Credentials, Live, Spent, authorization, fetch, live, recognise
from mockserver.live.files import files
from mockserver.loopback import leads_here
from mockserver.media.sniff import canonical, sniff
from mockserver.validation import write_json

CONTRACTS = {contract.name: contract for contract in contracts_in()}
MIRRAGO = CONTRACTS["mirrago"]
CREATE = MIRRAGO.operations["generateImage"]
BODY = write_json({"target_image": "https://a.b/c.jpg", "garment_image": "https://a.b/d.jpg"})


def test_a_token_is_fetched_where_the_contract_issues_them(running: Running) -> None:
    client = live(MIRRAGO, f"{running.url}/mirrago", DEMO)
    assert authorization(CREATE, client.credentials)["authorization"].startswith("Bearer ey")
    client.close()


def test_a_client_the_server_does_not_know_is_told_at_once(running: Running) -> None:
    with pytest.raises(UsageError, match="gave no token: 401"):
        live(MIRRAGO, f"{running.url}/mirrago", Credentials(client_id="x", client_secret="y"))


def test_no_more_paid_jobs_are_created_than_allowed(running: Running) -> None:
    client = live(MIRRAGO, f"{running.url}/mirrago", DEMO, max_jobs=1)
    headers = [*authorization(CREATE, client.credentials).items(), ("Content-Type", "application/json")]
    refused = client.ask(CREATE, "POST", CREATE.path, headers, b"{}")
    made = client.ask(CREATE, "POST", CREATE.path, headers, BODY)
    with pytest.raises(Spent, match="--max-jobs"):
        client.ask(CREATE, "POST", CREATE.path, headers, BODY)
    assert (refused.status, made.status, client.created) == (400, 200, 1)
    client.close()


@pytest.mark.parametrize("operation", ["generateImage", "getJob"])
def test_a_missing_token_is_asked_for(operation: str) -> None:
    with pytest.raises(UsageError, match="--client-id"):
        authorization(MIRRAGO.operations[operation], Credentials())


def test_a_missing_key_is_asked_for() -> None:
    with pytest.raises(UsageError, match="MOCKSERVER_API_KEY"):
        authorization(CONTRACTS["vidgen"].operations["getStatus"], Credentials())


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1", "127.0.0.1:8000", "http://"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no URL"):
        Live(MIRRAGO, url, DEMO)


@pytest.mark.parametrize(
    ("url", "own"),
    [("http://127.0.0.1:1/x", True), ("http://localhost", True), ("http://[::1]:8", True), ("http://a.com", False),
     ("http://10.0.0.1", False), ("nothing", False)],
)  # fmt: skip
def test_loopback_is_known(url: str, own: bool) -> None:
    assert leads_here(url) is own


def test_a_server_that_is_not_there_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = Live(MIRRAGO, f"http://127.0.0.1:{taken.getsockname()[1]}", DEMO)
        with pytest.raises(ConnectionRefusedError):
            client.request("GET", "/")
        assert fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/").status == 0


def test_a_connection_that_was_closed_meanwhile_is_opened_again_for_reading_only() -> None:
    with receiving() as receiver:
        client = Live(MIRRAGO, f"http://127.0.0.1:{receiver.port}", DEMO)
        assert client.request("POST", "/", body=b"x").status == 200
        assert client.request("POST", "/", body=b"x").status == 200
        assert len(receiver.got) == 2
        client.close()


def test_an_answer_that_is_none_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = Live(MIRRAGO, f"http://127.0.0.1:{server.getsockname()[1]}", DEMO)
        connection = http.client.HTTPConnection("127.0.0.1", server.getsockname()[1])
        connection.connect()
        accepted, _ = server.accept()
        accepted.sendall(b"nonsense\r\n\r\n")
        client._connection = connection
        with pytest.raises(http.client.HTTPException):
            client.request("GET", "/")
        assert client._connection is None
        accepted.close()


def test_an_answer_is_recognised_by_what_no_fact_is_laid_over() -> None:
    status = CONTRACTS["vidgen"].operations["getStatus"]
    shown = dict(status.examples["PROCESSING"][0].value, progress=7, jobId="other")
    assert recognise(CONTRACTS["vidgen"], status, 200, shown) == ["PROCESSING"]
    assert recognise(CONTRACTS["vidgen"], status, 404, {"error": "Job not found"}) == ["not_found"]
    assert recognise(CONTRACTS["vidgen"], status, 404, {"error": "else"}) == []


@pytest.mark.parametrize("kind", sorted(files()))
def test_files_are_of_the_type_they_are_kept_under(kind: str) -> None:
    assert sniff(files()[kind]) == canonical(kind)
