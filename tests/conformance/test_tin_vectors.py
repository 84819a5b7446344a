"""The published list of what people type: each row holds, every country with a rule is in it, and every step and refusal."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.customs.country import find_country
from aeo_ledger.customs.prefixes import COUNTRIES
from aeo_ledger.customs.spelling import Step
from aeo_ledger.customs.tin import Tin, find_problems, find_remarks, normalise
from aeo_ledger.errors.customs import MalformedTin

FOLDER = Path(__file__).parent / "vectors/tin"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
VECTORS: list[dict[str, Any]] = json.loads((FOLDER / "normalise.json").read_bytes())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: ascii(vector["typed"]))
def test_each_text_becomes_the_tin_or_is_refused_for_the_reason(vector: dict[str, Any]) -> None:
    if "refused" in vector:
        with pytest.raises(MalformedTin) as refusal:
            normalise(vector["typed"], vector["country"])
        assert refusal.value.fault == vector["refused"]
        assert vector.keys() == {"typed", "country", "refused"}
        return
    found = normalise(vector["typed"], vector["country"])
    assert (found.typed, found.tin) == (vector["typed"], Tin(vector["tin"]))
    assert [step.name.lower() for step in found.done] == vector["done"]
    assert bool(find_problems(found.tin)) == vector.get("doubtful", False)
    assert list(find_remarks(found.tin)) == ([vector["remark"]] if "remark" in vector else [])
    assert bool(found.done) == (found.typed != found.tin.text)


def test_no_text_is_there_twice() -> None:
    assert len({(vector["typed"], vector["country"]) for vector in VECTORS}) == len(VECTORS) > 300


def test_every_country_with_a_rule_is_in_the_list() -> None:
    ruled = {code for code in COUNTRIES if (row := find_country(code)) is not None and row.tin is not None}
    assert len(ruled) > 60
    assert ruled <= {vector["tin"][:2] for vector in VECTORS if vector.get("done")}


def test_the_page_lists_every_step_and_every_refusal() -> None:
    steps = {step.name.lower() for step in Step}
    refusals = {vector["refused"] for vector in VECTORS if "refused" in vector}
    assert {step for vector in VECTORS for step in vector.get("done", ())} == steps
    tables = re.findall(r"^\| `(\S+)` \|", PAGE, re.MULTILINE)
    assert steps | refusals | set().union(*VECTORS) == set(tables)
    faults = re.search(r"The kind of fault: (.*?) or (\S+)\.", inspect.getsource(MalformedTin))
    assert faults is not None
    assert refusals == {*faults[1].split(", "), faults[2]}
