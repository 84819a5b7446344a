"""Several private keys in one encrypted file: those of an embedded ledger's validators and of its relay.

To open a key file takes most of a second, so one file for each key would make every start slow. AES-256-GCM authenticates
everything in the file, its parameters included.

Source: RFC 7914 (scrypt), NIST SP 800-38D (GCM).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aeo_ledger.errors.signing import LabelTaken, MalformedKeyFile, NoSuchLabel, WrongPassword
from aeo_ledger.signing.keyfile import WORK_FACTOR, write_key_file
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.private_file import create_private_file, replace_private_file
from aeo_ledger.signing.scrypt_file import derive, read_form, write_kdf
from aeo_ledger.signing.signer import Signer, draw_secret, is_secret

if TYPE_CHECKING:
    from Crypto.Cipher._mode_gcm import GcmMode

KIND: Final = "aeo-ledger/key-store"
"""The member `kind` of the file."""

_HEAD: Final = {"version": 1, "kind": KIND, "cipher": "aes-256-gcm"}
_LENGTHS: Final = {"nonce": 12, "tag": 16}
"""Lengths in bytes."""


def create_key_store(
    path: Path,
    labels: Iterable[str],
    password: Password,
    *,
    randomness: Callable[[int], bytes],
    work_factor: int = WORK_FACTOR,
) -> dict[str, Signer]:
    """Generate a key for each label and write all of them, encrypted, to a new file of mode 0600.

    Args:
        path: The new file.
        labels: The names of the keys.
        password: Encrypts the keys.
        randomness: Returns the given number of secret random bytes, as `secrets.token_bytes` does.
        work_factor: scrypt's N, a power of two.

    Raises:
        LabelTaken: A label occurs twice.
        KeyFileExists: `path` exists.
        KeyFileUnavailable: The file cannot be written.
    """
    keys = _with_new({}, labels, randomness)
    signers, text = _signers(keys), _close(keys, password, randomness, work_factor)
    del keys  # a traceback may show its frames' variables
    create_private_file(path, text)
    return signers


def open_key_store(path: Path, password: Password) -> dict[str, Signer]:
    """Decrypt a key store and return its signers by label.

    Raises:
        WrongPassword: The password is wrong, or the file was altered.
        MalformedKeyFile: The file is not a key store, or its key derivation is too expensive.
        ExposedFile: Other users may read or write the file.
        KeyFileUnavailable: The file does not exist, or cannot be read.
    """
    return _signers(_open(path, password))


def add_to_key_store(
    path: Path, labels: Iterable[str], password: Password, *, randomness: Callable[[int], bytes]
) -> dict[str, Signer]:
    """Generate a key for each label, add them to the store, and return the new signers.

    Raises:
        LabelTaken: The store has the label already, or it occurs twice.
        WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `open_key_store`.
    """
    work_factor = _parse(path)["kdf"]["n"]
    labels = tuple(labels)
    keys = _with_new(_open(path, password), labels, randomness)
    signers, text = _signers({label: keys[label] for label in labels}), _close(keys, password, randomness, work_factor)
    del keys  # a traceback may show its frames' variables
    replace_private_file(path, text)
    return signers


def export_key(
    path: Path, label: str, password: Password, *, to: Path, to_password: Password, work_factor: int = WORK_FACTOR
) -> Signer:
    """Write one key of the store to its own key file, so that its party can take it away.

    Raises:
        NoSuchLabel: The store has no key of this label.
        KeyFileExists: `to` exists.
        WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `open_key_store`.
    """
    return write_key_file(to, _take(_open(path, password), label), to_password, work_factor=work_factor)


def _signers(keys: Mapping[str, bytes]) -> dict[str, Signer]:
    return {label: Signer.from_secret(secret) for label, secret in keys.items()}


# Before these functions raise an error, they delete keys from the frames that its traceback may show.


def _take(keys: dict[str, bytes], label: str) -> bytes:
    if label in keys:
        return keys[label]
    labels = tuple(keys)
    del keys
    raise NoSuchLabel(label=label, labels=labels)


def _with_new(keys: dict[str, bytes], labels: Iterable[str], randomness: Callable[[int], bytes]) -> dict[str, bytes]:
    keys = dict(keys)
    for label in labels:
        if label in keys:
            del keys
            raise LabelTaken(label=label)
        keys[label] = draw_secret(randomness)
    return keys


def _cipher(head: dict[str, Any], password: Password) -> GcmMode:
    from Crypto.Cipher import AES  # noqa: PLC0415 (the import is slow, and most commands open no store)

    return AES.new(derive(head["kdf"], password.reveal, 32), AES.MODE_GCM, nonce=bytes.fromhex(head["nonce"]))


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _close(keys: Mapping[str, bytes], password: Password, randomness: Callable[[int], bytes], work_factor: int) -> str:
    head: dict[str, Any] = {
        **_HEAD,
        "kdf": write_kdf(work_factor, randomness),
        "nonce": randomness(_LENGTHS["nonce"]).hex(),
    }
    cipher = _cipher(head, password)
    cipher.update(_canonical(head))
    plain = _canonical({label: secret.hex() for label, secret in keys.items()})
    ciphertext, tag = cipher.encrypt_and_digest(plain)
    return json.dumps(head | {"tag": tag.hex(), "ciphertext": ciphertext.hex()}, indent=1) + "\n"


def _open(path: Path, password: Password) -> dict[str, bytes]:
    content = _parse(path)
    tag, ciphertext = (bytes.fromhex(content.pop(part)) for part in ("tag", "ciphertext"))
    cipher = _cipher(content, password)
    cipher.update(_canonical(content))
    try:
        plain = cipher.decrypt_and_verify(ciphertext, tag)
    except ValueError:
        raise WrongPassword(path=str(path), oddity=password.oddity) from None
    keys = {label: bytes.fromhex(secret) for label, secret in json.loads(plain).items()}
    del plain
    if not all(map(is_secret, keys.values())):
        del keys
        raise MalformedKeyFile(path=str(path), reason="it decrypts to bytes that are not a private key")
    return keys


def _parse(path: Path) -> dict[str, Any]:
    return read_form(path, KIND, fixed=_HEAD, lengths=_LENGTHS)
