"""Whatever a thief does to a certificate, the events that are drawn lead it back to what it was, or it is said why none do."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from aeo_ledger.customs.lifecycle import require_transition
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import BY_CAPACITY, STATUS_EVENTS
from aeo_ledger.customs.vocabulary import LIVING, Capacity, EventKind, ReasonClass, Status
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.registers.repudiate import _Cannot, _lead_back

DAY = 86_400
NOW = 20_000 * DAY
K = EventKind
SHOWN = ("status", "roles", "valid_from", "valid_until", "review_day", "issuer")
ENTERED: dict[str, tuple[int | None, ...]] = {
    "roles": (1, 6, 16),
    "valid_from": (None, NOW - 400 * DAY, NOW + 3 * DAY),
    "valid_until": (None, 0, NOW + 900 * DAY),
    "since": (None, NOW - 2 * DAY),
    "hold_until": (None, NOW + 30 * DAY),
    "review_day": (21_000, 22_000),
}


def act(old: Record | None, kind: EventKind, draw: random.Random, now: int) -> Record | None:
    """Let somebody with an operator's key act; None if the ledger would refuse it."""
    entered: dict[str, Any] = {name: draw.choice(ENTERED[name]) for name in STATUS_EVENTS[kind].enters}
    if old is None and kind is not K.GRANT:
        return None
    new = prepare(Change(kind=kind, **entered), old, issuer=1, now=now)
    try:
        require_transition(old, new, in_use=True, time=now)
    except RefusedByLedger:
        return None
    return new


def walk(old: Record | None, steps: int, draw: random.Random, now: int) -> Record | None:
    for _ in range(steps):
        old = act(old, draw.choice(sorted(BY_CAPACITY[Capacity.OPERATORS])), draw, now) or old
    return old


def test_what_a_thief_does_is_led_back_or_told() -> None:
    draw, outcomes = random.Random(11), Counter[str]()  # noqa: S311
    for _ in range(4_000):
        before = walk(None, draw.randrange(5), draw, NOW - 300 * DAY)
        last = walk(before, draw.randrange(1, 5), draw, NOW - DAY)
        if last is None or last == before:
            continue
        try:
            records = _lead_back(before, last, now=NOW)
        except _Cannot as why:
            outcomes[str(why).split(",")[0].split(":")[0]] += 1
            continue
        at, kinds = last, {record.kind for record in records}
        for record in records:
            require_transition(at, record, in_use=True, time=NOW)
            assert (record.sequence, record.reason) == (at.sequence + 1, ReasonClass.KEY_COMPROMISED)
            at = record
        assert kinds <= BY_CAPACITY[Capacity.AUTHORITY] or kinds <= BY_CAPACITY[Capacity.OPERATORS]
        assert len(records) <= 4
        if before is not None and before.status in LIVING:
            assert [getattr(at, name) for name in SHOWN] == [getattr(before, name) for name in SHOWN]
            assert at.since >= last.since
        else:
            assert at.status is Status.ANNULLED
        outcomes[" ".join(sorted(record.kind.name for record in records))] += 1  # type: ignore[union-attr]
    assert {"ANNUL", "RESTORE", "AMEND", "REINSTATE", "REASSESS", "SUSPEND"} <= outcomes.keys()
    assert {why for why in outcomes if not why.isupper()} == {
        "nothing is to be undone",
        "it was WITHDRAWN and is ANNULLED",
        "it was REVOKED and is ANNULLED",
        "it was ended and granted anew",
        "RESTORE would be refused",  # it was to begin later, and a new grant gave it another first day
    }


def record(**altered: Any) -> Record:
    usual: dict[str, Any] = {
        "status": Status.ACTIVE, "kind": K.GRANT, "issuer": 1, "roles": 6, "sequence": 1, "since": NOW - 99 * DAY,
        "valid_from": NOW - 99 * DAY,
    }  # fmt: skip
    return Record(**{**usual, **altered})


def test_a_restored_certificate_has_no_gap() -> None:
    before = record(status=Status.SUSPENDED, since=NOW - 50 * DAY, hold_until=NOW + 9 * DAY)
    for status, since in ((Status.REVOKED, NOW - DAY), (Status.ANNULLED, before.valid_from)):
        last = record(status=status, since=since, sequence=5, roles=1)
        (restored,) = _lead_back(before, last, now=NOW)
        assert (restored.kind, restored.status, restored.hold_until) == (K.RESTORE, Status.SUSPENDED, before.hold_until)
        assert restored.since == max(before.since, since)
        assert (restored.sequence, restored.roles) == (6, 6)


def test_a_grant_over_an_end_is_annulled_and_the_bar_stays() -> None:
    before = record(status=Status.REVOKED, hold_until=NOW + 700 * DAY)
    (annulled,) = _lead_back(before, record(sequence=3), now=NOW)
    assert (annulled.kind, annulled.hold_until) == (K.ANNUL, NOW + 700 * DAY)
    (annulled,) = _lead_back(None, record(status=Status.WITHDRAWN), now=NOW)
    assert (annulled.kind, annulled.hold_until) == (K.ANNUL, 0)


@pytest.mark.parametrize(
    ("before", "last", "said"),
    [
        (None, record(status=Status.ANNULLED), "nothing is to be undone: it is annulled"),
        (record(status=Status.REVOKED), record(status=Status.ANNULLED), "it was REVOKED and is ANNULLED"),
        (record(), record(valid_from=NOW - DAY), "it was ended and granted anew"),
        (record(), record(sequence=3), "nothing is to be undone: it says the same"),
        (record(roles=0), record(), "AMEND would be refused"),
    ],
)
def test_what_no_event_leads_back_is_told(before: Record | None, last: Record, said: str) -> None:
    with pytest.raises(_Cannot, match=said):
        _lead_back(before, last, now=NOW)
