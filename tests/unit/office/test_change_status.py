"""What an officer enters becomes a record that the rules take, wherever the table of status events allows the act at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.lifecycle import require_transition
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import STATUS_EVENTS
from aeo_ledger.customs.vocabulary import TERMINAL, EventKind, ReasonClass, Role, Status
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.office import NoStanding
from aeo_ledger.office.change_status import Change, prepare

NOW, DAY = 1_700_000_000, 86_400
ACTS = [kind for kind in EventKind if kind not in {EventKind.REASSESS, EventKind.TRANSFER}]
_LAST = {
    Status.ACTIVE: EventKind.GRANT,
    Status.SUSPENDED: EventKind.SUSPEND,
    Status.REVOKED: EventKind.REVOKE,
    Status.WITHDRAWN: EventKind.WITHDRAW,
    Status.ANNULLED: EventKind.ANNUL,
}


def _standing(status: Status, **values: Any) -> Record:
    record = Record(
        status=status,
        kind=_LAST[status],
        issuer=3,
        roles=1 << Role.CARRIER,
        sequence=4,
        since=NOW - 50 * DAY,
        valid_from=NOW - 90 * DAY,
        recorded_at=NOW - 10 * DAY,
    )
    return replace(record, **values)


def _change(kind: EventKind, **values: int) -> Change:
    if kind is EventKind.GRANT:
        values = {"roles": 1 << Role.BROKER, **values}
    return Change(kind=kind, reason=ReasonClass.UNSTATED, **values)


@pytest.mark.parametrize("status", _LAST)
@pytest.mark.parametrize("kind", ACTS)
def test_what_the_table_allows_is_taken_and_the_rest_is_refused(status: Status, kind: EventKind) -> None:
    old = _standing(status)
    new = prepare(_change(kind), old, issuer=3, now=NOW)
    assert (new.sequence, new.recorded_at, new.kind, new.issuer) == (5, 0, kind, 3)
    if status in STATUS_EVENTS[kind].leaves:
        require_transition(old, new, in_use=True, time=NOW)
    else:
        with pytest.raises(RefusedByLedger) as refusal:
            require_transition(old, new, in_use=True, time=NOW)
        assert refusal.value.name == "WRONG_TRANSITION"


@pytest.mark.parametrize("kind", [kind for kind in ACTS if kind is not EventKind.GRANT])
def test_without_a_standing_there_is_nothing_to_change(kind: EventKind) -> None:
    with pytest.raises(NoStanding) as refusal:
        prepare(_change(kind), None, issuer=3, now=NOW)
    assert refusal.value.act == kind.name.lower()


@pytest.mark.parametrize("days", [-400, -1, 0, 1, 400])
def test_a_first_grant_may_be_dated(days: int) -> None:
    new = prepare(_change(EventKind.GRANT, valid_from=NOW + days * DAY), None, issuer=3, now=NOW)
    require_transition(None, new, in_use=True, time=NOW)
    assert new.since == min(NOW, NOW + days * DAY)


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.SUSPENDED, Status.REVOKED, Status.WITHDRAWN])
@pytest.mark.parametrize("ahead", [False, True])
def test_an_annulment_reaches_back_to_the_first_day(status: Status, *, ahead: bool) -> None:
    old = _standing(status, **({"valid_from": NOW + 9 * DAY} if ahead else {}))
    new = prepare(_change(EventKind.ANNUL), old, issuer=3, now=NOW)
    require_transition(old, new, in_use=True, time=NOW)
    assert new.since == (old.since if ahead else old.valid_from)


def test_an_annulment_shortens_no_bar_and_takes_no_planned_end_for_one() -> None:
    barred = _standing(Status.REVOKED, hold_until=NOW + 700 * DAY)
    assert prepare(_change(EventKind.ANNUL), barred, issuer=3, now=NOW).hold_until == NOW + 700 * DAY
    planned = _standing(Status.SUSPENDED, hold_until=NOW + 700 * DAY)
    assert prepare(_change(EventKind.ANNUL), planned, issuer=3, now=NOW).hold_until == 0
    shorter = prepare(_change(EventKind.ANNUL, hold_until=NOW + 5 * DAY), barred, issuer=3, now=NOW)
    with pytest.raises(RefusedByLedger) as refusal:
        require_transition(barred, shorter, in_use=True, time=NOW)
    assert refusal.value.name == "WRONG_HOLD"


def test_a_restoration_lifts_the_bar_and_keeps_what_is_not_entered() -> None:
    old = _standing(Status.REVOKED, hold_until=NOW + 700 * DAY, valid_until=NOW + 900 * DAY)
    new = prepare(_change(EventKind.RESTORE), old, issuer=3, now=NOW)
    require_transition(old, new, in_use=True, time=NOW)
    assert (new.status, new.hold_until) == (Status.ACTIVE, 0)
    assert (new.roles, new.valid_from, new.valid_until) == (old.roles, old.valid_from, old.valid_until)


def test_an_amendment_keeps_a_suspension_and_its_planned_end() -> None:
    old = _standing(Status.SUSPENDED, hold_until=NOW + 20 * DAY, valid_until=NOW + 90 * DAY)
    new = prepare(_change(EventKind.AMEND, valid_until=0), old, issuer=3, now=NOW)
    require_transition(old, new, in_use=True, time=NOW)
    assert (new.status, new.hold_until, new.since, new.valid_until) == (Status.SUSPENDED, old.hold_until, old.since, 0)


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_a_new_grant_waits_for_the_bar(status: Status) -> None:
    old = _standing(status, hold_until=NOW + DAY)
    new = prepare(_change(EventKind.GRANT), old, issuer=3, now=NOW)
    with pytest.raises(RefusedByLedger) as refusal:
        require_transition(old, new, in_use=True, time=NOW)
    assert refusal.value.name == "BARRED"
    require_transition(
        old, prepare(_change(EventKind.GRANT), old, issuer=3, now=NOW + DAY), in_use=True, time=NOW + DAY
    )
