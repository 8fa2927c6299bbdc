"""Webhooks go to each endpoint that an account has registered: a resource of the API, or one of a test."""

from __future__ import annotations

import copy
import hmac
from pathlib import Path
from typing import Any

import pytest
from api_kit import Got, receiving
from check_kit import Documents, Mutation, behave, both, show, write
from flow_kit import keyed
from language_kit import BEHAVIOR, NAME, OPENAPI, Served, documents, findings, serving
from webhook_words_kit import KEY, RUN, event_of, told

from mockserver.app.trial_run import tried
from mockserver.loader import load_folder
from mockserver.steering import ControlError

EVENTS = {"queued": "job.created", "succeeded": "job.done"}
SIGNED = {
    "sign": {"algorithm": "hmac-sha256", "each": "v1=", "overlap": 3600},
    "bindings": {"header.X-Signature": "webhook.signature"},
}
ENDPOINT = {
    "id": {"prefix": "we_", "form": "base62", "length": 24},
    "secret": {"prefix": "whsec_", "form": "base62", "length": 32},
    "states": {"enabled": {}, "deleted": {}},
    "initial": "enabled",
    "receives": {"url": "request./url", "events": "request./events"},
    "bindings": {"/id": "id", "/secret": "secret"},
}


def to_account(**more: Any) -> Mutation:
    return told("account", events=EVENTS, **{**SIGNED, **more})


def registering(documents: Documents) -> None:
    """A resource that is an endpoint: operations that make and delete one."""
    shown = documents[OPENAPI]
    text, names = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    url = {"type": "string"}
    limited = {"$ref": "#/components/responses/RateLimited"}
    keys = {"401": {"$ref": "#/components/responses/Unauthorized"}, "429": limited}
    keys |= {
        "403": {"$ref": "#/components/responses/Deactivated"},
        "400": {"$ref": "#/components/responses/BadRequest"},
    }
    found = {"404": {"$ref": "#/components/responses/NotFound"}, **keys}
    schema = {"type": "object", "properties": {"id": text, "secret": text, "deleted": {"type": "boolean"}}}
    body = {"type": "object", "required": ["url"], "properties": {"url": url, "events": names}}

    def answers(value: Any, *states: str) -> Any:
        examples = {state: {"value": value} for state in states}
        return {"description": "It", "content": {"application/json": {"schema": schema, "examples": examples}}}

    made = {"operationId": "createEndpoint", "requestBody": {"required": True, "content": {"application/json": {
        "schema": body, "examples": {"one": {"value": {"url": "https://x"}}}}}}}  # fmt: skip
    unsupported = shown["paths"]["/v1/jobs"]["post"]["responses"]
    made["responses"] = {"201": answers({"id": "x", "secret": "x"}, "enabled"), **keys}
    made["responses"] |= {status: unsupported[status] for status in ("413", "415")}
    parameter = {"name": "id", "in": "path", "required": True, "schema": text}
    gone = {"operationId": "deleteEndpoint", "parameters": [parameter]}
    gone["responses"] = {"200": answers({"id": "x", "deleted": True}, "enabled", "deleted"), **found}
    shown["paths"]["/v1/endpoints"] = {"post": made}
    shown["paths"]["/v1/endpoints/{id}"] = {"delete": gone}
    documents[BEHAVIOR]["resources"]["endpoint"] = copy.deepcopy(ENDPOINT)
    documents[BEHAVIOR]["operations"]["createEndpoint"] = {"verb": "create", "resource": "endpoint"}
    moved = {"verb": "move", "resource": "endpoint", "to": "deleted"}
    documents[BEHAVIOR]["operations"]["deleteEndpoint"] = moved
    for webhook in documents[BEHAVIOR]["webhooks"].values():
        webhook.setdefault("resource", "job")


def register(own: Served, url: str, **more: Any) -> dict[str, str]:
    made = own.http.post("/v1/endpoints", json={"url": url, **more}, headers=KEY)
    assert made.status_code == 201, made.text
    return dict(made.json())


def is_signed(got: Got, secret: str) -> bool:
    digest = hmac.new(secret.encode(), got.body, "sha256").hexdigest()
    return f"v1={digest}" in got.headers["x-signature"].split(",")


def test_each_registered_endpoint_gets_the_events_it_wants_signed_with_its_own_secret(tmp_path: Path) -> None:
    with receiving() as first, receiving() as second, serving(tmp_path, to_account(), registering, RUN) as own:
        one = register(own, first.url)
        two = register(own, second.url, events=["job.done", "other"])
        assert one["secret"] != two["secret"]
        assert one["secret"].startswith("whsec_")
        own.submit()
        own.advance(100)
        assert sorted(event_of(each) for each in first.got) == [("job.created", 0), ("job.done", 13)]
        assert [event_of(each) for each in second.got] == [("job.done", 13)]
        assert all(is_signed(each, one["secret"]) for each in first.got)
        assert all(is_signed(each, two["secret"]) and not is_signed(each, one["secret"]) for each in second.got)


