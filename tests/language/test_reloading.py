"""An edited contract is taken up while the server runs; a broken one changes nothing, and what is lost is told."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, Mutation, behave, both, show, without, write
from language_kit import NAME, Served, documents, serving
from lives_kit import state
from running_kit import on_loop
from serve_kit import serving as process
from webhook_words_kit import told as to_receivers
from wire_kit import PATIENCE

from mockserver.app.reloading import Edited, Reload
from mockserver.cli.log import LOGS
from mockserver.contract import Contract

KEY = {"X-API-Key": "demo-key"}
LONG = behave("/resources/job/run", {"queued": {"fixed": 3}, "running": {"fixed": 10}})
TITLE = show("/info/title", "Edited")
SIGNING = (to_receivers("account", sign="standard-webhooks"),)
HEADER = show("/paths/~1v1~1jobs/post/responses/201/headers", {"X-New": {"schema": {}, "example": "yes"}})


@dataclass
class Watched:
    """A server whose contract is watched, and what was told of it."""

    own: Served
    folder: Path
    reloads: list[Reload]
    told: list[Edited] = field(default_factory=list)

    def edit(self, *mutations: Mutation) -> Edited:
        """Write the contract anew; it is looked at until it has not changed."""
        write(self.folder, documents(LONG, *mutations))
        return self.looked()

    def looked(self) -> Edited:
        for _ in range(2):
            self.look()
        return self.told[-1]

    def look(self) -> None:
        """Each of the servers does; the first one tells of it."""
        for each in self.reloads:
            on_loop(self.own.running, each.look())


def watched_in(own: Served, folder: Path, told: list[Edited]) -> Watched:
    """A server, or both that answer by turns, whose contract is looked at."""
    app, folders = own.running.app, {NAME: folder / NAME}
    others = [Reload(each, folders, lambda _: None) for each in getattr(app.store, "others", ())]
    return Watched(own, folder / NAME, [Reload(app, folders, told.append), *others], told)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with serving(tmp_path, LONG) as own:
        yield watched_in(own, tmp_path, [])


def test_an_edit_is_served_without_a_restart(watched: Watched) -> None:
    assert "x-new" not in watched.own.submit().headers
    assert watched.edit(HEADER, TITLE) == Edited(NAME, lost=[])
    assert watched.own.submit().headers["x-new"] == "yes"
    assert watched.own.http.get("/openapi.json").json()["info"]["title"] == "Edited"


def test_an_edit_is_served_at_the_hosts_of_the_contract_and_at_those_that_it_names_anew(watched: Watched) -> None:
    own = watched.own

    def told(host: str) -> tuple[int, str | None]:
        got = own.http.post(f"{own.root}/v1/jobs", headers={"Host": host, **KEY}, json={"prompt": "A lighthouse"})
        return got.status_code, got.headers.get("x-new")

    watched.edit(behave("/hosts", ["one.acme.com"]))
    assert told("one.acme.com") == (201, None)
    watched.edit(behave("/hosts", ["one.acme.com", "other.acme.com"]), HEADER)
    assert [told(host) for host in ("one.acme.com", "other.acme.com")] == [(201, "yes")] * 2
    watched.edit(behave("/hosts", ["other.acme.com"]))
    assert [told(host)[0] for host in ("one.acme.com", "other.acme.com")] == [404, 201]


def test_a_page_may_read_the_headers_that_an_edit_brings(watched: Watched) -> None:
    def exposed() -> str:
        got = watched.own.http.get("/v1/jobs", headers={"Origin": "http://a.b", **KEY})
        found: str = got.headers["access-control-expose-headers"].lower()
        return found

    assert "x-new" not in exposed()
    watched.edit(HEADER)
    assert "x-new" in exposed()


def test_documents_and_pages_that_were_read_before_an_edit_are_written_anew(watched: Watched) -> None:
    url = watched.own.running.url
    paths = [f"{url}/_mock/openapi.json", f"{url}/_mock/docs", f"{url}/{NAME}/openapi.json", f"{url}/{NAME}/docs"]
    before = [watched.own.http.get(path).text for path in paths]
    watched.edit(TITLE, behave("/scenarios/hush", {"title": "Hush", "latency": {"fixed": 1}}))
    after = [watched.own.http.get(path).text for path in paths]
    assert [now != then for now, then in zip(after, before, strict=True)] == [True] * 4
    assert "hush" in after[0]
    assert "Edited" in after[3]


def test_a_broken_edit_keeps_what_was_before_and_says_why(watched: Watched) -> None:
    identity = watched.own.submit().json()["id"]
    edited = watched.edit(HEADER, behave("/operations/getJob/verb", "shw"))
    assert [each.remedy.partition("?")[0] for each in edited.mistakes] == ["Did you mean 'show'"]
    assert "x-new" not in watched.own.submit().headers
    assert watched.own.show(identity)["status"] == "queued"
    (watched.folder / BEHAVIOR).write_text("{")
    assert "this is not JSON" in watched.looked().mistakes[0].sentence
    assert not watched.edit(HEADER).mistakes
    assert watched.own.submit().headers["x-new"] == "yes"


def test_a_file_that_is_still_being_written_is_not_read(watched: Watched) -> None:
    (watched.folder / BEHAVIOR).write_text("{")
    watched.look()
    write(watched.folder, documents(LONG, HEADER))
    watched.look()
    assert watched.told == []
    watched.look()
    assert watched.told == [Edited(NAME, lost=[])]


def test_jobs_go_on_as_they_were_planned(watched: Watched) -> None:
    identity = watched.own.submit().json()["id"]
    watched.own.advance(5)
    assert watched.own.show(identity)["status"] == "running"
    watched.edit(behave("/resources/job/run", {"queued": {"fixed": 100}, "running": {"fixed": 100}}), HEADER)
    assert watched.own.show(identity)["status"] == "running"
    watched.own.advance(9)
    assert watched.own.show(identity)["status"] == "succeeded"
    later = watched.own.submit().json()["id"]
    watched.own.advance(50)
    assert watched.own.show(later)["status"] == "queued"


def renamed(documents: Any) -> None:
    """The state `running` is called `rendering` everywhere."""
    for name, document in documents.items():
        text = json.dumps(document).replace('"running"', '"rendering"')
        text = text.replace('"phase": "rendering"', '"phase": "running"')
        documents[name] = json.loads(text.replace('"rendering": {"fixed"', '"running": {"fixed"'))
    for scenario in documents[BEHAVIOR]["scenarios"].values():
        scenario.pop("run", None)


def test_jobs_whose_states_are_gone_are_told_as_lost(watched: Watched) -> None:
    identity = watched.own.submit().json()["id"]
    assert list(watched.edit(renamed).lost) == ["default: 1 jobs whose resource or state is not there any more"]
    assert watched.own.http.get(f"/v1/jobs/{identity}", headers=KEY).status_code == 404
    assert watched.own.submit().status_code == 201


def test_credentials_credits_quirks_and_faults_stay_where_they_have_a_place(watched: Watched) -> None:
    side = watched.own.sandbox.apis[NAME]
    made = watched.own.http.post(f"{watched.own.root}/_mock/sandboxes/default/accounts", json={"api": NAME}).json()
    side.quirk("loud", on=False)
    watched.own.http.post(
        f"{watched.own.root}/_mock/sandboxes/default/faults",
        json={"api": NAME, "fault": "status", "operation": "getJob"},
    )
    assert watched.edit(HEADER).lost == []
    after = watched.own.sandbox.apis[NAME]
    assert (after.switched(), len([*after.faults.armed.values()])) == ({"loud": False}, 1)
    told = watched.own.http.post("/v1/jobs", json={"prompt": "x"}, headers={"X-API-Key": made["api_key"]})
    assert told.status_code == 201
    quiet = both(without(BEHAVIOR, "/quirks"), without("openapi.json", f"{SHOWN}/failed.loud-off"))
    assert list(watched.edit(quiet).lost) == ["default: the quirk loud"]


SHOWN = "/paths/~1v1~1jobs~1{jobId}/get/responses/200/content/application~1json/examples"


def test_jobs_that_come_by_themselves_to_a_state_that_is_gone_are_lost(tmp_path: Path) -> None:
    left = behave("/resources/job/states/succeeded", {"end": "success", "after": {"fixed": 100}, "then": "expired"})
    chain = (state("expired", "Failed", gone=True), left)
    with serving(tmp_path, LONG, *chain) as own:
        told: list[Edited] = []
        watched = watched_in(own, tmp_path, told)
        own.submit()
        assert watched.edit(*chain, HEADER).lost == []
        assert list(watched.edit().lost) == ["default: 1 jobs whose resource or state is not there any more"]


def test_webhook_endpoints_and_their_secrets_stay(tmp_path: Path) -> None:
    words = (LONG, *SIGNING)
    with serving(tmp_path, *words) as own:
        told: list[Edited] = []
        watched = watched_in(own, tmp_path, told)
        endpoint = own.running.default.api(NAME).webhook_endpoint("https://example.test/hook")
        endpoint.rotate_secret()
        assert watched.edit(*SIGNING, HEADER).lost == []
        after = own.sandbox.apis[NAME].endpoints
        assert after.registered[endpoint.id].secret == endpoint.secret
        assert len(after.replaced[endpoint.id]) == 1


def test_plans_that_wait_keep_their_names(watched: Watched) -> None:
    own = watched.own.running.default.api(NAME)
    first = own.next_job(outcome="failed")
    watched.edit(HEADER)
    assert own.next_job(outcome="failed").id != first.id


def test_what_was_served_before_is_let_go_of(watched: Watched) -> None:
    def held() -> int:
        gc.collect()
        return sum(type(each) is Contract and each.name == NAME for each in gc.get_objects())

    many = set[int]()
    for n in range(4):
        watched.edit(show("/info/title", f"Edited {n}"))
        assert watched.own.submit().status_code == 201
        many.add(held())
    assert len(many) == 1, "one edit more leaves nothing behind"


def test_other_sandboxes_take_it_up_as_well_and_new_ones_begin_with_it(watched: Watched) -> None:
    with watched.own.running.sandbox() as one:
        watched.edit(HEADER)
        with watched.own.running.sandbox() as two:
            for each in (one, two):
                api = each.api(NAME)
                told = watched.own.http.post(
                    f"{api.url}/v1/jobs", json={"prompt": "x"}, headers={"X-API-Key": api.api_key}
                )
                assert told.headers["x-new"] == "yes"


def test_what_was_edited_is_told_in_lines_and_in_json() -> None:
    good, bad = Edited(NAME, lost=["default: the quirk loud"]), Edited(NAME, mistakes=[])
    assert list(LOGS["text"].edited(good)) == [
        "own was edited and is served as it is now",
        "    lost: default: the quirk loud",
    ]
    (told,) = LOGS["json"].edited(good)
    assert json.loads(told) == {"event": "reloaded", "api": "own", "lost": ["default: the quirk loud"]}
    assert list(LOGS["text"].edited(bad)) == ["own was edited and is served as it is now"]


def test_the_command_takes_up_what_is_edited_and_says_so(tmp_path: Path) -> None:
    folder = write(tmp_path / NAME, documents())
    with process("--contracts", str(folder), "--reload", "--quiet", "--log", "json") as served:
        end = threading.Timer(PATIENCE, served.process.kill)  # else nobody stops waiting
        end.start()
        lines = map(json.loads, filter(None, served.process.stdout))  # type: ignore[arg-type]
        write(folder, documents(behave("/operations/getJob/verb", "shw")))
        told = next(lines)
        assert (told["event"], told["api"]) == ("refused", NAME)
        assert "Did you mean 'show'?" in told["mistakes"][0]
        write(folder, documents(TITLE))
        assert next(lines) == {"event": "reloaded", "api": NAME, "lost": []}
        end.cancel()
