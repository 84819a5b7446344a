"""One ledger after another: what the old one still answers, what its last block proves for ever, and histories across the seam."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, LaneActKind, PartyActKind, Reason, Status
from aeo_ledger.errors.verify import (
    AbsentAccount,
    HeadDiffers,
    MissingNode,
    NotYetProvable,
    OtherHistory,
    SignerNotEntitled,
    Stale,
    Superseded,
    TooFewSeals,
    TrustExpired,
    WrongCode,
)
from aeo_ledger.evidence import Evidence, Header, decode_header
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.protocol.facts import Predecessor, WordView
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract, Table, pair_key, record_slot, word_slot
from aeo_ledger.protocol.typed_data import digest_of_hash, struct_hash
from aeo_ledger.verify import (
    Checkpoint,
    ProvenDecision,
    TrustBundle,
    ValidatorSet,
    verify_certificate_histories,
    verify_recognition,
    verify_recognitions,
    verify_snapshot,
)
from aeo_ledger.verify.certificate_history import read_place
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.signatories import hash_publication
from support import evm
from support.drafts import (
    ENTRY,
    VOTERS,
    amendment,
    change,
    conclusion,
    freeze,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    succession,
    supersede,
)
from support.scribe import Scribe, join, pin, scribe
from support.sealed_world import (
    ADDRESSES,
    BY,
    BY_TRADER,
    CN,
    CODE_HASHES,
    DAY,
    NOW,
    CustomsFacts,
    SealedWorld,
    question,
    trust,
)
from support.snapshots import seal_snapshot
from support.told_history import BOTH, PAIR, verify_over
from support.told_history import BY as OPERATOR
from support.told_world import SealedWords, asked_of, prove_with_history, told
from support.world import FIRST, SECOND, authority, key, sign

SUCCESSOR = (0xABC).to_bytes(20, "big")
ASKED = question(BY_TRADER, CN)


def granted() -> CustomsFacts:
    return CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2)


def then(on: int) -> Any:
    return question(BY_TRADER, CN, on=on)


# ---- the old ledger, by its own bundle


def test_a_successor_that_is_named_for_a_later_date_changes_nothing_yet() -> None:
    for effective in (NOW + 1, NOW + 700 * DAY):
        there = SealedWorld(granted().supersede(effective))
        assert verify_recognition(there.prove(ASKED), ASKED, trust(), now=NOW, max_age=300).decision.recognised
        snapshot = verify_snapshot(seal_snapshot(granted().supersede(effective)), trust(), now=NOW, max_age=300)
        assert snapshot.decide(ASKED, now=NOW).decision.recognised


@pytest.mark.parametrize("effective", [NOW - 10, NOW])
def test_from_the_date_on_only_times_before_it_are_answered(effective: int) -> None:
    there = SealedWorld(granted().supersede(effective))
    snapshot = verify_snapshot(seal_snapshot(granted().supersede(effective)), trust(), now=NOW, max_age=300)
    for asked in (ASKED, then(NOW), then(effective)):
        for ask in (
            lambda asked: verify_recognition(there.prove(asked), asked, trust(), now=NOW, max_age=300),
            lambda asked: snapshot.decide(asked, now=NOW),
        ):
            with pytest.raises(Superseded) as refusal:
                ask(asked)
            assert (refusal.value.successor, refusal.value.superseded_at) == (SUCCESSOR, effective)
    before = then(effective - 1)
    assert verify_recognition(there.prove(before), before, trust(), now=NOW, max_age=300).decision.recognised
    assert snapshot.decide(before, now=NOW).decision.recognised
    both = (before, ASKED)
    with pytest.raises(Superseded):
        verify_recognitions(there.prove(*both), both, trust(), now=NOW, max_age=300)


def test_whether_a_successor_was_named_is_proven_in_every_answer() -> None:
    there = SealedWorld(granted().supersede(NOW - 10))
    slot = word_slot(Table.SUCCESSION, 0)
    without = SealedWorld(granted())
    evidence = there.prove(ASKED)
    hidden = set(there.nodes([(Contract.CONSORTIUM, slot)])) - set(without.nodes([(Contract.CONSORTIUM, slot)]))
    for node in hidden:
        poorer = replace(evidence, nodes=tuple(one for one in evidence.nodes if one != node))
        with pytest.raises(MissingNode):
            verify_recognition(poorer, ASKED, trust(), now=NOW, max_age=300)


# ---- the seam: the old ledger's last block, pinned by the successor's bundle

LATER = NOW + 4_000 * DAY


def seam_of(header: Header, **altered: Any) -> Predecessor:
    addresses = {contract.value: address for contract, address in ADDRESSES.items()}
    place = {"number": header.number, "header": header.hash(), "time": header.timestamp}
    return Predecessor(**{"chain_id": trust().chain_id, **addresses, **place, **altered})


def successor_of(*seams: Predecessor, **altered: Any) -> TrustBundle:
    """Pin another chain with other contracts and validators, today's checkpoint, and its predecessor."""
    elsewhere = {"consortium": SUCCESSOR, "governance": b"\x91" * 20, "registers": b"\xea" * 20}
    return trust(
        **{
            "chain_id": 77,
            **elsewhere,
            "validators": ValidatorSet((b"\x44" * 20,)),
            "checkpoint": Checkpoint(number=5, hash=bytes(32), time=LATER),
            "predecessors": seams,
            **altered,
        }
    )


