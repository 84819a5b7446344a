"""The topics and the readers of logs agree with the compiled contracts."""

from __future__ import annotations

import pytest

from aeo_ledger.ledger.bindings import artifact
from aeo_ledger.ledger.port import Log
from aeo_ledger.ledger.topics import (
    STATUS_CHANGED,
    WRITTEN,
    read_entry,
    read_event,
    read_place,
    read_word,
    topics_of,
)
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.tables import Contract, Table


def _events(contract: Contract) -> dict[bytes, list[bool]]:
    """List the first topic of each event of a contract, and which of its members are topics."""
    events = [item for item in artifact(contract)["abi"] if item["type"] == "event"]
    return {
        keccak256(f"{one['name']}({','.join(part['type'] for part in one['inputs'])})".encode()): [
            part["indexed"] for part in one["inputs"]
        ]
        for one in events
    }


@pytest.mark.parametrize("contract", [Contract.CONSORTIUM, Contract.REGISTERS])
def test_both_contracts_log_each_word_by_table_and_key(contract: Contract) -> None:
    assert _events(contract)[WRITTEN] == [True, True, False]


def test_the_registers_log_each_status_event_by_its_entry() -> None:
    assert _events(Contract.REGISTERS)[STATUS_CHANGED] == [True, False, False]


def test_a_log_is_read_as_it_is_asked_for() -> None:
    log = Log(block=1, index=0, transaction="0x", topics=tuple(topics_of(Table.PAIR, 7)), data=(9).to_bytes(32, "big"))
    assert (read_place(log), read_word(log)) == ((Table.PAIR, 7), 9)
    assert topics_of(Table.PAIR) == list(log.topics[:2])


def test_a_status_event_tells_entry_record_and_document() -> None:
    data = (5).to_bytes(32, "big") + b"d" * 32
    log = Log(block=1, index=0, transaction="0x", topics=(STATUS_CHANGED, b"e" * 32), data=data)
    assert (read_entry(log), read_event(log)) == (b"e" * 32, (5, b"d" * 32))
