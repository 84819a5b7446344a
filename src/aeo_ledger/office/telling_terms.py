"""The facts that acts are shown from, and how times, changes and numbers are written in words."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import holder_of, register_of, type_of
from aeo_ledger.customs.vocabulary import name_number
from aeo_ledger.errors.verify import MissingNode
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.naming import name_bits, name_types
from aeo_ledger.office.proven_desk import Facts
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.words import decode_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What an act is shown from: the facts before it, and the traders that its signer named."""

    facts: Facts
    traders: Mapping[bytes, str] = field(default_factory=dict)
    """Traders by entry, codes by hash of the alias (32 bytes each). Whoever prepared the act derived the hash; it does not reveal them."""
    remarks: Mapping[bytes, str] = field(default_factory=dict)
    """Remarks by entry (32 bytes): what the signer should look at, such as a wrong check digit."""

    def party(self, number: int) -> str:
        """Name a party by the code that is proven for its number, and by the name that is pinned.

        Raises:
            WrongPartyCode: another code is pinned for the number.
        """
        party, pinned = self.facts.party(number), self.facts.trust.by_number.get(number)
        if party is None:
            return f"party {number}, which does not exist yet"
        return f"{party.code} ({pinned.name})" if pinned else f"{party.code} (party {number}, not in your trust bundle)"

    def code(self, number: int) -> str:
        """Return a party's code: the pinned one, else the proven one."""
        pinned = self.facts.trust.by_number.get(number)
        if pinned is not None:
            return pinned.code
        with suppress(MissingNode):  # a party that only the facts name
            if (party := self.facts.party(number)) is not None:
                return party.code
        return f"party {number}"

    def trader(self, entry: bytes) -> str:
        """Name the trader of an entry, its type and its register."""
        register, number = register_of(entry), type_of(entry)
        trader = self.traders.get(entry, f"the trader of pseudonym {to_hex(holder_of(entry))}")
        return f"{trader}, type {self.types(register, 1 << number)} in the register of {self.code(register)}"

    def moment(self, seconds: int, party: int) -> str:
        """Write a time in UTC, and by the calendar of the party, by number."""
        return moment(seconds, self.code(party))

    def open_or(self, seconds: int, party: int) -> str:
        """Write a time as `moment` does; 0 is open."""
        return self.moment(seconds, party) if seconds else "open"

    def types(self, register: int, bits: int) -> str:
        """Name certificate types of a register."""
        return ", ".join(name_types(bits, list_type_names(self.code(register)))) or "none"


def moment(seconds: int, party: str | None = None) -> str:
    """Write a time as `show_moment` does; a time without a date is shown as its number."""
    return show_moment(seconds, party) if seconds < 1 << 34 else f"second {seconds}"


def change(what: str, old: str, new: str) -> str:
    """Show the old and the new value of something, on a line."""
    return f"  {what}: {new} (unchanged)" if old == new else f"  {what}: {old} -> {new}"


def bits(mask: int, words: type[IntEnum]) -> str:
    """Name every number in a bit set."""
    return ", ".join(name_bits(mask, words)).replace("_", " ") or "none"


def named(number: int, words: type[IntEnum]) -> str:
    """Name a number; an unknown one stays a number."""
    return name_number(number, words).replace("_", " ")


def text_of(data: bytes, what: str) -> str:
    """Read a left-aligned text of the ledger, which must be printable ASCII."""
    return decode_text(int.from_bytes(data, "big"), len(data), what=what)
