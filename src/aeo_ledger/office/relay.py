"""Relay signed acts to a ledger, and read what an office prepares its acts on. A relay's own key gives it no say: any relay may send any act."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import Final

from aeo_ledger.customs.arrangement import Lane, Pair
from aeo_ledger.errors import Malformed, PossiblySent, Refused, Unavailable
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.desk import Member, Receipt, Standings
from aeo_ledger.office.rehearse import rehearse_publication
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import GOVERNANCE
from aeo_ledger.protocol.tables import Contract, Table, lane_key, pair_key, record_slot, word_slot
from aeo_ledger.protocol.words import decode_lane, decode_pair, decode_party, decode_record, decode_register
from aeo_ledger.signing import Signer, Transaction, sign_transaction

GAS_LIMIT: Final = 8_000_000
"""Gas that a relayed act may use: a publication of 100 grants with 32 KB of details needs about 6 million, and a block of 60 million holds ten."""

_WRITTEN: Final = keccak256(b"Written(uint256,uint256,uint256)")


class Relay:
    """A `Desk` at a ledger's own node."""

    def __init__(
        self, ledger: Ledger, signer: Signer, *, timeout_s: float = 60.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._ledger = ledger
        self._signer = signer
        self._timeout_s = timeout_s
        self._clock = clock
        self._chain_id = ledger.chain_id()
        self._sending = Lock()
        self._under_way: dict[int, bytes] = {}

    def submit(self, act: SignedAct) -> Receipt:
        """Rehearse a signed act, relay it and wait until it is sealed; see `Desk`."""
        data = encode_act(act)
        self._rehearse(act, data)
        nonce, raw = self._send(act, data)
        try:
            sealed = self._ledger.await_sealed(raw, timeout_s=self._timeout_s)
        finally:
            with self._sending:
                self._under_way.pop(nonce, None)
        return Receipt(
            transaction=sealed.transaction, block=sealed.block, block_hash=sealed.block_hash, gas_used=sealed.gas_used
        )

    def _send(self, act: SignedAct, data: bytes) -> tuple[int, bytes]:
        """Sign and send a transaction; return its nonce and bytes.

        Its nonce follows those that are under way from here, also where a node has not heard of them: that one gets them
        again first, the same bytes.
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
                to=self._ledger.address(act.contract),
                data=data,
            )
            raw = sign_transaction(self._signer, transaction)
            with suppress(PossiblySent):  # it may be sealed: whoever waits sends the same again
                self._ledger.send(raw)
            self._under_way[nonce] = raw
        return nonce, raw

    def _rehearse(self, act: SignedAct, data: bytes) -> None:
        """Refuse beforehand what the contract would refuse: a publication by the model, everything else in the EVM."""
        if act.name == "Publication":
            with suppress(Malformed, ValueError):
                rehearse_publication(act, self._ledger, chain_id=self._chain_id, time=int(self._clock()))
                return
        self._ledger.rehearse(act.contract, data)

    def members(self) -> Sequence[Member]:
        """List the parties, by number."""
        block = self._ledger.head()
        count = GOVERNANCE["parties"].of(self._read(Table.GOVERNANCE, 0, block))
        members = []
        for number in range(1, count + 1):
            party = decode_party(self._read(Table.PARTY, number, block))
            if party is None:
                raise AssertionError(f"party {number} of {count} has no word")
            authority = self._read(Table.AUTHORITY, number, block).to_bytes(20, "big")
            register = decode_register(self._read(Table.REGISTER, number, block))
            members.append(Member(number=number, party=party, authority=authority, register=register))
        return members

    def standings(self, entries: Sequence[bytes]) -> Standings:
        """Read records by entry."""
        block = self._ledger.head()
        return Standings(
            block=block,
            time=self._ledger.time_of(block),
            records=tuple(
                decode_record(self._ledger.word(Contract.REGISTERS, record_slot(entry), block)) for entry in entries
            ),
        )

    def pair(self, recogniser: int, register: int) -> Pair:
        """Read a pair's word."""
        return decode_pair(self._read(Table.PAIR, pair_key(recogniser, register), self._ledger.head()))

    def pairs(self) -> dict[tuple[int, int], tuple[Pair, tuple[Lane, ...]]]:
        """List every pair that ever had an act, with its lanes, by (recogniser, register)."""
        block = self._ledger.head()
        topics = [_WRITTEN, int(Table.PAIR).to_bytes(32, "big")]
        keys = {
            int.from_bytes(log.topics[2], "big") for log in self._ledger.logs(Contract.CONSORTIUM, topics, until=block)
        }
        found = {}
        for recogniser, register in sorted((key >> 16, key & 0xFFFF) for key in keys):
            pair = decode_pair(self._read(Table.PAIR, pair_key(recogniser, register), block))
            lanes = (
                decode_lane(self._read(Table.LANE, lane_key(recogniser, register, lane), block))
                for lane in range(pair.lanes)
            )
            found[recogniser, register] = pair, tuple(lane for lane in lanes if lane is not None)
        return found

    def _read(self, table: Table, key: int, block: int) -> int:
        return self._ledger.word(Contract.CONSORTIUM, word_slot(table, key), block)
