"""Evidence years later: what it proved when it was received, with the bundle that was pinned then.

A bundle proves nothing after its period or below its checkpoint. So kept evidence is judged for the time of its receipt, with
the bundle that was pinned at that time: `verify_archived`. The trust store that tells which bundle it was, and the clock that
dated the receipt, are the asker's own. A *receipt* states the time, the bundle and the answer. If it is signed, the asker
vouches for it: `verify_receipted`. It is the asker's word and no more: the asker's key could also sign a false time. The time in
an unsigned receipt counts only if the receipt is anchored, or if the caller states the same time.

**What old keys can do to such evidence.** Validators change, and years later one attacker may hold the keys of many who left. If
he holds a quorum of the keys that a bundle pinned, he can seal today a header with a date of that time: above the bundle's
checkpoint, below any newer one, with any state. It passes `verify_archived`, because nothing in evidence distinguishes it from
the true header. Three things help:

- *A later checkpoint.* It was pinned while the keys were still guarded, and its hash commits to every earlier block. A chain of
  headers from the evidence's block to it proves that the block is on the ledger: `verify_committed`. Keys lost after that
  checkpoint was pinned cannot have made the evidence. So update trust often, and fetch the chain when the next checkpoint is
  pinned.
- *An anchored receipt.* Its hash was given at that time to somebody who keeps it with a date (a notary, a time stamping service,
  the partner). The holder of that hash compares it: `anchor` of `verify_receipted`. The receipt includes the hash of the
  evidence, so neither can be younger.
- *Asking again.* `Question(on=..., known=...)` for that time is answered from the signed history under today's header. It proves
  what was known then from the acts themselves, without any old validator.

None of this says that the answer is true today. Later records, above all annulments, are not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Final

from aeo_ledger.customs.vocabulary import Benefit, name_number
from aeo_ledger.errors import show_utc
from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.errors.verify import (
    ChainEndsElsewhere,
    NotYetPinned,
    NotYetReceived,
    OtherBundleThen,
    OtherEvidence,
    OtherReceipt,
    PeriodOver,
    ReceiptAltered,
    ReceiptDiffers,
    ReceiptOfAnother,
    ReceiptUnsigned,
    ReceiptUnwitnessed,
)
from aeo_ledger.evidence.ancestry import HeaderChain
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.question import AnyQuestion
from aeo_ledger.evidence.receipt import Answer, Receipt, hash_evidence
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.verify.ancestry import verify_ancestry
from aeo_ledger.verify.recognition import ProvenDecision, verify_recognition
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S
from aeo_ledger.verify.trust import TrustBundle, fingerprint

_TIMES: Final = frozenset({"decided_for", "block_time"})
"""Fields of an answer that are UTC seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedTrust:
    """A bundle, and the time from which it was trusted."""

    trust: TrustBundle
    pinned_at: int | None
    """UTC seconds, by the clock of whoever pinned it; None if it was not recorded: then the caller vouches for the time."""

    @property
    def since(self) -> int:
        """Find the earliest time at which it can have been pinned, UTC seconds."""
        return self.trust.checkpoint.time if self.pinned_at is None else self.pinned_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedDecision:
    """An answer that its evidence proved when it was received. Only `verify_archived` and related functions make one."""

    answer: ProvenDecision
    received_at: int
    """UTC seconds, as the caller or the receipt states."""
    pinned: PinnedTrust
    """The bundle that proved it."""
    receipt: Receipt | None = None
    """The receipt, if any. It states the same answer, and its signature, if any, is its signer's."""
    committed: PinnedTrust | None = None
    """A bundle whose checkpoint commits to the evidence's block, if proven."""


