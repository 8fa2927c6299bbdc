"""A verb is one row: whoever knows verbs by name knows the same ones, and says where a new one is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

from mockserver.contract import NAMES_JOB, VerbName
from mockserver.operations import VERBS

SCHEMA = Path(__file__).parent.parent.parent / "contracts" / "behavior.schema.json"
OPERATION = json.loads(SCHEMA.read_text())["$defs"]["operation"]
WORD = OPERATION["properties"]["verb"]


def test_the_contract_s_records_know_every_verb() -> None:
    assert set(get_args(VerbName)) == set(VERBS), "write it into VerbName in mockserver/contract.py"


def test_the_verbs_that_name_a_job_are_those_whose_row_says_so() -> None:
    of_rows = {name for name, verb in VERBS.items() if verb.names_job}
    assert of_rows == NAMES_JOB, "names_job in operations/table.py and NAMES_JOB in mockserver/contract.py differ"


def test_the_schema_knows_every_verb() -> None:
    assert set(WORD["enum"]) == set(VERBS), "write it into `enum` of verb in $defs/operation, behavior.schema.json"
    assert set(WORD["x-words"]) == set(VERBS), "say in `x-words` beside that `enum` what it does"


def test_the_schema_says_which_words_each_verb_takes() -> None:
    branches = {each["if"]["properties"]["verb"]["const"] for each in OPERATION["allOf"]}
    assert branches == set(VERBS), "give it a branch in `allOf` of $defs/operation, behavior.schema.json"
