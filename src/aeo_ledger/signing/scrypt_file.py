"""The form of this project's encrypted files, and the key that a password gives: what `sealed_file` and `keystore` have in common.

Both are JSON, and what is in them besides is hexadecimal. The parameters of scrypt are fixed except N, which is limited: a file that
somebody else made cannot make a program derive for hours.

Source: RFC 7914 (scrypt).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.signing import MalformedKeyFile
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.signing.keyfile import LARGEST_WORK_FACTOR
from aeo_ledger.signing.private_file import MAX_BYTES, read_private_file

SALT_BYTES: Final = 32
_SHAPE: Final[Mapping[str, object]] = MappingProxyType({"name": "scrypt", "r": 8, "p": 1})


def write_kdf(work_factor: int, randomness: Callable[[int], bytes]) -> dict[str, Any]:
    """Write the parameters of a new file, with a new salt.

    Args:
        work_factor: scrypt's N, a power of two.
        randomness: Returns the given number of random bytes.
    """
    return {**_SHAPE, "n": work_factor, "salt": randomness(SALT_BYTES).hex()}


def derive(kdf: Mapping[str, Any], reveal: Callable[[], bytes], length: int) -> bytes:
    """Derive so many bytes from a password. No variable here holds the password."""
    n, r, p = kdf["n"], kdf["r"], kdf["p"]
    salt = bytes.fromhex(kdf["salt"])
    return hashlib.scrypt(reveal(), salt=salt, n=n, r=r, p=p, maxmem=128 * r * (n + p) + (1 << 20), dklen=length)


def read_form(
    path: Path,
    form: str,
    *,
    fixed: Mapping[str, object],
    lengths: Mapping[str, int],
    objects: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Read a file and check its form, so that decryption can fail only because of a wrong password or altered bytes.

    Args:
        path: The file.
        form: How to call the form.
        fixed: Members, with the value that each must have.
        lengths: Members in hexadecimal, with their lengths in bytes.
        objects: Members that are JSON objects of any kind.

    Raises:
        MalformedKeyFile: It has another form, or its key derivation is too expensive.
        ExposedFile, KeyFileUnavailable: See `read_private_file`.
    """
    try:
        content: Any = parse_json(read_private_file(path), document=form, max_bytes=MAX_BYTES)
        kdf = content["kdf"]
        has_form = (
            content.keys() == {*fixed, *lengths, *objects, "kdf", "ciphertext"}
            and _are(content, fixed)
            and all(isinstance(content[name], dict) for name in objects)
            and kdf.keys() == {*_SHAPE, "n", "salt"}
            and _are(kdf, _SHAPE)
            and len(bytes.fromhex(kdf["salt"])) == SALT_BYTES
            and all(len(bytes.fromhex(content[name])) == length for name, length in lengths.items())
            and type(kdf["n"]) is int
            and 1 < kdf["n"] <= LARGEST_WORK_FACTOR
            and kdf["n"] & (kdf["n"] - 1) == 0
            and bytes.fromhex(content["ciphertext"]) != b""
        )
    except (MalformedDocument, ValueError, TypeError, KeyError, AttributeError):
        has_form = False
    if not has_form:
        raise MalformedKeyFile(path=str(path), reason=f"it is not in the form of {form}")
    assert isinstance(content, dict)  # noqa: S101 (for the type checker)
    return content


def _are(found: Mapping[str, Any], values: Mapping[str, object]) -> bool:
    """Tell whether members have these values; `true` is not 1."""
    return all(type(found[name]) is type(value) and found[name] == value for name, value in values.items())
