"""Which status events lead from the ledger to a row of a file. Pure: what stands now, the row and the book's document are arguments.

The ledger holds what was signed, the file what somebody typed. So where the two contradict each other, and no event can lead from one to the
other, the row is a *doubt*: it is reported, and nothing is signed about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import RESTRICTING, STATUS_EVENTS
from aeo_ledger.customs.vocabulary import LIVING, EventKind, ReasonClass, Status
from aeo_ledger.office.calendar import show_local
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.registers.documents import Document
from aeo_ledger.registers.row import Row

ENDS: Final = {
    status.name: next(row.kind for row in STATUS_EVENTS.values() if row.kind in RESTRICTING and row.leads_to is status)
    for status in Status
    if status not in {Status.NONE, Status.ACTIVE}
}
"""The event that leads to each status that a file may give, other than `ACTIVE`."""

HELD: Final = frozenset(
    {"tin", "certificate_type", "roles", "status", "status_since", "effective_from", "effective_until"}
)
"""Columns whose facts the ledger holds: these are compared with it. All other columns are compared with the book's document."""


class Interrupted(StrEnum):
    """What an `ACTIVE` row means whose status began later than the certificate."""

    SUSPENDED = "suspended"
    """It was not valid before: it is written as suspended until then. So no past answer is a yes by mistake."""
    IGNORE = "ignore"
    """It was valid all the time: the day is only that of a new issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an officer decides for a whole file."""

    interrupted: Interrupted = Interrupted.SUSPENDED
    missing: EventKind | None = None
    """The event for each living certificate that the file lacks; None reports it only."""
    undocumented: bool = False
    """Whether a certificate without a document in the book gets one, by an `AMEND`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What leads to a row."""

    records: Sequence[Record] = ()
    """The records to be signed, in order; none if the ledger agrees with the row."""
    columns: tuple[str, ...] = ()
    """What differs, by column; for a new certificate empty."""


class DoubtfulRow(Exception):
    """A row to which no event leads; its text says why."""


