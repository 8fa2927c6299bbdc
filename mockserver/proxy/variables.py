"""The variables of the environment, and the files they name, by which programs in many languages are led to the proxy.

Knows where programs look; the page `docs/howto/exec.md` says which of them were tried.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from mockserver.proxy import python_client
from mockserver.proxy.authority import PASSWORD, java_store, pem_in
from mockserver.virtual_time import python_time

DIRECT = "localhost,127.0.0.1,127.0.0.0/8,::1,0.0.0.0"
DIRECT_IN_JAVA = "localhost|127.*|[::1]|0.0.0.0"
NODE_CLIENT = Path(__file__).with_name("node_client.cjs")
NODE_TIME = Path(__file__).with_name("node_time.cjs")
TIMED = "timed"
"""A file that is there once a program was started whose time goes faster."""
GRACE = 3000
"""So many real milliseconds time stands while an answer is under way, where it goes faster than life."""
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
BUNDLES = (
    "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "PIP_CERT",
    "CARGO_HTTP_CAINFO", "DENO_CERT", "NIX_SSL_CERT_FILE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "HTTPLIB2_CA_CERTS",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """Where clients are led: the two ports, which hosts are mocked or let through, whom to trust, where the mock server
    itself is, if there is one, and by how much faster time goes there.
    """

    port: int
    tls_port: int
    hosts: Collection[str]
    passthrough: Collection[str]
    authority: bytes
    roots: bytes
    server: str
    rate: float = 1.0

    @property
    def proxy(self) -> str:
        """The URL of the proxy."""
        return f"http://127.0.0.1:{self.port}"


def variables(environ: Mapping[str, str], way: Way, folder: Path) -> dict[str, str]:
    """A whole environment: this one, with the hosts led into the mock. The files that it names are written."""
    bundle = _written(folder / "ca-bundle.pem", way.roots + b"\n" + way.authority)
    said = {"port": way.port, "tls_port": way.tls_port, "hosts": [*way.hosts], "passthrough": [*way.passthrough]}
    _written(folder / "way.json", json.dumps({**said, "rate": way.rate, "grace": GRACE}).encode())
    proxies = {name: way.proxy for upper in PROXIES for name in (upper, upper.lower())}
    return {
        **environ,
        **proxies,
        **dict.fromkeys(("NO_PROXY", "no_proxy"), DIRECT),
        **dict.fromkeys(BUNDLES, bundle),
        **({"MOCKSERVER_URL": way.server} if way.server else {}),
        **({"MOCKSERVER_RATE": f"{way.rate:g}"} if way.rate != 1 else {}),
        **_of_python(environ, way, folder),
        **_of_node(environ, way, folder),
        **_of_java(environ, way, folder),
        "WGETRC": _wgetrc(environ, folder, bundle),
        "PHP_INI_SCAN_DIR": _of_php(environ, folder, bundle),
    }


def _written(file: Path, content: bytes) -> str:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    return str(file)


def _of_python(environ: Mapping[str, str], way: Way, folder: Path) -> dict[str, str]:
    """A `sitecustomize` before all others: for libraries that look at no variable."""
    (folder / "python").mkdir(exist_ok=True)
    shutil.copyfile(python_client.__file__, folder / "python" / "sitecustomize.py")
    if way.rate != 1:
        shutil.copyfile(python_time.__file__, folder / "python" / "mockserver_time.py")
    before = environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": f"{folder / 'python'}:{before}" if before else str(folder / "python")}


def _of_node(environ: Mapping[str, str], way: Way, folder: Path) -> dict[str, str]:
    """Node has authorities of its own, and takes more."""
    further = _written(folder / "node.pem", pem_in(environ.get("NODE_EXTRA_CA_CERTS", "")) + b"\n" + way.authority)
    loaded = [environ.get("NODE_OPTIONS", "")]
    for client in (NODE_CLIENT, NODE_TIME) if way.rate != 1 else (NODE_CLIENT,):
        shutil.copyfile(client, folder / client.name)
        file = str(folder / client.name).replace("\\", "\\\\").replace('"', '\\"')
        loaded.append(f'--require "{file}"')
    return {"NODE_OPTIONS": " ".join(loaded).strip(), "NODE_EXTRA_CA_CERTS": further}


def _of_java(environ: Mapping[str, str], way: Way, folder: Path) -> dict[str, str]:
    store = _written(folder / "trust.p12", java_store(way.roots + b"\n" + way.authority))
    told = {
        "http.proxyHost": "127.0.0.1", "http.proxyPort": way.port, "https.proxyHost": "127.0.0.1",
        "https.proxyPort": way.port, "http.nonProxyHosts": f"'{DIRECT_IN_JAVA}'",
        "javax.net.ssl.trustStore": f"'{store}'", "javax.net.ssl.trustStoreType": "PKCS12",
        "javax.net.ssl.trustStorePassword": PASSWORD,
    }  # fmt: skip
    before = environ.get("JAVA_TOOL_OPTIONS", "")
    return {"JAVA_TOOL_OPTIONS": " ".join([before, *(f"-D{name}={value}" for name, value in told.items())]).strip()}


def _wgetrc(environ: Mapping[str, str], folder: Path, bundle: str) -> str:
    """wget reads one file of a user's: what is in that, and whom to trust."""
    own = Path(environ.get("WGETRC") or Path(environ.get("HOME", "/nonexistent")) / ".wgetrc")
    try:
        before = own.read_bytes()
    except (OSError, ValueError):
        before = b""
    return _written(folder / "wgetrc", before + b"\nca_certificate = %b\n" % bundle.encode())


def _of_php(environ: Mapping[str, str], folder: Path, bundle: str) -> str:
    """A folder of settings that PHP reads after its own, which the empty part stands for."""
    _written(folder / "php" / "mockserver.ini", f'curl.cainfo="{bundle}"\nopenssl.cafile="{bundle}"\n'.encode())
    return f"{environ.get('PHP_INI_SCAN_DIR', '')}:{folder / 'php'}"
