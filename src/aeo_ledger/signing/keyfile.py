"""One private key in one encrypted file that every Ethereum wallet reads.

*Decision*: the two dozen lines of its cryptography stand here, over hashlib's scrypt and pycryptodome's AES. The usual library for it
nearly doubles the base install and raises Python's recursion limit a hundredfold, with which deeply nested JSON overflows the stack. The
tests compare with it.

Source: Web3 Secret Storage, version 3.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from Crypto.Cipher import AES
from Crypto.Cipher._mode_ctr import CtrMode

from aeo_ledger.errors import MalformedKeyFile, WrongPassword
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.private_file import create_private_file, read_private_file
from aeo_ledger.signing.signer import Signer, draw_secret, is_secret

WORK_FACTOR: Final = 1 << 18
"""Default scrypt N: 256 MiB and most of a second for each guess at a password."""

LARGEST_WORK_FACTOR: Final = 1 << 20
"""Largest scrypt N that is read: 1 GiB. More would stop the machine, not a thief."""

_SCRYPT_SHAPES = {(8, p) for p in range(1, 9)} | {(1, 8)}
"""scrypt's r and p as wallets choose them."""

_LARGEST_PBKDF2_ROUNDS = 10_000_000


def create_key_file(
    path: Path, password: Password, *, randomness: Callable[[int], bytes], work_factor: int = WORK_FACTOR
) -> Signer:
    """Make a new key and write it, encrypted, to a new file of mode 0600.

    Args:
        path: Where nothing is yet.
        password: Closes the file.
        randomness: Yields as many secret random bytes as asked for, such as `secrets.token_bytes`.
        work_factor: scrypt's N, a power of two.

    Raises:
        KeyFileExists: Something is there.
        KeyFileUnavailable: It cannot be written.
    """
    return write_key_file(path, draw_secret(randomness), password, randomness=randomness, work_factor=work_factor)


def write_key_file(
    path: Path,
    secret: bytes,
    password: Password,
    *,
    randomness: Callable[[int], bytes] = secrets.token_bytes,
    work_factor: int = WORK_FACTOR,
) -> Signer:
    """Write a private key of 32 bytes that was made elsewhere, encrypted, to a new file of mode 0600.

    Raises:
        MalformedKey: It is no private key of the curve.
        KeyFileExists: Something is there.
        KeyFileUnavailable: It cannot be written.
    """
    signer = Signer.from_secret(secret)
    content: dict[str, Any] = {
        "version": 3,
        "id": str(UUID(bytes=randomness(16), version=4)),
        "address": signer.address.hex(),
    }
    content["crypto"] = _encrypt(secret, password, randomness, work_factor)
    del secret  # a traceback may show its frames' variables
    create_private_file(path, json.dumps(content, indent=1) + "\n")
    return signer


def write_engine_key(path: Path, password: Password, out: Path) -> Signer:
    """Write the key of a key file as Besu and GoQuorum read a node's key: bare hexadecimal, mode 0600. UNENCRYPTED: for a node's own disk.

    Raises:
        KeyFileExists: Something is at `out`.
        Otherwise as `open_key_file` and `write_key_file` do.
    """
    signer, secret = _open(path, password)
    create_private_file(out, secret.hex())
    del secret
    return signer


def open_key_file(path: Path, password: Password) -> Signer:
    """Open a key file, whoever wrote it.

    Raises:
        WrongPassword: The password is another, or the encrypted key was altered.
        MalformedKeyFile: It is no key file of version 3, asks for more work than is reasonable, or names another
            address than its key's.
        ExposedFile: Others may read or write it.
        KeyFileUnavailable: It is not there, or cannot be read.
    """
    return _open(path, password)[0]


def _open(path: Path, password: Password) -> tuple[Signer, bytes]:
    content = _parse(path)
    secret = _decrypt(content, password)
    if secret is None:
        raise WrongPassword(path=str(path))
    if not is_secret(secret):
        raise MalformedKeyFile(path=str(path), reason="what is encrypted in it is no private key")
    signer = Signer.from_secret(secret)
    named = content.get("address")
    if named is not None and named.lower().removeprefix("0x") != signer.address.hex():
        del secret  # a traceback may show its frames' variables
        raise MalformedKeyFile(
            path=str(path), reason=f"it names another address than its key's, {to_hex(signer.address)}"
        )
    return signer, secret


