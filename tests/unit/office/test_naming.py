"""Numbers that a reader does not know are shown, never dropped."""

from __future__ import annotations

from aeo_ledger.customs.vocabulary import Benefit, Role
from aeo_ledger.office.naming import name_bits, name_types


def test_bit_sets_are_named_whole() -> None:
    assert name_bits(0b1000000110, Benefit) == ["fewer_inspections", "priority_inspection", "benefit 9"]
    assert name_bits(1 << 15 | 1, Role) == ["manufacturer", "role 15"]
    assert name_bits(0, Role) == []


def test_types_without_a_name_are_shown_by_their_number() -> None:
    assert name_types(0b1011, ("AEOC", "AEOS")) == ["AEOC", "AEOS", "3"]
    assert name_types(0b101) == ["0", "2"]
