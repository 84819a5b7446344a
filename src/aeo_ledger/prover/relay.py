"""Relay signed acts to a ledger, and read the facts from which an office prepares acts.

A relay's key has no authority: any relay may send any act.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import BoundedSemaphore, Lock
from typing import Final, overload

from aeo_ledger.customs.arrangement import Lane, Pair
from aeo_ledger.customs.consortium import Replacement
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.errors import Malformed, Refused, Unavailable
from aeo_ledger.errors.customs import RefusedByLedger, UnreadableValue
from aeo_ledger.errors.gateway import CardNotHeld
from aeo_ledger.errors.office import WrongKey
from aeo_ledger.errors.prover import RelayUnfunded
from aeo_ledger.errors.rpc import PossiblySent
from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.card import Card
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.evidence.snapshot import Snapshot
from aeo_ledger.ledger.bindings import encode_act, encode_call
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.ledger.topics import read_place, topics_of
from aeo_ledger.office.desk import SEALED_WITHIN_S, Member, Place, Standings
from aeo_ledger.office.whose_key import find_wrong_key
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.layouts import GOVERNANCE
from aeo_ledger.protocol.tables import Contract, Slot, Table, lane_key, pair_key, record_slot, slot_of
from aeo_ledger.protocol.words import (
    decode_key,
    decode_lane,
    decode_office,
    decode_pair,
    decode_party,
    decode_record,
    decode_register,
    decode_replacement,
)
from aeo_ledger.prover.index import Index
from aeo_ledger.prover.indexed import IndexedLedger
from aeo_ledger.prover.prove import fetch_nodes
from aeo_ledger.prover.rehearse import rehearse_publication
from aeo_ledger.prover.state import State
from aeo_ledger.prover.updates import prove_update
from aeo_ledger.signing import Signer, Transaction, sign_transaction

_OVER_BASE_FEE: Final = 2
"""How many times the present base fee a transaction offers: a base fee rises by an eighth a block at most (EIP-1559)."""

GAS_LIMIT: Final = 8_000_000
"""Gas that a relayed act may use. A publication of 100 grants with 32 KB of details needs about 6 million; a block has 60 million."""


class Relay:
    """A `Desk` at a ledger's own node."""

    def __init__(
        self,
        ledger: Ledger,
        signer: Signer,
        *,
        timeout_s: float = SEALED_WITHIN_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._index = ledger.index if isinstance(ledger, IndexedLedger) else Index(ledger)
        self._signer = signer
        self._timeout_s = timeout_s
        self._clock = clock
        self._chain_id = ledger.chain_id()
        self._sending = Lock()
        self._rehearsing = BoundedSemaphore(2)
        self._under_way: dict[int, bytes] = {}

    def submit(self, act: SignedAct) -> Sealed:
        """Rehearse a signed act, send it, and wait until it is sealed; see `Desk`."""
        data = encode_act(act)
        self._rehearse(act, data)
        return self._relay(act.contract, data)

    def complete_replacement(self, party: int) -> Sealed:
        """Complete the replacement of a party's authority, by the party's number. Anybody may do this, so nobody signs it.

        Raises:
            RefusedByLedger: there is no replacement, it is not ready, or it has lapsed.
            Unavailable: it was not sealed in time.
        """
        data = encode_call(Contract.GOVERNANCE, "complete_replacement", party)
        self._ledger.rehearse(Contract.GOVERNANCE, data)
        return self._relay(Contract.GOVERNANCE, data)

    def _relay(self, contract: Contract, data: bytes) -> Sealed:
        """Send a call to a contract and wait until it is sealed."""
        nonce, raw = self._send(contract, data)
        try:
            return self._ledger.await_sealed(raw, timeout_s=self._timeout_s)
        finally:
            with self._sending:
                self._under_way.pop(nonce, None)

    def _send(self, contract: Contract, data: bytes) -> tuple[int, bytes]:
        """Sign and send a transaction; return its nonce and bytes.

        Its nonce follows this relay's unsealed transactions. If the node does not know one of these, the same bytes are sent to it again
        first.
        """
        with self._sending:
            known = self._ledger.next_nonce(self._signer.address)
            for nonce in sorted(self._under_way):
                if nonce >= known:
                    with suppress(Refused, Unavailable):
                        self._ledger.send(self._under_way[nonce])
            nonce = max([known, *(nonce + 1 for nonce in self._under_way)])
            transaction = Transaction(
                chain_id=self._chain_id,
                nonce=nonce,
                gas=GAS_LIMIT,
                to=self._ledger.address(contract),
                data=data,
                gas_price=self._gas_price(),
            )
            raw = sign_transaction(self._signer, transaction)
            with suppress(PossiblySent):  # it may have arrived: `await_sealed` sends the same bytes again
                self._ledger.send(raw)
            self._under_way[nonce] = raw
        return nonce, raw

    def _gas_price(self) -> int:
        """Choose the gas price, in wei: 0 where gas is free.

        Raises:
            RelayUnfunded: the relay's account cannot pay for a transaction.
        """
        price = self._ledger.base_fee() * _OVER_BASE_FEE
        if price and (balance := self._ledger.balance(self._signer.address)) < price * GAS_LIMIT:
            raise RelayUnfunded(account=self._signer.address, found=balance, needed=price * GAS_LIMIT)
        return price

    def _rehearse(self, act: SignedAct, data: bytes) -> None:
        """Refuse what the contract would refuse: a publication by the Python model, every other act in the EVM.

        Two at a time at most: more would not be faster in Python, and reads would wait for all of them.
        """
        with self._rehearsing:
            try:
                if act.name == "Publication":
                    with suppress(Malformed, UnreadableValue):
                        rehearse_publication(act, self._ledger, chain_id=self._chain_id, time=self.clock())
                        return
                self._ledger.rehearse(act.contract, data)
            except RefusedByLedger as refusal:
                if refusal.code == Refusal.SURPLUS_SIGNATURE and (wrong := self._find_wrong_key(act)):
                    raise wrong from refusal
                raise

    def _find_wrong_key(self, act: SignedAct) -> WrongKey | None:
        block = self._ledger.head()

        def key_of(address: bytes) -> Key | None:
            return decode_key(self._read(Table.KEY, int.from_bytes(address, "big"), block))

        def party_of(number: int) -> Party | None:
            return decode_party(self._read(Table.PARTY, number, block))

        signers = act.signers(chain_id=self._chain_id, address=self._ledger.address(act.contract))
        known = [signer for signer in signers if key_of(signer)]  # an altered act recovers to addresses of no party
        return find_wrong_key(act, known, key_of, party_of, time=self.clock())

    def members(self) -> Sequence[Member]:
        """List the parties, by number."""
        block = self._ledger.head()
        members = []
        for number in self._numbers(block):
            party = decode_party(self._read(Table.PARTY, number, block))
            if party is None:
                raise AssertionError(f"party {number} has no word")
            office = decode_office(self._read(Table.OFFICE, number, block))
            register = decode_register(self._read(Table.REGISTER, number, block))
            members.append(Member(number=number, party=party, office=office, register=register))
        return members

    def standings(self, entries: Sequence[bytes]) -> Standings:
        """Read records by entry."""
        block = self._ledger.head()
        return Standings(
            block=block,
            time=self._ledger.time_of(block),
            clock=self.clock(),
            records=tuple(
                decode_record(self._ledger.word(Contract.REGISTERS, record_slot(entry), block)) for entry in entries
            ),
        )

    def clock(self) -> int:
        """Read the clock: UTC seconds."""
        return int(self._clock())

    def prove_words(self, slots: Sequence[Slot]) -> Evidence:
        """Fetch the proof of some words as of the newest block; see `Desk`."""
        block = self._ledger.head()
        nodes = fetch_nodes(self._ledger, slots, block)
        return Evidence(questions=(), header=self._ledger.header(block), nodes=nodes)

    def trust_update(self, since: int) -> TrustUpdate:
        """Fetch the steps from a checkpoint's block to the newest one; see `Desk`."""
        return prove_update(self._ledger, since)

    def snapshot(self) -> Snapshot:
        """Fetch every word that answers need, as of the newest block; see `Desk`."""
        return self._index.advance().snapshot

    @overload
    def state(self) -> State: ...
    @overload
    def state(self, block: int) -> State | None: ...
    def state(self, block: int | None = None) -> State | None:
        """Return all words as of the newest block, or as of one of the last blocks; None if it is not kept.

        Raises:
            StorageNotRebuilt, Unavailable: as `snapshot` does.
        """
        return self._index.advance() if block is None else self._index.at(block)

    def words(self, places: Sequence[Place]) -> Sequence[int]:
        """Read words by table and key."""
        block = self._ledger.head()
        return [self._read(table, key, block) for table, key in places]

    def pairs(self) -> dict[tuple[int, int], tuple[Pair, tuple[Lane, ...]]]:
        """List every pair that any act has changed, with its lanes, by (recogniser, register)."""
        block = self._ledger.head()
        found = {}
        for recogniser, register in ((key >> 16, key & 0xFFFF) for key in self._list_written(Table.PAIR, block)):
            pair = decode_pair(self._read(Table.PAIR, pair_key(recogniser, register), block))
            lanes = (
                decode_lane(self._read(Table.LANE, lane_key(recogniser, register, lane), block))
                for lane in range(pair.lanes)
            )
            found[recogniser, register] = pair, tuple(lane for lane in lanes if lane is not None)
        return found

    def keys(self, party: int) -> list[bytes]:
        """List the addresses (20 bytes) that serve or served a party, by the party's number, ascending.

        The keys of a first ledger's founders are known from its genesis: a node alone does not list them.
        """
        block = self._ledger.head()
        found = self._list_written(Table.KEY, block)
        return [
            address
            for address in (key.to_bytes(20, "big") for key in found)
            if (key := decode_key(self._read(Table.KEY, int.from_bytes(address, "big"), block))) and key.party == party
        ]

    def card(self, party: str) -> Card:
        """Refuse: cards are in files, of which a ledger's node has none.

        Raises:
            CardNotHeld: Always.
        """
        raise CardNotHeld(party=party)

    def replacements(self) -> dict[int, Replacement]:
        """List the replacements of authorities that are pending, by the party's number."""
        block = self._ledger.head()
        words = {party: self._read(Table.REPLACEMENT, party, block) for party in self._numbers(block)}
        found = {party: decode_replacement(word) for party, word in words.items()}
        return {party: pending for party, pending in found.items() if pending is not None}

    def code_of(self, party: int) -> str:
        """Read a party's code, by its number."""
        found = decode_party(self._read(Table.PARTY, party, self._ledger.head()))
        return f"party {party}" if found is None else found.code

    def _numbers(self, block: int) -> range:
        """Return the numbers of all parties."""
        return range(1, GOVERNANCE["parties"].of(self._read(Table.GOVERNANCE, 0, block)) + 1)

    def _list_written(self, table: Table, block: int) -> list[int]:
        """List the keys of every word of a table that was ever written, ascending."""
        state = self._index.at(block)
        if state is not None:
            return list(state.keys[table])
        keys = {key for where, key in self._ledger.beginning.words if where is table}
        logs = self._ledger.all_logs(Contract.CONSORTIUM, topics_of(table), until=block)
        return sorted(keys | {key for _, key in map(read_place, logs)})

    def _read(self, table: Table, key: int, block: int) -> int:
        return self._ledger.word(*slot_of(table, key), block)