def test_the_word_for_all_events_wants_all(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, to_account(), registering, RUN) as own:
        register(own, receiver.url, events=["*"])
        own.submit()
        own.advance(100)
        assert len(receiver.got) == 2


def test_what_is_deleted_gets_no_more_not_even_a_retry(tmp_path: Path) -> None:
    words = to_account(retries=[50, 50])
    with receiving([200, 500]) as receiver, serving(tmp_path, words, registering, RUN) as own:
        made = register(own, receiver.url)
        own.submit()
        own.advance(20)
        assert len(receiver.got) == 2
        own.http.delete(f"/v1/endpoints/{made['id']}", headers=KEY).raise_for_status()
        own.submit()
        own.advance(500)
        assert len(receiver.got) == 2
        assert "never sent" in {each.outcome for each in own.running.default.webhooks}


def test_an_endpoint_of_another_account_gets_nothing(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, to_account(), registering, RUN) as own:
        other = own.running.default.api(NAME).account()
        own.http.post("/v1/endpoints", json={"url": receiver.url}, headers={"X-API-Key": other.api_key})
        own.submit()
        own.advance(100)
        assert not receiver.got


def test_a_test_registers_an_endpoint_and_removes_it(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, to_account(), RUN) as own:
        api = own.running.default.api(NAME)
        with api.webhook_endpoint(receiver.url, events=["job.done"]) as endpoint:
            own.submit()
            own.advance(100)
        own.submit()
        own.advance(100)
        (got,) = receiver.got
        assert got.json["event"] == "job.done"
        assert is_signed(got, endpoint.secret)
        assert not is_signed(got, api.webhook_secret)
        assert endpoint.events == ["job.done"]


def test_while_two_secrets_overlap_a_webhook_is_signed_by_both(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, to_account(), registering, RUN) as own:
        api = own.running.default.api(NAME)
        endpoint = api.webhook_endpoint(receiver.url, events=["job.done"])
        before = endpoint.secret
        after = endpoint.rotate_secret()
        own.submit()
        own.advance(100)
        own.advance(4000)
        own.submit()
        own.advance(100)
        both_keys, one_key = receiver.got
        assert is_signed(both_keys, before)
        assert is_signed(both_keys, after)
        assert is_signed(one_key, after)
        assert not is_signed(one_key, before)


@pytest.mark.parametrize("to", ["account", "request./callback"])
def test_the_secret_of_an_account_and_of_a_resource_rotate_as_well(to: str, tmp_path: Path) -> None:
    words = told(to, events=EVENTS, **SIGNED)
    mutations = [words, registering] if to == "account" else [words]
    with receiving() as receiver, serving(tmp_path, *mutations, RUN) as own:
        api = own.running.default.api(NAME)
        made = register(own, receiver.url) if to == "account" else {"secret": api.webhook_secret}
        new = _rotated(own, made["id"]) if to == "account" else api.rotate_webhook_secret()
        assert to == "account" or api.webhook_secret == new
        own.submit(callback=receiver.url)
        own.advance(100)
        assert all(is_signed(each, made["secret"]) and is_signed(each, new) for each in receiver.got[-2:])


def _rotated(own: Served, owner: str) -> str:
    return str(own.running.default.tell("POST", "webhook-secrets", api=NAME, of=owner)["webhook_secret"])


def test_what_cannot_be_an_endpoint_is_refused_with_a_reason(tmp_path: Path) -> None:
    with serving(tmp_path, to_account(https_only=True), RUN) as own:
        api, tell = own.running.default.api(NAME), own.running.default.tell
        with pytest.raises(ControlError, match="go to https only"):
            api.webhook_endpoint("http://127.0.0.1:1/x")
        with pytest.raises(ControlError, match="user name"):
            api.webhook_endpoint("https://a:b@127.0.0.1/x")
        with pytest.raises(ControlError, match="no account"):
            tell("POST", "webhook-endpoints", api=NAME, url="https://127.0.0.1/x", account="gone")
        with pytest.raises(ControlError, match="no account or endpoint"):
            tell("POST", "webhook-secrets", api=NAME, of="gone")
        own.running.default.set_webhooks(insecure=True)
        api.webhook_endpoint("http://127.0.0.1:1/x")
        for _ in range(99):
            api.webhook_endpoint("https://127.0.0.1:1/x")
        with pytest.raises(ControlError, match="100 webhook endpoints"):
            api.webhook_endpoint("https://127.0.0.1:1/x")
        own.running.default.reset()
        assert own.running.default.ask("webhook-endpoints") == []


