"""Whatever was uploaded: jobs end, results are delivered and are what they say, every request is in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import aiohttp
import httpx
import pytest
import requests
from entrances_kit import CONTRACTS, GOOD, Entrance, Visitor, check, entrances, family, shows_its_file, with_twins
from kinds_kit import NAMES, File, pictures, plain_png, sounds

from mockserver.sandbox import Sandbox

Advance = Callable[[Sandbox, float], None]
Visit = Callable[[str], Visitor]
BY_NAME = {contract.name: contract for contract in CONTRACTS}
SECONDS = 15.0
WHOLE = 2
"""So many accepted files of each entrance are followed to results that are not made of them, too."""


def deliver(visitor: Visitor, entrance: Entrance, advance: Advance, files: dict[str, File], *, twins: bool) -> set[str]:
    """Send each file through an entrance and follow what becomes of it to the last byte; those that were accepted."""
    made: set[str] = set()
    resource = BY_NAME[entrance.api].operations[entrance.operation].resources[0]
    for title, file in files.items():
        job = visitor.create(entrance, file, twins=twins)
        advance(visitor.side.sandbox, SECONDS)
        if job is None:
            continue
        for url, answer in visitor.results(resource, job, all_of_them=len(made) < WHOLE).items():
            check(answer)
            assert f"/upload.{entrance.part}/" not in url or answer.content == file.data, title
        made.add(title)
    return made


def check_deliveries(visitor: Visitor, entrance: Entrance, advance: Advance, *, twins: bool) -> set[str]:
    """Every kind of file through an entrance: which were accepted."""
    is_image = family(BY_NAME[entrance.api], entrance) == "image"
    made = deliver(visitor, entrance, advance, pictures() if is_image else sounds(), twins=twins)
    assert {status // 100 for status in visitor.refused} == {4}
    assert len(visitor.journal) == visitor.asked
    assert all(0 < entry.status < 500 for entry in visitor.journal)
    return made


@pytest.mark.parametrize("entrance", entrances(), ids=str)
def test_whatever_file_was_accepted_its_results_are_delivered(
    visit: Visit, advance: Advance, entrance: Entrance
) -> None:
    made = check_deliveries(visit(entrance.api), entrance, advance, twins=False)
    assert {"text", "half a PNG", "400 megapixels"} <= made or {"text", "half a WAV"} <= made


@pytest.mark.parametrize("entrance", with_twins(), ids=str)
def test_files_that_must_be_alike_are_delivered_whatever_both_are(
    visit: Visit, advance: Advance, entrance: Entrance
) -> None:
    made = check_deliveries(visit(entrance.api), entrance, advance, twins=True)
    assert {"text", "half a PNG", "48 megapixels", "turned by EXIF 6", "1 x 65500"} <= made


@pytest.mark.parametrize("operation", {(e.api, e.operation): e for e in entrances() if e.part}.values(), ids=str)
def test_a_file_may_have_any_name(visit: Visit, advance: Advance, operation: Entrance) -> None:
    visitor = visit(operation.api)
    data = GOOD[family(BY_NAME[operation.api], operation)]
    for name in NAMES:
        assert visitor.create(operation, File(name, data.declared, data.data)) is not None, (name, visitor.refused)
        advance(visitor.side.sandbox, SECONDS)


def test_the_address_of_an_uploaded_file_of_any_name_serves_all_clients(visit: Visit, advance: Advance) -> None:
    for entrance in (each for each in entrances() if each.part and shows_its_file(BY_NAME[each.api], each)):
        visitor = visit(entrance.api)
        resource = BY_NAME[entrance.api].operations[entrance.operation].resources[0]
        links: set[str] = set()
        for name in NAMES:
            job = visitor.create(entrance, File(name, "image/png", plain_png()))
            assert job is not None
            found = visitor.results(resource, job, all_of_them=False)
            links |= {url for url, answer in found.items() if answer.content == plain_png()}
        assert len(links) == len(NAMES)
        assert {fetched.content for link in links for fetched in (requests.get(link), httpx.get(link))} == {plain_png()}
        assert asyncio.run(all_by_aiohttp(links)) == {plain_png()}


async def all_by_aiohttp(links: Iterable[str]) -> set[bytes]:
    async with aiohttp.ClientSession() as session:
        return {await (await session.get(link)).read() for link in links}
