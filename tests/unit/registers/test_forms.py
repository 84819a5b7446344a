"""Every form of a file becomes the same rows, and bad rows go back in the form in which they came."""

# ruff: noqa: RUF001 (numbers of certificates are Russian)
from __future__ import annotations

import csv
import json
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO, StringIO
from types import MappingProxyType
from typing import Any

import pytest
import xlsxwriter

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.registers import BadRows, NotWritable, OddRows, OtherEncoding
from aeo_ledger.registers.as_csv import write_csv
from aeo_ledger.registers.as_json import write_json
from aeo_ledger.registers.as_xlsx import write_xlsx
from aeo_ledger.registers.open_sheet import read_sheet
from aeo_ledger.registers.profile import shipped
from aeo_ledger.registers.read import Reading, read_register
from aeo_ledger.registers.sample import read_sample
from aeo_ledger.registers.sheet import Dialect, Form

NOW = int(time.time())
ROWS = list(csv.reader(StringIO(read_sample("BY").decode(), newline="")))
HEADER, BODY = ROWS[0], ROWS[1:20]


def read(data: bytes, profile: str = "plain", **more: Any) -> Reading:
    return read_register(data, "BY", shipped(profile), now=NOW, **more)


def write(form: Form, rows: Sequence[Sequence[str]]) -> bytes:
    if form is Form.CSV:
        return write_csv(HEADER, rows, Dialect())
    return write_xlsx(HEADER, rows, title="R") if form is Form.XLSX else write_json(HEADER, rows, form)


def workbook(*rows: Sequence[Any], sheets: Sequence[str] = ("R",), hidden: Sequence[str] = ()) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd.mm.yyyy"}) as book:
        for name in sheets:
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(number, column, cell, None, "")
                    elif isinstance(cell, date):
                        sheet.write_datetime(number, column, cell)
                    else:
                        sheet.write(number, column, cell)
    return out.getvalue()


FORMS = [Form.CSV, Form.XLSX, Form.JSON, Form.JSONL]


@pytest.mark.parametrize("form", FORMS)
def test_a_document_does_not_depend_on_the_form_of_its_file(form: Form) -> None:
    reading = read(write(form, BODY))
    assert reading.sheet.form is form
    assert [dict(row.document) for row in reading.rows] == [dict(zip(HEADER, row, strict=True)) for row in BODY]


@pytest.mark.parametrize("form", FORMS)
def test_rejected_rows_are_corrected_and_fed_back(form: Form) -> None:
    """The good rows of the first file and the corrected rejects together are the whole register."""
    bad = [[*row] for row in BODY]
    bad[2][4], bad[7][7] = "active", "1/2/2020"
    first = read(write(form, bad))
    assert (len(first.rows), [problem.column for problem in first.problems]) == (
        len(BODY) - 2,
        ["status", "effective_from"],
    )
    rejects = read(first.rejects())
    assert (len(rejects.rows), rejects.sheet.form, rejects.total) == (0, form, 2)
    fixed = [[*row.cells] for row in rejects.sheet.rows]
    fixed[0][4], fixed[1][7] = BODY[2][4], BODY[7][7]
    second = read(write(form, fixed))
    assert second.problems == ()
    whole = {row.tin: row.document for row in (*first.rows, *second.rows)}
    assert whole == {row.tin: row.document for row in read(write(form, BODY)).rows}


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_rejects_is_known_until_somebody_corrects_it(form: Form) -> None:
    bad = [[*row] for row in BODY]
    bad[2][4], bad[7][7] = "active", "1/2/2020"
    reading = read(write(form, bad))
    fixed = [bad[2], [*BODY[7]]]
    assert reading.holds(reading.rejects())
    assert not reading.holds(write(form, fixed))
    assert not reading.holds(b"Dear colleagues")
    assert not reading.holds(b"[1]")
    other = Form.JSONL if form is Form.CSV else Form.CSV
    assert not reading.holds(write(other, bad))


