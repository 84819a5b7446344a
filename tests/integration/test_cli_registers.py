"""`register import`: every kind of row, good and bad, and what an interruption leaves."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import time
from pathlib import Path

import pytest

from aeo_ledger.customs.vocabulary import ReasonClass, Status
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.registers.documents import read_document
from support.network import PASSWORD, SAMPLES, found, open_book
from support.ports import free_port
from support.waiting import WITHIN_S
from support.workshop import COLUMNS, COMMAND, Workshop, run_gateway, write_csv


def test_importing_twice_changes_nothing(shop: Workshop, tmp_path: Path) -> None:
    found = json.loads(shop.import_(SAMPLES / "BY.csv", "--json").stdout)
    assert (found["recorded"], found["changed"], found["publications"], found["block"] > 0) == (0, 0, 0, True)
    assert found["unchanged"] + len(found["doubts"]) == 321
    kept = shop.folder / "book.sqlite"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with open_book(kept) as book:
        assert {read_document(one.content)["tin"] for one in book.documents_of(1).values()} >= {"BY192900384"}


def test_each_row_becomes_what_it_says(shop: Workshop, tmp_path: Path) -> None:
    rows = [
        {"tin": "BY700000010", "status": "SUSPENDED", "since": "2022-05-05"},
        {"tin": "BY700000011", "status": "REVOKED", "since": "2022-05-05"},
        {"tin": "BY700000012", "until": "2090-01-01", "roles": "carrier|broker"},
        {"tin": "BY700000013", "from": "2090-01-01", "since": "2020-01-01"},
        {"tin": "BY700000014", "status": "WITHDRAWN", "since": "2020-01-01"},
    ]
    file = write_csv(tmp_path / "rows.csv", *rows)
    assert json.loads(shop.import_(file, "--json").stdout)["recorded"] == 5
    suspended, revoked, limited, ahead, withdrawn = shop.records(*(row["tin"] for row in rows))
    day = {text: parse_moment(text, "BY", what="") for text in ("2020-01-01", "2022-05-05", "2090-01-01")}
    assert (suspended.status, suspended.sequence, suspended.reason) == (Status.SUSPENDED, 2, ReasonClass.TRANSCRIBED)
    assert (suspended.since, suspended.valid_from) == (day["2022-05-05"], day["2020-01-01"])
    assert (revoked.status, revoked.since) == (Status.REVOKED, day["2022-05-05"])
    assert (limited.valid_until, limited.roles, limited.sequence) == (day["2090-01-01"], 0b11000, 1)
    assert (ahead.valid_from, ahead.since < day["2090-01-01"]) == (day["2090-01-01"], True)
    assert (withdrawn.status, withdrawn.since) == (Status.WITHDRAWN, day["2020-01-01"])
    time.sleep(1.1)  # what begins later was recorded at another second than now
    again = json.loads(shop.import_(file, "--json").stdout)
    assert (again["recorded"], again["changed"], again["unchanged"], again["doubts"]) == (0, 0, 5, [])


def test_a_row_that_contradicts_the_ledger_is_reported_and_left_alone(shop: Workshop, tmp_path: Path) -> None:
    tin = "BY700000020"
    ended = {"tin": tin, "status": "REVOKED", "since": "2022-05-05"}
    assert shop.import_(write_csv(tmp_path / "a.csv", ended)).exit_code == 0
    before = shop.records(tin)
    for place, change in enumerate(({}, {"status": "WITHDRAWN"}, {"status": "REVOKED", "since": "2021-01-01"})):
        result = shop.import_(write_csv(tmp_path / f"{place}.csv", {"tin": tin, **change}))
        assert (result.exit_code, f"in doubt, and not changed: {tin}" in result.stdout) == (0, True)
    assert shop.records(tin) == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"tin": "ВY700000030"}, "CYRILLIC CAPITAL LETTER VE"),  # noqa: RUF001
        ({"tin": " BY700000030"}, "a space"),
        ({"type": "4"}, "one of 1, 2, 3"),
        ({"type": "3 "}, "found '3 ', needed exactly 3"),
        ({"roles": ""}, "role"),
        ({"roles": "carrier|pirate"}, "'pirate'"),
        ({"status": "active"}, "found 'active', needed exactly ACTIVE"),
        ({"status": "EXPIRED"}, "ACTIVE, SUSPENDED"),
        ({"since": "1.1.2020"}, "status_since"),
        ({"from": ""}, "effective_from"),
        ({"from": "2020-02-30"}, "effective_from"),
        ({"until": "soon"}, "effective_until"),
        ({"until": "2019-12-31"}, "needed a later day than 2020-01-01"),
        ({"until": "2020-01-01"}, "needed a later day than 2020-01-01"),
        ({"status": "SUSPENDED", "since": "2019-12-31"}, "a day not before 2020-01-01"),
        ({"status": "SUSPENDED", "since": "2090-01-01"}, "a day not after today"),
        ({"name": "one,two"}, "found 12 columns, needed 11"),
        ({"name": '"open'}, "a quotation mark that never closes"),
        ({"name": '"a"b'}, "a quotation mark inside a cell written twice"),
        ({"tin": "BY700000031", "name": "Another"}, "again under the type of line 2"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(
    shop: Workshop, tmp_path: Path, change: dict[str, str], told: str
) -> None:
    file = write_csv(
        tmp_path / "bad.csv", {"tin": "BY700000031"}, {"tin": "BY700000032"}, {"tin": "BY700000030", **change}
    )
    result = shop.import_(file)
    assert result.exit_code == 2
    assert "line 4" in result.stderr
    assert told in result.stderr
    assert result.stderr.count("found ") <= 1
    assert shop.records("BY700000031", "BY700000032", "BY700000030") == [None] * 3


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("a,b", "found none of the profile plain in the first row, which has 'a, b'"),
        ("", "found an empty file"),
        (COLUMNS.replace("tin,", ""), "found tin missing, needed them in the first row"),
        (COLUMNS, "found no certificate below the first row, needed a row for each"),
    ],
)
def test_columns_as_a_spreadsheet_writes_them_are_named(shop: Workshop, tmp_path: Path, first: str, told: str) -> None:
    file = tmp_path / "r.csv"
    file.write_text(f"{first}\n")
    result = shop.import_(file)
    assert (result.exit_code, told in result.stderr, result.stderr.count("effective_until") <= 1) == (2, True, True)


@pytest.mark.parametrize(
    ("good", "tin", "code", "told"),
    [
        (
            "BY700000033",
            "BY700000060",
            3,
            "line 3: tin: found 'BY700000060', needed another number: the UNP's region or check digit is wrong); look again",
        ),
        ("BY700000046", "BY70000006", 3, "a Belarusian UNP of an organisation has 9 digits; a spreadsheet drops zeros"),
        ("BY700000059", "KZ12345678901", 3, "a Kazakh BIN has 12 digits; a spreadsheet drops zeros"),
    ],
)
def test_a_number_that_breaks_its_countrys_rule_is_imported_only_on_request(
    shop: Workshop, tmp_path: Path, good: str, tin: str, code: int, told: str
) -> None:
    file = write_csv(tmp_path / "odd.csv", {"tin": good}, {"tin": tin})
    command = ["register", "import", str(file), "--party", "BY", "--key", shop.key("BY")]
    refused = shop.run(*command)
    assert (refused.exit_code, told in refused.stderr, "line 3" in refused.stderr) == (code, True, True), refused.stderr
    assert shop.records(good, tin) == [None, None]
    accepted = shop.json(*command, "--accept-odd")
    assert accepted["odd"] == [tin]
    assert None not in shop.records(good, tin)
    write_csv(file, {"tin": good})
    assert shop.json(*command)["odd"] == []


@pytest.mark.parametrize(
    ("tin", "written"),
    [
        ("AEOBY700000050", "BY700000050"),
        ("by700000050", "BY700000050"),
        ("BY 700000050", "BY700000050"),
        ("EL7", "GR7"),
    ],
)
def test_another_form_of_a_number_is_never_imported_and_the_right_one_is_told(
    shop: Workshop, tmp_path: Path, tin: str, written: str
) -> None:
    result = shop.import_(write_csv(tmp_path / "odd.csv", {"tin": tin}))
    assert (result.exit_code, f"write {written}" in result.stderr) == (2, True), result.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "found an empty file, needed a first row of column names"),
        (b"tin,roles\n", "certificate_number, certificate_type, status"),
        (COLUMNS.encode() + b",tin\n", "the column 'tin' twice"),
        (COLUMNS.encode() + b"\n\xff\n", "byte 118 is not utf-8"),
        (COLUMNS.encode() + b"\n" + b"x" * 200_000 + b"\n", "field larger than field limit"),
    ],
)
def test_a_file_that_is_not_a_register_is_malformed(shop: Workshop, tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "odd.csv"
    file.write_bytes(content)
    result = shop.import_(file)
    assert (result.exit_code, told in result.stderr) == (2, True), result.stderr


def test_an_aeof_row_is_two_standings(shop: Workshop, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "eu.csv", {"tin": "EU1", "type": "AEOF"}, {"tin": "EU2", "type": "AEOC"})
    result = shop.import_(file, "--json", party="EU")
    assert json.loads(result.stdout)["recorded"] == 3
    again = shop.import_(file, "--json", party="EU")
    assert json.loads(again.stdout)["unchanged"] == 3
    assert shop.act("suspend", "EU1", "--type", "AEOC", party="EU").exit_code == 0
    assert json.loads(shop.import_(file, "--json", party="EU").stdout)["doubts"][0]["tin"] == "EU1"


def test_where_documents_cannot_be_kept_nothing_is_imported(shop: Workshop, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", {"tin": "BY700000040"})
    result = shop.import_(file, "--book", str(tmp_path / "absent/book"))
    assert (result.exit_code, "absent/book" in result.stderr) == (5, True)
    assert shop.records("BY700000040") == [None]


def test_an_import_whose_gateway_is_killed_is_finished_by_another_run(tmp_path: Path) -> None:
    """Killed before or after something was acknowledged: what is recorded stays, and the next run adds what is missing."""
    folder, port = found(tmp_path / "net"), free_port()
    shop = Workshop(folder=folder, port=port)
    rows = [{"tin": f"BY{710_000_000 + place}"} for place in range(2_500)]  # more than a block holds
    file = write_csv(tmp_path / "many.csv", *rows)
    command = [
        *COMMAND,
        "register",
        "import",
        str(file),
        "--party",
        "BY",
        "--key",
        shop.key("BY"),
        "--yes",
        "--gateway",
        shop.url,
        "--accept-odd",
    ]
    environment = {
        **os.environ,
        "AEO_LEDGER_PASSWORD": PASSWORD,
        "AEO_LEDGER_TRUST": str(folder / "trust.json"),
        "AEO_LEDGER_BOOK": str(folder / "book.sqlite"),
    }
    with run_gateway(folder, port) as gateway:
        running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        some = [row["tin"] for row in rows[::100]]  # one of each publication
        while set(shop.records(*some)) == {None} and running.poll() is None:
            time.sleep(0.02)
        gateway.kill()
        _, told = running.communicate(timeout=WITHIN_S)
    assert running.returncode in {4, 5}, told  # 4 if it was killed between an acknowledgement and its proof
    assert "Traceback" not in told
    with run_gateway(folder, port):
        there = sum(
            record is not None
            for start in range(0, 2_500, 1_000)
            for record in shop.records(*(row["tin"] for row in rows[start : start + 1_000]))
        )
        found_again = json.loads(shop.import_(file, "--json").stdout)
        assert 0 < there <= 2_500  # all of them if the last block was sealed while the gateway was being killed
        assert (found_again["recorded"], found_again["unchanged"]) == (2_500 - there, there)
        assert json.loads(shop.import_(file, "--json").stdout)["unchanged"] == 2_500
    with open_book(folder / "book.sqlite") as book:
        assert len(book.documents_of(1)) == len(book.shelf(1).salts) == 2_500
