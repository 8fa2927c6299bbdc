"""Every scenario of every contract is played over real sockets and does what its title says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fault_kit import PATIENCE, SAMPLES, account_of, quiet
from inbox_kit import Inbox

from mockserver import Running
from mockserver.errors import UsageError
from mockserver.faults import check_use, fault_of
from mockserver.launch import contracts_in
from mockserver.sandbox import Sandbox

CONTRACTS = {contract.name: contract for contract in contracts_in()}
WISHED = {"happy", "slow", "flaky", "overloaded", "outage", "failing", "stuck", "expired-links"}
PLAYED = [(api, name) for api, contract in CONTRACTS.items() for name in contract.scenarios]
LONG = 3600.0  # seconds after which every job that ends has ended
BROKEN = (httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)


class Customer:
    """Creates jobs of an API and looks at them; every API in its own words."""

    def __init__(self, sandbox: Sandbox, api: str) -> None:
        self.sandbox, self.api = sandbox, api
        self.account = account_of(sandbox, api)
        self.client = httpx.Client(base_url=sandbox.url(api), trust_env=False, timeout=PATIENCE)
        self.client.headers["X-API-Key"] = self.account.key
        self.word = "anyone"

    def authorize(self) -> None:
        if self.api == "mirrago":
            asked = {"grant_type": "client_credentials", "client_id": self.account.client_id}
            token = self.client.post("/oauth/token", json={**asked, "client_secret": self.account.client_secret})
            self.client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    def create(self, hook: str | None = None) -> httpx.Response:
        picture = (SAMPLES / "portrait.png").read_bytes()
        match self.api:
            case "vidgen":
                files = {"image": (self.word, picture, "image/png"), "audio": _voice()}
                return self.client.post("/api/jobs", files=files, data={"webhookUrl": hook} if hook else None)
            case "miragic":
                files = {"image": (self.word, picture, "image/png")}
                data = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
                return self.client.post("/api/v1/speed-painting/create", files=files, data=data)
            case "mirrago":
                data = {"username": self.word, **({"callback_url": hook} if hook else {})}
                images = dict.fromkeys(("target_image", "garment_image"), ("a.png", picture, "image/png"))
                return self.client.post("/v1/mirrago/generate-image", files=images, data=data)
            case _:
                return self.client.post("/api/image/generate", json={"prompt": self.word, "name": "anyone"})

    def show(self, created: httpx.Response) -> httpx.Response:
        body = created.json()
        match self.api:
            case "vidgen":
                return self.client.get(f"/api/status/{body['jobId']}")
            case "miragic":
                return self.client.get(f"/api/v1/speed-painting/jobs/{body['data']['jobId']}")
            case "mirrago":
                return self.client.get(f"/v1/mirrago/job/{body['job_id']}")
            case _:
                return self.client.get(f"/api/image/{body['jobId']}")


def _voice() -> tuple[str, bytes, str]:
    return "voice.mp3", (SAMPLES / "voice.mp3").read_bytes(), "audio/mpeg"


def state(customer: Customer) -> tuple[str | None, str]:
    """How the newest job ends (success, failure), and its state."""
    side = customer.sandbox.apis[customer.api]
    job = side.planned(side.store.newest(1)[0])
    name = job.status(customer.sandbox.clock.now()).state
    return side.contract.resources[job.resource].states[name].end, name


@pytest.fixture
def customer(make_sandbox: Callable[..., Sandbox], request: pytest.FixtureRequest) -> Iterator[Customer]:
    made = Customer(make_sandbox(insecure_webhooks=True, seed="7"), request.param)
    made.authorize()
    yield made
    made.client.close()


def each(scenario: str) -> Any:
    """Every API that has the scenario."""
    names = [api for api, name in PLAYED if name == scenario]
    STORIES.add(scenario)
    return pytest.mark.parametrize("customer", names, indirect=True)


STORIES: set[str] = set()


@pytest.mark.parametrize("api", CONTRACTS)
def test_every_contract_has_the_scenarios_that_users_rely_on(api: str) -> None:
    contract = CONTRACTS[api]
    wished = WISHED | {"lossy-webhooks"} if contract.webhooks else WISHED
    assert set(contract.scenarios) >= wished
    assert all(scenario.title for scenario in contract.scenarios.values())


@pytest.mark.parametrize(("api", "name"), PLAYED)
def test_the_faults_of_a_scenario_can_take_effect(api: str, name: str) -> None:
    for data in CONTRACTS[api].scenarios[name].faults:
        check_use(CONTRACTS[api], *fault_of(data))


def _play(customer: Customer, name: str) -> None:
    customer.sandbox.apis[customer.api].play(name)


@each("happy")
def test_in_happy_every_job_succeeds_in_fifteen_seconds(customer: Customer) -> None:
    _play(customer, "happy")
    assert customer.create().is_success
    customer.sandbox.clock.advance(15)
    assert state(customer)[0] == "success"


@each("slow")
def test_in_slow_no_job_is_done_after_fifteen_seconds(customer: Customer) -> None:
    _play(customer, "slow")
    created = customer.create()
    customer.sandbox.clock.advance(15)
    assert state(customer)[0] is None
    customer.sandbox.clock.advance(LONG)
    customer.authorize()
    assert customer.show(created).is_success
    assert state(customer)[0] == "success"


@each("failing")
def test_in_failing_every_job_fails(customer: Customer) -> None:
    _play(customer, "failing")
    customer.create()
    customer.sandbox.clock.advance(LONG)
    assert state(customer)[0] == "failure"


@each("stuck")
def test_in_stuck_no_job_ever_ends(customer: Customer) -> None:
    _play(customer, "stuck")
    created = customer.create()
    customer.sandbox.clock.advance(1e6)
    customer.authorize()
    assert customer.show(created).headers["x-mock-fault"] == "stuck"
    assert state(customer)[0] is None


@each("expired-links")
def test_in_expired_links_a_result_cannot_be_fetched(customer: Customer) -> None:
    _play(customer, "expired-links")
    created = customer.create()
    customer.sandbox.clock.advance(1000)
    shown = customer.show(created)
    links = [text for text in shown.text.split('"') if "/_media/" in text and "signature=" in text]
    assert shown.headers["x-mock-fault"] == "result_expired"
    results = [link for link in links if "/upload." not in link]
    assert results
    assert {customer.client.get(link).status_code for link in results} == {403}


@each("outage")
def test_in_outage_nothing_is_answered_but_by_a_gateway(customer: Customer) -> None:
    _play(customer, "outage")
    seen = _seen(customer, 20)
    assert set(seen) == {503, "broken"}
    assert customer.sandbox.apis[customer.api].store.number == 0


@each("flaky")
def test_in_flaky_most_requests_are_answered_and_some_are_not(customer: Customer) -> None:
    customer.sandbox.limits_on = False
    created = customer.create()
    _play(customer, "flaky")
    seen = Counter(_outcome(lambda: customer.show(created)) for _ in range(60))
    assert seen[200] > 30
    assert seen[502] + seen[503] + seen["broken"] > 3


@each("overloaded")
def test_in_overloaded_limits_are_soon_reached_and_answers_are_late(customer: Customer) -> None:
    _play(customer, "overloaded")
    latency = customer.sandbox.apis[customer.api].latency
    assert all(latency(operation) is not None for operation in CONTRACTS[customer.api].operations)
    created = customer.create()
    assert created.is_success
    contract = CONTRACTS[customer.api]
    refused = {v.status for o in contract.operations.values() for v in o.examples.get("rate_limited", ())}
    first = contract.scenarios["overloaded"].limits
    assert first is not None
    for _ in range(first[0].limit):
        customer.sandbox.apis[customer.api].limiter.hit(first, _caller(customer, first[0].per), _now(customer))
    assert customer.show(created).status_code in refused


def _caller(customer: Customer, per: str) -> str:
    return "127.0.0.1" if per == "ip" else customer.account.id


def _now(customer: Customer) -> float:
    return customer.sandbox.clock.now()


@each("lossy-webhooks")
def test_in_lossy_webhooks_some_are_lost_and_some_come_twice(
    customer: Customer, advance: Callable[[Sandbox, float], None]
) -> None:
    customer.sandbox.limits_on = False
    _play(customer, "lossy-webhooks")
    with Inbox() as inbox:
        for _ in range(25):
            assert customer.create(inbox.url).is_success
            advance(customer.sandbox, 100)
        customer.client.close()
        seen = Counter(letter.body for letter in inbox.letters)
    assert len(seen) < 25
    assert 2 in seen.values()


def _seen(customer: Customer, requests: int) -> Counter[object]:
    return Counter(_outcome(customer.create) for _ in range(requests))


def _outcome(ask: Callable[[], httpx.Response]) -> object:
    try:
        return ask().status_code
    except BROKEN:
        return "broken"


def test_every_scenario_is_played_here() -> None:
    assert {name for _, name in PLAYED} == STORIES


def test_playing_another_scenario_takes_its_faults_back_and_leaves_a_test_s_own(sandbox: Sandbox) -> None:
    side = sandbox.apis["vidgen"]
    own = side.faults.arm(*fault_of({"fault": "hang", "operation": "getHealth"}))
    side.play("flaky")
    assert len([*side.faults.armed.values()]) == 5
    side.play("happy")
    assert [*side.faults.armed.values()] == [own]
    with pytest.raises(UsageError):
        side.play("unheard-of")
    side.play("outage")
    side.sandbox.reset()
    assert [*side.faults.armed.values()] == []


MASKED = ("seconds", "path")


def _journal_of_a_run(make: Callable[..., Sandbox], running: Running) -> list[dict[str, Any]]:
    customer = Customer(make(seed="7"), "vidgen")
    _play(customer, "flaky")
    for name in ("status", "truncated_json", "latency", "close_mid_body"):
        data = {"fault": name, "probability": 0.3, **({"seconds": 0.01} if name == "latency" else {})}
        customer.sandbox.apis["vidgen"].faults.arm(*fault_of(data))
    for _ in range(3):
        _outcome(customer.create)
        for _ in range(8):
            _outcome(lambda: customer.client.get("/api/jobs"))
            customer.sandbox.clock.advance(1)
    customer.client.close()
    quiet(running.thread.loop, customer.sandbox)
    entries = sorted(customer.sandbox.journal, key=lambda entry: entry.n)
    masked = [{key: value for key, value in e._asdict().items() if key not in MASKED} for e in entries]
    own = customer.sandbox.name  # stands in the URLs of answers
    return [{**entry, "answered": str(entry["answered"]).replace(own, "own")} for entry in masked]


def test_a_run_with_one_seed_leaves_the_same_journal_every_time(
    make_sandbox: Callable[..., Sandbox], running: Running
) -> None:
    runs = [_journal_of_a_run(make_sandbox, running) for _ in range(3)]
    assert runs[0] == runs[1] == runs[2]
    assert len({str(entry["extra"]) for entry in runs[0]}) > 4
