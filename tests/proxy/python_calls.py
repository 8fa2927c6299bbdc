"""Asks a URL with each client of Python, unchanged; prints what came of it. Run as a program."""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
import urllib.request
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
import httpx
import httpx2
import requests
import urllib3


def untrusting(url: str) -> int:
    """requests that look at no variable, and bring authorities of their own."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url).status_code


def plain(url: str) -> int:
    parts = urlsplit(url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port)
    connection.request("GET", parts.path)
    with connection.getresponse() as response:
        return response.status


def by_urllib(url: str) -> int:
    with urllib.request.urlopen(url) as response:
        return int(response.status)


async def by_aiohttp(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status


async def by_httpx(url: str, transport: httpx.AsyncBaseTransport | None = None) -> int:
    async with httpx.AsyncClient(transport=transport) as client:
        return (await client.get(url)).status_code


CLIENTS: dict[str, Callable[[str], int]] = {
    "requests": lambda url: requests.get(url).status_code,
    "requests without variables": untrusting,
    "urllib3": lambda url: urllib3.PoolManager().request("GET", url, retries=False).status,
    "urllib": by_urllib,
    "http.client": plain,
    "httpx": lambda url: httpx.get(url).status_code,
    "httpx with a transport": lambda url: httpx.Client(transport=httpx.HTTPTransport(retries=1)).get(url).status_code,
    "httpx async": lambda url: asyncio.run(by_httpx(url)),
    "httpx async with a transport": lambda url: asyncio.run(by_httpx(url, httpx.AsyncHTTPTransport())),
    "httpx2": lambda url: httpx2.get(url).status_code,
    "aiohttp": lambda url: asyncio.run(by_aiohttp(url)),
}


def told(client: Callable[[str], int], url: str) -> int | str:
    try:
        return client(url)
    except Exception as error:
        return str(error)


if __name__ == "__main__":
    print(json.dumps({url: {name: told(client, url) for name, client in CLIENTS.items()} for url in sys.argv[1:]}))
