"""Parties, proven: their list, and everything about one of them. A gateway only says which addresses to look up.

No word lists a party's keys, but two words count those that serve: its authority's keys and its operators. So a gateway cannot leave
out a key that serves. It could leave out a retired one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.consortium import Replacement
from aeo_ledger.customs.party import Key, Office, Party
from aeo_ledger.customs.vocabulary import KeyRole, PartyState
from aeo_ledger.errors.office import KeysHidden, NoSuchParty
from aeo_ledger.office.footing import slots_of_keys, slots_of_parties
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.protocol.layouts import GOVERNANCE
from aeo_ledger.protocol.tables import Table, slot_of
from aeo_ledger.protocol.words import decode_replacement

_ONE = (Table.OFFICE, Table.REPLACEMENT, Table.REGISTER, Table.CARD, Table.CERTIFICATE)
"""Tables with one word for each party, beside its own word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A party in the list of all."""

    number: int
    party: Party
    pending: Replacement | None
    """The replacement of its authority that is pending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Listed):
    """All that the ledger records about one party itself."""

    facts: Facts
    """What it was read from."""
    office: Office
    register: Register | None
    card: bytes
    """Hash of its card, 32 bytes; zero if there is none."""
    certificate: bytes
    """Fingerprint of its X.509 certificate, 32 bytes; zero if there is none."""
    unions: Mapping[int, str]
    """Codes of the unions in its places, by number."""
    keys: Mapping[bytes, Key]
    """Its keys by address (20 bytes): all that serve, and the retired ones that the gateway named; by role, then by date."""

    def serves(self, key: Key) -> bool:
        """Tell whether a key serves now."""
        return bool(key.added_at) and not key.retired_at and (key.role is KeyRole.NODE or key.epoch == self.party.epoch)


def list_parties(desk: ProvenDesk) -> tuple[list[Listed], Facts]:
    """List all parties by number, proven as of one block.

    Raises:
        Unproven: It is not proven.
    """
    count = GOVERNANCE["parties"].of(desk.facts([slot_of(Table.GOVERNANCE, 0)]).word(Table.GOVERNANCE, 0))
    numbers = range(1, count + 1)
    facts = desk.facts([*slots_of_parties(numbers), *(slot_of(Table.REPLACEMENT, number) for number in numbers)])
    found = [
        Listed(number=number, party=party, pending=decode_replacement(facts.word(Table.REPLACEMENT, number)))
        for number in numbers
        if (party := facts.party(number)) is not None
    ]
    return found, facts


def find_number(desk: ProvenDesk, code: str) -> int:
    """Find a party's number by its code: the pinned one, else, by proof, that of a party admitted since, expelled ones last.

    Raises:
        NoSuchParty: No party has this code.
        Unproven: It is not proven.
    """
    pinned = desk.trust.by_code.get(code)
    return find_listed(desk, code)[0].number if pinned is None else pinned.number


def find_listed(desk: ProvenDesk, code: str) -> tuple[Listed, Facts]:
    """Find a party by its code on the ledger, whomever the bundle names; if all that had the code are expelled, the last one.

    Raises:
        NoSuchParty: No party has this code.
        Unproven: It is not proven.
    """
    parties, facts = list_parties(desk)
    having = [one for one in parties if one.party.code == code]
    found = min(having, key=lambda one: (one.party.state is PartyState.EXPELLED, -one.number), default=None)
    if found is None:
        raise NoSuchParty(code=code, known=tuple(one.party.code for one in parties))
    return found, facts


def show_party(desk: ProvenDesk, number: int) -> Shown:
    """Prove all that the ledger records about a party.

    Raises:
        KeysHidden: The gateway named too few of its keys.
        Unproven: It is not proven.
        Unavailable: There is no evidence.
    """
    named = list(dict.fromkeys(desk.relay.keys(number)))
    places = slots_of_parties([number])
    unions = [place.union for party in [desk.facts(places).party(number)] if party for place in party.memberships]
    slots = [*places, *(slot_of(table, number) for table in _ONE), *slots_of_parties(unions), *slots_of_keys(named)]
    facts = desk.facts(slots)
    party = facts.party(number)
    if party is None:
        raise NoSuchParty(code=f"number {number}", known=tuple(desk.trust.by_code))
    keys = [(one, key) for one in named if (key := facts.key(one)) is not None and key.party == number]
    card, certificate = (facts.word(table, number).to_bytes(32, "big") for table in (Table.CARD, Table.CERTIFICATE))
    shown = Shown(
        number=number,
        party=party,
        pending=decode_replacement(facts.word(Table.REPLACEMENT, number)),
        facts=facts,
        office=facts.office(number),
        register=facts.register(number),
        card=card,
        certificate=certificate,
        unions={union: other.code for union in unions if union and (other := facts.party(union)) is not None},
        keys=dict(sorted(keys, key=lambda one: (one[1].role, one[1].added_at, one[0]))),
    )
    serving = [key.role for key in shown.keys.values() if shown.serves(key)]
    for role, needed in ((KeyRole.AUTHORITY, party.authority_keys), (KeyRole.OPERATOR, shown.office.operators)):
        if serving.count(role) != needed:
            raise KeysHidden(party=party.code, role=role.name.lower(), found=serving.count(role), needed=needed)
    return shown
