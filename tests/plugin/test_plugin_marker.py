"""The marker `mockserver`, ini options: what they set, how they merge, and what stops the collection."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme
from plugin_kit import Run


def test_markers_of_module_class_and_test_are_merged_key_by_key(run: Run) -> None:
    result = run("""
pytestmark = pytest.mark.mockserver(clock="step:5", quirks={"completedc": False, "error_object": False})

@pytest.mark.mockserver(seed="of the class")
class TestIt:
    @pytest.mark.mockserver(scenario="failing", quirks={"completedc": True})
    def test_it(self, sandbox):
        assert sandbox.seed == "of the class"
        told = sandbox.ask()
        assert told["clock"]["mode"] == "step" and told["clock"]["step"] == 5
        assert {api["scenario"] for api in told["apis"].values()} == {"failing"}
        assert told["apis"]["mirrago"]["quirks"]["completedc"] is True
        assert told["apis"]["miragic"]["quirks"]["error_object"] is False
""")
    result.assert_outcomes(passed=1)


def test_limits_are_switched_off_and_webhooks_may_go_to_plain_http(run: Run) -> None:
    result = run("""
@pytest.mark.mockserver(limits=False, insecure_webhooks=True)
class TestIt:
    def test_both(self, vidgen, sandbox, webhook_inbox):
        assert (sandbox.ask()["limits"], sandbox.ask()["insecure_webhooks"]) == (False, True)
        submit(vidgen, webhookUrl=webhook_inbox.http_url)
        vidgen.clock.advance(60)
        assert webhook_inbox.wait(1)[0].verified

    @pytest.mark.mockserver(limits=True, insecure_webhooks=False, contract_violations="off")
    def test_neither(self, vidgen, sandbox, webhook_inbox):
        assert (sandbox.ask()["limits"], sandbox.ask()["insecure_webhooks"]) == (True, False)
        assert submit(vidgen, webhookUrl=webhook_inbox.http_url).status_code == 400

def test_refused(vidgen, webhook_inbox):
    submit(vidgen, webhookUrl=webhook_inbox.http_url)
""")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*the marker's insecure_webhooks=True*"])


def test_an_authority_of_the_users_own_is_trusted_beside_the_inboxs(run: Run, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    result = run(f"""
import http.server, pathlib, ssl, threading
FOLDER = pathlib.Path({str(tmp_path)!r})

class App(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

@pytest.fixture
def app():
    server = http.server.HTTPServer(("127.0.0.1", 0), App)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={{"poll_interval": 0.01}})
    thread.start()
    yield f"https://localhost:{{server.server_port}}/"
    server.shutdown()
    thread.join()
    server.server_close()

@pytest.mark.parametrize("inbox", [False, True])
@pytest.mark.mockserver(webhook_ca=FOLDER / "ca.pem")
def test_path(vidgen, app, inbox, request):
    if inbox:
        own = request.getfixturevalue("webhook_inbox").url
    submit(vidgen, webhookUrl=app)
    vidgen.clock.advance(60)
    assert [w.outcome for w in vidgen.webhooks] == ["delivered"]

@pytest.mark.mockserver(webhook_ca=(FOLDER / "ca.pem").read_text())
def test_text_beside_the_inbox(vidgen, app, webhook_inbox):
    for target in (app, webhook_inbox.url):
        submit(vidgen, webhookUrl=target)
        vidgen.clock.advance(60)
    assert [w.outcome for w in vidgen.webhooks] == ["delivered"] * 2

@pytest.mark.mockserver(webhook_ca=FOLDER / "nowhere.pem")
def test_missing(vidgen):
    pass
""")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*webhook_ca cannot be read: *nowhere.pem*"])
    assert "During handling of" not in result.stdout.str()


def test_scenarios_and_quirks_may_be_named_by_api(run: Run) -> None:
    result = run("""
@pytest.mark.mockserver(scenario={"vidgen": "slow"}, quirks={"mirrago": {"completedc": False}})
def test_it(sandbox):
    told = sandbox.ask()["apis"]
    assert (told["vidgen"]["scenario"], told["mirrago"]["scenario"]) == ("slow", "happy")
    assert told["mirrago"]["quirks"]["completedc"] is False
""")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        ('scenari="failing"', "has no 'scenari'; did you mean 'scenario'?"),
        ('"failing"', "takes keywords only; *"),
        ('conduct="loud"', "conduct is one of fail, warn, off, not 'loud'"),
        ('quirks="completedc"', "quirks is a mapping, not 'completedc'"),
        ('limits="off"', "limits is True or False, not 'off'"),
        ("insecure_webhooks=1", "insecure_webhooks is True or False, not 1"),
        ("webhook_ca=b'PEM'", "webhook_ca is PEM or a Path to it, not b'PEM'"),
    ],
)
def test_a_marker_that_says_nothing_known_stops_the_collection(run: Run, marker: str, sentence: str) -> None:
    result = run(f"@pytest.mark.mockserver({marker})\ndef test_it(): pass\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*test_it.py::test_it: *{sentence}"])


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        ('scenario="nowhere"', "*has no scenario 'nowhere'*"),
        ('quirks={"nothing": True}', "*has no quirk 'nothing'*"),
        ('clock="sundial"', "*'sundial' is no clock; use real, x60, manual or step:5*"),
        ('clock="xinf"', "*'xinf' is no clock; use real, x60, manual or step:5*"),
        ('scenario={"other": "happy"}', "*no API 'other'*"),
    ],
)
def test_a_wish_that_cannot_come_true_is_an_error_that_says_why(run: Run, marker: str, sentence: str) -> None:
    result = run(f"@pytest.mark.mockserver({marker})\ndef test_it(sandbox): pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"mockserver: {sentence}"])


def test_under_xdist_a_marker_that_says_nothing_known_fails_its_test_with_the_sentence(run: Run) -> None:
    bad = "@pytest.mark.mockserver(stric=True)\ndef test_bad(): pass\n"
    result = run(bad + "def test_good(): pass\n", "-n", "1", subprocess=True)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*test_bad: @pytest.mark.mockserver has no 'stric'; did you mean 'strict'[?]*"])


def test_an_ini_value_that_is_no_mode_is_refused(run: Run) -> None:
    result = run("def test_it(sandbox): pass\n", ini="mockserver_conduct = loud\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*mockserver_conduct is one of fail, warn, off, not 'loud'*"])


def test_the_marker_is_known_under_strict_markers(run: Run) -> None:
    result = run("@pytest.mark.mockserver(seed=1)\ndef test_it(): pass\n", "--strict-markers", "-W", "error")
    result.assert_outcomes(passed=1)
