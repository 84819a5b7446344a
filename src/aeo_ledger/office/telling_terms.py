"""The facts that acts are shown from, and how times, changes and numbers are written in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import holder_of, register_of, type_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.errors.verify import MissingNode
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.naming import name_types
from aeo_ledger.office.proven_desk import Facts
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.words import decode_text
from aeo_ledger.wording.words import ENGLISH, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What an act is shown from: the facts before it, and the traders that its signer named."""

    facts: Facts
    traders: Mapping[bytes, str] = field(default_factory=dict)
    """Traders by entry, codes by hash of the alias (32 bytes each). Whoever prepared the act derived the hash; it does not reveal them."""
    remarks: Mapping[bytes, Sequence[str]] = field(default_factory=dict)
    """Remarks by entry (32 bytes): what the signer should look at, such as a wrong check digit."""
    words: Words = ENGLISH
    """The signer's language."""

    def party(self, number: int) -> str:
        """Name a party by the code that is proven for its number, and by the name that is pinned.

        Raises:
            WrongPartyCode: another code is pinned for the number.
        """
        party, pinned = self.facts.party(number), self.facts.trust.by_number.get(number)
        if party is None:
            return self.words.say("party {number}, which does not exist yet", number=number)
        if pinned is not None:
            return f"{party.code} ({pinned.name})"
        return self.words.say("{code} (party {number}, not in your trust bundle)", code=party.code, number=number)

    def code(self, number: int) -> str:
        """Return a party's code: the pinned one, else the proven one."""
        pinned = self.facts.trust.by_number.get(number)
        if pinned is not None:
            return pinned.code
        with suppress(MissingNode):  # a party that only the facts name
            if (party := self.facts.party(number)) is not None:
                return party.code
        return self.words.say("party {number}", number=number)

    def trader(self, entry: bytes) -> str:
        """Name the trader of an entry, its type and its register."""
        register, number = register_of(entry), type_of(entry)
        return self.words.say(
            "{trader}, type {type} in the register of {register}",
            trader=self.named_trader(entry),
            type=self.types(register, 1 << number),
            register=self.code(register),
        )

    def named_trader(self, entry: bytes) -> str:
        """Name the trader of an entry alone."""
        known = self.traders.get(entry)
        return known or self.words.say("the trader of pseudonym {holder}", holder=to_hex(holder_of(entry)))

    def remark(self, entry: bytes) -> str:
        """Write the remarks on an entry that has some."""
        return "; ".join(map(self.words.phrase, self.remarks[entry]))

    def moment(self, seconds: int, party: int | None = None) -> str:
        """Write a time in UTC, and by the calendar of a party, by number."""
        return moment(seconds, None if party is None else self.code(party), self.words)

    def open_or(self, seconds: int, party: int) -> str:
        """Write a time as `moment` does; 0 is open."""
        return self.moment(seconds, party) if seconds else self.words.term("end", "open")

    def types(self, register: int, bits: int) -> str:
        """Name certificate types of a register."""
        return ", ".join(name_types(bits, list_type_names(self.code(register)))) or self.words.term("list", "none")

    def change(self, what: str, old: str, new: str) -> str:
        """Show the old and the new value of something, on a line."""
        return f"  {what}: {self.turned(old, new)}"

    def status(self, record: Record | None) -> str:
        """Name the status of a record, in capitals."""
        return self.words.name(record.status, Status).upper() if record else self.words.term("certificate", "none")

    def turned(self, old: str, new: str) -> str:
        """Show an old and a new value."""
        return self.words.say("{value} (unchanged)", value=new) if old == new else f"{old} -> {new}"


def moment(seconds: int, party: str | None = None, words: Words = ENGLISH) -> str:
    """Write a time as `show_moment` does; a time without a date is shown as its number."""
    return show_moment(seconds, party, words) if seconds < 1 << 34 else words.say("second {number}", number=seconds)


def text_of(data: bytes, what: str) -> str:
    """Read a left-aligned text of the ledger, which must be printable ASCII."""
    return decode_text(int.from_bytes(data, "big"), len(data), what=what)
