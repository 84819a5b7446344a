"""Programmes and partners: each value has a source, and what has none is unknown and never a figure."""

from __future__ import annotations

import re

import pytest

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.country import find_country
from aeo_ledger.customs.vocabulary import Benefit, Role
from aeo_ledger.errors.lab import NoProgramme, UnreadableTable
from aeo_ledger.lab.data_files import read_data
from aeo_ledger.lab.partners import rank_partners, read_trade
from aeo_ledger.lab.programmes import Compared, Verdict, compare_programmes

HEADER = "refYear,reporterISO,flowCode,partnerISO,cmdCode,primaryValue"


def on(point: str, first: str, second: str) -> Compared:
    return next(one for one in compare_programmes(first, second) if one.point == point)


def test_each_row_has_a_known_party_a_source_and_words_of_the_vocabulary() -> None:
    seen = set()
    for row in read_data("programmes"):
        assert find_country(row["party"]) is not None
        assert row["value"] != "unknown"
        assert len(row["source"]) > 5
        assert (row["party"], row["point"]) not in seen
        seen.add((row["party"], row["point"]))
        words = {"roles": Role, "benefits": Benefit}.get(row["point"])
        if words is not None:
            assert {*row["value"].split("|")} <= {word.name.lower() for word in words}


def test_types_come_from_the_customs_tables_and_lists_are_compared_as_sets() -> None:
    types = on("certificate types", "BY", "KZ")
    assert (types.verdict, types.first.value) == (Verdict.SAME, "|".join(list_type_names("BY")))
    assert on("certificate types", "BY", "EU").verdict is Verdict.DIFFERS
    roles = on("roles", "BY", "EU")
    assert (roles.verdict, roles.common) == (Verdict.OVERLAPS, ("broker", "carrier", "exporter", "importer"))
    assert on("benefits", "BY", "CN").verdict is Verdict.SAME


def test_what_has_no_source_on_one_side_is_unknown() -> None:
    criteria = on("criteria", "BY", "EU")
    assert (criteria.verdict, criteria.first.known, criteria.second.known) == (Verdict.UNKNOWN, False, True)
    assert all(
        one.verdict is not Verdict.SAME or (one.first.source and one.second.source)
        for one in compare_programmes("CN", "EU")
    )


def test_a_code_of_nobody_is_refused() -> None:
    for call in (lambda: compare_programmes("BY", "QQ"), lambda: rank_partners("QQ", {})):
        with pytest.raises(NoProgramme, match="QQ"):
            call()


def test_trade_is_added_up_over_flows_and_members_and_the_newest_year_counts() -> None:
    text = "\n".join(
        [
            HEADER,
            "2020,BLR,X,RUS,TOTAL,999",
            "2021,BLR,X,DEU,TOTAL,10",
            "2021,BLR,M,DEU,TOTAL,20",
            "2021,BLR,X,POL,TOTAL,5.5",
            "2021,BLR,X,POL,27,5",  # one commodity
            "2021,BLR,RX,POL,TOTAL,5",  # re-exports
            "2021,POL,X,BLR,TOTAL,7",  # another reporter
            "2021,BLR,X,ZZZ,TOTAL,8",  # a partner without a code here
        ]
    )
    trade = read_trade(text, "BY")
    assert {partner: (one.year, one.exports, one.imports) for partner, one in trade.items()} == {
        "DE": (2021, 10.0, 20.0),
        "PL": (2021, 5.5, 0.0),
    }
    first, *others = rank_partners("BY", trade)
    assert (first.code, first.rank, first.incomplete) == ("EU", 1, True)
    assert first.trade is not None
    assert first.trade.value == 35.5
    assert all(one.rank is None and one.trade is None for one in others)


def test_without_figures_nobody_has_a_rank_and_ties_come_first() -> None:
    found = rank_partners("BY", {})
    assert {one.rank for one in found} == {None}
    tied = [one for one in found if one.ties]
    assert found[: len(tied)] == tied
    assert {one.code for one in tied} == {"AM", "KG", "KZ", "RU"}
    assert next(one for one in tied if one.code == "RU").ties == ("Union State", "EAEU")
    assert not {"BY", "DE", "PL"} & {one.code for one in found}  # the EU signs for its members


def test_belarus_has_a_shipped_table_and_china_is_in_force_already() -> None:
    rows = read_data("trade-BY")
    assert all(row["source"] for row in rows)
    text = "\n".join([HEADER, *(",".join(row[name] for name in HEADER.split(",")) for row in rows)])
    found = {one.code: one for one in rank_partners("BY", read_trade(text, "BY"))}
    assert (found["RU"].rank, found["RU"].incomplete) == (1, False)
    assert (found["CN"].stage, found["CN"].incomplete) == ("in force since 2019-07-24", True)
    assert found["KZ"].rank is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "the header"),
        ("a,b\n1,2\n", "the header"),
        (f"{HEADER}\n2021,BLR,X,RUS,TOTAL,-1\n", "row 2, primaryValue"),
        (f"{HEADER}\n2021,BLR,X,RUS,TOTAL,nan\n", "row 2, primaryValue"),
        (f"{HEADER}\n2021,BLR,X,RUS,TOTAL,inf\n", "row 2, primaryValue"),
        (f"{HEADER}\n2021,BLR,X,RUS\n", "row 2, primaryValue"),
        (f"{HEADER}\nlast year,BLR,X,RUS,TOTAL,1\n", "row 2, refYear"),
        (f"{HEADER}\n2021,BLR,X,RUS,TOTAL,1\n2021,BLR,X,RUS,TOTAL,2\n", "row 3"),
    ],
)
def test_a_table_of_trade_that_cannot_be_read_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(UnreadableTable, match=re.escape(place)):
        read_trade(text, "BY")


def test_codes_of_countries_are_unique() -> None:
    rows = read_data("iso")
    for column in ("alpha2", "alpha3"):
        assert len({row[column] for row in rows}) == len(rows)
    assert all(find_country(row["alpha2"]) is None or len(row["alpha3"]) == 3 for row in rows)
