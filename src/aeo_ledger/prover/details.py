"""Find the details of a publication in the ledger's logs, by a certificate's entry and its document's commitment. They are not opened here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aeo_ledger.ledger.bindings import decode_act
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.ledger.topics import STATUS_CHANGED, read_event
from aeo_ledger.protocol.tables import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDetails:
    """The details of a publication, and which of its events carries a document."""

    details: bytes
    place: int
    """Place of the event among those of the publication, from 0."""
    chain: int
    """Id of the chain on which it was published: a predecessor's, if it is as old."""
    registers: bytes
    """Address of `Registers` there, 20 bytes."""


def find_details(ledger: Ledger, entry: bytes, commitment: bytes) -> PublishedDetails | None:
    """Find the newest publication in which an event of an entry carries a commitment (32 bytes each); None if there is none.

    Raises:
        Unavailable: the node does not answer.
    """
    for source in (ledger, *reversed(ledger.predecessors)):
        logs = source.all_logs(Contract.REGISTERS, [STATUS_CHANGED, entry], until=source.head())
        for log in reversed(logs):
            if read_event(log)[1] != commitment:
                continue
            registers = source.address(Contract.REGISTERS)
            called, data = source.call_data(log.transaction)
            act = decode_act(Contract.REGISTERS, data) if called == registers else None
            if act is not None and act.name == "Publication":
                values: Any = act.values
                places = [
                    place
                    for place, event in enumerate(values["events"])
                    if (event["entry"], event["document"]) == (entry, commitment)
                ]
                return PublishedDetails(
                    details=values["details"], place=places[-1], chain=source.chain_id(), registers=registers
                )
    return None
