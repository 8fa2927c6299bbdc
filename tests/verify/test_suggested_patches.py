"""A contract that a vendor does not keep is mended by what is suggested: it is sound then, and the vendor keeps it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from suggest_kit import Mended, loaded, mend, own
from verify_kit import MUTANTS, contract_of, served

from mockserver.check import check
from mockserver.contract import Contract
from mockserver.live import DEMO, Live, LiveReply
from mockserver.loader import texts_of
from mockserver.verify import Report, VerifyOptions, report_text, verify
from mockserver.verify.compare import compare, seen_at
from mockserver.verify.drift import CheckedAnswer
from mockserver.verify.suggest import suggested
from mockserver.verify.suggest.draft import encoded
from mockserver.verify.suggest.trying import sound
from mockserver.verify.suggest.writing import write

BY_NAME = {mutant["name"]: mutant for mutant in MUTANTS}
MENDED = [
    "a field more",
    "a field less",
    "a new state",
    "created is 202",
    "progress as text",
    "a required field is null",
    "no rate-limit headers",
    "rate-limit headers of another draft",
    "unknown is 410",
    "refusals say message",
    "health is up",
    "any limit is taken",
    "an undescribed field",
    "processing is running",
    "a passed limit is 503",
    "refusals as text",
    "avatars without a name",
    "an optional field is left out",
]
NOT_MENDED = {
    "no limit on submissions": ("no_limit", "no such limit, or a higher one"),
    "several active jobs": ("other_status", "201 is the answer PENDING"),
    "a title is wanted": ("refused", "cannot be told from a refusal"),
    "results are pages": ("broken_link", "`results` of behavior.json"),
    "finalizing needs no bytes": ("other_status", "200 is the answer uploaded or finalized"),
}


def mended(name: str, tmp_path: Path) -> tuple[Path, Mended]:
    mutant: dict[str, Any] = BY_NAME[name]
    vendor = contract_of(mutant["api"], mutant["server"], tmp_path / "vendor")
    folder = own(mutant["api"], tmp_path / "own", mutant.get("judge"))
    return folder, mend(folder, vendor, operations=[mutant["operation"]])


@pytest.mark.parametrize("name", MENDED)
def test_a_vendor_keeps_the_contract_that_was_mended_for_it(name: str, tmp_path: Path) -> None:
    folder, found = mended(name, tmp_path)
    assert found.before.drifts
    assert not found.after.drifts, report_text(found.after)
    assert not check(folder)
    assert not [each for each in found.several if each.is_left]


def test_an_example_for_all_states_moves_to_the_status_that_came(tmp_path: Path) -> None:
    mutant: dict[str, Any] = BY_NAME["created is 202"]
    vendor = contract_of("vidgen", mutant["server"], tmp_path / "vendor")
    examples = "/paths/~1api~1jobs/post/responses/201/content/application~1json/examples"
    folder = own("vidgen", tmp_path / "own", {"openapi": [["rename", f"{examples}/PENDING", "other"]]})
    found = mend(folder, vendor, operations=["createJob"])
    assert found.before.drifts
    assert not found.after.drifts, report_text(found.after)
    responses = json.loads((folder / "openapi.json").read_text())["paths"]["/api/jobs"]["post"]["responses"]
    assert "other" in responses["202"]["content"]["application/json"]["examples"]
    assert "201" not in responses


def test_one_of_the_states_that_an_example_is_for_is_answered_with_the_status_that_came(tmp_path: Path) -> None:
    examples = "/paths/~1api~1status~1{jobId}/get/responses/200/content/application~1json/examples"
    folder = own("vidgen", tmp_path, {"openapi": [["rename", f"{examples}/PENDING", "other"],
                                                  ["remove", f"{examples}/PROCESSING"]]})  # fmt: skip
    shown = loaded(folder).operations["getStatus"].examples["PENDING"][0].value
    given = reply(202, json.dumps(shown).encode())
    texts = texts_of(folder)
    several, new = sound(suggested(answered(loaded(folder), "getStatus", "PENDING", given), folder, texts))
    assert not [each for each in several if each.is_left], several
    write(folder, texts, encoded(new))
    statuses = {
        name: [each.status for each in known] for name, known in loaded(folder).operations["getStatus"].examples.items()
    }
    assert (statuses["PENDING"], statuses["PROCESSING"]) == ([202], [200])


def test_what_the_server_does_not_insist_on_need_not_be_there(tmp_path: Path) -> None:
    _, found = mended("audio may be left out", tmp_path)
    assert not found.after.drifts, report_text(found.after)


@pytest.mark.parametrize("name", NOT_MENDED)
def test_what_cannot_be_told_from_answers_gets_a_reason(name: str, tmp_path: Path) -> None:
    kind, word = NOT_MENDED[name]
    _, found = mended(name, tmp_path)
    reasons = [each.reason for each in found.several if each.drift.kind == kind and not each.changes]
    assert any(word in reason for reason in reasons), reasons


def test_a_contract_that_is_kept_gets_no_suggestion(tmp_path: Path) -> None:
    folder = own("vidgen", tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    found = mend(folder, loaded(folder), operations=["getHealth"], limit=0)
    assert not found.several
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def answered(contract: Contract, operation: str, name: str, *replies: LiveReply) -> Report:
    """What a walk would find that got these answers."""
    report = Report(contract)
    for reply in replies:
        exchange = CheckedAnswer(operation, operation, (name,), reply)
        examples = contract.operations[operation].examples[name]
        drifts = compare(contract, contract.operations[operation], operation, examples, reply)
        for drift in drifts:
            report.add(drift, seen_at(drift, reply))
        report.keep(exchange, drifts)
    return report


def reply(status: int = 200, body: bytes = b"", kind: str = "application/json", **headers: str) -> LiveReply:
    limits = {"ratelimit-policy": "1;w=1", "ratelimit-limit": "1", "ratelimit-remaining": "1", "ratelimit-reset": "1"}
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return LiveReply(status, {"content-type": kind, **limits, **more}, body)


HEALTH = b'{"status": "ok", "timestamp": "2026-01-01T00:00:00.000Z"}'


def reasons(folder: Path, *replies: LiveReply) -> list[str]:
    report = answered(loaded(folder), "getHealth", "ok", *replies)
    several, _ = sound(suggested(report, folder, texts_of(folder)))
    return [each.reason for each in several if each.is_left]


def test_answers_that_differ_among_themselves_are_ambiguous(tmp_path: Path) -> None:
    folder = own("vidgen", tmp_path)
    assert "201 and 202 came" in reasons(folder, reply(201, HEALTH), reply(202, HEALTH))[0]
    assert (
        "of several media types" in reasons(folder, reply(body=b"a", kind="text/a"), reply(body=b"b", kind="text/b"))[0]
    )


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (reply(body=b"<html>"), "what is said to be JSON is none"),
        (reply(502, b"Bad gateway"), "502 tells of a failure"),
        (reply(body=HEALTH, kind=""), "or of none"),
    ],
)
def test_what_is_an_accident_is_not_written_into_a_contract(given: LiveReply, word: str, tmp_path: Path) -> None:
    (reason,) = reasons(own("vidgen", tmp_path), given)
    assert word in reason


def test_a_header_is_as_the_server_sends_it(tmp_path: Path) -> None:
    folder = own("vidgen", tmp_path)
    assert not reasons(folder, reply(body=HEALTH, ratelimit_limit="many"))


def test_a_header_that_is_required_and_constant_is_taken_away(tmp_path: Path) -> None:
    folder = own("mirrago", tmp_path)
    body = b'{"error": "invalid_client", "error_description": "Client authentication failed"}'
    given = LiveReply(401, {"content-type": "application/json"}, body)
    report = answered(loaded(folder), "issueToken", "invalid_client", given)
    assert "missing_header" in {drift.kind for drift in report.drifts.values()}
    several, texts = sound(suggested(report, folder, texts_of(folder)))
    write(folder, texts_of(folder), encoded(texts))
    left = [d.at for d in answered(loaded(folder), "issueToken", "invalid_client", given).drifts.values()]
    assert "WWW-Authenticate" not in left, several


def test_an_object_is_no_word_of_an_enum(tmp_path: Path) -> None:
    folder = own("vidgen", tmp_path)
    shown = loaded(folder).operations["getStatus"].examples["PENDING"][0].value
    report = answered(
        loaded(folder), "getStatus", "PENDING", reply(body=json.dumps({**shown, "status": {"a": 1}}).encode())
    )
    several = suggested(report, folder, texts_of(folder)).several
    assert "what came there is no word that could be listed" in {each.reason for each in several}


def test_no_answer_is_no_reason_to_change_a_contract(tmp_path: Path) -> None:
    folder = own("vidgen", tmp_path)
    contract = loaded(folder)
    with served(contract) as (url, sleep):
        pass  # it is gone
    report = verify(contract, Live(contract, url, DEMO, sleep=sleep), VerifyOptions(limit=0, operations=["getHealth"]))
    several = suggested(report, folder, texts_of(folder)).several
    assert {each.reason for each in several} == {"no answer came, so that nothing is known of it"}


def test_a_patch_goes_into_the_overlay_where_there_is_one(tmp_path: Path) -> None:
    folder = own("vidgen", tmp_path)
    document = (folder / "openapi.json").read_bytes()
    action = {"target": "$.info", "update": {"x-own": True}}
    overlay = {"overlay": "1.0.0", "info": {"title": "Ours", "version": "1"}, "actions": [action]}
    (folder / "overlay.json").write_text(json.dumps(overlay, indent=2))
    body = b'{"status": "up", "timestamp": "2026-01-01T00:00:00.000Z", "load": 0.5}'
    gone = reply(201, body)
    report = answered(loaded(folder), "getHealth", "ok", gone)
    several, texts = sound(suggested(report, folder, texts_of(folder)))
    assert not [each for each in several if each.is_left], several
    write(folder, texts_of(folder), encoded(texts))
    assert (folder / "openapi.json").read_bytes() == document
    assert json.loads((folder / "overlay.json").read_text())["overlay"] == "1.1.0"
    assert not answered(loaded(folder), "getHealth", "ok", gone).drifts
    assert not check(folder)
