"""Rows, records and registers for tests of whole registers: certificates of Belarus under type 2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.consortium import NO_HEAD, extend_head
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import LIVING, EventKind, Status
from aeo_ledger.office.publish import draft_publication
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.readings import write_event
from aeo_ledger.protocol.typed_data import struct_hash
from aeo_ledger.registers.book import Book
from aeo_ledger.registers.book_rows import KeptAct
from aeo_ledger.registers.compare import Rules
from aeo_ledger.registers.documents import Shelf
from aeo_ledger.registers.draw import Drawn, draw_plan
from aeo_ledger.registers.plan import Doubt, Missing, Plan
from aeo_ledger.registers.row import Row
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.verify.facts import verify_all_facts
from support.sealed_world import BY, CN, DAY, NOW, CustomsFacts, trust
from support.snapshots import seal_snapshot

FIRST = NOW - 1_000 * DAY
"""First day of the certificates."""
EMPTY = Shelf(published={}, salts={}, last={})


def row_of(number: int = 1, **altered: Any) -> Row:
    """A row of an active certificate."""
    tin = Tin(f"BY{100_000_000 + number}")
    document = {"tin": tin.text, "certificate_number": f"No {number}", "name": f"Trader {number}"}
    row = Row(
        line=number + 1,
        tin=tin,
        type_number=2,
        roles=0b101,
        status=Status.ACTIVE,
        status_since=FIRST,
        valid_from=FIRST,
        valid_until=0,
        document=document,
    )
    return replace(row, **altered)


def entry_of_row(row: Row) -> bytes:
    return make_entry(BY, row.type_number, derive_open_holder(BY, row.type_number, row.tin))


def record_of(**altered: Any) -> Record:
    """What the ledger has of such a certificate."""
    record = Record(
        status=Status.ACTIVE,
        kind=EventKind.GRANT,
        issuer=BY,
        roles=0b101,
        sequence=1,
        since=FIRST,
        valid_from=FIRST,
        recorded_at=NOW - 500 * DAY,
    )
    return replace(record, **altered)


def state_of(records: Sequence[tuple[Row, Record]] = ()) -> RegisterState:
    """A register, proven from a snapshot."""
    world = CustomsFacts()
    for row, record in records:
        world.records[entry_of_row(row)] = record
    return RegisterState(verify_all_facts(seal_snapshot(world), trust(), now=NOW), BY)


def draw(
    rows: Sequence[Row], state: RegisterState, shelf: Shelf = EMPTY, rules: Rules | None = None, **altered: Any
) -> Drawn:
    """Draw up a plan; salts are 1, 2, 3, ..."""
    numbers = count(1)
    usual: dict[str, Any] = {"file": b"\x0f" * 32, "issuer": BY, "now": NOW, "lifetime_s": 600}
    return draw_plan(
        rows,
        state,
        shelf,
        rules or Rules(),
        draw_salt=lambda: next(numbers).to_bytes(32, "big"),
        **{**usual, **altered},
    )


def planned(number: int = 3) -> Plan:
    """A plan of some grants."""
    return draw([row_of(place) for place in range(1, number + 1)], state_of()).plan


def full_plan() -> Plan:
    """A plan with something in each part."""
    return replace(
        planned(),
        rows=9,
        missing=(
            Missing(entry=entry_of_row(row_of(9)), tin=""),
            Missing(entry=entry_of_row(row_of(8)), tin="BY100000008"),
        ),
        doubts=(Doubt(line=7, tin="BY100000007", reason="it has ended"),),
        allowed={"ends": 4},
    )


class Told:
    """A register as a proven state has it, of which a test tells what it holds."""

    register, block, time, opened = BY, 7, NOW, None

    def __init__(self) -> None:
        self.standings: dict[bytes, tuple[Record, bytes]] = {}

    def entry_of(self, tin: Tin, certificate_type: int) -> bytes:
        return make_entry(BY, certificate_type, derive_open_holder(BY, certificate_type, tin))

    def record(self, entry: bytes) -> Record | None:
        return self.standings[entry][0] if entry in self.standings else None

    def living(self, issuer: int) -> list[bytes]:
        return [entry for entry, (one, _) in self.standings.items() if one.status in LIVING and one.issuer == issuer]

    def standing_head(self, entry: bytes) -> bytes:
        return self.standings[entry][1] if entry in self.standings else NO_HEAD

    def publish(self, entry: bytes, document: bytes, *records: Record, time: int = NOW) -> KeptAct:
        """Seal a publication about one entry, as the contract does; return it as a book keeps it."""
        made = self.draft(entry, document, *records)
        for record in records:
            event = write_event(StatusEvent(entry=entry, record=record, document=document))
            head = extend_head(self.standing_head(entry), struct_hash("StatusEvent", event), time)
            self.standings[entry] = (replace(record, recorded_at=time), head)
        return made

    def draft(self, entry: bytes, document: bytes, *records: Record) -> KeptAct:
        """Draft the same, and do not seal it."""
        events = [StatusEvent(entry=entry, record=record, document=document) for record in records]
        return KeptAct(
            act=draft_publication(events, register=BY, issuer=BY, now=NOW), heads={entry: self.standing_head(entry)}
        )


def open_test_book(path: Path, clock: Callable[[], int] = lambda: NOW) -> Book:
    """A book whose salts are 1, 2, 3, ..."""
    numbers = count(1)
    return Book(str(path), clock=clock, randomness=lambda length: next(numbers).to_bytes(length, "big"))


OTHER_PARTY = CN
