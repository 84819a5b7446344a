"""What leads from the ledger to a row: every kind of difference, and every contradiction."""

from __future__ import annotations

from typing import Any

import pytest

from aeo_ledger.customs.lifecycle import require_transition
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, Status
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.registers.compare import DoubtfulRow, Interrupted, Rules, Step, lead
from support.registers import FIRST, record_of, row_of
from support.sealed_world import BY, CN, DAY, NOW

LATER, LAST = FIRST + 100 * DAY, FIRST + 200 * DAY
DOCUMENT = row_of().document


def led(
    altered: dict[str, Any], old: Record | None, kept: Any = DOCUMENT, rules: Rules | None = None, now: int = NOW
) -> Step:
    step = lead(row_of(**altered), old, kept, rules or Rules(), issuer=BY, calendar="BY", now=now)
    before = old
    for place, record in enumerate(step.records, start=1 if old is None else old.sequence + 1):
        assert (record.sequence, record.issuer, record.reason) == (place, BY, ReasonClass.TRANSCRIBED)
        require_transition(before, record, in_use=True, time=now)
        before = record
    return step


def steps(found: Step) -> list[tuple[str, str, int]]:
    return [(EventKind(record.kind).name, record.status.name, record.since) for record in found.records]


NEW = {
    "active": ({}, [("GRANT", "ACTIVE", FIRST)]),
    "with a day before the first": ({"status_since": FIRST - DAY}, [("GRANT", "ACTIVE", FIRST)]),
    "suspended": (
        {"status": Status.SUSPENDED, "status_since": LATER},
        [("GRANT", "ACTIVE", FIRST), ("SUSPEND", "SUSPENDED", LATER)],
    ),
    "revoked": (
        {"status": Status.REVOKED, "status_since": LATER},
        [("GRANT", "ACTIVE", FIRST), ("REVOKE", "REVOKED", LATER)],
    ),
    "annulled": (
        {"status": Status.ANNULLED, "status_since": LATER},
        [("GRANT", "ACTIVE", FIRST), ("ANNUL", "ANNULLED", FIRST)],
    ),
    "interrupted": (
        {"status_since": LATER},
        [("GRANT", "ACTIVE", FIRST), ("SUSPEND", "SUSPENDED", FIRST), ("REINSTATE", "ACTIVE", LATER)],
    ),
    "ahead": ({"valid_from": NOW + DAY, "status_since": NOW + DAY}, [("GRANT", "ACTIVE", NOW)]),
}


@pytest.mark.parametrize("case", NEW)
def test_a_new_row_is_granted_and_then_what_it_says(case: str) -> None:
    altered, expected = NEW[case]
    assert steps(led(altered, None, None)) == expected


def test_an_interruption_can_be_ignored_if_it_was_none() -> None:
    found = led({"status_since": LATER}, None, None, Rules(interrupted=Interrupted.IGNORE))
    assert steps(found) == [("GRANT", "ACTIVE", FIRST)]
    assert not led({"status_since": LATER}, record_of(), rules=Rules(interrupted=Interrupted.IGNORE)).records


