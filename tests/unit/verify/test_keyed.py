"""Keyed registers: an answer needs the right lookup key, and a wrong one never makes a trader absent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Reason, Status
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.protocol import KeyNeeded, WrongLookupKey
from aeo_ledger.errors.verify import AliasOfAnother, AmbiguousAlias, MissingNode, SurplusNodes
from aeo_ledger.evidence import AnyQuestion, Evidence
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.facts import NotedWords
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKey, LookupKeys
from aeo_ledger.protocol.tables import Contract, Table, key_check_key, word_slot
from aeo_ledger.verify import (
    PinnedTrust,
    ProvenDecision,
    resolve_question,
    verify_archived,
    verify_each,
    verify_other_form,
    verify_recognition,
    verify_recognitions,
    verify_snapshot,
)
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    CN_TRADER,
    DAY,
    KZ,
    NOW,
    CustomsFacts,
    SealedWorld,
    ask_alias,
    entry_of,
    lane,
    lookup_keys,
    question,
    trust,
)
from support.snapshots import seal_snapshot

TRUST = trust()
KZ_TRADER, OTHER = Tin("KZ123456789012"), Tin("KZ123456789013")
ASKED = question(KZ_TRADER, CN)
KEYS = lookup_keys(KZ)
CROWD = [Tin(f"KZ{n}") for n in range(100_000_000_000, 100_000_000_100)]
MID = AliasCode(AliasKind.MID, "KZMINTRA12MIN")


def world(**altered: Any) -> CustomsFacts:
    """China recognises types 1 and 2 of Kazakhstan's keyed register; a hundred others have certificates too."""
    facts = CustomsFacts().keyed(KZ).recognise(CN, KZ, lane(types=0b110)).recognise(CN, BY).grant(BY_TRADER, BY)
    for tin in CROWD:
        facts.grant(tin, KZ, 2)
    return facts.grant(KZ_TRADER, KZ, 2, **altered)


@cache
def sealed() -> SealedWorld:
    return SealedWorld(world())


def verify(evidence: Evidence, asked: AnyQuestion = ASKED, keys: LookupKeys = KEYS) -> ProvenDecision:
    return verify_recognition(evidence, asked, TRUST, now=NOW, keys=keys)


def proof(*asked: AnyQuestion) -> Evidence:
    return sealed().prove(*(asked or (ASKED,)), keys=KEYS)


def check_slot(register: int, certificate_type: int) -> tuple[Contract, int]:
    return Contract.CONSORTIUM, word_slot(Table.KEY_CHECK, key_check_key(register, certificate_type))


# ------------------------------------------------------------------ the right key


def test_with_the_key_a_keyed_register_is_decided_as_an_open_one() -> None:
    proven = verify(proof())
    assert proven.decision.recognised
    assert (proven.registers, proven.issuer, proven.trader) == (("KZ",), "KZ", KZ_TRADER)
    standing = proven.decision.standing
    assert standing is not None
    assert standing.entry == world().entry_of(KZ_TRADER, KZ, 2) != entry_of(KZ_TRADER, KZ, 2)


def test_an_absence_is_proven_as_firmly() -> None:
    asked = question(OTHER, CN)
    proven = verify(proof(asked), asked)
    assert proven.decision.reasons == (Reason.NO_CERTIFICATE, Reason.TYPE_OUT_OF_SCOPE)
    assert proven.decision.not_searched == ((KZ, 0),)


def test_only_the_keys_of_types_that_a_lane_covers_are_needed() -> None:
    few = lookup_keys(KZ, types=(1, 2))
    assert verify(sealed().prove(ASKED, keys=few), keys=few).decision.recognised
    ended = SealedWorld(CustomsFacts().keyed(KZ).recognise(CN, KZ, lane(until=NOW)).grant(KZ_TRADER, KZ, 2))
    proven = verify(ended.prove(ASKED), keys=NO_KEYS)
    assert proven.decision.reasons == (Reason.ARRANGEMENT_ENDED,)
    assert proven.decision.not_searched == ((KZ, 0), (KZ, 1), (KZ, 2))


def test_keys_change_nothing_in_an_open_register() -> None:
    asked = question(BY_TRADER, CN)
    evidence = sealed().prove(asked)
    assert verify(evidence, asked, KEYS) == verify(evidence, asked, NO_KEYS)
    stray = LookupKeys([*KEYS, *lookup_keys(BY, secret=bytes(32))])
    assert verify(evidence, asked, stray) == verify(evidence, asked, NO_KEYS)


