"""The files of the page on which people watch a server: what is served of them, to whom, and what they may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from control_kit import Steered, refused, steered

from mockserver.app import Settings
from mockserver.pages import live_page

INDEX = f"<!doctype html><html><head>{live_page.SAID}<script type=module src=live/app.js></script></head></html>"
MODES: list[Any] = ["on", "read-only", "off"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page of a test's own in the place of the real one."""
    monkeypatch.setattr(live_page, "FOLDER", tmp_path / "live")
    for name, text in (("index.html", INDEX), ("app.js", "export {};"), ("parts/jobs.js", "1;"), ("page.css", "a{}"),
                       ("notes.txt", "no"), ("a.svg", "<svg/>")):  # fmt: skip
        (tmp_path / "live" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "live" / name).write_text(text)
    return tmp_path / "live"


@pytest.fixture
def control() -> Iterator[Steered]:
    with steered() as made:
        yield made


def test_the_page_stands_at_the_root_of_the_control_api(control: Steered) -> None:
    answer = control.ask("GET", "/_mock/")
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    led = control.ask("GET", "/_mock")
    assert (led.status_code, led.headers["location"]) == (307, "/_mock/")


@pytest.mark.parametrize(("name", "kind"), [("app.js", "text/javascript"), ("parts/jobs.js", "text/javascript"),
                                            ("page.css", "text/css"), ("a.svg", "image/svg+xml")])  # fmt: skip
def test_its_files_are_served_as_what_they_are(control: Steered, folder: Path, name: str, kind: str) -> None:
    answer = control.ask("GET", f"/_mock/live/{name}")
    assert (answer.status_code, answer.content) == (200, (folder / name).read_bytes())
    assert answer.headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize("path", ["/_mock/", "/_mock/live/app.js", "/_mock/live/page.css"])
def test_nothing_is_let_in_from_elsewhere_and_no_code_within_the_page(control: Steered, path: str) -> None:
    headers = control.ask("GET", path).headers
    rules = dict(each.strip().split(" ", 1) for each in headers["content-security-policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert (rules["frame-ancestors"], rules["base-uri"], rules["form-action"]) == ("'none'", "'none'", "'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_file_that_the_browser_has_is_not_sent_again(control: Steered, folder: Path) -> None:
    path = "/_mock/live/app.js"
    first = control.ask("GET", path)
    for named in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*"):
        again = control.ask("GET", path, headers={"if-none-match": named})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    (folder / "app.js").write_text("export {1};")
    changed = control.ask("GET", path, headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_browsers_get_a_file_in_short_and_others_as_it_is(control: Steered, folder: Path) -> None:
    (folder / "app.js").write_text("export {};" * 1000)
    short = control.ask("GET", "/_mock/live/app.js", headers={"accept-encoding": "br, gzip"})
    plain = control.ask("GET", "/_mock/live/app.js", headers={"accept-encoding": "identity"})
    assert (short.content, short.headers["content-encoding"]) == (plain.content, "gzip")
    assert int(short.headers["content-length"]) < 500 < int(plain.headers["content-length"])
    assert "content-encoding" not in plain.headers
    assert short.headers["etag"] != plain.headers["etag"]
    assert short.headers["vary"] == plain.headers["vary"] == "accept-encoding"


ODD = ["", "nix.js", "notes.txt", "index.html", "../html.py", "..%2fhtml.py", "%2e%2e/html.py", "parts", "parts/",
       "/etc/passwd", "%00", "app.js%00", "app.js/", "APP.JS", "a" * 4000, "parts%5cjobs.js"]  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_no_other_file_is_served(control: Steered, name: str) -> None:
    assert control.ask("GET", f"/_mock/live/{name}").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/_mock/", "/_mock/live/app.js"])
def test_it_is_only_read(control: Steered, method: str, path: str) -> None:
    refused(control.ask(method, path), 405)


def test_the_page_is_shown_without_the_token_and_holds_none() -> None:
    with steered(Settings(control_token="steer")) as control:
        for path in ("/_mock/", "/_mock/live/app.js"):
            answer = control.ask("GET", path)
            assert answer.status_code == 200
            assert "steer" not in answer.text
        refused(control.ask("GET", "/_mock/sandboxes"), 401)


def test_a_host_that_is_not_this_servers_is_not_shown_the_page(control: Steered) -> None:
    for path in ("/_mock/", "/_mock/live/app.js"):
        refused(control.ask("GET", path, headers={"host": "evil.example"}), 403)


@pytest.mark.parametrize("mode", MODES)
def test_the_page_says_whether_it_offers_changes(mode: Any) -> None:
    with steered(Settings(page=mode)) as control:
        answer = control.ask("GET", "/_mock/")
        if mode == "off":
            assert answer.headers["location"] == "/_mock/docs"
            refused(control.ask("GET", "/_mock/live/app.js"), 404)
        else:
            assert re.findall('name="page-mode" content="(.*?)"', answer.text) == [mode]
        assert control.ask("PUT", "/_mock/sandboxes/default/limits", json={"on": False}).status_code == 200


@pytest.mark.parametrize(("mode", "links"), [("on", True), ("read-only", True), ("off", False)])
def test_the_first_page_links_to_it_where_it_is_there(mode: Any, links: bool) -> None:
    with steered(Settings(page=mode)) as control:
        text = control.ask("GET", "/", headers={"accept": "text/html"}).text
        assert ('href="/_mock/"' in text) is links


def test_without_its_files_the_documentation_is_shown(control: Steered, folder: Path) -> None:
    (folder / "index.html").unlink()
    assert control.ask("GET", "/_mock/").headers["location"] == "/_mock/docs"
    assert 'href="/_mock/"' not in control.ask("GET", "/", headers={"accept": "text/html"}).text


def test_its_folder_is_looked_through_once_and_by_no_request(
    control: Steered, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def searched(*_: object) -> None:
        raise AssertionError("the folder was searched")

    for _ in range(2):  # where two servers answer by turns, each looks once
        assert control.ask("GET", "/_mock/live/app.js").status_code == 200
    monkeypatch.setattr(Path, "rglob", searched)
    assert control.ask("GET", "/_mock/live/parts/jobs.js").status_code == 200
    assert control.ask("GET", "/_mock/live/nix.js").status_code == 404
