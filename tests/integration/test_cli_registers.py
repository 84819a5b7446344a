"""`register import`: every kind of row, good and bad, and what an interruption leaves."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from aeo_ledger.customs.vocabulary import ReasonClass, Status
from aeo_ledger.office.calendar import parse_moment
from support.network import PASSWORD, SAMPLES, found
from support.workshop import COLUMNS, COMMAND, Workshop, free_port, run_gateway, write_csv


def test_importing_twice_changes_nothing(shop: Workshop, tmp_path: Path) -> None:
    documents = tmp_path / "by.jsonl"
    result = shop.import_(SAMPLES / "BY.csv", "--documents", str(documents), "--json")
    found = json.loads(result.stdout)
    assert (found["recorded"], found["publications"], found["block"]) == (0, 0, None)
    assert found["unchanged"] + len(found["different"]) == 321
    assert not documents.exists()
    kept = shop.folder / "by.jsonl"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(kept.read_text().splitlines()) == 321


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
    assert (again["recorded"], again["unchanged"], again["different"]) == (0, 5, [])


def test_a_row_that_differs_from_the_ledger_is_reported_and_left_alone(shop: Workshop, tmp_path: Path) -> None:
    tin = "BY700000020"
    assert shop.import_(write_csv(tmp_path / "a.csv", {"tin": tin})).exit_code == 0
    before = shop.records(tin)
    for place, change in enumerate(
        ({"roles": "broker"}, {"status": "SUSPENDED", "since": "2021-01-01"}, {"until": "2040-01-01"})
    ):
        result = shop.import_(write_csv(tmp_path / f"{place}.csv", {"tin": tin, **change}))
        assert (result.exit_code, f"were not changed: {tin}" in result.stdout) == (0, True)
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
        ({"until": "2019-12-31"}, "WRONG_VALIDITY"),
        ({"until": "2020-01-01"}, "WRONG_VALIDITY"),
        ({"status": "SUSPENDED", "since": "2019-12-31"}, "WRONG_SINCE"),
        ({"status": "SUSPENDED", "since": "2090-01-01"}, "WRONG_SINCE"),
        ({"name": "one,two"}, "another number of columns"),
        ({"name": '"open'}, "unexpected end of data"),
        ({"name": '"a"b'}, "expected after"),
        ({"tin": "BY700000031"}, "again under the type of line 2"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(
    shop: Workshop, tmp_path: Path, change: dict[str, str], told: str
) -> None:
    file = write_csv(
        tmp_path / "bad.csv", {"tin": "BY700000031"}, {"tin": "BY700000032"}, {"tin": "BY700000030", **change}
    )
    documents = tmp_path / "documents"
    result = shop.import_(file, "--documents", str(documents))
    assert result.exit_code == 2
    assert "line 4" in result.stderr
    assert told in result.stderr
    assert result.stderr.count("found ") <= 1
    assert shop.records("BY700000031", "BY700000032", "BY700000030") == [None] * 3
    assert not documents.exists() or documents.read_text() == ""


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (COLUMNS.replace(",", ";"), "found semicolons between columns instead of commas"),
        (COLUMNS.replace(",", "\t"), "found tabs between columns instead of commas"),
        (f"sep=,\n{COLUMNS}", "found a line 'sep=,' before the first row, which is to be left out"),
        (COLUMNS.upper(), "found names in capitals"),
        ("a,b", "found none of them in the first row"),
        ("", "found none of them in the first row"),
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
            "line 3: TIN 'BY700000060': the UNP's region or check digit is wrong; look again",
        ),
        ("BY700000046", "BY70000006", 2, "a Belarusian UNP of an organisation has 9 digits; look again"),
        ("BY700000059", "KZ12345678901", 2, "a Kazakh BIN has 12 digits; look again"),
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
        (b"", "needed a first row with tin,certificate_number"),
        (b"tin,roles\n", "certificate_number, certificate_type, status"),
        (COLUMNS.encode() + b",tin\n", "one of them twice"),
        (COLUMNS.encode() + b"\n\xff\n", "byte 118 is not UTF-8"),
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
    assert json.loads(shop.import_(file, "--json", party="EU").stdout)["different"] == ["EU1"]


def test_where_documents_cannot_be_kept_nothing_is_imported(shop: Workshop, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", {"tin": "BY700000040"})
    result = shop.import_(file, "--documents", str(tmp_path / "absent/documents"))
    assert (result.exit_code, "absent/documents" in result.stderr) == (5, True)
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
    }
    with run_gateway(folder, port) as gateway:
        running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        head = httpx.get(f"{shop.url}/healthz").json()["block"]
        while httpx.get(f"{shop.url}/healthz").json()["block"] < head + 2 and running.poll() is None:
            time.sleep(0.05)
        gateway.kill()
        _, told = running.communicate(timeout=60)
    assert running.returncode in {4, 5}, told  # 4 if it was killed between an acknowledgement and its proof
    assert "Traceback" not in told
    with run_gateway(folder, port):
        there = sum(
            record is not None
            for start in range(0, 2_500, 1_000)
            for record in shop.records(*(row["tin"] for row in rows[start : start + 1_000]))
        )
        found_again = json.loads(shop.import_(file, "--json").stdout)
        assert 0 < there < 2_500
        assert (found_again["recorded"], found_again["unchanged"]) == (2_500 - there, there)
        assert json.loads(shop.import_(file, "--json").stdout)["unchanged"] == 2_500
    assert len((tmp_path / "many.csv.documents.jsonl").read_text().splitlines()) == 2_500
