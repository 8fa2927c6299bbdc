"""JSONPath selects what another library of RFC 9535 selects."""

from __future__ import annotations

from typing import Any

import jsonpath_rfc9535
import pytest

from mockserver import pointers
from mockserver.jsonpath import PathError, select

DOCUMENT: Any = {
    "paths": {
        "/v1/jobs": {"get": {"x": 1, "tags": ["a", "b"]}, "post": {"x": 2, "tags": []}},
        "/v1/jobs/{id}": {"get": {"x": 1.0, "deprecated": True, "tags": ["b"]}},
    },
    "list": [0, "1", None, True, {"name": "n", "in": "query"}, {"name": "m", "in": "path"}, [1, 2, 3]],
    "words": {"a'b": 1, 'c"d': 2, "é": 3, "": 4, "~/": 5},
    "limit": 2,
}
QUERIES = [
    "$",
    "$.paths",
    "$.paths.*",
    "$.paths['/v1/jobs'].get",
    '$.paths["/v1/jobs"]["get", "post"].x',
    "$.paths.*.get",
    "$.paths.*.get.tags[0]",
    "$.paths.*.get.tags[-1]",
    "$..x",
    "$..*",
    "$..[0]",
    "$..['get', 'post']",
    "$.list[1:3]",
    "$.list[::2]",
    "$.list[::-1]",
    "$.list[-2:]",
    "$.list[5:1:-2]",
    "$.list[:0]",
    "$.list[9]",
    "$.list[ 0 , 2 ]",
    "$.list[?@.name]",
    "$.list[?@.name=='n' && @.in=='query']",
    "$.list[?@.name=='n' || @.in == \"path\"]",
    "$.list[?!@.name]",
    "$.list[?!(@.name == 'n')]",
    "$.list[?(@.name)]",
    "$.list[?@ == null]",
    "$.list[?@ == true]",
    "$.list[?@ == 0]",
    "$.list[?@ == '1']",
    "$.list[?@ > 0]",
    "$.list[?@ <= '1']",
    "$.list[?@.missing == @.other]",
    "$.list[?@[0] == 1]",
    "$.paths.*[?@.x == 1]",
    "$.paths.*[?@.x >= $.limit]",
    "$.paths.*[?@.x != 1]",
    "$.paths[?@.get.tags[?@ == 'a']]",
    "$.paths[?(@.get['tags'][?(@ == 'b')])].get",
    "$.list[?length(@) == 3]",
    "$.list[?count(@.*) > 1]",
    "$.paths.*[?count(@.tags[*]) == 2]",
    "$.list[?match(@.name, 'n|x')]",
    "$.list[?search(@.in, 'uer')]",
    "$.list[?value(@.name) == 'm']",
    "$.words['a\\'b']",
    "$.words[\"c\\\"d\"]",
    "$.words['c\"d']",
    "$.words.é",
    "$.words['\\u00e9']",
    "$.words['']",
    "$.words['~/']",
    "$ .list [0]",
    "$.list[?@.name == 'n'].in",
    "$.list[?@ == -1.5e3]",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_the_same_places_are_selected(query: str) -> None:
    theirs = jsonpath_rfc9535.find(query, DOCUMENT)
    wanted = [(pointers.join("", *node.location), node.value) for node in theirs]
    ours = [(node.pointer, node.value) for node in select(query, DOCUMENT)]
    assert sorted(ours, key=str) == sorted(wanted, key=str)


@pytest.mark.parametrize(
    "query",
    [
        "", "paths", "$.", "$[", "$[]", "$['a'", "$[a]", "$.paths.", "$..", "$[?]", "$[?1]", "$[?'a']", "$[?@ ==]",
        "$[?@ == 1 &&]", "$[?none(@)]", "$[?length(@, 1)]", "$x", "$[01]", "$['\\x']",
        "$[?" + "(" * 60 + "@" + ")" * 60 + "]", "$[?" + "!" * 3000 + "@]",
        "$[?" + "length(" * 3000 + "@" + ")" * 3000 + " == 1]", "$[?@ == " + "1" * 5000 + "]", "$[?@ == 1\u0663]",
        "$[1\u0663]",
    ],
)  # fmt: skip
def test_what_is_no_query_is_refused(query: str) -> None:
    with pytest.raises(PathError, match="is no JSONPath"):
        select(query, DOCUMENT)


@pytest.mark.parametrize("pattern", ["a{99999999999999999999}", "(" * 3000, "["])
def test_nothing_matches_a_pattern_that_is_none(pattern: str) -> None:
    assert select(f"$[?match(@, '{pattern}')]", ["a"]) == []


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        ("$[?@.a == @.b]", ["/1", "/4"]),
        ("$[?length(value(@.a)) == 0]", ["/1", "/2"]),
        ("$[?value(@.a) == value(@.b)]", ["/1", "/4"]),
    ],
)
def test_values_within_values_keep_their_kind(query: str, selected: list[str]) -> None:
    rows = [{"a": [True], "b": [1]}, {"a": [], "b": []}, {"a": [], "b": [1]}, {"a": {"x": 1}, "b": {"x": True}}]
    rows.append({"a": {"x": [None]}, "b": {"x": [None]}})  # type: ignore[dict-item]
    assert [node.pointer for node in select(query, rows)] == selected
