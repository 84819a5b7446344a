"""The rows of countries and unions: each whole, each found by its code, and nothing else found."""

from __future__ import annotations

import csv
import re
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import aeo_ledger.customs.countries
import aeo_ledger.lab
from aeo_ledger.customs import country
from aeo_ledger.customs.certificate import list_type_names, list_types_meant
from aeo_ledger.customs.country import Country, UnionCustom, custom_of, find_by_prefix, find_country
from aeo_ledger.customs.prefixes import PREFIXES as TIN_PREFIXES
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.customs import MalformedTin

(PLACE,) = map(Path, aeo_ledger.customs.countries.__path__)
PREFIXES = sorted(path.stem.upper() for path in PLACE.glob("*.py") if path.stem != "__init__")
ROWS = {prefix: import_module(f"aeo_ledger.customs.countries.{prefix.lower()}").COUNTRY for prefix in PREFIXES}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_each_module_holds_the_row_of_its_name(prefix: str) -> None:
    row = find_by_prefix(prefix)
    assert row is ROWS[prefix]
    assert prefix in {row.code, *row.prefixes}
    assert find_country(prefix) is (row if prefix == row.code else None)
    assert set(row.prefixes) | {row.code} <= set(PREFIXES)


@pytest.mark.parametrize("row", {row.code: row for row in ROWS.values()}.values(), ids=lambda row: row.code)
def test_each_row_is_complete(row: Country) -> None:
    assert row.name
    assert ZoneInfo(row.zone).key == row.zone
    assert len(set(row.types)) == len(row.types) <= 16
    assert all(set(types) <= set(row.types) for types in row.combined.values())
    assert (len(row.code) > 2 or row.code == "EU") == (row.union is not None)
    for rule in filter(None, (row.tin, *row.prefixes.values())):
        assert re.compile(rule.form)
        assert rule.needed
        assert bool(rule.doubt) == (rule.is_valid is not None)


@pytest.mark.parametrize("prefix", [prefix for prefix in PREFIXES if len(prefix) == 2])
def test_a_tin_can_have_each_prefix_of_a_row_except_the_one_that_is_advised_against(prefix: str) -> None:
    if prefix == "EL":
        with pytest.raises(MalformedTin, match=r"write GR094014201$"):
            Tin("EL094014201")
    else:
        assert prefix in TIN_PREFIXES


def _read_published(name: str) -> list[dict[str, str]]:
    file = Path(aeo_ledger.lab.__file__).parent / "data" / name
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def test_every_party_of_the_published_arrangements_and_every_member_of_their_unions_has_a_row() -> None:
    parties = {row[side] for row in _read_published("arrangements.csv") for side in ("party_a", "party_b")}
    members = {code for row in _read_published("unions.csv") for code in row["members"].split()}
    assert len(parties | members) > 80
    assert {code for code in parties | members if find_country(code) is None} == set()


def test_a_country_without_a_rule_says_why() -> None:
    for prefix, row in ROWS.items():
        if prefix == row.code and row.union is None and row.tin is None:
            assert "No rule:" in (
                import_module(f"{aeo_ledger.customs.countries.__name__}.{prefix.lower()}").__doc__ or ""
            )


@pytest.mark.parametrize(
    ("identifier", "right"),
    [
        ("940940000384", True),
        ("940940000385", False),
        ("940940000801", True),  # by the second weights
        ("940940000802", False),
        *((f"94094000160{check}", False) for check in range(10)),  # by neither
    ],
)
def test_the_check_digit_of_kazakhstan(identifier: str, right: bool) -> None:
    rule = ROWS["KZ"].tin
    assert rule is not None
    assert (rule.find_problem(identifier) is None) == right


def test_no_two_countries_share_a_name() -> None:
    names = [row.name for prefix, row in ROWS.items() if prefix == row.code]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("code", ["", "XX", "by", "BY ", "B", "COUNTRY", "__INIT__", "..", "EAEUEAEU", "ВY"])  # noqa: RUF001
def test_a_country_without_a_row_is_not_found(code: str) -> None:
    assert find_country(code) is None
    assert list_type_names(code) == ("AEO",)
    assert list_types_meant(code, "AEOF") == ("AEOF",)
    assert custom_of(code) == UnionCustom()


def test_a_row_that_fails_to_load_is_an_error_and_not_an_unknown_country(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(place: str) -> None:
        raise ModuleNotFoundError(name="stdnum") if place.endswith(".qz") else AssertionError(place)

    monkeypatch.setattr(country, "import_module", load)
    with pytest.raises(ModuleNotFoundError):
        find_by_prefix("QZ")


def test_the_prefix_decides_the_rule_of_a_number() -> None:
    union, greece = ROWS["EU"], ROWS["GR"]
    assert union.rule_of("EU") is None
    assert (ireland := union.rule_of("XI")) is not None
    assert ireland.form == greece.tin.form
    assert greece.rule_of("EL") is greece.rule_of("GR") is greece.tin


def test_a_name_may_mean_several_types() -> None:
    assert list_types_meant("EU", "AEOF") == ("AEOC", "AEOS")
    assert list_types_meant("EU", "AEOC") == ("AEOC",)