def test_rejects_keep_encoding_delimiter_and_the_cells_as_they_were() -> None:
    received = read_sample("BY", as_received=True)
    lines = received.split(b"\r\n")
    lines[3] = lines[3].replace("действует".encode("cp1251"), "действовал".encode("cp1251"))
    reading = read(b"\r\n".join(lines), "eaeu")
    assert [problem.line for problem in reading.problems] == [4]
    assert reading.rejects() == b"\r\n".join([lines[0], lines[3], b""])
    assert reading.holds(reading.rejects())


NUMBER = "line 2: Номер свидетельства: found {found!r}, needed a number such as {needed}"
BELARUS = "BY/[0-9][0-9][0-9][0-9]/ТИП[123]"


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            "BY/0011/TИП1",
            NUMBER.format(found="BY/0011/TИП1", needed=BELARUS)
            + "; 'TИП' has letters of Latin and Cyrillic, which look alike: type it again",
        ),
        ("BY/0011/TIP1", NUMBER.format(found="BY/0011/TIP1", needed=BELARUS)),
        ("BY/0011/ТИП4", NUMBER.format(found="BY/0011/ТИП4", needed=BELARUS)),
        ("BY/011/ТИП1", NUMBER.format(found="BY/011/ТИП1", needed=BELARUS)),
        (
            "BY/0011/ТИП1 ",
            NUMBER.format(found="BY/0011/ТИП1 ", needed=BELARUS)
            + "; it has a space at its beginning or end: delete it",
        ),
        ("UZ/0011/ТИП1", "needed a number such as AM/[0-9][0-9][0-9][0-9]/ТИП[123] or BY/"),
    ],
)
def test_a_certificates_number_of_another_form_than_the_unions_is_odd(found: str, told: str) -> None:
    first, line, *_ = read_sample("BY", as_received=True).decode("cp1251").splitlines()
    cells = line.split(";")
    cells[first.split(";").index("Номер свидетельства")] = found
    data = f"{first}\r\n{';'.join(cells)}\r\n".encode("cp1251")
    with pytest.raises(OddRows) as refused:
        read(data, "eaeu").demand_good()
    assert told in refused.value.problems[0]
    (row,) = read(data, "eaeu", accept_odd=True).rows
    assert row.document["certificate_number"] == found


def test_all_bad_rows_are_named_and_one_costs_what_many_cost() -> None:
    many = [[f"BY{100_000_000 + place}", *BODY[0][1:4], "active", *BODY[0][5:]] for place in range(3_000)]
    reading = read(write(Form.CSV, many), accept_odd=True)
    assert [problem.line for problem in reading.problems] == list(range(2, 3_002))
    with pytest.raises(BadRows) as refused:
        reading.demand_good()
    assert (refused.value.bad, refused.value.total, len(refused.value.problems)) == (3_000, 3_000, 3_000)
    assert str(refused.value).endswith("; and 2999 more problems); nothing was published")


def test_cells_of_a_workbook_are_read_by_their_types() -> None:
    plain = [*BODY[0]]
    typed: list[Any] = [*plain]
    typed[HEADER.index("certificate_type")] = 1
    for column in ("status_since", "decided", "effective_from"):
        typed[HEADER.index(column)] = date.fromisoformat(plain[HEADER.index(column)])
    assert read(workbook(HEADER, typed)).rows[0].document == dict(zip(HEADER, plain, strict=True))


def change(column: str, cell: Any) -> bytes:
    row: list[Any] = [*BODY[0]]
    row[HEADER.index(column)] = cell
    return workbook(HEADER, row)


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("name", "=A1&B1", "row 2: name: found '=A1&B1', needed a value; a formula without its value"),
        ("tin", 1.92900384e17, "row 2: tin: found '1.929003840000000E+17', needed the number as it is registered"),
        (
            "tin",
            "BY1.929E+08",
            "row 2: tin: found 'BY1.929E+08', needed the number as it is registered; a spreadsheet rounded",
        ),
        ("tin", "BY192900384.0", "a spreadsheet made a fraction of the number: BY192900384 was meant"),
        ("effective_from", 44256, "a spreadsheet's day number, 2021-03-01: format the column as yyyy-mm-dd"),
        ("effective_from", 44256.5, "row 2: effective_from: found '44256.5', needed a day such as 2019-07-24"),
        ("status", True, "row 2: status: found 'TRUE', needed one of ACTIVE"),
    ],
)
def test_what_a_spreadsheet_did_to_a_cell_is_said(column: str, cell: Any, told: str) -> None:
    (problem,) = read(change(column, cell)).problems
    assert told in str(problem)