def verify_archived(
    evidence: Evidence,
    question: AnyQuestion,
    kept: Sequence[PinnedTrust],
    *,
    received_at: int,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    named: bytes | None = None,
    keys: LookupKeys = NO_KEYS,
) -> ArchivedDecision:
    """Prove what evidence proved when it was received.

    Args:
        evidence: The evidence as kept.
        question: The asker's own.
        kept: All bundles ever trusted, in the order of pinning; or one that was.
        received_at: UTC seconds.
        now: UTC seconds.
        max_age: Oldest evidence that was accepted then, in seconds.
        skew: How far clocks may differ, in seconds.
        named: Fingerprint (32 bytes) of the bundle that is said to have been pinned then.
        keys: The asker's lookup keys, for keyed registers.

    Raises:
        NotYetReceived: The time of receipt is in the future.
        NotYetPinned: No bundle was pinned at that time.
        OtherBundleThen: The bundle pinned then is not the one named.
        PeriodOver: The bundle's period had ended.
        Malformed, Unproven: In the other leaves of `verify_recognition`, for that time.
    """
    if received_at - now > skew:
        raise NotYetReceived(received_at=received_at, now=now)
    pinned = _find_pinned(kept, received_at, named)
    if received_at >= pinned.trust.expires_at:
        raise PeriodOver(received_at=received_at, expired_at=pinned.trust.expires_at)
    answer = verify_recognition(
        evidence, question, pinned.trust, now=received_at, max_age=max_age, skew=skew, keys=keys
    )
    return ArchivedDecision(answer=answer, received_at=received_at, pinned=pinned)


def verify_receipted(
    receipt: Receipt,
    evidence: Evidence,
    question: AnyQuestion,
    kept: Sequence[PinnedTrust],
    *,
    now: int,
    received_at: int | None = None,
    max_age: int | None = None,
    skew: int = DEFAULT_SKEW_S,
    signer: bytes | None = None,
    anchor: bytes | None = None,
    keys: LookupKeys = NO_KEYS,
) -> ArchivedDecision:
    """Prove that evidence, when it was received, proved what its receipt states.

    Args:
        receipt: The receipt as kept. It states the time and the bundle.
        evidence: The evidence as kept.
        question: The asker's own.
        kept: See `verify_archived`.
        now: UTC seconds.
        received_at: UTC seconds, if the caller knows it; the receipt must state the same time. None takes the receipt's value.
        max_age: Oldest evidence that was accepted then, in seconds; None takes the receipt's value.
        skew: How far clocks may differ, in seconds.
        signer: Address of the required signer, 20 bytes; None demands no signature.
        anchor: The receipt's hash as kept elsewhere, 32 bytes.
        keys: The asker's lookup keys, for keyed registers.

    Raises:
        OtherReceipt: The hash kept elsewhere belongs to another receipt.
        ReceiptAltered: The signature is not the named signer's, so the receipt or the signature was altered.
        ReceiptUnsigned, ReceiptOfAnother: Nobody signed the receipt, or another signer did.
        ReceiptUnwitnessed: The caller gives neither a signer nor a hash, and does not state time and age itself.
        OtherEvidence: The receipt belongs to other evidence.
        ReceiptDiffers: The receipt states another answer than the evidence proves, or answers another question.
        Malformed, Unproven: In the other leaves of `verify_archived`.
    """
    if anchor is not None and receipt.hash() != anchor:
        raise OtherReceipt(found=receipt.hash(), needed=anchor)
    verify_signature(receipt, signer)
    if signer is None and anchor is None and (received_at is None or max_age is None):
        raise ReceiptUnwitnessed
    found = hash_evidence(evidence)
    if found != receipt.evidence:
        raise OtherEvidence(found=found, needed=receipt.evidence)
    if question != receipt.question:
        raise ReceiptDiffers(what="question", found=str(receipt.question), needed=str(question))
    if received_at not in {None, receipt.received_at}:
        told = show_utc(receipt.received_at), show_utc(received_at or 0)
        raise ReceiptDiffers(what="received_at", found=told[0], needed=told[1])
    archived = verify_archived(
        evidence,
        question,
        kept,
        received_at=receipt.received_at,
        now=now,
        max_age=receipt.max_age if max_age is None else max_age,
        skew=skew,
        named=receipt.trust,
        keys=keys,
    )
    _compare(receipt.answer, answer_of(archived.answer))
    return replace(archived, receipt=receipt)


