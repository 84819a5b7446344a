"""Entries: the 32-byte keys of standings, derived by whoever asks and never taken from evidence."""

from __future__ import annotations

from typing import Final

from aeo_ledger.customs.inquiry import EntryOf
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.primitives.hashes import keccak256

HOLDER_BYTES: Final = 29
"""Length of a trader's pseudonym in a register under one type."""


def derive_open_holder(register: int, certificate_type: int, tin: Tin) -> bytes:
    """Derive a trader's pseudonym in an open register: whoever knows the TIN knows it.

    It is the first 29 bytes of keccak256(register's number, 2 bytes big-endian || type, 1 byte || TIN in ASCII).
    """
    place = register.to_bytes(2, "big") + certificate_type.to_bytes(1, "big")
    return keccak256(place + tin.text.encode("ascii"))[:HOLDER_BYTES]


def make_entry(register: int, certificate_type: int, holder: bytes) -> bytes:
    """Join an entry: register, 2 bytes big-endian; type, 1 byte; holder, 29 bytes."""
    if len(holder) != HOLDER_BYTES:
        raise ValueError(f"a holder has {HOLDER_BYTES} bytes, not {len(holder)}")
    return register.to_bytes(2, "big") + certificate_type.to_bytes(1, "big") + holder


def entries_of(tin: Tin) -> EntryOf:
    """Say how a decision finds a trader's entries: in open registers by the TIN alone.

    The function returned raises `KeyNeeded` for a keyed register.
    """

    def entry_of(register: int, mode: RegisterMode, certificate_type: int) -> bytes:
        if mode is RegisterMode.KEYED:
            raise KeyNeeded(register=register, certificate_type=certificate_type)
        return make_entry(register, certificate_type, derive_open_holder(register, certificate_type, tin))

    return entry_of