@pytest.mark.parametrize("column", HEADER)
@pytest.mark.parametrize("value", [0, 0.0, "", "#REF!"])
def test_a_formula_that_nobody_computed_is_never_read(column: str, value: float | str) -> None:
    """XlsxWriter and others write 0 for it, and leave it to the spreadsheet program."""
    (problem,) = read(compute(column, value)).problems
    assert str(problem) == (
        f"row 2: {column}: found '=A1&B1', needed a value; a formula without its value: open the file in the spreadsheet "
        "program, and save it"
    )


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [("name", "Probe", "Probe"), ("name", "0", "0"), ("certificate_type", 3, "3"), ("certificate_number", 0.5, "0.5")],
)
def test_a_formula_with_its_value_is_read(column: str, value: float | str, text: str) -> None:
    reading = read(compute(column, value))
    assert (reading.problems, reading.rows[0].document[column]) == ((), text)


def compute(column: str, value: float | str) -> bytes:
    """Make a workbook with a formula in one column, and the value that its cell holds."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("R")
        sheet.write_row(0, 0, HEADER)
        for place, cell in enumerate(BODY[0]):
            sheet.write_string(1, place, cell)
        sheet.write_formula(1, HEADER.index(column), "=A1&B1", None, value)
    return out.getvalue()


def test_a_formula_that_is_fed_back_is_still_one() -> None:
    first = read(change("name", "=A1&B1"))
    again = read(first.rejects())
    assert [str(one) for one in again.problems] == [str(one) for one in first.problems]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (workbook(HEADER, BODY[0], sheets=("A", "B")), "workbook: found 2 sheets that are not empty ('A', 'B'), needed one"),
        (workbook(), "workbook: found no row, needed one"),
        (b"PK\x03\x04 nothing more", "workbook: found File is not a zip file, needed an XLSX file"),
        (b"\xd0\xcf\x11\xe0", "register: found an old or encrypted file of Excel, needed CSV, XLSX, JSON or JSON Lines"),
        (b"PAR1", "register: found Parquet, needed CSV, XLSX, JSON or JSON Lines"),
        (b"[1]", "object 1: found int, needed an object with a key for each column"),
        (b'[{"tin": []}]', "object 1: tin: found [], needed a text or a number"),
        (b'{"tin": true}', "line 1: tin: found true, needed a text or a number"),
        (b'"a', "line 1: found a quotation mark that never closes, needed a second one at the end of the cell"),
        (b"x" * 40_000, "needed a first row"),
    ],
)  # fmt: skip
def test_what_is_no_register_in_any_form_is_named(data: bytes, told: str) -> None:
    with pytest.raises(MalformedText) as refused:
        read(data)
    assert told in str(refused.value)


def test_a_zip_archive_of_something_else_is_no_workbook() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(MalformedText, match="needed an XLSX file"):
        read(out.getvalue())


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aeo_ledger.registers.xlsx_parts.MAX_BYTES", 1_000)
    with pytest.raises(MalformedText, match="bytes when it is unpacked, needed at most 1,000"):
        read(workbook(HEADER, BODY[0]))


@pytest.mark.parametrize("data", [b'{"a": 1, "b": 2, "c": 3}\n{"a": 1}\n{}', b"a,b,c\n1\n,,,,,\n", b"a\n,,,,,,,,\n"])
def test_cells_that_nobody_wrote_count_too(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("aeo_ledger.registers.sheet.MAX_CELLS", 8)
    with pytest.raises(MalformedText, match=r"register: found (9|10) cells, needed at most 8"):
        read_sheet(data, encoding=None)


def test_empty_lines_of_json_are_counted_before_they_are_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aeo_ledger.registers.sheet.MAX_ROWS", 4)
    with pytest.raises(MalformedText, match="register: found 5 rows, needed at most 4"):
        read_sheet(b'{"a": 1}' + b"\n" * 5, encoding=None)


def test_lines_of_json_take_no_more_memory_than_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aeo_ledger.registers.as_json._MAX_MEMORY", 1_000)
    for data in (b'{"a": 1}\n' * 4, b"[" + b'{"a": 1},' * 3 + b'{"a": 1}]'):
        with pytest.raises(MalformedDocument, match="its values would take more than 1000 bytes of memory"):
            read_sheet(data, encoding=None)


# ---- what the XML of a workbook says


TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
HEAD = '<row r="1"><c r="A1" t="str"><v>tin</v></c><c r="B1" t="str"><v>end</v></c></row>'


def raw_workbook(
    rows: str,
    namespace: str = TRANSITIONAL,
    method: int = zipfile.ZIP_DEFLATED,
    parts: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """A workbook with one sheet, whose rows are given as XML; parts are replaced by name, others are added."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    known = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>',
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, text in {**known, **parts}.items():
            archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize("namespace", [TRANSITIONAL, STRICT])