def _encrypt(secret: bytes, password: Password, randomness: Callable[[int], bytes], work_factor: int) -> dict[str, Any]:
    kdf = {"dklen": 32, "n": work_factor, "r": 8, "p": 1, "salt": randomness(32).hex()}
    iv = randomness(16)
    derived = _derive("scrypt", kdf, password)
    ciphertext = _cipher(derived, iv).encrypt(secret)
    return {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": iv.hex()},
        "ciphertext": ciphertext.hex(),
        "kdf": "scrypt",
        "kdfparams": kdf,
        "mac": keccak256(derived[16:] + ciphertext).hex(),
    }


def _decrypt(content: dict[str, Any], password: Password) -> bytes | None:
    crypto = content["crypto"]
    derived = _derive(crypto["kdf"], crypto["kdfparams"], password)
    ciphertext = bytes.fromhex(crypto["ciphertext"])
    if not hmac.compare_digest(keccak256(derived[16:] + ciphertext), bytes.fromhex(crypto["mac"])):
        return None
    secret: bytes = _cipher(derived, bytes.fromhex(crypto["cipherparams"]["iv"])).decrypt(ciphertext)
    return secret


def _cipher(derived: bytes, iv: bytes) -> CtrMode:
    return AES.new(derived[:16], AES.MODE_CTR, nonce=b"", initial_value=iv)


def _derive(kdf: str, params: dict[str, Any], password: Password) -> bytes:
    """Derive 32 bytes from a password: the first half encrypts, the second authenticates."""
    salt = bytes.fromhex(params["salt"])
    if kdf == "pbkdf2":
        return hashlib.pbkdf2_hmac("sha256", password.reveal(), salt, params["c"], 32)
    n, r, p = params["n"], params["r"], params["p"]
    return hashlib.scrypt(password.reveal(), salt=salt, n=n, r=r, p=p, maxmem=128 * r * (n + p) + (1 << 20), dklen=32)


def _parse(path: Path) -> dict[str, Any]:
    """Read a file and check its form, so that decryption can fail for one reason only."""
    try:
        content = _lower_keys(json.loads(read_private_file(path)))
        wrong = _find_wrong(content)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        wrong = "not JSON of the form of Web3 Secret Storage"
    if wrong:
        raise MalformedKeyFile(path=str(path), reason=wrong)
    assert isinstance(content, dict)  # noqa: S101 (for the type checker)
    return content


def _lower_keys(value: object) -> Any:
    """Lower the names of members, as some wallets write `Crypto`."""
    return {key.lower(): _lower_keys(part) for key, part in value.items()} if isinstance(value, dict) else value


def _find_wrong(content: dict[str, Any]) -> str | None:
    crypto = content["crypto"]
    if content["version"] != 3 or crypto["cipher"] != "aes-128-ctr" or crypto["kdf"] not in ("scrypt", "pbkdf2"):
        return "needed version 3, cipher aes-128-ctr, and key derivation by scrypt or pbkdf2"
    params = crypto["kdfparams"]
    lengths = {part: len(bytes.fromhex(crypto[part])) for part in ("ciphertext", "mac")}
    lengths |= {"iv": len(bytes.fromhex(crypto["cipherparams"]["iv"])), "derived key": params["dklen"]}
    if lengths != {"ciphertext": 32, "mac": 32, "iv": 16, "derived key": 32}:
        return f"lengths in bytes are {lengths}"
    if not bytes.fromhex(params["salt"]) or not isinstance(content.get("address", ""), str):
        return "no salt, or an address that is no text"
    if crypto["kdf"] == "scrypt":
        n, r, p = params["n"], params["r"], params["p"]
        is_reasonable = 1 < n <= LARGEST_WORK_FACTOR and n & (n - 1) == 0 and (r, p) in _SCRYPT_SHAPES
    else:
        is_reasonable = 0 < params["c"] <= _LARGEST_PBKDF2_ROUNDS and params["prf"] == "hmac-sha256"
    return None if is_reasonable else f"{crypto['kdf']} is to work more than is reasonable, or not at all"
