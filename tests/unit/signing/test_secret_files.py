"""The files of a register's secrets, of lookup keys and of disclosure keys."""

from __future__ import annotations

import copy
import json
import pickle
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.errors.signing import (
    ExposedFile,
    KeyFileExists,
    KeyFileUnavailable,
    MalformedKeyFile,
    NoPayloadSecret,
    OtherLedgersKeys,
    WrongPassword,
)
from aeo_ledger.evidence.disclosure_key import Algorithm
from aeo_ledger.protocol.lookup_keys import derive_lookup_key, derive_payload_key
from aeo_ledger.signing import Password
from aeo_ledger.signing import disclosure_file as disclosure
from aeo_ledger.signing import lookup_file as lookup
from aeo_ledger.signing import register_file as register
from aeo_ledger.signing.lookup_file import HeldKeys, keep_held_keys, open_held_keys, open_lookup_keys
from aeo_ledger.signing.register_file import RegisterSecrets, add_epoch, draw_register_secrets, open_register_secrets
from aeo_ledger.signing.sealed_file import kind_of, open_sealed_file, work_factor_of, write_sealed_file

LIGHT = 2
CHAINS = (712, 711)
"""The chain of the ledger, and the one that it succeeds."""
KIND = "aeo-ledger/something/1"
SECRET = b"a secret of some length"
Randomness = Callable[[int], bytes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets.json"


def write(path: Path, password: Password, randomness: Randomness, **more: Any) -> None:
    about = {"register": 3}
    write_sealed_file(path, KIND, SECRET, password, about=about, randomness=randomness, work_factor=LIGHT, **more)


def test_what_is_sealed_is_read_again(path: Path, password: Password, randomness: Randomness) -> None:
    write(path, password, randomness)
    assert open_sealed_file(path, KIND, password) == (SECRET, {"register": 3})
    assert (kind_of(path), work_factor_of(path, KIND)) == (KIND, LIGHT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SECRET.hex() not in path.read_text()


def test_a_file_is_replaced_only_if_told(path: Path, password: Password, randomness: Randomness) -> None:
    write(path, password, randomness)
    before = path.read_text()
    with pytest.raises(KeyFileExists):
        write(path, password, randomness)
    write(path, password, randomness, replaces=True)
    assert path.read_text() != before
    assert open_sealed_file(path, KIND, password)[0] == SECRET


@pytest.mark.parametrize("member", ["mac", "ciphertext", "iv", "about", "salt"])
def test_no_part_of_a_file_can_be_altered(path: Path, password: Password, randomness: Randomness, member: str) -> None:
    write(path, password, randomness)
    content = json.loads(path.read_text())
    if member == "about":
        content["about"]["register"] = 4
    else:
        part = content["kdf"] if member == "salt" else content
        part[member] = f"{int(part[member][:2], 16) ^ 1:02x}" + part[member][2:]
    path.write_text(json.dumps(content))
    with pytest.raises(WrongPassword):
        open_sealed_file(path, KIND, password)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "aeo-ledger/another/1"},
        {"cipher": "rot13"},
        {"about": []},
        {"more": 1},
        {"mac": "00"},
        {"iv": "zz" * 16},
        {"ciphertext": ""},
        {"kdf": {"name": "scrypt", "r": 8, "p": 1, "n": 3, "salt": "00" * 32}},
        {"kdf": {"name": "scrypt", "r": 8, "p": 1, "n": 1 << 21, "salt": "00" * 32}},
        {"kdf": {"name": "scrypt", "r": 8, "p": True, "n": 2, "salt": "00" * 32}},
        {"kdf": {"name": "scrypt", "r": 8, "p": 1, "n": 2}},
    ],
    ids=str,
)
def test_another_form_is_refused(
    path: Path, password: Password, randomness: Randomness, change: dict[str, Any]
) -> None:
    write(path, password, randomness)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(MalformedKeyFile):
        open_sealed_file(path, KIND, password)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": 1}', "not JSON"])
