"""Generators of other languages make clients of the control API's document, and those compile.

What openapi-typescript makes of it: `test_control_types.py`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from control_kit import contracts
from proxy_kit import Tool

from mockserver.control.document import served

DOCUMENT = Path(__file__).resolve().parents[2] / "mockserver" / "control" / "openapi.json"
MOST = 2**31 - 1


def refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Members as an object; a name that is there twice is a mistake that most readers hide."""
    names = [name for name, _ in pairs]
    assert len(names) == len({*names}), [name for name in names if names.count(name) > 1]
    return dict(pairs)


def test_no_name_is_there_twice_in_an_object_of_the_document() -> None:
    assert json.loads(DOCUMENT.read_text(), object_pairs_hook=refuse_twice)["openapi"]


def integers(found: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of an integer, with its place."""
    if isinstance(found, dict):
        kind = found.get("type")
        if kind == "integer" or (isinstance(kind, list) and "integer" in kind):
            yield at, found
    members = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for name, each in members:
        yield from integers(each, f"{at}/{name}")


def test_integers_that_need_more_than_32_bits_say_so() -> None:
    document = json.loads(DOCUMENT.read_text())
    large = [at for at, schema in integers(document) if max(schema.get("maximum", 0), -schema.get("minimum", 0)) > MOST]
    unsaid = [at for at, schema in integers(document) if at in large and schema.get("format") != "int64"]
    assert large
    assert unsaid == []


MODULE = """module control.example/control

go 1.19

require gopkg.in/validator.v2 v2.0.1

replace gopkg.in/validator.v2 => ./validator
"""
PROGRAM = """package main

import (
	"context"
	"fmt"
	"os"

	control "control.example/control"
)

func main() {
	settings := control.NewConfiguration()
	settings.Servers = control.ServerConfigurations{{URL: os.Args[1]}}
	client := control.NewAPIClient(settings)
	made, _, err := client.SandboxesAPI.ListSandboxes(context.Background()).Execute()
	if err != nil {
		panic(err)
	}
	fmt.Println(made[0].Name)
}
"""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("openapi_generator_cli") is None, reason="needs the group sdks")
def test_a_client_in_go_compiles_and_asks_a_server(running: Any, tmp_path: Path) -> None:
    from openapi_generator_cli import __file__ as generator

    java, go = Tool("java", "default-jdk-headless").path, Tool("go", "golang-go").path
    (tmp_path / "control.json").write_text(json.dumps(served(contracts(), secured=False)))
    jar = str(Path(generator).with_name("openapi-generator.jar"))
    words = [java, "-jar", jar, "generate", "-g", "go", "-i", "control.json", "-o", "go"]
    subprocess.run(
        [*words, "--additional-properties", "packageName=control"], cwd=tmp_path, check=True, capture_output=True
    )
    folder = tmp_path / "go"
    (folder / "go.sum").unlink()
    (folder / "go.mod").write_text(MODULE)
    stand_in = {
        "go.mod": "module gopkg.in/validator.v2\n\ngo 1.19\n",
        "v.go": "package validator\n\nfunc Validate(any) error { return nil }\n",
    }
    for name, text in {**{f"validator/{n}": t for n, t in stand_in.items()}, "asks/main.go": PROGRAM}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    env = {**os.environ, "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOCACHE": str(tmp_path / "cache"), "GOWORK": "off"}
    done = subprocess.run([go, "run", "./asks", running.url], cwd=folder, env=env, capture_output=True, text=True)
    assert done.stdout == "default\n", done.stderr
