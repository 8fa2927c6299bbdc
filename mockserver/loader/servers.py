"""`servers` of openapi.json → the hosts an API answers for, and what goes before its paths. Knows no request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any
from urllib.parse import urlsplit

from mockserver import pointers
from mockserver.loader.document import operations as documented
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.loopback import is_loopback, plain_host
from mockserver.suggestions import mend_word

_MOST = 100
"""So many URLs the variables of one server may make."""


def bases(source: Source, at: str, servers: Any) -> list[str]:
    """What goes before a path, by each of these servers; the first is the address that answers show."""
    paths = [_base(source, url) for server in servers or () for url in _urls(source, at, server)]
    return list(dict.fromkeys(paths)) or [""]


def all_servers(source: Source) -> Iterator[tuple[str, Any]]:
    """Every (pointer, servers) of the document, of a path and of an operation."""
    yield "/servers", source.openapi.get("servers")
    for pointer, _, _, operation, item in documented(source):
        yield f"{pointer.rpartition('/')[0]}/servers", item.get("servers")
        yield f"{pointer}/servers", operation.get("servers")


def hosts(source: Source) -> Mapping[str, str]:
    """The hosts that behavior.json names, each with what it puts before paths, and those of servers elsewhere."""
    named = source.behavior.get("hosts", ())
    found = {host: named[host] if isinstance(named, dict) else "" for host in named}
    _check_before(source, found)
    for at, servers in all_servers(source):
        for server in servers or ():
            for url in _urls(source, at, server):
                host = urlsplit(url).hostname
                if host and not is_loopback(plain_host(host)):
                    found.setdefault(host, "")
    return found


def _check_before(source: Source, found: Mapping[str, str]) -> None:
    """Note what a host puts before paths, and no path begins with: nothing would answer there."""
    paths = [f"{path}/" for _, path, *_ in documented(source)]
    for host, before in found.items():
        if before and not any(path.startswith(f"{before}/") for path in paths):
            first = sorted({f"/{path.split('/')[1]}" for path in paths})
            remedy = mend_word(before, first, f"Let the paths in openapi.json that {host} answers begin with {before}.")
            source.say(BEHAVIOR, pointers.join("/hosts", host), f"no path begins with {before!r}.", remedy)


def _urls(source: Source, at: str, server: Any) -> Iterator[str]:
    """The URLs of a server, its variables filled in; their defaults first."""
    variables = server.get("variables", {})
    choices = [
        [(name, str(value)) for value in dict.fromkeys([variable.get("default", ""), *variable.get("enum", ())])]
        for name, variable in variables.items()
    ]
    for chosen in islice(product(*choices), _MOST):
        url = str(server.get("url", ""))
        for name, value in chosen:
            url = url.replace(f"{{{name}}}", value)
        if "{" in url:
            source.say(
                OPENAPI, at, f"the variable of {url!r} is not described.", "Add it to variables, with a default."
            )
            return
        try:
            urlsplit(url).port  # noqa: B018 - raises for what is no port
        except ValueError:
            source.say(OPENAPI, at, f"{url!r} is no URL.", "Write https://host/base or a path.")
            return
        yield url


def _base(source: Source, url: str) -> str:
    """The path of a server's URL; a relative one may begin with the prefix of the API itself."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    own = f"/{source.name}"
    if not parts.netloc and (path == own or path.startswith(f"{own}/")):
        path = path[len(own) :]
    return path if not path or path.startswith("/") else f"/{path}"
