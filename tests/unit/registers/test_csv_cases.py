"""Files that people of this trade have stumbled over, each for its whole kind: read as they are meant, or refused by what they are."""

# ruff: noqa: RUF001 (a name is Russian)
from __future__ import annotations

from pathlib import Path

import pytest

from aeo_ledger.customs.vocabulary import Role, Status
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.registers import BadRows, OddRows, OtherEncoding
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.registers.profile import shipped
from aeo_ledger.registers.read import Reading, read_register

CASES = Path(__file__).parents[2] / "cases/csv"
NAME = "роба"
NOW = parse_moment("2026-11-26", None, what="now")
HEADER = "tin,certificate_number,certificate_type,roles,status,status_since,decided,effective_from,effective_until,name,address"
ROW = "BY100000076,BY/0700/3,3,carrier,ACTIVE,2021-03-01,2021-02-20,2021-03-01,,Probe,Minsk"


def find(number: str) -> Path:
    (path,) = CASES.glob(f"{number}-*.csv")
    return path


def read(number: str, **options: object) -> Reading:
    party = "KZ" if "kz" in find(number).name else "BY"
    return read_register(find(number).read_bytes(), party, shipped("plain"), now=NOW, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "tins", "passed_over"),
    [
        ("01", ["BY100000076"], {}),
        ("02", ["BY100000142", "BY100000219"], {}),
        ("03", ["BY100000288"], {}),
        ("04", ["BY100000354", "BY100000420"], {}),
        ("05", ["BY100000566"], {}),
        ("06", ["BY100000632"], {"column without a heading": 1}),
        ("07", ["BY100000709"], {"column without a heading": 2}),
        ("08", ["BY100000778"], {"empty cell without a column": 1}),
        ("09", ["BY100000844"], {"empty row": 2}),
        ("13", ["BY100001269"], {}),
        ("21", ["BY100001894"], {}),
        ("32", ["BY100002597"], {}),
        ("33", ["BY100002663"], {}),
        ("35", ["BY100002941"], {"repeated row": 1}),
        ("39", ["BY100003220"], {}),
        ("40", ["BY100003366"], {}),
        ("41", ["BY100003432"], {}),
        ("42", ["BY100003509", "BY100003578"], {}),
        ("43", ["BY100003644"], {}),
        ("45", ["BY100003856"], {}),
        ("47", ["BY100003991"], {}),
        ("49", ["BY100004135"], {}),
        ("50", ["BY100004201"], {}),
        ("52", ["BY192900384"], {"column without a heading": 1}),
        ("53", ["BY100005009"], {}),
    ],
)
def test_it_is_read_whole(number: str, tins: list[str], passed_over: dict[str, int]) -> None:
    reading = read(number)
    assert reading.problems == ()
    assert ([row.tin.text for row in reading.rows], reading.passed_over) == (tins, passed_over)


def test_what_stands_in_cells_is_kept_as_it_is() -> None:
    assert read("04").rows[0].document["address"] == "Minsk\nline two"
    assert [row.line for row in read("04").rows] == [2, 4]
    assert read("21").rows[0].document["name"] == "Pro\0be"
    assert read("42").rows[0].document["name"] == "A\u2028B"
    assert read("47").rows[0].document["name"] == 'Firm "X" Ltd'
    assert read("50").rows[0].document["name"] == "A\x0bB\x0cC\x1cD\x85E"
    assert (read("45").rows[0].roles, read("45").rows[0].document["roles"]) == (1 << Role.CARRIER, "carrier")
    assert read("43").rows[0].status is Status.SUSPENDED
    assert read("53").rows[0].document["certificate_number"] == "BY/9999/3"


