"""Draw up a plan: compare each row with the proven register and with the book. Pure; `office` steps around it are in `planning`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from aeo_ledger.customs.entry import type_of
from aeo_ledger.customs.lifecycle import require_transition
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import BY_CAPACITY
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Capacity, EventKind, ReasonClass, RegisterMode
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.office import RowRefused
from aeo_ledger.errors.registers import UnsoundPlan
from aeo_ledger.office.change_status import Change as Entered
from aeo_ledger.office.change_status import prepare
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.registers.compare import DoubtfulRow, Rules, lead
from aeo_ledger.registers.details import SealedDocument, seal_document
from aeo_ledger.registers.documents import JSON, NO_DOCUMENT, Kept, Kind, Shelf, read_document, write_document
from aeo_ledger.registers.plan import NO_FILE, Change, Doubt, Missing, Plan, make_change
from aeo_ledger.registers.row import Row
from aeo_ledger.registers.state import RegisterState

_MOST_TOLD: Final = 20
"""Most bad rows that one error names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A plan with what the book keeps for it."""

    plan: Plan
    documents: Sequence[Kept]
    """Every document that an event of the plan commits to."""


def draw_plan(
    rows: Sequence[Row],
    state: RegisterState,
    shelf: Shelf,
    rules: Rules,
    *,
    file: bytes,
    issuer: int,
    now: int,
    lifetime_s: int,
    draw_salt: Callable[[], bytes],
) -> Drawn:
    """Find the events that lead from the ledger to a file.

    Args:
        rows: The whole file.
        state: The register, proven.
        shelf: The register's documents in the book.
        rules: What the officer decided.
        file: keccak256 of the file, 32 bytes.
        issuer: Number of the party that issues.
        now: UTC seconds.
        lifetime_s: For how long its publications may be relayed. A certificate that takes effect later shortens it: from that day on
            its grant would have to be written otherwise.
        draw_salt: Draws a secret salt of 32 bytes.

    Raises:
        RowRefused: the ledger would refuse new rows; their lines are named.
        KeyNeeded, WrongLookupKey: the register is keyed, and its keys are not at hand.
    """
    drawing = _Drawing(
        state=state, shelf=shelf, rules=rules, issuer=issuer, time=min(now, state.time), draw_salt=draw_salt
    )
    entries = {state.entry_of(row.tin, row.type_number): row for row in rows}
    for entry, row in entries.items():
        drawing.compare(entry, row)
    drawing.refuse_bad_rows()
    living = state.living(issuer)
    for entry in living:
        if entry not in entries:
            drawing.miss(entry)
    ahead = [event.record.valid_from for change in drawing.changes for event in change.events]
    plan = Plan(
        chain=state.words.pinned.chain_id,
        registers=state.words.pinned.address(Contract.REGISTERS),
        register=state.register,
        issuer=issuer,
        file=file,
        rows=len(entries),
        made_at=now,
        deadline=min([now + lifetime_s, *(time - 1 for time in ahead if time > now)]),
        block=state.block,
        block_hash=state.block_hash,
        living=len(living),
        undocumented=drawing.undocumented,
        allowed={},
        changes=tuple(drawing.changes),
        missing=tuple(drawing.missing),
        doubts=tuple(drawing.doubts),
    )
    return Drawn(plan=plan, documents=drawing.documents)


@dataclass(kw_only=True)
class _Drawing:
    """A plan in the making."""

    state: RegisterState
    shelf: Shelf
    rules: Rules
    issuer: int
    time: int
    draw_salt: Callable[[], bytes]
    changes: list[Change] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    documents: list[Kept] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    undocumented: int = 0

    def __post_init__(self) -> None:
        opened = self.state.opened
        self._types = range(16) if opened is None else opened.types_in_use()
        party = self.state.words.pinned.by_number.get(self.issuer)
        self._calendar = "" if party is None else party.code

    def compare(self, entry: bytes, row: Row) -> None:
        """Add what leads to a row."""
        old, kept = self.state.record(entry), self.shelf.published.get(entry)
        try:
            known = None if kept is None else read_document(kept.content)
            step = lead(row, old, known, self.rules, issuer=self.issuer, calendar=self._calendar, now=self.time)
            _require_possible(entry, old, step.records, self._types, self.time)
        except DoubtfulRow as doubt:
            self.doubts.append(Doubt(line=row.line, tin=row.tin.text, reason=str(doubt)))
        except RefusedByLedger as refusal:
            if old is None:
                self.bad.append(f"line {row.line}: {refusal}")
            else:
                self.doubts.append(Doubt(line=row.line, tin=row.tin.text, reason=str(refusal)))
        else:
            if step.records:
                self._add(entry, row, old, step.records, step.columns)
            elif kept is None:
                self.undocumented += 1

    def _add(
        self, entry: bytes, row: Row, old: Record | None, records: Sequence[Record], columns: tuple[str, ...]
    ) -> None:
        content = write_document(row.document)
        salt = self.shelf.salts.get((entry, content)) or self.draw_salt()
        kept = Kept(entry=entry, tin=row.tin.text, kind=Kind.CERTIFICATE, media=JSON, salt=salt, content=content)
        self.documents.append(kept)
        head, details = self.state.standing_head(entry), self._seal(kept)
        self.changes.append(
            make_change(row.line, row.tin.text, entry, old, head, records, kept.commitment, columns, details)
        )

    def _seal(self, kept: Kept) -> SealedDocument | None:
        opened, pinned = self.state.opened, self.state.words.pinned
        if opened is None or opened.mode is not RegisterMode.KEYED or self.state.former:
            return None
        registers = pinned.address(Contract.REGISTERS)
        return seal_document(kept, self.state.keys, chain=pinned.chain_id, registers=registers, epoch=opened.epoch)

    def miss(self, entry: bytes) -> None:
        """Add a living certificate that the file lacks. One that has expired may be left out of a file."""
        old, kept = self.state.records[entry], self.shelf.published.get(entry)
        if 0 < old.valid_until <= self.time:
            return
        tin = "" if kept is None else kept.tin
        kind = self.rules.missing
        if kind is None:
            self.missing.append(Missing(entry=entry, tin=tin))
            return
        ended = prepare(Entered(kind=kind, reason=ReasonClass.TRANSCRIBED), old, issuer=self.issuer, now=self.time)
        head = self.state.standing_head(entry)
        self.changes.append(make_change(0, tin, entry, old, head, [ended], NO_DOCUMENT, ("status",)))

    def refuse_bad_rows(self) -> None:
        """Refuse the file if the ledger would refuse new rows of it.

        Raises:
            RowRefused: it would; the first lines are named, and it is said how many more there are.
        """
        if self.bad:
            first, *others = self.bad
            where, _, reason = first.partition(": ")
            more = len(self.bad) - _MOST_TOLD
            told = [reason, *others[: _MOST_TOLD - 1], *([f"and {more:,} more lines"] if more > 0 else [])]
            raise RowRefused(where=where, reason="; ".join(told))


def _require_possible(
    entry: bytes, old: Record | None, records: Iterable[Record], types: Iterable[int], time: int
) -> None:
    """Check records against the model of the contract, so that what it would refuse is named before anything is published.

    Raises:
        RefusedByLedger: it would refuse one.
    """
    for record in records:
        require_transition(old, record, in_use=type_of(entry) in types, time=time)
        old = record


def require_sound(changes: Iterable[Change], plan: Plan, state: RegisterState, *, time: int) -> None:
    """Check the changes of a plan that somebody else may have written.

    Args:
        changes: Those that are still to be published.
        plan: Names the issuer.
        state: The register now; the changes rest on its records.
        time: Expected time of the next block, UTC seconds.

    Raises:
        UnsoundPlan: a change breaks a rule of certificates, or names another trader than its entry.
        KeyNeeded, WrongLookupKey: the register is keyed, and its keys are not at hand to see whose an entry is.
    """
    opened = state.opened
    types = range(16) if opened is None else opened.types_in_use()
    for place, one in enumerate(plan.missing):
        _refuse_stranger(one, state, f"missing[{place}]")
    for change in changes:
        old, records = change.old, [event.record for event in change.events]
        first = 1 if old is None else old.sequence + 1
        in_order = [record.sequence for record in records] == list(range(first, first + len(records)))
        own = {record.issuer for record in records} | ({old.issuer} if old else set()) == {plan.issuer}
        kinds = {record.kind for record in records} <= _find_kinds(plan)
        _refuse_stranger(change, state, change.where)
        if change.details is not None and (opened is None or change.details.epoch != opened.epoch):
            reason = f"its document is sealed for epoch {change.details.epoch}, which has passed: make the plan again"
            raise UnsoundPlan(where=change.where, reason=reason)
        if change.details is not None and state.former:
            codes = ", ".join(map(state.words.code, state.former))
            reason = f"{codes} could read its sealed document, and is not to: make the plan again"
            raise UnsoundPlan(where=change.where, reason=reason)
        try:
            if not (in_order and own and kinds):
                raise UnsoundPlan(
                    where=change.where, reason="it has another sequence, issuer or kind than a plan makes"
                )
            _require_possible(change.entry, old, records, types, time)
        except RefusedByLedger as refusal:
            raise UnsoundPlan(where=change.where, reason=str(refusal)) from refusal


def _find_kinds(plan: Plan) -> frozenset[EventKind]:
    """Find the kinds of events that a plan may contain: what a file can mean, or what undoes the acts of stolen keys."""
    return (
        BY_CAPACITY[plan.capacity] if plan.file == NO_FILE else BY_CAPACITY[Capacity.OPERATORS] - {EventKind.REASSESS}
    )


def _refuse_stranger(one: Change | Missing, state: RegisterState, where: str) -> None:
    """Refuse a plan that names another trader than an entry has.

    Raises:
        UnsoundPlan: it does.
    """
    if one.tin and state.entry_of(Tin(one.tin), type_of(one.entry)) != one.entry:
        raise UnsoundPlan(where=where, reason=f"its entry is not that of {one.tin}")