@cache
def seam() -> SealedWorld:
    """Make the last block before the date, without any seal."""
    return SealedWorld(granted().supersede(NOW + 1), seals=0)


SEAM = seam_of(seam().header)


PINNED = successor_of(SEAM)


def verify(evidence: Evidence, asked: Any, pinned: TrustBundle = PINNED, now: int = LATER) -> ProvenDecision:
    return verify_recognition(evidence, asked, pinned, now=now, max_age=300)


def test_old_evidence_under_the_seam_needs_neither_seals_nor_period() -> None:
    asked = then(NOW - DAY)
    for now in (LATER, LATER + 9_999 * DAY):
        proven = verify(seam().prove(asked), asked, now=now)
        assert proven.decision.recognised
        assert (proven.sealers, proven.chain_id) == ((), SEAM.chain_id)
        assert (proven.block_hash, proven.block_time) == (SEAM.header, NOW)
    absent = question(Tin("BY101010101"), CN, on=NOW - DAY)
    assert verify(seam().prove(absent), absent).decision.reasons == (Reason.NO_CERTIFICATE,)
    many = (asked, absent)
    found = verify_recognitions(seam().prove(*many), many, successor_of(SEAM), now=LATER, max_age=300)
    assert [one.decision.recognised for one in found] == [True, False]


def test_a_predecessor_of_another_edition_is_proven_by_the_seam_too() -> None:
    other = SealedWorld(granted(), seals=0, code_hashes=dict.fromkeys(CODE_HASHES, b"\x0e" * 32))
    asked = then(NOW - DAY)
    assert verify(other.prove(asked), asked, successor_of(seam_of(other.header))).decision.recognised


def test_the_seam_proves_nothing_about_the_present() -> None:
    """Otherwise somebody could use it years later, without a seal, to present a revoked certificate as a good one."""
    for there in (seam(), SealedWorld(granted(), seals=0)):
        pinned = successor_of(seam_of(there.header))
        with pytest.raises(Superseded) as refusal:
            verify(there.prove(ASKED), ASKED, pinned)
        assert (refusal.value.successor, refusal.value.superseded_at) == (SUCCESSOR, NOW)
        assert verify(there.prove(then(NOW)), then(NOW), pinned).decision.recognised
        with pytest.raises(NotYetProvable):
            verify(there.prove(then(NOW + 1)), then(NOW + 1), pinned)


@pytest.mark.parametrize("seals", [0, 3])
def test_any_other_block_of_the_predecessor_proves_nothing(seals: int) -> None:
    asked = then(NOW - DAY)
    for altered in ({"number": 101}, {"timestamp": NOW + 1}, {"gas_used": 1}):
        there = SealedWorld(granted().supersede(NOW + 1), seals=seals, **altered)
        pinned = successor_of(SEAM, validators=trust().validators)
        with pytest.raises(Stale if seals else TooFewSeals):
            verify(there.prove(asked), asked, replace(pinned, checkpoint=trust().checkpoint), now=NOW + 20 * DAY)
        with pytest.raises(TrustExpired if seals else TooFewSeals):
            verify(there.prove(asked), asked, replace(pinned, checkpoint=trust().checkpoint))


