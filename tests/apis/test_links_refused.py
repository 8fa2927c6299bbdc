"""Links to results and uploads that are refused: as the bucket behind them does it, in XML."""

from __future__ import annotations

from xml.etree import ElementTree

import httpx
import pytest
import test_miragic
import test_mirrago
import vidgen_kit
from api_kit import View


def told(answer: httpx.Response, status: int) -> dict[str, str]:
    """What a refusal of a bucket says, after a look at its form."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/xml"), answer.text
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "Error"
    return {each.tag: each.text or "" for each in root}


@pytest.fixture
def link(miragic: View) -> str:
    """A link that expires in an hour."""
    job = test_miragic.new_job(miragic)
    miragic.advance(10)
    found: str = test_miragic.task(miragic, job)["download_signed_url"]
    return found


def test_an_expired_link_says_when_it_ended(miragic: View, link: str) -> None:
    miragic.advance(3600)
    answer = httpx.get(link)
    assert told(answer, 403) == {
        "Code": "AccessDenied",
        "Message": "Request has expired",
        "Expires": "2001-09-09T02:46:50.000Z",
        "ServerTime": "2001-09-09T02:46:50.000Z",
    }
    head = httpx.head(link)
    assert (head.status_code, head.content, head.headers["content-type"]) == (403, b"", "application/xml")


def test_a_link_that_was_changed_has_a_signature_that_does_not_match(link: str) -> None:
    for wrong in (
        link[:-1],
        link + "x",
        link.replace("expires=1", "expires=2"),
        link.replace("video.mp4", "other.mp4"),
    ):
        assert told(httpx.get(wrong), 403)["Code"] == "SignatureDoesNotMatch"


def test_a_link_without_its_query_is_denied(link: str) -> None:
    assert told(httpx.get(link.partition("?")[0]), 403) == {"Code": "AccessDenied", "Message": "Access Denied"}


def test_a_link_can_be_read_only(link: str) -> None:
    answer = httpx.put(link, content=b"x")
    assert told(answer, 405)["Code"] == "MethodNotAllowed"
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_link_to_what_is_gone_leads_to_no_key(miragic: View, link: str) -> None:
    miragic.sandbox.reset()
    assert told(httpx.get(link), 404)["Code"] == "NoSuchKey"


def test_the_links_of_other_apis_are_refused_likewise(vidgen: View, mirrago: View) -> None:
    for api in (vidgen, mirrago):
        api.side.play("expired-links")
    video = vidgen_kit.new_job(vidgen)
    image = test_mirrago.new_job(mirrago)
    vidgen.advance(15)
    for url in (vidgen_kit.status(vidgen, video)["outputVideo"], test_mirrago.shown(mirrago, image)["result_url"]):
        assert told(httpx.get(url), 403)["Message"] == "Request has expired"


def test_why_a_link_was_refused_stands_in_the_journal(miragic: View, link: str) -> None:
    miragic.advance(3600)
    httpx.get(link)
    entry = miragic.sandbox.journal.last()  # it comes before the last byte
    assert entry is not None
    assert (entry.kind, entry.status, entry.example) == ("media", 403, "expired_link")
    assert entry.answered is not None
    assert b"Request has expired" in entry.answered.body
