from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.errors.signing import (
    ExposedFile,
    KeyFileExists,
    KeyFileUnavailable,
    LabelTaken,
    MalformedKeyFile,
    NoSuchLabel,
    WrongPassword,
)
from aeo_ledger.signing import (
    Password,
    Signer,
    add_to_key_store,
    create_key_store,
    export_key,
    open_key_file,
    open_key_store,
)

LIGHT = 2
LABELS = ("relay", "BY", "CN", "EU")
Randomness = Callable[[int], bytes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def made(path: Path, password: Password, randomness: Randomness) -> dict[str, Signer]:
    return create_key_store(path, LABELS, password, randomness=randomness, work_factor=LIGHT)


def addresses(signers: dict[str, Signer]) -> dict[str, bytes]:
    return {label: signer.address for label, signer in signers.items()}


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_a_store_is_opened_once_and_yields_all_keys(path: Path, made: dict[str, Signer], password: Password) -> None:
    assert addresses(open_key_store(path, password)) == addresses(made)
    assert made.keys() == set(LABELS)
    assert len(set(addresses(made).values())) == len(LABELS)
    assert path.stat().st_mode & 0o777 == 0o600


def test_neither_keys_nor_labels_can_be_read_in_it(
    path: Path, made: dict[str, Signer], password: Password, randomness: Randomness
) -> None:
    written = path.read_text()
    assert not any(label in written for label in ("relay", "BY", "CN", "EU"))
    path.unlink()
    create_key_store(path, LABELS, password, randomness=randomness, work_factor=LIGHT)
    assert {json.loads(written)[part] == json.loads(path.read_text())[part] for part in ("nonce", "tag")} == {False}


def test_keys_are_added_and_the_others_stay(
    path: Path, made: dict[str, Signer], password: Password, randomness: Randomness
) -> None:
    before = json.loads(path.read_text())
    added = add_to_key_store(path, ["UY"], password, randomness=randomness)
    assert added.keys() == {"UY"}
    assert addresses(open_key_store(path, password)) == addresses(made) | addresses(added)
    after = json.loads(path.read_text())
    assert after["nonce"] != before["nonce"]
    assert after["kdf"]["salt"] != before["kdf"]["salt"]
    assert after["kdf"]["n"] == LIGHT


def test_a_label_names_one_key(path: Path, made: dict[str, Signer], password: Password, randomness: Randomness) -> None:
    before = path.read_bytes()
    for labels in (["CN"], ["UY", "UY"]):
        with pytest.raises(LabelTaken) as caught:
            add_to_key_store(path, labels, password, randomness=randomness)
        assert caught.value.label == labels[-1]
    assert path.read_bytes() == before
    with pytest.raises(LabelTaken):
        create_key_store(path.with_name("other"), ["BY", "BY"], password, randomness=randomness, work_factor=LIGHT)
    assert not path.with_name("other").exists()


def test_a_party_takes_its_key_home(path: Path, made: dict[str, Signer], password: Password, tmp_path: Path) -> None:
    own = Password("its own")
    home = tmp_path / "home.json"
    export_key(path, "BY", password, to=home, to_password=own, work_factor=LIGHT)
    assert open_key_file(home, own).address == made["BY"].address
    with pytest.raises(WrongPassword):
        open_key_file(home, password)
    with pytest.raises(KeyFileExists):
        export_key(path, "CN", password, to=home, to_password=own, work_factor=LIGHT)
    with pytest.raises(NoSuchLabel) as caught:
        export_key(path, "UY", password, to=tmp_path / "other", to_password=own, work_factor=LIGHT)
    assert (caught.value.label, set(caught.value.labels)) == ("UY", set(LABELS))


def test_another_password_is_refused(path: Path, made: dict[str, Signer]) -> None:
    with pytest.raises(WrongPassword) as caught:
        open_key_store(path, Password("incorrect"))
    assert caught.value.path == str(path)


def flip(text: str) -> str:
    """Flip one bit of the first byte."""
    return f"{int(text[:2], 16) ^ 1:02x}{text[2:]}"


ALTERED: dict[str, tuple[Callable[[dict[str, Any]], object], type[Exception]]] = {
    "ciphertext": (lambda c: c.update(ciphertext=flip(c["ciphertext"])), WrongPassword),
    "tag": (lambda c: c.update(tag=flip(c["tag"])), WrongPassword),
    "nonce": (lambda c: c.update(nonce=flip(c["nonce"])), WrongPassword),
    "salt": (lambda c: c["kdf"].update(salt=flip(c["kdf"]["salt"])), WrongPassword),
    "work factor": (lambda c: c["kdf"].update(n=4), WrongPassword),
    "a byte fewer": (lambda c: c.update(ciphertext=c["ciphertext"][2:]), WrongPassword),
    "the case of a digit": (lambda c: c.update(nonce=" " + c["nonce"]), WrongPassword),
    "too much memory": (lambda c: c["kdf"].update(n=1 << 21), MalformedKeyFile),
    "no power of two": (lambda c: c["kdf"].update(n=3), MalformedKeyFile),
    "no number": (lambda c: c["kdf"].update(n="2"), MalformedKeyFile),
    "block size": (lambda c: c["kdf"].update(r=9), MalformedKeyFile),
    "parallelism": (lambda c: c["kdf"].update(p=2), MalformedKeyFile),
    "derivation": (lambda c: c["kdf"].update(name="pbkdf2"), MalformedKeyFile),
    "version": (lambda c: c.update(version=2), MalformedKeyFile),
    "kind": (lambda c: c.update(kind="aeo-ledger/act"), MalformedKeyFile),
    "cipher": (lambda c: c.update(cipher="aes-256-gcn"), MalformedKeyFile),
    "a member too many": (lambda c: c.update(comment=""), MalformedKeyFile),
    "a parameter too many": (lambda c: c["kdf"].update(comment=""), MalformedKeyFile),
    "a member missing": (lambda c: c.pop("tag"), MalformedKeyFile),
    "a short tag": (lambda c: c.update(tag=c["tag"][:8]), MalformedKeyFile),
    "a short nonce": (lambda c: c.update(nonce=""), MalformedKeyFile),
    "a short salt": (lambda c: c["kdf"].update(salt="00"), MalformedKeyFile),
    "no ciphertext": (lambda c: c.update(ciphertext=""), MalformedKeyFile),
    "no hexadecimal": (lambda c: c.update(ciphertext="zz"), MalformedKeyFile),
}


@pytest.mark.parametrize(("change", "error"), ALTERED.values(), ids=ALTERED.keys())
def test_an_altered_store_is_refused(
    path: Path,
    made: dict[str, Signer],
    password: Password,
    change: Callable[[dict[str, Any]], object],
    error: type[Exception],
) -> None:
    rewrite(path, change)
    with pytest.raises(error) as caught:
        open_key_store(path, password)
    assert type(caught.value) is error


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", "{}"])
def test_a_file_of_another_form_is_refused(path: Path, made: dict[str, Signer], password: Password, text: str) -> None:
    path.write_text(text)
    with pytest.raises(MalformedKeyFile, match="aeo-ledger/key-store"):
        open_key_store(path, password)


def test_a_store_is_never_overwritten(
    path: Path, made: dict[str, Signer], password: Password, randomness: Randomness
) -> None:
    with pytest.raises(KeyFileExists):
        create_key_store(path, LABELS, password, randomness=randomness, work_factor=LIGHT)
    assert addresses(open_key_store(path, password)) == addresses(made)


def test_a_store_open_to_others_or_not_there_is_refused(
    path: Path, made: dict[str, Signer], password: Password
) -> None:
    path.chmod(0o640)
    with pytest.raises(ExposedFile):
        open_key_store(path, password)
    path.unlink()
    with pytest.raises(KeyFileUnavailable):
        open_key_store(path, password)
