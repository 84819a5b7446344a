"""One private key in one encrypted file that every Ethereum wallet reads.

*Decision*: this module implements the format itself, with hashlib's scrypt and the AES of pyaes; that takes two dozen lines. The usual
library (eth-keyfile) nearly doubles the size of the base install. It also raises Python's recursion limit a hundredfold, so that deeply
nested JSON overflows the stack. pyaes is plain Python of a few kilobytes and has not changed for years, as AES has not; it enciphers the 32
bytes of a key in a quarter of a millisecond. The tests compare all of them.

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

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.cli import ExtraMissing
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.signing import AddressUnnamed, MalformedKeyFile, OtherKey, WrongPassword
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.private_file import MAX_BYTES, create_private_file, read_private_file, replace_private_file
from aeo_ledger.signing.signer import Signer, draw_secret, is_secret

WORK_FACTOR: Final = 1 << 18
"""Default scrypt N: each guess at a password takes 256 MiB and most of a second."""

LARGEST_WORK_FACTOR: Final = 1 << 20
"""Largest scrypt N that is accepted: it takes 1 GiB. A larger one could exhaust the machine's memory."""

_SCRYPT_SHAPES = {(8, p) for p in range(1, 9)} | {(1, 8)}
"""The pairs of scrypt's r and p that wallets use."""

_LARGEST_PBKDF2_ROUNDS = 10_000_000


def create_key_file(
    path: Path, password: Password, *, randomness: Callable[[int], bytes], work_factor: int = WORK_FACTOR
) -> Signer:
    """Generate a key and write it, encrypted, to a new file of mode 0600.

    Args:
        path: The new file.
        password: Encrypts the key.
        randomness: Returns the given number of secret random bytes, as `secrets.token_bytes` does.
        work_factor: scrypt's N, a power of two.

    Raises:
        KeyFileExists: `path` exists.
        KeyFileUnavailable: The file cannot be written.
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
    """Encrypt an existing private key of 32 bytes and write it to a new file of mode 0600.

    Raises:
        MalformedKey: The bytes are not a private key of the curve.
        KeyFileExists: `path` exists.
        KeyFileUnavailable: The file cannot be written.
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
    """Write a key UNENCRYPTED, for a node's own disk: bare hexadecimal, mode 0600, as Besu and GoQuorum read a node key.

    Raises:
        KeyFileExists: `out` exists.
        Otherwise see `open_key_file` and `write_key_file`.
    """
    signer, secret = _open(path, password)
    create_private_file(out, secret.hex())
    del secret
    return signer


def open_key_file(path: Path, password: Password, *, address: bytes | None = None) -> Signer:
    """Decrypt a key file that any wallet wrote.

    Args:
        path: The file.
        password: Decrypts the key.
        address: The address that the key must have, 20 bytes. Needed only if the file does not name it: the file's MAC does not cover
            the initialisation vector, and with another vector the file decrypts to another key.

    Raises:
        AddressUnnamed: Neither the file nor the caller names the key's address.
        OtherKey: The key has another address than the caller named.
        WrongPassword: The password is wrong, or the encrypted key was altered.
        MalformedKeyFile: The file is not a key file of version 3, its key derivation is too expensive, or it names another
            address than its key has.
        ExposedFile: Other users may read or write the file.
        KeyFileUnavailable: The file does not exist, or cannot be read.
        ExtraMissing: Its scrypt has a shape that OpenSSL refuses, and the library that takes it is not installed.
    """
    return _open(path, password, address)[0]


def identify_key_file(path: Path, password: Password) -> tuple[bytes, bool]:
    """Return the address of a file's key, 20 bytes, and whether the file itself names it.

    Raises:
        WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `open_key_file`.
    """
    try:
        return _open(path, password, None)[0].address, True
    except AddressUnnamed as unnamed:
        return unnamed.address, False


