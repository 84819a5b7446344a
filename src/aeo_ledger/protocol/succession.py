"""From a ledger's words to those of its successor. Nobody signs anything again, and nothing is lost.

A resolution names the successor's chain, addresses and code, and a date. The words of the last block before that date go over
one by one. Each edition of the contracts has one row for each table. A word without a row is refused, so that an edition with
a new word must say what becomes of it. Counters go over, so no old number counts twice. Heads go over, so histories
continue. Only the place of the seam is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from aeo_ledger.errors.protocol import UnmappedEdition, UnmappedWord
from aeo_ledger.protocol.facts import Predecessor
from aeo_ledger.protocol.inventory import THIS_EDITION, Edition, Inventory
from aeo_ledger.protocol.layouts import GOVERNANCE, SUCCESSION
from aeo_ledger.protocol.tables import PREDECESSOR_FIELDS, Contract, Table, predecessor_key

Row: TypeAlias = Callable[[int], int]
"""From a word to its value in the successor; 0 if it is not carried over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """The ledger that a resolution names as successor."""

    effective: int
    """UTC seconds: the successor's first second."""
    chain_id: int
    addresses: Mapping[Contract, bytes]
    """20 bytes each."""
    code_hashes: Mapping[Contract, bytes]
    """keccak256 of the runtime codes, 32 bytes each."""


def read_successor(read: Callable[[Table, int], int]) -> Successor | None:
    """Find the named successor, with a function that reads a word by table and key; None if none is named."""
    first, chain_id, governance, registers, *hashes = (read(Table.SUCCESSION, key) for key in range(7))
    if first == 0:
        return None
    addresses = (SUCCESSION["consortium"].of(first), governance, registers)
    return Successor(
        effective=SUCCESSION["effective"].of(first),
        chain_id=chain_id,
        addresses={contract: word.to_bytes(20, "big") for contract, word in zip(Contract, addresses, strict=True)},
        code_hashes={contract: word.to_bytes(32, "big") for contract, word in zip(Contract, hashes, strict=True)},
    )


def edition_of(code_hashes: Mapping[Contract, bytes]) -> Edition:
    """Find the edition of a ledger's contracts by the hashes of their codes.

    Raises:
        UnmappedEdition: This version cannot succeed that edition.
    """
    found = next((edition for edition, _ in _EDITIONS if edition.code_hashes == code_hashes), None)
    if found is None:
        raise UnmappedEdition(found=code_hashes[Contract.CONSORTIUM])
    return found


def succeed(old: Inventory, edition: Edition, seam: Predecessor) -> Inventory:
    """Compute every word of a successor's genesis.

    Args:
        old: Every word of the ledger that is succeeded, at the seam.
        edition: Edition of its contracts, as `edition_of` finds it.
        seam: Where it ends.

    Raises:
        UnmappedWord: A word's table has no row.
    """
    rows = next(rows for known, rows in _EDITIONS if known is edition)
    words: dict[tuple[Table, int], int] = {}
    for (table, key), word in old.words.items():
        row = rows.get(table)
        if row is None:
            raise UnmappedWord(table=table, key=key)
        words[table, key] = row(word)
    seams = sum(key & 0xFF == 0 for table, key in words if table is Table.PREDECESSOR)
    addresses = (int.from_bytes(seam.address(contract), "big") for contract in Contract)
    facts = (seam.time, seam.number, int.from_bytes(seam.header, "big"), seam.chain_id, *addresses)
    for field, fact in zip(PREDECESSOR_FIELDS, facts, strict=True):
        words[Table.PREDECESSOR, predecessor_key(seams, field)] = fact
    return Inventory(words={place: word for place, word in words.items() if word}, standings=dict(old.standings))


def _carry(word: int) -> int:
    """Carry a word over unchanged."""
    return word


def _leave(_: int) -> int:
    """Leave a word behind, because it concerns only the old ledger."""
    return 0


def _begin_blocks_anew(word: int) -> int:
    """Carry governance's counters over. The successor counts blocks from 0, so none of them holds a change of validators yet."""
    changed_in = GOVERNANCE["validators_changed_in"]
    return word & ~(changed_in.mask << changed_in.at)


_ROWS: Final[Mapping[Table, Row]] = {
    Table.PARTY: _carry,
    Table.PARTY_HEAD: _carry,
    Table.OFFICE: _carry,
    Table.CARD: _carry,
    Table.CERTIFICATE: _carry,
    Table.KEY: _carry,
    Table.REPLACEMENT: _carry,
    Table.PAIR: _carry,
    Table.PAIR_HEAD: _carry,
    Table.LANE: _carry,
    Table.TEXT: _carry,
    Table.WITHHOLDING: _carry,
    Table.REGISTER: _carry,
    Table.KEY_CHECK: _carry,
    Table.GOVERNANCE: _begin_blocks_anew,
    Table.SUCCESSION: _leave,
    Table.VALIDATOR: _carry,
    Table.EPOCH_END: _carry,
    Table.PREDECESSOR: _carry,
    Table.ALIAS: _carry,
    Table.ALIAS_ENTRY: _carry,
    Table.ALIAS_HEAD: _carry,
}
"""What becomes of the words of each table. A standing's record and head are carried over unchanged."""

_EDITIONS: Final = ((THIS_EDITION, _ROWS),)
"""Editions that can be succeeded, with their rows. An edition that changes a layout keeps the earlier editions' rows, rewritten."""
