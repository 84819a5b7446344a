"""From evidence to a proven state: the block is sealed and recent, and the contracts are the pinned ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aeo_ledger.customs.party import Party
from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.errors.verify import (
    BelowCheckpoint,
    FromTheFuture,
    NotTheCheckpoint,
    Stale,
    Superseded,
    TrustExpired,
    WrongCode,
    WrongPartyCode,
)
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.header import decode_header
from aeo_ledger.protocol.facts import ReadWord, WordView
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract
from aeo_ledger.verify.account import ProvenAccount, verify_account
from aeo_ledger.verify.header import SealedHeader, verify_header
from aeo_ledger.verify.storage import verify_word
from aeo_ledger.verify.trie import NodePool
from aeo_ledger.verify.trust import TrustBundle

DEFAULT_MAX_AGE_S: Final = 300
"""How old a block may be: ten heartbeats, so that only a gateway that hides newer blocks fails, or a network at rest."""

DEFAULT_SKEW_S: Final = 5
"""How far a validator's clock may be ahead of the asker's."""


def demand_pinned(party: Party | None, number: int, trust: TrustBundle) -> Party | None:
    """Pass on what the ledger says of a party's number, unless another code is pinned for it.

    Raises:
        WrongPartyCode: The ledger's code for a pinned number is another.
    """
    pinned = trust.by_number.get(number)
    if pinned is not None and (party is None or party.code != pinned.code):
        raise WrongPartyCode(number=number, found="" if party is None else party.code, needed=pinned.code)
    return party


class ProvenWords(WordView):
    """The words that answers rest on as of one sealed block, by a reader that proves them.

    Raises:
        WrongPartyCode: From `party`: the ledger's code for a pinned number is another.
        Whatever the reader raises.
    """

    def __init__(self, sealed: SealedHeader, read: ReadWord, pinned: TrustBundle) -> None:
        super().__init__(read)
        self.sealed = sealed
        self.is_seam = sealed.validators is None
        """Whether the block is the last one of a pinned predecessor: what it proves is true for ever, and of the past."""
        self.pinned = pinned
        self.trust = trust_of(sealed, pinned)
        """As pinned; for a seam what is pinned of that predecessor."""
        self.search_contexts: dict[tuple[object, ...], SearchContext] = {}
        """Judged for questions asked before."""
        self._codes: dict[int, str] = {}

    @property
    def time(self) -> int:
        """Time of the block, UTC seconds."""
        return self.sealed.header.timestamp

    def party(self, number: int) -> Party | None:
        """Look up a party; one that is pinned must be the one pinned."""
        return demand_pinned(super().party(number), number, self.trust)

    def code(self, number: int) -> str:
        """Look up a party's code; empty if there is no such party."""
        code = self._codes.get(number)
        if code is None:
            party = self.party(number)
            code = self._codes[number] = "" if party is None else party.code
        return code

    def refuse_superseded(self, time: int | None) -> None:
        """Refuse a time (UTC seconds; None is now) for which another ledger answers.

        Raises:
            Superseded: It is one.
        """
        successor = self.successor()
        if successor is not None and (self.time if time is None else time) >= successor[1]:
            raise Superseded(successor=successor[0], superseded_at=successor[1])
        if self.is_seam and time is None:
            raise Superseded(successor=self.pinned.consortium, superseded_at=self.time)


class ProvenState(ProvenWords):
    """The words that answers rest on as of one sealed block, each proven when it is read; only `verify_state` makes one.

    Raises:
        MissingNode, UnreadableNode, UnreadableValue: From each method: the nodes do not prove the word.
        WrongPartyCode: See `ProvenWords`.
    """

    def __init__(self, sealed: SealedHeader, pool: NodePool, pinned: TrustBundle) -> None:
        accounts: dict[Contract, ProvenAccount] = {}
        super().__init__(sealed, lambda contract, slot: verify_word(pool, accounts[contract], slot), pinned)
        accounts |= verify_contracts(pool, sealed, self.trust)
        self.pool = pool


def verify_state(
    evidence: Evidence,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    sealed: SealedHeader | None = None,
) -> ProvenState:
    """Prove which state the evidence shows: steps 1 to 3 of DESIGN section 5.

    Args:
        evidence: Header and nodes are looked at, nothing else.
        trust: Pinned by the caller.
        now: UTC seconds.
        max_age: How old the block may be, in seconds.
        skew: How far it may lie ahead of now, in seconds.
        sealed: A header proven before, whose seals need no second look if the evidence has the very same one.

    Raises:
        MalformedHeader: The header is none.
        HeaderBreaksRule, UnreadableSeal, StrangerSealed, RepeatedSeal, TooFewSeals: See `verify_header`.
        BelowCheckpoint, NotTheCheckpoint: The block is older than the checkpoint, or another one in its place.
        Stale, FromTheFuture, TrustExpired: Now is not when this proves anything.
        OversizedPool, RepeatedNode, MissingNode, UnreadableNode, UnreadableValue: See `NodePool`.
        AbsentAccount, WrongCode: The ledger's contracts are not there, or not those pinned.
    """
    # 1. and 2. the header, sealed by the pinned validators, not below the checkpoint; neither too old nor from the future
    proven = verify_block(evidence.header, trust, now=now, max_age=max_age, skew=skew, known=sealed)
    # 3. both contracts that keep words, with the pinned code
    return ProvenState(proven, NodePool(evidence.nodes), trust)


