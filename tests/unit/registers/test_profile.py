"""A profile says what each heading and word means; a wrong one is refused with its place."""

# ruff: noqa: RUF001 (headings and words are Russian)
from __future__ import annotations

import time
from datetime import date

import pytest

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.registers.days import read_day_form
from aeo_ledger.registers.encodings import read_encoding
from aeo_ledger.registers.open_sheet import read_sheet
from aeo_ledger.registers.profile import Profile, parse_profile, shipped
from aeo_ledger.registers.propose_profile import propose_profile
from aeo_ledger.registers.read import Reading, read_register
from aeo_ledger.registers.sample import read_sample
from aeo_ledger.registers.shipped import PROFILES, read_shipped

NOW = int(time.time())
PLAIN = read_shipped("plain").decode()
RECEIVED = read_sample("BY", as_received=True)
HEADER = "tin,certificate_number,certificate_type,roles,status,status_since,decided,effective_from,effective_until,name,address"
ROW = "BY192900384,BY/0001,1,carrier,ACTIVE,2019-04-23,2019-04-13,2019-04-23,,Probe,Gomel"


def changed(old: str, new: str) -> bytes:
    assert old in PLAIN
    return PLAIN.replace(old, new).encode()


def profile(more: str = "", columns: str = "", old: str = "dates", new: str = "dates") -> Profile:
    head, _, table = PLAIN.replace(old, new, 1).partition("[columns]\n")
    return parse_profile(f"{head}{more}\n[columns]\n{table}{columns}".encode())


def read(text: str, by: Profile) -> Reading:
    return read_register(text.encode(), "BY", by, now=NOW)


def test_the_eurasian_register_is_read_as_it_was_received() -> None:
    reading = read_register(RECEIVED, "BY", shipped("eaeu"), now=NOW)
    assert (len(reading.rows), reading.problems) == (321, ())
    plain = read_register(read_sample("BY"), "BY", shipped("plain"), now=NOW)
    for one, other in zip(reading.rows, plain.rows, strict=True):
        assert (one.tin, one.type_number, one.roles, one.status) == (
            other.tin,
            other.type_number,
            other.roles,
            other.status,
        )
        assert (one.status_since, one.valid_from, one.valid_until) == (
            other.status_since,
            other.valid_from,
            other.valid_until,
        )
    assert dict(reading.rows[0].document) == {
        "tin": "BY192900384",
        "certificate_number": "BY/0001/ТИП1",
        "certificate_type": "1",
        "roles": "carrier",
        "status": "ACTIVE",
        "status_since": "2019-04-23",
        "decided": "2019-04-13",
        "effective_from": "2019-04-23",
        "effective_until": "",
        "name": "ООО «Импульс-1»",
        "address": "г. Гомель, ул. Заводская, 44",
        "№ п/п": "1",
    }