def test_evidence_has_no_room_for_check_values_that_no_answer_needs() -> None:
    nodes = dict.fromkeys((*proof().nodes, *sealed().nodes([check_slot(KZ, 0)])))
    assert len(nodes) > len(proof().nodes)
    with pytest.raises(SurplusNodes):
        verify(replace(proof(), nodes=tuple(nodes)))


def test_many_answers_compare_a_key_once() -> None:
    asked = tuple(question(tin, CN) for tin in (*CROWD[:20], KZ_TRADER, OTHER, BY_TRADER))
    evidence = sealed().prove(*asked, keys=KEYS)
    proven = verify_recognitions(evidence, asked, TRUST, now=NOW, keys=KEYS)
    assert [one.decision.recognised for one in proven] == [True] * 21 + [False, True]
    assert proven == verify_each(evidence, asked, TRUST, now=NOW, keys=KEYS)


def test_a_snapshot_answers_with_the_key() -> None:
    snapshot = verify_snapshot(seal_snapshot(world()), TRUST, now=NOW, max_age=300)
    assert snapshot.decide(ASKED, now=NOW, keys=KEYS).decision == verify(proof()).decision
    for keys, error in ((NO_KEYS, KeyNeeded), (lookup_keys(KZ, secret=bytes(32)), WrongLookupKey)):
        with pytest.raises(error):
            snapshot.decide(ASKED, now=NOW, keys=keys)


def test_kept_evidence_is_verified_with_the_key() -> None:
    kept = [PinnedTrust(trust=TRUST, pinned_at=None)]
    archived = verify_archived(proof(), ASKED, kept, received_at=NOW, now=NOW + 9 * DAY, keys=KEYS)
    assert archived.answer == verify(proof())
    with pytest.raises(KeyNeeded):
        verify_archived(proof(), ASKED, kept, received_at=NOW, now=NOW + 9 * DAY)


def test_past_times_are_answered_where_the_words_suffice() -> None:
    past = question(KZ_TRADER, CN, on=NOW - DAY, known=NOW - DAY)
    assert verify(proof(past), past).decision.recognised
    changed = SealedWorld(world(status=Status.SUSPENDED, since=NOW - 5, recorded_at=NOW - 5, sequence=2))
    with pytest.raises(HistoryNeeded):
        verify(changed.prove(past, keys=KEYS), past)


# ------------------------------------------------------------------ no key, and wrong keys

SECRETS = {key.certificate_type: key.secret for key in KEYS}


def _with_secrets(secret_of: Callable[[int], bytes]) -> LookupKeys:
    return LookupKeys(LookupKey(register=KZ, certificate_type=kind, secret=secret_of(kind)) for kind in range(3))


WRONG = {
    "another secret's": lookup_keys(KZ, secret=bytes(32)),
    "another type's": _with_secrets(lambda kind: SECRETS[(kind + 1) % 3]),
    "another register's": _with_secrets(lambda kind: lookup_keys(BY).key(BY, kind).secret),
    "its check value": _with_secrets(lambda kind: KEYS.key(KZ, kind).check),
    "one bit": _with_secrets(lambda kind: SECRETS[kind][:-1] + bytes([SECRETS[kind][-1] ^ 1])),
}


@pytest.mark.parametrize("asked", [ASKED, question(OTHER, CN)], ids=["present", "absent"])
@pytest.mark.parametrize("wrong", WRONG)
def test_with_a_wrong_key_nobody_is_absent(wrong: str, asked: AnyQuestion) -> None:
    everything = replace(
        proof(asked), nodes=sealed().nodes([(where, slot) for where, words in sealed().words.items() for slot in words])
    )
    for evidence in (proof(asked), everything):
        with pytest.raises(WrongLookupKey) as refusal:
            verify(evidence, asked, WRONG[wrong])
        assert (refusal.value.register, refusal.value.certificate_type) == (KZ, 1)


@pytest.mark.parametrize(
    "keys", [NO_KEYS, lookup_keys(BY), lookup_keys(KZ, types=(0, 2))], ids=["none", "BY's", "0, 2"]
)
def test_without_the_key_nothing_is_decided(keys: LookupKeys) -> None:
    with pytest.raises(KeyNeeded) as refusal:
        verify(proof(), keys=keys)
    assert (refusal.value.register, refusal.value.certificate_type) == (KZ, 1)


