"""Who founds a network, from one line; and who may act in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs.party import Party
from aeo_ledger.customs.vocabulary import PartyKind, PartyState
from aeo_ledger.errors import MalformedText, NoSuchParty
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.desk import Member
from aeo_ledger.office.found import parse_parties


def test_a_union_shares_the_work_with_its_members_as_is_its_custom() -> None:
    found = {
        p.code: (p.kind, p.seat, p.keeps_register, p.unions) for p in parse_parties("BY,EU=DE+PL,EAC=KE+UG,EAEU=BY+KZ")
    }
    assert found == {
        "BY": (PartyKind.ADMINISTRATION, True, True, ("EAEU",)),
        "EU": (PartyKind.UNION, True, True, ()),
        "EAC": (PartyKind.UNION, False, True, ()),
        "EAEU": (PartyKind.UNION, False, False, ()),
        "DE": (PartyKind.ADMINISTRATION, False, False, ("EU",)),
        "PL": (PartyKind.ADMINISTRATION, False, False, ("EU",)),
        "KE": (PartyKind.ADMINISTRATION, True, True, ("EAC",)),
        "UG": (PartyKind.ADMINISTRATION, True, True, ("EAC",)),
        "KZ": (PartyKind.ADMINISTRATION, True, True, ("EAEU",)),
    }


@pytest.mark.parametrize(
    "text", ["", "by", "BY,BY", "BY,,CN", "BY;CN", "EU=DE+DE", "EU=", "EU=DE+", "ABC", "B", "EU=EAEU", "\u0412Y"]
)
def test_what_is_no_list_of_parties_is_refused(text: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_parties(text)
    assert refusal.value.what == "parties"


def _member(number: int, state: PartyState = PartyState.ACTIVE) -> Member:
    party = Party(code="BY", kind=PartyKind.ADMINISTRATION, state=state, seat=True, keeps_register=True)
    return Member(number=number, party=party, authority=bytes(20), register=None)


def test_an_expelled_party_is_not_found_but_the_one_that_followed_it_is() -> None:
    gone = _member(1, PartyState.EXPELLED)
    with pytest.raises(NoSuchParty) as refusal:
        find_party([gone], "BY")
    assert refusal.value.code == "BY"
    later = replace(gone, number=9, party=replace(gone.party, state=PartyState.ACTIVE))
    assert find_party([gone, later], "BY") is later
