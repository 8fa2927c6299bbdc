"""Which host goes where."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from mockserver.intercept import intercept
from mockserver.intercept.routes import HostRefused, Routes, RouteTarget, is_local

BASE = "http://127.0.0.1:41234/@s-abc/api"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "app.localhost",
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
        "0.0.0.0",
    ],
)
def test_these_hosts_are_loopback(host: str) -> None:
    assert is_local(host)
    assert Routes({}).find(host) is None


@pytest.mark.parametrize(
    "host", ["localhost.example", "128.0.0.1", "10.0.0.1", "::2", "127.0.0.1.example", "", "notlocalhost"]
)
def test_these_hosts_are_outside(host: str) -> None:
    assert not is_local(host)
    with pytest.raises(HostRefused):
        Routes({}).find(host)


def test_a_host_is_found_in_any_case_and_with_a_dot_at_its_end() -> None:
    routes = Routes({"Api.Vendor.example": BASE})
    assert routes.find("API.vendor.EXAMPLE.") == RouteTarget(
        "http", "127.0.0.1", 41234, "127.0.0.1:41234", "/@s-abc/api"
    )


def test_allowed_hosts_are_exact_or_below_a_star() -> None:
    routes = Routes({}, allow=["one.example", "*.two.example"])
    assert routes.find("one.example") is routes.find("a.two.example") is routes.find("a.b.two.example") is None
    for host in ("a.one.example", "two.example", "xtwo.example"):
        with pytest.raises(HostRefused):
            routes.find(host)


def test_a_route_comes_before_loopback() -> None:
    found = Routes({"localhost": "http://127.0.0.1"}).find("localhost")
    assert found is not None
    assert (found.port, found.prefix) == (80, "")


@pytest.mark.parametrize("base_url", ["https://127.0.0.1", "127.0.0.1:80", "http://", "http://127.0.0.1/?a=1"])
def test_a_base_url_is_plain_http(base_url: str) -> None:
    with pytest.raises(ValueError, match="base URL like"), intercept({"api.vendor.example": base_url}):
        pass


def test_no_client_is_imported_but_one_imported_later_is_intercepted() -> None:
    code = """
        import sys
        from mockserver.intercept import intercept
        clients = {"httpx", "httpx2", "requests", "urllib3", "aiohttp", "trio", "anyio", "uvloop"}
        with intercept({}):
            assert not clients & set(sys.modules), clients & set(sys.modules)
            for name, error in ("httpx", "ConnectError"), ("httpx2", "ConnectError"), ("requests", "ConnectionError"):
                library = __import__(name)
                try:
                    library.get("https://other.example")
                except getattr(library, error) as refused:
                    assert "intercept is on" in str(refused), refused
                else:
                    raise AssertionError(name)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, timeout=300)


def test_a_star_lets_every_host_through() -> None:
    assert Routes({}, ["*"]).find("api.example.org") is None
