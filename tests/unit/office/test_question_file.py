"""Files of traders: what each line asks, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aeo_ledger.errors.customs import MalformedTin
from aeo_ledger.errors.files import OversizedFile, UnreadableFile
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.verify import UnknownCertificateType, UnknownParty
from aeo_ledger.office.question_file import COLUMNS, QuestionLine, read_question_file
from support.sealed_world import trust

TOLD = ("CN", "import", "exporter", None, None, None, None)
TIN = "BY200988541"


def read(path: Path, text: str | bytes, told: tuple[str | None, ...] = TOLD) -> tuple[QuestionLine, ...]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_question_file(path, told, trust())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "traders"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_one_tin_a_line_is_asked_as_the_command_says(file: Path, end: str, mark: str) -> None:
    lines = read(file, f"{mark}{TIN}{end}{end}  CN1234567890 {end}")
    assert [(line.number, str(line.question)) for line in lines] == [
        (1, f"{TIN} for CN, import as exporter"),
        (3, "CN1234567890 for CN, import as exporter"),
    ]
    assert [line.typed for line in lines] == [TIN, "CN1234567890"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_say_what_the_command_does_not(file: Path, delimiter: str) -> None:
    rows = [
        COLUMNS,
        (TIN, "D-1", "KZ", "export", "carrier", "3", "BY", "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"),
        (TIN, "", "", "", "", "", "", "", ""),
    ]
    one, two = read(file, "\n".join(delimiter.join(row) for row in rows))
    assert one.reference == "D-1"
    assert str(one.question) == (
        f"{TIN} for KZ, export as carrier, type 3, register BY, on 2024-01-01 00:00:00Z, as known at 2024-02-01 00:00:00Z"
    )
    assert str(two.question) == f"{TIN} for CN, import as exporter"


def test_quoted_cells_are_read(file: Path) -> None:
    (line,) = read(file, f'"TIN","Reference"\n"{TIN}","a, ""b"""\n')
    assert (line.typed, line.reference) == (TIN, 'a, "b"')


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("by1", MalformedTin),
        ("ZZ1234", MalformedTin),
        ("x" * 500, MalformedTin),
        ("tin,recogniser\nBY200988541,XX", UnknownParty),
        ("tin,register\nBY200988541,XX", UnknownParty),
        ("tin,type\nBY200988541,NONE", UnknownCertificateType),
        ("tin,recogniser\nBY200988541,cn", MalformedText),
        ("tin,direction\nBY200988541,up", MalformedText),
        ("tin,on\nBY200988541,20200101", MalformedText),
        ("tin,reference\nBY200988541", MalformedText),
        ("tin,reference\nBY200988541,a,b", MalformedText),
        ('tin,reference\nBY200988541,"a', MalformedText),
        ('tin,reference\nBY200988541,"a"b', MalformedText),
    ],
)
def test_a_bad_line_is_named_and_costs_no_other(file: Path, text: str, error: type[Exception]) -> None:
    head, _, bad = text.rpartition("\n")
    good = TIN + "," * head.count(",")
    lines = read(file, "\n".join(([head] if head else []) + [good, bad, good]))
    assert [type(line.problem) for line in lines] == [type(None), error, type(None)]
    assert [line.question is None for line in lines] == [False, True, False]


@pytest.mark.parametrize("missing", range(3))
def test_what_neither_the_line_nor_the_command_says_is_named(file: Path, missing: int) -> None:
    told = tuple(None if place == missing else word for place, word in enumerate(TOLD))
    (line,) = read(file, TIN, told)
    assert isinstance(line.problem, MalformedText)
    assert line.problem.what == ("recogniser", "direction", "role")[missing]
    assert f"--{line.problem.what}" in line.problem.needed


def test_odd_numbers_are_asked_about_if_that_is_said(file: Path) -> None:
    file.write_text("BY51112580", encoding="utf-8")
    (refused,), (asked,) = (read_question_file(file, TOLD, trust(), accept_odd=odd) for odd in (False, True))
    assert isinstance(refused.problem, MalformedTin)
    assert asked.question is not None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"", MalformedText),
        (b"\n \n", MalformedText),
        (b"tin", MalformedText),
        (b"tin,colour\nBY1,red", MalformedText),
        (b"tin,TIN\nBY1,BY2", MalformedText),
        (b"\xff\xfeB\0Y\0", MalformedDocument),
        (b"BY\xff", MalformedDocument),
        (b"B" * ((1 << 22) + 1), OversizedFile),
    ],
)
def test_a_file_that_is_none_is_refused_whole(file: Path, text: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(file, text)


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_question_file(file, TOLD, trust())
