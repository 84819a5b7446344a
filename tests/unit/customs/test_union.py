"""Unions as they are: who keeps the register, and who speaks for whom."""

from __future__ import annotations

import pytest

from aeo_ledger.customs.union import custom_of


@pytest.mark.parametrize(
    ("union", "keeps", "members_keep", "has_seat"),
    [("EU", True, False, True), ("EAC", True, True, False), ("EAEU", False, True, False), ("XYZ", False, True, False)],
)
def test_each_union_shares_the_work_in_its_own_way(union: str, keeps: bool, members_keep: bool, has_seat: bool) -> None:
    custom = custom_of(union)
    assert (custom.union_keeps_register, custom.members_keep_registers, custom.union_has_seat) == (
        keeps,
        members_keep,
        has_seat,
    )
