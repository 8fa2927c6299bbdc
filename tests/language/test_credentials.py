"""Every credential that OpenAPI can declare opens the door here, or `check` says that it never will."""

from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
from check_kit import Mutation, both, show
from language_kit import findings, serving

from mockserver.check import check
from mockserver.cli.new import write
from mockserver.live import DEMO, authorization, authorized
from mockserver.loader import load_folder

SCHEMES = "/components/securitySchemes"


def secured(*schemes: dict[str, Any]) -> Mutation:
    """Any of these schemes opens every operation."""
    named = {f"way{number}": scheme for number, scheme in enumerate(schemes)}
    return both(show(SCHEMES, named), show("/security", [{name: []} for name in named]))


def basic(pair: str) -> str:
    return "Basic " + b64encode(pair.encode()).decode()


BEARER = {"type": "http", "scheme": "bearer"}
KEY_IN = {place: {"type": "apiKey", "in": place, "name": "api_key"} for place in ("header", "query", "cookie")}
ROWS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (BEARER, {"headers": {"Authorization": "Bearer demo-key"}}),
    (BEARER, {"headers": {"Authorization": "bearer demo-key"}}),
    ({"type": "http", "scheme": "Key"}, {"headers": {"Authorization": "Key demo-key"}}),
    ({"type": "http", "scheme": "Token"}, {"headers": {"Authorization": "Token demo-key"}}),
    ({"type": "http", "scheme": "basic"}, {"headers": {"Authorization": basic("demo-key:")}}),
    ({"type": "http", "scheme": "basic"}, {"headers": {"Authorization": basic("demo-client:demo-secret")}}),
    (KEY_IN["header"], {"headers": {"api_key": "demo-key"}}),
    (KEY_IN["query"], {"params": {"api_key": "demo-key"}}),
    (KEY_IN["cookie"], {"headers": {"Cookie": "other=1; api_key=demo-key"}}),
    ({"type": "apiKey", "in": "header", "name": "Authorization"}, {"headers": {"Authorization": "demo-key"}}),
    ({"type": "oauth2", "flows": {}}, {"headers": {"Authorization": "Bearer demo-key"}}),
    ({"type": "openIdConnect", "openIdConnectUrl": "x"}, {"headers": {"Authorization": "Bearer demo-key"}}),
]
WRONG = [
    {"headers": {"Authorization": "Bearer wrong"}},
    {"headers": {"Authorization": basic("demo-client:wrong")}},
    {"headers": {"Authorization": basic("wrong:demo-secret")}},
    {"headers": {"Authorization": "Basic ?"}},
    {"headers": {"Authorization": "Key"}},
    {"params": {"api_key": "wrong"}},
    {"headers": {"Cookie": "api_key=wrong"}},
    {},
]


@pytest.mark.parametrize(("scheme", "sent"), ROWS, ids=[f"{s} {k}" for s, k in ROWS])
def test_a_declared_credential_opens_and_another_does_not(
    scheme: dict[str, Any], sent: dict[str, Any], tmp_path: Path
) -> None:
    with serving(tmp_path, secured(scheme)) as own:
        made = own.http.post("/v1/jobs", json={"prompt": "A lighthouse"}, **sent)
        assert made.status_code == 201, made.text
        assert own.http.get(f"/v1/jobs/{made.json()['id']}", **sent).status_code == 200
        assert {own.http.get("/v1/jobs/x", **wrong).status_code for wrong in WRONG} == {401}


def test_of_several_schemes_each_opens(tmp_path: Path) -> None:
    with serving(tmp_path, secured(BEARER, {"type": "http", "scheme": "Token"}, KEY_IN["query"])) as own:
        ways = [{"headers": {"Authorization": f"{word} demo-key"}} for word in ("Bearer", "Token")]
        for sent in (*ways, {"params": {"api_key": "demo-key"}}):
            assert own.http.get("/v1/jobs/x", **sent).status_code == 404
        assert own.http.get("/v1/jobs/x", headers={"Authorization": "Key demo-key"}).status_code == 401


