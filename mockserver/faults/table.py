"""The catalogue as a page of documentation, made from the faults themselves. `python -m mockserver.faults.table`."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from mockserver.faults.base import CATEGORIES
from mockserver.faults.catalogue import CATALOGUE, doc_of, parameters_of
from mockserver.faults.parameters import defaults_of, type_in_words, types_of
from mockserver.faults.selector import Selector

INTRODUCTION = """# Faults

Made by `python -m mockserver.faults.table > contracts/FAULTS.md`; a test holds it to the code. `mockserver
faults` prints the same.

A fault is written `{"fault": "status", "status": 502, "times": 2}`: its name, its parameters, and which
requests it is meant for. All parameters have defaults. The same words serve in a contract's `scenarios` and
`matches`, over the control API and in Python.

At most one fault of each category meets a request, the oldest armed one that fits. Categories act in this
order: clock, job, answer, pace, wire. So an answer that a fault of the answer has changed may come late by one
of pace and be cut by one of the wire; of two that both deliver in their own way, pace goes first. A fault is
chosen before the request is answered and counted only when it takes effect: `answer_lost` when something was
created, moved or uploaded, a fault of jobs when it takes hold of a job (as it is created, or first touched
before its end), a change of bytes when there is something to change. A job keeps its first fault. Webhooks meet
faults of their own when they are first delivered. What took effect stands in the journal and, where headers are
sent, in `X-Mock-Fault`. Seconds of pace are real; those of jobs, webhooks and clocks are on the sandbox's
clock.

The connection is broken once its request is known, for one port serves all APIs and sandboxes. A client that is to
be refused the connection itself is given the address of a port where nobody listens. A client that ends its own
sending (`nc -N`) and waits is taken for one that has left while a fault of pace or of the wire holds its answer, as
the two look alike on a socket; without such a fault it is answered.

The downloads of results and uploads (their URLs lie under `/_media/`) are no operation of the contract. They meet
faults whose `operation` is `media`, and no others: all of the wire and of pace, and `status`, `redirect_loop`,
`empty_body`, `given_body`, `wrong_content_type` and `skewed_date`.
"""
MEANINGS = {
    "operation": "only requests to this operation; `media`: only downloads",
    "job": "only requests that name this job, or its webhooks",
    "account": "only requests with credentials of the account of this id",
    "nth": "only the nth of the requests that fit the three above, counted from 1",
    "first": "only the first n of them",
    "every": "only each kth of them",
    "probability": "each of them by chance, drawn from the sandbox's seed",
    "for_seconds": "only for so long on the sandbox's clock since it was armed",
    "at_once": "on at most so many requests at the same moment",
    "times": "at most so often in all",
    "ttl": "real seconds after which a forgotten fault heals (null: never); of a scenario: until another is played",
}


def table() -> str:
    """The page, in Markdown."""
    parts = [INTRODUCTION, _of_our_server(), "## Which requests\n", *_selector(), ""]
    for category in CATEGORIES:
        parts += [f"## {category.capitalize()}\n", "| fault | parameters | what it does |", "|---|---|---|"]
        parts += [_row(kind) for kind in CATALOGUE.values() if kind.category == category]
        parts.append("")
    return "\n".join(parts)


def _of_our_server() -> str:
    """The faults that the application cannot arm under a server that is not ours."""
    names = ", ".join(f"`{kind.name}`" for kind in CATALOGUE.values() if kind.needs_wire)
    introduced = (
        "Where `mockserver.app.create` runs under another HTTP server, the connection is not ours to break, and"
    )
    return f"{introduced} these are refused:\n{textwrap.fill(names, 110)}.\n"


def _selector() -> list[str]:
    rows = ["| word | value | meaning |", "|---|---|---|"]
    for name, default in defaults_of(Selector).items():
        usual = "" if default is None else f" ({default:g})"
        kind = type_in_words(types_of(Selector)[name]).removesuffix(" or null")
        rows.append(f"| `{name}` | {kind}{usual} | {MEANINGS[name]} |")
    return rows


def _row(kind: Any) -> str:
    parameters = [f"`{name}`: {wish} ({json.dumps(default)})" for name, (default, wish) in parameters_of(kind).items()]
    return f"| `{kind.name}` | {'<br>'.join(parameters)} | {doc_of(kind)} |"


if __name__ == "__main__":
    print(table(), end="")
