"""Rehearse a publication on the customs model before it is relayed: the contract's own rules and reasons, at a tenth of the EVM's time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from aeo_ledger.customs.acts import Signed, Succession
from aeo_ledger.customs.consortium import Consortium
from aeo_ledger.customs.publication import Standing, publish
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import SUCCESSION
from aeo_ledger.protocol.readings import read_publication
from aeo_ledger.protocol.tables import Contract, Table, record_slot, word_slot
from aeo_ledger.protocol.typed_data import struct_hash
from aeo_ledger.protocol.words import decode_key, decode_party, decode_record, decode_register

K = TypeVar("K")
V = TypeVar("V")


class _Read(Mapping[K, V]):
    """Facts that are read when they are looked up, each once; nobody can list them."""

    def __init__(self, read: Callable[[K], V | None]) -> None:
        self._read = read
        self._known: dict[K, V | None] = {}

    def __getitem__(self, key: K) -> V:
        if key not in self._known:
            self._known[key] = self._read(key)
        found = self._known[key]
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[K]:
        raise TypeError("facts of a ledger are looked up, not listed")

    def __len__(self) -> int:
        raise TypeError("facts of a ledger are looked up, not counted")


def rehearse_publication(act: SignedAct, ledger: Ledger, *, chain_id: int, time: int) -> None:
    """Refuse a publication that the contract would refuse, for the same reason.

    Args:
        act: A signed `Publication`.
        ledger: Its facts are read as of the newest block.
        chain_id: What the signatures must be for.
        time: The time of the block to come, UTC seconds.

    Raises:
        RefusedByLedger: a rule says no.
        Malformed: the model cannot say; ask the contract.
    """
    publication = read_publication(act.values)
    block = ledger.head()

    def read(table: Table, key: int) -> int:
        return ledger.word(Contract.CONSORTIUM, word_slot(table, key), block)

    consortium = Consortium(
        parties=_Read(lambda number: decode_party(read(Table.PARTY, number))),
        keys=_Read(lambda address: decode_key(read(Table.KEY, int.from_bytes(address, "big")))),
        registers=_Read(lambda number: decode_register(read(Table.REGISTER, number))),
        validators=(),
        minimum_validators=0,
        replacement_delay=0,
        chain_id=chain_id,
        succession=_succession(read(Table.SUCCESSION, 0)),
    )
    standings: Mapping[bytes, Standing] = _Read(lambda entry: _standing(ledger, entry, block))
    signers = act.signers(chain_id=chain_id, address=ledger.address(act.contract))
    events: Any = act.values["events"]
    parts = tuple(struct_hash("StatusEvent", event) for event in events)
    signed = Signed(hash=struct_hash(act.name, act.values), signers=signers, parts=parts)
    publish(consortium, standings, publication, signed, time=time)


def _succession(word: int) -> Succession | None:
    """Read from when on another ledger supersedes this one, if any was named; a publication asks no more of it."""
    if word == 0:
        return None
    nothing = dict.fromkeys(("consortium", "governance", "registers"), bytes(20))
    codes = dict.fromkeys(("consortium_code", "governance_code", "registers_code"), bytes(32))
    return Succession(number=0, deadline=0, effective=SUCCESSION["effective"].of(word), chain=0, **nothing, **codes)


def _standing(ledger: Ledger, entry: bytes, block: int) -> Standing | None:
    record = decode_record(ledger.word(Contract.REGISTERS, record_slot(entry), block))
    return None if record is None else Standing(record=record)
