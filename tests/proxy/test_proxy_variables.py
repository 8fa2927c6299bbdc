"""What a user's own environment says stays said, beside what leads programs to the proxy."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from mockserver.errors import UsageError
from mockserver.proxy.authority import Authority, java_store, roots
from mockserver.proxy.variables import Way, variables

OURS = trustme.CA().cert_pem.bytes()
WAY = Way(1234, 1235, ["api.acme.example"], [], OURS, b"", "http://127.0.0.1:1236")


def test_what_a_user_has_set_is_kept(tmp_path: Path) -> None:
    (tmp_path / "wgetrc").write_text("tries = 7\n")
    (tmp_path / "more.pem").write_bytes(trustme.CA().cert_pem.bytes())
    own = {
        "HOME": str(tmp_path), "PYTHONPATH": "/mine", "NODE_OPTIONS": "--no-warnings", "JAVA_TOOL_OPTIONS": "-Xmx64m",
        "WGETRC": str(tmp_path / "wgetrc"), "NODE_EXTRA_CA_CERTS": str(tmp_path / "more.pem"), "OTHER": "1",
        "PHP_INI_SCAN_DIR": "/php", "http_proxy": "http://corporate.example:3128", "NO_PROXY": ".corporate.example",
    }  # fmt: skip
    made = variables(own, WAY, tmp_path)
    assert made["PYTHONPATH"].endswith("python:/mine")
    assert made["NODE_OPTIONS"].startswith("--no-warnings --require ")
    assert made["JAVA_TOOL_OPTIONS"].startswith("-Xmx64m -D")
    assert made["PHP_INI_SCAN_DIR"].startswith("/php:")
    assert Path(made["WGETRC"]).read_text().startswith("tries = 7\n\nca_certificate = ")
    assert Path(made["NODE_EXTRA_CA_CERTS"]).read_bytes() == (tmp_path / "more.pem").read_bytes() + b"\n" + OURS
    assert made["http_proxy"] == made["HTTP_PROXY"] == "http://127.0.0.1:1234"
    assert "corporate" not in made["NO_PROXY"] + made["no_proxy"]
    assert (made["OTHER"], made["MOCKSERVER_URL"]) == ("1", "http://127.0.0.1:1236")


def test_authorities_that_a_user_named_stay_trusted(tmp_path: Path) -> None:
    own, other = trustme.CA().cert_pem.bytes(), trustme.CA().cert_pem.bytes()
    (tmp_path / "own.pem").write_bytes(own)
    (tmp_path / "other.pem").write_bytes(other)
    (tmp_path / "none.pem").write_text("nothing")
    named = {"REQUESTS_CA_BUNDLE": "own.pem", "SSL_CERT_FILE": "other.pem", "CURL_CA_BUNDLE": "none.pem"}
    found = roots({name: str(tmp_path / file) for name, file in named.items()} | {"AWS_CA_BUNDLE": "/no/such/file"})
    assert own in found
    assert other in found
    assert len(found) > len(own) + len(other)  # the system's


def test_a_store_for_java_leaves_out_what_cannot_be_read() -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    good = trustme.CA().cert_pem.bytes()
    assert abs(len(java_store(broken + good + good)) - len(java_store(good))) < 64


def test_a_host_that_no_certificate_can_name_is_told_of() -> None:
    with pytest.raises(UsageError, match=r"my_host.example.*no certificate"):
        Authority(["my_host.example"])
