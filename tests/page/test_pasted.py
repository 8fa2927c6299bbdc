"""What is copied as curl, of requests that were sent to harm whoever pastes it: it makes that request alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from page_kit import Tab, World

from mockserver.samples import upload

COPIED = "window.copied = ''; navigator.clipboard.writeText = async (text) => { window.copied = text; };"
STEERING = "\x1b[201~\x03touch ran\r\n!!\t\x7f\x9b\u202e\u2028'; touch ran; '"
FILE = "secret.txt"


def copied(live: Tab, world: World, entry: int) -> str:
    """The command of an entry."""
    live.go(world.name, "journal", str(entry))
    live.says(f"#{entry} ", ".detail h2")
    live.run(COPIED)
    live.click("button", "Copy as curl")
    return str(live.until("window.copied"))


def pasted(live: Tab, world: World, entry: int, folder: Path) -> tuple[str, dict[str, Any]]:
    """The command of an entry, and the entry that it makes when it is run."""
    command = copied(live, world, entry)
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, cwd=folder, check=True)
    assert done.stdout.startswith(b"HTTP/1.1 "), done.stdout
    return command, dict(world.get("journal")[-1])


def test_nothing_that_was_sent_steers_the_terminal_it_is_pasted_in(live: Tab, world: World, tmp_path: Path) -> None:
    world.ask("GET", "/api/status/" + "".join(f"%{byte:02x}" for byte in STEERING.encode()))
    world.ask("POST", "/api/image/generate", api="miraflow", content=STEERING, headers={"Content-Type": "text/plain"})
    world.ask("POST", "/api/image/generate", api="miraflow", data={STEERING: STEERING, "a=b&c": "@" + FILE})
    for before in world.get("journal"):
        command, after = pasted(live, world, before["n"], tmp_path)
        assert command.isprintable(), repr(command)
        assert [*tmp_path.iterdir()] == []
        assert (after["path"], after["status"]) == (before["path"], before["status"])
        assert (after["sent"]["text"], after["sent"]["query"]) == (before["sent"]["text"], before["sent"]["query"])


OTHERWISE = ("/api/status/%3fa=b%23c", "/api/status/{a,b}[1-3]", "/api/../api/status/x", "/api/jobs?[1-3]")


def test_an_address_that_curl_would_read_otherwise_is_the_same(live: Tab, world: World, tmp_path: Path) -> None:
    for path in OTHERWISE:
        command = ["curl", "-sS", "-g", "--path-as-is", world.apis["vidgen"]["url"] + path]
        subprocess.run(command, capture_output=True, timeout=60, check=True)
    for before in world.get("journal"):
        _, after = pasted(live, world, before["n"], tmp_path)
        assert (after["path"], after["sent"]["query"]) == (before["path"], before["sent"]["query"])


FIELDS = {
    "a": f"@{FILE}",
    "b": f"<{FILE}",
    f"c=@{FILE};d": "e",
    f"f=@{FILE};g": "h (text/plain, 1 bytes)",
    "i": f"../{FILE}/.. (text/plain, 1 bytes)",
    "j": f"/etc/none (text/plain;headers=@{FILE}, 1 bytes)",
}


def test_curl_reads_no_file_but_of_the_name_of_one_that_was_sent(live: Tab, world: World, tmp_path: Path) -> None:
    files = {"image": upload("portrait.png"), "audio": ("/etc/passwd", upload("voice.mp3")[1], "audio/mpeg")}
    world.ask("POST", "/api/jobs", data=FIELDS, files=files)
    command = copied(live, world, 1)
    assert 'audio=@"passwd";type=audio/mpeg' in command
    for each in (FILE, "none", "passwd", "portrait.png"):
        (tmp_path / each).write_text("the-secret" if each == FILE else "x", encoding="utf-8")
    subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, cwd=tmp_path, check=True)
    first, second = (dict(each["sent"]) for each in world.get("journal"))
    assert "the-secret" not in str(second)
    told = json.loads(first["text"])
    assert {name: json.loads(second["text"]).get(name) for name in "abi"} == {name: told[name] for name in "abi"}
