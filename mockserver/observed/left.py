"""What of an archive is passed over, and why, counted: a request that nobody hears of would be taken for one that was
never made. Knows no entry.
"""

from __future__ import annotations

from collections import Counter

LeftNote = tuple[str, str, str]
MOST_NAMED = 3
AGAIN = "whether it matters; then record it again, with bodies"
_LOOK = {
    "no answer came (it was blocked, or broken off)": "whether it matters; then record it again",
    "nothing had changed for the browser, and what it knew is not in the archive": "record it with the cache off",
}
NO_ANSWER, UNCHANGED = _LOOK


class PassedOver:
    """Counts by host, empty where it is not known: entries that are left out, and calls read without a body."""

    def __init__(self) -> None:
        self._entries: dict[str, Counter[tuple[str, str]]] = {}
        self._bodies: dict[str, Counter[tuple[str, str]]] = {}

    def entry(self, host: str, subject: str, why: str) -> None:
        """An entry is left out."""
        self._entries.setdefault(host, Counter())[why, subject] += 1

    def body(self, host: str, subject: str, why: str) -> None:
        """A call is read without one of its bodies."""
        self._bodies.setdefault(host, Counter())[why, subject] += 1

    def notes(self, host: str) -> list[LeftNote]:
        """Rows of subject, meaning and advice about one host, and what has none."""
        rows = []
        for of_hosts, said in ((self._entries, "left out: "), (self._bodies, "read without a body: ")):
            several = sum((of_hosts.get(each, Counter()) for each in {host, ""}), Counter[tuple[str, str]]())
            whys = dict.fromkeys(why for why, _ in several)
            for why in whys:
                subjects = {subject: number for (each, subject), number in several.items() if each == why}
                rows.append((_named(subjects), said + why, _LOOK.get(why, AGAIN)))
        return rows


def _named(subjects: dict[str, int]) -> str:
    number = sum(subjects.values())
    names = [subject for subject in subjects if subject]
    shown = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    return f"{number} {'entry' if number == 1 else 'entries'}" + (f": {shown}" if shown else "")
