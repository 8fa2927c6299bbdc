"""Calling the command in this process, and a contract that a shipped one's server does not keep."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.loader import SHIPPED

# What a machine that runs tests may have in its environment.
UNSET = dict.fromkeys(("GITHUB_ACTIONS", "GITHUB_WORKSPACE", "MOCKSERVER_CONTROL_TOKEN", "FORCE_COLOR"))


def call(*words: str | Path, **environment: str) -> Result:
    """The command with these words, in this environment."""
    runner = CliRunner(env={**UNSET, "COLUMNS": "160", **environment})
    return runner.invoke(main, [str(word) for word in words], prog_name="mockserver")


def broken_promise(folder: Path) -> Path:
    """VidGen's contract with a health that it does not have: the server of the shipped one breaks it."""
    own = folder / "vidgen"
    own.mkdir(parents=True)
    for file in ("openapi.json", "behavior.json"):
        document = json.loads((SHIPPED / "vidgen" / file).read_text())
        if file == "openapi.json":
            content = document["paths"]["/api/health"]["get"]["responses"]["200"]["content"]["application/json"]
            content["schema"] = {"type": "object", "properties": {"mood": {"const": "good"}}, "required": ["mood"]}
            content["examples"]["ok"]["value"] = {"mood": "good"}
        (own / file).write_text(json.dumps(document, indent=2))
    return own
