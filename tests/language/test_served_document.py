"""The served document is complete: links from ids, limit headers, Retry-After, Allow; what is written itself stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from check_kit import OPENAPI, Documents, behave, both, show, without, write
from language_kit import NAME, POST_LINKS, SHOW, documents, serving
from upload_kit import uploading

from mockserver import pointers
from mockserver.app.trial_reply import TrialReply, said_by
from mockserver.completion import complete
from mockserver.contract import Contract
from mockserver.loader import load_folder
from mockserver.loader.document import check_document
from mockserver.loader.source import Source
from mockserver.loader.words import Shape, check_words

KEY = {"X-API-Key": "demo-key"}
UNLINKED = without(OPENAPI, POST_LINKS)
JOB = "$response.body#/id"
CONTRACTS = Path(__file__).parents[2] / "contracts"
FOLDERS = sorted(each.parent for each in CONTRACTS.glob("**/behavior.json"))


def loaded(folder: Path, *mutations: Any) -> Contract:
    contract, found = load_folder(write(folder / NAME, documents(*mutations)))
    assert contract is not None, found
    return contract


def responses(contract: Contract, operation: str) -> Any:
    return next(
        said["responses"]
        for item in complete(contract)["paths"].values()
        for said in item.values()
        if isinstance(said, dict) and said.get("operationId") == operation
    )


def test_an_id_leads_to_each_operation_that_takes_it(tmp_path: Path) -> None:
    with serving(tmp_path, UNLINKED) as own:
        served = own.http.get("/openapi.json", timeout=60).json()
        links = served["paths"]["/v1/jobs"]["post"]["responses"]["201"]["links"]
        assert {name: each["parameters"] for name, each in links.items()} == {
            "getJob": {"jobId": JOB}, "cancelJob": {"jobId": JOB},
        }  # fmt: skip
        made = own.submit()
        answer = TrialReply(made.status_code, {}, made.content)
        identity = said_by(links["getJob"]["parameters"]["jobId"], answer)
        assert own.http.get(f"/v1/jobs/{identity}", headers=KEY).status_code == 200


def test_links_that_are_written_stand(tmp_path: Path) -> None:
    own = {"only": {"operationId": "getJob", "parameters": {"jobId": "$response.body#/id"}, "description": "Mine."}}
    assert responses(loaded(tmp_path, show(POST_LINKS, own)), "submitJob")["201"]["links"] == own


def test_what_a_job_brings_forth_is_linked_too(tmp_path: Path) -> None:
    contract = loaded(
        tmp_path,
        uploading("range"),
        behave("/resources/job/produces", {"file": {"resource": "file", "on": ["succeeded"], "state": "uploaded"}}),
        behave("/operations/getJob/bindings/~1prompt", "produced.file"),
    )
    links = responses(contract, "getJob")["200"]["links"]
    assert set(links) == {"getFile", "dropFile", "getBytes"}
    assert links["getFile"]["parameters"] == {"fileId": "$response.body#/prompt"}


@pytest.mark.parametrize(
    ("style", "names"),
    [
        ("draft-6", ["RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]),
        ("draft-7", ["RateLimit-Policy", "RateLimit"]),
        ("draft-8", ["RateLimit-Policy", "RateLimit"]),
        ("draft-11", ["RateLimit-Policy", "RateLimit"]),
        ("legacy", ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]),
        ("none", []),
    ],
)
def test_limits_declare_their_headers(tmp_path: Path, style: str, names: list[str]) -> None:
    bare = both(*(without(OPENAPI, f"{at}/headers") for at in headed()))
    contract = loaded(tmp_path, bare, behave("/limit_headers", style))
    shown = responses(contract, "getJob")
    assert [*shown["200"].get("headers", {})] == names
    assert [*shown["429"]["headers"]] == [*names, "Retry-After"]
    kinds = {"Retry-After": "integer", "RateLimit-Remaining": "integer", "RateLimit": "string"}
    for name in kinds.keys() & {*names, "Retry-After"}:
        header, _ = pointers.resolve(complete(contract), shown["429"]["headers"][name])
        assert header["schema"] == {"type": kinds[name]}


def headed() -> list[str]:
    """Where the good contract declares headers."""
    openapi = documents()[OPENAPI]
    found = [
        f"/components/responses/{name}"
        for name, each in openapi["components"]["responses"].items()
        if "headers" in each
    ]
    for path, item in openapi["paths"].items():
        for method, said in item.items():
            for status, each in said["responses"].items() if method in ("get", "post") else ():
                if "headers" in each:
                    found.append(f"/paths/{path.replace('/', '~1')}/{method}/responses/{status}")
    return found


def test_a_header_that_is_declared_stands(tmp_path: Path) -> None:
    own = {"ratelimit-limit": {"description": "Mine", "schema": {"type": "integer"}}}
    shown = responses(loaded(tmp_path, show(f"{SHOW}/responses/200/headers", own)), "getJob")["200"]["headers"]
    assert shown["ratelimit-limit"] == own["ratelimit-limit"]
    assert "RateLimit-Limit" not in shown
    assert "RateLimit-Remaining" in shown


def test_an_operation_without_limits_declares_none(tmp_path: Path) -> None:
    def few(made: Documents) -> None:
        made["behavior.json"]["limits"][0]["operations"] = ["getJob"]
        made["behavior.json"]["scenarios"]["overloaded"] = {"title": "The standard one has limits for all"}

    assert "headers" not in responses(loaded(tmp_path, few, *map(strip, headed())), "submitJob")["201"]


def strip(at: str) -> Any:
    return without(OPENAPI, f"{at}/headers")


def test_a_wrong_method_tells_which_are_allowed(tmp_path: Path) -> None:
    contract = loaded(tmp_path, *map(strip, headed()))
    name = documents()["behavior.json"]["unrouted"]["wrong_method"]
    allow, _ = pointers.resolve(
        complete(contract), complete(contract)["components"]["responses"][name]["headers"]["Allow"]
    )
    assert allow["schema"] == {"type": "string"}


def test_the_written_document_is_left_as_it_is(tmp_path: Path) -> None:
    contract = loaded(tmp_path, UNLINKED)
    before = str(contract.document)
    assert complete(contract) is complete(contract)
    assert str(contract.document) == before


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda each: each.name)
def test_complete_documents_are_openapi(folder: Path) -> None:
    contract, found = load_folder(folder)
    assert contract is not None, found
    source = Source(contract.name, complete(contract), {})
    check_words(source, Shape.of({}))
    check_document(source)
    assert not source.findings


def test_a_stateful_fuzzer_follows_the_links(tmp_path: Path) -> None:
    document = complete(loaded(tmp_path, UNLINKED))
    assert schemathesis.openapi.from_dict(document).statistic.transitions.total == 2
