"""Which webhook targets are dialed: loopback in every spelling, and nothing else unless allowed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.webhooks import Blocked, Target, check_target

pytestmark = pytest.mark.asyncio

Names = dict[str, list[str]]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[[Names], list[str]]:
    """Give the event loop these names and no others; the list returned records what it was asked."""
    asked: list[str] = []

    def install(names: Names) -> list[str]:
        async def getaddrinfo(loop: object, host: str, port: int, **_: object) -> list[Any]:
            asked.append(host)
            if host not in names:
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return [(0, 0, 0, "", (address, port)) for address in names[host]]

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
        return asked

    return install


async def target(url: str, *allowed: str) -> Target:
    checked = await check_target(url, frozenset(allowed))
    assert isinstance(checked, Target), checked
    return checked


async def blocked(url: str, *allowed: str) -> Blocked:
    checked = await check_target(url, frozenset(allowed))
    assert isinstance(checked, Blocked), checked
    return checked


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "0X7F.1",
        "127.0.0.1.",
        "[::ffff:127.0.0.1]",
        "[::FFFF:7f00:1]",
    ],
)
async def test_every_spelling_of_a_loopback_address_is_dialed_in_its_plain_form(host: str) -> None:
    found = await target(f"http://{host}:8000/hook")
    assert (found.host, found.addresses, found.authority) == ("127.0.0.1", ("127.0.0.1",), "127.0.0.1:8000")


async def test_the_whole_loopback_network_and_the_loopback_of_ipv6_are_dialed() -> None:
    assert (await target("http://127.8.9.10/")).addresses == ("127.8.9.10",)
    six = await target("https://[0:0::1]:8443/")
    assert (six.addresses, six.authority) == (("::1",), "[::1]:8443")


@pytest.mark.parametrize(
    "host",
    [
        "0",
        "0.0.0.0",
        "[::]",
        "[::ffff:0.0.0.0]",
        "10.0.0.1",
        "169.254.169.254",
        "0xA9FEA9FE",
        "2852039166",
        "[::ffff:169.254.169.254]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "8.8.8.8",
        "128.0.0.1",
    ],
)
async def test_other_addresses_are_blocked_with_the_remedy(host: str) -> None:
    found = await blocked(f"http://{host}:8000/hook")
    assert "is not a loopback address" in found.why
    assert "--webhook-allow " in found.remedy


async def test_the_remedy_names_the_host_and_works(resolver: Callable[[Names], list[str]]) -> None:
    resolver({"hooks.example.com": ["203.0.113.7", "203.0.113.8"]})
    found = await blocked("https://Hooks.Example.com/in")
    assert "203.0.113.7, 203.0.113.8" in found.why
    assert "--webhook-allow hooks.example.com " in found.remedy
    allowed = await target("https://Hooks.Example.com./in", "HOOKS.example.com.")
    assert allowed.addresses == ("203.0.113.7", "203.0.113.8")
    assert (await target("http://0x0a000001/", "10.0.0.1")).addresses == ("10.0.0.1",)
    assert (await target("http://[2001:db8::1]/", "[2001:DB8:0::1]")).addresses == ("2001:db8::1",)


async def test_a_name_is_dialed_only_if_all_its_addresses_are_loopback(
    resolver: Callable[[Names], list[str]],
) -> None:
    resolver({"mixed.test": ["127.0.0.1", "203.0.113.7"], "local.test": ["::1", "127.0.0.1", "127.0.0.1"]})
    assert "203.0.113.7" in (await blocked("http://mixed.test/")).why
    assert (await target("http://local.test/")).addresses == ("::1", "127.0.0.1")


async def test_a_mapped_loopback_address_of_a_name_counts_as_loopback(
    resolver: Callable[[Names], list[str]],
) -> None:
    resolver({"mapped.test": ["::ffff:127.0.0.1"], "far.test": ["::ffff:8.8.8.8"]})
    assert (await target("http://mapped.test/")).addresses == ("127.0.0.1",)
    await blocked("http://far.test/")


async def test_a_name_is_resolved_once_and_names_under_localhost_are_this_machine(
    resolver: Callable[[Names], list[str]],
) -> None:
    asked = resolver({"localhost": ["127.0.0.1"]})
    assert (await target("http://hooks.localhost:81/")).authority == "hooks.localhost:81"
    assert asked == ["localhost"]


async def test_an_unknown_name_is_blocked_but_if_allowed_it_merely_has_no_address(
    resolver: Callable[[Names], list[str]],
) -> None:
    resolver({})
    assert "does not resolve" in (await blocked("http://nowhere.test/")).why
    assert (await target("http://nowhere.test/", "nowhere.test")).addresses == ()


async def test_a_name_no_resolver_can_take_is_blocked() -> None:
    await blocked(f"http://{'a' * 64}.test/")
    await blocked("http://a..b/")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://user:secret@127.0.0.1/", "user name"),
        ("http://@127.0.0.1/", "user name"),
        ("http://127.0.0.1\\@example.com/", "backslash"),
        ("http:\\\\127.0.0.1/", "backslash"),
        ("http://127.0.0.1/a b", "space or a control"),
        (" http://127.0.0.1/", "space or a control"),
        ("http://127.0.0.1/\r\nX: y", "space or a control"),
        ("ht\ttp://127.0.0.1/", "space or a control"),
        ("http://127.0.0.1/\x7f", "space or a control"),
        ("http://127.0.0.1/\x85", "space or a control"),
        ("http://127.0.0.1/\ud800", "space or a control"),
        ("ftp://127.0.0.1/", "neither http nor https"),
        ("file:///etc/passwd", "neither http nor https"),
        ("javascript:alert(1)", "not absolute"),
        ("", "not absolute"),
        ("//127.0.0.1/", "not absolute"),
        ("http:127.0.0.1", "not absolute"),
        ("http:///path", "no host"),
        ("http://:80/", "no host"),
        ("http://[127.0.0.1]/", "brackets"),
        ("http://[::1/", "no host"),
        ("http://::1/", "no host"),
        ("http://[::1%25lo]/", "no host"),
        ("http://%31%32%37.1/", "no host"),
        ("http://①②⑦.0.0.1/", "xn--"),
        ("http://127.0.0.1:８０/", "xn--"),
        ("http://127.0.0.1:+80/", "no host"),
        ("http://127.0.0.1:0/", "port"),
        ("http://127.0.0.1:65536/", "port"),
    ],
)
async def test_a_url_that_clients_could_read_in_two_ways_is_blocked(url: str, why: str) -> None:
    found = await blocked(url, "127.0.0.1", "::1")
    assert why in found.why
    assert found.url == url


@pytest.mark.parametrize(
    ("url", "resource", "authority"),
    [
        ("HTTP://127.0.0.1", "/", "127.0.0.1"),
        ("http://127.0.0.1:80/a?b=c#d", "/a?b=c", "127.0.0.1"),
        ("http://127.0.0.1:443?x", "/?x", "127.0.0.1:443"),
        ("https://127.0.0.1:/#top", "/", "127.0.0.1"),
        ("https://127.0.0.1:443/%2F/ü?q=é%20", "/%2F/%C3%BC?q=%C3%A9%20", "127.0.0.1"),
        ("https://127.0.0.1:80//a/../b", "//a/../b", "127.0.0.1:80"),
    ],
)
async def test_the_request_target_and_the_host_header_follow_from_the_url(
    url: str, resource: str, authority: str
) -> None:
    found = await target(url)
    assert (found.resource, found.authority) == (resource, authority)
    assert found.secure == url.lower().startswith("https")


@given(rest=st.text(st.characters(), max_size=40))
async def test_checking_never_raises_and_dials_loopback_only(rest: str) -> None:
    async def nothing(*_: object, **__: object) -> list[Any]:
        return []

    asyncio.get_running_loop().getaddrinfo = nothing  # type: ignore[method-assign]
    for url in (rest, "http://" + rest, "http://127.0.0.1" + rest):
        found = await check_target(url)
        if isinstance(found, Target):
            assert all(address.startswith("127.") or address == "::1" for address in found.addresses)
            assert found.resource.isascii()
