"""Types that openapi-typescript makes of the control API's document take what the README and the document show."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from control_kit import contracts

from mockserver.control.document import served

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "tests" / "files" / "node" / "node_modules"
TOOLS = MODULES / ".bin"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("node") is None, reason="node is missing (apt-get install nodejs)"),
    pytest.mark.skipif(
        not (TOOLS / "openapi-typescript").exists(),
        reason="openapi-typescript is missing: make test, or npm ci in tests/files/node",
    ),
]

BODY = """import type { paths } from "./control";
type Body<P extends keyof paths, M extends keyof paths[P]> =
  paths[P][M] extends { requestBody: { content: { "application/json": infer B } } } ? B : never;
"""


class Shown(NamedTuple):
    """A body that is shown for an operation of the control API."""

    method: str
    path: str
    body: Any

    def line(self, n: int) -> str:
        return f"const shown{n}: Body<{json.dumps(self.path)}, {json.dumps(self.method)}> = {json.dumps(self.body)};"


@pytest.fixture(scope="module")
def document() -> Any:
    return served(contracts(), secured=False)


@pytest.fixture(scope="module")
def folder(document: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the types of the document lie."""
    folder = tmp_path_factory.mktemp("types")
    (folder / "control.json").write_text(json.dumps(document))
    (folder / "node_modules").symlink_to(MODULES)
    command = [str(TOOLS / "openapi-typescript"), "control.json", "-o", "control.ts"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=600)
    return folder


def complaints(folder: Path, lines: list[str]) -> list[str]:
    """What the compiler says of a program with these lines, by their numbers in it."""
    (folder / "shown.ts").write_text(BODY + "\n".join(lines) + "\n")
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"]
    done = subprocess.run([str(TOOLS / "tsc"), *options, "shown.ts"], cwd=folder, capture_output=True, timeout=600)
    return done.stdout.decode().splitlines()


def in_the_document(document: Any) -> Iterator[Shown]:
    for path, item in document["paths"].items():
        for method, said in item.items():
            content = said.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                yield Shown(method, path, example["value"])


def in_the_readme() -> Iterator[Shown]:
    """Bodies of commands, and those that a sentence names after their operation."""
    text = (ROOT / "README.md").read_text()
    for command in re.findall(r"curl [^\n]*/_mock/(?:[^\n]*\\\n)*[^\n]*", text.replace("$SERVER", "http://x")):
        words = shlex.split(command.replace("\\\n", " ").rstrip(")"))
        if "-d" in words:
            url = next(word for word in words if "/_mock/" in word)
            method = words[words.index("-X") + 1].lower() if "-X" in words else "post"
            yield Shown(method, _template(url), json.loads(words[words.index("-d") + 1]))
    for method, path, body in re.findall(r"`(PUT|POST) (/_mock/[^`]*)`\s+with\s+`(\{[^`]*\})`", text):
        if "…" not in body:  # one of which the middle is left out
            yield Shown(method.lower(), path, json.loads(body))


def _template(url: str) -> str:
    return re.sub(r"/sandboxes/[^/]+", "/sandboxes/{name}", url[url.index("/_mock") :])


def test_every_body_that_is_shown_has_its_type(document: Any, folder: Path) -> None:
    readme = list(in_the_readme())
    assert {shown.path.rpartition("/")[2] for shown in readme} >= {
        "faults", "sandboxes", "plans", "advance", "webhooks", "strict",
    }  # fmt: skip
    lines = [shown.line(n) for n, shown in enumerate([*readme, *in_the_document(document)])]
    assert len(lines) > 25
    assert complaints(folder, lines) == []


WRONG = [
    {"api": "vidgen", "fault": "statsu"},
    {"api": "vidgne", "fault": "status"},
    {"api": "vidgen", "fault": "status", "operation": "getJob"},
    {"api": "vidgen", "fault": "status", "status": "503"},
    {"api": "vidgen", "fault": "status", "page": "apache"},
    {"api": "vidgen", "fault": "status", "seconds": 3},
    {"fault": "status"},
]


def test_a_fault_that_the_server_refuses_has_no_type(folder: Path) -> None:
    lines = [Shown("post", "/_mock/sandboxes/{name}/faults", body).line(n) for n, body in enumerate(WRONG)]
    found = {int(said.split("(")[1].split(",")[0]) for said in complaints(folder, lines) if said.startswith("shown.ts")}
    assert found == {BODY.count("\n") + n for n in range(1, len(WRONG) + 1)}


def test_a_faults_name_leads_to_its_parameters(folder: Path) -> None:
    lines = [
        'import type { components } from "./control";',
        'export function seconds(fault: components["schemas"]["Fault"]): number | undefined {',
        '  return fault.fault === "latency" ? fault.seconds : undefined;',
        "}",
    ]
    assert complaints(folder, lines) == []
