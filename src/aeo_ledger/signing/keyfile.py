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
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.signing import AddressUnnamed, MalformedKeyFile, OtherKey, WrongPassword
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.private_file import create_private_file, read_private_file, replace_private_file
from aeo_ledger.signing.signer import Signer, draw_secret, is_secret

if TYPE_CHECKING:
    from Crypto.Cipher._mode_ctr import CtrMode

WORK_FACTOR: Final = 1 << 18
"""Default scrypt N: 256 MiB and most of a second for each guess at a password."""

LARGEST_WORK_FACTOR: Final = 1 << 20
"""Largest scrypt N that is read: 1 GiB. More would stop the machine, not a thief."""

_SCRYPT_SHAPES = {(8, p) for p in range(1, 9)} | {(1, 8)}
"""scrypt's r and p as wallets choose them."""

_LARGEST_PBKDF2_ROUNDS = 10_000_000

_MAX_BYTES = 1 << 20
"""As `read_private_file` reads."""


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


def open_key_file(path: Path, password: Password, *, address: bytes | None = None) -> Signer:
    """Open a key file, whoever wrote it.

    Args:
        path: The file.
        password: Opens it.
        address: Whose key it must be, 20 bytes. Needed only where the file does not say: its MAC leaves the initial value open, and another
            one decrypts another key.

    Raises:
        AddressUnnamed: Neither the file nor the caller names the key's address.
        OtherKey: It is another than the caller named.
        WrongPassword: The password is another, or the encrypted key was altered.
        MalformedKeyFile: It is no key file of version 3, asks for more work than is reasonable, or names another
            address than its key's.
        ExposedFile: Others may read or write it.
        KeyFileUnavailable: It is not there, or cannot be read.
    """
    return _open(path, password, address)[0]


def identify_key_file(path: Path, password: Password) -> tuple[bytes, bool]:
    """Tell whose key a file holds, 20 bytes, and whether the file itself says so; nothing is signed with it.

    Raises:
        WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: As `open_key_file` does.
    """
    try:
        return _open(path, password, None)[0].address, True
    except AddressUnnamed as unnamed:
        return unnamed.address, False


def confirm_key_file(path: Path, password: Password, address: bytes) -> Signer:
    """Write into a key file that does not name its key's address the one that its owner knows, 20 bytes.

    Raises:
        OtherKey: It holds another key.
        WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: As `open_key_file` does.
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
        raise MalformedKeyFile(path=str(path), reason="what is encrypted in it is no private key")
    signer = Signer.from_secret(secret)
    refusal = _find_other(path, content.get("address"), signer.address, address)
    if refusal is not None:
        del secret  # a traceback may show its frames' variables
        raise refusal
    return signer, secret


def _find_other(path: Path, named: str | None, found: bytes, needed: bytes | None) -> AeoLedgerError | None:
    """Hold the address of the key that came out against what the file and the caller say."""
    if named and named.lower().removeprefix("0x") != found.hex():
        return MalformedKeyFile(path=str(path), reason=f"it names another address than its key's, {to_hex(found)}")
    if needed is not None and needed != found:
        return OtherKey(path=str(path), found=found, needed=needed)
    return None if named or needed is not None else AddressUnnamed(path=str(path), address=found)


def _encrypt(secret: bytes, password: Password, randomness: Callable[[int], bytes], work_factor: int) -> dict[str, Any]:
    kdf = {"dklen": 32, "n": work_factor, "r": 8, "p": 1, "salt": randomness(32).hex()}
    iv = randomness(16)
    derived = _derive("scrypt", kdf, password.reveal)
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
    """Decrypt with the first spelling of the password that fits; None if none does."""
    crypto = content["crypto"]
    ciphertext = _bytes(crypto["ciphertext"])
    for reveal in password.spellings():
        derived = _derive(crypto["kdf"], crypto["kdfparams"], reveal)
        if hmac.compare_digest(keccak256(derived[16:] + ciphertext), _bytes(crypto["mac"])):
            secret: bytes = _cipher(derived, _bytes(crypto["cipherparams"]["iv"])).decrypt(ciphertext)
            return secret
    return None


def _cipher(derived: bytes, iv: bytes) -> CtrMode:
    from Crypto.Cipher import AES  # noqa: PLC0415 (takes its time, and most commands open no key)

    return AES.new(derived[:16], AES.MODE_CTR, nonce=b"", initial_value=iv)


def _derive(kdf: str, params: dict[str, Any], reveal: Callable[[], bytes]) -> bytes:
    """Derive 32 bytes from a password, which no variable here holds: the first half encrypts, the second authenticates."""
    salt = _bytes(params["salt"])
    if kdf == "pbkdf2":
        return hashlib.pbkdf2_hmac("sha256", reveal(), salt, params["c"], 32)
    n, r, p = params["n"], params["r"], params["p"]
    if n >= 1 << 16 * r:
        # RFC 7914 asks for less, and OpenSSL holds to it. A file that Ethereum's own tests publish does not.
        from Crypto.Protocol.KDF import scrypt  # noqa: PLC0415 (hardly ever needed)

        derived: bytes = scrypt(reveal(), salt, 32, n, r, p)  # type: ignore[assignment, arg-type]
        return derived
    return hashlib.scrypt(reveal(), salt=salt, n=n, r=r, p=p, maxmem=128 * r * (n + p) + (1 << 20), dklen=32)


def _parse(path: Path) -> dict[str, Any]:
    """Read a file and check its form, so that decryption can fail for one reason only."""
    try:
        content = _lower_keys(parse_json(read_private_file(path), document="key file", max_bytes=_MAX_BYTES))
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
    """Lower the names of members, as some wallets write `Crypto`; two that become one are not read."""
    if not isinstance(value, dict):
        return value
    lowered = {key.lower(): _lower_keys(part) for key, part in value.items()}
    if len(lowered) != len(value):
        raise MalformedDocument("key file", "", "two names in it differ by capitals alone")
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
        content["address"] = None  # some wallets leave it empty to hide whose key it is
    if not isinstance(content["address"], str | None):
        return "an address that is no text"
    return _find_wrong_work(crypto["kdf"], crypto["kdfparams"])


_LENGTHS: Final = {"ciphertext": 32, "mac": 32, "iv": 16, "derived key": 32}
"""Bytes of each part."""


def _find_wrong_work(kdf: str, params: dict[str, Any]) -> str | None:
    if kdf not in ("scrypt", "pbkdf2"):
        return "needed key derivation by scrypt or pbkdf2"
    if not _bytes(params["salt"]):
        return "no salt"
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
    return None if is_reasonable else f"{kdf} is to work more than is reasonable, or not at all"


def _bytes(text: str) -> bytes:
    """Read hexadecimal digits, with or without the `0x` that some wallets put before them."""
    return parse_hex("0x" + text.lower().removeprefix("0x"), what="key file")
