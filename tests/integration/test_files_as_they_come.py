"""`register import` with files as they come: profiles, encodings, bad rows that are skipped and fed back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aeo_ledger.registers.as_xlsx import write_xlsx
from aeo_ledger.registers.shipped import read_shipped
from support.workshop import COLUMNS, Workshop, write_csv

CASES = Path(__file__).parents[1] / "cases/csv"


def rows(*numbers: int) -> list[dict[str, str]]:
    return [{"tin": f"BY{number}"} for number in numbers]


def test_good_rows_are_published_and_bad_ones_come_back_to_be_corrected(shop: Workshop, tmp_path: Path) -> None:
    good, bad, odd = rows(720_000_001, 720_000_002, 720_000_003)
    file = write_csv(tmp_path / "r.csv", good, {**bad, "status": "active"}, {**odd, "from": "1/1/2020"})
    rejects = tmp_path / "rejects.csv"
    refused = shop.import_(file)
    assert refused.exit_code == 2
    assert "line 3: status: found 'active', needed exactly ACTIVE" in refused.stderr
    assert "line 4: effective_from: found '1/1/2020'" in refused.stderr
    assert "2 of 3 rows cannot be read" in refused.stderr
    assert shop.records("BY720000001") == [None]
    done = shop.import_(file, "--skip-bad", str(rejects), "--json")
    found = json.loads(done.stdout)
    assert (found["recorded"], found["file"]["skipped"], len(found["file"]["problems"])) == (1, 2, 2)
    lines = file.read_text().splitlines(keepends=True)
    assert rejects.read_text() == "".join([lines[0], *lines[2:]])
    rejects.write_text(rejects.read_text().replace("active", "ACTIVE").replace("1/1/2020", "2020-01-01"))
    assert json.loads(shop.import_(rejects, "--json").stdout)["recorded"] == 2
    assert None not in shop.records("BY720000001", "BY720000002", "BY720000003")


def test_rejects_never_replace_a_file_nor_are_they_the_file_itself(shop: Workshop, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "r.csv", *rows(720_000_011), {**rows(720_000_012)[0], "status": "active"})
    other = tmp_path / "other"
    other.write_text("mine")
    for taken in (file, other):
        before = taken.read_bytes()
        result = shop.import_(file, "--skip-bad", str(taken))
        assert (result.exit_code, taken.read_bytes()) == (3, before)
    assert shop.records("BY720000011") == [None]


def test_the_same_command_again_writes_the_same_rejects_and_never_over_corrections(
    shop: Workshop, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "r.csv", *rows(720_000_013), {**rows(720_000_014)[0], "status": "active"})
    rejects = tmp_path / "rejects.csv"
    for recorded in (1, 0):
        done = shop.import_(file, "--skip-bad", str(rejects), "--json")
        assert (done.exit_code, json.loads(done.stdout)["recorded"]) == (0, recorded), done.output
    corrected = rejects.read_text().replace("active", "ACTIVE")
    rejects.write_text(corrected)
    refused = json.loads(shop.import_(file, "--skip-bad", str(rejects), "--json").stdout)
    assert (refused["error"], refused["detail"]) == (
        "OutputTaken",
        f"{rejects} contains something other than rejected rows of this file: name another file to write to",
    )
    assert rejects.read_text() == corrected


def test_a_file_of_bad_rows_alone_publishes_nothing(shop: Workshop, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "r.csv", {**rows(720_000_021)[0], "status": "active"})
    result = shop.import_(file, "--skip-bad", str(tmp_path / "rejects.csv"))
    assert (result.exit_code, "1 of 1 row cannot be read" in result.stderr) == (2, True)
    assert not (tmp_path / "rejects.csv").exists()


def test_what_seems_missing_may_be_a_bad_row(shop: Workshop, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "r.csv", *rows(720_000_031), {**rows(720_000_032)[0], "status": "active"})
    result = shop.import_(file, "--skip-bad", str(tmp_path / "rejects.csv"), "--missing", "withdraw")
    assert (result.exit_code, "a bad row may be what seems to be missing" in result.stderr) == (2, True)
    assert shop.records("BY720000031") == [None]


def test_a_cut_list_says_that_it_was_cut_and_json_has_all(shop: Workshop, tmp_path: Path) -> None:
    many = [{**row, "status": "active"} for row in rows(*range(720_100_000, 720_100_060))]
    file = write_csv(tmp_path / "r.csv", *many)
    told = shop.import_(file).stderr
    assert "line 51: status" in told
    assert "line 52: status" not in told
    assert "... and 10 more problems in 10 rows: --json lists all" in told
    refused = json.loads(shop.import_(file, "--json").stdout)
    assert (refused["error"], len(refused["problems"])) == ("BadRows", 60)


def test_every_bad_row_is_named_in_one_run_whether_file_or_ledger_shows_it(shop: Workshop, tmp_path: Path) -> None:
    file = write_csv(
        tmp_path / "r.csv", {"tin": "BY700000099"}, {"tin": "KZ940940000022"}, {"tin": "BY700000000", "status": "on"}
    )
    command = ["register", "import", str(file), "--party", "BY", "--key", shop.key("BY"), "--yes"]
    found = json.loads(shop.run(*command, "--json").stdout)
    unfound = "leads to KZ: no question finds it in the register of BY unless it names that register"
    line_3 = "line 3: tin: found 'KZ940940000022', needed another number: "
    assert (found["error"], found["problems"]) == (
        "BadRows",
        [
            "line 2: tin: found 'BY700000099', needed another number: the UNP's region or check digit is wrong",
            f"{line_3}the BIN's check digit is wrong",
            f"{line_3}its prefix KZ {unfound}",
            "line 4: status: found 'on', needed one of ACTIVE, SUSPENDED, REVOKED, WITHDRAWN, ANNULLED",
            "line 4: tin: found 'BY700000000', needed another number: the UNP's region or check digit is wrong",
        ],
    )
    refused = shop.run(*command, "--gateway", "http://127.0.0.1:1")
    told = " ".join(refused.stderr.split())
    assert (refused.exit_code, "where the prefixes of numbers lead was not looked up: " in told) == (2, True)
    assert "3 of 3 rows cannot be read" in told


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        (
            "26",
            (),
            "byte 191 is not utf-8, needed utf-8: it looks like windows-1251; say --encoding windows-1251, or save it as utf-8",
        ),
        ("27", (), "it looks like utf-16; say --encoding utf-16"),
        ("05", ("--profile", "none"), "profile: found 'none', needed eaeu or plain, or a file"),
        ("05", ("--profile", "eaeu"), "columns of the register: found none of the profile eaeu in the first row"),
        ("24", (), "no certificate below the first row"),
    ],
)
def test_a_file_is_refused_with_what_would_read_it(
    shop: Workshop, name: str, options: tuple[str, ...], told: str
) -> None:
    (file,) = CASES.glob(f"{name}-*")
    result = shop.import_(file, *options)
    assert (result.exit_code, told in " ".join(result.stderr.split())) == (2, True), result.stderr


@pytest.mark.parametrize(
    ("name", "options"), [("26", ("--encoding", "windows-1251")), ("27", ("--encoding", "utf-16"))]
)
def test_another_encoding_is_read_when_it_is_told(shop: Workshop, name: str, options: tuple[str, ...]) -> None:
    (file,) = CASES.glob(f"{name}-*")
    assert json.loads(shop.import_(file, *options, "--json").stdout)["recorded"] == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("06", "passed over: 1 column without a heading"),
        ("08", "passed over: 1 empty cell without a column"),
        ("09", "passed over: 2 empty rows"),
        ("35", "passed over: 1 repeated row"),
    ],
)
def test_what_means_nothing_is_passed_over_and_told(shop: Workshop, name: str, told: str) -> None:
    (file,) = CASES.glob(f"{name}-*")
    result = shop.import_(file)
    assert (result.exit_code, told in result.stdout.splitlines()) == (0, True), result.stdout


def test_a_corrected_number_and_name_are_a_change_and_never_unchanged(shop: Workshop, tmp_path: Path) -> None:
    (file,) = CASES.glob("53-*")
    text = file.read_text(encoding="utf-8")
    before = tmp_path / "before.csv"
    before.write_text(text.replace("BY/9999/3", "BY/0703/3").replace("Renamed LLC", "Named LLC"), encoding="utf-8")
    assert json.loads(shop.import_(before, "--json").stdout)["recorded"] == 1
    found = json.loads(shop.import_(file, "--json").stdout)
    assert (found["recorded"], found["changed"], found["unchanged"]) == (0, 1, 0)
    kept = shop.json("book", "show", "BY100005009", "--party", "BY")["documents"]
    assert [(one["document"]["certificate_number"], one["document"]["name"]) for one in kept] == [
        ("BY/0703/3", "Named LLC"),
        ("BY/9999/3", "Renamed LLC"),
    ]
    assert json.loads(shop.import_(file, "--json").stdout)["unchanged"] == 1


def test_a_profile_of_ones_own_reads_a_workbook(shop: Workshop, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        read_shipped("plain").decode().replace('"tin" = "tin"', '"EORI" = "tin"').replace('"plain"', '"own"')
    )
    header = ["EORI", *COLUMNS.split(",")[1:]]
    cells = ["BY720000041", "No", "3", "carrier", "ACTIVE", "2020-01-01", "", "2020-01-01", "", "A name", ""]
    file = tmp_path / "r.xlsx"
    file.write_bytes(write_xlsx(header, [cells], title="R"))
    assert json.loads(shop.import_(file, "--profile", str(own), "--json").stdout)["recorded"] == 1
    shown = shop.run("register", "profile", "show", str(own))
    assert shown.stdout == own.read_text()
    own.write_text(own.read_text().replace('"refuse"', '"drop"'))
    result = shop.import_(file, "--profile", str(own))
    assert (result.exit_code, "at unmapped: found 'drop', needed one of refuse, keep, ignore" in result.stderr) == (
        2,
        True,
    )


def test_the_words_of_a_strangers_file_are_shown_escaped(shop: Workshop, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "r.csv", {"tin": "BY\x1b[31m1"})
    result = shop.import_(file)
    assert (result.exit_code, "\x1b" in result.stderr) == (2, False)
    file.write_text("a\x1b[2J,b\n1,2\n")
    result = shop.import_(file)
    assert (result.exit_code, "\x1b" in result.stderr) == (2, False)


def test_profiles_are_listed_shown_and_proposed(shop: Workshop, tmp_path: Path) -> None:
    listed = shop.json("register", "profile", "list")["profiles"]
    assert [one["name"] for one in listed] == ["eaeu", "plain"]
    assert shop.run("register", "profile", "show", "eaeu").stdout.encode() == read_shipped("eaeu")
    received = tmp_path / "r.csv"
    assert shop.run("register", "sample", "BY", "--as-received", "--out", str(received)).exit_code == 0
    told = shop.run("register", "profile", "new", str(received), "--out", str(tmp_path / "own.toml"))
    assert 'read as "windows-1251"' in told.stdout
    assert shop.run("register", "profile", "show", str(tmp_path / "own.toml")).exit_code == 0
    refused = shop.run("register", "sample", "CN", "--as-received")
    assert (refused.exit_code, "sample: found 'CN', needed one of BY" in refused.stderr) == (2, True)