SPACE = "it has a space of an unusual kind, which cannot be seen: delete it"


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (
            "12",
            "line 2: tin: found 'BY100001123\\xa0', needed a TIN (character 12 is NO-BREAK SPACE; write BY100001123); "
            + SPACE,
        ),
        ("14", f"line 2: effective_from: found '2021-03-01\\xa0', needed a day such as 2019-07-24; {SPACE}"),
        (
            "18",
            (
                "line 2: effective_from: found '44256', needed a day such as 2019-07-24; a spreadsheet's day number, 2021-03-01: "
                'format the column as yyyy-mm-dd, or set dates = ["serial"] in the profile'
            ),
        ),
        (
            "19",
            (
                "line 2: effective_from: found '01/03/2021', needed a day such as 2019-07-24; "
                'set dates = ["dd/mm/yyyy"] or dates = ["mm/dd/yyyy"] in the profile, whichever was meant'
            ),
        ),
        ("20", "line 2: decided: found '31/02/2020', needed a day such as 2019-07-24"),
        ("23", "line 2: certificate_number: found no certificate number, needed the number as on the certificate"),
        ("30", "line 2: status: found 'active', needed exactly ACTIVE"),
        (
            "31",
            (
                "line 2: effective_until: found '9999-12-31', needed a time between 1970 and 2105; a day that no register reaches stands "
                "for no end: leave the cell empty, or give the word in [words.effective_until]"
            ),
        ),
        (
            "37",
            "line 2: status_since: found '1999-01-01', needed a day not before 2021-03-01, on which it takes effect",
        ),
        ("38", "line 2: status_since: found '', needed a day such as 2019-07-24"),
        (
            "44",
            (
                "line 2: name: found '=HYPERLINK(1)', needed a value; a formula without its value: "
                "open the file in the spreadsheet program, and save it"
            ),
        ),
        (
            "48",
            (
                "line 2: found 12 columns, needed 11, as in the first row; "
                "a space stands before a quotation mark, which then does not count: delete it"
            ),
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_was_needed(number: str, problem: str) -> None:
    reading = read(number)
    assert ([str(one) for one in reading.problems], reading.rows) == ([problem], ())
    with pytest.raises(BadRows) as refused:
        reading.demand_good()
    assert refused.value.facts() == {"bad": 1, "total": 1, "problems": (problem,)}
    assert read(number, accept_odd=True).problems == reading.problems


def test_each_day_of_a_row_is_compared_with_its_others_and_with_today() -> None:
    assert [(one.column, one.found, one.needed) for one in read("36").problems] == [
        ("decided", "'2099-01-01'", "a day not after 2021-03-01, on which it takes effect"),
        ("decided", "'2099-01-01'", "a day not after today, 2026-11-26"),
    ]
    assert [(one.column, one.found) for one in read("46").problems] == [
        ("status_since", "'1969-12-31'"),
        ("effective_from", "'1969-12-31'"),
    ]


@pytest.mark.parametrize(
    ("number", "problem", "tin"),
    [
        (
            "15",
            (
                "line 2: tin: found 'KZ40940000020', needed another number: a Kazakh BIN has 12 digits; "
                "a spreadsheet drops zeros at the start of a number: was it KZ040940000020?"
            ),
            "KZ40940000020",
        ),
        (
            "28",
            "line 2: tin: found 'KZ940940000020', needed another number: the BIN's check digit is wrong",
            "KZ940940000020",
        ),
        (
            "29",
            "line 2: tin: found 'BY100000009', needed another number: the UNP's region or check digit is wrong",
            "BY100000009",
        ),
    ],
)
def test_an_odd_number_is_published_only_on_request(number: str, problem: str, tin: str) -> None:
    with pytest.raises(OddRows) as refused:
        read(number).demand_good()
    assert refused.value.facts() == {"bad": 1, "total": 1, "problems": (problem,)}
    assert [row.tin.text for row in read(number, accept_odd=True).rows] == [tin]


CHECK = "line 2: tin: found 'KZ940940000020', needed another number: the BIN's check digit is wrong"
STRAY = "line 2: tin: found 'KZ940940000020', needed another number: its prefix KZ leads elsewhere"


@pytest.mark.parametrize(("accept_odd", "problems"), [(False, (CHECK, STRAY)), (True, (STRAY,))])
def test_a_number_of_another_register_is_odd_for_whoever_knows_whose_traders_are_searched(
    accept_odd: bool, problems: tuple[str, ...]
) -> None:
    """Everything that is odd about a row is told at once, whether the file shows it or the ledger does."""
    reading = read("28", accept_odd=accept_odd).without(
        lambda tin: None if tin.prefix == "BY" else f"its prefix {tin.prefix} leads elsewhere"
    )
    assert (len(reading.rows), set(reading.bad)) == (0, {2})
    with pytest.raises(OddRows) as refused:
        reading.demand_good()
    assert refused.value.facts() == {"bad": 1, "total": 1, "problems": problems}


@pytest.mark.parametrize(
    ("number", "error", "told"),
    [
        ("11", MalformedText, "columns of the register: found the column 'tin' twice, needed each column once"),
        ("24", MalformedText, "register: found no certificate below the first row, needed a row for each"),
        (
            "25",
            MalformedText,
            "register: found an empty file, needed a first row of column names, and a row for each certificate",
        ),
        (
            "26",
            OtherEncoding,
            "byte 191 is not utf-8, needed utf-8: it looks like windows-1251; say --encoding windows-1251, or save it as utf-8",
        ),
        (
            "27",
            OtherEncoding,
            "the file begins as UTF-16 does, needed utf-8: it looks like utf-16; say --encoding utf-16, or save it as utf-8",
        ),
        (
            "34",
            MalformedText,
            "line 2: found a quotation mark that never closes, needed a second one at the end of the cell",
        ),
    ],
)
def test_a_fault_of_the_whole_file_is_named(number: str, error: type[AeoLedgerError], told: str) -> None:
    with pytest.raises(error) as refused:
        read(number)
    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("number", "encoding", "name"),
    [("26", "windows-1251", NAME), ("26", "cp1251", NAME), ("27", "utf-16", "Probe")],
)
def test_another_encoding_is_read_when_it_is_told(number: str, encoding: str, name: str) -> None:
    assert name in read(number, encoding=encoding).rows[0].document["name"]


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (32_768, "line 2: found a cell of 32,768 characters, needed at most 32,767"),
        (200_000, "line 2: found field larger than field limit (131072), needed cells of at most 32,767 characters"),
    ],
)
def test_a_cell_that_no_spreadsheet_holds_is_refused_with_the_limit(length: int, told: str) -> None:
    def make(size: int) -> bytes:
        return f"{HEADER}\n{ROW.replace('Probe', 'x' * size)}\n".encode()

    assert len(read_register(make(32_767), "BY", shipped("plain"), now=NOW).rows) == 1
    with pytest.raises(MalformedText) as refused:
        read_register(make(length), "BY", shipped("plain"), now=NOW)
    assert str(refused.value) == told


def test_every_file_of_the_folder_has_a_test() -> None:
    tested = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in CASES.glob("*.csv") if f'"{path.name[:2]}"' not in tested] == []
