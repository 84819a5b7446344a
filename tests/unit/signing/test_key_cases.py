"""Real key files and password files: each opens, or is refused with its error; none causes an unexpected error."""

from __future__ import annotations

import json
import shutil
import unicodedata
from pathlib import Path

import pytest

from aeo_ledger.errors.signing import AddressUnnamed, MalformedKeyFile, MalformedPassword, WrongPassword
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.signing import (
    Password,
    confirm_key_file,
    create_key_store,
    identify_key_file,
    obtain_password,
    open_key_file,
    open_key_store,
)

CASES = Path(__file__).parents[2] / "cases/keys"
OURS = "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"
PUBLISHED = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b"
WORD = "p\u00e4ssword"

OPENED = {
    "00-plain": ("pw", OURS),
    "01-nfd-password": (WORD, OURS),
    "02-compat-password": ("pass\u2026word\u00bd", OURS),
    "04-latin1-password": (WORD, OURS),
    "05-address-empty": ("pw", OURS),
    "06-address-missing": ("pw", OURS),
    "07-address-0X-upper": ("pw", OURS),
    "08-version-text": ("pw", OURS),
    "10-hex-upper": ("pw", OURS),
    "11-hex-0x": ("pw", OURS),
    "16-pbkdf2": ("pw", OURS),
    "23-bom": ("pw", OURS),
    "29-address-null": ("pw", OURS),
    "38-id-null": ("pw", OURS),
    "39-Crypto-capital": ("pw", OURS),
    "50-scrypt-r1-p8": ("testpassword", PUBLISHED),
    "51-pbkdf2-public": ("testpassword", PUBLISHED),
}
UNNAMED = {"05-address-empty", "06-address-missing", "29-address-null", "50-scrypt-r1-p8", "51-pbkdf2-public"}
"""Those that do not name their key's address."""
MALFORMED = {
    "09-version-missing": "it names no version, needed version 3",
    "12-n-huge": "the parameters of scrypt are out of range",
    "13-n-float": "the number 4096.0, needed whole numbers",
    "14-r-float": "the number 8.0, needed whole numbers",
    "15-p-true": "scrypt needs whole numbers",
    "17-c-float": "the number 1024.0, needed whole numbers",
    "18-prf-upper": "pbkdf2 over 'HMAC-SHA256', needed 'hmac-sha256'",
    "19-c-true": "pbkdf2 needs whole numbers",
    "20-dklen-float": "the number 32.0, needed whole numbers",
    "21-salt-empty": "no salt",
    "22-n-text": "scrypt needs whole numbers",
    "24-crypto-twice-by-case": "two names in it differ in case alone",
    "25-address-space": "another address",
    "26-iv-short": "the iv has 15 bytes, needed 16",
    "27-cbc": "cipher aes-128-ctr",
    "30-address-number": "its address is not text",
    "31-list": "it is JSON of another form",
    "32-empty": "not JSON",
    "34-version-float": "the number 3.0, needed whole numbers",
    "35-kdf-list": "needed key derivation by scrypt or pbkdf2",
    "36-n-negative": "the parameters of scrypt are out of range",
    "37-kdf-capital": "needed key derivation by scrypt or pbkdf2",
    "40-n-letters": "scrypt needs whole numbers",
    "41-c-1e3": "the number 1000.0, needed whole numbers",
}


def private(folder: Path, name: str) -> Path:
    """Copy a case to a private file."""
    path = folder / name
    shutil.copyfile(CASES / name, path)
    path.chmod(0o600)
    return path


def test_every_case_is_told_here() -> None:
    told = {*OPENED, *MALFORMED, "03-empty-password", "28-p6-wrong"}
    assert told == {path.stem for path in CASES.glob("*.json")}


@pytest.mark.parametrize("name", OPENED)
def test_a_file_that_other_wallets_open_is_opened(tmp_path: Path, name: str) -> None:
    password, address = OPENED[name]
    file = private(tmp_path, f"{name}.json")
    found, is_named = identify_key_file(file, Password(password))
    assert (to_hex(found), is_named) == (address, name not in UNNAMED)
    if name in UNNAMED:  # nothing shows that such a file was not altered, so its owner confirms the address first
        with pytest.raises(AddressUnnamed):
            open_key_file(file, Password(password))
        confirm_key_file(file, Password(password), found)
    assert to_hex(open_key_file(file, Password(password)).address) == address


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("name", ["01-nfd-password", "02-compat-password", "04-latin1-password"])
def test_it_is_opened_however_the_keyboard_writes_the_password(tmp_path: Path, name: str, form: str) -> None:
    password = Password(unicodedata.normalize(form, OPENED[name][0]))
    assert to_hex(open_key_file(private(tmp_path, f"{name}.json"), password).address) == OURS