SUSPENDED = {"status": Status.SUSPENDED, "kind": EventKind.SUSPEND, "since": LATER, "sequence": 2}
REVOKED = {"status": Status.REVOKED, "kind": EventKind.REVOKE, "since": LATER, "sequence": 2}
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], Any, list[tuple[str, str, int]], tuple[str, ...]]] = {
    "roles": ({"roles": 0b1}, {}, DOCUMENT, [("AMEND", "ACTIVE", FIRST)], ("roles",)),
    "end": ({"valid_until": NOW + DAY}, {}, DOCUMENT, [("AMEND", "ACTIVE", FIRST)], ("effective_until",)),
    "open end": ({}, {"valid_until": NOW + DAY}, DOCUMENT, [("AMEND", "ACTIVE", FIRST)], ("effective_until",)),
    "name and number": (
        {}, {}, {"tin": "x", "name": "Old", "certificate_number": "Old"}, [("AMEND", "ACTIVE", FIRST)],
        ("name", "certificate_number"),
    ),
    "a new column": ({}, {}, {"name": "Trader 1"}, [("AMEND", "ACTIVE", FIRST)], ("certificate_number",)),
    "of a suspended one": (
        {"roles": 0b1, "status": Status.SUSPENDED, "status_since": LATER}, SUSPENDED, DOCUMENT,
        [("AMEND", "SUSPENDED", LATER)], ("roles",),
    ),
    "suspended": (
        {"status": Status.SUSPENDED, "status_since": LATER}, {}, DOCUMENT, [("SUSPEND", "SUSPENDED", LATER)], ("status",),
    ),
    "suspended later": (
        {"status": Status.SUSPENDED, "status_since": LAST}, SUSPENDED, DOCUMENT, [("SUSPEND", "SUSPENDED", LAST)],
        ("status_since",),
    ),
    "back": ({"status_since": LAST}, SUSPENDED, DOCUMENT, [("REINSTATE", "ACTIVE", LAST)], ("status",)),
    "revoked and renamed": (
        {"status": Status.REVOKED, "status_since": LATER}, {}, {**DOCUMENT, "name": "Old"},
        [("AMEND", "ACTIVE", FIRST), ("REVOKE", "REVOKED", LATER)], ("name", "status"),
    ),
    "annulled": (
        {"status": Status.ANNULLED, "status_since": LAST}, REVOKED, DOCUMENT, [("ANNUL", "ANNULLED", FIRST)], ("status",),
    ),
    "granted again": (
        {"valid_from": LAST, "status_since": LAST}, REVOKED, DOCUMENT, [("GRANT", "ACTIVE", LAST)], ("status",),
    ),
    "granted again and suspended": (
        {"valid_from": LATER + DAY, "status": Status.SUSPENDED, "status_since": LAST}, REVOKED, DOCUMENT,
        [("GRANT", "ACTIVE", LATER + DAY), ("SUSPEND", "SUSPENDED", LAST)], ("status",),
    ),
    "an interruption after the last event": (
        {"status_since": NOW - DAY}, {}, DOCUMENT,
        [("SUSPEND", "SUSPENDED", NOW - 500 * DAY), ("REINSTATE", "ACTIVE", NOW - DAY)], ("status_since",),
    ),
    "an interruption before the last event": (
        {"status_since": LATER}, {}, DOCUMENT, [("SUSPEND", "SUSPENDED", FIRST), ("REINSTATE", "ACTIVE", LATER)],
        ("status_since",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_a_difference_is_led_over_by_events_with_their_own_dates(case: str) -> None:
    altered, before, kept, expected, columns = CHANGES[case]
    found = led(altered, record_of(**before), kept)
    assert (steps(found), found.columns) == (expected, columns)


SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "active": ({}, {}),
    "suspended": ({"status": Status.SUSPENDED, "status_since": LATER}, SUSPENDED),
    "revoked": ({"status": Status.REVOKED, "status_since": LATER}, REVOKED),
    "annulled, on any day": (
        {"status": Status.ANNULLED, "status_since": LAST}, {**REVOKED, "status": Status.ANNULLED, "since": FIRST},
    ),
    "reinstated": ({"status_since": LATER}, {"kind": EventKind.REINSTATE, "since": LATER, "sequence": 3}),
    "granted ahead": ({"valid_from": NOW + DAY, "status_since": FIRST}, {"valid_from": NOW + DAY, "since": NOW - DAY}),
    "granted ahead and amended": (
        {"valid_from": NOW + DAY}, {"valid_from": NOW + DAY, "since": NOW - DAY, "kind": EventKind.AMEND, "sequence": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kept", [DOCUMENT, None, {**DOCUMENT, "roles": "other", "status": "other"}])
@pytest.mark.parametrize("case", SAME)
def test_what_agrees_is_unchanged_and_the_books_copy_of_what_the_ledger_holds_does_not_count(
    case: str, kept: Any
) -> None:
    altered, before = SAME[case]
    found = led(altered, record_of(**before), kept)
    assert (list(found.records), found.columns) == ([], ())


def test_a_certificate_without_a_document_gets_one_on_request_only() -> None:
    found = led({}, record_of(), None, Rules(undocumented=True))
    assert (steps(found), found.columns) == ([("AMEND", "ACTIVE", FIRST)], ("document",))


DOUBTS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "another first day": ({"valid_from": LATER, "status_since": LATER}, {}, "no event changes a first day"),
    "another issuer": ({}, {"issuer": CN}, "another party of the register issued it"),
    "suspended earlier": (
        {"status": Status.SUSPENDED, "status_since": LATER - DAY}, SUSPENDED, "SUSPENDED since",
    ),
    "back on the day on which it was suspended": ({"status_since": LATER}, SUSPENDED, "would never have been"),
    "suspended, and the file knows nothing of it": ({}, SUSPENDED, "ACTIVE since"),
    "reinstated, and the file knows nothing of it": ({}, {"kind": EventKind.REINSTATE, "since": LATER}, "ACTIVE since"),
    "revoked before it was suspended": (
        {"status": Status.REVOKED, "status_since": LATER - DAY}, SUSPENDED, "REVOKED since",
    ),
    "alive after its end": ({}, REVOKED, "only the authority can restore it"),
    "withdrawn after it was revoked": (
        {"status": Status.WITHDRAWN, "status_since": LATER}, REVOKED, "WITHDRAWN in the file",
    ),
    "revoked on another day": ({"status": Status.REVOKED, "status_since": LAST}, REVOKED, "in the file"),
    "renamed after its end": (
        {"status": Status.REVOKED, "status_since": LATER, "document": {**DOCUMENT, "name": "New"}}, REVOKED,
        "name differ, and no event amends what has ended",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DOUBTS)
def test_a_contradiction_is_a_doubt_and_leads_to_nothing(case: str) -> None:
    altered, before, told = DOUBTS[case]
    with pytest.raises(DoubtfulRow) as doubt:
        led(altered, record_of(**before))
    assert told in str(doubt.value)


@pytest.mark.parametrize("ended", [SUSPENDED, REVOKED])
def test_a_day_in_the_file_is_any_time_of_that_day_on_the_ledger(ended: dict[str, Any]) -> None:
    """A single act dates a status to the second, and a file names the day."""
    day, hour = parse_moment("2024-07-29", "BY", what="day"), 3_600
    row = {"status": ended["status"], "status_since": day}
    for late in (0, 1, 23 * hour):
        assert not led(row, record_of(**ended | {"since": day + late})).records
    for other in ({**row, "status_since": day + hour}, row):
        late = 2 * hour if other is not row else 24 * hour
        with pytest.raises(DoubtfulRow, match=ended["status"].name):
            led(other, record_of(**ended | {"since": day + late}))