def test_the_seam_is_valid_only_for_those_who_pin_it() -> None:
    asked = then(NOW - DAY)
    evidence = seam().prove(asked)
    known = verify(evidence, asked).sealed
    own = trust(checkpoint=Checkpoint(number=5, hash=bytes(32), time=NOW - DAY))
    for pinned in (own, successor_of(validators=own.validators, checkpoint=own.checkpoint)):
        with pytest.raises(TooFewSeals):
            verify_recognition(evidence, asked, pinned, now=NOW, max_age=300)
        with pytest.raises(TooFewSeals):  # a header proven elsewhere for its hash alone bears no seals here
            verify_recognition(evidence, asked, pinned, now=NOW, max_age=300, sealed=known)
    elsewhere = successor_of(seam_of(seam().header, registers=bytes(19) + b"\xaa"))
    with pytest.raises((AbsentAccount, MissingNode)):
        verify(evidence, asked, elsewhere)


def test_the_successor_s_own_answers_are_judged_as_ever() -> None:
    """A pinned predecessor changes nothing about the checks of the ledger's own blocks."""
    pinned = trust(predecessors=(replace(SEAM, header=bytes(32)),))
    fresh = SealedWorld(granted())
    assert verify_recognition(fresh.prove(ASKED), ASKED, pinned, now=NOW, max_age=300).decision.recognised
    with pytest.raises(Stale):
        verify_recognition(fresh.prove(ASKED), ASKED, pinned, now=NOW + 301, max_age=300)
    evil = SealedWorld(granted(), code_hashes=CODE_HASHES | {Contract.REGISTERS: bytes(32)})
    with pytest.raises(WrongCode):
        verify_recognition(evil.prove(ASKED), ASKED, pinned, now=NOW, max_age=300)
    weak = SealedWorld(granted(), seals=2)
    with pytest.raises(TooFewSeals):
        verify_recognition(weak.prove(ASKED), ASKED, pinned, now=NOW, max_age=300)


def test_a_snapshot_of_the_seam_answers_old_times_for_ever() -> None:
    snapshot = seal_snapshot(granted().supersede(NOW + 1), seals=0)
    headed = successor_of(seam_of(decode_header(snapshot.header)))
    proven = verify_snapshot(snapshot, headed, now=LATER, max_age=300)
    assert proven.decide(then(NOW - DAY), now=LATER + 9_999 * DAY).decision.recognised
    with pytest.raises(Superseded):
        proven.decide(ASKED, now=LATER)
    with pytest.raises(TooFewSeals):
        verify_snapshot(snapshot, trust(), now=NOW, max_age=300)


def test_under_the_seam_history_is_checked_for_the_ledger_that_it_was_signed_for() -> None:
    _, there, own = told()
    of_contracts = {contract.value: address for contract, address in evm.ADDRESSES.items()}
    place = seam_of(there.header, chain_id=own.chain_id, **of_contracts)
    pinned = successor_of(place, parties=own.parties, prefixes={})
    for day, recognised in ((3.5, True), (2.5, False)):
        asked = asked_of(day)
        assert verify(prove_with_history(asked), asked, pinned).decision.recognised is recognised
    other = successor_of(replace(place, chain_id=place.chain_id + 1), parties=own.parties, prefixes={})
    everything = there.nodes((contract, slot) for contract, words in there.words.items() for slot in words)
    asked = asked_of(3.5)
    with pytest.raises(SignerNotEntitled):
        verify(replace(prove_with_history(asked), nodes=everything), asked, other)


# ---- histories across the seam

NEW_CHAIN = 77


def carry_over(world: Scribe) -> None:
    """Continue on another chain with every word except those that named it."""
    slots = [word_slot(Table.SUCCESSION, key) for key in range(7)]
    world.evm.put(Contract.CONSORTIUM, dict.fromkeys(slots, 0))
    world.evm.chain_id = NEW_CHAIN
    world.consortium = replace(world.consortium, chain_id=NEW_CHAIN, succession=None)


@cache
def crossed() -> tuple[Scribe, int]:
    """Act on one chain, carry its words to another chain, and act there.

    Returns:
        The world as it stands on the second chain, and the time of the seam, in which the first chain's last acts were recorded.
    """
    world = scribe()
    world.do(publication(world, grant(world)), OPERATOR)
    world.wait(DAY)
    world.do(conclusion(world, recognition(world, *PAIR)), *BOTH)
    world.do(publication(world, change(world, EventKind.SUSPEND)), OPERATOR)
    world.do(party_act(world, FIRST, PartyActKind.ADD_OPERATOR, key=key("new").address), authority(FIRST), "new")
    world.do(succession(world, effective=world.now + 1), *VOTERS)
    seam_time = world.now
    carry_over(world)
    world.wait(1)
    world.do(publication(world, change(world, EventKind.REINSTATE)), "new")
    world.do(lane_act(world, SECOND, LaneActKind.SUSPEND, PAIR), authority(SECOND))
    world.wait(DAY)
    world.do(amendment(world, recognition(world, *PAIR, lane=0, types=3)), *BOTH)
    world.do(party_act(world, FIRST, PartyActKind.SET_CARD, detail=7), authority(FIRST))
    return world, seam_time


