"""What `check` refuses does not start, and `check` tries what a contract hands out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from check_kit import Mutation, behave, both, show, write
from click.testing import CliRunner
from flow_kit import EVENTS, streaming, waiting_create
from language_kit import FORM, NAME, SHOW, SUBMIT, documents
from lives_kit import cancelling, state
from webhook_words_kit import told

from mockserver import start
from mockserver.app import options
from mockserver.app.trial_run import tried
from mockserver.cli import main
from mockserver.contract import Contract
from mockserver.errors import ContractError, Finding
from mockserver.loader import load_folder

ID = "/operations/submitJob/bindings/~1id"
LINK = "/paths/~1v1~1jobs/post/responses/201/links/show/parameters/jobId"


def naming_a_file() -> Mutation:
    """A job is submitted with a file, or with what names one: its example does the latter."""
    either = {"oneOf": [{"type": "string", "format": "binary"}, {"type": "object"}]}
    form = f"{SUBMIT}/requestBody/content/multipart~1form-data"
    return both(
        taking("text/plain"), show(f"{form}/schema/properties/picture", either),
        show(f"{form}/examples/one/value/picture", {"id": "x"}),
    )  # fmt: skip


def taking(*accept: str) -> Mutation:
    """A job is submitted with a file of one of these types."""
    rule = {"accept": [*accept], "max_bytes": 99, "unsupported": "unsupported_body", "too_large": "too_large"}
    return both(
        show(f"{SUBMIT}/requestBody/content", FORM), behave("/operations/submitJob/files", {"picture": rule}),
        behave("/resources/job/results/picture", {"make": "picture", "file": "picture.png"}), behave("/matches", []),
        behave("/webhooks", {}), show("/webhooks", {}),
    )  # fmt: skip


FIELDS = "/components/schemas/JobRequest/properties"
CREDITS = show(f"{SUBMIT}/responses/402", {"description": "Too few", "content": {"application/json": {
    "examples": {"no_credits": {"value": {"code": "no_credits", "message": "x"}}}}}})  # fmt: skip
LOST = both(state("lost", like="Failed", end="failure"))
ROWS: list[tuple[str, Mutation, str]] = [
    ("an id with a prefix that is not its own", behave(ID, {"join": ["job_", {"fact": "id"}]}), "tells 'job_"),
    ("no id at all", behave("/operations/submitJob/bindings", {"/prompt": "request./prompt"}), "does not tell the job"),
    ("a link that leads to no job", show(LINK, "$response.body#/prompt"), "the link show leads to no job"),
    ("nothing", behave("/quirks/loud/title", "Loud"), ""),
    ("a move to the timed state that it finds", behave("/operations/cancelJob/to", {"queued": "queued"}), ""),
    ("a file of a type that no bytes tell", taking("application/jsonl", "text/plain"), ""),
    ("a file that an example shows as something else", naming_a_file(), "the example of a request of submitJob"),
    ("a file of any type", taking("application/octet-stream"), ""),
    ("a URL with nothing behind it", both(
        behave("/operations/getJob/bindings/~1error", {"join": ["http://127.0.0.1:8000/own/v1/nowhere"]}),
        show("/components/examples/Succeeded/value/error", "x")), "nothing is there"),
    ("a stream", streaming(), ""),
    ("a stream like another operation", streaming(examples=None, like="getJob", bindings={}), ""),
    ("a stream that does not tell the end", streaming(
        examples={name: EVENTS[name] for name in ("queued", "running", "progress", "log")},
        bindings={"/progress": "progress"}), "ends without a word of 'succeeded'"),
    ("a link of an answer that shows a job", show(f"{SHOW}/responses/200/links", {"again": {
        "operationId": "getJob", "parameters": {"jobId": "$response.body#/prompt"}}}), "the link again leads to no"),
    ("a price of a text", both(behave("/resources/job/cost", "request./prompt"), CREDITS), "costs nothing by any"),
    ("a price of a field that no request shows", both(behave("/resources/job/cost", {"times": [2, "request./seed"]}),
     show(f"{FIELDS}/seed", {"type": "integer"}), CREDITS), "costs nothing by any example"),
    ("a price by a table", both(
        behave("/resources/job/cost", {"fact": "request./prompt", "of": {"x": 1}, "else": 3}), CREDITS), ""),
    ("a refund in a state that no job comes to", both(behave("/resources/job/cost", 3), CREDITS, LOST,
     behave("/resources/job/refunds", ["lost"])), "no job comes to 'lost'"),
    ("a refund of a failure", both(behave("/resources/job/cost", 3), CREDITS,
     behave("/resources/job/refunds", ["failed", "cancelled"])), ""),
    ("a lifetime that is no seconds", behave("/resources/job/run/within", {
        "seconds": "request./prompt", "then": "cancelled"}), "which is no number of seconds"),
    ("a stay that is no seconds", behave("/resources/job/states/succeeded", {
        "end": "success", "after": {"seconds": "request./prompt"}, "then": "failed"}), "which is no number of seconds"),
    ("a lifetime by a table", behave("/resources/job/run/within", {
        "seconds": {"fact": "request./prompt", "of": {"x": 5}, "else": "1h"}, "then": "cancelled"}), ""),
    ("answers that are held back", both(waiting_create(), show(f"{SUBMIT}/parameters/0/example", "wait=60")), ""),
]  # fmt: skip


def judge(folder: Path, mutation: Mutation, word: str) -> None:
    """The trial says these words of the changed contract; without any, nothing."""
    contract, found = load_folder(write(folder / NAME, documents(mutation)))
    assert contract is not None, found
    sentences = [each.sentence for each in tried(contract)]
    assert any(word in each for each in sentences) if word else not sentences, sentences


@pytest.mark.parametrize(("mutation", "word"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_what_no_client_could_use_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    judge(tmp_path, mutation, word)


LISTED = "/operations/listJobs"
HOOK = {"type": "object", "additionalProperties": {"type": "object", "properties": {"url": {"type": "string"}}}}
CHATTY = "/components/schemas/JobRequest/properties/hooks"
WALKED: list[tuple[str, Mutation, str]] = [
    ("a webhook to a place that no example names", both(
        show(CHATTY, HOOK), behave("/webhooks/ended/target", "/hooks/job/url")), ""),
    ("a webhook to a place that no example can name", both(
        show(CHATTY, {"type": "array", "items": {"type": "string"}}),
        show(f"{SUBMIT}/requestBody/content/application~1json/examples/lighthouse/value/hooks", ["x"]),
        show(f"{SUBMIT}/requestBody/content/application~1json/examples/least/value/hooks", ["x"]),
        behave("/webhooks/ended/target", "/hooks/0")), ""),
    ("a cursor that its own schema refuses", show("/paths/~1v1~1jobs/get/parameters/1/schema/maxLength", 5),
     "the pages of listJobs show 1 of 3 jobs"),
    ("a filter for what is no state", both(
        behave(f"{LISTED}/filters", {}), behave(f"{LISTED}/parameters", {"status": "state", "limit": "limit"}),
        show("/paths/~1v1~1jobs/get/parameters/2/schema", {"type": "integer"})), "does not show a job in the state"),
    ("a trigger that the schema refuses", behave("/matches/0/equals", "x" * 5000), "cannot be sent to submitJob"),
    ("a move by the state that it finds", cancelling({"queued": "cancelled", "running": "failed"},
                                                     running="Running"), ""),
    ("a webhook that goes where a value says", told("request./callback"), ""),
    ("a webhook that nobody can ask for", both(
        show("/components/schemas/JobRequest/properties/callback", {"type": "string", "maxLength": 5})), ""),
]  # fmt: skip


@pytest.mark.parametrize(("mutation", "word"), [r[1:] for r in WALKED], ids=[r[0] for r in WALKED])
def test_what_shows_in_lists_and_triggers_alone_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    judge(tmp_path, mutation, word)


def test_time_that_a_contract_asks_for_does_not_pass_while_it_is_tried(tmp_path: Path) -> None:
    late, slow = {"fixed": 3600}, {"fault": "latency", "seconds": 3600}
    match = {"title": "Late", "when": {"request./prompt": "late"}, "fault": slow}
    scenario = {"title": "Late", "latency": late}
    mutation = both(
        behave("/operations/getJob/latency", late), behave("/matches", [match]), behave("/scenarios/late", scenario)
    )
    judge(tmp_path, mutation, "")  # with real seconds it would not end


def test_a_job_that_takes_as_long_as_can_be_said_is_tried_to_its_end(tmp_path: Path) -> None:
    ten_years = {"fixed": 315576000}
    mutation = both(
        told(), behave("/resources/job/run/queued", ten_years), behave("/resources/job/run/running", ten_years)
    )
    judge(tmp_path, mutation, "")


def trials(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The contracts that are tried from now on. The shipped ones, in a new cache unknown, would take most of the time:
    a start does without them."""
    done: list[str] = []

    def counted(contract: Contract) -> list[Finding]:
        done.append(contract.name)
        return tried(contract)

    monkeypatch.setattr("mockserver.app.trial_run.tried", counted)
    monkeypatch.setattr(options, "_places", lambda named, apis: options.folders(named))
    return done


