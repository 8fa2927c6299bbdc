"""The ring of entries: its bounds, its counts, and what becomes of bare tuples."""

from __future__ import annotations

from mockserver.journal import Answered, Journal, JournalEntry, Sent, deliveries_of, header
from mockserver.rings import Journals


def entry(n: int, body: bytes = b"", example: str = "ok") -> tuple[JournalEntry, int]:
    answered = Answered(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", b"retry-after: 5\r\n", body, 9)
    sent = Sent(((b"content-type", b"application/json; charset=utf-8"),), "a=b", 7, "text", 42)
    captured = JournalEntry(
        n, 0.0, "request", "api", "op", "GET", "/", 200, example, "", 0.1, None, "me", "job", sent, answered
    )
    return captured, len(body)


def test_the_newest_entries_stay_when_there_are_too_many() -> None:
    journal = Journal(bound=3)
    for n in range(5):
        journal.add(*entry(n))
    assert [each.n for each in journal] == [2, 3, 4]
    assert (len(journal), journal.dropped) == (3, 2)


def test_entries_make_room_when_their_bodies_are_too_large() -> None:
    journal = Journal(most=100)
    for n in range(4):
        journal.add(*entry(n, b"x" * 40))
    assert ([each.n for each in journal], journal.kept, journal.dropped) == ([2, 3], 80, 2)
    journal.add(*entry(4, b"x" * 500))
    assert [each.n for each in journal] == [4]


def test_of_entries_of_one_number_the_newest_is_found() -> None:
    journal = Journal()
    for example in ("a", "b"):
        journal.add(*entry(1, example=example))
    found = journal.find(1)
    assert found is not None
    assert found.example == "b"


def test_examples_are_counted_beyond_the_bounds_and_after_a_reset() -> None:
    journal = Journal(bound=1)
    for n in range(3):
        journal.add(*entry(n, example="a"))
    journal.count("api", "", "b")
    assert journal.seen == {("api", "op", "a"): 3, ("api", "", "b"): 1}
    journal.clear()
    assert (journal.seen, journal.kept, len(journal), journal.last()) == ({}, 0, 0, None)
    assert journal.earlier == {("api", "op", "a"): 3, ("api", "", "b"): 1}


def test_a_captured_tuple_is_read_as_an_entry() -> None:
    journal = Journal()
    journal.add(*entry(1, b"body"))
    read = journal.last()
    assert isinstance(read, JournalEntry)
    assert (read.account, read.job) == ("me", "job")
    assert isinstance(read.sent, Sent)
    assert (read.sent.content_type, read.sent.query, read.sent.digest) == ("application/json", "a=b", 42)
    assert isinstance(read.answered, Answered)
    assert read.answered.headers == ((b"Content-Type", b"text/plain"), (b"retry-after", b"5"))
    assert (read.answered.text, header(read.answered.headers, b"content-type")) == ("body", "text/plain")
    assert header((), b"x") == ""


def test_deliveries_are_found_by_the_request_that_caused_them() -> None:
    journal = Journal()
    journal.note(1.0, "webhook", "api", "it answered 200", request=1)
    journal.note(1.0, "dropped", "api", "room was made")
    journal.note(2.0, "webhook", "api", "it answered 200", request=1)
    assert {n: [each.n for each in found] for n, found in deliveries_of(journal.entries()).items()} == {1: [1, 3]}


def test_journals_together_pass_no_bound_and_the_oldest_entries_of_the_oldest_go() -> None:
    together = Journals(most=640)
    first, second = Journal(together=together), Journal(together=together)
    for n in range(8):
        first.add(*entry(n, b"x" * 40))
    for n in range(8):
        second.add(*entry(n, b"x" * 40))
    assert (together.kept, first.dropped, second.dropped) == (640, 0, 0)
    second.add(*entry(8, b"x" * 40))
    assert ([each.n for each in first], first.dropped) == ([2, 3, 4, 5, 6, 7], 2)
    assert (len(second), second.dropped) == (9, 0)
    assert together.kept == first.kept + second.kept <= 640


def test_the_newest_entry_of_each_journal_stays_whatever_others_keep() -> None:
    together = Journals(most=100)
    first, second = Journal(together=together), Journal(together=together)
    first.add(*entry(1, b"x" * 40))
    second.add(*entry(2, b"x" * 40))
    second.add(*entry(3, b"x" * 500))
    assert ([each.n for each in first], [each.n for each in second]) == ([1], [3])


def test_a_journal_that_is_cleared_or_left_weighs_no_more() -> None:
    together = Journals(most=100)
    first, second = Journal(together=together), Journal(together=together)
    first.add(*entry(1, b"x" * 40))
    first.clear()
    together.leave(first)
    second.add(*entry(2, b"x" * 60))
    assert (together.kept, len(second)) == (60, 1)
    together.leave(first)
    for n in range(9):
        second.add(*entry(n, b"x" * 40))
    assert (together.kept, len(second)) == (second.kept, 2)
