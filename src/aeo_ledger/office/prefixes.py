"""The registers that a TIN's prefix leads to. A certificate in another register is found only by a question that names that register."""

from __future__ import annotations

from aeo_ledger.customs.phrase import Phrase
from aeo_ledger.customs.tin import Tin
from aeo_ledger.office.footing import slots_of_parties
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.verify import TrustBundle, TrustedParty


def prove_keepers(desk: ProvenDesk, register: TrustedParty) -> frozenset[int]:
    """Prove whose traders are searched in a register: its party's and, if the party is a union, its members', by number."""
    numbers = list(desk.trust.by_number)
    facts = desk.facts(slots_of_parties(numbers))
    return frozenset(
        number
        for number in numbers
        if (party := facts.party(number)) is not None and register.number in {number, *party.unions_at(desk.now())}
    )


def find_stray(tin: Tin, register: TrustedParty, keepers: frozenset[int], trust: TrustBundle) -> str | None:
    """Say where a TIN's prefix leads, if not to this register; `keepers` is the result of `prove_keepers`."""
    number = trust.party_of_prefix(tin.prefix)
    if number in keepers:
        return None
    if number is None:
        return Phrase(
            "its prefix {prefix} leads to no party that you have pinned: no question finds it in the register of {register} "
            "unless it names that register",
            prefix=tin.prefix,
            register=register.code,
        )
    return Phrase(
        "its prefix {prefix} leads to {party}: no question finds it in the register of {register} unless it names that register",
        prefix=tin.prefix,
        party=trust.by_number[number].code,
        register=register.code,
    )