@pytest.mark.parametrize(
    ("data", "error", "told"),
    [
        (b"profile", MalformedDocument, "profile: it is not TOML: Expected '=' after a key"),
        (b"\xff", MalformedDocument, "profile: byte 0 is not UTF-8"),
        (changed("register-profile/1", "register-profile/2"), MalformedDocument, "profile at profile: found 'aeo-ledger/register-profile/2'"),
        (changed("about", "abuot"), MalformedDocument, "has unknown keys 'abuot'"),
        (changed('name = "plain"', 'name = "Plain"'), MalformedDocument, "profile at name: found 'Plain', needed small letters"),
        (changed('"yyyy-mm-dd"', '"yyyy-mm"'), MalformedText, "dates: found 'yyyy-mm', needed a form such as yyyy-mm-dd"),
        (changed('["yyyy-mm-dd"]', "[]"), MalformedDocument, "profile at dates: found a list of 0, needed a form of days"),
        (changed('"yyyy-mm-dd"', '"yyyy-mm-dd-dd"'), MalformedText, "dates: found 'yyyy-mm-dd-dd', needed a form"),
        (changed('"yyyy-mm-dd"', '"yyyy[mm]dd"'), MalformedText, "dates: found 'yyyy[mm]dd', needed a form"),
        (changed('"refuse"', '"drop"'), MalformedDocument, "profile at unmapped: found 'drop', needed one of refuse, keep, ignore"),
        (changed('"roles" = "roles"\n', ""), MalformedDocument, "profile at columns: no heading means roles"),
        (changed('"roles" = "roles"', '"roles" = "rolls"'), MalformedDocument, "profile at columns.roles: found 'rolls', needed one of tin"),
        (changed('"roles" = "roles"', '"roles" = "roles"\n"ROLES" = "keep"'), MalformedDocument, "columns.ROLES: found 'keep', it is 'roles' again"),
        (changed('"roles" = "roles"', '"R" = "roles"\n"roles" = "keep"'), MalformedDocument, "columns.roles: found 'keep', needed a heading"),
        (changed("dates", 'encoding = "klingon"\ndates'), MalformedText, "encoding: found 'klingon'"),
        *(
            (changed("dates", f'encoding = "{name}"\ndates'), MalformedText, f"encoding: found '{name}'")
            for name in ("punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "hz", "undefined", "zlib", "rot13")
        ),
        (changed("dates", 'delimiter = "ab"\ndates'), MalformedDocument, "profile at delimiter: found 'ab', needed one sign"),
        (changed("dates", 'tin_prefix = "QQ"\ndates'), MalformedDocument, "profile at tin_prefix: found 'QQ', needed the two letters of a country"),
        (changed("dates", 'tin_prefix = "BY"\ndates') + b'"C" = "prefix"\n', MalformedDocument, "tin_prefix: found 'BY', a column gives the prefix"),
        (changed("dates", "accept_odd = 1\ndates"), MalformedDocument, "profile at accept_odd: found 1, needed true or false"),
        (changed("dates", 'line_end = "cr"\ndates'), MalformedDocument, "profile at line_end: found 'cr', needed one of crlf, lf"),
        (changed("dates", 'certificate_numbers = ["BY/*"]\ndates'), MalformedDocument, "found a list of 1, needed forms without *"),
        (changed("dates", 'certificate_numbers = [""]\ndates'), MalformedDocument, "profile at certificate_numbers"),
        (PLAIN.encode() + b'[words.name]\n"a" = "b"\n', MalformedDocument, "profile at words.name: found a object of 1, words are for status"),
        (PLAIN.encode() + b'[words.status]\n"on" = "on"\n', MalformedDocument, "profile at words.status.on: found 'on', needed one of ACTIVE"),
        (PLAIN.encode() + b'[words.decided]\n"on" = "2019"\n', MalformedDocument, "profile at words.decided.on: found '2019', needed one of"),
    ],
)  # fmt: skip
def test_what_is_no_profile_is_refused_with_its_place(data: bytes, error: type[AeoLedgerError], told: str) -> None:
    with pytest.raises(error) as refused:
        parse_profile(data)
    assert told in str(refused.value)


def test_a_name_that_is_no_profile_is_refused() -> None:
    with pytest.raises(MalformedText, match="profile: found 'none', needed eaeu or plain, or a file"):
        read_shipped("none")


@pytest.mark.parametrize(
    ("unmapped", "document"),
    [('"keep"', {"Phone": "12"}), ('"ignore"', {})],
)
def test_a_column_that_nobody_mapped_is_kept_or_passed_over_if_the_profile_says_so(
    unmapped: str, document: dict[str, str]
) -> None:
    by = profile(old='"refuse"', new=unmapped)
    reading = read(f"{HEADER},Phone\n{ROW},12\n", by)
    found = reading.rows[0].document
    assert {heading: found[heading] for heading in found if heading not in HEADER} == document
    assert reading.passed_over == ({} if document else {"column that the profile ignores": 1})


def test_a_column_that_nobody_mapped_is_refused_otherwise() -> None:
    with pytest.raises(MalformedText) as refused:
        read(f"{HEADER},Phone\n{ROW},12\n", shipped("plain"))
    assert str(refused.value).startswith(
        "columns of the register: found 'Phone', which the profile plain does not name"
    )


def test_a_kept_column_cannot_take_the_place_of_a_plain_one() -> None:
    by = profile(old='"name" = "name"', new='"Holder" = "name"')
    kept = profile(old='"name" = "name"', new='"Holder" = "name"', more="")
    text = f"{HEADER.replace('name', 'Holder')},name\n{ROW},x\n"
    for one in (by, kept):
        with pytest.raises(MalformedText, match="columns of the register"):
            read(text, Profile(**{**vars(one), "unmapped": one.unmapped.__class__.KEEP}) if one is kept else one)


@pytest.mark.parametrize(
    ("more", "row", "tin"),
    [
        ('tin_prefix = "BY"', ROW.replace("BY192900384", "192900384"), "BY192900384"),
        ("", ROW, "BY192900384"),
    ],
)
def test_a_prefix_is_added_where_the_profile_says_so(more: str, row: str, tin: str) -> None:
    assert read(f"{HEADER}\n{row}\n", profile(more)).rows[0].tin.text == tin


def test_a_number_that_has_its_prefix_already_is_refused_where_one_is_added() -> None:
    (problem,) = read(f"{HEADER}\n{ROW}\n", profile('tin_prefix = "BY"')).problems
    assert (problem.found, problem.needed) == ("'BY192900384'", "the number without BY, as the profile says")


def test_a_day_number_is_read_where_the_profile_says_so() -> None:
    reading = read(
        f"{HEADER}\n{ROW.replace('2019-04-23', '43578')}\n",
        profile(old='["yyyy-mm-dd"]', new='["serial", "yyyy-mm-dd"]'),
    )
    assert reading.rows[0].document["effective_from"] == "2019-04-23"


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("yyyy-mm-dd", "2019-07-24", date(2019, 7, 24)),
        ("dd.mm.yyyy", "24.07.2019", date(2019, 7, 24)),
        ("d/m/yyyy", "4/7/2019", date(2019, 7, 4)),
        ("m/d/yyyy", "7/4/2019", date(2019, 7, 4)),
        ("serial", "43670", date(2019, 7, 24)),
    ],
)
def test_a_day_is_read_and_written_in_its_form(form: str, text: str, day: date) -> None:
    assert read_day_form(form).read(text) == day
    assert read_day_form(form).write(day) == text
    for other in ("", "31.02.2020", "2019-7-24", f"{text} ", "٢٤.٠٧.٢٠١٩"):
        assert read_day_form(form).read(other) is None


