"""Options that would be passed over are refused in a sentence, before anything is asked or run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_kit import call

from mockserver import intercepting
from mockserver.errors import UsageError

HERE = "http://127.0.0.1:9"
ROWS = [
    ("fuzz", ["vidgen", "--api-key", "x"], 2, "--api-key means nothing without --url"),
    ("fuzz", ["vidgen", "--token", "x", "--max-jobs", "3"], 2, "--token and --max-jobs mean nothing without --url"),
    ("verify", ["vidgen", "--url", HERE, "--input", "a=b"], 2, "--input means nothing without --journeys"),
    ("verify", ["vidgen", "--url", HERE, "--journeys", "{folder}/j.json", "--limit-requests", "3"], 2,
     "--limit-requests means nothing with --journeys"),
    ("explore", ["miragic", "--replay", "[]", "--runs", "3", "true"], 2, "--runs means nothing with --replay"),
    ("explore", ["miragic", "--webhooks", "true"], 2, "miragic sends no webhooks, by its contract"),
    ("new", ["acme", "--into", "{folder}", "--from", "{folder}/s.har", "--only", "/v1"], 2, "s.har is a recording"),
    ("exec", ["--api", "replicate", "--passthrough", "API.replicate.com", "true"], 125,
     "'api.replicate.com' cannot be let through"),
    ("explore", ["vidgen", "--map", "a.example=vidgen", "--passthrough", "a.example", "true"], 2,
     "'a.example' cannot be let through"),
    ("record", ["--upstream", "https://a.example", "--passthrough", "a.example", "--out", "{folder}/s.har", "true"],
     125, "'a.example' cannot be let through"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "words", "code", "said"), ROWS, ids=[f"{row[0]} {row[3][:40]}" for row in ROWS])
def test_an_option_that_means_nothing_is_refused(
    command: str, words: list[str], code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "j.json").write_text("{}")
    (tmp_path / "s.har").write_text(json.dumps({"log": {"entries": []}}))
    done = call(command, *(word.format(folder=tmp_path) if "{folder}" in word else word for word in words))
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_a_variable_of_the_environment_is_for_other_calls_as_well() -> None:
    done = call("fuzz", "vidgen", "--operation", "nix", MOCKSERVER_API_KEY="x")
    assert "means nothing" not in done.output


def test_a_pattern_may_name_a_mocked_host_too() -> None:
    with intercepting(hosts={"a.example": "vidgen"}, passthrough=["*.example"]) as env:
        assert env.traffic.met == {}
    with (
        pytest.raises(UsageError, match=r"'a\.example' cannot be let through"),
        intercepting(hosts={"a.example": "vidgen"}, passthrough=["a.example"]),
    ):
        pass