@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="B2" t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c r="B2" t="e"/>', "#ERROR"),
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "=1/0"),
        ('<c r="B2"><f>1+1</f><v>0</v></c>', "=1+1"),
        ('<c r="B2"><f>1+1</f></c>', "=1+1"),
        ('<x:c xmlns:x="other" r="B2" t="e"><x:v>#N/A</x:v></x:c>', "#N/A"),
    ],
)
def test_a_cell_without_a_value_is_never_an_empty_one(namespace: str, cell: str, text: str) -> None:
    for tin in ('<c r="A2" t="str"><v>BY1</v></c>', ""):  # the library leaves out a last row without a value
        (row,) = read_sheet(raw_workbook(f'{HEAD}<row r="2">{tin}{cell}</row>', namespace), encoding=None).rows
        assert (row.cells[1], row.formulas) == (text, frozenset({1}))


ROW_2 = '<row r="2"><c r="A2"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("<row><c><v>1</v></c></row>", "workbook: found a row '' after row 0, needed rows with ascending numbers"),
        (f"{ROW_2}{ROW_2}", "workbook: found a row '2' after row 2, needed rows with ascending numbers"),
        (f"{ROW_2}{HEAD}", "workbook: found a row '1' after row 2, needed"),
        ('<row r="1"><c><v>1</v></c></row>', "row 1: found a cell '', needed cells with ascending places, as B2"),
        ('<row r="1"><c r="a1"><v>1</v></c></row>', "row 1: found a cell 'a1', needed"),
        ('<row r="1"><c r="A2"><v>1</v></c></row>', "row 1: found a cell 'A2', needed"),
        ('<row r="1"><c r="B1"/><c r="A1"/></row>', "row 1: found a cell 'A1', needed"),
        ('<row r="1"><c r="A1"/><c r="A1"/></row>', "row 1: found a cell 'A1', needed"),
        (f'{HEAD}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "found 1,048,576 rows, needed at most 1,000,000"),
        (f'{HEAD}<row r="2"><c r="XFD2"><f>1</f></c></row>', "found 16,384 columns, needed at most 1,000"),
        (f'{HEAD}<row r="1000000"><c r="Z1000000" t="e"/></row>', "found 26,000,000 cells, needed at most 5,000,000"),
        ('<row r="1"><c r="Z1" t="inlineStr"><is/></c></row><row r="1000000"><c r="A1000000"><v>1</v></c></row>',
         "found 26,000,000 cells, needed at most 5,000,000"),
    ],
)  # fmt: skip
def test_cells_are_in_order_and_within_bounds_before_any_is_read(rows: str, told: str) -> None:
    with pytest.raises(MalformedText) as refused:
        read_sheet(raw_workbook(rows), encoding=None)
    assert told in str(refused.value)


def test_cells_with_only_a_colour_are_no_cells() -> None:
    painted = '<row r="3" s="1"><c r="ZZ3" s="1"/></row><row r="1048576" s="1"><c r="XFD1048576" s="1"/></row>'
    sheet = read_sheet(raw_workbook(HEAD + ROW_2 + painted), encoding=None)
    assert (len(sheet.header), len(sheet.rows)) == (2, 1)


