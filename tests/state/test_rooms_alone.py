"""Every file of this suite goes by turns, or is named here with the reason why it does not."""

from __future__ import annotations

from pathlib import Path

from test_rooms_by_turns import INSIDE, MORE, SOME

TESTS = Path(__file__).parents[1]
TURNS = tuple({*SOME, *(room for rooms in MORE for room in rooms)})


def of_top(names: str) -> tuple[str, ...]:
    """Files that stand in no folder."""
    return (*[f"tests/test_{each}.py" for each in names.split()],)


def of(folder: str, names: str) -> tuple[str, ...]:
    """Files of a folder of which others go by turns."""
    return (*[f"tests/{folder}/test_{each}.py" for each in names.split()],)


ALONE = {
    "what holds of stores themselves, with several processes or several connections":
        ("tests/state/", "tests/workers/", "tests/soak/test_soak_workers.py", *of_top("cluster_examples")),
    "an application behind another server (`create`) has no store":
        ("tests/asgi/",),
    "starts commands and servers in processes of their own, which are told no store":
        ("tests/docs/", "tests/recorder/", "tests/soak/",
         *of("cli", "cli completion log meaningless_options serve_lines serve_snapshot settings store_keys"),
         *of("exploration", "explore_node explore_webhooks"), *of("fuzz", "exemptions stock_fuzzer vendors"),
         *of("plugin", "plugin_typing plugin_wheel"),
         *of("proxy", "exec exec_ends proxy_clients proxy_head proxy_hostile proxy_variables python_streams "
                      "vendor_links"),
         *of_top("absence bench ci_examples interpreter late_imports wire_process")),
    "asks a small server of the test, not ours":
        ("tests/intercept/", *of_top("delivery delivery_tls form_memory hostile_wire")),
    "has no server: judges, reads or makes contracts, values and documents":
        ("tests/generator/", "tests/operations/", "tests/small/", "tests/virtual_time/",
         *of("language", "gallery jsonpath lengths load_is_linear overlays shared_responses tools trial "
                         "trial_is_linear typing_errors woven_schemas"),
         *of_top("check check_faults coercion drawn fact_rows fault_is_one_class faults_bodies faults_book "
                 "faults_catalogue form_refusals forms har_panel id_patterns json_text loader_hostile loader_mistakes "
                 "loopback media_blobs media_pictures media_ranges media_sniff media_turned media_types media_video "
                 "laws_of_time named_files query ratelimit reading_speed redaction schedule schemas signatures "
                 "signing sound standstill store stubs suggestions targets write_batch written_whole")),
    "judges contracts; the server that it asks plays a vendor":
        ("tests/verify/",),
    "is about the contract that is made of a document or of recorded calls; one server shows what it says":
        ("tests/imported/", "tests/observed/"),
    "fuzzes a server that it makes of one contract, which has no store":
        ("tests/conformance/",),
    "is about what one process holds in memory, on disk, or for how long":
        of_top("bounds full_disk outbox sandboxes"),
    "is about connections and bytes below any request":
        of_top("wire_chunks wire_deadlines wire_faults wire_grip wire_half_closed wire_leaving wire_server "
               "wire_uvicorn"),
    "is about pages as they are written, the same for any server":
        of_top("pages_browser"),
    "holds rules of this repository":
        of_top("architecture names printable public_types reprs tiers"),
}  # fmt: skip
"""Beginnings of names."""


def test_every_file_goes_by_turns_or_has_a_reason() -> None:
    known = (*TURNS, *(each for rooms in ALONE.values() for each in rooms))
    files = [each.relative_to(TESTS.parent).as_posix() for each in TESTS.rglob("test_*.py")]
    assert [each for each in files if "node_modules" not in each and not each.startswith(known)] == []


def test_what_is_named_is_there() -> None:
    named = (
        *TURNS,
        *(each for rooms in ALONE.values() for each in rooms),
        *(each.partition("::")[0] for each in INSIDE),
    )
    assert [each for each in named if not (TESTS.parent / each).exists()] == []


def test_nothing_is_named_twice() -> None:
    files = [each for rooms in ALONE.values() for each in rooms if each.endswith(".py")]
    assert [each for each in files if each.startswith(TURNS)] == []
