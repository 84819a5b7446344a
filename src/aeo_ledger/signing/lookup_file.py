"""The keys of keyed registers that somebody holds, in an encrypted file: lookup keys, and payload keys by epoch.

A partner's file grows with each envelope that it opens. It is bound to the chain for which it was made: a register has the same number in
a pilot and in the real ledger, and the keys of one would take the place of the other's. A ledger that succeeds another takes its file over.
The office of a register needs none: its file of secrets serves in its place. The base install reads both, because a border system
that asks about a keyed register needs its lookup key and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aeo_ledger.errors.protocol import KeyNeeded, MalformedSecret
from aeo_ledger.errors.signing import MalformedKeyFile, OtherLedgersKeys
from aeo_ledger.protocol.lookup_keys import LookupKey, LookupKeys, PayloadKey
from aeo_ledger.signing import register_file
from aeo_ledger.signing.keyfile import WORK_FACTOR
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.sealed_file import kind_of, open_sealed_file, work_factor_of, write_sealed_file

KIND: Final = "aeo-ledger/lookup-keys/1"
"""The member `kind` of the file."""


@dataclass(frozen=True, slots=True)
class HeldKeys:
    """The keys of keyed registers that somebody holds. No text shows them."""

    lookup: LookupKeys
    payload: Mapping[tuple[int, int, int], PayloadKey] = field(repr=False)
    """By register, type and epoch."""

    @classmethod
    def of(cls, lookup: Iterable[LookupKey], payload: Iterable[PayloadKey]) -> HeldKeys:
        """Hold some keys."""
        return cls(LookupKeys(lookup), {(key.register, key.certificate_type, key.epoch): key for key in payload})

    def with_keys(self, more: HeldKeys) -> HeldKeys:
        """Hold further keys too; a key that is held for the same place is replaced."""
        lookup = [*self.lookup, *more.lookup]
        return HeldKeys.of(lookup, [*self.payload.values(), *more.payload.values()])

    def payload_key(self, register: int, certificate_type: int, epoch: int) -> PayloadKey:
        """Find the key with which details are sealed.

        Raises:
            KeyNeeded: It is not here.
        """
        found = self.payload.get((register, certificate_type, epoch))
        if found is None:
            raise KeyNeeded(register=register, certificate_type=certificate_type)
        return found


NOTHING_HELD: Final = HeldKeys.of([], [])
"""For whoever holds no key of a keyed register."""


def open_lookup_keys(path: Path, password: Password, chains: Sequence[int]) -> LookupKeys:
    """Decrypt the lookup keys in a partner's file, or derive those of an office's own register; raises as `open_held_keys` does."""
    return open_held_keys(path, password, chains).lookup


def open_held_keys(path: Path, password: Password, chains: Sequence[int]) -> HeldKeys:
    """Decrypt the keys in a partner's file, or derive those of an office's own register.

    Args:
        path: The file.
        password: Decrypts it.
        chains: Ids of the ledger's chain, first, and of those that it succeeds.

    Raises:
        OtherLedgersKeys: The file is for none of these chains.
        WrongPassword: The password is wrong, or the file was altered.
        MalformedKeyFile: The file is neither of keys from partners nor of a register's secrets.
        ExposedFile: Other users may read or write the file.
        KeyFileUnavailable: The file does not exist, or cannot be read.
    """
    if kind_of(path) == register_file.KIND:
        secrets = register_file.open_register_secrets(path, password)
        _require_chain(path, secrets.chain, chains)
        return HeldKeys.of(secrets.lookup_keys(), secrets.payload_keys())
    return _open(path, password, chains)[0]


def _open(path: Path, password: Password, chains: Sequence[int]) -> tuple[HeldKeys, int]:
    """Decrypt a partner's file; return its keys and the id of its chain."""
    plain, about = open_sealed_file(path, KIND, password)
    held, chain = _read(plain), about.get("chain")
    del plain  # a traceback may show its frames' variables
    if held is None or type(chain) is not int:
        raise MalformedKeyFile(
            path=str(path), reason="it decrypts to something other than keys of registers of a chain"
        )
    _require_chain(path, chain, chains)
    return held, chain


def _require_chain(path: Path, chain: int, chains: Sequence[int]) -> None:
    if chain not in chains:
        raise OtherLedgersKeys(path=str(path), found=chain, needed=chains[0])


def _read(plain: bytes) -> HeldKeys | None:
    """Read what `keep_held_keys` wrote; None if it is something else."""
    try:
        found = json.loads(plain)
        lookup = [LookupKey(register=r, certificate_type=t, secret=bytes.fromhex(key)) for r, t, key in found["lookup"]]
        payload = [
            PayloadKey(register=r, certificate_type=t, epoch=e, secret=bytes.fromhex(key))
            for r, t, e, key in found["payload"]
        ]
    except (ValueError, TypeError, KeyError, MalformedSecret):
        return None
    return HeldKeys.of(lookup, payload)


def keep_held_keys(
    path: Path,
    more: HeldKeys,
    password: Password,
    chains: Sequence[int],
    *,
    randomness: Callable[[int], bytes],
    work_factor: int = WORK_FACTOR,
) -> HeldKeys:
    """Add keys to a partner's file, or make it for the first of these chains; return all that are in it then.

    Raises:
        OtherLedgersKeys, WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `open_held_keys`.
    """
    is_there, chain = path.exists(), chains[0]
    if is_there:
        held, chain = _open(path, password, chains)
        work_factor, more = work_factor_of(path, KIND), held.with_keys(more)
    lookup = [(key.register, key.certificate_type, key.secret.hex()) for key in more.lookup]
    payload = [(*place, key.secret.hex()) for place, key in sorted(more.payload.items())]
    plain = json.dumps({"lookup": lookup, "payload": payload}).encode()
    del lookup, payload  # a traceback may show its frames' variables
    write_sealed_file(
        path,
        KIND,
        plain,
        password,
        about={"chain": chain},
        randomness=randomness,
        work_factor=work_factor,
        replaces=is_there,
    )
    return more
