"""What a page of a list tells of its edges: where the first and the last one are, and which places are on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation
from language_kit import serving

KEY = {"X-API-Key": "demo-key"}


def told(**parameters: str) -> Mutation:
    """A list of two on a page that tells of its edges."""

    def tell(documents: Documents) -> None:
        listed = documents[OPENAPI]["paths"]["/v1/jobs"]["get"]
        number = {"type": "integer", "minimum": 0 if "offset" in parameters.values() else 1}
        listed["parameters"] = [
            {"name": name, "in": "query", "schema": {"type": "string"} if meaning in ("after", "state") else number}
            for name, meaning in parameters.items()
        ]
        page = listed["responses"]["200"]["content"]["application/json"]
        page["schema"] = {"type": "object"}
        page["examples"]["ok"]["value"] = {"items": [], "first": "x", "last": "x", "from": 1, "to": 1}
        facts = {"/first": "page.first_url", "/last": "page.last_url", "/from": "page.start", "/to": "page.end"}
        documents[BEHAVIOR]["operations"]["listJobs"] = {
            "verb": "list", "resource": "job", "items": "/items", "like": "getJob", "limit": 2, "bindings": facts,
            "parameters": parameters,
        }  # fmt: skip

    return tell


def asked(own: Any, query: str) -> dict[str, Any]:
    page = own.http.get(f"/v1/jobs?{query}", headers=KEY).json()
    below = {name: page[name] and page[name].partition("?")[2] for name in ("first", "last")}
    return {"from": page["from"], "to": page["to"], **below}


@pytest.mark.parametrize(
    ("way", "query", "last"),
    [("page", "status=queued&page=2", "page=3"), ("offset", "status=queued&offset=2", "offset=4")],
)
def test_a_page_tells_its_places_and_where_the_first_and_the_last_one_are(
    way: str, query: str, last: str, tmp_path: Path
) -> None:
    with serving(tmp_path, told(**{way: way}, status="state")) as own:
        for _ in range(5):
            own.submit()
        edges = {"first": "status=queued", "last": f"status=queued&{last}"}
        assert asked(own, query) == {"from": 3, "to": 4, **edges}
        assert asked(own, f"status=queued&{last}") == {"from": 5, "to": 5, **edges}
        assert asked(own, "status=failed") == {"from": None, "to": None, "first": "status=failed", "last": None}


def test_a_list_by_cursor_counts_no_places_and_knows_no_last_page(tmp_path: Path) -> None:
    with serving(tmp_path, told(after="after")) as own:
        newest = [own.submit().json()["id"] for _ in range(3)][-1]
        edges = {"from": None, "to": None, "first": "", "last": None}
        assert asked(own, f"after={newest}") == edges
