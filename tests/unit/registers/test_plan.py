"""The format of a plan: exact, in two forms, and strict."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.registers.plan import PLAN_FORM
from support.registers import FIRST, draw, full_plan, row_of, state_of
from support.sealed_world import DAY

SIGNATURE = Signature.parse(b"\x01" * 64 + b"\x1b")


def test_both_forms_carry_the_same_plan() -> None:
    plan = full_plan()
    for back in (PLAN_FORM.decode(PLAN_FORM.encode_file(plan)), PLAN_FORM.decode(PLAN_FORM.encode_cbor(plan))):
        assert back == plan
        assert back.hash == plan.hash


def test_signatures_do_not_change_the_hash_and_anything_else_does() -> None:
    plan = full_plan()
    signed = replace(plan, signatures=((SIGNATURE,),))
    assert PLAN_FORM.decode(PLAN_FORM.encode_file(signed)) == signed
    assert signed.hash == plan.hash
    for other in (
        replace(plan, deadline=plan.deadline + 1),
        replace(plan, changes=plan.changes[1:]),
        replace(plan, allowed={}),
    ):
        assert other.hash != plan.hash


def test_a_publication_holds_whole_certificates_up_to_its_most_events() -> None:
    suspended = {"status": Status.SUSPENDED, "status_since": FIRST + DAY}
    rows = [row_of(n, **(suspended if n % 2 else {})) for n in range(1, 201)]
    plan = draw(rows, state_of()).plan
    sizes = [sum(len(change.events) for change in batch) for batch in plan.publications]
    assert (sum(sizes), max(sizes)) == (300, 99)
    assert [change for batch in plan.publications for change in batch] == list(plan.changes)


Alter = Callable[[dict[str, Any]], Any]
FORGERIES: dict[str, Alter] = {
    "another format": lambda p: p.update(format="aeo-ledger/register-plan/2"),
    "an unknown key": lambda p: p.update(more=1),
    "a missing key": lambda p: p.pop("deadline"),
    "an entry of another register": lambda p: p["changes"][0].update(entry="0x0002" + p["changes"][0]["entry"][6:]),
    "a row without a TIN": lambda p: p["changes"][0].update(tin=""),
    "the same certificate twice": lambda p: p["changes"].append(p["changes"][0]),
    "a missing certificate of another register": lambda p: p["missing"][0].update(
        entry="0x0002" + p["missing"][0]["entry"][6:]
    ),
    "a certificate that is changed and missing": lambda p: p["missing"].append(
        {name: p["changes"][0][name] for name in ("entry", "tin")}
    ),
    "a line that is changed and in doubt": lambda p: p["doubts"][0].update(line=p["changes"][0]["line"]),
    "fewer rows than it names": lambda p: p.update(rows=3),
    "fewer rows than it says are undocumented": lambda p: p.update(undocumented=6),
    "no event": lambda p: p["changes"][0].update(events=[]),
    "an event without a record": lambda p: p["changes"][0].update(events=["0x" + "00" * 64]),
    "an event of no status": lambda p: p["changes"][0].update(events=["0x" + "ff" * 64]),
    "half an event": lambda p: p["changes"][0].update(events=["0x" + "11" * 32]),
    "too many events": lambda p: p["changes"][0].update(events=p["changes"][0]["events"] * 5),
    "a short record before": lambda p: p["changes"][0].update(before="0x01"),
    "no record before": lambda p: p["changes"][0].update(before="0x" + "00" * 32),
    "a malformed TIN": lambda p: p["changes"][0].update(tin="by1"),
    "what nobody can allow": lambda p: p.update(allowed={"grants": 3}),
    "a negative line": lambda p: p["changes"][0].update(line=-1),
    "part of a signature": lambda p: p.update(signatures=["0x" + "01" * 64]),
    "signatures of more publications": lambda p: p.update(signatures=["0x", "0x"]),
    "a doubt without a reason": lambda p: p["doubts"][0].update(reason=""),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_anything_else_is_malformed(case: str) -> None:
    document = json.loads(PLAN_FORM.encode_file(full_plan()))
    FORGERIES[case](document)
    with pytest.raises(MalformedDocument):
        PLAN_FORM.decode_json(json.dumps(document))
