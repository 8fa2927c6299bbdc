"""What the scripts are given and what they give, as records. Knows no engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import inf
from typing import Any

from mockserver.bounds import weigh
from mockserver.clock import ClockReading
from mockserver.journal import JournalEntry, Seen
from mockserver.ratelimit import WindowCount
from mockserver.records import maker
from mockserver.state.configuration import Configuration
from mockserver.state.port import (
    Begin,
    Begun,
    Charge,
    Drop,
    Effect,
    Forget,
    IssueSecret,
    KeepUpload,
    KeyName,
    KeyUse,
    Moved,
    Occupy,
    Post,
    Prolong,
    PutJob,
    Refund,
    SaveAnswer,
    UseOrder,
    WantedRecords,
)
from mockserver.state.records import ArmedFault, FaultUses, PlanOrder
from mockserver.store import JobRecord, LockOwner, weight_of
from mockserver.stores.redis.codec import read, written

CommandWords = list[str | bytes | int | float]
LONG = 4096
"""Bytes: a longer record of a job is read each time, so that what is remembered has a bound."""
UNWANTED = ("0", "", "", "", "1")
RECORD = 1024  # what an upload takes besides its bytes and its name
_begun, _count = maker(Begun), maker(WindowCount)


def owner_word(owner: LockOwner) -> str:
    """An owner as a word."""
    return f"{owner[0]}\1{owner[1]}"


def number_of(word: bytes) -> float:
    """A number that was a word."""
    return float(word)


def credits_word(credits: float | None) -> str:
    """Credits as a word; none is an empty one."""
    return "" if credits is None else repr(float(credits))


def credits_of(word: bytes | None) -> float | None:
    """Credits that were a word."""
    return float(word) if word else None


def job_of(word: bytes) -> JobRecord:
    """A job as it is kept: what the scripts look at, and its record."""
    return _remembered(word) if len(word) <= LONG else _job(word)


def _job(word: bytes) -> JobRecord:
    return read(JobRecord, word[word.rindex(b"\1") + 1 :])


_remembered = lru_cache(maxsize=4096)(_job)


def found_job(word: bytes | None) -> JobRecord | None:
    """The same, where there is one."""
    return None if word is None else job_of(word)


def wanted_words(wanted: WantedRecords | None) -> tuple[str, ...]:
    """What a request wants to see, besides its job."""
    if wanted is None:
        return UNWANTED
    owner = "" if wanted.owner is None else owner_word(wanted.owner)
    return ("1", owner, wanted.account, wanted.resource, str(wanted.most))


@lru_cache(maxsize=4096)
def begin_word(begin: Begin, valid_until: float) -> str:
    """What a request begins with, and until when its credentials are good, as one word."""
    wanted = begin.wanted is not None and [*wanted_words(begin.wanted)[1:4], begin.wanted.most]
    windows = [[(f"{each.name}\1{each.caller}", each.limit, each.seconds) for each in kind]
               for kind in (begin.by_address, begin.by_account)]  # fmt: skip
    return written([begin.api, str(begin.rev), repr(valid_until), wanted, begin.purposes, *windows])


def begun_of(n: int, words: bytes, job: bytes | None, order: bytes | None) -> Begun:
    """What a request was given when it began. `words` is the time alone, where it was not counted and wants no more."""
    now, *counted = words.split(b"\1")
    if not counted:
        return _begun((n, float(now), (), (), found_job(job), -inf, None, None))
    busy, credits, counts, numbers = counted
    return _begun((
        n, float(now), counts_of(counts.split()), tuple(map(int, numbers.split())), found_job(job), float(busy),
        credits_of(credits), None if order is None else order_of(order),
    ))  # fmt: skip


def counts_of(words: Sequence[bytes]) -> tuple[WindowCount, ...]:
    """What a request did to its windows: how many it leaves, and for how long."""
    pairs = zip(map(int, words[::2]), map(float, words[1::2]), strict=True)
    return tuple([_count((max(remaining, 0), reset, remaining < 0)) for remaining, reset in pairs])


def order_of(word: bytes) -> PlanOrder:
    """An order as it is kept: id, left, used, weight, the newest request before it, where it fits, and its record."""
    identity, left, used, _, after, _, record = word.split(b"\1")
    order = read(PlanOrder, record)
    return order._replace(id=identity.decode(), left=int(left), used=int(used), after=int(after))


def order_words(order: PlanOrder) -> CommandWords:
    """An order that shall wait."""
    fits = order.fits if order.fits is not None else () if order.resource is None else (order.resource,)
    names = "".join([f"\2{name}\2" for name in sorted(fits)])
    return [str(order.weight), str(order.left), str(order.used), names, written(order)]


def key_word(key: KeyName) -> str:
    """An idempotency key as a field."""
    return f"{key.account}\1{key.operation}\1{key.name}".replace("\1", "\2")


def use_start(use: KeyUse) -> str:
    """What a key was used for, up to its answer."""
    return written([use.digest, use.at, use.n, None]).removesuffix("null]")


def use_of(words: bytes) -> KeyUse:
    """What a key was used for, as it is kept: its beginning and the answer."""
    beginning, _, saved = words.partition(b"\1")
    return read(KeyUse, b"%b%b]" % (beginning, saved))


def uses_words(uses: FaultUses) -> str:
    """What a fault did, as it is kept."""
    foreseen = "".join([str(int(silence)) for silence in uses.foreseen])
    drawn = "".join([f"{name}\2{n}\3" for name, n in uses.drawn.items()])
    return f"{uses.seen}\1{uses.applied}\1{uses.active}\1{foreseen}\1{drawn}"


def uses_of(word: bytes | None) -> FaultUses | None:
    """What a fault did; None where nothing is known of it."""
    if word is None:
        return None
    seen, applied, active, foreseen, drawn = word.decode().split("\1")
    counts = dict([pair.split("\2") for pair in drawn.split("\3")[:-1]])
    return FaultUses(
        int(seen), int(applied), int(active), {name: int(n) for name, n in counts.items()},
        tuple([digit == "1" for digit in foreseen]),
    )  # fmt: skip


def configuration_words(configuration: Configuration) -> CommandWords:
    """What control switched, as it is kept: a document, and the faults beside it."""
    apis = {name: api._replace(faults=()) for name, api in configuration.apis.items()}
    words: CommandWords = [configuration.generation, written(configuration._replace(apis=apis)), len(apis)]
    for name, api in configuration.apis.items():
        words += [name, len(api.accounts)]
        for account in api.accounts:
            words += [account.id, credits_word(account.opening), int(account.credits is None)]
        words.append(len(api.faults))
        for fault in api.faults:
            words += [fault.id, *_armed(fault)]
    return words


def _armed(fault: ArmedFault) -> CommandWords:
    most, at_once = fault.most, fault.selector.get("at_once")
    return ["" if most is None else most, "" if at_once is None else at_once, uses_words(fault.before), written(fault)]


def configuration_of(words: Sequence[Any]) -> Configuration:
    """What control switched, as it was kept."""
    rev, generation, document, *faults = words
    configuration = read(Configuration, document)
    apis = dict(configuration.apis)
    for name, armed in zip(faults[::2], faults[1::2], strict=True):
        api = name.decode()
        apis[api] = apis[api]._replace(faults=tuple([read(ArmedFault, fault) for fault in armed]))
    return configuration._replace(rev=int(rev), generation=int(generation), apis=apis)


def entry_of(word: bytes) -> JournalEntry:
    """An entry as it is kept: its number, kind and weight, and its record without the number."""
    n, _, _, record = word.split(b"\1", 3)
    return read(JournalEntry, b"[%b,%b" % (n, record[1:]))


def seen_of(words: Sequence[bytes]) -> dict[Seen, int]:
    """How often each example was answered."""
    counts: dict[Seen, int] = {}
    for name, count in zip(words[::2], words[1::2], strict=True):
        api, operation, example = name.decode().split("\1")
        counts[api, operation, example] = int(count)
    return counts


def effect_words(effect: Effect, api: str) -> CommandWords:
    """An effect by its letter."""
    match effect:
        case PutJob(job, expected):
            weight, owner, produced = weight_of(job), f"{job.account}\1{job.resource}", job.produced or ""
            word = f"{job.rev}\1{weight}\1{owner}\1{produced}\1{written(job)}"
            return ["J", job.id, expected, weight, owner, produced, word]
        case Occupy():
            return ["O", owner_word(effect.owner), effect.job, repr(effect.now), repr(effect.until), effect.most]
        case Prolong():
            return ["P", owner_word(effect.owner), effect.job, repr(effect.until)]
        case Charge():
            return ["C", effect.account, credits_word(effect.expected), credits_word(effect.left)]
        case Refund():
            return ["R", effect.job, effect.account, repr(effect.at), repr(effect.credits), repr(effect.most)]
        case UseOrder():
            return ["U", effect.order]
    return _kept_words(effect, api)


def _kept_words(effect: Effect, api: str) -> CommandWords:
    match effect:
        case KeepUpload():
            handle = effect.handle
            return ["K", handle.id, RECORD + handle.size + weigh(handle.filename), ""]
        case Forget():
            return ["F", effect.handle]
        case IssueSecret():
            return ["I", effect.job, effect.resource]
        case Drop():
            return ["D", "".join([f"{job}\1{rev}\2" for job, rev in effect.jobs.items()])]
        case SaveAnswer():
            return ["S", key_word(effect.key), weigh(effect.answer), written(effect.answer)]
        case Post() | Moved():
            return ["W", written([type(effect).__name__, api, effect])]
    raise TypeError(f"{type(effect).__name__} is no effect")


def reading_of(words: Sequence[bytes]) -> ClockReading:
    """How a clock goes."""
    mode, rate, step, now, rev = words
    return ClockReading(mode.decode(), float(rate), float(step), float(now), int(rev))  # type: ignore[arg-type]
