"""What is no failure although the engine says so; and what looks alike and is one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from check_kit import BEHAVIOR, good, write

pytest.importorskip("schemathesis", reason="the extra `fuzz` is not installed")

from schemathesis.engine import observations
from schemathesis.transport.serialization import Binary

from mockserver.fuzz import engine
from mockserver.fuzz.exemptions import EXEMPTIONS, covering
from mockserver.launch import contracts_in
from mockserver.live.files import files
from mockserver.loader import in_gallery, load_folder
from mockserver.validation import write_json

CONTRACTS = {contract.name: contract for contract in contracts_in(apis=["assemblyai", "fal", "openai", "stripe"])}
PNG, MP3 = files()["image/png"], files()["audio/mpeg"]


def failure(kind: str, message: str = "") -> Any:
    made = type(kind, (), {})()
    made.message = message
    return made


def case(operation: str, body: Any = None, description: str | None = None, **query: str) -> Any:
    raw = {"operationId": operation}
    phase = SimpleNamespace(data=SimpleNamespace(description=description))
    return SimpleNamespace(
        operation=SimpleNamespace(definition=SimpleNamespace(raw=raw)),
        body=body,
        query=query,
        media_type="multipart/form-data",
        meta=SimpleNamespace(phase=phase) if description is not None else None,
    )


def answer(status: int, body: Any = None, url: str = "http://x/api/jobs") -> Any:
    content = body if isinstance(body, bytes) else write_json(body)
    return SimpleNamespace(status_code=status, content=content, request=SimpleNamespace(url=url))


def named(api: str, kind: str, asked: Any, answered: Any, message: str = "") -> str | None:
    found = covering(CONTRACTS[api], failure(kind, message), asked, answered)
    return found.name if found is not None else None


def shown(api: str, operation: str, name: str) -> Any:
    example = CONTRACTS[api].operations[operation].examples[name][0]
    return answer(example.status, example.value)


def test_every_rule_has_its_reason() -> None:
    assert all(len(row.reason) > 40 for row in EXEMPTIONS)


def test_delete_may_leave_a_thing_readable_where_it_moves_it() -> None:
    assert named("vidgen", "UseAfterFree", case("getStatus"), answer(200, {})) == "delete_moves"


@pytest.mark.parametrize(
    ("operation", "name", "rule"),
    [
        ("finalizeMedia", "initialized", "of_state"),
        ("createVideo", "media_not_ready", "of_state"),
        ("createVideo", "bad_request", None),
    ],
)
def test_an_answer_for_a_state_is_no_refusal_of_the_request(operation: str, name: str, rule: str | None) -> None:
    assert named("miraflow", "RejectedPositiveData", case(operation), shown("miraflow", operation, name)) == rule


@pytest.mark.parametrize(
    ("operation", "status", "body", "rule"),
    [
        ("run", 504, {"detail": "Gateway Timeout"}, "server_error_of_state"),
        ("run", 500, {"detail": "Gateway Timeout"}, None),
        ("run", 504, b"<html>", None),
        ("submit", 504, {"detail": "Gateway Timeout"}, None),
    ],
)
def test_an_answer_for_a_state_is_no_failure_of_the_server(
    operation: str, status: int, body: Any, rule: str | None
) -> None:
    assert named("fal", "ServerError", case(operation), answer(status, body)) == rule


def test_what_is_not_there_is_no_refusal_of_the_request_whatever_its_status() -> None:
    unknown = shown("assemblyai", "getTranscript", "not_found")
    assert unknown.status_code == 400
    assert named("assemblyai", "RejectedPositiveData", case("getTranscript"), unknown) == "of_state"
    refused = shown("assemblyai", "listTranscripts", "bad_request")
    for asked, rule in (({"before_id": "x"}, "of_cursor"), ({"after_id": "x"}, "of_cursor"), ({"limit": "1"}, None)):
        assert named("assemblyai", "RejectedPositiveData", case("listTranscripts", **asked), refused) == rule


@pytest.mark.parametrize(
    ("query", "name", "rule"),
    [({"after": "x"}, "bad_request", "of_cursor"), ({"limit": 0}, "bad_request", None)],
)
def test_a_cursor_that_leads_to_nothing_is_no_refusal_of_the_request(
    query: dict[str, Any], name: str, rule: str | None
) -> None:
    contract, _ = load_folder(in_gallery("openai"))
    assert contract is not None
    example = contract.operations["listBatches"].examples[name][0]
    asked = case("listBatches")
    asked.query = query
    covered = covering(contract, failure("RejectedPositiveData"), asked, answer(example.status, example.value))
    assert (covered.name if covered else None) == rule


@pytest.mark.parametrize(("name", "rule"), [("key_mismatch", "of_key"), ("bad_request", None)])
def test_a_key_of_another_request_is_no_refusal_of_the_request(name: str, rule: str | None) -> None:
    contract, _ = load_folder(in_gallery("stripe"))
    assert contract is not None
    example = contract.operations["createPayout"].examples[name][0]
    asked = case("createPayout")
    covered = covering(contract, failure("RejectedPositiveData"), asked, answer(example.status, example.value))
    assert (covered.name if covered else None) == rule


def test_a_limit_that_was_passed_is_no_refusal_of_the_request() -> None:
    passed = shown("vidgen", "listJobs", "rate_limited")
    assert named("vidgen", "RejectedPositiveData", case("listJobs"), passed) == "limit_passed"
    assert named("vidgen", "RejectedPositiveData", case("listJobs"), answer(429, {"error": "else"})) is None


CURSORS: list[tuple[str, dict[str, Any], str | None]] = [
    ("bad_request", {"after": "x"}, "of_cursor"),
    ("bad_request", {"limit": 1}, None),
    ("bad_request", {}, None),
    ("missing_key", {"after": "x"}, None),
]


@pytest.mark.parametrize(("name", "asked", "rule"), CURSORS)
def test_a_cursor_that_leads_to_nothing_is_no_refusal_of_the_schema(
    name: str, asked: dict[str, Any], rule: str | None, tmp_path: Path
) -> None:
    documents = good()
    for word in ("filters", "cursor"):
        del documents[BEHAVIOR]["operations"]["listJobs"][word]
    documents[BEHAVIOR]["operations"]["listJobs"] |= {"parameters": {"after": "after"}, "limit": 20}
    contract, found = load_folder(write(tmp_path / "small", documents))
    assert contract is not None, found
    example = contract.operations["listJobs"].examples[name][0]
    sent = case("listJobs")
    sent.query = asked
    row = covering(contract, failure("RejectedPositiveData"), sent, answer(example.status, example.value))
    assert (row.name if row is not None else None) == rule


def test_an_answer_that_is_no_json_is_of_no_state() -> None:
    assert named("miraflow", "RejectedPositiveData", case("finalizeMedia"), answer(400, b"<html>")) is None


def test_forms_that_the_engine_left_empty_do_not_count() -> None:
    empty = case("editImage", {"prompt": ""}, "Multipart body with custom encoding")
    assert named("miraflow", "RejectedPositiveData", empty, answer(400, {})) == "empty_text"
    full = case("editImage", {"prompt": "x"}, "Multipart body with custom encoding")
    assert named("miraflow", "RejectedPositiveData", full, answer(400, {})) is None


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"file": Binary(b""), "purpose": "evals"}, "empty_file"),
        ({"file": Binary(b"x"), "purpose": "evals"}, None),
        ({"file": Binary(b""), "purpose": "none of these"}, None),
        ({"purpose": "evals"}, None),
        ([1], None),
    ],
)
def test_a_form_that_wants_a_file_takes_none_of_0_bytes(body: Any, rule: str | None) -> None:
    refused = answer(400, {"error": {"message": "file is required"}})
    assert named("openai", "RejectedPositiveData", case("createFile", body), refused) == rule


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"image": PNG, "audio": MP3}, "valid_as_sent"),
        ({"image": PNG, "audio": MP3, "webhookUrl": "ftp://x"}, None),
        ({"image": PNG}, None),
        ([1], None),
    ],
)
def test_a_form_counts_as_what_it_was_as_it_was_sent(body: Any, rule: str | None) -> None:
    assert named("vidgen", "AcceptedNegativeData", case("createJob", body), answer(201, {})) == rule


@pytest.mark.parametrize("image", [PNG, [PNG, PNG]])
def test_one_part_is_a_list_of_one(image: Any) -> None:
    form = {"image": image, "prompt": False, "name": "x", "undeclared": [1]}
    assert named("miraflow", "AcceptedNegativeData", case("editImage", form), answer(200, {})) == "valid_as_sent"
    without = {"image": [], "prompt": False, "name": "x"}
    assert named("miraflow", "AcceptedNegativeData", case("editImage", without), answer(200, {})) is None


def test_a_number_sent_as_text_is_text() -> None:
    body = {"target_image_url": "https://a.b/c.jpg", "garment_image_url": "https://a.b/c.jpg", "username": 31}
    assert named("mirrago", "AcceptedNegativeData", case("generateImage", body), answer(200, {})) == "valid_as_sent"


def test_text_is_text_where_the_schema_of_a_field_stands_elsewhere() -> None:
    form = {"originalImage": PNG, "maskImage": PNG, "prompt": None, "name": "x", "negativePrompt": {"a": [1, None]}}
    assert named("miraflow", "AcceptedNegativeData", case("inpaintImage", form), answer(200, {})) == "valid_as_sent"
    form["seed"] = {"a": 1}
    assert named("miraflow", "AcceptedNegativeData", case("inpaintImage", form), answer(200, {})) is None


def test_a_single_value_is_a_list_of_one_in_a_form_without_files_too() -> None:
    form = {"url": "https://a.b/c", "enabled_events": ["payout.paid"], "expand": "AAA"}
    asked = case("createWebhookEndpoint", form)
    asked.media_type = "application/x-www-form-urlencoded"
    assert named("stripe", "AcceptedNegativeData", asked, answer(200, {})) == "valid_as_sent"
    asked.body = {**form, "metadata": "AAA"}
    assert named("stripe", "AcceptedNegativeData", asked, answer(200, {})) is None


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"metadata": {"a": 1, "b": None, "c": "x"}}, "valid_as_sent"),
        ({"undeclared": [], "other": {}}, "valid_as_sent"),
        ({"metadata": {"a": ["x"]}}, None),
        ({"undeclared": "x"}, None),
    ],
)
def test_members_are_texts_in_a_form_and_what_is_empty_is_not_there(more: Any, rule: str | None) -> None:
    asked = case("updateWebhookEndpoint", {"description": "x", **more})
    asked.media_type = "application/x-www-form-urlencoded"
    assert named("stripe", "AcceptedNegativeData", asked, answer(200, {})) == rule


def test_a_file_is_a_file_in_either_type_of_the_engine() -> None:
    form = {"target_image": Binary(PNG), "garment_image": Binary(PNG), "background": []}
    assert named("mirrago", "AcceptedNegativeData", case("generateImage", form), answer(200, {})) == "valid_as_sent"
    refused = shown("vidgen", "createJob", "unsupported_file")
    drawn = case("createJob", {"image": Binary(b"BM"), "audio": MP3})
    assert named("vidgen", "RejectedPositiveData", drawn, refused) == "drawn_file"


def test_a_file_drawn_at_random_may_be_of_another_kind() -> None:
    refused = shown("vidgen", "createJob", "unsupported_file")
    drawn = case("createJob", {"image": b"BM", "audio": MP3})
    assert named("vidgen", "RejectedPositiveData", drawn, refused) == "drawn_file"
    sample = case("createJob", {"image": PNG, "audio": MP3})
    assert named("vidgen", "RejectedPositiveData", sample, refused) is None


def test_what_the_engine_itself_calls_valid_is() -> None:
    message = "Invalid component: positive test case"
    asked = case("createJob", {"image": PNG})
    assert named("vidgen", "AcceptedNegativeData", asked, answer(201, {}), message) == "labelled_wrongly"


def test_an_operation_without_a_name_of_the_contract_has_no_exemptions() -> None:
    assert named("vidgen", "UseAfterFree", case("nothing"), answer(200, {})) is None


def test_a_text_of_an_answer_that_is_no_address_does_not_end_a_run() -> None:
    origin = "http", "127.0.0.1"
    with engine.odd_addresses():
        assert getattr(observations, engine.LOOK)("https://[", origin) is None
        assert getattr(observations, engine.LOOK)("http://127.0.0.1/a", origin) == "/a"
    with pytest.raises(ValueError, match="IPv6"):  # where it raises no more, nothing needs to be caught
        getattr(observations, engine.LOOK)("https://[", origin)
