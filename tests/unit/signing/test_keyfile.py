from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from Crypto.Cipher import AES
from eth_account import Account
from hypothesis import example, given
from hypothesis import strategies as st

from aeo_ledger.errors.cli import ExtraMissing
from aeo_ledger.errors.signing import (
    AddressUnnamed,
    ExposedFile,
    KeyFileExists,
    KeyFileUnavailable,
    MalformedKey,
    MalformedKeyFile,
    OtherKey,
    WrongPassword,
)
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.signing import (
    Password,
    Signer,
    confirm_key_file,
    create_key_file,
    identify_key_file,
    keyfile,
    open_key_file,
    open_key_store,
    write_engine_key,
    write_key_file,
)

SECRET = keccak256(b"a key")
LIGHT = 2
"""Work factor of tests."""


@pytest.fixture
def path(tmp_path: Path, password: Password) -> Path:
    write_key_file(tmp_path / "key.json", SECRET, password, work_factor=LIGHT)
    return tmp_path / "key.json"


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_a_new_key_is_opened_with_its_password(
    tmp_path: Path, password: Password, randomness: Callable[[int], bytes]
) -> None:
    made = create_key_file(tmp_path / "key.json", password, randomness=randomness, work_factor=LIGHT)
    assert open_key_file(tmp_path / "key.json", password).address == made.address
    assert (tmp_path / "key.json").stat().st_mode & 0o777 == 0o600


def test_eth_account_opens_what_is_written(path: Path, password: Password) -> None:
    assert bytes(Account.decrypt(json.loads(path.read_text()), password.reveal().decode())) == SECRET
    assert SECRET.hex() not in path.read_text()


@pytest.mark.parametrize("kdf", ["scrypt", "pbkdf2"])
def test_what_eth_account_writes_is_opened(tmp_path: Path, password: Password, kdf: Any) -> None:
    content = Account.encrypt(SECRET, password.reveal().decode(), kdf=kdf, iterations=LIGHT)
    (tmp_path / "key.json").touch(0o600)
    (tmp_path / "key.json").write_text(json.dumps(content))
    signer = open_key_file(tmp_path / "key.json", password)
    assert signer.sign(SECRET) == Signer.from_secret(SECRET).sign(SECRET)


def test_the_case_of_names_does_not_matter(path: Path, password: Password) -> None:
    rewrite(path, lambda content: content.update(Crypto=content.pop("crypto"), Address=content.pop("address").upper()))
    assert open_key_file(path, password).address == Signer.from_secret(SECRET).address


def test_the_work_is_what_was_asked_for(path: Path) -> None:
    assert json.loads(path.read_text())["crypto"]["kdfparams"]["n"] == LIGHT
    assert keyfile.WORK_FACTOR == 1 << 18


def test_another_password_is_refused(path: Path) -> None:
    with pytest.raises(WrongPassword) as caught:
        open_key_file(path, Password("incorrect"))
    assert caught.value.path == str(path)


@pytest.mark.parametrize("field", ["ciphertext", "mac"])
def test_an_altered_key_is_refused(path: Path, password: Password, field: str) -> None:
    def alter(content: dict[str, Any]) -> None:
        text = content["crypto"][field]
        content["crypto"][field] = f"{int(text[:2], 16) ^ 1:02x}{text[2:]}"

    rewrite(path, alter)
    with pytest.raises(WrongPassword):
        open_key_file(path, password)


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32])
def test_what_is_no_private_key_is_not_written(tmp_path: Path, password: Password, secret: bytes) -> None:
    with pytest.raises(MalformedKey):
        write_key_file(tmp_path / "key.json", secret, password, work_factor=LIGHT)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32])
def test_what_is_no_private_key_is_not_opened(path: Path, password: Password, secret: bytes) -> None:
    def put(content: dict[str, Any]) -> None:
        crypto = content["crypto"]
        salt = bytes.fromhex(crypto["kdfparams"]["salt"])
        derived = hashlib.scrypt(password.reveal(), salt=salt, n=LIGHT, r=8, p=1, dklen=32)
        stream = zip(bytes.fromhex(crypto["ciphertext"]), SECRET, secret, strict=True)
        ciphertext = bytes(closed ^ old ^ new for closed, old, new in stream)
        crypto.update(ciphertext=ciphertext.hex(), mac=keccak256(derived[16:] + ciphertext).hex())

    rewrite(path, put)
    with pytest.raises(MalformedKeyFile, match="not a private key"):
        open_key_file(path, password)


def test_an_altered_initial_value_makes_another_key_and_is_noticed(path: Path, password: Password) -> None:
    """This format's MAC does not cover the initialisation vector."""
    rewrite(path, lambda content: content["crypto"]["cipherparams"].update(iv="00" * 16))
    with pytest.raises(MalformedKeyFile, match="another address"):
        open_key_file(path, password)


