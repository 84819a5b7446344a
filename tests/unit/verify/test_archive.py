"""Evidence years later: what it proved when it was received, by what was pinned then, and nothing that was not so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.errors import show_utc
from aeo_ledger.errors.evidence import MalformedLink
from aeo_ledger.errors.verify import (
    BelowCheckpoint,
    ChainBroken,
    ChainEndsElsewhere,
    FromTheFuture,
    HeaderBreaksRule,
    NotYetPinned,
    NotYetReceived,
    OtherBundleThen,
    OtherEvidence,
    OtherQuestion,
    OtherReceipt,
    PeriodOver,
    ReceiptAltered,
    ReceiptDiffers,
    ReceiptOfAnother,
    ReceiptUnsigned,
    ReceiptUnwitnessed,
    Stale,
    StrangerSealed,
    TrustExpired,
)
from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.ancestry import HeaderChain
from aeo_ledger.evidence.receipt import Receipt, hash_evidence
from aeo_ledger.primitives.curve import ORDER
from aeo_ledger.signing import Signer
from aeo_ledger.signing.receipt import sign_receipt
from aeo_ledger.verify import Checkpoint, TrustBundle, ValidatorSet, verify_recognition
from aeo_ledger.verify.archive import (
    ArchivedDecision,
    PinnedTrust,
    answer_of,
    verify_archived,
    verify_committed,
    verify_receipted,
)
from aeo_ledger.verify.trust import fingerprint
from support.header_chains import chain_of, checkpoint_at, follow
from support.sealed_world import BY, BY_TRADER, CN, CN_TRADER, DAY, NOW, CustomsFacts, SealedWorld, question, trust
from support.sealing import KEYS, address_of, seal

ASKED = question(BY_TRADER, CN)
WORLD = SealedWorld(CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY))
NOTHING_GRANTED = SealedWorld(CustomsFacts().recognise(CN, BY))
EVIDENCE = WORLD.prove(ASKED)
RECEIVED = NOW + 7
YEARS = NOW + 3_000 * DAY
HEADERS = follow(WORLD.header, 40, acts=(110, 111, 125))
LATER_SET = ValidatorSet(tuple(map(address_of, KEYS[3:7])))
"""One of the four of then, and three that came."""


def at(number: int, time: int, **altered: Any) -> TrustBundle:
    return trust(checkpoint=Checkpoint(number=number, hash=bytes([number]) * 32, time=time), **altered)


BEFORE = PinnedTrust(trust=at(1, NOW - 30 * DAY), pinned_at=NOW - 29 * DAY)
THEN = PinnedTrust(trust=trust(), pinned_at=NOW - DAY + 60)
SINCE = PinnedTrust(trust=trust(checkpoint=checkpoint_at(HEADERS[-1]), validators=LATER_SET), pinned_at=NOW + 5 * DAY)
LAST = PinnedTrust(trust=at(200, NOW + 50 * DAY, validators=LATER_SET), pinned_at=NOW + 51 * DAY)
KEPT = (BEFORE, THEN, SINCE, LAST)

ASKER, OTHER = Signer.from_secret(b"\x21" * 32), Signer.from_secret(b"\x22" * 32)


def archived(
    evidence: Evidence = EVIDENCE, received_at: int = RECEIVED, now: int = YEARS, **how: Any
) -> ArchivedDecision:
    return verify_archived(evidence, ASKED, how.pop("kept", KEPT), received_at=received_at, now=now, **how)


def receipt_of(evidence: Evidence = EVIDENCE, then: PinnedTrust = THEN, **altered: Any) -> Receipt:
    proven = verify_recognition(evidence, ASKED, then.trust, now=RECEIVED)
    made = Receipt(
        question=ASKED,
        answer=answer_of(proven),
        evidence=hash_evidence(evidence),
        trust=fingerprint(then.trust),
        received_at=RECEIVED,
        max_age=300,
    )
    return replace(made, **altered)


RECEIPT = receipt_of()
SIGNED = sign_receipt(RECEIPT, ASKER)


def receipted(receipt: Receipt, evidence: Evidence = EVIDENCE, **how: Any) -> ArchivedDecision:
    return verify_receipted(
        receipt,
        evidence,
        how.pop("asked", ASKED),
        how.pop("kept", KEPT),
        **{"now": YEARS, "anchor": receipt.hash(), **how},
    )


# ---- as of its receipt ----


def test_what_was_proven_when_it_was_received_is_proven_for_ever() -> None:
    today: list[tuple[TrustBundle, int, type[Exception]]] = [
        (THEN.trust, YEARS, TrustExpired),
        (SINCE.trust, SINCE.since, HeaderBreaksRule),
        (replace(SINCE.trust, validators=THEN.trust.validators), SINCE.since, BelowCheckpoint),
    ]
    for bundle, now, error in today:
        with pytest.raises(error):
            verify_recognition(EVIDENCE, ASKED, bundle, now=now, max_age=YEARS)
    found = archived()
    assert found.answer == verify_recognition(EVIDENCE, ASKED, THEN.trust, now=RECEIVED)
    assert found.answer.decision.recognised
    assert (found.received_at, found.pinned, found.receipt, found.committed) == (RECEIVED, THEN, None, None)


def test_a_no_is_proven_as_firmly() -> None:
    found = archived(NOTHING_GRANTED.prove(ASKED))
    assert not found.answer.decision.recognised


def test_the_bundle_is_the_last_one_pinned_by_then() -> None:
    evidence = SealedWorld(CustomsFacts().recognise(CN, BY), timestamp=NOW - DAY, number=20).prove(ASKED)
    first_second = NOW - DAY + 60
    assert archived(evidence, first_second).pinned == THEN
    assert archived(evidence, first_second - 1).pinned == BEFORE


def test_one_bundle_by_itself_is_the_one_that_the_caller_says() -> None:
    alone = PinnedTrust(trust=THEN.trust, pinned_at=None)
    assert archived(kept=(alone,)).pinned == alone
    with pytest.raises(NotYetPinned) as refusal:  # not before its checkpoint was there to be pinned
        archived(kept=(alone,), received_at=THEN.trust.checkpoint.time - 1)
    assert refusal.value.pinned_at == THEN.trust.checkpoint.time


def test_nothing_was_pinned_yet() -> None:
    with pytest.raises(NotYetPinned) as refusal:
        archived(received_at=BEFORE.since - 1)
    assert (refusal.value.received_at, refusal.value.pinned_at) == (BEFORE.since - 1, BEFORE.since)
    with pytest.raises(NotYetPinned):
        archived(kept=())


def test_the_period_was_over() -> None:
    end = THEN.trust.expires_at
    late = SealedWorld(CustomsFacts().recognise(CN, BY), timestamp=end - 2, number=5_000).prove(ASKED)
    assert archived(late, end - 1, kept=(BEFORE, THEN)).pinned == THEN
    with pytest.raises(PeriodOver) as refusal:
        archived(late, end, kept=(BEFORE, THEN))
    assert (refusal.value.received_at, refusal.value.expired_at) == (end, end)


def test_the_time_of_receipt_is_not_still_to_come() -> None:
    assert archived(now=RECEIVED - 5)
    with pytest.raises(NotYetReceived) as refusal:
        archived(now=RECEIVED - 6)
    assert (refusal.value.received_at, refusal.value.now) == (RECEIVED, RECEIVED - 6)


def test_it_was_too_old_or_from_the_future_when_it_was_received() -> None:
    with pytest.raises(Stale) as stale:
        archived(received_at=NOW + 301)
    assert stale.value.age_s == 301
    assert archived(received_at=NOW + 301, max_age=301)
    with pytest.raises(FromTheFuture):
        archived(received_at=NOW - 6)


def test_another_bundle_s_validators_did_not_seal_it() -> None:
    """With a false time of receipt, under the later bundle, the sealers are strangers and the block is below the checkpoint."""
    late = SealedWorld(CustomsFacts().recognise(CN, BY), timestamp=SINCE.since, number=150)
    with pytest.raises(HeaderBreaksRule):
        archived(late.prove(ASKED), SINCE.since + 1)
    header = seal(replace(late.header, coinbase=LATER_SET.addresses[0]), *KEYS[:3])
    with pytest.raises(StrangerSealed):
        archived(replace(late.prove(ASKED), header=header.encode()), SINCE.since + 1)
    sealed = seal(replace(WORLD.header, timestamp=SINCE.since, coinbase=LATER_SET.addresses[0]), *KEYS[3:6])
    with pytest.raises(BelowCheckpoint):
        archived(replace(EVIDENCE, header=sealed.encode()), SINCE.since + 1)


def test_it_answers_the_asker_s_question_alone() -> None:
    with pytest.raises(OtherQuestion):
        verify_archived(EVIDENCE, question(CN_TRADER, BY), KEPT, received_at=RECEIVED, now=YEARS)


# ---- by its receipt ----


@pytest.mark.parametrize("receipt", [RECEIPT, SIGNED])
def test_a_receipt_says_when_and_by_which_bundle(receipt: Receipt) -> None:
    found = receipted(receipt)
    assert found == replace(archived(), receipt=receipt)
    assert receipted(receipt, anchor=receipt.hash()) == found


def test_it_says_how_old_evidence_was_accepted() -> None:
    late = replace(RECEIPT, received_at=NOW + 400, max_age=500)
    assert receipted(late)
    with pytest.raises(Stale):
        receipted(late, max_age=300)
    with pytest.raises(Stale):
        receipted(replace(late, max_age=300))


def test_two_bundles_pinned_in_one_second_are_told_apart_by_the_receipt() -> None:
    moved = PinnedTrust(trust=at(99, NOW), pinned_at=RECEIVED)
    again = PinnedTrust(trust=at(98, NOW), pinned_at=RECEIVED)
    kept = (BEFORE, THEN, moved, again, SINCE)
    assert receipted(RECEIPT, kept=kept).pinned == THEN
    for pinned in (moved, again):
        assert receipted(receipt_of(then=pinned), kept=kept).pinned == pinned
    with pytest.raises(OtherBundleThen):
        receipted(receipt_of(then=BEFORE), kept=kept)
    with pytest.raises(OtherBundleThen):  # a second later it is settled
        receipted(replace(RECEIPT, received_at=RECEIVED + 1), kept=kept)


def test_the_wrong_bundle_for_the_time_is_refused() -> None:
    for other in (BEFORE, LAST):
        with pytest.raises(OtherBundleThen) as refusal:
            receipted(replace(RECEIPT, trust=fingerprint(other.trust)))
        assert refusal.value.found == fingerprint(other.trust)
        assert refusal.value.needed == fingerprint(THEN.trust)
    with pytest.raises(OtherBundleThen):
        receipted(RECEIPT, kept=(PinnedTrust(trust=BEFORE.trust, pinned_at=None),))


def test_a_receipt_of_other_times_is_refused_like_them() -> None:
    with pytest.raises(NotYetPinned):
        receipted(replace(RECEIPT, received_at=BEFORE.since - 1))
    with pytest.raises(PeriodOver):
        receipted(replace(RECEIPT, received_at=THEN.trust.expires_at), kept=(THEN,))
    with pytest.raises(NotYetReceived):
        receipted(RECEIPT, now=RECEIVED - 6)


def test_by_itself_it_sets_neither_its_time_nor_how_old_evidence_may_be() -> None:
    """Whoever holds it can write both, sign that with any key, and so make old evidence good for any day."""
    forged = replace(RECEIPT, received_at=RECEIVED + 400, max_age=10**9)
    for receipt in (forged, sign_receipt(forged, ASKER)):
        for how in ({}, {"received_at": RECEIVED + 400}, {"max_age": 300}):
            with pytest.raises(ReceiptUnwitnessed):
                receipted(receipt, anchor=None, **how)
    assert receipted(SIGNED, anchor=None, signer=SIGNED.signer).receipt == SIGNED
    with pytest.raises(Stale):
        receipted(forged, anchor=None, received_at=RECEIVED + 400, max_age=300)
    with pytest.raises(ReceiptDiffers) as refusal:
        receipted(forged, anchor=None, received_at=RECEIVED, max_age=300)
    assert f"received at is {show_utc(RECEIVED + 400)}, needed {show_utc(RECEIVED)}" in str(refusal.value)
    assert receipted(RECEIPT, anchor=None, received_at=RECEIVED, max_age=300).receipt == RECEIPT


def test_other_evidence_is_refused() -> None:
    for other in (NOTHING_GRANTED.prove(ASKED), replace(EVIDENCE, nodes=EVIDENCE.nodes[::-1])):
        with pytest.raises(OtherEvidence) as refusal:
            receipted(RECEIPT, other)
        assert (refusal.value.found, refusal.value.needed) == (hash_evidence(other), RECEIPT.evidence)


def test_another_question_is_refused() -> None:
    with pytest.raises(ReceiptDiffers) as refusal:
        receipted(RECEIPT, asked=question(CN_TRADER, BY))
    assert refusal.value.what == "question"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("recognised", False, "verdict is not recognised, needed recognised"),
        ("reasons", ("type_out_of_scope", "role"), "reasons is type out of scope, role, needed none"),
        ("benefits", (), "benefits is none, needed "),
        ("registers", ("CN",), "registers is CN, needed BY"),
        ("issuer", None, "issuer is nobody, needed BY"),
        ("decided_for", NOW + 1, f"decided for is {show_utc(NOW + 1)}, needed {show_utc(NOW)}"),
        ("block_number", 101, "block number is 101, needed "),
        ("block_hash", bytes(32), f"block hash is 0x{'00' * 32}, needed 0x"),
        ("block_time", NOW - 1, f"block time is {show_utc(NOW - 1)}, needed {show_utc(NOW)}"),
        ("chain_id", 7, "chain id is 7, needed "),
    ],
)
def test_a_receipt_that_says_another_verdict_is_refused(field: str, value: object, words: str) -> None:
    with pytest.raises(ReceiptDiffers) as refusal:
        receipted(replace(RECEIPT, answer=replace(RECEIPT.answer, **{field: value})))
    assert refusal.value.what == field
    assert f"the receipt's {words}" in str(refusal.value)


# ---- whose receipt ----


def test_a_signature_is_checked_asked_or_not() -> None:
    assert receipted(SIGNED, signer=ASKER.address).receipt == SIGNED
    for altered in (
        replace(SIGNED, received_at=RECEIVED + 1),
        replace(SIGNED, trust=fingerprint(BEFORE.trust)),
        replace(SIGNED, evidence=bytes(32)),
        replace(SIGNED, max_age=301),
        replace(SIGNED, answer=replace(SIGNED.answer, recognised=False)),
        replace(SIGNED, signer=OTHER.address),
        replace(SIGNED, signature=sign_receipt(RECEIPT, OTHER).signature),
    ):
        with pytest.raises(ReceiptAltered) as refusal:
            receipted(altered)
        assert refusal.value.signer == altered.signer


def test_a_malformed_signature_is_refused() -> None:
    r, s, v = SIGNED.signature[:32], int.from_bytes(SIGNED.signature[32:64], "big"), SIGNED.signature[64]
    high = r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    for wrong in (bytes(65), SIGNED.signature[:64], SIGNED.signature[:64] + b"\x05", high):
        with pytest.raises(ReceiptAltered):
            receipted(replace(SIGNED, signature=wrong))


def test_another_key_s_signature_is_refused() -> None:
    with pytest.raises(ReceiptOfAnother) as refusal:
        receipted(sign_receipt(RECEIPT, OTHER), signer=ASKER.address)
    assert (refusal.value.found, refusal.value.needed) == (OTHER.address, ASKER.address)


def test_no_signature_is_refused_where_one_is_needed() -> None:
    with pytest.raises(ReceiptUnsigned) as refusal:
        receipted(RECEIPT, signer=ASKER.address)
    assert refusal.value.needed == ASKER.address


def test_a_receipt_that_is_not_the_one_kept_elsewhere_is_refused() -> None:
    """Years later its signer signs another time. Only somebody who kept the hash can detect this."""
    another = sign_receipt(replace(RECEIPT, received_at=RECEIVED + 1), ASKER)
    assert receipted(another, signer=ASKER.address)
    with pytest.raises(OtherReceipt) as refusal:
        receipted(another, signer=ASKER.address, anchor=SIGNED.hash())
    assert (refusal.value.found, refusal.value.needed) == (another.hash(), SIGNED.hash())


# ---- what old keys can do, and what closes it ----


def forged() -> Evidence:
    """Years later one attacker has all old keys. He seals that the trader had no certificate, with an old date above the checkpoint."""
    header = seal(replace(NOTHING_GRANTED.header, parent_hash=WORLD.header.parent_hash), *KEYS[:4])
    return replace(NOTHING_GRANTED.prove(ASKED), header=header.encode())


def test_old_keys_forge_what_a_later_checkpoint_does_not_commit_to() -> None:
    """A known limit: old evidence and a forgery of today look alike, and so do their receipts."""
    assert not archived(forged()).answer.decision.recognised
    assert receipted(receipt_of(forged()), forged())


def test_a_later_checkpoint_commits_to_the_true_block() -> None:
    found = verify_committed(archived(), chain_of(HEADERS), KEPT)
    assert found == replace(archived(), committed=SINCE)
    assert verify_committed(receipted(SIGNED), chain_of(HEADERS), KEPT).receipt == SIGNED


def test_a_later_checkpoint_refutes_the_forged_block() -> None:
    with pytest.raises(ChainBroken) as refusal:
        verify_committed(archived(forged()), chain_of(HEADERS), KEPT)
    assert refusal.value.needed == SINCE.trust.checkpoint.hash


def test_a_chain_to_a_block_that_nobody_pinned_proves_nothing() -> None:
    for links in (chain_of(HEADERS).links[:-1], (*chain_of(HEADERS).links, b"\xc1\x1e"), ()):
        with pytest.raises(ChainEndsElsewhere) as refusal:
            verify_committed(archived(), HeaderChain(links=links), KEPT)
        assert refusal.value.found == WORLD.header.number + len(links)
        assert refusal.value.pinned == ("140", "200")


def test_of_two_pins_of_one_number_the_later_counts() -> None:
    """The first one belonged to a fork and was replaced when this was discovered."""
    fork = PinnedTrust(trust=at(HEADERS[-1].number, SINCE.since - 9, validators=LATER_SET), pinned_at=SINCE.since - 1)
    assert verify_committed(archived(), chain_of(HEADERS), (BEFORE, THEN, fork, SINCE)).committed == SINCE
    with pytest.raises(ChainBroken):
        verify_committed(archived(), chain_of(HEADERS), (BEFORE, THEN, SINCE, replace(fork, pinned_at=SINCE.since + 1)))


def test_another_ledger_s_checkpoint_of_that_number_does_not_count() -> None:
    theirs = replace(SINCE, trust=replace(SINCE.trust, chain_id=7))
    with pytest.raises(ChainEndsElsewhere) as refusal:
        verify_committed(archived(kept=(THEN, theirs)), chain_of(HEADERS), (THEN, theirs))
    assert refusal.value.pinned == ()


def test_a_malformed_link_is_named() -> None:
    links = (*chain_of(HEADERS).links[:-1], b"\x80")
    with pytest.raises(MalformedLink):
        verify_committed(archived(), HeaderChain(links=links), KEPT)


def test_evidence_of_the_checkpoint_s_own_block_needs_no_link() -> None:
    pinned = PinnedTrust(trust=trust(checkpoint=checkpoint_at(WORLD.header)), pinned_at=NOW + 1)
    kept = (BEFORE, THEN, pinned)
    assert verify_committed(archived(kept=kept), HeaderChain(links=()), kept).committed == pinned
