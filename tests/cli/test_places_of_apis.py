"""An address that leads past an API of a mock server: one sentence with the right one, instead of a list of blame."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cli_kit import call

from mockserver import Running

COMMANDS = ["verify", "fuzz"]


def refused(command: str, api: str, url: str, *more: str) -> str:
    result = call(command, api, "--url", url, *more)
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1
    return result.output


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("api", ["vidgen", "mirrago"])
@pytest.mark.parametrize("path", ["", "/", "/nix", "/{api}/api", "/miragic", "/{api}s/", "/_mock", "//{api}"])
def test_the_right_address_is_told(running: Running, command: str, api: str, path: str) -> None:
    said = refused(command, api, running.url + path.replace("{api}", api))
    assert said.endswith(f"not to its API {api!r}, which is at {running.url}/{api}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_sandbox_of_the_address_is_kept(running: Running, command: str) -> None:
    said = refused(command, "vidgen", f"{running.url}/@default")
    assert said.endswith(f"which is at {running.url}/@default/vidgen\n")
    assert "has no sandbox 'nobody'" in refused(command, "vidgen", f"{running.url}/@nobody/vidgen")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_api_that_is_not_served_there_is_told(running: Running, command: str, tmp_path: object) -> None:
    call("new", "acme", "--into", str(tmp_path))
    said = refused(command, "acme", f"{running.url}/acme", "--contracts", f"{tmp_path}/acme")
    assert f"the mock server at {running.url} does not serve acme; it serves miraflow" in said
    assert said.endswith(" call its folder as that is called there\n")


@pytest.mark.parametrize("path", ["/vidgen", "/vidgen/", "/@default/vidgen"])
def test_the_right_address_is_let_through(running: Running, path: str) -> None:
    words = ("--operation", "getHealth", "--limit-requests", "0")
    assert call("verify", "vidgen", "--url", running.url + path, *words).exit_code == 0


class _Other(BaseHTTPRequestHandler):
    """Somebody else's server, whose root is JSON too."""

    def do_GET(self) -> None:
        body = json.dumps({"apis": [], "status": "ok"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def other() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Other) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_another_server_is_judged_as_it_answers(other: str) -> None:
    words = ("--operation", "getHealth", "--limit-requests", "0")
    result = call("verify", "vidgen", "--url", other, *words)
    assert result.exit_code == 1
    assert "getHealth" in result.output