def verify_block(
    header: bytes, trust: TrustBundle, *, now: int, max_age: int, skew: int, known: SealedHeader | None = None
) -> SealedHeader:
    """Prove that a header, RLP, counts now: sealed by the pinned validators, not below the checkpoint, and recent.

    One that is pinned as the seam of a predecessor counts for ever, whoever sealed it: its hash says all that seals could.
    `known` was proven before; its seals are looked at again unless header and pinned validators are the same.

    Raises:
        MalformedHeader, HeaderBreaksRule, UnreadableSeal, StrangerSealed, RepeatedSeal, TooFewSeals: See `verify_state`.
        BelowCheckpoint, NotTheCheckpoint, Stale, FromTheFuture, TrustExpired: See `verify_state`.
    """
    if known is not None and known.encoded == header and known.validators == trust.validators:
        sealed = known
    else:
        decoded = decode_header(header)
        hashed = decoded.hash() if trust.predecessors else b""
        if trust.of_predecessor(hashed) is not None:
            return SealedHeader(header=decoded, hash=hashed, sealers=(), validators=None, encoded=header)
        sealed = replace(verify_header(decoded, trust.validators), encoded=header)
    _verify_place(sealed, trust)
    verify_age(sealed.header.timestamp, trust, now=now, max_age=max_age, skew=skew)
    return sealed


def trust_of(sealed: SealedHeader, pinned: TrustBundle) -> TrustBundle:
    """Say what is pinned of the ledger that a header belongs to: this one, or the predecessor whose seam it is."""
    predecessor = pinned.of_predecessor(sealed.hash) if sealed.validators is None else None
    return pinned if predecessor is None else predecessor


def _verify_place(sealed: SealedHeader, trust: TrustBundle) -> None:
    header, checkpoint = sealed.header, trust.checkpoint
    if header.number < checkpoint.number:
        raise BelowCheckpoint(found=header.number, needed=checkpoint.number)
    if header.number == checkpoint.number and sealed.hash != checkpoint.hash:
        raise NotTheCheckpoint(number=header.number, found=sealed.hash, needed=checkpoint.hash)
    if header.timestamp < checkpoint.time:  # time goes forward on every chain of these rules
        raise BelowCheckpoint(found=header.timestamp, needed=checkpoint.time, what="time")


def verify_age(timestamp: int, trust: TrustBundle, *, now: int, max_age: int, skew: int) -> None:
    """Judge a block's time, UTC seconds.

    Raises:
        TrustExpired, Stale, FromTheFuture: See `verify_state`.
    """
    if now >= trust.expires_at:
        raise TrustExpired(expired_at=trust.expires_at, now=now)
    if now - timestamp > max_age:
        raise Stale(age_s=now - timestamp, max_age_s=max_age)
    if timestamp - now > skew:
        raise FromTheFuture(ahead_s=timestamp - now, skew_s=skew)


def verify_contracts(pool: NodePool, sealed: SealedHeader, trust: TrustBundle) -> dict[Contract, ProvenAccount]:
    """Prove the accounts of both contracts whose words answers rest on, and that their code is the pinned one.

    Under a pinned predecessor's seam its code was judged by those who built the successor from that very state.

    Raises:
        AbsentAccount, WrongCode, MissingNode, UnreadableNode, UnreadableValue: See `verify_state`.
    """
    root, as_pinned = sealed.header.state_root, sealed.validators is not None
    return {contract: verify_contract(pool, root, trust, contract, any_code=not as_pinned) for contract in WITH_ANSWERS}


def verify_contract(
    pool: NodePool, state_root: bytes, trust: TrustBundle, contract: Contract, *, any_code: bool = False
) -> ProvenAccount:
    """Prove the account of a contract, and that its code is the pinned one.

    Raises:
        AbsentAccount, WrongCode, MissingNode, UnreadableNode, UnreadableValue: See `verify_state`.
    """
    account = verify_account(pool, state_root, trust.address(contract))
    if not any_code and account.code_hash != trust.code_hash(contract):
        raise WrongCode(address=account.address, found=account.code_hash, needed=trust.code_hash(contract))
    return account
