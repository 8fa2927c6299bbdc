"""`mockserver explore --webhooks`: a client that waits for a webhook meets doubled, forged and lost ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from serve_kit import ROOT
from wire_kit import PATIENCE

CLIENT = """
import hashlib, hmac, http.server, json, os, sys, threading, urllib.request
careful, took, ready = "careful" in sys.argv, [], threading.Event()

class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        right = hmac.new(b"demo-webhook-secret", body, hashlib.sha256).hexdigest()
        is_good = not careful or hmac.compare_digest(right, self.headers.get("x-webhook-signature", ""))
        self.send_response(204 if is_good else 401)
        self.end_headers()
        if is_good and not (careful and took):
            took.append(json.loads(body or b"{}"))
            ready.set()

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=server.serve_forever, daemon=True).start()
parts = {"image": b"RIFF\\x16\\0\\0\\0WEBPVP8L\\t\\0\\0\\0/\\0\\0\\0\\0(@D\\x04\\0", "audio": b"ID3\\3" + bytes(6),
         "webhookUrl": f"http://127.0.0.1:{server.server_port}/".encode()}
body = b"".join(
    b'--b\\r\\nContent-Disposition: form-data; name="%s"%s\\r\\n\\r\\n%s\\r\\n'
    % (name.encode(), b"" if name == "webhookUrl" else b'; filename="a"', part) for name, part in parts.items()
) + b"--b--\\r\\n"
headers = {"X-API-Key": "demo-key", "Content-Type": "multipart/form-data; boundary=b"}
url = os.environ["MOCKSERVER_URL"] + "/vidgen/api/jobs"
urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30).close()
if not ready.wait(600):
    sys.exit(3)
sys.exit(9 if len(took) != 1 else 0)
"""


def explored(*words: str, code: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "mockserver", "explore", "vidgen", "--format", "json", "--insecure-webhooks"]
    done = subprocess.run(
        [*command, *words[:-1], "--", sys.executable, "-c", CLIENT, words[-1]],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=PATIENCE * 10,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


FORGED = '[{"fault": "webhook_bad_signature"}]'


def test_a_client_that_believes_a_forged_webhook_is_found() -> None:
    (found,) = explored("--webhooks", "--replay", FORGED, "believes", code=1)["found"]
    assert (found["rule"], found["sentence"]) == (
        "believed_forgery", "the client answered 204 to a webhook under webhook_bad_signature",
    )  # fmt: skip
    assert " --webhooks --insecure-webhooks --replay " in found["replay"]


@pytest.mark.parametrize("fault", ["webhook_bad_signature", "webhook_duplicate", "webhook_never"])
def test_one_that_looks_twice_is_not(fault: str) -> None:
    schedule = json.dumps([{"fault": fault, "times": 1}])
    assert explored("--fails-with", "3", "--replay", schedule, "careful", code=0)["found"] == []
