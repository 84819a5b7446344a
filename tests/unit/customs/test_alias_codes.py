from __future__ import annotations

import pytest

from aeo_ledger.customs.alias_codes import ALIAS_KINDS, KIND_NAMES, MAX_ALIAS, AliasCode, AliasKind, read_alias
from aeo_ledger.errors.customs import MalformedAlias
from aeo_ledger.errors.primitives import MalformedText

GOOD = {
    "BYMINTRA12MIN": AliasKind.MID,
    "XOABCCOR1234TOR": AliasKind.MID,
    "AB12CD34EF56": AliasKind.JP_12,
    "AB12CD34EF5678": AliasKind.JP_14,
    "AEOCN2102994919": AliasKind.AEOCN,
    "AEOSGABCDEFGH1234": AliasKind.AEOSG,
    "5493001KJTIIGC8Y1R12": AliasKind.LEI,
    "4012345000009": AliasKind.GLN,
    "123456789": AliasKind.DUNS,
}
"""Codes whose form leaves no doubt."""


@pytest.mark.parametrize(("code", "kind"), GOOD.items())
def test_a_code_is_read_as_the_one_kind_that_has_its_form(code: str, kind: AliasKind) -> None:
    assert read_alias(code) == read_alias(code, kind.name.replace("_", "-")) == AliasCode(kind, code)
    assert str(AliasCode(kind, code)) == f"{kind.name.replace('_', '-')} {code}"


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        ("CAABCCOR1234TOR", "MID", "it is no MID"),
        ("bymintra12min", "MID", "write BYMINTRA12MIN"),
        ("5493 001K JTII GC8Y 1R12", "LEI", "write 5493001KJTIIGC8Y1R12"),
        ("5493001KJTIIGC8Y1R13", "LEI", "its check digits are wrong"),
        ("4012345000008", "GLN", "its check digit is wrong"),
        ("12345678", "DUNS", "needed 9 digits"),
        ("AEOCN210299491", "AEOCN", "needed AEOCN and 10 digits"),
        ("АЕОCN2102994919", "AEOCN", "needed AEOCN and 10 digits"),  # noqa: RUF001
        ("", "DUNS", "needed 9 digits"),
        ("BYMINTRA1MIN", None, "it might be one of MID, JP-12"),
        ("5493001KJTIIGC8Y1R13", None, "its check digits are wrong"),
        ("no code", None, "it has the form of no kind"),
        ("123456789\n", None, "it has the form of no kind"),
    ],
)
def test_what_is_not_exactly_a_code_is_refused_and_never_corrected(code: str, kind: str | None, says: str) -> None:
    with pytest.raises(MalformedAlias) as refusal:
        read_alias(code, kind)
    assert says in str(refusal.value)


def test_a_kind_is_one_of_those_listed() -> None:
    with pytest.raises(MalformedText, match="exactly JP-12"):
        read_alias("AB12CD34EF56", "jp_12")
    with pytest.raises(MalformedText, match="one of MID, JP-12"):
        read_alias("AB12CD34EF56", "EORI")


def test_numbers_of_kinds_are_kept_for_they_enter_hashes() -> None:
    assert {name: int(kind) for name, kind in KIND_NAMES.items()} == {
        "MID": 1,
        "JP-12": 2,
        "JP-14": 3,
        "AEOCN": 4,
        "AEOSG": 5,
        "LEI": 6,
        "GLN": 7,
        "DUNS": 8,
    }
    assert ALIAS_KINDS.keys() == set(AliasKind)
    assert max(map(len, GOOD)) == MAX_ALIAS