def test_an_empty_requirement_lets_anybody_in_and_nobody_with_a_wrong_key(tmp_path: Path) -> None:
    with serving(tmp_path, secured(BEARER), show("/security", [{"way0": []}, {}])) as own:
        assert own.http.get("/v1/jobs/x").status_code == 404
        assert own.http.get("/v1/jobs/x", headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize(("scheme", "sent"), ROWS[2:], ids=[f"{s} {k}" for s, k in ROWS[2:]])
def test_a_credential_leads_to_its_sandbox_wherever_it_stands(
    scheme: dict[str, Any], sent: dict[str, Any], tmp_path: Path
) -> None:
    with serving(tmp_path, secured(scheme)) as own, own.running.sandbox() as other:
        own_keys = other.api("own")
        words = {"demo-key": own_keys.api_key}
        if scheme.get("scheme") == "basic":
            words |= {"demo-client": own_keys.client_id, "demo-secret": own_keys.client_secret}
        made = own.http.post("/v1/jobs", json={"prompt": "A lighthouse"}, **changed(sent, words))
        assert made.status_code == 201, made.text
        assert not list(own.sandbox.journal)


def changed(sent: dict[str, Any], words: dict[str, str]) -> dict[str, Any]:
    """The same request with other credentials."""

    def other(text: str) -> str:
        if text.startswith("Basic "):
            return basic(other(b64decode(text[6:]).decode()))
        for word, new in words.items():
            text = text.replace(word, new)
        return text

    return {place: {name: other(text) for name, text in pairs.items()} for place, pairs in sent.items()}


@pytest.mark.parametrize(
    ("scheme", "word"),
    [
        ({"type": "mutualTLS"}, "mutualTLS"),
        ({"type": "http", "scheme": "digest"}, "digest"),
        ({"type": "http"}, "scheme is missing"),
        ({"type": "apiKey", "in": "body", "name": "k"}, "'body'"),
        ({"type": "apiKey", "in": "query"}, "no name"),
    ],
    ids=str,
)
def test_what_cannot_be_played_is_named(scheme: dict[str, Any], word: str, tmp_path: Path) -> None:
    assert any(word in each for each in findings(tmp_path, secured(scheme)))


def test_two_schemes_at_once_are_named(tmp_path: Path) -> None:
    both_wanted = both(secured(BEARER, KEY_IN["query"]), show("/security", [{"way0": [], "way1": []}]))
    assert any("way0 and way1 are wanted at once" in each for each in findings(tmp_path, both_wanted))


def test_a_key_in_a_query_or_a_cookie_is_not_kept_in_the_journal(tmp_path: Path) -> None:
    for place in ("query", "cookie"):
        with serving(tmp_path, secured(KEY_IN[place])) as own:
            sent = (
                {"params": {"api_key": "demo-key"}} if place == "query" else {"headers": {"Cookie": "api_key=demo-key"}}
            )
            own.http.get("/v1/jobs/x", **sent)
            assert "demo-key" not in repr(list(own.sandbox.journal))


def test_other_tools_ask_with_the_same_credentials(tmp_path: Path) -> None:
    for scheme, sent in ROWS:
        if "demo-client" in repr(sent) or sent.get("headers", {}).get("Authorization", "").startswith(
            ("bearer", "Basic")
        ):
            continue
        with serving(tmp_path, secured(scheme)) as own:
            operation = own.sandbox.apis["own"].contract.operations["getJob"]
            target = authorized(operation, DEMO, "/v1/jobs/x")
            assert own.http.get(target, headers=dict(authorization(operation, DEMO))).status_code == 404, scheme


def test_the_template_keeps_its_key(tmp_path: Path) -> None:
    write(tmp_path / "own", "own")
    assert not check(tmp_path / "own")
    contract, _ = load_folder(tmp_path / "own")
    assert contract is not None
    (way,) = contract.operations["getJob"].security.ways
    assert (way.kind, way.where, way.name) == ("key", "header", "x-api-key")