def old_chain(time: int, **altered: Any) -> Predecessor:
    addresses = {contract.value: address for contract, address in evm.ADDRESSES.items()}
    place = {"number": 9, "header": b"\x5e" * 32, "time": time}
    return Predecessor(**{"chain_id": evm.CHAIN_ID, **addresses, **place, **altered})


def pinned_after(time: int, **altered: Any) -> TrustBundle:
    return pin(chain_id=NEW_CHAIN, predecessors=(old_chain(time, **altered),))


def test_histories_run_through_the_seam_under_the_domain_of_their_day() -> None:
    world, time = crossed()
    network = world.verify(world.party(0), chain_id=NEW_CHAIN, predecessors=(old_chain(time),)).network
    assert network is not None
    assert [(at, named is None) for at, named in network.successions] == [(time, False), (time, True)]
    histories = (world.standing(ENTRY), world.party(FIRST), world.pair(*PAIR))
    proven = world.verify(join(*histories), chain_id=NEW_CHAIN, predecessors=(old_chain(time),))
    assert [record.status for record in proven.standings[ENTRY].records] == [
        Status.ACTIVE,
        Status.SUSPENDED,
        Status.ACTIVE,
    ]
    assert [len(proven.pairs[PAIR].lanes), len(proven.parties[FIRST].states)] == [1, 3]
    for history, first_new in zip(histories, (3, 3, 2), strict=True):
        with pytest.raises(SignerNotEntitled) as refusal:  # all as if signed for the new chain
            world.verify(history, chain_id=NEW_CHAIN)
        assert refusal.value.event == (2 if history.parties else 1)
        with pytest.raises(SignerNotEntitled) as refusal:  # all as if signed for the old one
            world.verify(history, chain_id=evm.CHAIN_ID)
        assert refusal.value.event == first_new
        with pytest.raises(SignerNotEntitled) as refusal:  # the seam a second too early
            world.verify(history, chain_id=NEW_CHAIN, predecessors=(old_chain(time - 1),))
        assert refusal.value.event == first_new - 1
        with pytest.raises(SignerNotEntitled) as refusal:
            world.verify(history, chain_id=NEW_CHAIN, predecessors=(old_chain(world.now),))
        assert refusal.value.event == first_new


def signed_elsewhere(history: SignedHistory, place: bytes, time: int) -> SignedHistory:
    """Sign the acts recorded up to the seam again, as if the contract had another address."""

    def anew(message: bytes) -> tuple[Signature, ...]:
        return tuple(sign(digest_of_hash(message, chain_id=evm.CHAIN_ID, contract=place), *names))

    names = {"pairs": BOTH, "parties": (authority(FIRST), "new"), "standings": (OPERATOR,)}[
        next(kind for kind in ("pairs", "parties", "standings") if getattr(history, kind))
    ]
    return replace(
        history,
        publications=tuple(
            replace(one, signatures=anew(hash_publication(one))) if one.recorded_at <= time else one
            for one in history.publications
        ),
        acts=tuple(
            replace(one, signatures=anew(struct_hash(one.name, one.values)))
            if one.recorded_at <= time and one.signatures
            else one
            for one in history.acts
        ),
    )


@pytest.mark.parametrize("contract", list(Contract))
def test_acts_of_before_were_signed_for_the_old_contract_s_address(contract: Contract) -> None:
    world, time = crossed()
    elsewhere = b"\x0d" * 20
    policy: dict[str, Any] = {
        "chain_id": NEW_CHAIN,
        "predecessors": (old_chain(time, **{contract.value: elsewhere}),),
    }
    histories = {
        Contract.REGISTERS: world.standing(ENTRY),
        Contract.GOVERNANCE: world.party(FIRST),
        Contract.CONSORTIUM: world.pair(*PAIR),
    }
    for of_contract, history in histories.items():
        if of_contract is contract:
            with pytest.raises(SignerNotEntitled):
                world.verify(history, **policy)
            world.verify(signed_elsewhere(history, elsewhere, time), **policy)
        else:
            world.verify(history, **policy)


