"""A party's disclosure key in an encrypted file: with it the party opens the envelopes that are sent to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from aeo_ledger.errors.signing import MalformedKeyFile
from aeo_ledger.evidence.disclosure_key import Algorithm, DisclosureKey
from aeo_ledger.signing.hpke import SEED_BYTES, Opener
from aeo_ledger.signing.keyfile import WORK_FACTOR
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.sealed_file import open_sealed_file, write_sealed_file

KIND: Final = "aeo-ledger/disclosure-key/1"
"""The member `kind` of the file."""


def create_disclosure_key(
    path: Path,
    algorithm: Algorithm,
    password: Password,
    *,
    randomness: Callable[[int], bytes],
    work_factor: int = WORK_FACTOR,
) -> DisclosureKey:
    """Generate a disclosure key and write it, encrypted, to a new file of mode 0600; return the public key.

    Args:
        path: The new file.
        algorithm: How envelopes to it are sealed.
        password: Encrypts the key.
        randomness: Returns the given number of secret random bytes, as `secrets.token_bytes` does.
        work_factor: scrypt's N, a power of two.

    Raises:
        KeyFileExists: `path` exists.
        KeyFileUnavailable: The file cannot be written.
        ExtraMissing: The library for envelopes is not installed.
    """
    seed = randomness(SEED_BYTES)
    public = Opener(algorithm, seed).public
    write_sealed_file(
        path, KIND, seed, password, about={"public": str(public)}, randomness=randomness, work_factor=work_factor
    )
    return public


def open_disclosure_key(path: Path, password: Password) -> Opener:
    """Decrypt a disclosure key.

    Raises:
        WrongPassword: The password is wrong, or the file was altered.
        MalformedKeyFile: The file is not one of a disclosure key.
        ExposedFile: Other users may read or write the file.
        KeyFileUnavailable: The file does not exist, or cannot be read.
        ExtraMissing: The library for envelopes is not installed.
    """
    seed, about = open_sealed_file(path, KIND, password)
    public = DisclosureKey.parse(about["public"])
    opener = Opener(public.algorithm, seed)
    del seed  # a traceback may show its frames' variables
    if opener.public != public:
        raise MalformedKeyFile(path=str(path), reason="it names another public key than its key's")
    return opener
