"""Asking without naming the trader: what is asked for, what is never asked for, and that the evidence is that of a prover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.history import Subject
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Reason, Status
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.office import TooManyWords
from aeo_ledger.errors.protocol import KeyNeeded, WrongLookupKey
from aeo_ledger.errors.verify import MissingNode, NotYetProvable, Stale, TooFewSeals, UnknownParty, WrongCode
from aeo_ledger.evidence import EVIDENCE_FORM, AnyQuestion, Evidence
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.office.ask_by_words import gather_evidence
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.protocol.tables import Contract, Slot, Table, key_check_key, record_slot, slot_of
from aeo_ledger.verify import verify_each, verify_recognition, verify_recognitions
from support import told_world
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    CN_TRADER,
    CODES,
    DAY,
    DE_TRADER,
    EAEU,
    EU,
    KZ,
    NOW,
    PL,
    CustomsFacts,
    SealedWorld,
    ask_alias,
    entry_of,
    lane,
    lookup_keys,
    party,
    question,
    record,
    trust,
)

TRUST = trust()
KZ_TRADER, OTHER = Tin("KZ123456789012"), Tin("KZ123456789013")
ASKED = question(KZ_TRADER, CN)
KEYS = lookup_keys(KZ)
MID = AliasCode(AliasKind.MID, "KZMINTRA12MIN")


class Gateway:
    """A gateway that proves the words of a world, and notes for what it was asked. It may answer from other worlds first."""

    def __init__(self, world: SealedWorld, *before: SealedWorld) -> None:
        self.worlds = [*before, world]
        self.asked: list[tuple[Slot, ...]] = []

    def prove_words(self, slots: Sequence[Slot]) -> Evidence:
        self.asked.append(tuple(slots))
        there = self.worlds[0] if len(self.worlds) == 1 else self.worlds.pop(0)
        return Evidence(questions=(), header=there.header.encode(), nodes=there.nodes(slots))

    def prove_past(self, slots: Sequence[Slot], subjects: Sequence[Subject]) -> Evidence:  # noqa: ARG002
        raise AssertionError(subjects)

    def history(self, entries: Sequence[bytes]) -> Evidence:
        raise AssertionError(entries)

    @property
    def slots(self) -> set[Slot]:
        return {slot for asked in self.asked for slot in asked}


class Hiding(Gateway):
    """A gateway that proves all words but one."""

    def __init__(self, world: SealedWorld, hidden: Slot) -> None:
        super().__init__(world)
        self.hidden = hidden

    def prove_words(self, slots: Sequence[Slot]) -> Evidence:
        shown = [slot for slot in slots if slot != self.hidden]
        return replace(super().prove_words(slots), nodes=self.worlds[0].nodes(shown))


def gather(gateway: Gateway, *asked: AnyQuestion, keys: LookupKeys = KEYS, **more: object) -> Evidence:
    found = gather_evidence(asked or (ASKED,), gateway, TRUST, keys=keys, clock=lambda: NOW, max_age=300, **more)  # type: ignore[arg-type]
    assert EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(found)) == found
    return found


def world() -> CustomsFacts:
    """China recognises the keyed register of Kazakhstan and the open one of Belarus; both belong to a union that keeps none."""
    facts = CustomsFacts().keyed(KZ).recognise(CN, KZ, lane(types=0b110)).recognise(CN, BY).grant(BY_TRADER, BY, 2)
    return facts.grant(KZ_TRADER, KZ, 2)


@cache
def sealed() -> SealedWorld:
    return SealedWorld(world())


@pytest.mark.parametrize(
    "asked", [ASKED, question(OTHER, CN), question(KZ_TRADER, PL), question(BY_TRADER, CN)], ids=str
)
def test_the_evidence_is_what_a_prover_with_the_keys_makes(asked: AnyQuestion) -> None:
    gateway = Gateway(sealed())
    found = gather(gateway, asked)
    made = sealed().prove(asked, keys=KEYS)
    assert replace(found, nodes=()) == replace(made, nodes=())
    assert set(found.nodes) == set(made.nodes)
    proven = verify_recognition(found, asked, TRUST, now=NOW, keys=KEYS)
    assert proven == verify_recognition(made, asked, TRUST, now=NOW, keys=KEYS)
    assert len(gateway.asked) <= 5


def test_a_gateway_learns_a_pseudonym_and_nothing_that_follows_from_the_tin_alone() -> None:
    gateway = Gateway(sealed())
    gather(gateway)
    registers = {slot for contract, slot in gateway.slots if contract is Contract.REGISTERS}
    assert registers == {record_slot(world().entry_of(KZ_TRADER, KZ, kind)) for kind in (1, 2)}
    assert not registers & {record_slot(entry_of(KZ_TRADER, number, kind)) for number in CODES for kind in range(16)}


def test_of_an_open_register_a_word_is_asked_for_only_when_it_is_proven_to_be_open() -> None:
    """A gateway that could make an asker believe that a keyed register is open would learn what follows from the TIN alone."""
    as_open = world()
    as_open.registers[KZ] = replace(as_open.registers[BY], types=0b111)
    lying = SealedWorld(as_open, seals=2)  # not enough validators say so
    for before in ((), (sealed(),)):
        gateway = Gateway(lying, *before)
        with pytest.raises(TooFewSeals):
            gather(gateway)
        assert not any(contract is Contract.REGISTERS for contract, _ in gateway.slots)
    hidden = slot_of(Table.REGISTER, KZ)
    hiding = Hiding(sealed(), hidden)
    with pytest.raises(MissingNode):
        verify_recognition(gather(hiding), ASKED, TRUST, now=NOW, keys=KEYS)
    assert hidden in hiding.slots
    assert not any(contract is Contract.REGISTERS for contract, _ in hiding.slots)


def test_without_the_key_of_a_type_its_standing_is_not_asked_for() -> None:
    gateway = Gateway(sealed())
    found = gather(gateway, keys=lookup_keys(BY))
    assert not any(contract is Contract.REGISTERS for contract, _ in gateway.slots)
    with pytest.raises(KeyNeeded):
        verify_recognition(found, ASKED, TRUST, now=NOW, keys=lookup_keys(BY))


@pytest.mark.parametrize("asked", [ASKED, question(OTHER, CN)], ids=["present", "absent"])
def test_a_wrong_key_proves_nothing_and_gives_nothing_away(asked: AnyQuestion) -> None:
    wrong, gateway = lookup_keys(KZ, secret=bytes(32)), Gateway(sealed())
    found = gather(gateway, asked, keys=wrong)
    assert slot_of(Table.KEY_CHECK, key_check_key(KZ, 1)) in gateway.slots
    with pytest.raises(WrongLookupKey):
        verify_recognition(found, asked, TRUST, now=NOW, keys=wrong)


def test_many_questions_are_one_evidence_and_open_ones_stay_open() -> None:
    asked = (ASKED, question(BY_TRADER, CN), question(OTHER, CN), question(CN_TRADER, BY), question(DE_TRADER, CN))
    gateway = Gateway(sealed())
    found = gather(gateway, *asked)
    proven = verify_recognitions(found, asked, TRUST, now=NOW, keys=KEYS)
    assert [one.decision.recognised for one in proven] == [True, True, False, False, False]
    assert len(gateway.asked) <= 5
    few = gather(gateway, *asked, keys=NO_KEYS)
    answers = verify_each(few, asked, TRUST, now=NOW, keys=NO_KEYS)
    assert [isinstance(answer, KeyNeeded) for answer in answers] == [True, False, True, False, False]


def test_a_trader_under_an_alias_is_named_to_nobody() -> None:
    facts = world()
    there = SealedWorld(facts.bind(CN, MID, facts.entry_of(KZ_TRADER, KZ, 2)))
    gateway, asked = Gateway(there), ask_alias(MID, CN)
    found = gather(gateway, asked, named={0: KZ_TRADER})
    proven = verify_recognition(found, asked, TRUST, now=NOW, keys=KEYS)
    assert (proven.trader, proven.decision.recognised) == (KZ_TRADER, True)
    nobody = gather(Gateway(sealed()), asked)
    assert verify_recognition(nobody, asked, TRUST, now=NOW, keys=KEYS).decision.reasons == (
        Reason.NO_TRADER_UNDER_ALIAS,
    )


def test_a_ledger_that_moves_on_between_the_rounds_is_asked_until_one_block_proves_all() -> None:
    before, after = CustomsFacts().keyed(KZ), world()
    after.parties[CN] = party(CN, memberships=party(PL).memberships)
    after.recognise(EU, KZ)
    later = SealedWorld(after, number=101, timestamp=NOW + 1)
    gateway = Gateway(later, SealedWorld(before), sealed(), sealed())
    found = gather(gateway)
    proven = verify_recognition(found, ASKED, TRUST, now=NOW, keys=KEYS)
    assert (proven.block_number, proven.decision.recognised, len(proven.decision.lanes)) == (101, True, 2)


def test_unions_issuers_and_withholdings_are_followed() -> None:
    facts = world().withhold(CN, OTHER, KZ, 2)
    facts.registers[EAEU] = facts.registers[BY]
    facts.parties[EAEU] = party(EAEU, keeps_register=True, opened=True)
    facts.records[entry_of(OTHER, EAEU, 1)] = record(BY)
    facts.recognise(CN, EAEU)
    there = SealedWorld(facts)
    for asked, recognised in ((ASKED, True), (question(OTHER, CN), True), (question(OTHER, CN, register="KZ"), False)):
        proven = verify_recognition(gather(Gateway(there), asked), asked, TRUST, now=NOW, keys=KEYS)
        assert proven.decision.recognised == recognised


# ------------------------------------------------------------------ past times


def test_a_past_that_the_words_do_not_tell_needs_history() -> None:
    past = question(KZ_TRADER, CN, on=NOW - DAY)
    changed = SealedWorld(
        world().grant(KZ_TRADER, KZ, 2, status=Status.SUSPENDED, since=NOW - 5, recorded_at=NOW - 5, sequence=2)
    )
    with pytest.raises(HistoryNeeded):
        verify_recognition(gather(Gateway(changed), past), past, TRUST, now=NOW, keys=KEYS)
    with pytest.raises(AssertionError) as asked_for:
        gather(Gateway(changed), past, with_history=True)
    assert asked_for.value.args == ((world().entry_of(KZ_TRADER, KZ, 2),),)


class Told(Gateway):
    """A gateway with the signed histories of a told past. It may keep some back."""

    def __init__(self, *, keeps_back: bool = False) -> None:
        super().__init__(told_world.told()[1])
        self.subjects: list[tuple[Subject, ...]] = []
        self.keeps_back = keeps_back

    def prove_past(self, slots: Sequence[Slot], subjects: Sequence[Subject]) -> Evidence:
        self.subjects.append(tuple(subjects))
        if self.keeps_back:
            return replace(self.prove_words(slots), history=SignedHistory())
        nodes = dict.fromkeys(self.prove_words(slots).nodes)
        told = told_world.prove_with_history(told_world.asked_of(3.5))
        return replace(told, nodes=tuple(nodes | dict.fromkeys(told.nodes)))


@pytest.mark.parametrize("day", [0.5, 1.5, 3.5, 4.5])
def test_with_signed_history_a_past_time_is_proven(day: float) -> None:
    asked, gateway = told_world.asked_of(day), Told()
    world_, there, pinned = told_world.told()
    now = there.header.timestamp
    found = gather_evidence([asked], gateway, pinned, keys=KEYS, clock=lambda: now, max_age=300, with_history=True)
    expected = told_world.prove_with_history(asked)
    assert (
        verify_recognition(found, asked, pinned, now=now, max_age=300).decision
        == verify_recognition(expected, asked, pinned, now=now, max_age=300).decision
    )
    assert gateway.subjects
    assert world_.now == now


def test_a_gateway_that_keeps_histories_back_is_not_asked_for_ever() -> None:
    asked, gateway = told_world.asked_of(3.5), Told(keeps_back=True)
    _, there, pinned = told_world.told()
    now = there.header.timestamp
    found = gather_evidence([asked], gateway, pinned, keys=KEYS, clock=lambda: now, max_age=300, with_history=True)
    with pytest.raises(HistoryNeeded):
        verify_recognition(found, asked, pinned, now=now, max_age=300)


# ------------------------------------------------------------------ refusals


def test_what_cannot_be_asked_is_refused_before_anything_is_asked() -> None:
    gateway = Gateway(sealed())
    with pytest.raises(UnknownParty):
        gather(gateway, replace(ASKED, recogniser="ZZ"))
    assert gateway.asked == []


def test_the_future_is_not_proven() -> None:
    asked = replace(ASKED, on=NOW + 1)
    with pytest.raises(NotYetProvable):
        verify_recognition(gather(Gateway(sealed()), asked), asked, TRUST, now=NOW, keys=KEYS)


def test_evidence_that_proves_nothing_ends_the_search() -> None:
    for there, error in (
        (SealedWorld(world(), timestamp=NOW - 301), Stale),
        (SealedWorld(world(), seals=2), TooFewSeals),
        (SealedWorld(world(), code_hashes={contract: bytes(32) for contract in Contract}), WrongCode),
    ):
        gateway = Gateway(there)
        with pytest.raises(error):
            gather(gateway)
        assert len(gateway.asked) == 1


def test_more_words_than_are_proven_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aeo_ledger.office.ask_by_words.MOST_SLOTS", 9)
    with pytest.raises(TooManyWords) as refusal:
        gather(Gateway(sealed()))
    assert (refusal.value.what, refusal.value.limit) == ("words", 9)
    assert refusal.value.found > 9
