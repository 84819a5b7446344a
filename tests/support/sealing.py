"""Validators with keys, and headers that they seal as QBFT says."""

from __future__ import annotations

from dataclasses import replace

from coincurve import PrivateKey

from aeo_ledger.evidence.header import MIX_HASH, NO_UNCLES_HASH, Header
from aeo_ledger.primitives.curve import address_of_public_key
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.verify import ValidatorSet


def key_of(name: str) -> PrivateKey:
    return PrivateKey(keccak256(name.encode()))


def address_of(key: PrivateKey) -> bytes:
    return address_of_public_key(key.public_key.format(compressed=False)[1:])


KEYS = tuple(key_of(f"validator {at}") for at in range(7))
STRANGER = key_of("stranger")


def validators(count: int) -> ValidatorSet:
    return ValidatorSet(tuple(map(address_of, KEYS[:count])))


UNSEALED = Header(
    parent_hash=keccak256(b"parent"),
    uncles_hash=NO_UNCLES_HASH,
    coinbase=address_of(KEYS[0]),
    state_root=keccak256(b"state"),
    transactions_root=keccak256(b"transactions"),
    receipts_root=keccak256(b"receipts"),
    bloom=bytes(256),
    difficulty=1,
    number=7,
    gas_limit=60_000_000,
    gas_used=0,
    timestamp=1_800_000_000,
    vanity=bytes(32),
    listed_validators=(),
    vote=(),
    round=0,
    seals=(),
    mix_hash=MIX_HASH,
    nonce=bytes(8),
    later_fields=(),
)


def seal(header: Header, *keys: PrivateKey) -> Header:
    digest = header.seal_digest()
    return replace(header, seals=tuple(key.sign_recoverable(digest, hasher=None) for key in keys))