def verify_committed(archived: ArchivedDecision, chain: HeaderChain, kept: Sequence[PinnedTrust]) -> ArchivedDecision:
    """Prove that a pinned checkpoint commits to the block that proved an answer.

    Args:
        archived: The proven answer.
        chain: Links from the evidence's block to the checkpoint's block, from any source.
        kept: Pinned bundles, in order. Only those of the same ledger count. If two pin one block number, the later one counts.

    Raises:
        ChainEndsElsewhere: The chain ends at a block that no bundle pins.
        MalformedLink, ChainBroken: See `verify_ancestry`.
    """
    header = archived.answer.sealed.header
    later = [one for one in kept if one.trust.ledger == archived.pinned.trust.ledger]
    end = header.number + len(chain.links)
    pinned = next((one for one in reversed(later) if one.trust.checkpoint.number == end), None)
    if pinned is None:
        numbers = sorted({one.trust.checkpoint.number for one in later if one.trust.checkpoint.number >= header.number})
        raise ChainEndsElsewhere(found=end, pinned=tuple(map(str, numbers)))
    verify_ancestry(header, chain, pinned.trust.checkpoint)
    return replace(archived, committed=pinned)


def verify_signature(receipt: Receipt, signer: bytes | None = None) -> None:
    """Demand that a receipt's signature, if any, is its signer's, and that the required signer, if any, signed.

    Raises:
        ReceiptAltered, ReceiptUnsigned, ReceiptOfAnother: See `verify_receipted`.
    """
    if receipt.signature:
        try:
            recovered = Signature.parse(receipt.signature).recover_signer(receipt.digest())
        except MalformedSignature as error:
            raise ReceiptAltered(signer=receipt.signer, reason=error.reason) from error
        if recovered != receipt.signer:
            raise ReceiptAltered(signer=receipt.signer, reason="the signature is not the signer's")
    if signer is not None and not receipt.signature:
        raise ReceiptUnsigned(needed=signer)
    if signer is not None and receipt.signer != signer:
        raise ReceiptOfAnother(found=receipt.signer, needed=signer)


def answer_of(proven: ProvenDecision) -> Answer:
    """Write a proven decision in a receipt's form."""
    decision = proven.decision
    return Answer(
        recognised=decision.recognised,
        reasons=tuple(reason.name.lower() for reason in decision.reasons),
        benefits=tuple(name_number(benefit, Benefit) for benefit in decision.benefits),
        registers=proven.registers,
        issuer=proven.issuer,
        decided_for=decision.time,
        block_number=proven.block_number,
        block_hash=proven.block_hash,
        block_time=proven.block_time,
        chain_id=proven.chain_id,
    )


def _find_pinned(kept: Sequence[PinnedTrust], received_at: int, named: bytes | None) -> PinnedTrust:
    """Find the bundle pinned at a time. If there are several of that second, take the one named."""
    by_then = [one for one in kept if one.since <= received_at]
    if not by_then:
        raise NotYetPinned(received_at=received_at, pinned_at=min((one.since for one in kept), default=0))
    if named is None:
        return by_then[-1]
    replaced = [one for one, after in pairwise(by_then) if after.since == received_at]
    for one in (by_then[-1], *replaced):
        if fingerprint(one.trust) == named:
            return one
    raise OtherBundleThen(received_at=received_at, found=named, needed=fingerprint(by_then[-1].trust))


def _compare(said: Answer, proven: Answer) -> None:
    for field in fields(Answer):
        found, needed = getattr(said, field.name), getattr(proven, field.name)
        if found != needed:
            raise ReceiptDiffers(what=field.name, found=_say(field.name, found), needed=_say(field.name, needed))


def _say(name: str, value: object) -> str:
    """Write a field of an answer for a reader."""
    match value:
        case bool():
            return "recognised" if value else "not recognised"
        case int() if name in _TIMES:
            return show_utc(value)
        case bytes():
            return to_hex(value)
        case tuple():
            return ", ".join(map(str, value)).replace("_", " ") or "none"
        case _:
            return "nobody" if value is None else str(value)
