"""Trust over time: from a pinned checkpoint to a newer one, through every change of the validators between them.

A bundle pins the validators that seal the blocks *after* its checkpoint. A step leads to a later block, which they
sealed; its state says, in the contract that names the validators, who seals the block after it:

- the same: the checkpoint moves there, however far it is;
- one more, one fewer, or one for another: they take over, if the step leads to the very next block after the checkpoint
  and stands on it. Only then is it certain that the trusted set was the one to seal it. Changes are two blocks apart, so
  before each stands a block that shows the set still unchanged: two steps follow a change, and none that lasts is skipped.

The newest step also shows the contract that governs, with its pinned code: no answer needs a word of it, but it decides
what the others write. A ledger that was superseded hands over like any other: it goes on answering times of before.

What this refuses, and what it cannot. Keys of former validators may all be in one attacker's hands. He can seal any
past or present with them, and signatures alone do not tell his chain from the true one. A bundle that has moved on
refuses him, as strangers; a header below the checkpoint is refused whoever sealed it; and a bundle past its period
refuses everything. But a bundle that *still pins the old set, within its period,* follows whoever shows it first a
block sealed by a quorum of it, true or forged: that is weak subjectivity, and the period is what bounds it. So update
often, from more than one gateway, keep the period shorter than former validators can be trusted to guard their keys,
and pin a bundle anew, out of band, when the period has ended. Whoever holds a quorum of the *present* keys is the
validators; no verifier can refuse him.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from aeo_ledger.customs.validators import MAX_VALIDATORS
from aeo_ledger.errors.customs import UnreadableValue
from aeo_ledger.errors.verify import (
    BelowCheckpoint,
    Forked,
    FromTheFuture,
    MalformedValidatorSet,
    NoSharedValidator,
    NotTheCheckpoint,
    RepeatedStep,
    SeveralChanged,
    SkippedStep,
    Stale,
    TrustExpired,
)
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.evidence.header import Header, decode_header
from aeo_ledger.protocol.layouts import VALIDATOR
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.verify.header import verify_header
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, verify_contract
from aeo_ledger.verify.storage import verify_word
from aeo_ledger.verify.trie import NodePool
from aeo_ledger.verify.trust import Checkpoint, TrustBundle
from aeo_ledger.verify.validators import ValidatorSet

ReadSlot: TypeAlias = Callable[[int], int]
"""From a storage slot of the contract that names the validators to its word; 0 is absent."""

ReadValidators: TypeAlias = Callable[[ReadSlot], Sequence[bytes]]
"""How a contract lays its list of validators out: from its words to their addresses, 20 bytes each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of the validators that a trust update followed."""

    number: int
    """The block in which they changed; the next is the first that the new ones sealed."""
    time: int
    """UTC seconds."""
    seated: bytes | None
    """Who came, 20 bytes; None if nobody did."""
    unseated: bytes | None
    """Who went, 20 bytes; None if nobody did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenUpdate:
    """A trust bundle that was moved forward by proof; only `verify_update` makes one."""

    trust: TrustBundle
    """To be pinned in place of the former; the same if there was nothing new."""
    changes: tuple[Change, ...]
    """Changes of the validators on the way, oldest first."""