def shared(rows: str, *texts: str) -> bytes:
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return raw_workbook(rows, parts={"xl/sharedStrings.xml": f'<sst xmlns="{TRANSITIONAL}">{items}</sst>'})


def test_a_shared_text_counts_in_each_cell_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>1</v></c></row>' for row in range(2, 9))
    data = shared(HEAD + cells, "x", "a" * 700)
    assert [row.cells[0] for row in read_sheet(data, encoding=None).rows] == ["a" * 700] * 7
    monkeypatch.setattr("aeo_ledger.registers.xlsx_parts.MAX_BYTES", 4_800)
    with pytest.raises(MalformedText, match="workbook: found 4,900 characters in its cells, needed at most 4,800"):
        read_sheet(data, encoding=None)
    with pytest.raises(MalformedText, match="workbook, row 2: found the text '1', needed the number of a text"):
        read_sheet(shared(HEAD + cells, "x"), encoding=None)


def test_no_damaged_byte_of_a_workbook_is_more_than_malformed() -> None:
    whole = raw_workbook(HEAD + ROW_2)
    outcomes = set()
    for place in range(4, len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 + place % 255
        try:
            read_sheet(bytes(damaged), encoding=None)
        except MalformedText as refused:
            outcomes.add(refused.what)
    assert outcomes == {"workbook"}


@pytest.mark.parametrize("encoding", ["punycode", "shift_jis", "idna", "zlib", "utf-16"])
def test_xml_in_a_strange_encoding_is_malformed(encoding: str) -> None:
    part = f'<?xml version="1.0" encoding="{encoding}"?><worksheet><sheetData>{HEAD}</sheetData></worksheet>'
    with pytest.raises(MalformedText, match="needed an XLSX file"):
        read_sheet(raw_workbook("", parts={"xl/worksheets/sheet1.xml": part}), encoding=None)


def forge_size(archive: bytes, part: bytes) -> bytes:
    """Say in the directory of an archive that the sheet is only what it begins with."""
    forged = bytearray(archive)
    at = forged.rfind(b"xl/worksheets/sheet1.xml") - 46
    forged[at + 16 : at + 20] = zlib.crc32(part).to_bytes(4, "little")
    forged[at + 24 : at + 28] = len(part).to_bytes(4, "little")
    return bytes(forged)


def test_every_reader_of_a_workbook_reads_a_part_as_far_as_the_directory_says() -> None:
    end = "</sheetData></worksheet>"
    honest = raw_workbook(HEAD + ROW_2)
    forged = raw_workbook(HEAD + ROW_2 + end + "x" * 20_000_000)
    part = f'<worksheet xmlns="{TRANSITIONAL}"><sheetData>{HEAD}{ROW_2}{end}'.encode()
    forged = forge_size(forged, part)
    tracemalloc.start()
    assert read_sheet(forged, encoding=None) == read_sheet(honest, encoding=None)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 2_000_000


def test_parts_of_a_workbook_are_what_they_are_said_to_be() -> None:
    whole = raw_workbook(HEAD + ROW_2)
    assert len(read_sheet(whole, encoding=None).rows) == 1
    twice = '<a xmlns:r="b/relationships"><sheet name="S" r:id="r1"/><sheet name="S" r:id="r1"/></a>'
    forged = bytearray(raw_workbook(HEAD + "<row/>" * 100))
    at = forged.rfind(b"xl/worksheets/sheet1.xml") - 46
    forged[at + 24 : at + 28] = (100).to_bytes(4, "little")  # the size in the directory
    for data, told in (
        (raw_workbook("", parts={"xl/workbook.xml": twice}), "found 'S' twice, needed each sheet once"),
        (raw_workbook("", parts={"XL/workbook.xml": twice}), "found a part twice, needed each part once"),
        (bytes(forged), "found Bad CRC-32 for file 'xl/worksheets/sheet1.xml', needed an XLSX file"),
        (raw_workbook("", method=zipfile.ZIP_BZIP2), "found another compression, needed deflate"),
        (
            raw_workbook("", parts={"xl/workbook.xml": "<a"}),
            "found unclosed token: line 1, column 0, needed an XLSX file",
        ),
        (raw_workbook("", parts={"xl/_rels/workbook.xml.rels": "<a/>"}), "found 'r1', needed an XLSX file"),
    ):
        with pytest.raises(MalformedText) as refused:
            read_sheet(data, encoding=None)
        assert told in str(refused.value)


def test_a_sheet_that_is_named_and_empty_has_no_row() -> None:
    with pytest.raises(MalformedText, match="no row in the sheet 'S', needed a first row"):
        read_sheet(raw_workbook(""), encoding=None, sheet="S")


def test_a_sheet_is_the_only_filled_one_or_named() -> None:
    data = workbook(HEADER, BODY[0], sheets=("A", "B"), hidden=("B",))
    assert len(read(data).rows) == 1
    two = workbook(HEADER, BODY[0], sheets=("A", "B"))
    assert len(read_sheet(two, encoding=None, sheet="B").rows) == 1
    with pytest.raises(MalformedText, match=r"found the sheets 'A', 'B', needed a sheet 'C'"):
        read_sheet(two, encoding=None, sheet="C")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            b'{"tin": "BY1"}\n{"tin": "BY2", "tin": "BY3"}',
            "register at line 2: the key 'tin' appears twice in one object",
        ),
        (b'[{"tin": "BY1", "tin": "BY2"}]', "register: the key 'tin' appears twice in one object"),
        (b'[{"tin": "BY1"', "register: not JSON that can be read"),
        (b'[{"tin": NaN}]', "register: found the number NaN, needed whole numbers"),
    ],
)
def test_json_is_read_strictly(data: bytes, told: str) -> None:
    with pytest.raises(MalformedDocument) as refused:
        read(data)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "most", "what"), [(5, "MAX_ROWS", "rows"), (1, "MAX_COLUMNS", "columns"), (1, "MAX_CELLS", "cells")]
)
def test_limits_are_named(monkeypatch: pytest.MonkeyPatch, rows: int, most: str, what: str) -> None:
    monkeypatch.setattr(f"aeo_ledger.registers.sheet.{most}", 4)
    for form in FORMS:
        with pytest.raises(MalformedText, match=f"{what}, needed at most 4"):
            read(write(form, BODY[:rows]))


