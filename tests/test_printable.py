"""What is told to people holds nothing that steers a terminal, turns letters round or breaks XML, whoever wrote it."""

from __future__ import annotations

import ast
import json
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
from click.testing import CliRunner

from mockserver import Running
from mockserver.cli import main
from mockserver.cli.log import line_of
from mockserver.errors import ContractError, Finding, RequestError, UsageError
from mockserver.fuzz.found import FuzzFailure, FuzzResult
from mockserver.fuzz.options import FuzzOptions
from mockserver.fuzz.report import junit
from mockserver.journal import JournalEntry
from mockserver.launch import contracts_in
from mockserver.pages import html
from mockserver.printable import one_line, printable, printable_json
from mockserver.sandbox import Sandbox
from mockserver.steering import shown
from mockserver.steering.records import Violation, entry_of

ROOT = Path(__file__).resolve().parent.parent
# Numbers signs of Arabic and its kin, and marks of hieroglyphs and shorthand: letters of their scripts, and visible.
VISIBLE_FORMATS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}
HOSTILE = (
    "\x00\x07\x08\x1b[31m\r\x7f\x80\x9b2J\xad\u061c\u200b\u200d\u200e\u2028\u2029\u202e\u2066\ufeff"
    "\ud800\ufdd0\ufffe\uffff\U0001ffff\U000e0041"
)
CONTROLS = "\x1b\x9b\u202e\u2028\ufdd0\ufffe\uffff"  # of these, what UTF-8 can carry


def is_raw(text: str) -> list[str]:
    """What of a text may not be printed."""
    return [f"U+{ord(each):04X}" for each in text if each not in "\n\t" and unprintable(ord(each))]


def unprintable(code: int) -> bool:
    category = unicodedata.category(chr(code))
    noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return noncharacter or (category in ("Cc", "Cf", "Cs", "Zl", "Zp") and code not in VISIBLE_FORMATS)


def test_every_character_that_steers_hides_or_is_none_is_shown_as_an_escape() -> None:
    wrong = [hex(code) for code in range(sys.maxunicode + 1) if unprintable(code) and printable(chr(code)) == chr(code)]
    assert sorted(wrong) == [hex(ord("\t")), hex(ord("\n"))]
    assert [one_line("\t"), one_line("\n")] == ["\\t", "\\n"]


def test_letters_of_all_scripts_stay() -> None:
    for text in ("Überraschung — naïve 漢字 עברית العربية हिन्दी ไทย 😀 é ½ №", "a\nb\tc", ""):
        assert printable(text) == text
    assert one_line("a\nb\x1b\u202e\U000e0041") == "a\\nb\\x1b\\u202e\\U000e0041"


def test_json_holds_escapes_and_the_very_value() -> None:
    value = {"a" + HOSTILE: [HOSTILE, 1, None, "ü"]}
    text = printable_json(value)
    assert json.loads(text) == value
    assert is_raw(text) == []
    assert text.isascii()


def test_messages_of_errors_may_be_printed() -> None:
    finding = Finding("f" + HOSTILE, "/p", "s" + HOSTILE, "r")
    for error in (UsageError(HOSTILE), RequestError("/" + HOSTILE, HOSTILE), ContractError([finding])):
        assert is_raw(str(error)) == []
        assert "\\u202e" in str(error)


def test_lines_of_the_journal_are_lines() -> None:
    text = HOSTILE + "\nforged: 200 OK"
    told = {
        "n": 1, "at": "2001-09-09T01:46:40.000Z", "kind": "request", "path": f"/vidgen/{text}", "method": text,
        "why": text, "violation": {"pointer": text, "sentence": text}, "api": "vidgen", "example": text, "status": 400,
    }  # fmt: skip
    entry = entry_of(told)
    for line in (shown([entry]), str(entry.violation), str(Violation(1, text, text, text, text, text, text))):
        assert is_raw(line) == []
        assert "\n" not in line


def test_a_line_of_the_server_is_one_line() -> None:
    entry = JournalEntry(
        1, 0.0, "request", "vidgen", "", "GET", f"/{HOSTILE}\nforged", 404, "unknown_path", f"there is no {HOSTILE}\n"
    )
    told = line_of(entry)
    assert is_raw(told) == []
    assert told.count("\n") == 0


