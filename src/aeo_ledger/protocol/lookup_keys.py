"""Lookup keys: with one, the traders of one type can be found in a keyed register. Payload keys: with one, their details can be read.

A keyed register has a *lookup secret*, fixed for its life, and a *payload secret* for each epoch. From them follows a key for each
type, so that a partner with the keys of type 3 learns nothing about types 1 and 2. The trader's pseudonym, the *holder*, is an HMAC of
the TIN under the lookup key. Whoever holds a lookup key can try all numbers of a country in minutes; whoever does not hold it cannot
try one.

The ledger holds a *check value* of each lookup key. It shows nothing of the key. It lets an asker compare the key in hand with the one
that the register uses: with a wrong key every trader would seem absent, so a wrong key proves nothing.

Is a lookup key a private key, which only `signing` may hold? No. It signs nothing, and nobody can be impersonated with it. It is a
secret of the *asker*, a part of the question: a verifier takes it as an argument, as it takes the TIN, and cannot tell a no without it.
What stays true is that nothing that verifies can reach a key that signs, nor a file, so no key is stored here. No key appears in a
`repr`, an error or a log.

Everything here needs the standard library alone.

Source: DESIGN section 6; RFC 2104 (HMAC); RFC 5869 (HKDF).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from aeo_ledger.customs.entry import HOLDER_BYTES
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.protocol import KeyNeeded, MalformedSecret, WrongLookupKey
from aeo_ledger.primitives.hkdf import derive_key

SECRET_BYTES: Final = 32
"""Length of a register's secrets, and of the keys that follow from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupKey:
    """The key with which traders are found in one keyed register under one type.

    Raises:
        MalformedSecret: The key is not 32 bytes long.
    """

    register: int
    """Number of the register."""
    certificate_type: int
    """Number of the type."""
    secret: bytes = field(repr=False)
    """The key itself, 32 bytes."""
    check: bytes = field(init=False, repr=False)
    """Its check value, 32 bytes: what stands on the ledger in `Table.KEY_CHECK`. It is not secret and does not show the key.

    It is HKDF of the key with the info `aeo-ledger/1 check value of register 3 type 2`, in ASCII with decimal numbers. On the ledger a
    word of zero means that none was set. No key is known to have this value, and none can be searched for.
    """

    def __post_init__(self) -> None:
        """Demand the length, and derive the check value."""
        _demand_length(self.secret, "a lookup key")
        check = derive_key(self.secret, _info("check value", self.register, self.certificate_type))
        object.__setattr__(self, "check", check)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadKey:
    """The key with which details of one type are sealed in one epoch of a keyed register.

    Raises:
        MalformedSecret: The key is not 32 bytes long.
    """

    register: int
    """Number of the register."""
    certificate_type: int
    """Number of the type."""
    epoch: int
    """Number of the epoch."""
    secret: bytes = field(repr=False)
    """The key itself, 32 bytes."""

    def __post_init__(self) -> None:
        """Demand the length."""
        _demand_length(self.secret, "a payload key")


def derive_lookup_key(secret: bytes, register: int, certificate_type: int) -> LookupKey:
    """Derive the lookup key of a type.

    Args:
        secret: Lookup secret of the register, 32 random bytes, the same for the register's life.
        register: Number of the register.
        certificate_type: Number of the type.

    Raises:
        MalformedSecret: The secret is not 32 bytes long.

    Source: RFC 5869. The info is `aeo-ledger/1 lookup key of register 3 type 2`, in ASCII with decimal numbers.
    """
    _demand_length(secret, "a lookup secret")
    key = derive_key(secret, _info("lookup key", register, certificate_type))
    return LookupKey(register=register, certificate_type=certificate_type, secret=key)


def derive_payload_key(secret: bytes, register: int, certificate_type: int, epoch: int) -> PayloadKey:
    """Derive the payload key of a type in an epoch.

    Args:
        secret: Payload secret of the epoch, 32 random bytes.
        register: Number of the register.
        certificate_type: Number of the type.
        epoch: Number of the epoch.

    Raises:
        MalformedSecret: The secret is not 32 bytes long.

    Source: RFC 5869. The info is `aeo-ledger/1 payload key of register 3 type 2 epoch 5`, in ASCII with decimal numbers.
    """
    _demand_length(secret, "a payload secret")
    key = derive_key(secret, _info("payload key", register, certificate_type, f" epoch {epoch}"))
    return PayloadKey(register=register, certificate_type=certificate_type, epoch=epoch, secret=key)


def derive_keyed_holder(key: LookupKey, tin: Tin) -> bytes:
    """Derive a trader's pseudonym in a keyed register: the first 29 bytes of HMAC-SHA256(key, TIN in ASCII)."""
    return hmac.digest(key.secret, tin.text.encode("ascii"), "sha256")[:HOLDER_BYTES]


KeyOf: TypeAlias = Callable[[int, int], LookupKey]
"""From a register's number and a type to the lookup key; raises `KeyNeeded`, and `WrongLookupKey` where the ledger is at hand."""


class LookupKeys:
    """The lookup keys that somebody holds. It cannot be changed. Of two keys for one register and type the later one counts."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[LookupKey] = ()) -> None:
        self._keys: Final = {(key.register, key.certificate_type): key for key in keys}

    def __repr__(self) -> str:
        """Name registers and types, and no key."""
        return f"LookupKeys({list(self)})"

    def __eq__(self, other: object) -> bool:
        """Compare keys."""
        return isinstance(other, LookupKeys) and self._keys == other._keys

    def __hash__(self) -> int:
        """Hash the places of the keys: no hash of a key leaves here."""
        return hash(frozenset(self._keys))

    def __iter__(self) -> Iterator[LookupKey]:
        """Yield each key, by register and type."""
        return iter(self._keys[place] for place in sorted(self._keys))

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._keys)

    def key(self, register: int, certificate_type: int) -> LookupKey:
        """Give the key of a register and a type. It is not compared with the ledger: see `compared`.

        Raises:
            KeyNeeded: It is not here.
        """
        found = self._keys.get((register, certificate_type))
        if found is None:
            raise KeyNeeded(register=register, certificate_type=certificate_type)
        return found

    def compared(self, check_of: Callable[[int, int], bytes]) -> KeyOf:
        """Make the function that gives a key only after it was compared with the ledger. Prover and verifier both read this way.

        Args:
            check_of: From register and type to the check value on the ledger, 32 bytes; zero if there is none.

        Returns:
            The function. It raises `KeyNeeded`, `WrongLookupKey`, and whatever `check_of` raises for a word that it cannot show.
        """

        def key_of(register: int, certificate_type: int) -> LookupKey:
            key = self.key(register, certificate_type)
            if key.check != check_of(register, certificate_type):
                raise WrongLookupKey(register=register, certificate_type=certificate_type)
            return key

        return key_of


NO_KEYS: Final = LookupKeys()
"""For whoever holds no lookup key: open registers alone can be asked."""


def _info(purpose: str, register: int, certificate_type: int, rest: str = "") -> bytes:
    """Name what a key is for. Numbers are decimal and end at a space or at the end, so no two purposes have one text."""
    return f"aeo-ledger/1 {purpose} of register {register} type {certificate_type}{rest}".encode("ascii")


def _demand_length(secret: bytes, what: str) -> None:
    if len(secret) != SECRET_BYTES:
        raise MalformedSecret(what=what, found=len(secret), needed=SECRET_BYTES)