def test_a_contract_is_tried_once_for_its_files_and_again_when_they_are_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_CACHE_DIR", str(tmp_path / "cache"))
    done = trials(monkeypatch)
    folder = write(tmp_path / NAME, documents())
    for _ in range(3):
        start([folder]).stop()
    assert done == [NAME]
    write(folder, documents(show("/info/title", "Edited")))
    for _ in range(2):
        start([folder]).stop()
    assert done == [NAME, NAME]


def test_a_contract_with_a_mistake_is_tried_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_CACHE_DIR", str(tmp_path / "cache"))
    done = trials(monkeypatch)
    folder = write(tmp_path / NAME, documents(ROWS[0][1]))
    for _ in range(2):
        with pytest.raises(ContractError):
            start([folder]).stop()
    assert done == [NAME, NAME]


def test_another_version_tries_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_CACHE_DIR", str(tmp_path / "cache"))
    done = trials(monkeypatch)
    folder = write(tmp_path / NAME, documents())
    start([folder]).stop()
    monkeypatch.setattr("mockserver.__version__", "99")
    start([folder]).stop()
    assert done == [NAME, NAME]


@pytest.mark.parametrize("cache", ["/dev/null", "/dev/null/below", "\0"])
def test_a_cache_that_cannot_be_written_is_no_error(
    cache: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.loader.sound.folder", lambda: Path(cache))
    done = trials(monkeypatch)
    folder = write(tmp_path / NAME, documents())
    for _ in range(2):
        start([folder]).stop()
    assert done == [NAME, NAME]


def test_a_test_run_remembers_nothing_outside_of_itself() -> None:
    assert "mockserver-tests-" in os.environ["MOCKSERVER_CACHE_DIR"]


NO_LINK = behave("/operations/getJob/bindings/~1error", "link.nope")


@pytest.mark.parametrize("mutation", [ROWS[0][1], NO_LINK], ids=["an id", "a link"])
def test_what_check_refuses_does_not_start(mutation: Mutation, tmp_path: Path) -> None:
    folder = write(tmp_path / NAME, documents(mutation))
    told = CliRunner().invoke(main, ["check", str(folder)])
    assert told.exit_code == 1
    with pytest.raises(ContractError):
        start([folder]).stop()


def test_a_sound_contract_is_tried_in_a_running_loop_too(tmp_path: Path) -> None:
    import asyncio

    async def begun() -> None:
        start([write(tmp_path / NAME, documents())]).stop()

    asyncio.run(begun())