def lead(
    row: Row, old: Record | None, kept: Document | None, rules: Rules, *, issuer: int, calendar: str, now: int
) -> Step:
    """Find the records that lead to a row.

    Args:
        row: The row.
        old: The present record of its entry; None if there is none.
        kept: The document that was published last about the entry, as far as the book knows it.
        rules: What the officer decided.
        issuer: Number of the party that issues.
        calendar: Code of the party by whose calendar a doubt names days.
        now: UTC seconds, not after the block that will contain the events.

    Raises:
        DoubtfulRow: no event leads to it.
    """
    case = _Case(row=row, kept=kept, rules=rules, issuer=issuer, calendar=calendar, now=now)
    if old is None:
        return Step(records=case.begin(None))
    if old.issuer != issuer:
        raise DoubtfulRow("another party of the register issued it")
    return case.go_on(old) if old.status in LIVING else case.follow_end(old)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    row: Row
    kept: Document | None
    rules: Rules
    issuer: int
    calendar: str
    now: int

    def begin(self, old: Record | None) -> list[Record]:
        """Grant, and then suspend or end, if the row says so; `old` is a certificate that ended before."""
        row = self.row
        granted = Change(
            kind=EventKind.GRANT,
            reason=ReasonClass.TRANSCRIBED,
            roles=row.roles,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
        records = [self._prepare(granted, old)]
        if row.status is not Status.ACTIVE:
            return [*records, self._event(ENDS[row.status.name], records[-1], row.status_since)]
        if row.status_since > row.valid_from:
            records += self._interrupt(records[-1], row.valid_from)
        return records

    def go_on(self, old: Record) -> Step:
        """Lead from a living certificate."""
        row = self.row
        if row.valid_from != old.valid_from:
            raise DoubtfulRow(
                f"effective_from is {self._day(row.valid_from)} in the file, {self._day(old.valid_from)} on the ledger; "
                "no event changes a first day"
            )
        columns, records = self._compare(old), list[Record]()
        if columns:
            change = Change(
                kind=EventKind.AMEND, reason=ReasonClass.TRANSCRIBED, roles=row.roles, valid_until=row.valid_until
            )
            records.append(self._prepare(change, old))
        moved = self._move(records[-1] if records else old)
        status = ("status",) if row.status is not old.status else ("status_since",) if moved else ()
        return Step(records=[*records, *moved], columns=(*columns, *status))

    def follow_end(self, old: Record) -> Step:
        """Lead from a certificate that has ended."""
        row = self.row
        if row.valid_from >= old.since and row.valid_from > old.valid_from and old.status is not Status.ANNULLED:
            return Step(records=self.begin(old), columns=("status",))
        if row.status is old.status:
            if row.status is not Status.ANNULLED and not self._agrees(row.status_since, old.since):
                raise DoubtfulRow(f"{self._stands(old)}, since {self._day(row.status_since)} in the file")
            if columns := self._compare(old):
                raise DoubtfulRow(f"{', '.join(columns)} differ, and no event amends what has ended")
            return Step()
        if row.status in LIVING:
            raise DoubtfulRow(f"{self._stands(old)}, {row.status.name} in the file: only the authority can restore it")
        kind = ENDS[row.status.name]
        if old.status not in STATUS_EVENTS[kind].leaves:
            raise DoubtfulRow(f"{self._stands(old)}, {row.status.name} in the file")
        return Step(records=[self._event(kind, old, row.status_since)], columns=("status",))

    def _compare(self, old: Record) -> tuple[str, ...]:
        """List the columns that an `AMEND` brings to the ledger."""
        row, kept = self.row, self.kept
        columns = ["roles"] * (row.roles != old.roles) + ["effective_until"] * (row.valid_until != old.valid_until)
        if kept is not None:
            names = [name for name in {**kept, **row.document} if name not in HELD]
            columns += [name for name in names if kept.get(name, "") != row.document.get(name, "")]
        elif self.rules.undocumented:
            columns.append("document")
        return tuple(columns)

    def _move(self, old: Record) -> list[Record]:
        """Lead to the row's status."""
        row = self.row
        began = max(row.status_since, row.valid_from) if row.status is Status.ACTIVE else row.status_since
        is_ahead = old.status is Status.ACTIVE and old.since < old.valid_from  # its `since` is when it was granted
        if row.status is old.status and (self._agrees(began, old.since) or (is_ahead and began <= old.valid_from)):
            return []
        if began < old.since and row.status is not Status.ANNULLED:
            raise DoubtfulRow(f"{self._stands(old)}, {row.status.name} since {self._day(began)} in the file")
        if row.status is not Status.ACTIVE:
            return [self._event(ENDS[row.status.name], old, began)]
        if old.status is Status.SUSPENDED:
            if began == old.since:
                day = self._day(began)
                raise DoubtfulRow(
                    f"{self._stands(old)}, ACTIVE since the same day in the file: from {day} on the suspension would never have been; if it "
                    "never was, sign `reinstate` yourself"
                )
            return [self._event(EventKind.REINSTATE, old, began)]
        # an interruption that nobody reported while it lasted: it began after the last event, or if that is later, nobody knows when
        return self._interrupt(old, old.recorded_at if old.since <= old.recorded_at < began else old.since)

    def _interrupt(self, old: Record, since: int) -> list[Record]:
        if self.rules.interrupted is Interrupted.IGNORE:
            return []
        suspended = self._event(EventKind.SUSPEND, old, since)
        return [suspended, self._event(EventKind.REINSTATE, suspended, self.row.status_since)]

    def _event(self, kind: EventKind, old: Record, since: int) -> Record:
        return self._prepare(Change(kind=kind, reason=ReasonClass.TRANSCRIBED, since=since), old)

    def _prepare(self, change: Change, old: Record | None) -> Record:
        return replace(prepare(change, old, issuer=self.issuer, now=self.now), recorded_at=0)

    def _agrees(self, named: int, found: int) -> bool:
        """Tell whether the file names the time that stands on the ledger; a day without an hour is any time of that day."""
        day = self._day(named)
        return named == found or (len(day) == len("2019-07-24") and self._day(found).startswith(day))

    def _stands(self, old: Record) -> str:
        return f"{old.status.name} since {self._day(old.since)} on the ledger"

    def _day(self, seconds: int) -> str:
        return show_local(seconds, self.calendar)