def verify_update(
    update: TrustUpdate,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    layout: ReadValidators | None = None,
) -> ProvenUpdate:
    """Move a trust bundle forward, all the way that an update leads or not at all.

    Args:
        update: From anybody.
        trust: As pinned; only checkpoint and validators will differ.
        now: UTC seconds.
        max_age: How old the newest block may be, in seconds.
        skew: How far a block may lie ahead of now, in seconds.
        layout: How the validators' contract lays out its list; None is this project's own, `read_validators`.

    Raises:
        TrustExpired: The bundle is past its period: no update helps, it has to be pinned anew.
        MalformedHeader: A header is none.
        BelowCheckpoint, NotTheCheckpoint, RepeatedStep, Forked: A step leads back, to another block in the
            checkpoint's place, nowhere, or to a block that stands on another.
        FromTheFuture: A step's block is dated after now.
        HeaderBreaksRule, UnreadableSeal, StrangerSealed, RepeatedSeal, TooFewSeals: See `verify_header`.
        AbsentAccount, WrongCode: The contract that names the validators, or the one that governs, is not there, or not
            the one pinned: another chain.
        NoSharedValidator, SkippedStep, SeveralChanged: The validators shown cannot come right after those trusted.
        Stale: The newest block is too old: somebody hides newer ones, or the network stands still.
        OversizedPool, RepeatedNode, MissingNode, UnreadableNode, UnreadableValue, SurplusNodes: See `NodePool`.

    Source: DESIGN section 5 (trust bundle).
    """
    if now >= trust.expires_at:
        raise TrustExpired(expired_at=trust.expires_at, now=now)
    pool = NodePool(update.nodes)
    moved, changes = trust, []
    for place, encoded in enumerate(update.headers, 1):
        header = decode_header(encoded)
        _verify_place(header, moved.checkpoint)
        if header.timestamp - now > skew:
            raise FromTheFuture(ahead_s=header.timestamp - now, skew_s=skew)
        sealed = verify_header(header, moved.validators)
        following = _read_following(pool, header, moved, layout or read_validators)
        change = _follow(header, moved, following)
        changes += [change] if change else []
        if place == len(update.headers):
            verify_contract(pool, header.state_root, trust, Contract.GOVERNANCE)
        checkpoint = Checkpoint(number=header.number, hash=sealed.hash, time=header.timestamp)
        moved = replace(moved, checkpoint=checkpoint, validators=following if change else moved.validators)
    pool.refuse_surplus()
    if now - moved.checkpoint.time > max_age:
        raise Stale(age_s=now - moved.checkpoint.time, max_age_s=max_age)
    return ProvenUpdate(trust=moved, changes=tuple(changes))


def read_validators(word: ReadSlot) -> Sequence[bytes]:
    """Read who seals the next block, as `Consortium` lays it out.

    Raises:
        UnreadableValue: The words are no such list.
    """
    count = word(word_slot(Table.VALIDATOR, 0))
    if not 1 <= count <= MAX_VALIDATORS:
        raise UnreadableValue(what="count of validators", reason=f"found {count}, needed 1 to {MAX_VALIDATORS}")
    words = [word(word_slot(Table.VALIDATOR, position)) for position in range(1, count + 1)]
    if any(seated >> VALIDATOR["party"].at == 0 for seated in words):
        raise UnreadableValue(what="validator", reason="it belongs to no party")
    return [VALIDATOR["node"].of(seated).to_bytes(20, "big") for seated in words]


def _verify_place(header: Header, checkpoint: Checkpoint) -> None:
    """Demand a block after the checkpoint; the very next one must stand on it."""
    if header.number < checkpoint.number:
        raise BelowCheckpoint(found=header.number, needed=checkpoint.number)
    if header.number == checkpoint.number:
        found = header.hash()
        if found != checkpoint.hash:
            raise NotTheCheckpoint(number=header.number, found=found, needed=checkpoint.hash)
        raise RepeatedStep(number=header.number)
    if header.number == checkpoint.number + 1 and header.parent_hash != checkpoint.hash:
        raise Forked(number=header.number, found=header.parent_hash, needed=checkpoint.hash)
    if header.timestamp < checkpoint.time:  # time goes forward on every chain of these rules
        raise BelowCheckpoint(found=header.timestamp, needed=checkpoint.time)


def _read_following(pool: NodePool, header: Header, trust: TrustBundle, layout: ReadValidators) -> ValidatorSet:
    """Read who seals the block after a sealed header, from its state."""
    account = verify_contract(pool, header.state_root, trust, Contract.CONSORTIUM)
    try:
        return ValidatorSet(tuple(layout(lambda slot: verify_word(pool, account, slot))))
    except MalformedValidatorSet as error:
        raise UnreadableValue(what="list of validators", reason=error.reason) from error


def _follow(header: Header, trust: TrustBundle, following: ValidatorSet) -> Change | None:
    """Judge whether these validators can come right after those trusted."""
    before, after = frozenset(trust.validators.addresses), frozenset(following.addresses)
    seated, unseated = sorted(after - before), sorted(before - after)
    if not seated and not unseated:
        return None
    follows = len(seated) <= 1 and len(unseated) <= 1
    if not before & after and not follows:
        raise NoSharedValidator(number=header.number)
    if header.number != trust.checkpoint.number + 1:
        raise SkippedStep(number=header.number, checkpoint=trust.checkpoint.number)
    if not follows:
        raise SeveralChanged(number=header.number, seated=len(seated), unseated=len(unseated))
    return Change(
        number=header.number,
        time=header.timestamp,
        seated=seated[0] if seated else None,
        unseated=unseated[0] if unseated else None,
    )
