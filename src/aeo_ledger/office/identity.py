"""Bind an authority's keys to an X.509 certificate: draft the statement, and let both sides sign it.

Whoever signs believes nobody: which keys the authority has is proven to each signer. The certificate's own key comes as a function, because it
needs a library that the base install has not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from aeo_ledger.customs.vocabulary import KeyRole
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.office import WrongKey
from aeo_ledger.evidence.card import Card
from aeo_ledger.evidence.identity import IdentityStatement
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.footing import slots_of_keys, slots_of_parties
from aeo_ledger.office.parties import find_number, show_party
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.whose_key import describe_key
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.signing import Signer
from aeo_ledger.verify import ProvenState
from aeo_ledger.verify.identity import demand_present, find_signers, slots_of_authority
from aeo_ledger.wording.words import Words

SignStatement: TypeAlias = Callable[[IdentityStatement], bytes]
"""Signs a statement with the key of its certificate."""


def draft_statement(desk: ProvenDesk, card: Card, certificates: Sequence[bytes]) -> Card:
    """Put a new statement into a card: it names the authority's keys as they are now, and nobody has signed it.

    Args:
        desk: Proves the authority's keys.
        card: The party's card; an earlier statement in it is replaced.
        certificates: In DER: the one to be bound, then those that lead to its root.

    Raises:
        NoSuchParty: No party has the card's code.
        Unproven: The keys are not proven.
    """
    found = show_party(desk, find_number(desk, card.party))
    keys = [address for address, key in found.keys.items() if key.role is KeyRole.AUTHORITY and found.serves(key)]
    statement = IdentityStatement(
        chain_id=desk.trust.chain_id,
        contracts={contract: desk.trust.address(contract) for contract in Contract},
        party=found.number,
        code=found.party.code,
        authority=tuple(sorted(keys)),
        threshold=found.party.authority_threshold,
        made_at=desk.now(),
        certificates=tuple(certificates),
    )
    return replace(card, identity=statement)


def sign_statement(
    desk: ProvenDesk, card: Card, signers: Sequence[Signer], sign: SignStatement | None, *, subject: str
) -> Card:
    """Add signatures to the statement in a card; a key that has signed already changes nothing.

    Args:
        desk: Proves that the statement names the authority as it is now; shows it, and asks.
        card: With a statement, and the signatures that it has.
        signers: Keys of the authority.
        sign: Signs with the certificate's own key; None if it is not at hand.
        subject: Whom the certificate names.

    Raises:
        IdentityOfAnother, AuthorityChanged: The statement is not about the party as it is now.
        StrangerStated: It was altered after somebody had signed it, or a stranger signed it.
        WrongKey: A key is none that the statement names.
        Unproven: The authority's keys are not proven.
    """
    statement = card.identity
    assert statement is not None  # noqa: S101 (the caller looked)
    number = find_number(desk, card.party)
    named = [signer.address for signer in signers]
    places = [*slots_of_authority(statement, number), *slots_of_keys(named)]
    facts = desk.facts(places)
    if not isinstance(facts, ProvenState):
        raise Unproven("a statement cannot be signed on words that a gateway only claims")
    demand_present(statement, number, facts)
    find_signers(statement)
    for address in named:
        if address not in statement.authority:
            parties = [key.party for key in [facts.key(address)] if key is not None]
            others = desk.facts([*slots_of_keys([address]), *slots_of_parties(parties)])
            held = describe_key(others.key(address), others.party)
            raise WrongKey(address=address, held=held, needed=f"the authority of {statement.code}")
    if signers or sign is not None:
        desk.approve(_tell(statement, subject, desk.words))
    signed = {Signature.parse(one).recover_signer(statement.digest()): one for one in statement.signatures}
    signed |= {signer.address: signer.sign(statement.digest()).encode() for signer in signers}
    grown = replace(
        statement,
        signatures=tuple(signed[address] for address in sorted(signed)),
        certificate_signature=statement.certificate_signature if sign is None else sign(statement),
    )
    return replace(card, identity=grown)


def _tell(statement: IdentityStatement, subject: str, words: Words) -> list[str]:
    """Write a statement for whoever signs it."""
    say, keys = words.say, words.plural("{number} authority key", "{number} authority keys", len(statement.authority))
    return [
        say(
            "STATE that the authority of {party} and an X.509 certificate are one, on chain {chain}",
            party=statement.code,
            chain=statement.chain_id,
        ),
        say("to be signed by {enough} of {keys}, and by the certificate's key", enough=statement.threshold, keys=keys),
        *(say("  authority key {address}", address=to_hex(address)) for address in statement.authority),
        say("  certificate of {subject}", subject=ascii(subject)),
        say("  its fingerprint {fingerprint}", fingerprint=to_hex(statement.fingerprint)),
        say("  stated at {time}", time=show_moment(statement.made_at, statement.code, words)),
    ]
