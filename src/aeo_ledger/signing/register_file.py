"""The secrets of a keyed register in an encrypted file of its office. All keys of the register follow from them.

The lookup secret serves for the register's life: with another one nobody finds the traders that are on the ledger. Each payload secret
serves one epoch. Both are drawn here and never leave: partners get keys that follow from them, by type. Lose this file and the register can
be read and restricted, but no trader is found in it any more: keep a copy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn, SupportsIndex, final

from aeo_ledger.errors.signing import MalformedKeyFile, NoPayloadSecret
from aeo_ledger.protocol.lookup_keys import (
    SECRET_BYTES,
    LookupKey,
    LookupKeys,
    PayloadKey,
    derive_lookup_key,
    derive_payload_key,
)
from aeo_ledger.signing.keyfile import WORK_FACTOR
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.sealed_file import open_sealed_file, work_factor_of, write_sealed_file

KIND: Final = "aeo-ledger/register-secrets/1"
"""The member `kind` of the file."""
TYPES: Final = range(16)
"""Numbers that certificate types can have."""


@final
class RegisterSecrets:
    """The secrets of one keyed register. No text, copy or pickle shows them."""

    __slots__ = ("_lookup", "_payload", "chain", "register")

    def __init__(self, chain: int, register: int, lookup: bytes, payload: Mapping[int, bytes]) -> None:
        self.chain, self.register = chain, register
        self._lookup: Callable[[], bytes] = lambda: lookup
        self._payload: Callable[[], dict[int, bytes]] = lambda: dict(payload)

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epochs whose payload secret is here, ascending."""
        return tuple(sorted(self._payload()))

    def lookup_key(self, certificate_type: int) -> LookupKey:
        """Derive the lookup key of a type."""
        return derive_lookup_key(self._lookup(), self.register, certificate_type)

    def lookup_keys(self) -> LookupKeys:
        """Derive the lookup keys of all types."""
        return LookupKeys(map(self.lookup_key, TYPES))

    def payload_key(self, certificate_type: int, epoch: int) -> PayloadKey:
        """Derive the payload key of a type in an epoch.

        Raises:
            NoPayloadSecret: The secret of this epoch is not here.
        """
        secrets = self._payload()
        if epoch not in secrets:
            known = tuple(map(str, sorted(secrets)))
            del secrets  # a traceback may show its frames' variables
            raise NoPayloadSecret(register=self.register, epoch=epoch, known=known)
        return derive_payload_key(secrets[epoch], self.register, certificate_type, epoch)

    def payload_keys(self) -> Iterable[PayloadKey]:
        """Derive the payload keys of all types in all epochs."""
        return [self.payload_key(kind, epoch) for epoch in self.epochs for kind in TYPES]

    def with_epoch(self, epoch: int, randomness: Callable[[int], bytes]) -> RegisterSecrets:
        """Draw the payload secret of a further epoch; one that is here stays as it is."""
        payload = {epoch: randomness(SECRET_BYTES)} | self._payload()
        return RegisterSecrets(self.chain, self.register, self._lookup(), payload)

    def write(
        self,
        path: Path,
        password: Password,
        *,
        randomness: Callable[[int], bytes],
        work_factor: int = WORK_FACTOR,
        replaces: bool = False,
    ) -> None:
        """Write the secrets, encrypted; raises as `write_sealed_file` does."""
        lookup, payload = self._lookup(), self._payload()
        secrets = {"lookup": lookup.hex(), "payload": {str(epoch): one.hex() for epoch, one in payload.items()}}
        plain = json.dumps(secrets, sort_keys=True).encode()
        del lookup, payload, secrets  # a traceback may show its frames' variables
        write_sealed_file(
            path,
            KIND,
            plain,
            password,
            about={"chain": self.chain, "register": self.register},
            randomness=randomness,
            work_factor=work_factor,
            replaces=replaces,
        )

    def __repr__(self) -> str:
        """Show whose they are."""
        return f"RegisterSecrets(chain {self.chain}, register {self.register}, epochs {self.epochs})"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or pickled."""
        raise TypeError("a register's secrets cannot be copied or pickled")


def draw_register_secrets(chain: int, register: int, *, randomness: Callable[[int], bytes]) -> RegisterSecrets:
    """Draw the secrets of a new register: its lookup secret, and the payload secret of epoch 0.

    Args:
        chain: Id of the chain.
        register: Number of the register.
        randomness: Returns the given number of secret random bytes, as `secrets.token_bytes` does.
    """
    return RegisterSecrets(chain, register, randomness(SECRET_BYTES), {0: randomness(SECRET_BYTES)})


def open_register_secrets(path: Path, password: Password) -> RegisterSecrets:
    """Decrypt a register's secrets.

    Raises:
        WrongPassword: The password is wrong, or the file was altered.
        MalformedKeyFile: The file is not one of a register's secrets.
        ExposedFile: Other users may read or write the file.
        KeyFileUnavailable: The file does not exist, or cannot be read.
    """
    plain, about = open_sealed_file(path, KIND, password)
    secrets = _read(plain, about)
    del plain  # a traceback may show its frames' variables
    if secrets is None:
        raise MalformedKeyFile(path=str(path), reason="it decrypts to something other than a register's secrets")
    return secrets


def _read(plain: bytes, about: Mapping[str, Any]) -> RegisterSecrets | None:
    """Read what `RegisterSecrets.write` wrote; None if it is something else."""
    try:
        found = json.loads(plain)
        payload = {int(epoch): bytes.fromhex(secret) for epoch, secret in found["payload"].items()}
        lookup = bytes.fromhex(found["lookup"])
        fits = {*map(len, (lookup, *payload.values()))} == {SECRET_BYTES}
        return RegisterSecrets(int(about["chain"]), int(about["register"]), lookup, payload) if fits else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def add_epoch(path: Path, epoch: int, password: Password, *, randomness: Callable[[int], bytes]) -> RegisterSecrets:
    """Add the payload secret of an epoch to a file, and return all; raises as `open_register_secrets` does."""
    secrets = open_register_secrets(path, password).with_epoch(epoch, randomness)
    secrets.write(path, password, randomness=randomness, work_factor=work_factor_of(path, KIND), replaces=True)
    return secrets
