"""A verb is a pure function: it looks at what was found, decides, and changes nothing. No server, no clock."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

import pytest

from mockserver import launch
from mockserver.answers import ResponseTemplate
from mockserver.api_state import SandboxApi
from mockserver.clock import Clock
from mockserver.errors import StateError
from mockserver.jobs import PlannedJob
from mockserver.operations import VERBS, Call, Refused, begin_of, named_in_head, perform
from mockserver.operations.decision import Decision, LookedUp, More
from mockserver.sandbox import Sandbox
from mockserver.state.memory import Memory
from mockserver.state.port import Effect, KeepUpload, Moved, NamedJobs, PutJob
from mockserver.store import JobRecord
from mockserver.timeline import Move
from mockserver.upload_store import Shelf, Upload

NOW = 1_000_000_000.0
CONTRACTS = launch.contracts_in()


async def nobody(*_: Any, **__: Any) -> Any:
    raise AssertionError("nothing is sent here")


def world() -> Sandbox:
    return Sandbox("world", CONTRACTS, nobody, Shelf(), clock=Clock("manual"))


@pytest.fixture
def sandbox() -> Sandbox:
    return world()


def call(sandbox: Sandbox, operation: str, *path: str, now: float = NOW, **more: Any) -> Call:
    """A request to an operation, read and found valid."""
    api = next(side for side in sandbox.apis.values() if operation in side.contract.operations)
    made = Call(api, api.contract.operations[operation], now, path, 1)
    made.account = next(iter(api.accounts.values()))
    for name, value in more.items():
        setattr(made, name, value)
    return made


def decide(request: Call, found: LookedUp | None = None) -> Any:
    return VERBS[request.operation.verb].decide(request, found or LookedUp())


def stored(side: SandboxApi) -> dict[str, JobRecord]:
    return side.store._jobs


def made(sandbox: Sandbox, operation: str, **more: Any) -> PlannedJob:
    """A job that was really created."""
    request = call(sandbox, operation, **more)
    asyncio.run(performed(request))
    assert request.job is not None
    return request.job


async def performed(request: Call) -> ResponseTemplate | None:
    """What goes on around the decision: it is looked up what the verb needs, and what it decides is committed."""
    account = request.account.id if request.account else ""
    begin = begin_of(request.api, request.operation, "127.0.0.1", account)
    named = named_in_head(request.operation, request.path)
    return await perform(request, begin, await request.api.state.begin(begin, named, inf, request.entry))


def found_of(job: PlannedJob | None) -> LookedUp:
    found = LookedUp()
    found.job = job
    return found


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_a_plain_function(verb: str) -> None:
    assert not inspect.iscoroutinefunction(VERBS[verb].decide)


def test_create_decides_without_keeping_anything(sandbox: Sandbox) -> None:
    request = call(sandbox, "createJob")
    found = LookedUp()
    found.numbers = (0, 0)
    one, two = decide(request, found), decide(request, found)
    effect = one.effects[0]
    assert isinstance(effect, PutJob)
    assert (one.answer.status, effect.job.id) == (201, two.effects[0].job.id)
    assert stored(request.api) == {}
    assert request.job is None


def test_create_asks_for_what_the_request_names_before_it_decides(sandbox: Sandbox) -> None:
    request = call(sandbox, "editImage", values={"prompt": "kite", "referenceImageMediaIds": ["one", "two"]})
    found = LookedUp()
    found.numbers = (0, 0)
    assert decide(request, found) == More(ids=("one", "two"))
    found.jobs = found.makers = found.media = {"one": None, "two": None}
    with pytest.raises(Refused, match="media_not_found") as refused:
        decide(request, found)
    assert refused.value.field == "referenceImageMediaIds/0"


def test_create_refuses_a_busy_owner_by_the_job_that_was_found(sandbox: Sandbox) -> None:
    job = made(sandbox, "createJob")
    request, found = call(sandbox, "createJob", now=NOW + 1), LookedUp()
    found.numbers, found.busy = (1, 1), job.created + job.plan.seconds
    assert request.api.store.busy == {(job.account, "job"): {job.id: found.busy}}
    with pytest.raises(Refused, match="active_job"):
        decide(request, found)
    later = call(sandbox, "createJob", now=NOW + 3600)
    assert isinstance(decide(later, found), Decision)


def test_show_reads_and_writes_nothing(sandbox: Sandbox) -> None:
    job = made(sandbox, "createJob")
    request = call(sandbox, "getStatus", job.id, now=NOW + 3600)
    decision = decide(request, found_of(job))
    assert (decision.answer.name, decision.status.state, decision.effects) == ("COMPLETED", "COMPLETED", ())
    assert (job.moves, request.job) == ((), None)


def test_a_job_that_was_not_found_or_is_another_s_is_refused_alike(sandbox: Sandbox) -> None:
    job = made(sandbox, "createJob")
    request = call(sandbox, "getStatus", job.id)
    request.account = request.api.account()
    for found in (found_of(None), found_of(job)):
        with pytest.raises(Refused, match="not_found"):
            decide(request, found)


def test_move_decides_by_the_state_that_was_found(sandbox: Sandbox) -> None:
    job = made(sandbox, "createJob")
    decision = decide(call(sandbox, "cancelJob", job.id), found_of(job))
    put, _, told = decision.effects
    assert put == PutJob(job.record.but(moves=(Move(NOW, "CANCELLED"),)), expected=1)
    assert told == Moved(put.job)
    late = decide(call(sandbox, "cancelJob", job.id, now=NOW + 3600), found_of(job))
    assert (late.answer.status, late.effects) == (409, ())
    assert job.moves == ()


def test_upload_decides_to_move_and_to_keep(sandbox: Sandbox) -> None:
    job = made(sandbox, "initializeMedia", values={"fileName": "a.png", "contentType": "image/png", "fileSize": 3})
    upload = Upload.of("image/png", "body", b"abc")
    request = call(sandbox, "uploadMedia", job.id, files={"body": [upload]})
    kinds = [type(effect) for effect in decide(request, found_of(job)).effects]
    assert kinds == [PutJob, KeepUpload]
    assert job.uploads is None


def test_list_asks_for_a_page_and_for_more_only_where_states_are_wanted(sandbox: Sandbox) -> None:
    request = call(sandbox, "listJobs", query={"limit": 2})
    more = decide(request)
    assert (more.page.after, more.page.most) == (None, 2)
    found = LookedUp()
    found.pages = {more.page: ([], None)}
    assert decide(request, found).facts["page"].count == 0
    filtered = decide(call(sandbox, "listJobs", query={"limit": 2, "status": "FAILED"}))
    assert filtered.page.most > 100


class Contested(Memory):
    """A state in which somebody else was faster, so often."""

    lost = 1

    async def commit(self, api: str, n: int, effects: Sequence[Effect]) -> bool:
        if self.lost:
            self.lost -= 1
            return False
        return await super().commit(api, n, effects)


def contested(sandbox: Sandbox) -> Contested:
    home = sandbox.home
    made = Contested("world", home.clock, home.draws, home.journal, home.shelf, home.deliverer, home.configured)
    made.parts = home.parts
    for side in sandbox.apis.values():
        side.state = made
    return made


def test_a_conflict_is_decided_again_with_the_same_numbers(sandbox: Sandbox) -> None:
    request = call(sandbox, "createJob")
    store = contested(sandbox)
    answer = asyncio.run(performed(request))
    assert answer is not None
    assert request.job is not None
    assert (answer.status, store.lost) == (201, 0)
    calm = made(world(), "createJob")
    assert calm.id == request.job.id


def test_a_job_that_is_decided_again_in_another_way_has_the_plan_of_that(sandbox: Sandbox) -> None:
    """Another process may have had the order by which it was decided first: who cancels, fails or tells of it later."""
    side = sandbox.apis["vidgen"]
    first = made(sandbox, "createJob").record._replace(overrides={"queued": 1.0, "running": 2.0})
    assert side.planned(first).plan.seconds == 3.0
    for again in (
        first._replace(overrides={"queued": 1.0, "running": 5.0}), first._replace(overrides=None),
        first._replace(drawn=("overloaded", 3)), first._replace(plan=side.planned(first).plan._replace(end="failure")),
    ):  # fmt: skip
        before, fresh = side.planned(again).plan, world().apis["vidgen"].planned(again).plan
        assert before == fresh
        assert side.plans.peeked(again).plan == fresh


def test_what_stays_contested_is_an_error_and_not_a_loop(sandbox: Sandbox) -> None:
    request = call(sandbox, "createJob")
    store = contested(sandbox)
    store.lost = 1000
    with pytest.raises(StateError, match="met a conflict"):
        asyncio.run(performed(request))


def test_many_who_see_the_same_order_have_one_each(sandbox: Sandbox) -> None:
    """As servers that share a state do: what all see at once one of them has, and the others decide again."""
    side = sandbox.apis["vidgen"]
    home = sandbox.home
    made = Late("world", home.clock, home.draws, home.journal, home.shelf, home.deliverer, home.configured)
    made.parts, side.state = home.parts, made
    requests = [call(sandbox, "createJob", account=side.account()) for _ in range(40)]
    for n in range(40):
        side.plan({"queued": 0.0, "running": 1.0 + n})

    async def all_at_once() -> None:
        await asyncio.gather(*map(performed, requests))

    asyncio.run(all_at_once())
    assert sorted(each.job.plan.seconds for each in requests if each.job is not None) == [1.0 + n for n in range(40)]


class Late(Memory):
    """A state elsewhere: what was seen may be old when the answer is there."""

    async def look(self, api: str, job: str, wanted: Any) -> Any:
        seen = await super().look(api, job, wanted)
        await asyncio.sleep(0)
        return seen

    async def commit(self, api: str, n: int, effects: Sequence[Effect]) -> bool:
        await asyncio.sleep(0)
        return await super().commit(api, n, effects)


def test_the_id_that_a_refusal_repeats_is_not_cut_within_a_secret(sandbox: Sandbox) -> None:
    for length in range(60, 95, 8):
        request = call(sandbox, "getStatus", "x" * length + sandbox.apis["vidgen"].account().key)
        key = request.path[0][length:]
        with pytest.raises(Refused) as refused:
            decide(request)
        assert key[:6] not in refused.value.why


class Slow(Memory):
    """A state that has to be waited for."""

    async def look_up(self, api: str, ids: Sequence[str]) -> Mapping[str, NamedJobs]:
        await asyncio.sleep(0)
        return await super().look_up(api, ids)


def test_a_plan_for_one_job_is_used_by_one_of_two_that_wait_for_what_they_name(sandbox: Sandbox) -> None:
    side = sandbox.apis["miraflow"]
    media = made(sandbox, "initializeMedia", values={"fileName": "a.png", "contentType": "image/png", "fileSize": 3})
    upload = Upload.of("image/png", "body", b"abc")
    sandbox.shelf.offer([upload])
    sandbox.shelf.keep(upload.id)
    side.store.put(media.record.but(moves=(Move(NOW, "finalized"),), uploads={"body": upload.handle}))
    home = sandbox.home
    side.state = slow = Slow("world", home.clock, home.draws, home.journal, home.shelf, home.deliverer, home.configured)
    slow.parts = home.parts
    side.plan({"outcome": "inference_failed"}, resource="image")
    values = {"prompt": "kite", "name": "b", "referenceImageMediaIds": [media.id]}
    requests = [call(sandbox, "editImage", values=values) for _ in range(2)]

    async def both() -> None:
        await asyncio.gather(*map(performed, requests))

    asyncio.run(both())
    ends = [request.job.plan.end for request in requests if request.job is not None]
    assert sorted(ends) == ["failure", "success"]
