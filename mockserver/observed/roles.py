"""Which operation creates what, which others are about it, and what they do: by the ids that flow from answers into
requests. Knows no state of a job.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.imported.lexicon import LIST_WORDS, letters, parts
from mockserver.observed.archive import ObservedCall, place_of, url_in
from mockserver.observed.asking import only_asks, says_it_asks
from mockserver.observed.carriers import Carriers
from mockserver.observed.entries import FORM, URLENCODED
from mockserver.observed.flow import HIDDEN, answer_leaves, is_id_name, leaves, looks_like_id, named_by_request, sent
from mockserver.observed.model import Observed, ObservedJob, ObservedOperation, ObservedResource
from mockserver.observed.naming import name_all, resource_name
from mockserver.observed.rows import is_of_many, lists_of
from mockserver.observed.streams import made_whole, part_streams, tell_states
from mockserver.pointers import MISSING, get

MOST_LOOKED_AT = 20
"""So many answers are looked through for ids."""
CREATING = ("POST", "PUT")
READ = ("json", "text/", "xml", "event-stream")


def find_roles(found: Observed, calls: list[ObservedCall]) -> None:
    """Fill in operations and resources; `calls` of other hosts count as downloads alone."""
    handed = _handed_out(calls)
    found.downloads = [call for call in calls if _is_download(call, handed, found.host)]
    got = {call.number for call in found.downloads}
    rest = [call for call in calls if call.number not in got and (call.host == found.host or _is_handed(call, handed))]
    found.operations = [*_grouped(rest)]
    part_streams(found)
    carriers = Carriers(rest)
    makers = [op for op in found.operations if _is_maker(op, carriers) and (not op.media or _goes_on(op, carriers))]
    for op in found.operations:
        if op.media and op.method != "GET" and op not in makers:
            made_whole(op)
    for group in _groups(makers, found.operations):
        resource = ObservedResource(resource_name(group, _about(group, found.operations), found.resources), group)
        found.resources[resource.name] = resource
        for op in group:
            op.verb, op.resources = "create", [resource.name]
            resource.operations.append(op)
            _add_jobs(resource, op)
    for op in found.operations:
        if op.verb != "create":
            _assign(found, op)
    name_all(found.operations)


def _handed_out(calls: list[ObservedCall]) -> dict[str, int]:
    """The URLs that answers handed out, with the number of the first call that did."""
    handed: dict[str, int] = {}
    for call in calls:
        for _, value in (leaf for each in call.told or [call] for leaf in answer_leaves(each)):
            url = url_in(value)
            if url is not None:
                handed.setdefault(place_of(url), call.number)
    return handed


def _is_handed(call: ObservedCall, handed: dict[str, int]) -> bool:
    return handed.get(call.place, call.number) < call.number


def _is_download(call: ObservedCall, handed: dict[str, int], host: str) -> bool:
    """Whether it is of a URL that an answer handed out, and its own answer is bytes, or comes from elsewhere."""
    is_bytes = call.answer is MISSING and not (call.status >= 400 and any(word in call.answer_media for word in READ))
    return call.method == "GET" and _is_handed(call, handed) and (is_bytes or call.host != host)


def _grouped(calls: list[ObservedCall]) -> Iterator[ObservedOperation]:
    several: dict[tuple[str, str], ObservedOperation] = {}
    for call in calls:
        op = several.setdefault(call.operation, ObservedOperation(call.method, call.template, []))
        op.calls.append(call)
    # A path that was only refused is no operation: the client asked for what is not there.
    yield from (op for op in several.values() if op.good or _is_refused_for_a_reason(op))


def _is_refused_for_a_reason(op: ObservedOperation) -> bool:
    return any(call.status not in (404, 405) for call in op.calls)


# --- what creates


def _is_maker(op: ObservedOperation, carriers: Carriers) -> bool:
    if op.method not in CREATING or is_token(op):
        return False
    good = [call for call in op.good if call.answer is not MISSING]
    if not good or (says_it_asks(op) and all(map(carriers.repeats, good))):
        return False
    places = dict.fromkeys(at for call in good[:MOST_LOOKED_AT] for at in _candidates(call))
    scores = {at: score for at in places if (score := _score(at, good, carriers))}
    if not scores:
        return False
    op.id_at = max(scores, key=lambda at: (scores[at], -at.count("/"), -len(at)))
    return True


def _goes_on(op: ObservedOperation, carriers: Carriers) -> bool:
    """Whether what a stream tells of is asked for later, or has states: the parts of a text have an id as well."""
    asked = any(carriers.weight(str(get(call.answer, op.id_at)), call.number) for call in op.good)
    return asked or tell_states(call.answer for call in op.good)


def is_token(op: ObservedOperation) -> bool:
    """Whether it gives access tokens (OAuth)."""
    return any(isinstance(call.body, dict) and "grant_type" in call.body for call in op.calls)


def _candidates(call: ObservedCall) -> Iterator[str]:
    said = named_by_request(call)
    for at, value in answer_leaves(call):
        is_one = type(value) in (str, int) and 0 < len(str(value)) <= 256
        if is_one and str(value) not in said and not is_of_many(at, [call.answer]):
            yield at


def _score(at: str, good: list[ObservedCall], carriers: Carriers) -> float:
    score = 0.0
    if is_of_many(at, (call.answer for call in good)):
        return score
    shown = [(call, value) for call in good if (value := get(call.answer, at)) not in (MISSING, None)]
    if 2 * len(shown) < len(good):
        return score  # some refuse with a 200
    for call, value in shown:
        if carriers.first(str(value)) <= call.number:
            return 0.0  # what a client said before is no id that it was given here
        score += carriers.weight(str(value), call.number)
    name, first = parts(at.rpartition("/")[2]), str(shown[0][1])
    if not score and good[0].method == "POST" and name[-1:] in (["id"], ["uuid"]):
        return 0.5 if looks_like_id(first) or name == ["id"] else 0.0
    is_plain = first.isalpha() and not is_id_name(at)
    return 0.0 if is_plain else score


def _groups(makers: list[ObservedOperation], operations: list[ObservedOperation]) -> Iterator[list[ObservedOperation]]:
    """What creates the same: jobs that the same operations are about, and that these show alike."""
    groups = [[maker] for maker in makers]
    for op in operations:
        if op in makers:
            continue
        about = [group for group in groups if any(_is_about(op, maker) for maker in group)]
        if len(about) > 1 and (op.method != "GET" or _are_alike(op, about)):
            for group in about[1:]:
                about[0].extend(group)
                groups.remove(group)
    yield from groups


def _ids_of(maker: ObservedOperation) -> set[str]:
    return {str(get(call.answer, maker.id_at)) for call in maker.good if call.answer is not MISSING}


def _is_about(op: ObservedOperation, maker: ObservedOperation) -> bool:
    ids = _ids_of(maker)
    return any(ids & {*call.values, *call.query.values()} for call in op.good)


def _about(makers: list[ObservedOperation], operations: list[ObservedOperation]) -> Iterator[ObservedOperation]:
    """The operations about what these create."""
    yield from (op for op in operations if op not in makers and any(_is_about(op, maker) for maker in makers))


def _are_alike(op: ObservedOperation, groups: list[list[ObservedOperation]]) -> bool:
    several = []
    for group in groups:
        ids = {each for maker in group for each in _ids_of(maker)}
        about = [call for call in op.good if ids & {*call.values, *call.query.values()}]
        several.append({at for call in about for at, _ in answer_leaves(call) if at.count("/") <= 2})
    both = set.intersection(*several)
    return len(both) >= 0.6 * len(set.union(*several)) if set.union(*several) else True


def _add_jobs(resource: ObservedResource, op: ObservedOperation) -> None:
    for call in op.good:
        value = get(call.answer, op.id_at) if call.answer is not MISSING else MISSING
        if value is not MISSING and value is not None:
            job = resource.jobs.setdefault(str(value), ObservedJob(str(value), call, op))
            if call.stream is not None:
                resource.streams.setdefault(call.stream.number, job)


# --- what is about it


def _assign(found: Observed, op: ObservedOperation) -> None:
    if is_token(op):
        op.verb = "token"
        return
    listed = [each for each in found.resources.values() if _is_list(op, each)]
    if listed:
        resource = min(listed, key=lambda each: _distance(op, each))
        op.verb, op.resources = "list", [resource.name]
        _is_list(op, resource)  # what is listed stands where its ids do
        resource.operations.append(op)
        return
    for resource in found.resources.values():
        place = _place(op, resource)
        if place is not None:
            op.place = place
            op.resources.append(resource.name)
            resource.operations.append(op)
    if op.resources:
        op.verb = _verb(op)


def _place(op: ObservedOperation, resource: ObservedResource) -> str | None:
    """Where requests name a job of a resource; None where none does."""
    names = [part[1:-1] for part in op.template.split("/") if part.startswith("{")]
    for call in op.calls:
        for name, value in zip(names, call.values, strict=False):
            if value in resource.jobs:
                return "" if len(names) == 1 else f"path.{name}"
        if op.method == "GET" or not names:
            for name, value in call.query.items():
                if value in resource.jobs:
                    return f"query.{name}"
        if op.method != "GET" and all(HIDDEN in value for value in call.values):
            for at, value in sent(call):
                if str(value) in resource.jobs and op.good:
                    return at
    return None


def _asked_for(call: ObservedCall) -> Iterator[str]:
    """The values by which a request may name what it is about, and not where a page begins."""
    yield from call.values
    yield from (value for name, value in call.query.items() if letters(name) not in LIST_WORDS)


def _is_list(op: ObservedOperation, resource: ObservedResource) -> bool:
    if op.method != "GET" or any(value in resource.jobs for call in op.calls for value in _asked_for(call)):
        return False
    for call in op.good:
        for at, rows in lists_of(call.answer):
            of_ours = any(str(value) in resource.jobs for row in rows for _, value in leaves(row))
            if of_ours or (op.template in {maker.template for maker in resource.makers} and not op.items):
                op.items = at
                if of_ours:
                    return True
    return bool(op.items)


def _distance(op: ObservedOperation, resource: ObservedResource) -> tuple[bool, int, int]:
    """How far a resource is from being what a list is of: items name others, too."""
    makes = op.template in {maker.template for maker in resource.makers}
    rows = [row for call in op.good for at, several in lists_of(call.answer) if at == op.items for row in several]
    places = [at for row in rows for at, value in leaves(row) if str(value) in resource.jobs]
    usual = {maker.id_at.rpartition("/")[2] for maker in resource.makers}
    own = [at for at in places if at.rpartition("/")[2] in usual]
    return not makes, -len(own), min((at.count("/") for at in places), default=9)


def _verb(op: ObservedOperation) -> str:
    if op.method == "GET":
        good = [call for call in op.good if 200 <= call.status < 300]
        if good and all(call.answer is MISSING and call.size for call in good):
            return "content"
        return "stream" if op.media else "show"
    if op.method == "POST" and only_asks(op):
        return "show"
    return "upload" if op.method in CREATING and any(map(_is_raw, op.good)) else "move"


def _is_raw(call: ObservedCall) -> bool:
    """Whether a request's body is a file itself."""
    is_other = "json" in call.media or call.media in (FORM, URLENCODED)
    return bool(call.media) and call.body is MISSING and not call.files and not is_other