def confirm_key_file(path: Path, password: Password, address: bytes) -> Signer:
    """Write the key's address, 20 bytes, which its owner knows, into a key file that does not name it.

    Raises:
        OtherKey: The file holds another key.
        WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `open_key_file`.
    """
    signer = open_key_file(path, password, address=address)
    content = json.loads(read_private_file(path))
    named = [name for name in content if name.lower() == "address"]
    kept = {name: value for name, value in content.items() if name not in named}
    replace_private_file(path, json.dumps(kept | {"address": address.hex()}, indent=1) + "\n")
    return signer


def _open(path: Path, password: Password, address: bytes | None = None) -> tuple[Signer, bytes]:
    content = _parse(path)
    secret = _decrypt(content, password)
    if secret is None:
        raise WrongPassword(path=str(path), oddity=password.oddity)
    if not is_secret(secret):
        raise MalformedKeyFile(path=str(path), reason="it decrypts to bytes that are not a private key")
    signer = Signer.from_secret(secret)
    refusal = _find_other(path, content.get("address"), signer.address, address)
    if refusal is not None:
        del secret  # a traceback may show its frames' variables
        raise refusal
    return signer, secret


def _find_other(path: Path, named: str | None, found: bytes, needed: bytes | None) -> AeoLedgerError | None:
    """Compare the address of the decrypted key with the addresses that the file and the caller name."""
    if named and named.lower().removeprefix("0x") != found.hex():
        return MalformedKeyFile(path=str(path), reason=f"it names another address than its key's, {to_hex(found)}")
    if needed is not None and needed != found:
        return OtherKey(path=str(path), found=found, needed=needed)
    return None if named or needed is not None else AddressUnnamed(path=str(path), address=found)


def _encrypt(secret: bytes, password: Password, randomness: Callable[[int], bytes], work_factor: int) -> dict[str, Any]:
    kdf = {"dklen": 32, "n": work_factor, "r": 8, "p": 1, "salt": randomness(32).hex()}
    iv = randomness(16)
    derived = _derive("scrypt", kdf, password.reveal)
    ciphertext = _cipher(derived, iv, secret)
    return {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": iv.hex()},
        "ciphertext": ciphertext.hex(),
        "kdf": "scrypt",
        "kdfparams": kdf,
        "mac": keccak256(derived[16:] + ciphertext).hex(),
    }


def _decrypt(content: dict[str, Any], password: Password) -> bytes | None:
    """Decrypt with the first spelling of the password that fits; return None if no spelling fits."""
    crypto = content["crypto"]
    ciphertext = _bytes(crypto["ciphertext"])
    for reveal in password.spellings():
        derived = _derive(crypto["kdf"], crypto["kdfparams"], reveal)
        if hmac.compare_digest(keccak256(derived[16:] + ciphertext), _bytes(crypto["mac"])):
            return _cipher(derived, _bytes(crypto["cipherparams"]["iv"]), ciphertext)
    return None


def _cipher(derived: bytes, iv: bytes, data: bytes) -> bytes:
    """Encrypt or decrypt with AES-128 in counter mode: both are the same operation. The counter is the IV, big-endian."""
    from pyaes import AESModeOfOperationCTR, Counter  # noqa: PLC0415 (most commands open no key)

    done: bytes = AESModeOfOperationCTR(derived[:16], counter=Counter(int.from_bytes(iv, "big"))).encrypt(data)
    return done


def _derive(kdf: str, params: dict[str, Any], reveal: Callable[[], bytes]) -> bytes:
    """Derive 32 bytes from a password: the first 16 encrypt, the last 16 authenticate. No variable here holds the password."""
    salt = _bytes(params["salt"])
    if kdf == "pbkdf2":
        return hashlib.pbkdf2_hmac("sha256", reveal(), salt, params["c"], 32)
    n, r, p = params["n"], params["r"], params["p"]
    if n >= 1 << 16 * r:
        # RFC 7914 wants a smaller N, and OpenSSL enforces that. A key file in Ethereum's own tests has a larger one.
        try:
            from Crypto.Protocol.KDF import scrypt  # noqa: PLC0415 (rarely needed)
        except ImportError as error:
            raise ExtraMissing(extra="ledger", module="Crypto") from error
        derived: bytes = scrypt(reveal(), salt, 32, n, r, p)  # type: ignore[assignment, arg-type]
        return derived
    return hashlib.scrypt(reveal(), salt=salt, n=n, r=r, p=p, maxmem=128 * r * (n + p) + (1 << 20), dklen=32)