def test_an_api_that_sends_to_no_endpoint_has_none(tmp_path: Path) -> None:
    with serving(tmp_path) as own, pytest.raises(ControlError, match='none has "to": "account"'):
        own.running.default.api(NAME).webhook_endpoint("https://127.0.0.1/x")


def test_plain_http_is_refused_by_the_schema_unless_webhooks_are_insecure(tmp_path: Path) -> None:
    body = "/paths/~1v1~1endpoints/post/requestBody/content/application~1json/schema"
    secure = show(f"{body}/properties/url/pattern", "^https://")
    words = [to_account(https_only=True), registering, secure, RUN]
    with serving(tmp_path / "a", *words) as own:
        assert own.http.post("/v1/endpoints", json={"url": "http://127.0.0.1"}, headers=KEY).status_code == 400
    with serving(tmp_path / "b", *words, insecure_webhooks=True) as own:
        assert own.http.post("/v1/endpoints", json={"url": "http://127.0.0.1"}, headers=KEY).status_code == 201


def test_a_dead_endpoint_is_not_reached_and_tried_again(tmp_path: Path) -> None:
    words = to_account(retries=[30, 30])
    with receiving() as receiver, serving(tmp_path, words, RUN) as own:
        api = own.running.default.api(NAME)
        api.webhook_endpoint(receiver.url, events=["job.done"])
        api.fault("webhook_dead_endpoint", attempts=2)
        own.submit()
        own.advance(50)
        assert not receiver.got
        own.advance(100)
        (delivery,) = own.running.default.webhooks
        assert [each.outcome for each in delivery.attempts] == ["unreachable", "unreachable", "delivered"]


def test_a_wrong_signature_is_wrong_for_every_key(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, to_account(), RUN) as own:
        api = own.running.default.api(NAME)
        endpoint = api.webhook_endpoint(receiver.url, events=["job.done"])
        before, after = endpoint.secret, endpoint.rotate_secret()
        api.fault("webhook_bad_signature")
        own.submit()
        own.advance(100)
        (got,) = receiver.got
        assert got.headers["x-signature"].count("v1=") == 2
        assert not is_signed(got, before)
        assert not is_signed(got, after)


def test_no_secret_of_an_endpoint_stands_in_the_journal(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, to_account(), registering, RUN) as own:
        secret = register(own, receiver.url)["secret"]
        own.submit(prompt=f"say {secret}")
        own.advance(100)
        kept = str(own.running.default.ask("journal"))
        assert secret not in kept
        assert "we_" in kept


def test_no_secret_of_an_endpoint_stands_in_the_journal_of_a_restored_sandbox(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, to_account(), registering, RUN) as own:
        secret = register(own, receiver.url)["secret"]
        with own.running.sandbox(snapshot=own.running.default.snapshot()) as other:
            url = f"{other.api(NAME).url}/v1/jobs"
            own.http.post(url, json={"prompt": f"say {secret}"}, headers=KEY).raise_for_status()
            assert secret not in str(other.ask("journal"))


def keyed_endpoints(documents: Documents) -> None:
    """Registering an endpoint takes an idempotency key."""
    keyed("/paths/~1v1~1endpoints/post")(documents)
    documents[OPENAPI]["paths"]["/v1/endpoints"]["post"]["responses"]["429"] = {
        "$ref": "#/components/responses/RateLimited"
    }


def test_no_secret_of_an_answer_that_is_given_again_stands_in_the_journal(tmp_path: Path) -> None:
    with serving(tmp_path, to_account(), registering, keyed_endpoints, RUN) as own:
        headers, body = {**KEY, "Idempotency-Key": "k"}, {"url": "https://127.0.0.1:1/"}
        first, again = (own.http.post("/v1/endpoints", json=body, headers=headers) for _ in range(2))
        assert (again.headers["idempotent-replayed"], again.content) == ("true", first.content)
        assert first.json()["secret"] not in str(own.running.default.ask("journal"))


def test_nor_does_one_of_an_answer_that_another_process_gave_first(tmp_path: Path) -> None:
    with serving(tmp_path, to_account(), registering, keyed_endpoints, RUN) as own:
        headers, body = {**KEY, "Idempotency-Key": "k"}, {"url": "https://127.0.0.1:1/"}
        secret = own.http.post("/v1/endpoints", json=body, headers=headers).json()["secret"]
        own.sandbox.redaction.forget([secret])  # as one that never had it
        own.sandbox.apis[NAME].endpoints._hidden.clear()
        assert own.http.post("/v1/endpoints", json=body, headers=headers).json()["secret"] == secret
        assert secret not in str(own.running.default.ask("journal"))


