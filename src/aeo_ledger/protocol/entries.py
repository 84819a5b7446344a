"""How entries, and the hashes of aliases, are derived. The asker derives them from the question and never takes them from evidence."""

from __future__ import annotations

from aeo_ledger.customs.alias_codes import AliasCode
from aeo_ledger.customs.entry import HOLDER_BYTES, holder_of, make_entry, register_of, type_of
from aeo_ledger.customs.inquiry import EntryOf
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.lookup_keys import NO_KEYS, KeyOf, LookupKeys, derive_keyed_holder


def derive_open_holder(register: int, certificate_type: int, tin: Tin) -> bytes:
    """Derive a trader's pseudonym in an open register. Anyone who knows the TIN can do this.

    It is the first 29 bytes of keccak256(register's number, 2 bytes big-endian || type, 1 byte || TIN in ASCII).
    """
    place = register.to_bytes(2, "big") + certificate_type.to_bytes(1, "big")
    return keccak256(place + tin.text.encode("ascii"))[:HOLDER_BYTES]


def is_entry_of(entry: bytes, tin: Tin, keys: LookupKeys = NO_KEYS) -> bool:
    """Tell whether an entry (32 bytes) is a trader's: its holder follows from the TIN, or from TIN and lookup key.

    A match shows that the key is the right one. Nothing follows if there is none.
    """
    place = register_of(entry), type_of(entry)
    if holder_of(entry) == derive_open_holder(*place, tin):
        return True
    try:
        return holder_of(entry) == derive_keyed_holder(keys.key(*place), tin)
    except KeyNeeded:
        return False


def entries_of(tin: Tin, key_of: KeyOf = NO_KEYS.key) -> EntryOf:
    """Make the function with which a trader's entries are found: in open registers from the TIN, in keyed ones from TIN and lookup key.

    Args:
        tin: The trader.
        key_of: Gives the lookup key of a register and a type. Whoever concludes something from an entry takes `LookupKeys.compared`,
            which compares a key with the ledger. By default there is no key.

    Returns:
        The function. For a keyed register it raises what `key_of` raises: `KeyNeeded`, `WrongLookupKey`.
    """

    def entry_of(register: int, mode: RegisterMode, certificate_type: int) -> bytes:
        if mode is RegisterMode.KEYED:
            holder = derive_keyed_holder(key_of(register, certificate_type), tin)
        else:
            holder = derive_open_holder(register, certificate_type, tin)
        return make_entry(register, certificate_type, holder)

    return entry_of


def hash_alias(recogniser: int, alias: AliasCode) -> bytes:
    """Hash an alias of a recogniser to 32 bytes. Anyone who knows the code can do this.

    It is keccak256(recogniser's number, 2 bytes big-endian || number of the kind, 1 byte || code in ASCII). A code has another
    hash with each recogniser and as each kind, so one never stands for another.

    Source: DESIGN section 3, "Aliases".
    """
    return keccak256(recogniser.to_bytes(2, "big") + alias.kind.to_bytes(1, "big") + alias.code.encode("ascii"))