def test_a_file_that_says_nothing_has_no_kind(path: Path, password: Password, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
    assert kind_of(path) == ""
    with pytest.raises(MalformedKeyFile):
        open_lookup_keys(path, password, CHAINS)


def test_a_wrong_password_an_open_file_and_no_file(path: Path, password: Password, randomness: Randomness) -> None:
    write(path, password, randomness)
    with pytest.raises(WrongPassword):
        open_sealed_file(path, KIND, Password("another"))
    path.chmod(0o640)
    with pytest.raises(ExposedFile):
        open_sealed_file(path, KIND, password)
    with pytest.raises(KeyFileUnavailable):
        open_sealed_file(path.with_name("none"), KIND, password)


# ---- a register's secrets


def make(path: Path, password: Password, randomness: Randomness) -> RegisterSecrets:
    secrets = draw_register_secrets(712, 3, randomness=randomness)
    secrets.write(path, password, randomness=randomness, work_factor=LIGHT)
    return secrets


def test_all_keys_follow_from_a_registers_secrets(path: Path, password: Password, randomness: Randomness) -> None:
    drawn: list[bytes] = []

    def note(size: int) -> bytes:
        drawn.append(randomness(size))
        return drawn[-1]

    secrets = make(path, password, note)
    again = open_register_secrets(path, password)
    assert (again.chain, again.register, again.epochs) == (712, 3, (0,))
    assert again.lookup_key(2) == secrets.lookup_key(2) == derive_lookup_key(drawn[0], 3, 2)
    assert again.payload_key(2, 0) == derive_payload_key(drawn[1], 3, 2, 0)
    assert again.lookup_keys() == secrets.lookup_keys()
    assert len(again.lookup_keys()) == 16
    assert not any(secret.hex() in path.read_text() for secret in drawn[:2])


def test_an_epoch_is_added_once_and_the_lookup_key_stays(
    path: Path, password: Password, randomness: Randomness
) -> None:
    secrets = make(path, password, randomness)
    added = add_epoch(path, 1, password, randomness=randomness)
    assert added.epochs == open_register_secrets(path, password).epochs == (0, 1)
    assert added.payload_key(2, 1) != added.payload_key(2, 0) == secrets.payload_key(2, 0)
    assert added.lookup_key(2) == secrets.lookup_key(2)
    assert add_epoch(path, 1, password, randomness=randomness).payload_key(2, 1) == added.payload_key(2, 1)
    assert work_factor_of(path, register.KIND) == LIGHT
    with pytest.raises(NoPayloadSecret) as refused:
        added.payload_key(2, 7)
    assert refused.value.facts() == {"register": 3, "epoch": 7, "known": ("0", "1")}


def test_secrets_are_never_shown(randomness: Randomness) -> None:
    secrets = RegisterSecrets(712, 3, b"\xab" * 32, {0: b"\xcd" * 32})
    assert repr(secrets) == "RegisterSecrets(chain 712, register 3, epochs (0,))"
    held = HeldKeys.of(secrets.lookup_keys(), secrets.payload_keys())
    for key in (secrets.lookup_key(2), secrets.payload_key(2, 0)):
        assert key.secret.hex() not in repr(held) + repr(key)
        assert repr(key.secret) not in repr(held) + repr(key)
    for steal in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            steal(secrets)


@pytest.mark.parametrize(
    "plain", [b"[]", b"{}", b'{"lookup": "00", "payload": {}}', b'{"lookup": 1, "payload": []}', b"x"]
)
@pytest.mark.parametrize("kind", [register.KIND, lookup.KIND])
def test_secrets_of_another_form_are_refused(
    path: Path, password: Password, randomness: Randomness, kind: str, plain: bytes
) -> None:
    about = {"chain": 712, "register": 3}
    write_sealed_file(path, kind, plain, password, about=about, randomness=randomness, work_factor=LIGHT)
    with pytest.raises(MalformedKeyFile):
        open_held_keys(path, password, CHAINS)


# ---- keys that somebody holds


def test_keys_of_several_envelopes_gather_in_one_file(path: Path, password: Password, randomness: Randomness) -> None:
    mine, other = (draw_register_secrets(712, number, randomness=randomness) for number in (3, 4))
    first = HeldKeys.of([mine.lookup_key(2)], [mine.payload_key(2, 0)])
    second = HeldKeys.of([other.lookup_key(0), mine.lookup_key(2)], [other.payload_key(0, 0)])
    assert keep_held_keys(path, first, password, CHAINS, randomness=randomness, work_factor=LIGHT) == first
    both = keep_held_keys(path, second, password, CHAINS, randomness=randomness)
    assert work_factor_of(path, lookup.KIND) == LIGHT
    assert open_held_keys(path, password, CHAINS) == both
    assert [(key.register, key.certificate_type) for key in open_lookup_keys(path, password, CHAINS)] == [
        (3, 2),
        (4, 0),
    ]
    assert both.payload_key(3, 2, 0) == mine.payload_key(2, 0)
    with pytest.raises(KeyNeeded) as refused:
        both.payload_key(3, 2, 1)
    assert refused.value.facts() == {"register": 3, "certificate_type": 2}


def test_keys_of_another_ledger_are_neither_opened_nor_replaced(
    path: Path, password: Password, randomness: Randomness
) -> None:
    """A pilot's register has the same number as the real one's."""
    pilot, real = (draw_register_secrets(chain, 3, randomness=randomness) for chain in (9, 712))
    kept, more = (HeldKeys.of([one.lookup_key(2)], [one.payload_key(2, 0)]) for one in (pilot, real))
    keep_held_keys(path, kept, password, (9,), randomness=randomness, work_factor=LIGHT)
    before = path.read_bytes()
    for use in (
        lambda: open_held_keys(path, password, CHAINS),
        lambda: open_lookup_keys(path, password, CHAINS),
        lambda: keep_held_keys(path, more, password, CHAINS, randomness=randomness),
    ):
        with pytest.raises(OtherLedgersKeys) as refused:
            use()
        assert refused.value.facts() == {"path": str(path), "found": 9, "needed": 712}
    assert path.read_bytes() == before
    path.write_text(json.dumps(json.loads(before) | {"about": {"chain": 712}}))
    with pytest.raises(WrongPassword):
        open_held_keys(path, password, CHAINS)
    path.unlink()
    pilot.write(path, password, randomness=randomness, work_factor=LIGHT)
    with pytest.raises(OtherLedgersKeys):
        open_held_keys(path, password, CHAINS)


def test_a_ledger_that_succeeds_another_takes_over_its_keys_and_their_file_stays_the_formers(
    path: Path, password: Password, randomness: Randomness
) -> None:
    first, second = (draw_register_secrets(711, number, randomness=randomness) for number in (3, 4))
    keep_held_keys(path, HeldKeys.of([first.lookup_key(2)], []), password, (711,), randomness=randomness, work_factor=2)
    keep_held_keys(path, HeldKeys.of([second.lookup_key(2)], []), password, CHAINS, randomness=randomness)
    for chains in (CHAINS, (711,)):
        assert [key.register for key in open_lookup_keys(path, password, chains)] == [3, 4]


@pytest.mark.parametrize("about", [{}, {"chain": "712"}, {"chain": True}, {"chain": None}], ids=str)
def test_keys_that_name_no_chain_are_refused(
    path: Path, password: Password, randomness: Randomness, about: dict[str, Any]
) -> None:
    plain = b'{"lookup": [], "payload": []}'
    write_sealed_file(path, lookup.KIND, plain, password, about=about, randomness=randomness, work_factor=LIGHT)
    with pytest.raises(MalformedKeyFile):
        open_held_keys(path, password, (712, 1))


def test_an_office_opens_its_own_secrets_as_keys(path: Path, password: Password, randomness: Randomness) -> None:
    secrets = make(path, password, randomness)
    held = open_held_keys(path, password, CHAINS)
    assert held.lookup == secrets.lookup_keys()
    assert held.payload_key(3, 15, 0) == secrets.payload_key(15, 0)
    with pytest.raises(MalformedKeyFile):
        keep_held_keys(path, held, password, CHAINS, randomness=randomness)


# ---- disclosure keys


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_disclosure_key_is_kept_and_opened(
    path: Path, password: Password, randomness: Randomness, algorithm: Algorithm
) -> None:
    public = disclosure.create_disclosure_key(path, algorithm, password, randomness=randomness, work_factor=LIGHT)
    assert disclosure.open_disclosure_key(path, password).public == public
    assert json.loads(path.read_text())["about"] == {"public": str(public)}


def test_a_disclosure_key_that_names_another_public_key_is_refused(
    path: Path, password: Password, randomness: Randomness
) -> None:
    other = disclosure.create_disclosure_key(
        path.with_name("other"), Algorithm.X25519, password, randomness=randomness, work_factor=LIGHT
    )
    about = {"public": str(other)}
    write_sealed_file(path, disclosure.KIND, bytes(32), password, about=about, randomness=randomness, work_factor=LIGHT)
    with pytest.raises(MalformedKeyFile):
        disclosure.open_disclosure_key(path, password)
