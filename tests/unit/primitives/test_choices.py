from __future__ import annotations

import pytest

from aeo_ledger.errors.office import NoSuchParty
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.verify import UnknownCertificateType, UnknownParty
from aeo_ledger.primitives.choices import choose

ROLES = ("carrier", "freight_forwarder")


def test_a_word_is_taken_as_it_is_written() -> None:
    assert choose("carrier", ROLES, what="role") == "carrier"
    assert choose("carrier", iter(ROLES), what="role") == "carrier"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Carrier", "carrier"),
        ("CARRIER ", "carrier"),
        ("freight forwarder", "freight_forwarder"),
        ("Freight-Forwarder", "freight_forwarder"),
    ],
)
def test_a_wrong_spelling_is_refused_with_the_right_one(text: str, meant: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        choose(text, ROLES, what="role")
    assert (refusal.value.what, refusal.value.found, refusal.value.needed) == (
        "role",
        repr(text),
        f"exactly {meant}",
    )


@pytest.mark.parametrize("text", ["", "pirate", "carriers", "x" * 100_000])
def test_an_unknown_word_is_refused_with_all_known_ones(text: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        choose(text, ROLES, what="role")
    assert refusal.value.needed == "one of carrier, freight_forwarder"
    assert len(refusal.value.found) < 100


def test_unknown_names_of_a_ledger_are_refused_in_the_same_way() -> None:
    known = ("BY", "CN")
    assert str(UnknownParty(code="cn", known=known)) == "no party 'cn' is pinned, only BY, CN: write CN"
    assert str(NoSuchParty(code="by ", known=known)) == "no party 'by ' on this ledger, but BY, CN: write BY"
    types = ("ADVANCED", "AEOC")
    told = "no register has a certificate type 'advanced', only ADVANCED, AEOC: write ADVANCED"
    assert str(UnknownCertificateType(name="advanced", known=types)) == told
    assert "write" not in str(UnknownParty(code="XX", known=known))