def _parse(path: Path) -> dict[str, Any]:
    """Read a file and check its form, so that decryption can fail only because of a wrong password."""
    try:
        content = _lower_keys(parse_json(read_private_file(path), document="key file", max_bytes=MAX_BYTES))
        wrong = _find_wrong(content)
    except MalformedDocument as error:
        wrong = error.reason
    except (MalformedText, TypeError, KeyError, AttributeError):
        wrong = "it is JSON of another form than Web3 Secret Storage"
    if wrong:
        raise MalformedKeyFile(path=str(path), reason=wrong)
    assert isinstance(content, dict)  # noqa: S101 (for the type checker)
    return content


def _lower_keys(value: object) -> Any:
    """Write the names of members in lower case, since some wallets write `Crypto`. Refuse names that differ in case alone."""
    if not isinstance(value, dict):
        return value
    lowered = {key.lower(): _lower_keys(part) for key, part in value.items()}
    if len(lowered) != len(value):
        raise MalformedDocument("key file", "", "two names in it differ in case alone")
    return lowered


def _find_wrong(content: dict[str, Any]) -> str | None:
    crypto = content["crypto"]
    if "version" not in content:
        return "it names no version, needed version 3"
    if content["version"] not in (3, "3") or crypto["cipher"] != "aes-128-ctr":
        return "needed version 3 and cipher aes-128-ctr"
    lengths = {part: len(_bytes(crypto[part])) for part in ("ciphertext", "mac")}
    lengths |= {"iv": len(_bytes(crypto["cipherparams"]["iv"])), "derived key": crypto["kdfparams"]["dklen"]}
    for part, needed in _LENGTHS.items():
        if lengths[part] != needed:
            return f"the {part} has {lengths[part]} bytes, needed {needed}"
    if content.get("address", "") == "":
        content["address"] = None  # some wallets leave it empty for privacy
    if not isinstance(content["address"], str | None):
        return "its address is not text"
    return _find_wrong_work(crypto["kdf"], crypto["kdfparams"])


_LENGTHS: Final = {"ciphertext": 32, "mac": 32, "iv": 16, "derived key": 32}
"""Length of each part in bytes."""


def _find_wrong_work(kdf: str, params: dict[str, Any]) -> str | None:
    if kdf not in ("scrypt", "pbkdf2"):
        return "needed key derivation by scrypt or pbkdf2"
    if not _bytes(params["salt"]):
        return "it has no salt"
    work = [params[name] for name in (("n", "r", "p") if kdf == "scrypt" else ("c",))]
    if any(type(number) is not int for number in work):
        return f"{kdf} needs whole numbers"
    if kdf == "scrypt":
        n, r, p = work
        is_reasonable = 1 < n <= LARGEST_WORK_FACTOR and n & (n - 1) == 0 and (r, p) in _SCRYPT_SHAPES
    else:
        if params["prf"] != "hmac-sha256":
            return f"pbkdf2 over {str(params['prf'])[:40]!r}, needed 'hmac-sha256'"
        is_reasonable = 0 < work[0] <= _LARGEST_PBKDF2_ROUNDS
    return None if is_reasonable else f"the parameters of {kdf} are out of range"


def _bytes(text: str) -> bytes:
    """Read hexadecimal digits, with or without the prefix `0x` that some wallets write."""
    return parse_hex("0x" + text.lower().removeprefix("0x"), what="key file")
