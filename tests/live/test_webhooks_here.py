"""Webhooks to a receiver on this machine, as a page tells of it and as the command line and Python let it be."""

from __future__ import annotations

import dataclasses
import hmac
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from api_kit import Receiver, receiving, sample
from click.testing import CliRunner

from mockserver import start
from mockserver.app import Mockserver, Settings
from mockserver.app.options import control_hosts
from mockserver.cli import main
from mockserver.clock import Clock
from mockserver.errors import UsageError
from mockserver.inbox import is_signed
from mockserver.launch import start_app, webhook_hosts
from mockserver.loader import load_all
from mockserver.signatures import HEADERS, SCHEMES
from mockserver.webhooks.trust import certificates_in

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/howto/webhooks.md").read_text(encoding="utf-8")
FILES = {
    "image": ("a.jpg", sample("portrait.jpg"), "image/jpeg"),
    "audio": ("a.mp3", sample("voice.mp3"), "audio/mpeg"),
}


def blocks(section: str) -> list[str]:
    """The shell blocks of a section of the page."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """The URL of `mockserver serve` with these options, on a free port."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.communicate(timeout=60)


def submit(url: str, target: str) -> httpx.Response:
    headers = {"X-API-Key": "demo-key"}
    return httpx.post(
        f"{url}/vidgen/api/jobs", files=FILES, data={"webhookUrl": target}, headers=headers, trust_env=False
    )


