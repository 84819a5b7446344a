"""The ledger's facts, read from words: which word holds a fact, and how it is decoded. No word is judged here.

Prover and verifier both read through a `WordView`. The prover's view notes what it reads. The verifier's view walks proven
tries and raises if a node is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.arrangement import Lane, Pair, Register, Withholding
from aeo_ledger.customs.entry import type_of
from aeo_ledger.customs.party import Key, Office, Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.errors.customs import UnreadableValue
from aeo_ledger.errors.protocol import MalformedWord
from aeo_ledger.protocol.layouts import GOVERNANCE, SUCCESSION
from aeo_ledger.protocol.tables import (
    PREDECESSOR_FIELDS,
    Contract,
    Table,
    alias_entry_key,
    alias_key,
    epoch_key,
    key_check_key,
    lane_key,
    pair_key,
    predecessor_key,
    record_slot,
    slot_of,
    standing_head_slot,
    withholding_key,
    word_slot,
)
from aeo_ledger.protocol.words import (
    decode_alias,
    decode_key,
    decode_lane,
    decode_office,
    decode_pair,
    decode_party,
    decode_record,
    decode_register,
    decode_withholding,
)

T = TypeVar("T")

ReadWord: TypeAlias = Callable[[Contract, int], int]
"""From a contract and a storage slot to the word there; 0 means absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """A ledger that another one succeeded, and the seam: its last block that counts."""

    chain_id: int
    consortium: bytes
    governance: bytes
    registers: bytes
    """Addresses of its contracts, 20 bytes each."""
    number: int
    header: bytes
    """On-chain hash of the seam's header, 32 bytes."""
    time: int
    """Time of the seam, UTC seconds."""

    def address(self, contract: Contract) -> bytes:
        """Give the address of one of its contracts, 20 bytes."""
        addresses = {Contract.CONSORTIUM: self.consortium, Contract.GOVERNANCE: self.governance}
        return addresses.get(contract, self.registers)


