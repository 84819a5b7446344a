"""Before a plan is signed or carried out: what it rests on, what is left of it, and who signed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.errors.registers import NothingToSign, OtherPlan, PlanOvertaken, TooManyChanges, UnsoundPlan
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.registers.apply import apply_plan, draft_publications, sign_plan
from aeo_ledger.registers.book import Book
from aeo_ledger.registers.plan import Plan
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.signing import Signer
from aeo_ledger.signing.lookup_file import NOTHING_HELD
from support.registers import FIRST, Told, draw, open_test_book, planned, record_of, row_of, state_of
from support.sealed_world import BY, DAY, NOW, trust

OPERATOR, OTHER = (Signer.from_secret(bytes([number]) * 32) for number in (1, 2))


class Judged(Exception):
    """The plan was found to be sound, and its signers are looked up."""


def desk_of() -> ProvenDesk:
    """A desk at which nothing can be approved, signed or sent."""

    def go_on(_: object) -> None:
        raise Judged

    return cast(
        "ProvenDesk",
        SimpleNamespace(trust=trust(), now=lambda: NOW, facts=go_on, keys=NOTHING_HELD),
    )


Carry = Callable[[Plan, RegisterState | Told], object]


@pytest.fixture
def carry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Carry]:
    """Carry out a plan, with a book that has all its documents."""
    monkeypatch.setattr(Book, "count_missing", lambda *_: 0)
    with open_test_book(tmp_path / "book") as book:
        yield lambda plan, state: apply_plan(desk_of(), book, plan, (), state=cast("RegisterState", state))


def seal(told: Told, plan: Plan, *places: int) -> Told:
    """Seal some changes of a plan."""
    for place in places:
        change = plan.changes[place]
        told.publish(change.entry, change.events[0].document, *(event.record for event in change.events))
    return told


def sign(plan: Plan, *signers: Signer) -> Plan:
    """Sign each publication by another signer."""
    pinned = trust()
    digests = [
        act.digest(chain_id=pinned.chain_id, address=pinned.address(Contract.REGISTERS))
        for act in draft_publications(plan)
    ]
    signatures: tuple[tuple[Signature, ...], ...] = tuple(
        (signer.sign(digest),) for signer, digest in zip(signers, digests, strict=True)
    )
    return replace(plan, signatures=signatures)


def test_a_plan_that_is_sound_goes_on(carry: Carry) -> None:
    with pytest.raises(Judged):
        carry(planned(2), state_of())


def test_a_plan_is_of_one_chain_and_one_contract(carry: Carry) -> None:
    plan = planned(2)
    for other in (replace(plan, chain=plan.chain + 1), replace(plan, registers=b"\1" * 20)):
        with pytest.raises(OtherPlan):
            carry(other, state_of())


def test_there_is_nothing_to_sign_in_a_plan_without_changes_or_with_all_of_them_sealed() -> None:
    plan = planned(2)
    for nothing, told in ((replace(plan, changes=()), Told()), (plan, seal(Told(), plan, 0, 1))):
        with pytest.raises(NothingToSign, match="there is nothing to sign"):
            sign_plan(desk_of(), nothing, [OPERATOR], state=cast("RegisterState", told))
    with pytest.raises(Judged):
        sign_plan(desk_of(), plan, [OPERATOR], state=cast("RegisterState", Told()))


def test_of_a_publication_that_is_sealed_in_part_that_part_has_another_author(carry: Carry) -> None:
    plan = planned(101)
    assert [len(batch) for batch in plan.publications] == [100, 1]
    with pytest.raises(PlanOvertaken) as refused:
        carry(plan, seal(Told(), plan, 3))
    assert refused.value.rows == ("line 5, BY100000004",)
    with pytest.raises(Judged):
        carry(plan, seal(Told(), plan, 100))  # a whole publication is sealed: the other one is left


def test_every_publication_is_signed_by_the_same_operators(carry: Carry) -> None:
    plan = planned(101)
    with pytest.raises(UnsoundPlan, match="publication 2 of the plan: it is signed by others than the first one"):
        carry(sign(plan, OPERATOR, OTHER), state_of())
    with pytest.raises(Judged):
        carry(sign(plan, OPERATOR, OPERATOR), state_of())


def test_who_carries_out_a_plan_is_kept_by_the_safety_valve_too(carry: Carry) -> None:
    there = [(row_of(number), record_of()) for number in (1, 2)]
    ended = [row_of(number, status=Status.REVOKED, status_since=FIRST + DAY) for number in (1, 2)]
    state = state_of(there)
    plan = draw(ended, state).plan
    with pytest.raises(TooManyChanges) as refused:
        carry(plan, state)
    assert (refused.value.name, refused.value.found, refused.value.certificates) == ("ends", 2, 2)
    with pytest.raises(Judged):
        carry(replace(plan, allowed={"ends": 2, "changes": 2}), state)
    assert plan.issuer == BY
