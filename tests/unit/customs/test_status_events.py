"""The table of status events, and what is derived from it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from aeo_ledger.customs import status_events
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import BY_CAPACITY, STATUS_EVENTS, Hold
from aeo_ledger.customs.vocabulary import LIVING, TERMINAL, Capacity, EventKind, Status
from aeo_ledger.office.change_status import Change

GRANT, AMEND, REASSESS, SUSPEND, REINSTATE, REVOKE, WITHDRAW, ANNUL, RESTORE, TRANSFER = EventKind


def test_every_event_has_a_row() -> None:
    assert list(STATUS_EVENTS) == list(EventKind)


@pytest.mark.parametrize(
    ("capacity", "kinds"),
    [
        (Capacity.OPERATORS, {GRANT, AMEND, REASSESS, SUSPEND, REINSTATE, REVOKE, WITHDRAW, ANNUL}),
        (Capacity.AUTHORITY, {RESTORE}),
        (Capacity.TRANSFER, {TRANSFER}),
        (Capacity.UNION, {SUSPEND, REVOKE, WITHDRAW, ANNUL}),
    ],
)
def test_who_may_sign_what(capacity: Capacity, kinds: set[EventKind]) -> None:
    assert BY_CAPACITY[capacity] == kinds


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("RESTRICTING", {SUSPEND, REVOKE, WITHDRAW, ANNUL}),
        ("SUSPENDING", {SUSPEND}),
        ("RESTORING", {RESTORE}),
        ("SCOPING", {GRANT, AMEND, RESTORE}),
    ],
)
def test_sets_of_kinds(name: str, kinds: set[EventKind]) -> None:
    assert getattr(status_events, name) == kinds


@pytest.mark.parametrize(
    ("field", "kinds"),
    [
        ("status", set(EventKind) - {AMEND, REASSESS, TRANSFER}),
        ("roles", {GRANT, AMEND, RESTORE}),
        ("valid_from", {GRANT, RESTORE}),
        ("review_day", {GRANT, REASSESS, RESTORE}),
        ("issuer", {TRANSFER}),
    ],
)
def test_what_changes_a_field(field: str, kinds: set[EventKind]) -> None:
    assert {kind for kind, row in STATUS_EVENTS.items() if field in row.changes} == kinds


@pytest.mark.parametrize("row", STATUS_EVENTS.values(), ids=lambda row: row.verb)
def test_a_row_is_consistent(row: status_events.StatusEventRow) -> None:
    assert row.leaves | row.reaches <= LIVING | TERMINAL
    assert row.changes <= {field.name for field in fields(Record)} - {"recorded_at"}
    assert set(row.enters) <= {field.name for field in fields(Change)}
    assert row.needs <= set(row.enters)
    assert bool(row.reaches) == (row.changes >= status_events.STATUS) == (row.hold is not Hold.KEPT)
    assert row.does.endswith(".")
    assert "hold_until" not in row.enters or row.hold in {Hold.PLANNED_END, Hold.BAR}


def test_an_officer_restores_to_active() -> None:
    assert STATUS_EVENTS[RESTORE].leads_to is Status.ACTIVE
    assert STATUS_EVENTS[AMEND].leads_to is None