class WordView:
    """A `customs.inquiry.Ledger` over the storage words of one block.

    Facts that many questions share (parties, registers, pairs, lanes) are read and decoded once. Standings and withholdings are
    not kept.

    Raises:
        UnreadableValue: From each method: no contract of this project writes such a word.
        Whatever the reader raises.
    """

    def __init__(self, read: ReadWord) -> None:
        self._read = read
        self._known: dict[tuple[Table, int], object] = {}

    def read(self, contract: Contract, slot: int) -> int:
        """Read the word at a slot; 0 means absent."""
        return self._read(contract, slot)

    def word(self, table: Table, key: int) -> int:
        """Read a word by its table and key; 0 means absent."""
        return self._read(*slot_of(table, key))

    def office(self, number: int) -> Office:
        """Look up a party's counters."""
        return self._shared(Table.OFFICE, number, decode_office)

    def party(self, number: int) -> Party | None:
        """Look up a party by number."""
        return self._shared(Table.PARTY, number, decode_party)

    def register(self, number: int) -> Register | None:
        """Look up a register by its party's number."""
        return self._shared(Table.REGISTER, number, decode_register)

    def pair(self, recogniser: int, register: int) -> Pair:
        """Look up an ordered pair. A pair without a word has no lanes."""
        return self._shared(Table.PAIR, pair_key(recogniser, register), decode_pair)

    def lane(self, recogniser: int, register: int, lane: int) -> Lane | None:
        """Look up a lane of a pair, from 0."""
        return self._shared(Table.LANE, lane_key(recogniser, register, lane), decode_lane)

    def key_check(self, register: int, certificate_type: int) -> bytes:
        """Look up the check value of the lookup key of a type, 32 bytes; zero if there is none."""
        key = key_check_key(register, certificate_type)
        return self._shared(Table.KEY_CHECK, key, _as_bytes)

    def withholding(self, recogniser: int, entry: bytes) -> Withholding | None:
        """Look up whether a recogniser withholds benefits from an entry of 32 bytes."""
        slot = word_slot(Table.WITHHOLDING, withholding_key(recogniser, entry))
        return _decode("withholding", decode_withholding, self._read(Contract.CONSORTIUM, slot))

    def record(self, entry: bytes) -> Record | None:
        """Look up the standing of an entry of 32 bytes."""
        return _decode("standing", decode_record, self._read(Contract.REGISTERS, record_slot(entry)))

    def alias(self, recogniser: int, alias_hash: bytes) -> Alias | None:
        """Look up an alias of a recogniser by its hash of 32 bytes, with each entry that it is bound to, but without its head."""
        alias = _decode("alias", decode_alias, self.word(Table.ALIAS, alias_key(recogniser, alias_hash)))
        if alias is None:
            return None
        words = {
            place: self.word(Table.ALIAS_ENTRY, alias_entry_key(recogniser, alias_hash, *place))
            for place in alias.entries
        }
        entries = {place: word.to_bytes(32, "big") for place, word in words.items()}
        if not all(words.values()) or any(type_of(entry) != kind for (_, kind), entry in entries.items()):
            raise UnreadableValue(what="alias", reason="a bound place has no entry, or one of another type")
        return replace(alias, entries=entries)

    def alias_head(self, recogniser: int, alias_hash: bytes) -> bytes:
        """Look up the head of an alias's history, 32 bytes; zero if there is none."""
        return self.word(Table.ALIAS_HEAD, alias_key(recogniser, alias_hash)).to_bytes(32, "big")

    def key(self, address: bytes) -> Key | None:
        """Look up what an address of 20 bytes serves or has served."""
        return self._shared(Table.KEY, int.from_bytes(address, "big"), decode_key)

    def party_head(self, number: int) -> bytes:
        """Look up the head of a party's history (0 for the network's), 32 bytes; zero if there is none."""
        return self._read(Contract.CONSORTIUM, word_slot(Table.PARTY_HEAD, number)).to_bytes(32, "big")

    def pair_head(self, recogniser: int, register: int) -> bytes:
        """Look up the head of a pair's history, 32 bytes; zero if there is none."""
        slot = word_slot(Table.PAIR_HEAD, pair_key(recogniser, register))
        return self._read(Contract.CONSORTIUM, slot).to_bytes(32, "big")

    def standing_head(self, entry: bytes) -> bytes:
        """Look up the head of a standing's history, 32 bytes; zero if there is none."""
        return self._read(*standing_head_slot(entry)).to_bytes(32, "big")

    def epoch_end(self, party: int, epoch: int) -> int:
        """Look up when an epoch of a party's keys ended, UTC seconds; 0 if it has not ended."""
        return self._read(Contract.CONSORTIUM, word_slot(Table.EPOCH_END, epoch_key(party, epoch)))

    def replacement_delay(self) -> int:
        """Look up the shortest time of a replacement, seconds."""
        word = self._read(Contract.CONSORTIUM, word_slot(Table.GOVERNANCE, 0))
        return GOVERNANCE["replacement_delay"].of(word)

    def successor(self) -> tuple[bytes, int] | None:
        """Look up the successor of this ledger: its `Consortium` (20 bytes) and its date (UTC seconds); None if none is named."""
        word = self._read(Contract.CONSORTIUM, word_slot(Table.SUCCESSION, 0))
        if word == 0:
            return None
        return SUCCESSION["consortium"].of(word).to_bytes(20, "big"), SUCCESSION["effective"].of(word)

    def predecessors(self) -> tuple[Predecessor, ...]:
        """List the predecessors of this ledger, oldest first."""
        found: list[Predecessor] = []
        while True:
            keys = [predecessor_key(len(found), field) for field in PREDECESSOR_FIELDS]
            time, *rest = (self._read(Contract.CONSORTIUM, word_slot(Table.PREDECESSOR, key)) for key in keys)
            if time == 0:
                return tuple(found)
            number, header, chain, *addresses = rest
            if any(address >> 160 for address in addresses):
                raise UnreadableValue(
                    what=f"predecessor {len(found)}", reason="a contract's address has more than 20 bytes"
                )
            consortium, governance, registers = (address.to_bytes(20, "big") for address in addresses)
            found.append(
                Predecessor(
                    chain_id=chain,
                    consortium=consortium,
                    governance=governance,
                    registers=registers,
                    number=number,
                    header=header.to_bytes(32, "big"),
                    time=time,
                )
            )

    def _shared(self, table: Table, key: int, decode: Callable[[int], T]) -> T:
        known = self._known
        if (table, key) not in known:
            word = self._read(Contract.CONSORTIUM, word_slot(table, key))
            known[table, key] = _decode(table.name.lower(), decode, word)
        return known[table, key]  # type: ignore[return-value]  # a table is read by one decoder only


class NotedWords(WordView):
    """A view that notes what it reads. A prover proves these words, and a verifier will read the same ones.

    The word that names a successor is read first, because every answer proves that there is none.
    """

    def __init__(self, read: ReadWord) -> None:
        self.words: dict[tuple[Contract, int], int] = {}
        """Every word read, by contract and slot, in the order of reading."""

        def note(contract: Contract, slot: int) -> int:
            word = self.words[contract, slot] = read(contract, slot)
            return word

        super().__init__(note)
        self.successor()


def _as_bytes(word: int) -> bytes:
    return word.to_bytes(32, "big")


def _decode(what: str, decode: Callable[[int], T], word: int) -> T:
    try:
        return decode(word)
    except MalformedWord as error:
        raise UnreadableValue(what=what, reason=str(error)) from error
