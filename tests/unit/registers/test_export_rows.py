"""A row that goes out has the ledger's status, roles and dates, and the document's words for what both say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, Role, Status
from aeo_ledger.errors.office import ZonesMissing
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.registers.export import Standing, count_moments, list_standings, make_partner_table, make_table
from aeo_ledger.registers.profile import parse_profile, shipped
from aeo_ledger.registers.read import read_register
from aeo_ledger.registers.sheet import Form
from aeo_ledger.registers.shipped import read_shipped
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.registers.table import Moment, describe_package
from support.sealed_world import BY, DE_TRADER, EU, CustomsFacts, entry_of
from support.snapshots import seal_snapshot, verify
from support.zones import without_zones

__all__ = ["without_zones"]

TIN = Tin("BY192900384")
MOMENT = Moment(chain_id=1, block=7, hash=bytes(32), time=1_800_000_000)
DOCUMENT = {
    "tin": TIN.text,
    "certificate_number": "BY/1",
    "certificate_type": "3",
    "roles": "carrier|broker",
    "status": "ACTIVE",
    "status_since": "2019-04-23",
    "decided": "2019-04-13",
    "effective_from": "2019-04-23",
    "effective_until": "",
    "name": "Probe",
    "address": "Gomel",
}
FROM = parse_moment("2019-04-23", "BY", what="")
ROLES = 1 << Role.CARRIER | 1 << Role.BROKER


def standing(document: dict[str, str] | None = DOCUMENT, **altered: Any) -> Standing:
    record = {"roles": ROLES, "since": FROM, "valid_from": FROM, **altered}
    words = verify(seal_snapshot(CustomsFacts().grant(TIN, BY, 2, **record)))
    documents = {} if document is None else {entry_of(TIN, BY, 2): document}
    (one,) = list_standings(RegisterState(words, BY), "BY", documents)
    return one


def test_what_ledger_and_document_both_say_is_written_as_in_the_document() -> None:
    assert standing().plain == DOCUMENT
    moment = {**DOCUMENT, "effective_from": "2019-04-22T21:00:00Z", "№": "12"}
    assert (standing(moment).plain["effective_from"], standing(moment).kept) == ("2019-04-22T21:00:00Z", {"№": "12"})


@pytest.mark.parametrize(
    ("altered", "changed"),
    [
        ({"status": Status.SUSPENDED, "since": FROM + 86_400}, {"status": "SUSPENDED", "status_since": "2019-04-24"}),
        ({"roles": 1 << Role.IMPORTER}, {"roles": "importer"}),
        ({"valid_until": FROM + 10 * 86_400}, {"effective_until": "2019-05-03"}),
        ({"valid_until": FROM + 10 * 86_400 + 1}, {"effective_until": "2019-05-02T21:00:01Z"}),
    ],
)
def test_the_ledger_decides_where_they_differ(altered: dict[str, Any], changed: dict[str, str]) -> None:
    assert standing(**altered).plain == {**DOCUMENT, **changed}


def test_what_is_granted_ahead_keeps_the_first_day_that_the_register_gives() -> None:
    ahead = parse_moment("2030-01-01", "BY", what="")
    document = {**DOCUMENT, "status_since": "2030-01-01", "effective_from": "2030-01-01"}
    assert standing(document, kind=EventKind.GRANT, since=FROM, valid_from=ahead).plain == document


def test_without_a_document_the_ledger_still_says_what_it_knows() -> None:
    one = standing(None)
    assert not one.known
    assert {column: value for column, value in one.plain.items() if value} == {
        "certificate_type": "3",
        "roles": "broker|carrier",
        "status": "ACTIVE",
        "status_since": "2019-04-23",
        "effective_from": "2019-04-23",
    }
    assert make_table([one], "BY", MOMENT).rows[0][11] == f"0x{entry_of(TIN, BY, 2)[3:].hex()}"
    assert make_partner_table([one], "BY", shipped("plain"), MOMENT).rows == ()


@pytest.mark.parametrize(
    ("second", "types"), [({}, ["AEOF"]), ({"status": Status.SUSPENDED}, ["AEOC", "AEOS"]), (None, ["AEOC"])]
)
def test_both_halves_of_an_aeof_are_one_row_while_they_agree(second: dict[str, Any] | None, types: list[str]) -> None:
    world = CustomsFacts().grant(DE_TRADER, EU, 0)
    if second is not None:
        world.grant(DE_TRADER, EU, 1, **second)
    document = {**DOCUMENT, "tin": DE_TRADER.text, "certificate_type": "AEOF"}
    documents = {entry_of(DE_TRADER, EU, kind): document for kind in (0, 1)}
    standings = list_standings(RegisterState(verify(seal_snapshot(world)), EU), "EU", documents)
    table = make_partner_table(standings, "EU", shipped("plain"), MOMENT)
    assert [row[2] for row in table.rows] == types


@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX, Form.JSON, Form.JSONL])
def test_a_whole_export_is_read_again_as_what_the_documents_were(form: Form) -> None:
    """The ledger's columns are passed over, and those that only documents have are kept."""
    document = {**DOCUMENT, "№ п/п": "12"}
    table = make_table([standing(document)], "BY", MOMENT)
    reading = read_register(table.write(form), "BY", shipped("plain"), now=MOMENT.time)
    assert ([dict(row.document) for row in reading.rows], reading.problems) == ([document], ())
    assert reading.passed_over == {"column that the profile ignores": 5}