# ---- files that do not name their key's address ----

ADDRESS = Signer.from_secret(SECRET).address
UNNAMED: dict[str, Callable[[dict[str, Any]], object]] = {
    "left out": lambda content: content.pop("address"),
    "empty": lambda content: content.update(address=""),
    "null": lambda content: content.update(address=None),
}


@pytest.mark.parametrize("change", UNNAMED.values(), ids=UNNAMED)
def test_a_file_that_names_no_address_opens_for_who_knows_it(
    path: Path, password: Password, change: Callable[[dict[str, Any]], object]
) -> None:
    rewrite(path, change)
    with pytest.raises(AddressUnnamed) as caught:
        open_key_file(path, password)
    assert (caught.value.path, caught.value.address) == (str(path), ADDRESS)
    assert f"key confirm {path} --address 0x{ADDRESS.hex()}" in str(caught.value)
    assert open_key_file(path, password, address=ADDRESS).address == ADDRESS
    assert identify_key_file(path, password) == (ADDRESS, False)
    with pytest.raises(AddressUnnamed):
        write_engine_key(path, password, path.with_name("nodekey"))
    assert not path.with_name("nodekey").exists()


@pytest.mark.parametrize("change", UNNAMED.values(), ids=UNNAMED)
def test_an_altered_initial_value_opens_no_other_key_unnoticed(
    path: Path, password: Password, change: Callable[[dict[str, Any]], object]
) -> None:
    rewrite(path, change)
    rewrite(path, lambda content: content["crypto"]["cipherparams"].update(iv="00" * 16))
    with pytest.raises(AddressUnnamed) as unnamed:
        open_key_file(path, password)
    assert unnamed.value.address != ADDRESS
    for opening in (
        lambda: open_key_file(path, password, address=ADDRESS),
        lambda: confirm_key_file(path, password, ADDRESS),
    ):
        with pytest.raises(OtherKey) as caught:
            opening()
        assert (caught.value.path, caught.value.found, caught.value.needed) == (
            str(path), unnamed.value.address, ADDRESS,
        )  # fmt: skip