def shell(text: str) -> str:
    done = subprocess.run(["bash", "-c", text], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def test_the_walk_of_the_page_works_as_it_is_written() -> None:
    app, server, walk, switch = blocks("How do I receive webhooks of a server that runs apart?")
    listening = app.replace(
        '("127.0.0.1", 5000), App).serve', '("127.0.0.1", 0), App); print(s.server_port, flush=True); s.serve'
    )
    listening = listening.replace("HTTPServer((", "s = HTTPServer((").replace("python3", sys.executable)
    with ExitStack() as stack:
        command = ["bash", "-c", f"exec {listening}"]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        receiver = stack.enter_context(subprocess.Popen(command, **pipes))
        stack.callback(receiver.terminate)
        assert receiver.stdout is not None
        port = receiver.stdout.readline().strip()
        url = stack.enter_context(serving(*server.split()[2:], "--clock", "x600"))
        walk = walk.replace("http://127.0.0.1:8000", url).replace("127.0.0.1:5000", f"127.0.0.1:{port}")
        submitting, listing = walk.split("\n\n")
        job = json.loads(shell(submitting))["jobId"]
        signature, _, body = receiver.stdout.readline().partition(" ")
        assert json.loads(body)["jobId"] == job
        assert signature == hmac.digest(b"demo-webhook-secret", body.strip().encode(), "sha256").hex()
        assert [posting["job"] for posting in json.loads(shell(listing))] == [job]
        assert json.loads(shell(switch.replace("http://127.0.0.1:8000", url))) == {"insecure": True, "ca": None}


def test_a_server_trusts_the_authority_it_was_started_with(
    authority: trustme.CA, secure_receiver: Receiver, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    with serving("--webhook-ca", str(file), "--clock", "x600", "--quiet") as url:
        assert submit(url, secure_receiver.url).status_code == 201
        secure_receiver.wait(1)


def test_a_file_that_holds_no_certificate_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    for text in (b"\xff nothing", b"nothing", b"\x30\x82\x03"):
        file.write_bytes(text)
        command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--webhook-ca", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 2
        assert done.stderr.startswith("Error: ")
        assert "webhook_ca must hold certificates in PEM" in done.stderr
        with pytest.raises(UsageError, match="webhook_ca"):
            start(webhook_ca=file)
    with pytest.raises(UsageError, match="webhook_ca must hold certificates in PEM"):
        start(webhook_ca="nothing")


@pytest.mark.parametrize("host", ["http://app.example", "app.example:5000", "app.example/hooks", "*", "", "a b"])
def test_what_is_no_host_cannot_be_allowed_for_webhooks(host: str) -> None:
    with pytest.raises(UsageError, match="is no host; write"):
        start(webhook_allow=[host])
    done = CliRunner().invoke(main, ["serve", "--port", "0", "--webhook-allow", host])
    assert (done.exit_code, "is no host" in done.output) == (2, True)


def test_several_hosts_in_one_word_are_told_how_to_be_written() -> None:
    for option in ("--webhook-allow", "--allow-host"):
        done = CliRunner().invoke(main, ["serve", "--port", "0", option, "a.example,b.example"])
        assert (done.exit_code, "; blanks separate several in a variable" in done.output) == (2, True)


@pytest.mark.parametrize("host", ["http://mock.internal", "mock.internal/api", "", "a b", "mock.internal:x"])
def test_what_is_no_host_cannot_be_one_that_control_goes_by(host: str) -> None:
    done = CliRunner().invoke(main, ["serve", "--port", "0", "--allow-host", host])
    assert (done.exit_code, "is no host; write mock.internal" in done.output) == (2, True)


@pytest.mark.parametrize("host", ["mock.internal", "mock.internal:8000", "2001:db8::7", "[2001:db8::7]:8000"])
def test_control_may_go_by_names_and_addresses_with_a_port_or_without(host: str) -> None:
    assert control_hosts([host]) == {host}


@pytest.mark.parametrize("host", ["app.example", "my_app", "192.0.2.7", "2001:db8::7", "[2001:db8::7]", "APP.example."])
def test_hosts_may_be_allowed_by_name_and_address(host: str) -> None:
    assert webhook_hosts([host]) == webhook_hosts(host) == {host}


@pytest.mark.parametrize("comment", ["# Főtanúsítvány\n".encode(), "# Autorité\n".encode("latin-1")])
def test_a_bundle_may_have_names_in_any_letters_in_its_comments(
    authority: trustme.CA, tmp_path: Path, comment: bytes
) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(comment + authority.cert_pem.bytes())
    assert "BEGIN CERTIFICATE" in certificates_in(file)


def test_a_server_in_a_thread_is_started_insecure_and_with_an_authority(
    authority: trustme.CA, secure_receiver: Receiver, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    with receiving() as plain, start(clock="manual", insecure_webhooks=True, webhook_ca=file) as server:
        for receiver in (plain, secure_receiver):
            assert submit(server.url, receiver.url).status_code == 201
            server.default.clock.advance(60)
            assert len(receiver.got) == 1


def test_a_handle_switches_targets_authorities_and_limits(authority: trustme.CA, secure_receiver: Receiver) -> None:
    pem = authority.cert_pem.bytes().decode()
    with receiving() as plain, start(clock="manual") as server:
        default: Any = server.default
        assert submit(server.url, plain.url).status_code == 400
        default.set_webhooks(insecure=True)
        assert submit(server.url, plain.url).status_code == 201
        default.clock.advance(60)
        default.set_webhooks(ca=pem)
        assert submit(server.url, secure_receiver.url).status_code == 201
        default.clock.advance(60)
        assert (len(plain.got), len(secure_receiver.got)) == (1, 1)
        default.set_webhooks(ca=None)
        assert default.ask()["webhook_ca"] is None
        default.set_limits(False)
        assert default.ask()["limits"] is False


def test_an_attempt_that_is_not_trusted_says_what_would_trust_it(secure_receiver: Receiver) -> None:
    with start(clock="manual") as server:
        assert submit(server.url, secure_receiver.url).status_code == 201
        server.default.clock.advance(20)
        attempt = server.default.webhooks[0].attempts[0]
    assert attempt.outcome == "tls"
    assert "--webhook-ca FILE" in attempt.sentence


def test_an_attempt_that_speaks_tls_to_plain_http_says_what_would_let_it_speak_plainly() -> None:
    with receiving() as plain, start(clock="manual") as server:
        assert submit(server.url, plain.url.replace("http:", "https:")).status_code == 201
        server.default.clock.advance(20)
        attempt = server.default.webhooks[0].attempts[0]
    assert attempt.outcome == "tls"
    assert "--insecure-webhooks" in attempt.sentence


def test_a_default_account_that_signs_by_standard_webhooks_has_the_twin_of_the_published_secret() -> None:
    vidgen = next(contract for contract in load_all() if contract.name == "vidgen")
    hooks = {
        name: hook._replace(sign=SCHEMES["standard-webhooks"], headers={"": HEADERS["standard-webhooks"]})
        for name, hook in vidgen.webhooks.items()
    }
    contract = dataclasses.replace(vidgen, webhooks=hooks)
    app = Mockserver([contract], Settings(clock=Clock("manual"), insecure_webhooks=True))
    with receiving() as plain, start_app(app) as server, server.sandbox() as other:
        api = server.default.api("vidgen")
        assert api.webhook_secret == re.search(r"whsec_\S+=", PAGE)[0]  # type: ignore[index]
        assert other.api("vidgen").webhook_secret.startswith("whsec_")
        assert submit(server.url, plain.url).status_code == 201
        api.clock.advance(60)
        (got,) = plain.got
    for secret in (api.webhook_secret, "demo-webhook-secret"):
        assert is_signed(secret, got.headers, got.body)
