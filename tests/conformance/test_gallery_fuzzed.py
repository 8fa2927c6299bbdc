"""The contracts of the gallery, asked by the product's own `fuzz`: in this process, in every phase."""

from __future__ import annotations

import pytest
from conformance_kit import gallery
from tier_kit import scaled

from mockserver.fuzz import FuzzOptions, fuzz

EXAMPLES = scaled("examples of an operation of the gallery, asked by Schemathesis", test=2, ci=6, full=25)
UNREACHED = {
    "fal": {"run", "runPath", "runTier", "runVersion", "statusStream", "getFile", "getUpload", "putPart",
            "completeUpload"},
}  # fmt: skip
"""What nobody answers with success here: a creation that waits for its end, as the clock stands meanwhile, and what is
named by an id that stands in URLs alone. Their successes are asked for by the vendor's own client, in `tests/sdks`."""


@pytest.mark.parametrize("api", gallery())
def test_every_answer_is_one_the_contract_allows(api: str) -> None:
    found = fuzz(gallery()[api], FuzzOptions(max_examples=EXAMPLES))
    assert not found.failures, "\n\n".join(f"{key}\n{told}" for key, told in found.failures.items())
    assert not found.obstacles()
    assert set(found.unanswered()) <= UNREACHED.get(api, set())
