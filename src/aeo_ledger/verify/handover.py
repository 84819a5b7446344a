"""Trust over time: from a pinned checkpoint to a newer one, through every change of the validators between them.

A bundle pins the validators that seal the blocks *after* its checkpoint. A step leads to a later block that these validators
sealed. The block's state names, in the validators' contract, who seals the block after it:

- the same validators: the checkpoint moves there, however far away it is;
- one more, one fewer, or one replaced: the new ones take over, if the step leads to the very next block after the checkpoint
  and builds on it. Only then was it certainly the trusted set's turn to seal it. Changes are at least two blocks apart, so the
  block before a change still shows the old set. Two steps follow a change, and no lasting change is skipped.

The newest step also shows the governing contract with its pinned code. No answer needs its words, but it decides what the other
contracts write. A superseded ledger hands over like any other, because it still answers about earlier times.

What this refuses, and what it cannot. One attacker may hold all keys of former validators. He can seal any past or present with
them, and signatures alone do not distinguish his chain from the true one. A bundle that has moved on refuses these keys as
strangers. A header below the checkpoint is refused, whoever sealed it. A bundle after its period refuses everything. But a bundle
that *still pins the old set, within its period,* follows the first block that it sees sealed by a quorum of that set, true or
forged. This is weak subjectivity, and the period limits it. So update often and from more than one gateway, keep the period
shorter than the time for which former validators guard their keys, and pin a bundle again, out of band, after the period. An
attacker with a quorum of the *present* keys cannot be distinguished from the validators; no verifier can refuse him.
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
"""From a storage slot of the validators' contract to its word; 0 means absent."""

ReadValidators: TypeAlias = Callable[[ReadSlot], Sequence[bytes]]
"""How a contract stores its list of validators: from its words to their addresses, 20 bytes each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of the validators on the way of a trust update."""

    number: int
    """The block of the change. The next block is the first that the new validators sealed."""
    time: int
    """UTC seconds."""
    seated: bytes | None
    """The new validator, 20 bytes; None if there is none."""
    unseated: bytes | None
    """The former validator, 20 bytes; None if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenUpdate:
    """A trust bundle moved forward by proof. Only `verify_update` makes one."""

    trust: TrustBundle
    """The bundle to pin instead of the former one; the same if nothing was new."""
    changes: tuple[Change, ...]
    """The changes of validators on the way, oldest first."""


def verify_update(
    update: TrustUpdate,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    layout: ReadValidators | None = None,
) -> ProvenUpdate:
    """Move a trust bundle forward, to the end of an update or not at all.

    Args:
        update: From any source.
        trust: The pinned bundle. Only its checkpoint and validators will change.
        now: UTC seconds.
        max_age: Oldest accepted age of the newest block, in seconds.
        skew: How far a block may be ahead of now, in seconds.
        layout: How the validators' contract stores its list; None means this project's own, `read_validators`.

    Raises:
        TrustExpired: The bundle's period is over. No update helps: pin it again.
        MalformedHeader: A header is malformed.
        BelowCheckpoint, NotTheCheckpoint, RepeatedStep, Forked: A step leads back, to another block with the checkpoint's
            number, to the same block, or to a block that builds on another one.
        FromTheFuture: A step's block is later than now.
        HeaderBreaksRule, UnreadableSeal, StrangerSealed, RepeatedSeal, TooFewSeals: See `verify_header`.
        AbsentAccount, WrongCode: The contract that names the validators, or the governing one, is absent or does not have
            the pinned code: another chain.
        NoSharedValidator, SkippedStep, SeveralChanged: The new validators cannot directly follow the trusted ones.
        Stale: The newest block is too old: somebody hides newer ones, or the network has stopped.
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
        sealed = verify_header(header, moved.validators, forks=moved.forks)
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
    """Read who seals the next block, as `Consortium` stores it.

    Raises:
        UnreadableValue: The words are not a list of validators.
    """
    count = word(word_slot(Table.VALIDATOR, 0))
    if not 1 <= count <= MAX_VALIDATORS:
        raise UnreadableValue(what="count of validators", reason=f"found {count}, needed 1 to {MAX_VALIDATORS}")
    words = [word(word_slot(Table.VALIDATOR, position)) for position in range(1, count + 1)]
    if any(seated >> VALIDATOR["party"].at == 0 for seated in words):
        raise UnreadableValue(what="validator", reason="it belongs to no party")
    return [VALIDATOR["node"].of(seated).to_bytes(20, "big") for seated in words]


def _verify_place(header: Header, checkpoint: Checkpoint) -> None:
    """Demand a block after the checkpoint. The very next one must build on it."""
    if header.number < checkpoint.number:
        raise BelowCheckpoint(found=header.number, needed=checkpoint.number)
    if header.number == checkpoint.number:
        found = header.hash()
        if found != checkpoint.hash:
            raise NotTheCheckpoint(number=header.number, found=found, needed=checkpoint.hash)
        raise RepeatedStep(number=header.number)
    if header.number == checkpoint.number + 1 and header.parent_hash != checkpoint.hash:
        raise Forked(number=header.number, found=header.parent_hash, needed=checkpoint.hash)
    if header.timestamp < checkpoint.time:  # time never goes back on a chain under these rules
        raise BelowCheckpoint(found=header.timestamp, needed=checkpoint.time)


def _read_following(pool: NodePool, header: Header, trust: TrustBundle, layout: ReadValidators) -> ValidatorSet:
    """Read from a sealed header's state who seals the block after it."""
    account = verify_contract(pool, header.state_root, trust, Contract.CONSORTIUM)
    try:
        return ValidatorSet(tuple(layout(lambda slot: verify_word(pool, account, slot))))
    except MalformedValidatorSet as error:
        raise UnreadableValue(what="list of validators", reason=error.reason) from error


def _follow(header: Header, trust: TrustBundle, following: ValidatorSet) -> Change | None:
    """Judge whether these validators can directly follow the trusted ones."""
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
