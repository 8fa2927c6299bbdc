"""What cannot be imported is told with its cause; a version without quotes is the version that is meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from imported_kit import of, old, put

from mockserver.errors import ContractError, UsageError
from mockserver.imported.importing import opened


@pytest.mark.parametrize("version", ["3.0", "3.1", "3.2"])
def test_a_version_that_is_a_number_is_read_as_it_is_meant(version: str, tmp_path: Path) -> None:
    assert "getRender" in of(tmp_path, old() | {"openapi": float(version)}).behavior["operations"]
    (tmp_path / "vendor.yaml").write_text(f"openapi: {version}\npaths: {{}}\n")
    assert opened(tmp_path / "vendor.yaml")["openapi"].startswith(version)


@pytest.mark.parametrize("version", [3.3, 4.0, True, [3.0]])
def test_another_number_is_no_version(version: Any, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"this is OpenAPI .*, and OpenAPI 3\.0, 3\.1 and 3\.2 are read"):
        opened(put(tmp_path, {"openapi": version, "paths": {}}))


@pytest.mark.parametrize("log", [{}, {"entries": 1}, []])
def test_a_recording_without_entries_is_called_one(log: Any, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="a recording in HAR without a list of entries"):
        opened(put(tmp_path, {"log": log}, "session.har"))


def moved(document: Any, to: str) -> Any:
    """The same, all of it at other paths."""
    return document | {"paths": {each.replace("{render_id}", to): item for each, item in document["paths"].items()}}


def test_a_blank_in_a_path_is_told_where_no_job_is_left(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"begins a job.*/renders/\{render id\}: no request has such a path"):
        of(tmp_path, moved(old(), "{render id}"))


def test_a_reference_that_leads_nowhere_is_told_where_no_job_is_left(tmp_path: Path) -> None:
    document = json.loads(json.dumps(old()).replace("/renders", "/nodes"))
    del document["components"]["schemas"]["Render"]
    with pytest.raises(UsageError, match="#/components/schemas/Render: the document refers to it and does not have it"):
        of(tmp_path, document)