def test_the_profile_that_is_proposed_reads_the_file() -> None:
    sheet = read_sheet(RECEIVED, encoding="windows-1251", insist=True, knows=shipped("eaeu").knows)
    proposed = parse_profile(propose_profile(sheet, "own").encode())
    reading = read_register(RECEIVED, "BY", proposed, now=NOW)
    known = read_register(RECEIVED, "BY", shipped("eaeu"), now=NOW)
    assert [row.document for row in reading.rows] == [row.document for row in known.rows]


def test_what_cannot_be_known_is_asked_in_the_proposal() -> None:
    text = "EORI,Number,Kind,State,From,Colour\nBY192900384,1,1,strange,04/07/2019,red\nBY192900385,2,1,odd,03/02/2020,blue\n"
    sheet = read_sheet(text.encode(), encoding=None)
    proposed = propose_profile(sheet, "own")
    assert "# dd/mm/yyyy and mm/dd/yyyy read every day: which is meant?" in proposed
    assert 'line_end = "lf"' in proposed
    assert '"Colour" = "keep"  # kept as it is; does it mean something?' in proposed
    assert '# "strange" = ?  one of ACTIVE, SUSPENDED' in proposed
    assert "# which heading means roles? names of roles" in proposed
    with pytest.raises(MalformedDocument, match="no heading means certificate_number, certificate_type, roles"):
        parse_profile(proposed.encode())


def test_a_heading_of_a_stranger_cannot_leave_its_quotation_marks() -> None:
    sheet = read_sheet(b'"a""\n[words.status]\n""x""=""ACTIVE""",tin\nx,y\n', encoding=None)
    proposed = propose_profile(sheet, "own")
    assert proposed.count("\n[") == 1


def test_the_shipped_profiles_are_profiles() -> None:
    assert [parse_profile(read_shipped(name)).name for name in PROFILES] == list(PROFILES)


@pytest.mark.parametrize(
    "name",
    ["utf-8", "UTF8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "iso-8859-5", "windows-1251", "cp866", "koi8-u", "mac_cyrillic",
     "gb18030", "gbk", "gb2312", "big5", "shift_jis", "euc-kr", "euc_jp", "cp949", "johab", "tis-620", "kz1048", "ptcp154"],
)  # fmt: skip
def test_encodings_of_all_countries_have_their_names(name: str) -> None:
    assert "1".encode(read_encoding(name)).decode(name) == "1"