@pytest.mark.parametrize("change", UNNAMED.values(), ids=UNNAMED)
def test_an_address_that_its_owner_confirms_is_named_from_then_on(
    path: Path, password: Password, change: Callable[[dict[str, Any]], object]
) -> None:
    rewrite(path, change)
    before = json.loads(path.read_text())
    assert confirm_key_file(path, password, ADDRESS).address == ADDRESS
    after = json.loads(path.read_text())
    assert after.pop("address") == ADDRESS.hex()
    assert after == {name: value for name, value in before.items() if name != "address"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_key_file(path, password).address == ADDRESS
    assert identify_key_file(path, password) == (ADDRESS, True)
    rewrite(path, lambda content: content["crypto"]["cipherparams"].update(iv="00" * 16))
    with pytest.raises(MalformedKeyFile, match="another address"):
        open_key_file(path, password)


def test_the_address_that_the_caller_knows_is_demanded_of_any_file(path: Path, password: Password) -> None:
    assert open_key_file(path, password, address=ADDRESS).address == ADDRESS
    with pytest.raises(OtherKey) as caught:
        open_key_file(path, password, address=bytes(20))
    assert (caught.value.found, caught.value.needed) == (ADDRESS, bytes(20))
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(OtherKey):
            confirm_key_file(path, password, bytes(20))
    assert path.read_bytes() == before


MALFORMED: dict[str, Callable[[dict[str, Any]], object]] = {
    "version 4": lambda c: c.update(version=4),
    "no version": lambda c: c.pop("version"),
    "no crypto": lambda c: c.pop("crypto"),
    "crypto of another form": lambda c: c.update(crypto=[]),
    "another cipher": lambda c: c["crypto"].update(cipher="aes-128-cbc"),
    "another derivation": lambda c: c["crypto"].update(kdf="argon2"),
    "a short key": lambda c: c["crypto"].update(ciphertext="00"),
    "a short MAC": lambda c: c["crypto"].update(mac="00"),
    "a short initial value": lambda c: c["crypto"]["cipherparams"].update(iv="00"),
    "no hexadecimal": lambda c: c["crypto"].update(mac="zz" * 32),
    "no salt": lambda c: c["crypto"]["kdfparams"].update(salt=""),
    "a short derived key": lambda c: c["crypto"]["kdfparams"].update(dklen=16),
    "too much memory": lambda c: c["crypto"]["kdfparams"].update(n=1 << 21),
    "too much work": lambda c: c["crypto"]["kdfparams"].update(p=1 << 20),
    "no power of two": lambda c: c["crypto"]["kdfparams"].update(n=3),
    "no work": lambda c: c["crypto"]["kdfparams"].update(n=1),
    "a number that is a text": lambda c: c["crypto"]["kdfparams"].update(n="2"),
    "a block size that no wallet chooses": lambda c: c["crypto"]["kdfparams"].update(r=1.5),
    "too many rounds": lambda c: c["crypto"].update(
        kdf="pbkdf2", kdfparams={"c": 1 << 30, "dklen": 32, "prf": "hmac-sha256", "salt": "00"}
    ),
    "another hash": lambda c: c["crypto"].update(
        kdf="pbkdf2", kdfparams={"c": 2, "dklen": 32, "prf": "hmac-md5", "salt": "00"}
    ),
    "an address that is none": lambda c: c.update(address=7),
    "another's address": lambda c: c.update(address="00" * 20),
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_file_of_another_form_is_refused(
    path: Path, password: Password, change: Callable[[dict[str, Any]], object]
) -> None:
    rewrite(path, change)
    with pytest.raises(MalformedKeyFile) as caught:
        open_key_file(path, password)
    assert caught.value.path == str(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '"key"'])
def test_a_file_that_is_no_json_object_is_refused(path: Path, password: Password, text: str) -> None:
    path.write_text(text)
    with pytest.raises(MalformedKeyFile, match=r"not JSON|JSON of another form"):
        open_key_file(path, password)


def test_a_key_is_never_overwritten(path: Path, password: Password) -> None:
    before = path.read_bytes()
    with pytest.raises(KeyFileExists):
        write_key_file(path, keccak256(b"another"), password, work_factor=LIGHT)
    assert path.read_bytes() == before


def test_a_file_open_to_others_or_not_there_is_refused(path: Path, password: Password) -> None:
    path.chmod(0o640)
    with pytest.raises(ExposedFile):
        open_key_file(path, password)
    path.unlink()
    with pytest.raises(KeyFileUnavailable):
        open_key_file(path, password)


@pytest.mark.parametrize("opening", [open_key_file, open_key_store])
def test_json_nested_too_deep_is_refused(
    path: Path, password: Password, opening: Callable[[Path, Password], object]
) -> None:
    path.write_text("[" * 100_000)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    try:
        with pytest.raises(MalformedKeyFile):
            opening(path, password)
    finally:
        sys.setrecursionlimit(before)


def test_opening_a_key_leaves_the_recursion_limit_alone(path: Path) -> None:
    """In a separate process, since other libraries of the tests raise the limit."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom aeo_ledger.signing import Password, open_key_file\n"
        "open_key_file(Path(sys.argv[1]), Password(sys.argv[2]))\nprint(sys.getrecursionlimit())\n"
    )
    arguments = [sys.executable, "-c", code, str(path), "correct horse battery staple"]
    run = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert run.stdout == "1000\n"


def test_an_engine_s_key_is_the_same_key_bare(tmp_path: Path, password: Password) -> None:
    path, out = tmp_path / "node.json", tmp_path / "nodekey"
    write_key_file(path, SECRET, password, work_factor=LIGHT)
    assert write_engine_key(path, password, out).address == Signer.from_secret(SECRET).address
    assert (out.read_text(), out.stat().st_mode & 0o777) == (SECRET.hex(), 0o600)
    with pytest.raises(KeyFileExists):
        write_engine_key(path, password, out)


@given(derived=st.binary(min_size=32, max_size=32), start=st.integers(0, 40), data=st.binary(max_size=80))
@example(derived=bytes(32), start=0, data=bytes(80))
def test_another_library_enciphers_alike(derived: bytes, start: int, data: bytes) -> None:
    """The counter begins near its end, so that it passes from its last value to 0."""
    iv = ((1 << 128) - 1 - start).to_bytes(16, "big")
    there = AES.new(derived[:16], AES.MODE_CTR, nonce=b"", initial_value=iv)
    assert keyfile._cipher(derived, iv, data) == there.encrypt(data)
    assert keyfile._cipher(derived, iv, keyfile._cipher(derived, iv, data)) == data


def test_a_scrypt_that_openssl_refuses_needs_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path(__file__).parents[2] / "cases/keys/50-scrypt-r1-p8.json"
    monkeypatch.setitem(sys.modules, "Crypto.Protocol.KDF", None)
    with pytest.raises(ExtraMissing) as missing:
        keyfile._derive("scrypt", json.loads(file.read_text())["crypto"]["kdfparams"], lambda: b"testpassword")
    assert (missing.value.extra, missing.value.module) == ("ledger", "Crypto")
