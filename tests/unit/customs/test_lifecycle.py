"""The table of status events, row by row, without a ledger under it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.lifecycle import LONGEST_BAR, require_transition
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import RESTRICTING, STATUS_EVENTS
from aeo_ledger.customs.vocabulary import LIVING, TERMINAL, EventKind, Status
from aeo_ledger.errors.customs import RefusedByLedger

NOW = 1_750_000_000
BEGUN = NOW - 1_000
GRANTED = Record(
    status=Status.ACTIVE,
    kind=EventKind.GRANT,
    issuer=1,
    roles=1,
    sequence=1,
    since=BEGUN,
    valid_from=BEGUN,
    recorded_at=BEGUN,
)


def follow(old: Record, kind: EventKind, **members: Any) -> Record:
    reached = STATUS_EVENTS[kind].reaches
    status = next(iter(reached)) if len(reached) == 1 else old.status
    new = replace(old, kind=kind, status=status, sequence=old.sequence + 1, recorded_at=0)
    return replace(new, **members)


def refusal(old: Record | None, new: Record, *, in_use: bool = True, time: int = NOW) -> Refusal | None:
    try:
        require_transition(old, new, in_use=in_use, time=time)
    except RefusedByLedger as refused:
        return Refusal(refused.code)
    return None


def test_events_that_restrict_never_lead_to_active() -> None:
    assert all(Status.ACTIVE not in STATUS_EVENTS[kind].reaches for kind in RESTRICTING)


def test_every_status_is_living_or_terminal() -> None:
    assert set(Status) - {Status.NONE} == LIVING | TERMINAL
    assert not LIVING & TERMINAL


def test_an_annulled_certificate_is_never_annulled_again() -> None:
    assert Status.ANNULLED not in STATUS_EVENTS[EventKind.ANNUL].leaves


def test_a_grant_begins_a_life() -> None:
    first = replace(GRANTED, recorded_at=0)
    assert refusal(None, first) is None
    assert refusal(None, first, in_use=False) is Refusal.TYPE_NOT_IN_USE
    assert refusal(GRANTED, follow(GRANTED, EventKind.GRANT)) is Refusal.WRONG_TRANSITION


def test_a_suspension_is_lifted_and_leaves_no_trace_in_the_scope() -> None:
    suspended = follow(GRANTED, EventKind.SUSPEND, since=NOW, hold_until=NOW + 9)
    assert refusal(GRANTED, suspended) is None
    lifted = follow(suspended, EventKind.REINSTATE, hold_until=0)
    assert refusal(suspended, lifted) is None
    assert (lifted.roles, lifted.valid_from, lifted.valid_until) == (1, BEGUN, 0)


def test_a_bar_holds_to_the_second() -> None:
    revoked = follow(GRANTED, EventKind.REVOKE, since=NOW, hold_until=NOW + 9)
    assert refusal(GRANTED, revoked) is None
    anew = follow(revoked, EventKind.GRANT, since=NOW + 9, valid_from=NOW + 9, hold_until=0)
    assert refusal(revoked, replace(anew, since=NOW), time=NOW + 8) is Refusal.BARRED
    assert refusal(revoked, anew, time=NOW + 9) is None


@pytest.mark.parametrize("kind", [EventKind.REVOKE, EventKind.ANNUL])
def test_a_bar_has_a_maximum(kind: EventKind) -> None:
    ended = follow(GRANTED, kind, hold_until=NOW + LONGEST_BAR)
    assert refusal(GRANTED, ended) is None
    assert refusal(GRANTED, replace(ended, hold_until=ended.hold_until + 1)) is Refusal.WRONG_HOLD


def test_annulment_begins_with_the_certificate_whatever_came_between() -> None:
    suspended = follow(GRANTED, EventKind.SUSPEND, since=NOW)
    annulled = follow(suspended, EventKind.ANNUL, since=BEGUN)
    assert refusal(suspended, annulled) is None
    assert refusal(suspended, replace(annulled, since=NOW)) is Refusal.WRONG_SINCE


def test_every_refusal_carries_its_code_name_and_reason() -> None:
    with pytest.raises(RefusedByLedger) as caught:
        require_transition(None, GRANTED, in_use=True, time=NOW)
    facts = caught.value
    assert (facts.code, facts.name) == (Refusal.FIELD_CHANGED, "FIELD_CHANGED")
    assert facts.reason == Refusal.FIELD_CHANGED.text