@cache
def read_slots() -> tuple[tuple[Contract, int], ...]:
    """List the slots that a verifier reads for the question."""
    view = NotedWords(sealed().read)
    decide(resolve_question(ASKED, TRUST, NOW), view, entries_of(KZ_TRADER, KEYS.compared(view.key_check)))
    return tuple(view.words)


def test_a_prover_that_leaves_out_the_check_value_proves_nothing() -> None:
    assert verify(replace(proof(), nodes=sealed().nodes(read_slots()))).decision.recognised
    needed = [place for place in read_slots() if place != check_slot(KZ, 2)]
    assert len(needed) == len(read_slots()) - 1
    for slots in (needed, [*needed, check_slot(KZ, 0)], [*needed, check_slot(BY, 2)]):
        with pytest.raises(MissingNode):
            verify(replace(proof(), nodes=sealed().nodes(slots)))


@pytest.mark.parametrize(
    "check",
    [None, KEYS.key(KZ, 1).check, lookup_keys(BY).key(BY, 2).check, KEYS.key(KZ, 2).secret],
    ids=["none", "another type's", "another register's", "the key"],
)
def test_a_ledger_with_another_check_value_has_another_key(check: bytes | None) -> None:
    facts = world()
    facts.checks = {place: value for place, value in facts.checks.items() if place != (KZ, 2)}
    facts.checks |= {} if check is None else {(KZ, 2): check}
    there = SealedWorld(facts)
    with pytest.raises(WrongLookupKey) as refusal:
        verify(Evidence(questions=(ASKED,), header=there.header.encode(), nodes=there.nodes(read_slots())))
    assert refusal.value.certificate_type == 2


# ------------------------------------------------------------------ some questions of many


def test_a_question_without_its_key_stays_open_beside_others() -> None:
    asked = (ASKED, question(BY_TRADER, CN), question(CN_TRADER, BY))
    evidence = sealed().prove(*asked, keys=KEYS)
    for keys, error in ((NO_KEYS, KeyNeeded), (WRONG["another secret's"], WrongLookupKey)):
        first, *rest = verify_each(evidence, asked, TRUST, now=NOW, keys=keys)
        assert isinstance(first, error)
        assert [isinstance(one, ProvenDecision) for one in rest] == [True, True]
        with pytest.raises(error):
            verify_recognitions(evidence, asked, TRUST, now=NOW, keys=keys)
    surplus = replace(evidence, nodes=(*evidence.nodes, b"\x01"))
    with pytest.raises(SurplusNodes):
        verify_each(surplus, asked, TRUST, now=NOW, keys=KEYS)


# ------------------------------------------------------------------ aliases


def bound(*entries: bytes) -> SealedWorld:
    facts = world()
    return SealedWorld(facts.bind(CN, MID, *(entries or (facts.entry_of(KZ_TRADER, KZ, 2),))))


def test_an_alias_of_a_trader_in_a_keyed_register_is_proven_with_the_key() -> None:
    asked = ask_alias(MID, CN)
    evidence = bound().prove(asked, traders={0: KZ_TRADER}, keys=KEYS)
    proven = verify(evidence, asked)
    assert (proven.trader, proven.decision.recognised) == (KZ_TRADER, True)
    for keys, error in ((NO_KEYS, KeyNeeded), *((wrong, WrongLookupKey) for wrong in WRONG.values())):
        with pytest.raises(error):
            verify(evidence, asked, keys)


def test_a_bound_entry_that_does_not_follow_from_tin_and_key_is_anothers() -> None:
    asked, keyed = ask_alias(MID, CN), world()
    evidence = bound().prove(asked, traders={0: KZ_TRADER}, keys=KEYS)
    with pytest.raises(AliasOfAnother):
        verify(replace(evidence, traders={0: OTHER}), asked)
    as_if_open = bound(entry_of(KZ_TRADER, KZ, 2))
    with pytest.raises(AliasOfAnother):
        verify(as_if_open.prove(asked, traders={0: KZ_TRADER}, keys=KEYS), asked)
    two = bound(keyed.entry_of(KZ_TRADER, KZ, 1), keyed.entry_of(OTHER, KZ, 2))
    with pytest.raises(AmbiguousAlias):
        verify(two.prove(asked, traders={0: KZ_TRADER}, keys=KEYS), asked)


def test_the_other_form_is_asked_with_the_same_keys() -> None:
    proven = verify(proof())
    assert verify_other_form(proof(), proven, TRUST, keys=KEYS) is None
