"""Evidence years later: what it proved when it was received, to whoever trusted what was pinned then, and no more.

A bundle proves nothing past its period, and nothing below its checkpoint. So evidence that was kept is judged as of the
time of its receipt, by the bundle that was pinned at that time: `verify_archived`. The trust store that says which one
it was, and the clock that dated it, are the asker's own. A *receipt* says when, by which bundle and with what answer,
and signed it says so in the asker's name: `verify_receipted`. It is the asker's word and no more; its key could sign
another time of day. A receipt that nobody signed says when only where it is anchored, or where the caller says the same.

**What old keys can do to such evidence.** Validators change, and the keys of those who left may all come into one
hand, years later. Whoever holds a quorum of the keys that a bundle pinned can seal, today, a header that is dated then:
above that bundle's checkpoint, below any newer one, with any state under it. It passes `verify_archived`, since nothing
in evidence tells it from the true header. Three things do:

- *A later checkpoint.* It was pinned when the keys were still guarded, and its hash commits to every block below it. A
  chain of headers from the evidence's block to it proves that the block is on the ledger: `verify_committed`. No key
  that was lost after that checkpoint was pinned can have made the evidence. So update trust often, and fetch the chain
  when the next checkpoint is pinned.
- *A receipt that is anchored*: its hash was handed over then to somebody who keeps it with a date (a notary, a time
  stamping service, the partner). Who holds that hash compares it: `anchor` of `verify_receipted`. The receipt has the
  hash of the evidence, so that neither can be younger.
- *Asking again*: `Question(on=..., known=...)` for that time, answered from the signed history under a header of today,
  proves what was known then from the acts themselves, and needs no old validator's word.

Nor does any of this say that the answer is true today: what was recorded since, an annulment above all, is not in it.
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
from aeo_ledger.evidence.question import Question
from aeo_ledger.evidence.receipt import Answer, Receipt, hash_evidence
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.verify.ancestry import verify_ancestry
from aeo_ledger.verify.recognition import ProvenDecision, verify_recognition
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S
from aeo_ledger.verify.trust import TrustBundle, fingerprint

_TIMES: Final = frozenset({"decided_for", "block_time"})
"""Fields of an answer that are UTC seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedTrust:
    """A bundle, and since when it was the one trusted."""

    trust: TrustBundle
    pinned_at: int | None
    """UTC seconds, by the clock of whoever pinned it; None if nobody wrote it down: the caller says that it was then."""

    @property
    def since(self) -> int:
        """Say since when it can have been pinned, UTC seconds."""
        return self.trust.checkpoint.time if self.pinned_at is None else self.pinned_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedDecision:
    """An answer that its evidence proved when it was received; only `verify_archived` and its kin make one."""

    answer: ProvenDecision
    received_at: int
    """UTC seconds, as the caller or the receipt says."""
    pinned: PinnedTrust
    """By which it was proven."""
    receipt: Receipt | None = None
    """Which says the same; whose signature, if it has one, is its signer's."""
    committed: PinnedTrust | None = None
    """A bundle whose checkpoint commits to the evidence's block."""


def verify_archived(
    evidence: Evidence,
    question: Question,
    kept: Sequence[PinnedTrust],
    *,
    received_at: int,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    named: bytes | None = None,
) -> ArchivedDecision:
    """Prove what evidence proved when it was received.

    Args:
        evidence: As it was kept.
        question: The asker's own.
        kept: Every bundle that was ever trusted, in the order in which they were pinned; or one that was.
        received_at: UTC seconds.
        now: UTC seconds.
        max_age: How old evidence was accepted then, in seconds.
        skew: How far clocks may differ, in seconds.
        named: Fingerprint of the bundle that is said to have been pinned then, 32 bytes.

    Raises:
        NotYetReceived: The time of receipt is still to come.
        NotYetPinned: Nothing was pinned yet at that time.
        OtherBundleThen: Another bundle was pinned then than the one named.
        PeriodOver: The bundle's period had ended by then.
        Malformed, Unproven: In the other leaves of `verify_recognition`, as of that time.
    """
    if received_at - now > skew:
        raise NotYetReceived(received_at=received_at, now=now)
    pinned = _find_pinned(kept, received_at, named)
    if received_at >= pinned.trust.expires_at:
        raise PeriodOver(received_at=received_at, expired_at=pinned.trust.expires_at)
    answer = verify_recognition(evidence, question, pinned.trust, now=received_at, max_age=max_age, skew=skew)
    return ArchivedDecision(answer=answer, received_at=received_at, pinned=pinned)


def verify_receipted(
    receipt: Receipt,
    evidence: Evidence,
    question: Question,
    kept: Sequence[PinnedTrust],
    *,
    now: int,
    received_at: int | None = None,
    max_age: int | None = None,
    skew: int = DEFAULT_SKEW_S,
    signer: bytes | None = None,
    anchor: bytes | None = None,
) -> ArchivedDecision:
    """Prove that evidence proved, when it was received, what its receipt says.

    Args:
        receipt: As it was kept; it says when, and by which bundle.
        evidence: As it was kept.
        question: The asker's own.
        kept: As for `verify_archived`.
        now: UTC seconds.
        received_at: UTC seconds, as the caller knows it, and the receipt must say the same; None is what the receipt says.
        max_age: How old evidence was accepted then, in seconds; None is what the receipt says.
        skew: How far clocks may differ, in seconds.
        signer: Address of who must have signed the receipt, 20 bytes; None demands nobody's signature.
        anchor: The receipt's hash as it was kept elsewhere, 32 bytes.

    Raises:
        OtherReceipt: The hash that was kept elsewhere is another.
        ReceiptAltered: The signature is not that of the signer named, so one or the other was altered.
        ReceiptUnsigned, ReceiptOfAnother: Nobody signed it, or somebody else.
        ReceiptUnwitnessed: The caller names no signer and no hash, and does not say time and age itself.
        OtherEvidence: It is the receipt of other evidence.
        ReceiptDiffers: It says something else than the evidence proves, or answers another question.
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
    )
    _compare(receipt.answer, answer_of(archived.answer))
    return replace(archived, receipt=receipt)


def verify_committed(archived: ArchivedDecision, chain: HeaderChain, kept: Sequence[PinnedTrust]) -> ArchivedDecision:
    """Prove that a checkpoint which was pinned commits to the block that an answer rests on.

    Args:
        archived: What was proven.
        chain: From the evidence's block to that checkpoint's, from anybody.
        kept: Bundles that were pinned, in order; those of the same ledger are looked at, and of two that pin one block number
            the later.

    Raises:
        ChainEndsElsewhere: The chain leads to a block that no bundle pins.
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
    """Demand that a receipt's signature, if it has one, is its signer's; and the signer needed, if one is.

    Raises:
        ReceiptAltered, ReceiptUnsigned, ReceiptOfAnother: See `verify_receipted`.
    """
    if receipt.signature:
        try:
            recovered = Signature.parse(receipt.signature).recover_signer(receipt.digest())
        except MalformedSignature as error:
            raise ReceiptAltered(signer=receipt.signer, reason=error.reason) from error
        if recovered != receipt.signer:
            raise ReceiptAltered(signer=receipt.signer, reason="the signature is not its own")
    if signer is not None and not receipt.signature:
        raise ReceiptUnsigned(needed=signer)
    if signer is not None and receipt.signer != signer:
        raise ReceiptOfAnother(found=receipt.signer, needed=signer)


def answer_of(proven: ProvenDecision) -> Answer:
    """Write a proven decision as a receipt has it."""
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
    """Find the bundle pinned at a time; of several in that very second, the one named."""
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
