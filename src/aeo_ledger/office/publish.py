"""Publish status events of one register, signed by the issuer's operators or authority. All are recorded, or none."""

from __future__ import annotations

from collections.abc import Sequence

from aeo_ledger.customs.acts import Publication, StatusEvent
from aeo_ledger.customs.vocabulary import Capacity
from aeo_ledger.errors.office import NoRegister
from aeo_ledger.office.carry_out import LIFETIME_S
from aeo_ledger.office.footing import slots_of_parties
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.readings import write_publication
from aeo_ledger.verify import TrustedParty


def draft_publication(
    events: Sequence[StatusEvent],
    *,
    register: int,
    issuer: int,
    now: int,
    capacity: Capacity = Capacity.OPERATORS,
    former: int = 0,
    lifetime_s: int = LIFETIME_S,
) -> SignedAct:
    """Draft an unsigned publication of up to 100 events of one register."""
    publication = Publication(
        register=register,
        issuer=issuer,
        former=former,
        capacity=capacity,
        deadline=now + lifetime_s,
        events=tuple(events),
    )
    return SignedAct(name="Publication", values=write_publication(publication))


def find_register(desk: ProvenDesk, issuer: TrustedParty) -> TrustedParty:
    """Find the register that an issuer writes to, by proof: its own, else the only register that one of its unions keeps.

    Raises:
        NoRegister: there is none, or there are several.
        Unproven: it is not proven.
    """
    party = desk.facts(slots_of_parties([issuer.number])).party(issuer.number)
    if party is None or party.keeps_register:
        return issuer
    unions = party.unions_at(desk.now())
    facts = desk.facts(slots_of_parties(unions))
    kept = [
        desk.trust.by_number[number]
        for number in unions
        if number in desk.trust.by_number and (union := facts.party(number)) is not None and union.keeps_register
    ]
    if len(kept) != 1:
        raise NoRegister(party=issuer.code, kept=tuple(union.code for union in kept))
    return kept[0]