def test_one_carried_head_that_is_altered_fails_the_replay() -> None:
    world, time = crossed()
    heads = {
        record_slot(ENTRY) + 1: world.standing(ENTRY),
        word_slot(Table.PARTY_HEAD, FIRST): world.party(FIRST),
        word_slot(Table.PAIR_HEAD, pair_key(*PAIR)): world.pair(*PAIR),
    }
    pinned = pinned_after(time)
    for slot, history in heads.items():
        (head,) = (words[slot] for words in world.evm.storage.values() if slot in words)
        verify_over(world, history, {}, pinned)
        with pytest.raises(HeadDiffers):
            verify_over(world, history, {slot: head ^ 1}, pinned)


# ---- a certificate's whole life


def life(world: Scribe, pinned: TrustBundle, told: SignedHistory | None = None, **altered: Any) -> Evidence:
    """Seal the world and prove a complete history, by default the entry's, without surplus nodes."""
    history = told or world.standing(ENTRY)
    there = SealedWorld(SealedWords(world), addresses=evm.ADDRESSES, timestamp=world.now, **altered)
    needed: dict[tuple[Contract, int], None] = {}

    def note(contract: Contract, slot: int) -> int:
        needed[contract, slot] = None
        return there.read(contract, slot)

    view = WordView(note)
    view.successor()
    for chain in history.standings:
        read_place(chain.entry, view)
    verify_history(history, view, pinned)
    header, nodes = there.header.encode(), there.nodes(needed)
    return Evidence(questions=(), header=header, nodes=nodes, history=history)


def test_the_whole_life_of_a_certificate_names_who_signed_on_either_side_of_the_seam() -> None:
    world, time = crossed()
    policy = {"parties": (), "prefixes": {}, "checkpoint": Checkpoint(number=1, hash=bytes(32), time=world.now - 1)}
    pinned = replace(pinned_after(time), **policy)
    evidence = life(world, pinned)
    proven = verify_certificate_histories(evidence, [ENTRY], pinned, now=world.now)
    signers = [event.signers for event in proven.events[ENTRY]]
    assert signers == [(key(OPERATOR).address,), (key(OPERATOR).address,), (key("new").address,)]
    with pytest.raises(OtherHistory):
        verify_certificate_histories(evidence, [bytes(32)], pinned, now=world.now)


def test_every_act_on_a_party_or_a_pair_names_who_signed_it() -> None:
    world = scribe()
    world.do(freeze(world, FIRST), OPERATOR)
    world.do(conclusion(world, recognition(world, SECOND, FIRST)), authority(FIRST), authority(SECOND))
    policy = {"parties": (), "prefixes": {}, "checkpoint": Checkpoint(number=1, hash=bytes(32), time=world.now - 1)}
    pinned = pin(**policy)
    pair = (SECOND, FIRST)
    party, both = life(world, pinned, world.party(FIRST)), life(world, pinned, world.pair(*pair))
    acts = verify_certificate_histories(party, [], pinned, now=world.now, parties=[FIRST]).acts
    assert [(act.name, act.signers) for act in acts] == [("Founding", ()), ("Freeze", (key(OPERATOR).address,))]
    (concluded,) = verify_certificate_histories(both, [], pinned, now=world.now, pairs=[pair]).acts
    assert set(concluded.signers) == {key(authority(FIRST)).address, key(authority(SECOND)).address}
    assert concluded.recorded_at == world.now
    for evidence, parties, pairs in (
        (party, [SECOND], []),
        (party, [FIRST], [pair]),
        (both, [], []),
        (both, [FIRST], [pair]),
    ):
        with pytest.raises(OtherHistory):
            verify_certificate_histories(evidence, [], pinned, now=world.now, parties=parties, pairs=pairs)


def test_a_superseded_ledger_or_a_seam_does_not_prove_a_history_that_continues_elsewhere() -> None:
    world = scribe()
    world.do(publication(world, grant(world)), OPERATOR)
    policy = {"parties": (), "prefixes": {}, "checkpoint": Checkpoint(number=1, hash=bytes(32), time=world.now - 1)}
    evidence = life(world, pin(**policy), seals=4)
    assert verify_certificate_histories(evidence, [ENTRY], pin(**policy), now=world.now).events[ENTRY]
    pinned = pin(**{**policy, "predecessors": (old_chain(world.now, header=decode_header(evidence.header).hash()),)})
    with pytest.raises(Superseded):
        verify_certificate_histories(evidence, [ENTRY], pinned, now=world.now)
    supersede(world)
    policy["checkpoint"] = Checkpoint(number=1, hash=bytes(32), time=world.now - 1)
    with pytest.raises(Superseded):
        verify_certificate_histories(life(world, pin(**policy)), [ENTRY], pin(**policy), now=world.now)