def test_a_snapshot_holds_endpoints_their_secrets_and_what_is_owed_to_them(tmp_path: Path) -> None:
    words = [to_account(retries=[50]), registering, RUN]
    with receiving([500, 500]) as receiver, serving(tmp_path, *words) as own:
        made = register(own, receiver.url, events=["job.done"])
        rotated = _rotated(own, made["id"])
        endpoint = own.running.default.api(NAME).webhook_endpoint(receiver.url, events=["job.done"])
        endpoint.rotate_secret()
        own.submit()
        own.advance(20)
        own.submit()
        assert len(receiver.got) == 2
        snapshot = own.running.default.snapshot()
        with own.running.sandbox(snapshot=snapshot) as other:
            other.clock.advance(100)
            got = receiver.got[2:]
            assert len(got) == 4
            for secret in (rotated, made["secret"], endpoint.secret):
                assert sum(is_signed(each, secret) for each in got) == 2
            other.api(NAME).journal  # noqa: B018 - it can be read


def test_of_very_many_endpoints_the_living_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.endpoints.ENDPOINTS", 2)
    with receiving() as receiver, serving(tmp_path, to_account(), registering, RUN) as own:
        made = [register(own, receiver.url) for _ in range(9)]
        for each in made[2:]:
            assert own.http.delete(f"/v1/endpoints/{each['id']}", headers=KEY).status_code == 200
        own.submit()
        own.advance(100)
        assert len(receiver.got) == 4
        assert all(any(is_signed(got, each["secret"]) for each in made[:2]) for got in receiver.got)


def test_secrets_are_replaced_within_bounds_and_those_of_nobody_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.endpoints.ROTATED", 3)
    with serving(tmp_path, to_account(), registering, RUN) as own:
        side = own.sandbox.apis[NAME]
        made = [register(own, "https://x")["id"] for _ in range(4)]
        for each in made[:3] * 2:
            _rotated(own, each)
        with pytest.raises(ControlError, match="the secrets of 3 endpoints were replaced already"):
            _rotated(own, made[3])
        side.store._drop_oldest(1)
        assert _rotated(own, made[3])
        known = own.sandbox.configuration.apis[NAME]
        assert (len(known.replaced), len(known.rotated)) == (3, 3)


def test_the_secrets_of_what_is_there_no_more_are_hidden_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.endpoints.HIDDEN", 5)
    with serving(tmp_path, to_account(), registering, RUN) as own:
        side, hidden = own.sandbox.apis[NAME], own.sandbox.redaction
        side.endpoints._most_hidden = 5
        side.store._bound = 3
        secrets = [register(own, "https://x")["secret"] for _ in range(120)]
        known = [each for each in secrets if hidden.issued(each.encode())]
        assert set(secrets[-3:]) <= set(known)
        assert len(known) < 20
        assert hidden.issued(b"demo-webhook-secret")


@pytest.mark.parametrize(("url", "word"), [("https://x", ""), ("", "names no URL at request./url")])
def test_the_trial_makes_an_endpoint_of_the_example(url: str, word: str, tmp_path: Path) -> None:
    shown = show("/paths/~1v1~1endpoints/post/requestBody/content/application~1json/examples/one/value/url", url)
    contract, found = load_folder(write(tmp_path / NAME, documents(to_account(), registering, shown)))
    assert contract is not None, found
    sentences = [each.sentence for each in tried(contract)]
    assert any(word in each for each in sentences) if word else not sentences, sentences


RECEIVES = "/resources/endpoint/receives"
MISTAKES: list[tuple[Mutation, str]] = [
    (both(to_account(), registering, behave(f"{RECEIVES}/url", "request./gone")), "has a field /gone"),
    (
        both(to_account(), registering, behave("/resources/endpoint/receives/states", ["enable"])),
        "Did you mean 'enabled'",
    ),
    (both(told(), registering), "no webhook goes to endpoints"),
    (both(to_account(), registering, behave("/resources/endpoint/receive", {})), "Remove it: 'receives' is there"),
    (both(to_account(), behave("/webhooks/told/to", "accounts")), "accounts"),
]


@pytest.mark.parametrize(("words", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_a_mistake_is_named(words: Mutation, said: str, tmp_path: Path) -> None:
    found = findings(tmp_path, words)
    assert any(said in each for each in found), found
