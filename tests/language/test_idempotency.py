"""Idempotency keys: the same request again gets the same answer and makes nothing; another one is refused."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_kit import receiving
from check_kit import Mutation, behave, both, show, without, write
from flow_kit import ERROR, IDEMPOTENCY, KEY, keyed, parameter, refusals
from language_kit import BEHAVIOR, FORM, NAME, OPENAPI, SUBMIT, Served, documents, findings, serving

from mockserver.app import steps
from mockserver.app.trial_run import tried
from mockserver.contract import Contract
from mockserver.loader import load_folder
from mockserver.state.keys import KeyUses
from mockserver.state.port import KeyName, KeyUse, SavedAnswer

CANCEL = "/paths/~1v1~1jobs~1{jobId}~1cancel/post"
ENDS = behave("/webhooks/ended/states", ["succeeded", "failed", "cancelled"])


def submit(own: Served, key: str = "k1", prompt: str = "A lighthouse", **more: Any) -> httpx.Response:
    headers = {**KEY, "Idempotency-Key": key, **more.pop("headers", {})}
    return own.http.post("/v1/jobs", json={"prompt": prompt, **more}, headers=headers)


def jobs(own: Served) -> int:
    return own.sandbox.apis[NAME].store.number


def test_the_same_request_again_gets_the_same_answer_and_makes_no_job(tmp_path: Path) -> None:
    with serving(tmp_path, keyed()) as own:
        first = submit(own)
        own.advance(30)
        again = submit(own)
        assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
        assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
        assert first.headers["date"] != again.headers["date"]
        assert first.headers["ratelimit-remaining"] != again.headers["ratelimit-remaining"]
        assert jobs(own) == 1
        assert submit(own, "k2").json()["id"] != first.json()["id"]
        assert own.http.post("/v1/jobs", json={"prompt": "x"}, headers=KEY).json()["id"] != first.json()["id"]
        assert jobs(own) == 3


def test_a_header_that_was_bound_to_the_job_is_told_again_as_it_was(tmp_path: Path) -> None:
    header = show("/paths/~1v1~1jobs/post/responses/201/headers", {"X-Job": {"schema": {}}, "X-State": {"schema": {}}})
    bound = behave("/operations/submitJob/bindings", {"/id": "id", "header.X-Job": "id", "header.X-State": "state"})
    with serving(tmp_path, keyed(), header, bound) as own:
        first = submit(own)
        own.advance(30)
        told = [(each.headers["x-job"], each.headers["x-state"]) for each in (first, submit(own))]
        assert told == [(first.json()["id"], "queued")] * 2


@pytest.mark.parametrize("change", [{"prompt": "Another"}, {"aspect": "1:1"}])
def test_a_key_that_was_used_with_another_body_is_refused(change: Any, tmp_path: Path) -> None:
    with serving(tmp_path, keyed()) as own:
        submit(own)
        refused = submit(own, **change)
        assert (refused.status_code, jobs(own)) == (422, 1)
        (found,) = own.running.default.api(NAME).conduct
        assert (found.rule, len(found.raw["entries"])) == ("reused_idempotency_key", 2)


def test_the_order_in_which_json_is_written_makes_no_other_request(tmp_path: Path) -> None:
    with serving(tmp_path, keyed()) as own:
        headers = {**KEY, "Idempotency-Key": "k", "Content-Type": "application/json"}
        bodies = (b'{"prompt": "x", "aspect": "1:1"}', b'{"aspect":"1:1",  "prompt":"x"}')
        first, again = (own.http.post("/v1/jobs", content=body, headers=headers) for body in bodies)
        assert first.content == again.content


def test_another_query_is_another_request(tmp_path: Path) -> None:
    with serving(tmp_path, keyed()) as own:
        headers = {**KEY, "Idempotency-Key": "k"}
        answers = [
            own.http.post(f"/v1/jobs?at={at}", json={"prompt": "x"}, headers=headers).status_code for at in "112"
        ]
        assert answers == [201, 201, 422]


def test_a_key_belongs_to_its_account_and_its_operation(tmp_path: Path) -> None:
    both_operations = both(keyed(), keyed(CANCEL), show(f"{CANCEL}/responses/409/content/application~1json/examples",
        {name: {"$ref": "#/components/examples/NotCancellable"}
         for name in ("running", "succeeded", "failed", "cancelled")} | {"key_busy": ERROR}))  # fmt: skip
    with serving(tmp_path, both_operations) as own:
        first = submit(own).json()["id"]
        other = own.running.default.api(NAME).account()
        second = own.http.post(
            "/v1/jobs", json={"prompt": "Other"}, headers={"X-API-Key": other.api_key, "Idempotency-Key": "k1"}
        )
        assert (second.status_code, second.json()["id"] != first) == (201, True)
        path, headers = f"/v1/jobs/{first}/cancel", {**KEY, "Idempotency-Key": "k1"}
        moved, again = own.http.post(path, headers=headers), own.http.post(path, headers=headers)
        assert (moved.status_code, again.status_code, moved.content) == (200, 200, again.content)
        assert own.http.post(path, headers=KEY).status_code == 409


def test_what_existence_or_state_refused_is_said_again_and_an_earlier_refusal_is_not(tmp_path: Path) -> None:
    late = both(keyed(CANCEL), show(f"{CANCEL}/responses/409/content/application~1json/examples",
        {name: {"$ref": "#/components/examples/NotCancellable"}
         for name in ("running", "succeeded", "failed", "cancelled")} | {"key_busy": ERROR}))  # fmt: skip
    with serving(tmp_path, late) as own:
        headers = {**KEY, "Idempotency-Key": "k"}
        for identity, status in (("nobody", 404), (own.submit().json()["id"], 422)):
            assert own.http.post(f"/v1/jobs/{identity}/cancel", headers=headers).status_code == status
        again = own.http.post("/v1/jobs/nobody/cancel", headers=headers)
        assert (again.status_code, again.headers["idempotent-replayed"]) == (404, "true")
        identity = own.submit().json()["id"]
        headers["Idempotency-Key"] = "late"
        own.advance(5)
        refused = own.http.post(f"/v1/jobs/{identity}/cancel", headers=headers)
        again = own.http.post(f"/v1/jobs/{identity}/cancel", headers=headers)
        assert (refused.status_code, refused.content) == (409, again.content)
        assert "idempotent-replayed" in again.headers


def test_a_request_that_is_refused_before_uses_no_key(tmp_path: Path) -> None:
    with serving(tmp_path, keyed()) as own:
        assert submit(own, prompt="").status_code == 400
        assert submit(own, headers={"X-API-Key": "nobody"}).status_code == 401
        assert submit(own).status_code == 201


def test_no_credits_are_no_credits_once_more(tmp_path: Path) -> None:
    paid = both(keyed(), behave("/resources/job/cost", 5), show(f"{SUBMIT}/responses/402", {
        "description": "Pay", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Error"}, "examples": {"no_credits": ERROR}}}}))  # fmt: skip
    with serving(tmp_path, paid) as own:
        account = own.running.default.api(NAME).account(credits=5)
        headers = {"X-API-Key": account.api_key}
        assert [submit(own, key, headers=headers).status_code for key in ("a", "a", "b", "b")] == [201, 201, 402, 402]
        assert jobs(own) == 1


def test_an_answer_that_a_fault_made_instead_is_not_kept_and_a_lost_one_is(tmp_path: Path) -> None:
    with serving(tmp_path, keyed()) as own:
        api = own.running.default.api(NAME)
        api.fault("status", operation="submitJob", status=503, times=1)
        assert [submit(own).status_code for _ in range(2)] == [503, 201]
        api.fault("answer_lost", operation="submitJob", times=1)
        with pytest.raises(httpx.HTTPError):
            submit(own, "lost")
        again = submit(own, "lost")
        assert (again.status_code, again.headers["idempotent-replayed"], jobs(own)) == (201, "true", 2)
        assert "resubmitted" not in {found.rule for found in api.conduct}
        *_, entry = api.journal
        assert entry.raw["replayed"] == entry.n - 1


def test_a_lost_answer_that_is_asked_for_under_another_key_is_a_job_too_many(tmp_path: Path) -> None:
    with serving(tmp_path, keyed()) as own:
        api = own.running.default.api(NAME)
        api.fault("answer_lost", operation="submitJob", times=1)
        with pytest.raises(httpx.HTTPError):
            submit(own, "one")
        submit(own, "two")
        assert [found.rule for found in api.conduct] == ["resubmitted"]


def test_a_replay_meets_faults_and_limits_as_any_request_does(tmp_path: Path) -> None:
    few = behave("/limits/0/limit", 3)
    with serving(tmp_path, keyed(), few) as own:
        submit(own)
        own.running.default.api(NAME).fault("truncated_json", operation="submitJob", times=1)
        broken = submit(own)
        assert (broken.status_code, broken.headers["x-mock-fault"]) == (201, "truncated_json")
        assert [submit(own).status_code for _ in range(2)] == [201, 429]


def test_a_replay_sends_no_webhook_and_uses_no_plan(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, keyed(), ENDS) as own:
        api = own.running.default.api(NAME)
        first = submit(own, callback=receiver.url)
        api.next_job(outcome="failed")
        submit(own, callback=receiver.url)
        assert submit(own, "other").json()["id"] != first.json()["id"]
        own.advance(1000)
        assert [each.json["status"] for each in receiver.got] == ["succeeded"]
        assert own.sandbox.apis[NAME].orders == type(own.sandbox.apis[NAME].orders)()


def test_a_kept_answer_expires_on_the_sandboxs_clock_and_goes_at_a_reset(tmp_path: Path) -> None:
    with serving(tmp_path, keyed(ttl=60)) as own:
        first = submit(own).json()["id"]
        own.advance(59.9)
        assert submit(own).json()["id"] == first
        own.advance(0.1)
        second = submit(own).json()["id"]
        assert second != first
        own.running.default.reset()
        assert submit(own, prompt="Another").status_code == 201


def test_the_parts_of_a_form_are_compared_and_its_boundary_is_not(tmp_path: Path) -> None:
    mutations = (
        show(f"{SUBMIT}/requestBody/content", FORM),
        without(BEHAVIOR, "/webhooks"),
        without(BEHAVIOR, "/resources/job/results/picture/aspect"),
    )
    with serving(tmp_path, *mutations, keyed()) as own:

        def sent(data: bytes, boundary: str, name: str = "a.png") -> int:
            parts = [
                f'--{boundary}\r\ncontent-disposition: form-data; name="prompt"\r\n\r\nx\r\n'.encode(),
                f'--{boundary}\r\ncontent-disposition: form-data; name="picture"; filename="{name}"\r\n\r\n'.encode(),
                data + f"\r\n--{boundary}--\r\n".encode(),
            ]
            kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
            headers = {**KEY, **kind, "Idempotency-Key": "k"}
            return own.http.post("/v1/jobs", content=b"".join(parts), headers=headers).status_code

        assert [sent(b"abc", "one"), sent(b"abc", "two"), sent(b"abd", "one"), sent(b"abc", "one", "b.png")] == [
            201, 201, 422, 422,
        ]  # fmt: skip
        assert jobs(own) == 1


def test_a_key_is_kept_in_a_snapshot(tmp_path: Path) -> None:
    with serving(tmp_path, keyed()) as own:
        first = submit(own)
        taken = own.running.default.snapshot()
        with own.running.sandbox(snapshot=taken) as other:
            api = other.api(NAME)
            headers = {"X-API-Key": api.api_key, "Idempotency-Key": "k1"}
            path = f"{api.url}/v1/jobs"
            again = httpx.post(path, json={"prompt": "A lighthouse"}, headers=headers, trust_env=False)
            assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
            assert httpx.post(path, json={"prompt": "B"}, headers=headers, trust_env=False).status_code == 422


def test_while_the_first_request_is_in_work_a_second_one_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path, keyed()) as own:
        kept, name = own.sandbox.apis[NAME].part.keys, sha256(b"k1").hexdigest()
        key = KeyName(own.account.id, "submitJob", name)
        kept.claim(key, KeyUse("of another request", 0.0, 1), 60.0)
        assert (submit(own).json()["code"], submit(own).status_code, jobs(own)) == ("key", 409, 0)
        kept.give_up(key, 1)
        assert submit(own).status_code == 201


MISTAKES: list[tuple[str, Mutation, str, str]] = [
    ("no operation declares it", behave("/idempotency", IDEMPOTENCY), "#/idempotency/header", "Declare it"),
    ("a header written wrong", both(keyed(), behave("/idempotency/header", "Idempotency-Kee")),
     "#/idempotency/header", "Did you mean 'Idempotency-Key'"),
    ("a word too many", both(keyed(), behave("/idempotency/replay", "X")), "#/idempotency", "'replayed' is there"),
    ("no time", both(keyed(), behave("/idempotency/ttl", 0)), "#/idempotency/ttl", "minimum"),
    ("no answer to a mismatch", both(keyed(), without(OPENAPI, f"{SUBMIT}/responses/422")),
     f"#{SUBMIT}/responses", "key_mismatch"),
]  # fmt: skip


@pytest.mark.parametrize(("mutation", "at", "word"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_its_remedy(mutation: Mutation, at: str, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(at in each and word in each for each in found), found


def test_an_operation_that_sends_bytes_takes_no_key(tmp_path: Path) -> None:
    at = "/paths/~1v1~1jobs~1{jobId}~1picture"
    get = {"operationId": "getPicture", "responses": {}}

    def bytes_of(documents: Any) -> None:
        openapi = documents[OPENAPI]
        shown = openapi["paths"]["/v1/jobs/{jobId}"]
        content = shown["get"]["responses"]["200"]["content"]["application/json"]
        examples = {name: each for name, each in content["examples"].items() if name not in ("succeeded",)}
        responses = {**shown["get"]["responses"], "202": {"description": "Not yet", "content": {
            "application/json": {"schema": content["schema"], "examples": examples}}}}  # fmt: skip
        openapi["paths"]["/v1/jobs/{jobId}/picture"] = {
            "parameters": shown["parameters"],
            "get": {**get, "responses": {k: v for k, v in responses.items() if k != "200"}},
        }
        documents[BEHAVIOR]["operations"]["getPicture"] = {"verb": "content", "resource": "job", "result": "picture"}

    whole = both(
        bytes_of, behave("/idempotency", IDEMPOTENCY), show(f"{at}/get/parameters", [parameter("Idempotency-Key")]),
        refusals(f"{at}/get"), show(f"{at}/get/responses/409/content/application~1json/examples/key_busy", ERROR),
    )  # fmt: skip
    found = findings(tmp_path, whole)
    assert any("what it sends is not kept" in each for each in found), found


ANSWER = SavedAnswer(201, "queued", "application/json", (), b"x" * 1000)


def test_answers_are_kept_within_bounds_and_what_is_in_work_is_never_forgotten() -> None:
    keys = KeyUses(bound=100, most=60_000)
    under_way = KeyName("a", "o", "first")
    assert keys.claim(under_way, KeyUse("d", 0.0, 1), 60.0) is None
    for n in range(2, 400):
        key = KeyName("a", "o", str(n))
        keys.claim(key, KeyUse("d", 0.0, n), 60.0)
        keys.save(key, ANSWER)
        assert (len(keys) <= 100, keys.bytes <= 60_000) == (True, True)
    assert keys.claim(under_way, KeyUse("d", 0.0, 500), 60.0) is not None
    assert keys.claim(KeyName("a", "o", "2"), KeyUse("d", 0.0, 501), 60.0) is None
    assert keys.dropped > 300


def test_a_request_that_ends_without_an_answer_gives_its_key_up() -> None:
    keys, key = KeyUses(), KeyName("a", "o", "k")
    keys.claim(key, KeyUse("d", 0.0, 1), 60.0)
    keys.give_up(key, 2)
    assert keys.claim(key, KeyUse("d", 0.0, 3), 60.0) is not None
    keys.give_up(key, 1)
    assert (keys.claim(key, KeyUse("d", 0.0, 3), 60.0), len(keys)) == (None, 1)
    keys.save(key, ANSWER)
    keys.give_up(key, 3)
    assert len(keys) == 1


@pytest.mark.parametrize(("problem", "status"), [("busy", 409), ("mismatch", 422)])
def test_a_fault_refuses_a_key(tmp_path: Path, problem: str, status: int) -> None:
    with serving(tmp_path, keyed(), is_sound=False) as own:
        api = own.running.default.api(NAME)
        api.fault("key_in_use", problem=problem, times=1)
        refused = submit(own)
        assert (refused.status_code, jobs(own)) == (status, 0)
        assert submit(own).status_code == 201
        with pytest.raises(Exception, match="it takes no idempotency keys"):
            api.fault("key_in_use", operation="getJob")


# --- what a trial finds


def test_the_trial_uses_a_key_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*said: Any) -> None:
        return None

    monkeypatch.setattr(steps, "claim", unknown)
    found = tried(contract_of(tmp_path, keyed()))
    assert any("is answered otherwise when its key is used again" in str(each) for each in found), found


def test_the_trial_sends_something_else_under_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "request_identity", lambda call, query, text: b"the same")
    found = tried(contract_of(tmp_path, keyed()))
    assert any("takes a key for two different requests" in str(each) for each in found), found


def test_the_trial_finds_a_key_that_no_schema_allows(tmp_path: Path) -> None:
    none = [parameter("Idempotency-Key", schema={"type": "string", "maxLength": 1})]
    found = tried(contract_of(tmp_path, keyed(), show(f"{SUBMIT}/parameters", none)))
    assert any("submitJob takes no key that was tried" in str(each) for each in found), found


def contract_of(folder: Path, *mutations: Mutation) -> Contract:
    contract, found = load_folder(write(folder / NAME, documents(*mutations)))
    assert contract is not None, found
    return contract