# ---- encodings


@pytest.mark.parametrize(
    ("data", "encoding", "error", "told"),
    [
        ("имя".encode("cp1251"), None, OtherEncoding, "byte 0 is not utf-8, needed utf-8"),
        ("tin\nимя".encode(), "eaeu", OtherEncoding, "the file is UTF-8, needed windows-1251: it looks like utf-8; say"),
        (b"tin", "klingon", MalformedText, "encoding: found 'klingon', needed a name such as utf-8"),
        (b"tin", "base64", MalformedText, "encoding: found 'base64', needed a name such as utf-8"),
    ],
)  # fmt: skip
def test_an_encoding_is_never_guessed(
    data: bytes, encoding: str | None, error: type[AeoLedgerError], told: str
) -> None:
    by, named = ("eaeu", None) if encoding == "eaeu" else ("plain", encoding)
    with pytest.raises(error) as refused:
        read(data, by, encoding=named)
    assert told in str(refused.value)


RECEIVED = read_sample("BY", as_received=True).decode("cp1251")


@pytest.mark.parametrize(
    ("written", "named", "proposed"),
    [
        (RECEIVED.encode("utf-16"), None, "utf-16"),
        (RECEIVED.encode("utf-16"), "windows-1251", "utf-16"),
        (b"\xfe\xff" + RECEIVED.encode("utf-16-be"), None, "utf-16"),
        (RECEIVED.encode("utf-16-le"), None, "utf-16-le"),
        (RECEIVED.encode("utf-16-be"), None, "utf-16-be"),
        (RECEIVED.encode(), None, "utf-8"),
        (RECEIVED.encode("utf-8-sig"), None, "utf-8"),
        (RECEIVED.encode(), "windows-1251", "utf-8"),
        (RECEIVED.encode("koi8-r", "replace"), None, "koi8-r"),
        (RECEIVED.encode("cp866", "replace"), None, "cp866"),
        (RECEIVED.encode("cp1251"), "utf-8", "windows-1251"),
        (RECEIVED.encode("cp1251"), "koi8-r", "windows-1251"),
        (RECEIVED.encode("cp1251"), "utf-16", "windows-1251"),
    ],
)
def test_a_file_in_another_encoding_than_the_profiles_is_told_in_which(
    written: bytes, named: str | None, proposed: str
) -> None:
    """Windows-1251 reads almost every file. So the encoding is the one that shows the profile's headings."""
    with pytest.raises(OtherEncoding) as refused:
        read(written, "eaeu", encoding=named)
    needed = named or "windows-1251"
    assert (refused.value.needed, refused.value.proposed) == (needed, proposed)
    assert str(refused.value).endswith(f"it looks like {proposed}; say --encoding {proposed}, or save it as {needed}")