def test_without_every_column_of_the_ledger_a_file_is_no_export() -> None:
    table = make_table([standing({**DOCUMENT, "№ п/п": "12"})], "BY", MOMENT)
    data = table.write(Form.CSV).replace(b"sequence", b"number")
    with pytest.raises(
        MalformedText, match=r"found 'holder', 'number', .*'№ п/п', which the profile plain does not name"
    ):
        read_register(data, "BY", shipped("plain"), now=MOMENT.time)


@pytest.mark.parametrize(
    ("said", "since", "written", "moments"),
    [
        ("2019-04-22T21:00:00Z", FROM, "23.04.2019", 0),
        ("2019-04-24T10:23:11+03:00", FROM + 86_400 + 37_391, "2019-04-24T10:23:11+03:00", 1),
        ("2019-04-23", FROM + 86_400 + 37_391, "2019-04-24T07:23:11Z", 1),
        ("2019-04-23", FROM + 86_400, "24.04.2019", 0),
    ],
)
def test_a_day_is_written_in_the_form_of_the_profile_and_a_time_of_day_as_a_moment(
    said: str, since: int, written: str, moments: int
) -> None:
    one = standing({**DOCUMENT, "status_since": said}, since=since)
    header, row = make_partner_table([one], "BY", shipped("eaeu"), MOMENT).write(Form.CSV).decode("cp1251").splitlines()
    cells = dict(zip(header.split(";"), row.split(";"), strict=True))
    assert (cells["Дата изменения состояния"], count_moments([one], "BY")) == (written, moments)


@pytest.mark.usefixtures("without_zones")
def test_without_a_time_zone_database_a_register_goes_out_with_moments_and_no_day_is_made_of_them() -> None:
    one = standing(hold_until=FROM)
    assert one.plain == {**DOCUMENT, **dict.fromkeys(("status_since", "effective_from"), "2019-04-22T21:00:00Z")}
    (row,) = make_table([one], "BY", MOMENT).rows
    assert row[make_table([one], "BY", MOMENT).header.index("hold_until")] == "2019-04-22T21:00:00Z"
    with pytest.raises(ZonesMissing):  # a partner's form has days alone
        make_partner_table([one], "BY", shipped("eaeu"), MOMENT)


@pytest.mark.parametrize(("name", "end"), [("crlf", b"\r\n"), ("lf", b"\n")])
def test_lines_end_as_the_profile_says(name: str, end: bytes) -> None:
    profile = parse_profile(read_shipped("plain").replace(b"[columns]", f'line_end = "{name}"\n\n[columns]'.encode()))
    data = make_partner_table([standing()], "BY", profile, MOMENT).write(Form.CSV)
    assert (data.count(end), data.count(b"\n"), b"\r\n" in data) == (2, 2, name == "crlf")


def test_what_an_export_says_at_a_terminal_fits_its_columns() -> None:
    told = replace(MOMENT, block=10**9, since=MOMENT.time).tell()
    assert told == [
        "true as of block 1000000000 of 2027-01-15 08:00:00Z",
        f"  0x{'0' * 64}",
        "only changes since 2027-01-15 08:00:00Z",
    ]
    assert max(map(len, told)) <= 80


def test_a_partners_words_are_written_in_its_encoding() -> None:
    table = make_partner_table([standing()], "BY", shipped("eaeu"), MOMENT)
    header, row = table.write(Form.CSV).decode("cp1251").splitlines()
    cells = dict(zip(header.split(";"), row.split(";"), strict=True))
    assert (cells["УНП"], cells["Страна"], cells["Состояние"]) == ("192900384", "BY", "действует")
    assert (cells["Вид деятельности"], cells["Дата вступления в силу"]) == (
        "перевозчик, таможенный представитель",
        "23.04.2019",
    )


def test_a_package_names_the_block_and_every_column() -> None:
    table = make_table([standing()], "BY", MOMENT)
    package = json.loads(describe_package(table, [(Form.CSV, "BY.csv", table.write(Form.CSV))]))
    assert package["ledger"] == {
        "chain_id": 1,
        "block": 7,
        "block_hash": f"0x{'0' * 64}",
        "block_time": "2027-01-15T08:00:00Z",
    }
    (resource,) = package["resources"]
    assert [field["name"] for field in resource["schema"]["fields"]] == list(table.header)
    assert {field["type"] for field in resource["schema"]["fields"]} == {"string", "integer"}
    assert resource["dialect"] == {"delimiter": ",", "lineTerminator": "\r\n"}
