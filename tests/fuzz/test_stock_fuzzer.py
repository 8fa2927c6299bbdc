"""A short run of the stock command line of Schemathesis finds nothing; the long ones are in the soak tests."""

from __future__ import annotations

from pathlib import Path

from stock_kit import failures, serving


def test_examples_and_edges_find_nothing_in_an_api_served_with_all_its_defaults(tmp_path: Path) -> None:
    options = ("-H", "X-API-Key: demo-key", "--phases", "examples,coverage", "--max-examples", "1")
    with serving() as server:
        assert failures(f"{server.url}/vidgen/openapi.json", tmp_path, *options) == []