@pytest.mark.parametrize("form", [Form.CSV, Form.JSON, Form.JSONL])
def test_the_plain_columns_are_found_in_utf_16_without_a_mark(form: Form) -> None:
    with pytest.raises(OtherEncoding) as refused:
        read(write(form, BODY).decode().encode("utf-16-le"))
    assert (refused.value.needed, refused.value.proposed) == ("utf-8", "utf-16-le")
    assert len(read(write(form, BODY).decode().encode("utf-16-le"), encoding="utf-16-le").rows) == len(BODY)


def test_what_somebody_named_for_this_file_goes_before_the_profile() -> None:
    text = read_sample("BY", as_received=True).decode("cp1251")
    assert len(read(text.encode(), "eaeu", encoding="utf-8").rows) == 321
    assert len(read(text.encode("utf-16"), "eaeu", encoding="utf-16").rows) == 321


# ---- cells that a spreadsheet would run


@pytest.mark.parametrize("name", ["=1+1", "+375 17 200", "-", "@home", "'=1+1", "\tname", "'quoted'", "plain"])
@pytest.mark.parametrize("form", FORMS)
def test_a_cell_from_outside_is_never_run_and_comes_back_as_it_was(form: Form, name: str) -> None:
    """In CSV an apostrophe makes it text, and the reader takes it away; in a workbook it is a text by its type."""
    row = [*BODY[0]]
    row[HEADER.index("name")] = name
    data = write(form, [row])
    assert read(data).rows[0].document["name"] == name
    if form is Form.CSV:
        (cells,) = list(csv.reader(StringIO(data.decode(), newline="")))[1:]
        assert cells[HEADER.index("name")][0] not in "=+-@\t"
    if form is Form.XLSX:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_character_that_an_encoding_lacks_is_refused_by_its_line() -> None:
    with pytest.raises(NotWritable) as refused:
        write_csv(["name"], [["a"], ["中"]], Dialect(encoding="windows-1251"))
    assert str(refused.value) == "line 3: '中' cannot be written in this form, which holds characters of windows-1251"


@pytest.mark.parametrize(
    "dialect",
    [
        Dialect(marked=True),
        Dialect(encoding="utf-16", marked=True),
        Dialect(sep_line=True, delimiter=";"),
        Dialect(line_end="\n"),
    ],
)
def test_a_dialect_is_written_as_it_was_read(dialect: Dialect) -> None:
    data = write_csv(HEADER, BODY, dialect)
    sheet = read_sheet(data, encoding=dialect.encoding, insist=True)
    assert (sheet.dialect, [list(row.cells) for row in sheet.rows]) == (dialect, BODY)


def test_json_keeps_numbers_as_digits() -> None:
    row: dict[str, Any] = {**dict(zip(HEADER, BODY[0], strict=True)), "certificate_number": 12, "certificate_type": 1.0}
    document = read(json.dumps([row]).encode()).rows[0].document
    assert (document["certificate_number"], document["certificate_type"]) == ("12", "1")
