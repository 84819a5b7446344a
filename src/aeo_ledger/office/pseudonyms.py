"""The entries of traders in one register, open or keyed: the one place where an office derives them.

Whether a register is keyed, and which lookup keys are its own, is read from the ledger: with a wrong key an officer would suspend a
certificate that is nobody's, and grant one that nobody finds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.lookup_keys import LookupKeys
from aeo_ledger.protocol.tables import Slot, Table, key_check_key, slot_of
from aeo_ledger.signing.register_file import TYPES

EntryIn: TypeAlias = Callable[[Tin, int], bytes]
"""From a trader and the number of a type to the entry in one register, 32 bytes; raises `KeyNeeded` and `WrongLookupKey`."""


def entries_in(words: WordView, register: int, keys: LookupKeys) -> EntryIn:
    """Make the function that derives entries in a register, by its number.

    Args:
        words: The ledger: the words of `slots_of_pseudonyms`.
        register: The register's number. One that is not opened yet counts as open: nothing can be published in it.
        keys: The lookup keys at hand. None is needed for an open register.
    """
    opened = words.register(register)
    mode = RegisterMode.OPEN if opened is None else opened.mode
    key_of = keys.compared(words.key_check)
    return lambda tin, kind: entries_of(tin, key_of)(register, mode, kind)


def slots_of_pseudonyms(register: int) -> list[Slot]:
    """List the words that say how a register writes its holders, by its number."""
    return [slot_of(Table.REGISTER, register), *slots_of_checks(register)]


def slots_of_checks(register: int) -> list[Slot]:
    """List the check values of a register's lookup keys."""
    return [slot_of(Table.KEY_CHECK, key_check_key(register, kind)) for kind in TYPES]
