from __future__ import annotations

from pathlib import Path

import pytest

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.office import AliasRowRefused
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.alias_file import AliasRow, read_alias_file, read_names

MID, LEI = AliasCode(AliasKind.MID, "BYMINTRA12MIN"), AliasCode(AliasKind.LEI, "5493001KJTIIGC8Y1R12")
ONE, OTHER = Tin("BY200988541"), Tin("BY100582333")


def written(folder: Path, *lines: str) -> Path:
    path = folder / "aliases.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_row_names_a_code_its_trader_and_the_types_if_any(tmp_path: Path) -> None:
    path = written(tmp_path, "kind,alias,tin,type", f"MID,{MID.code},{ONE},3|1", f",{LEI.code},{ONE},")
    assert read_alias_file(path) == (
        AliasRow(alias=MID, tin=ONE, types=("3", "1"), where="line 2"),
        AliasRow(alias=LEI, tin=ONE, where="line 3"),
    )


def test_an_alias_that_a_file_gives_to_two_traders_names_nobody(tmp_path: Path) -> None:
    path = written(tmp_path, "alias,kind,tin", f"{MID.code},,{ONE}", f"{MID.code},,{OTHER}", f"{LEI.code},,{ONE}")
    assert read_names(path) == {LEI: ONE}
    assert read_names(None) == {}


@pytest.mark.parametrize("columns", ["alias,tin", "alias,kind,tin,name", "alias,kind,tin,tin", "", "ALIAS,KIND,TIN"])
def test_other_columns_are_refused(tmp_path: Path, columns: str) -> None:
    with pytest.raises(MalformedText, match="columns of the aliases"):
        read_alias_file(written(tmp_path, columns))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("XX,MID,BY200988541", "line 2 of the aliases: alias 'XX': it is no MID"),
        ("123456789,EORI,BY200988541", "line 2 of the aliases: kind"),
        ("123456789,DUNS,by200988541", "line 2 of the aliases: TIN"),
        ("123456789,DUNS", "more or fewer cells"),
        ("123456789,DUNS,BY200988541,3", "more or fewer cells"),
        ('"123456789,DUNS,BY200988541', "line 2 of the aliases"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(AliasRowRefused) as refusal:
        read_alias_file(written(tmp_path, "alias,kind,tin", row))
    assert says in str(refusal.value)
