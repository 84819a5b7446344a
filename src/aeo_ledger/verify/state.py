"""From evidence to a proven state: the block is sealed and recent, and both contracts are the pinned ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aeo_ledger.customs.decision import Standpoint
from aeo_ledger.customs.party import Party
from aeo_ledger.errors import (
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
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify.account import ProvenAccount, verify_account
from aeo_ledger.verify.header import SealedHeader, verify_header
from aeo_ledger.verify.storage import verify_word
from aeo_ledger.verify.trie import NodePool
from aeo_ledger.verify.trust import TrustBundle

DEFAULT_MAX_AGE_S: Final = 300
"""How old a block may be: ten heartbeats, so that only a gateway that hides newer blocks fails, or a network at rest."""

DEFAULT_SKEW_S: Final = 5
"""How far a validator's clock may be ahead of the asker's."""


class ProvenWords(WordView):
    """Both contracts' words as of one sealed block, by a reader that proves them.

    Raises:
        WrongPartyCode: From `party`: the ledger's code for a pinned number is another.
        Whatever the reader raises.
    """

    def __init__(self, sealed: SealedHeader, read: ReadWord, trust: TrustBundle) -> None:
        super().__init__(read)
        self.sealed = sealed
        self.standpoints: dict[tuple[object, ...], Standpoint] = {}
        """Judged for questions asked before."""
        self._trust = trust
        self._codes: dict[int, str] = {}

    @property
    def time(self) -> int:
        """Time of the block, UTC seconds."""
        return self.sealed.header.timestamp

    def party(self, number: int) -> Party | None:
        """Look up a party; one that is pinned must be the one pinned."""
        party = super().party(number)
        pinned = self._trust.by_number.get(number)
        if pinned is not None and (party is None or party.code != pinned.code):
            raise WrongPartyCode(number=number, found="" if party is None else party.code, needed=pinned.code)
        return party

    def code(self, number: int) -> str:
        """Look up a party's code; empty if there is no such party."""
        code = self._codes.get(number)
        if code is None:
            party = self.party(number)
            code = self._codes[number] = "" if party is None else party.code
        return code

    def refuse_superseded(self) -> None:
        """Refuse a ledger that was given up for another.

        Raises:
            Superseded: It was.
        """
        successor = self.successor()
        if successor is not None:
            raise Superseded(successor=successor[0], superseded_at=successor[1])


class ProvenState(ProvenWords):
    """Both contracts' words as of one sealed block, each proven when it is read; only `verify_state` makes one.

    Raises:
        MissingNode, UnreadableNode, UnreadableValue: From each method: the nodes do not prove the word.
        WrongPartyCode: See `ProvenWords`.
    """

    def __init__(
        self, sealed: SealedHeader, pool: NodePool, accounts: dict[Contract, ProvenAccount], trust: TrustBundle
    ) -> None:
        super().__init__(sealed, lambda contract, slot: verify_word(pool, accounts[contract], slot), trust)
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
        Superseded: The ledger was given up for another.
    """
    # 1. the header, sealed by the pinned validators, not below the checkpoint
    sealed = verify_place(evidence.header, trust, sealed)
    # 2. not too old, not from the future, trust not past its period
    verify_age(sealed.header.timestamp, trust, now=now, max_age=max_age, skew=skew)
    # 3. both contracts with the pinned code, the ledger not superseded
    pool = NodePool(evidence.nodes)
    state = ProvenState(sealed, pool, verify_contracts(pool, sealed, trust), trust)
    state.refuse_superseded()
    return state


def verify_place(header: bytes, trust: TrustBundle, known: SealedHeader | None = None) -> SealedHeader:
    """Prove that the pinned validators sealed a header, RLP, and that it is not below the checkpoint.

    `known` was proven before; its seals are looked at again unless header and pinned validators are the same.

    Raises:
        MalformedHeader, HeaderBreaksRule, UnreadableSeal, StrangerSealed, RepeatedSeal, TooFewSeals: See `verify_state`.
        BelowCheckpoint, NotTheCheckpoint: See `verify_state`.
    """
    if known is not None and known.encoded == header and known.validators == trust.validators:
        sealed = known
    else:
        sealed = replace(verify_header(decode_header(header), trust.validators), encoded=header)
    _verify_place(sealed, trust)
    return sealed


def _verify_place(sealed: SealedHeader, trust: TrustBundle) -> None:
    header, checkpoint = sealed.header, trust.checkpoint
    if header.number < checkpoint.number:
        raise BelowCheckpoint(found=header.number, needed=checkpoint.number)
    if header.number == checkpoint.number and sealed.hash != checkpoint.hash:
        raise NotTheCheckpoint(number=header.number, found=sealed.hash, needed=checkpoint.hash)
    if header.timestamp < checkpoint.time:  # time goes forward on every chain of these rules
        raise BelowCheckpoint(found=header.timestamp, needed=checkpoint.time)


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
    """Prove the accounts of both contracts, and that their code is the pinned one.

    Raises:
        AbsentAccount, WrongCode, MissingNode, UnreadableNode, UnreadableValue: See `verify_state`.
    """
    root = sealed.header.state_root
    return {
        Contract.CONSORTIUM: _verify_contract(pool, root, trust.consortium, trust.consortium_code_hash),
        Contract.REGISTERS: _verify_contract(pool, root, trust.registers, trust.registers_code_hash),
    }


def _verify_contract(pool: NodePool, root: bytes, address: bytes, code_hash: bytes) -> ProvenAccount:
    account = verify_account(pool, root, address)
    if account.code_hash != code_hash:
        raise WrongCode(address=address, found=account.code_hash, needed=code_hash)
    return account
