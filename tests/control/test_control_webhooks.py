"""The control API: where webhooks of a sandbox may go, and what is said where one may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trustme
from api_kit import receiving
from control_kit import PNG, WAV, Steered, refused, steered, told

from mockserver.app import Settings

PLAIN = "http://127.0.0.1:5000/hooks"
PEM = trustme.CA().cert_pem.bytes().decode()
DEFAULT = "/_mock/sandboxes/default"


def submit(control: Steered, sandbox: str, target: str) -> Any:
    access = control.get(sandbox)["apis"]["vidgen"]
    files = {"image": ("a.png", PNG, "image/png"), "audio": ("a.wav", WAV, "audio/wav")}
    url, headers = f"{access['url']}/api/jobs", {"x-api-key": access["api_key"]}
    return control.ask("POST", url, files=files, data={"webhookUrl": target}, headers=headers)


def test_a_target_is_taken_or_refused_as_the_sandbox_is_switched(control: Steered, sandbox: str) -> None:
    statuses = [submit(control, sandbox, PLAIN).status_code]
    for insecure in (True, False):
        switched = told(control.ask("PUT", f"{sandbox}/webhooks", json={"insecure": insecure}), 200)
        assert switched == {"insecure": insecure, "ca": None}
        assert control.get(sandbox)["insecure_webhooks"] is insecure
        statuses.append(submit(control, sandbox, PLAIN).status_code)
    assert statuses == [400, 201, 400]


def test_the_document_of_a_sandbox_says_what_it_takes(control: Steered, sandbox: str) -> None:
    def pattern(path: str) -> Any:
        schemas = control.get(path)["components"]["schemas"]
        return next(s["properties"]["webhookUrl"]["pattern"] for s in schemas.values() if "image" in str(s) and
                    "pattern" in s.get("properties", {}).get("webhookUrl", {}))  # fmt: skip

    own = f"/@{sandbox.rsplit('/', 1)[1]}/vidgen/openapi.json"
    assert pattern(own) == pattern("/vidgen/openapi.json")
    told(control.ask("PUT", f"{sandbox}/webhooks", json={"insecure": True}), 200)
    assert pattern(own) == pattern("/vidgen/openapi.json").replace("https", "https?")


def test_the_journal_says_what_to_switch_on_and_the_client_is_told_what_the_vendor_says(
    control: Steered, sandbox: str
) -> None:
    answer = submit(control, sandbox, PLAIN)
    entry = control.get(f"{sandbox}/journal")[-1]
    for sentence in (entry["why"], entry["violation"]["sentence"]):
        assert "start the server with --insecure-webhooks" in sentence
        assert 'PUT {"insecure": true} to /_mock/sandboxes/NAME/webhooks' in sentence
    assert "insecure" not in answer.text


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/", "nowhere", "https://", "http:/x"])
def test_a_target_that_no_switch_lets_through_has_no_remedy(control: Steered, sandbox: str, target: str) -> None:
    assert submit(control, sandbox, target).status_code == 400
    assert "insecure" not in control.get(f"{sandbox}/journal")[-1]["why"]


def test_what_is_not_named_stays(control: Steered, sandbox: str) -> None:
    path = f"{sandbox}/webhooks"
    assert told(control.ask("PUT", path, json={"insecure": True, "ca": PEM}), 200) == {"insecure": True, "ca": PEM}
    assert told(control.ask("PUT", path, json={}), 200) == {"insecure": True, "ca": PEM}
    assert told(control.ask("PUT", path, json={"insecure": False}), 200) == {"insecure": False, "ca": PEM}
    assert told(control.ask("PUT", path, json={"ca": None}), 200) == {"insecure": False, "ca": None}


def test_what_stands_beside_certificates_is_left_out_as_from_a_file(control: Steered, sandbox: str) -> None:
    """A bundle names its authorities in comments, not all of them in ASCII; a delivery could not read those."""
    shown = told(control.ask("PUT", f"{sandbox}/webhooks", json={"ca": f"# Autorité\n{PEM}"}), 200)
    assert shown["ca"] == f"# Autorit\n{PEM}"


BAD: list[tuple[Any, str, str]] = [
    ({"ca": "garbage"}, "/ca", "ca must hold certificates in PEM"),
    ({"ca": ""}, "/ca", "ca must hold certificates in PEM"),
    ({"ca": 5}, "/ca", "ca must be a string or null"),
    ({"insecure": None}, "/insecure", "insecure must be true or false"),
    ({"insecure": "yes"}, "/insecure", "insecure must be true or false"),
    ({"secure": True}, "/secure", "secure is not known here; did you mean 'insecure'? Known: insecure, ca"),
    ([], "", "the body must be an object"),
]


@pytest.mark.parametrize(("body", "pointer", "sentence"), BAD)
def test_a_wrong_setting_is_refused_and_changes_nothing(
    control: Steered, sandbox: str, body: Any, pointer: str, sentence: str
) -> None:
    path = f"{sandbox}/webhooks"
    told(control.ask("PUT", path, json={"insecure": True, "ca": PEM}), 200)
    problem = refused(control.ask("PUT", path, json={"insecure": False, **body} if body else body), 400)
    assert problem["pointer"] == pointer
    assert problem["detail"].startswith(sentence)
    assert told(control.ask("PUT", path, json={}), 200) == {"insecure": True, "ca": PEM}


def test_reset_goes_back_to_what_a_sandbox_was_at_first(control: Steered) -> None:
    for first in ({"insecure_webhooks": True, "webhook_ca": PEM}, {}):
        path = control.sandbox(**first)
        before = control.get(path)
        other = {"insecure": not before["insecure_webhooks"], "ca": None if before["webhook_ca"] else PEM}
        told(control.ask("PUT", f"{path}/webhooks", json=other), 200)
        told(control.ask("POST", f"{path}/reset", json={}), 204)
        after = control.get(path)
        assert [after[key] for key in ("insecure_webhooks", "webhook_ca")] == [
            before[key] for key in ("insecure_webhooks", "webhook_ca")
        ]


def test_a_server_that_is_started_insecure_makes_all_sandboxes_so_that_do_not_say_otherwise() -> None:
    with steered(Settings(insecure_webhooks=True, webhook_ca=PEM)) as control:
        for path in (DEFAULT, control.sandbox()):
            assert submit(control, path, PLAIN).status_code == 201
            assert told(control.ask("PUT", f"{path}/webhooks", json={}), 200) == {"insecure": True, "ca": PEM}
        assert submit(control, control.sandbox(insecure_webhooks=False), PLAIN).status_code == 400
        told(control.ask("POST", f"{DEFAULT}/reset", json={}), 204)
        assert submit(control, DEFAULT, PLAIN).status_code == 201


def test_a_delivery_beyond_this_machine_shows_with_its_remedy_in_the_list_of_webhooks(
    control: Steered, sandbox: str
) -> None:
    told(submit(control, sandbox, "https://192.0.2.7/hooks"), 201)
    told(control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": 60}), 200)
    (posting,) = control.get(f"{sandbox}/webhooks")
    assert posting["outcome"] == "blocked"
    assert "--webhook-allow 192.0.2.7" in posting["attempts"][0]["sentence"]


def test_certificates_of_all_sandboxes_are_bounded_and_the_same_are_kept_once(
    control: Steered, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.control.trust.AUTHORITIES", len(PEM) + 10)
    told(control.ask("PUT", f"{sandbox}/webhooks", json={"ca": PEM}), 200)
    told(control.ask("POST", "/_mock/sandboxes", json={"webhook_ca": PEM}), 201)
    other = "# another\n" + PEM
    assert "close some" in refused(control.ask("POST", "/_mock/sandboxes", json={"webhook_ca": other}), 409)["detail"]
    refused(control.ask("PUT", f"{DEFAULT}/webhooks", json={"ca": other}), 409)
    told(control.ask("PUT", f"{sandbox}/webhooks", json={"ca": None}), 200)


def test_the_list_of_webhooks_shows_targets_as_the_journal_does() -> None:
    secret, hidden = "hunter2hunter2", "[redacted]"
    with receiving() as receiver, steered(Settings(insecure_webhooks=True)) as control:
        sandbox = control.sandbox()
        key = control.get(sandbox)["apis"]["vidgen"]["api_key"]
        target = f"{receiver.url}?token={secret}&x={key}&job=1"
        for url in (target, target.replace("://", f"://user:{secret}@")):  # the second one is blocked
            assert submit(control, sandbox, url).status_code == 201
            told(control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": 60}), 200)
        posted = control.get(f"{sandbox}/webhooks")
        entries = [each for each in control.get(f"{sandbox}/journal") if each["kind"] == "webhook"]
    assert [f"token={secret}&x={key}" in got.path for got in receiver.got] == [True]
    shown = f"{receiver.url}?token={hidden}&x={hidden}&job=1"
    urls = [shown, shown.replace("://", f"://{hidden}@")]
    assert [each["url"] for each in posted] == [each["attempts"][0]["url"] for each in posted] == urls
    assert [each["url"] for each in entries] == urls
    assert "x-webhook-signature" in map(str.lower, posted[0]["attempts"][0]["headers"])
    assert [word for word in (secret, key) if word in json.dumps([posted, entries])] == []


def test_deliveries_are_numbered_in_the_journal_as_all_entries_are() -> None:
    with receiving([500, 500]) as receiver, steered(Settings(insecure_webhooks=True)) as control:
        sandbox = control.sandbox()
        assert submit(control, sandbox, receiver.url).status_code == 201
        told(control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": 600}), 200)
        entries = control.get(f"{sandbox}/journal")
        later = control.get(f"{sandbox}/journal?after=2")
    assert [(each["n"], each["kind"]) for each in entries] == [(1, "request"), *[(n, "webhook") for n in (2, 3, 4)]]
    assert [each["attempt_number"] for each in entries[1:]] == [1, 2, 3]
    assert {each["request"] for each in entries[1:]} == {1}
    assert entries[0]["webhooks"] == [2, 3, 4]
    assert later == entries[2:]
