"""A sandbox made of a snapshot answers every GET as the one it was taken of, now and as time goes on."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from snapshot_kit import WAYS, answers, prepared

from mockserver import Running, start
from mockserver.launch import contracts_in

CONTRACTS = {contract.name: contract for contract in contracts_in()}


@pytest.mark.parametrize("name", WAYS)
def test_restored_jobs_answer_the_same_bytes_at_the_same_time(name: str, running: Running) -> None:
    with running.sandbox(seed=name, limits=False) as original:
        prepared(original.api(name))
        snapshot = json.loads(json.dumps(original.snapshot()))
        with running.sandbox(snapshot=snapshot) as restored:
            seen = set()
            for before, now in pairwise((0.0, 0.0, 3.0, 9.0, 40.0)):
                for each in (original, restored):
                    each.clock.advance(now - before)
                found = list(answers(CONTRACTS[name], original))
                assert list(answers(CONTRACTS[name], restored)) == found
                seen |= {(operation, status) for operation, status, _, _ in found}
                assert [j.raw for j in restored.jobs] == [j.raw for j in original.jobs]
    assert ("link", 200) in seen


@pytest.mark.parametrize("name", WAYS)
def test_a_snapshot_of_a_restored_sandbox_is_the_same_snapshot(name: str, running: Running) -> None:
    with running.sandbox(seed=name) as original:
        prepared(original.api(name))
        snapshot = original.snapshot()
        with running.sandbox(snapshot=snapshot) as restored:
            assert restored.snapshot() == snapshot


def test_another_server_restores_it_under_the_same_name_with_the_same_links(running: Running) -> None:
    with running.sandbox(name="mine") as original, start() as other:
        prepared(original.api("vidgen"))
        snapshot = original.snapshot()
        with other.sandbox(snapshot=snapshot, name="mine") as restored:
            for each in (original, restored):
                each.clock.advance(60)
            bodies = [
                [body.replace(server.url.encode(), b"") for _, _, _, body in answers(CONTRACTS["vidgen"], each)]
                for server, each in ((running, original), (other, restored))
            ]
            assert bodies[0] == bodies[1]