@pytest.mark.parametrize("name", OPENED)
def test_another_password_does_not_open_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongPassword):
        open_key_file(private(tmp_path, f"{name}.json"), Password("pv\u00e4"))


@pytest.mark.parametrize("name", MALFORMED)
def test_a_file_that_nobody_should_read_is_malformed_and_says_why(tmp_path: Path, name: str) -> None:
    with pytest.raises(MalformedKeyFile) as refusal:
        open_key_file(private(tmp_path, f"{name}.json"), Password("pw"))
    assert MALFORMED[name] in refusal.value.reason


def test_a_file_altered_to_other_work_opens_with_no_password(tmp_path: Path) -> None:
    with pytest.raises(WrongPassword):
        open_key_file(private(tmp_path, "28-p6-wrong.json"), Password("pw"))


def test_an_empty_password_is_not_taken_and_that_is_said() -> None:
    with pytest.raises(MalformedPassword, match=r"AEO_LEDGER_PASSWORD: it is empty, needed at least one character"):
        obtain_password("keys/03", environment={"AEO_LEDGER_PASSWORD": ""})


@pytest.mark.parametrize("old", ['"version": 1', '"n": 2', '"r": 8', '"p": 1'])
@pytest.mark.parametrize("odd", ["{}.0", "true", '"{}"', "{}e0"])
def test_numbers_of_a_key_store_are_whole_numbers(tmp_path: Path, old: str, odd: str) -> None:
    path = tmp_path / "keys"
    create_key_store(path, ["BY"], Password("pw"), randomness=lambda size: b"\7" * size, work_factor=2)
    name, _, number = old.partition(": ")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, f"{name}: {odd.format(number)}", 1))
    with pytest.raises(MalformedKeyFile):
        open_key_store(path, Password("pw"))


def test_a_name_that_stands_twice_in_a_key_file_or_store_is_malformed(tmp_path: Path) -> None:
    path = private(tmp_path, "00-plain.json")
    text = path.read_text()
    path.write_text(text.replace('"version": 3', '"version": 3, "version": 3'))
    with pytest.raises(MalformedKeyFile, match="the key 'version' appears twice"):
        open_key_file(path, Password("pw"))
    store = tmp_path / "keys"
    create_key_store(store, ["BY"], Password("pw"), randomness=lambda size: b"\7" * size, work_factor=2)
    store.write_text(store.read_text().replace('"version": 1', '"version": 1, "version": 1'))
    with pytest.raises(MalformedKeyFile):
        open_key_store(store, Password("pw"))


# ---- files with a password ----


@pytest.mark.parametrize(("name", "revealed"), [("p4-cr", b"pw"), ("p7-crlf", b"pw"), ("p3-trailing-space", b"pw ")])
def test_how_a_password_files_lines_end_does_not_count(tmp_path: Path, name: str, revealed: bytes) -> None:
    assert obtain_password("a key", file=private(tmp_path, f"{name}.txt"), environment={}).reveal() == revealed


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("p2-utf16", "it is not UTF-8"),
        ("p5-empty-line", "it is empty, needed at least one character"),
        ("p6-nul", "it contains a NUL, which key derivation ignores"),
    ],
)
def test_a_password_file_without_a_password_says_what_is_wrong_with_it(tmp_path: Path, name: str, told: str) -> None:
    file = private(tmp_path, f"{name}.txt")
    with pytest.raises(MalformedPassword) as refusal:
        obtain_password("a key", file=file, environment={})
    assert refusal.value.reason == f"the first line of {file}: {told}"


def test_a_mark_before_the_password_is_no_part_of_it(tmp_path: Path) -> None:
    file = private(tmp_path, "p7-crlf.txt")
    file.write_bytes(b"\xef\xbb\xbfpw\r\n")
    assert obtain_password("a key", file=file, environment={}).reveal() == b"pw"


@pytest.mark.parametrize(
    ("line", "told"),
    [(b"pw \n", "begins or ends with white space"), (b"p\tw\n", "contains a character that does not print")],
)
def test_a_password_that_may_be_a_slip_is_told_where_it_does_not_open(tmp_path: Path, line: bytes, told: str) -> None:
    file = private(tmp_path, "p3-trailing-space.txt")
    file.write_bytes(line)
    password = obtain_password("a key", file=file, environment={})
    for path, opening in ((private(tmp_path, "00-plain.json"), open_key_file), (tmp_path / "keys", open_key_store)):
        if not path.exists():
            create_key_store(path, ["BY"], Password("pw"), randomness=lambda size: b"\7" * size, work_factor=2)
        with pytest.raises(WrongPassword) as refusal:
            opening(path, password)
        assert f"(the password {told})" in str(refusal.value)
        assert json.dumps("pw") not in str(refusal.value)
