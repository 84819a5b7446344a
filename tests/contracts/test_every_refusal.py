"""No reason to refuse is left without a test that provokes exactly it."""

from __future__ import annotations

import re
from pathlib import Path

from aeo_ledger.customs.refusals import Refusal


def test_every_refusal_is_provoked_by_a_directed_test() -> None:
    directed = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    provoked = set(re.findall(r"(?:is|==) \(?\s*Refusal\.(\w+)", "\n".join(directed)))
    assert {refusal.name for refusal in Refusal} - provoked == set()


def test_no_code_and_no_reason_is_used_twice() -> None:
    assert (
        len({refusal.value for refusal in Refusal}) == len({refusal.text for refusal in Refusal}) == len(list(Refusal))
    )
    assert all(re.fullmatch(r"[a-z]+: .+", refusal.text) for refusal in Refusal)
