"""An encrypted file for secrets that are not keys of the curve: those of registers, of disclosure, and lookup keys from partners.

The base install reads it, because whoever asks about a keyed register needs a lookup key: scrypt and HMAC are the standard library's,
AES is that of pyaes, as in `keyfile`. The file is JSON. Its head is readable and says what the file is, and for whom. The MAC covers
everything, head included, so nobody without the password can alter a part of it.

Source: RFC 7914 (scrypt), NIST SP 800-38A (CTR), RFC 2104 (HMAC), which is computed over the ciphertext.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.signing import WrongPassword
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.signing.keyfile import WORK_FACTOR
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.private_file import MAX_BYTES, create_private_file, read_private_file, replace_private_file
from aeo_ledger.signing.scrypt_file import derive, read_form, write_kdf

_CIPHER: Final = "aes-256-ctr-hmac-sha256"
_LENGTHS: Final = {"iv": 16, "mac": 32}
"""Lengths in bytes."""
_DERIVED_BYTES: Final = 64
"""The first 32 encrypt, the last 32 authenticate."""


def write_sealed_file(
    path: Path,
    kind: str,
    secrets: bytes,
    password: Password,
    *,
    about: Mapping[str, Any],
    randomness: Callable[[int], bytes],
    work_factor: int = WORK_FACTOR,
    replaces: bool = False,
) -> None:
    """Encrypt secrets and write them to a file of mode 0600.

    Args:
        path: The file.
        kind: What the file is, such as `aeo-ledger/register-secrets/1`.
        secrets: The bytes to encrypt.
        password: Encrypts them.
        about: What everybody may read of it, as JSON values.
        randomness: Returns the given number of secret random bytes, as `secrets.token_bytes` does.
        work_factor: scrypt's N, a power of two.
        replaces: Replace the file that is there. Otherwise nothing may be there.

    Raises:
        KeyFileExists: `path` exists.
        KeyFileUnavailable: The file cannot be written.
    """
    head: dict[str, Any] = {
        "kind": kind,
        "about": dict(about),
        "kdf": write_kdf(work_factor, randomness),
        "cipher": _CIPHER,
        "iv": randomness(_LENGTHS["iv"]).hex(),
    }
    derived = derive(head["kdf"], password.reveal, _DERIVED_BYTES)
    sealed = {**head, "ciphertext": _cipher(derived, head, secrets).hex()}
    text = json.dumps({**sealed, "mac": _mac(derived, sealed).hex()}, indent=1) + "\n"
    del derived, secrets  # a traceback may show its frames' variables
    (replace_private_file if replaces else create_private_file)(path, text)


def open_sealed_file(path: Path, kind: str, password: Password) -> tuple[bytes, dict[str, Any]]:
    """Decrypt a file.

    Returns:
        The secrets, and what everybody may read of the file, authenticated.

    Raises:
        WrongPassword: The password is wrong, or the file was altered.
        MalformedKeyFile: The file is not of this kind, or its key derivation is too expensive.
        ExposedFile: Other users may read or write the file.
        KeyFileUnavailable: The file does not exist, or cannot be read.
    """
    content = _parse(path, kind)
    mac, sealed = bytes.fromhex(content["mac"]), {name: value for name, value in content.items() if name != "mac"}
    for reveal in password.spellings():
        derived = derive(content["kdf"], reveal, _DERIVED_BYTES)
        if hmac.compare_digest(_mac(derived, sealed), mac):
            return _cipher(derived, sealed, bytes.fromhex(sealed["ciphertext"])), sealed["about"]
    raise WrongPassword(path=str(path), oddity=password.oddity)


def kind_of(path: Path) -> str:
    """Read what a file says that it is; empty if it says nothing.

    Raises:
        MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `read_private_file`.
    """
    try:
        content: Any = parse_json(read_private_file(path), document="key file", max_bytes=MAX_BYTES)
    except MalformedDocument:
        return ""
    kind = content.get("kind") if isinstance(content, dict) else None
    return kind if isinstance(kind, str) else ""


def work_factor_of(path: Path, kind: str) -> int:
    """Read scrypt's N of a file, to write the file anew with the same; raises as `open_sealed_file` does, but needs no password."""
    return int(_parse(path, kind)["kdf"]["n"])


def _cipher(derived: bytes, head: Mapping[str, Any], data: bytes) -> bytes:
    """Encrypt or decrypt: both are the same operation. The counter is the IV, big-endian."""
    from pyaes import AESModeOfOperationCTR, Counter  # noqa: PLC0415 (most commands open no such file)

    counter = Counter(int.from_bytes(bytes.fromhex(head["iv"]), "big"))
    done: bytes = AESModeOfOperationCTR(derived[:32], counter=counter).encrypt(data)
    return done


def _mac(derived: bytes, sealed: Mapping[str, Any]) -> bytes:
    canonical = json.dumps(sealed, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(derived[32:], canonical, "sha256")


def _parse(path: Path, kind: str) -> dict[str, Any]:
    return read_form(
        path, kind, fixed={"kind": kind, "cipher": _CIPHER}, lengths=_LENGTHS, objects=frozenset({"about"})
    )
