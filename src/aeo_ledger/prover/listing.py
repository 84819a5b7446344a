"""List the standings of a register as of one block, page by page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.protocol.tables import Contract, record_slot
from aeo_ledger.protocol.words import decode_record
from aeo_ledger.prover.state import State

_LOOKED_AT: Final = 20_000
"""Standings that are looked at for one page: a tenth of a second. If few of them are wanted, the page is short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list."""

    records: tuple[tuple[bytes, Record], ...]
    """Entry (32 bytes) and record, ascending by entry."""
    last: bytes | None
    """The last entry that was looked at, 32 bytes; None if the list ends here."""


def list_standings(
    state: State, register: int, *, after: bytes, most: int, is_wanted: Callable[[bytes, Record], bool]
) -> Page:
    """List standings of a register (its party's number) that come after an entry, up to a number of them.

    Args:
        state: The words at one block.
        register: Number of the register's party.
        after: An entry, 32 bytes, or fewer bytes that come before any entry.
        most: Most standings on the page.
        is_wanted: Judges an entry and its record.
    """
    found: list[tuple[bytes, Record]] = []
    entries = state.entries
    start = bisect_right(entries, max(after, register.to_bytes(2, "big")))
    for place in range(start, len(entries)):
        entry = entries[place]
        if register_of(entry) != register:
            break
        if len(found) == most or place - start == _LOOKED_AT:
            return Page(records=tuple(found), last=entries[place - 1])
        record = decode_record(state.word(Contract.REGISTERS, record_slot(entry)))
        if record is None:
            raise AssertionError(f"the standing {entry.hex()} has no record, and nobody removes one")
        if is_wanted(entry, record):
            found.append((entry, record))
    return Page(records=tuple(found), last=None)