def test_a_report_of_fuzzing_is_well_formed_whatever_an_answer_said() -> None:
    contract = next(iter(contracts_in()))
    operation = next(iter(contract.operations))
    found = FuzzResult(contract)
    failure = FuzzFailure("a check", operation, "examples", f"it said {HOSTILE}]]>", f"curl {HOSTILE}")
    found.failures[("a", operation)] = failure  # type: ignore[index]
    root = ElementTree.fromstring(junit([found], FuzzOptions()))
    (element,) = [each for each in root.iter("failure") if each.get("type") == "a check"]
    assert is_raw(f"{element.text}{element.get('message')}") == []


def test_pages_hold_no_raw_controls() -> None:
    row = {"name": HOSTILE, "title": HOSTILE, "url": HOSTILE, "curl": HOSTILE, "credentials": {"key": HOSTILE}}
    pages = [html.home([row]), html.install_page(HOSTILE), html.docs_page(HOSTILE, html.as_data({"info": HOSTILE}))]
    assert is_raw("".join(pages)) == []


def test_what_a_client_sent_reaches_nobody_raw(running: Running, sandbox: Sandbox) -> None:
    text = quote(CONTROLS)
    base = sandbox.url("vidgen")
    key = {"X-API-Key": next(iter(sandbox.apis["vidgen"].accounts.values())).key}
    with httpx.Client(trust_env=False, headers=key) as http:
        for _ in range(4):
            http.get(f"{base}/api/status/{quote(CONTROLS[2:])}")
        http.get(f"{base}/{quote(CONTROLS[2:])}")
        http.get(f"{base}/api/jobs?status={text}")
        http.post(f"{base}/api/jobs", json={CONTROLS: CONTROLS})
        http.post(f"{base}/api/jobs", data={"image": CONTROLS, "prompt" + CONTROLS: CONTROLS})
        control = f"{running.url}/_mock/sandboxes/{sandbox.name}"
        told = [http.get(f"{control}/{each}").text for each in ("journal", "journal?format=har", "conduct", "webhooks")]
        told.append(http.post(f"{control}/faults", json={"fault": CONTROLS}).text)
        told.append(http.get(f"{running.url}/_mock/{text}").text)
    for more in ([], ["--json"]):
        told.append(CliRunner().invoke(main, ["report", running.url, "--sandbox", sandbox.name, *more]).output)
    assert "\\u202e" in told[0]
    assert [is_raw(each) for each in told] == [[]] * len(told)


# Calls that write for people → where they may stand, and why they need not ask.
OPEN = {
    ("click.echo", "mockserver/cli/terminal.py"): "makes its text printable",
    ("click.ClickException", "mockserver/cli/terminal.py"): "makes its text printable",
    ("click.ClickException", "mockserver/cli/new.py"): "a folder that the user named",
    ("print", "mockserver/faults/table.py"): "our own table of faults",
    ("console.print", "mockserver/cli/report.py"): "tables of cells that are printable",
}
WRITERS = frozenset((
    "print", "click.echo", "click.secho", "click.ClickException", "console.print", "sys.stdout.write",
    "sys.stderr.write", "terminal.line", "terminal.write", "terminal.write_line", "item.add_report_section",
))  # fmt: skip


def writers() -> Iterator[tuple[str, str, ast.Call]]:
    for package in ("mockserver", "pytest_plugin"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in WRITERS:
                    yield ast.unparse(node.func), str(path.relative_to(ROOT)), node


def asks(call: ast.Call) -> bool:
    """Whether the last thing that is written is a constant, or comes from `printable`."""
    last = call.args[-1] if call.args else None
    asked = isinstance(last, ast.Call) and ast.unparse(last.func) in ("printable", "one_line", "printable_json")
    return asked or isinstance(last, ast.Constant)


def test_no_writer_goes_round_what_decides() -> None:
    wrong = [
        f"{path}:{call.lineno} {name}" for name, path, call in writers() if (name, path) not in OPEN and not asks(call)
    ]
    assert not wrong, "\n".join([*wrong, "write through mockserver.printable, in a command through cli.terminal"])
    assert set(OPEN) <= {(name, path) for name, path, _ in writers()}, "a reason that is no longer needed"
