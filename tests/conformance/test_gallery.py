"""The contracts of the gallery, asked by the product's own `fuzz`: in this process, in every phase."""

from __future__ import annotations

import pytest
from conformance_kit import gallery
from tier_kit import scaled

from mockserver.fuzz import Options, fuzz

EXAMPLES = scaled("examples of an operation of the gallery, asked by Schemathesis", test=2, ci=3, full=25)


@pytest.mark.parametrize("api", gallery())
def test_every_answer_is_one_the_contract_allows(api: str) -> None:
    found = fuzz(gallery()[api], Options(max_examples=EXAMPLES))
    assert not found.failures, "\n\n".join(f"{key}\n{told}" for key, told in found.failures.items())
    assert found.is_good, found.complaints()
