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
"""Oldest accepted age of a block: ten idle blocks. It fails only if a gateway hides newer blocks, or the network has stopped."""

DEFAULT_SKEW_S: Final = 5
"""How far a validator's clock may be ahead of the asker's, seconds."""


def demand_pinned(party: Party | None, number: int, trust: TrustBundle) -> Party | None:
    """Return the party that the ledger has under a number. Refuse it if another code is pinned for the number.

    Raises:
        WrongPartyCode: The ledger has another code for a pinned number.
    """
    pinned = trust.by_number.get(number)
    if pinned is not None and (party is None or party.code != pinned.code):
        raise WrongPartyCode(number=number, found="" if party is None else party.code, needed=pinned.code)
    return party


class ProvenWords(WordView):
    """The words that answers need at one sealed block, through a reader that proves them.

    Raises:
        WrongPartyCode: From `party`: the ledger has another code for a pinned number.
        Whatever the reader raises.
    """

    def __init__(self, sealed: SealedHeader, read: ReadWord, pinned: TrustBundle) -> None:
        super().__init__(read)
        self.sealed = sealed
        self.is_seam = sealed.validators is None
        """Whether the block is the last one of a pinned predecessor. Then it proves the past, for ever."""
        self.pinned = pinned
        self.trust = trust_of(sealed, pinned)
        """The pinned bundle; for a seam, what it pins about that predecessor."""
        self.search_contexts: dict[tuple[object, ...], SearchContext] = {}
        """Search contexts of earlier questions."""
        self._codes: dict[int, str] = {}

    @property
    def time(self) -> int:
        """Time of the block, UTC seconds."""
        return self.sealed.header.timestamp

    def party(self, number: int) -> Party | None:
        """Look up a party. A pinned number must have the pinned code."""
        return demand_pinned(super().party(number), number, self.trust)

    def code(self, number: int) -> str:
        """Look up a party's code; empty if the party does not exist."""
        code = self._codes.get(number)
        if code is None:
            party = self.party(number)
            code = self._codes[number] = "" if party is None else party.code
        return code

    def refuse_superseded(self, time: int | None) -> None:
        """Refuse a time (UTC seconds; None means now) about which another ledger answers.

        Raises:
            Superseded: Another ledger answers about this time.
        """
        successor = self.successor()
        if successor is not None and (self.time if time is None else time) >= successor[1]:
            raise Superseded(successor=successor[0], superseded_at=successor[1])
        if self.is_seam and time is None:
            raise Superseded(successor=self.pinned.consortium, superseded_at=self.time)


class ProvenState(ProvenWords):
    """The words that answers need at one sealed block. Each is proven when it is read. Only `verify_state` makes one.

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
    """Prove the state that the evidence shows: steps 1 to 3 of DESIGN section 5.

    Args:
        evidence: Only its header and nodes are read.
        trust: Bundle pinned by the caller.
        now: UTC seconds.
        max_age: Oldest accepted age of the block, in seconds.
        skew: How far the block may be ahead of now, in seconds.
        sealed: A header proven before. Its seals are not checked again if the evidence has the very same header.

    Raises:
        MalformedHeader: The header is malformed.
        HeaderBreaksRule, UnreadableSeal, StrangerSealed, RepeatedSeal, TooFewSeals: See `verify_header`.
        BelowCheckpoint, NotTheCheckpoint: The block is older than the checkpoint, or another one with its number.
        Stale, FromTheFuture, TrustExpired: The evidence proves nothing at this time.
        OversizedPool, RepeatedNode, MissingNode, UnreadableNode, UnreadableValue: See `NodePool`.
        AbsentAccount, WrongCode: A contract of the ledger is absent or does not have the pinned code.
    """
    # 1. and 2. the header: sealed by the pinned validators, not below the checkpoint, neither too old nor from the future
    proven = verify_block(evidence.header, trust, now=now, max_age=max_age, skew=skew, known=sealed)
    # 3. both contracts that keep words: they have the pinned code
    return ProvenState(proven, NodePool(evidence.nodes), trust)


def verify_block(
    header: bytes, trust: TrustBundle, *, now: int, max_age: int, skew: int, known: SealedHeader | None = None
) -> SealedHeader:
    """Prove that a header (RLP) is valid now: sealed by the pinned validators, not below the checkpoint, and recent.

    A header that is pinned as the seam of a predecessor is valid for ever, whoever sealed it, because its hash is pinned. `known`
    was proven before. Its seals are checked again unless the header, the pinned validators and the pinned forks are the same.

    Raises:
        MalformedHeader, HeaderBreaksRule, UnreadableSeal, StrangerSealed, RepeatedSeal, TooFewSeals: See `verify_state`.
        BelowCheckpoint, NotTheCheckpoint, Stale, FromTheFuture, TrustExpired: See `verify_state`.
    """
    pinned = trust.validators, trust.forks
    if known is not None and known.encoded == header and (known.validators, known.forks) == pinned:
        sealed = known
    else:
        decoded = decode_header(header)
        hashed = decoded.hash() if trust.predecessors else b""
        if trust.of_predecessor(hashed) is not None:
            return SealedHeader(header=decoded, hash=hashed, sealers=(), validators=None, encoded=header)
        sealed = replace(verify_header(decoded, trust.validators, forks=trust.forks), encoded=header)
    _verify_place(sealed, trust)
    verify_age(sealed.header.timestamp, trust, now=now, max_age=max_age, skew=skew)
    return sealed


def trust_of(sealed: SealedHeader, pinned: TrustBundle) -> TrustBundle:
    """Find what is pinned about a header's ledger: this one, or the predecessor that ends with this header."""
    predecessor = pinned.of_predecessor(sealed.hash) if sealed.validators is None else None
    return pinned if predecessor is None else predecessor


def _verify_place(sealed: SealedHeader, trust: TrustBundle) -> None:
    header, checkpoint = sealed.header, trust.checkpoint
    if header.number < checkpoint.number:
        raise BelowCheckpoint(found=header.number, needed=checkpoint.number)
    if header.number == checkpoint.number and sealed.hash != checkpoint.hash:
        raise NotTheCheckpoint(number=header.number, found=sealed.hash, needed=checkpoint.hash)
    if header.timestamp < checkpoint.time:  # time never goes back on a chain under these rules
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
    """Prove the accounts of both contracts whose words answers need, and that they have the pinned code.

    Under a pinned predecessor's seam the code is not checked: those who built the successor from that state judged it.

    Raises:
        AbsentAccount, WrongCode, MissingNode, UnreadableNode, UnreadableValue: See `verify_state`.
    """
    root, as_pinned = sealed.header.state_root, sealed.validators is not None
    return {contract: verify_contract(pool, root, trust, contract, any_code=not as_pinned) for contract in WITH_ANSWERS}


def verify_contract(
    pool: NodePool, state_root: bytes, trust: TrustBundle, contract: Contract, *, any_code: bool = False
) -> ProvenAccount:
    """Prove the account of a contract, and that it has the pinned code.

    Raises:
        AbsentAccount, WrongCode, MissingNode, UnreadableNode, UnreadableValue: See `verify_state`.
    """
    account = verify_account(pool, state_root, trust.address(contract))
    if not any_code and account.code_hash != trust.code_hash(contract):
        raise WrongCode(address=account.address, found=account.code_hash, needed=trust.code_hash(contract))
    return account
