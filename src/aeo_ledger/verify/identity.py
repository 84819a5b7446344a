"""Whether a card is its party's, and whether the keys of its authority are those of an X.509 certificate, as the ledger says now.

The ledger has a card's hash and a certificate's fingerprint, each signed there by the authority. The certificate itself, its root and its
dates are judged in `x509`, which needs a library that the base install has not. Neither half proves an identity alone: here it is shown
that the authority claims the certificate, there that the certificate's owner claims the authority.
"""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.customs.party import Party
from aeo_ledger.customs.vocabulary import KeyRole
from aeo_ledger.errors.verify import (
    AuthorityChanged,
    IdentityOfAnother,
    NoCardRecorded,
    NoIdentity,
    OtherCard,
    OtherX509Recorded,
    StrangerStated,
    TooFewStated,
)
from aeo_ledger.evidence.card import Card
from aeo_ledger.evidence.identity import IdentityStatement
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract, Slot, Table, slot_of
from aeo_ledger.verify.state import ProvenWords


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenCard:
    """A card that its party's authority recorded. Only `verify_card` makes one."""

    card: Card
    number: int
    """The party's."""
    block_time: int
    """When it stood on the ledger, UTC seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedIdentity:
    """A statement that an authority signed, with the keys that it has now. That the certificate is genuine is not proven yet: see `x509`."""

    statement: IdentityStatement
    signers: tuple[bytes, ...]
    """Addresses of the authority keys that signed, 20 bytes each, ascending."""


def slots_of_card(card: Card, number: int) -> list[Slot]:
    """List the words that prove a card and its statement."""
    own = [slot_of(table, number) for table in (Table.PARTY, Table.CARD, Table.CERTIFICATE)]
    return own if card.identity is None else [*own, *slots_of_authority(card.identity, number)]


def slots_of_authority(statement: IdentityStatement, number: int) -> list[Slot]:
    """List the words that prove whether a statement names the authority as it is now."""
    keys = [slot_of(Table.KEY, int.from_bytes(key, "big")) for key in statement.authority]
    return [slot_of(Table.PARTY, number), *keys]


def verify_card(card: Card, number: int, words: ProvenWords) -> ProvenCard:
    """Prove that a card is the present one of a party.

    Args:
        card: What somebody offers as its card.
        number: The party's number.
        words: Proven words, with those of `slots_of_card`.

    Raises:
        NoCardRecorded: The party recorded no card.
        OtherCard: The ledger has the hash of another card, or it is another party's.
    """
    needed = words.word(Table.CARD, number).to_bytes(32, "big")
    code = words.code(number)
    if not any(needed):
        raise NoCardRecorded(party=code)
    if card.hash() != needed or card.party != code:
        raise OtherCard(party=code, found=card.hash(), needed=needed)
    return ProvenCard(card=card, number=number, block_time=words.time)


def verify_claim(proven: ProvenCard, words: ProvenWords) -> ClaimedIdentity:
    """Prove that a party's authority, as it is now, claims an X.509 certificate for its own.

    Raises:
        NoIdentity: The card has no statement.
        MalformedSignature, StrangerStated: See `find_signers`.
        TooFewStated: Fewer keys signed than the threshold says.
        IdentityOfAnother: The statement is for another ledger or party.
        AuthorityChanged: The authority has other keys now, or another threshold.
        OtherX509Recorded: The ledger has the fingerprint of another certificate, or of none.
    """
    statement = proven.card.identity
    if statement is None:
        raise NoIdentity(party=proven.card.party)
    # 1. enough of the keys that it names signed it, and nobody else
    signers = find_signers(statement)
    if len(signers) < statement.threshold:
        raise TooFewStated(found=len(signers), keys=len(statement.authority), needed=statement.threshold)
    # 2. these are all keys that the authority of this party on this ledger has now
    demand_present(statement, proven.number, words)
    # 3. the authority recorded this certificate
    recorded = words.word(Table.CERTIFICATE, proven.number).to_bytes(32, "big")
    if recorded != statement.fingerprint:
        raise OtherX509Recorded(found=statement.fingerprint, needed=recorded)
    return ClaimedIdentity(statement=statement, signers=signers)


def find_signers(statement: IdentityStatement) -> tuple[bytes, ...]:
    """Find which authority keys signed a statement: addresses of 20 bytes, ascending.

    Raises:
        MalformedSignature: No key can have made a signature.
        StrangerStated: A key signed that the statement does not name, or what was signed is altered.
    """
    digest, signers = statement.digest(), set()
    for signature in statement.signatures:
        signer = Signature.parse(signature).recover_signer(digest)
        if signer not in statement.authority:
            raise StrangerStated(signer=signer)
        signers.add(signer)
    return tuple(sorted(signers))


def demand_present(statement: IdentityStatement, number: int, words: ProvenWords) -> None:
    """Demand that a statement names a party of this ledger, by number, and its authority as it is now.

    Raises:
        IdentityOfAnother, AuthorityChanged: See `verify_claim`.
    """
    party = words.party(number)
    code = "nobody" if party is None else party.code
    named = {
        "chain": (str(statement.chain_id), str(words.trust.chain_id)),
        **{
            f"contract {contract}": (to_hex(statement.contracts[contract]), to_hex(words.trust.address(contract)))
            for contract in Contract
        },
        "party": (f"{statement.party} ({statement.code})", f"{number} ({code})"),
    }
    for what, (found, needed) in named.items():
        if found != needed:
            raise IdentityOfAnother(what=what, found=found, needed=needed)
    if party is not None and (change := _find_change(statement, party, words)):
        raise AuthorityChanged(party=code, change=change)


def _find_change(statement: IdentityStatement, party: Party, words: ProvenWords) -> str:
    """Say how the authority differs from the one that a statement names; empty if it does not."""
    for address in statement.authority:
        key = words.key(address)
        if key is None or key.party != statement.party or key.role is not KeyRole.AUTHORITY or not key.added_at:
            return f"{to_hex(address)} is no key of it"
        if key.retired_at or key.epoch != party.epoch:
            return f"{to_hex(address)} serves no more"
    if len(statement.authority) != party.authority_keys:
        return f"it has {party.authority_keys} keys, and the statement names {len(statement.authority)}"
    if statement.threshold != party.authority_threshold:
        return f"{party.authority_threshold} of its keys must sign, and the statement says {statement.threshold}"
    return ""
