"""A plan of a whole file: what is new, changed, missing and doubtful, and what is kept for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs.lifecycle import require_transition
from aeo_ledger.customs.vocabulary import EventKind, Status
from aeo_ledger.errors.office import RowRefused
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.registers import TooManyChanges, UnsoundPlan
from aeo_ledger.protocol.commitment import commit
from aeo_ledger.registers.compare import Rules
from aeo_ledger.registers.documents import Kept, Kind, Shelf, write_document
from aeo_ledger.registers.draw import require_sound
from aeo_ledger.registers.plan import NO_FILE, Plan
from aeo_ledger.registers.valve import allow, find_limit, read_allowed, require_allowed
from support.registers import FIRST, OTHER_PARTY, draw, entry_of_row, full_plan, planned, record_of, row_of, state_of
from support.sealed_world import BY, DAY, NOW


def shelf_of(*rows: object) -> Shelf:
    kept = {
        entry_of_row(row): Kept(  # type: ignore[arg-type]
            entry=entry_of_row(row),  # type: ignore[arg-type]
            tin=row.tin.text,  # type: ignore[attr-defined]
            kind=Kind.CERTIFICATE,
            media="application/json",
            salt=b"\x77" * 32,
            content=write_document(row.document),  # type: ignore[attr-defined]
        )
        for row in rows
    }
    salts = {(one.entry, one.content): one.salt for one in kept.values()}
    return Shelf(published=kept, salts=salts, last=dict.fromkeys(kept, 1))


def test_new_rows_are_granted_and_each_commitment_opens_with_what_is_kept() -> None:
    rows = [row_of(1), row_of(2, status=Status.SUSPENDED, status_since=FIRST + DAY)]
    drawn = draw(rows, state_of())
    first, second = drawn.plan.changes
    assert [len(change.events) for change in (first, second)] == [1, 2]
    assert {event.document for event in second.events} == {drawn.documents[1].commitment}
    assert drawn.documents[1].content == write_document(rows[1].document)
    assert drawn.documents[1].commitment == commit(write_document(rows[1].document), (2).to_bytes(32, "big"))
    assert (drawn.plan.rows, drawn.plan.unchanged, drawn.plan.living) == (2, 0, 0)


def test_a_second_try_uses_the_salt_of_the_first() -> None:
    shelf = Shelf(published={}, salts=shelf_of(row_of(1)).salts, last={})
    assert draw([row_of(1)], state_of(), shelf).documents[0].salt == b"\x77" * 32


def test_what_is_on_the_ledger_and_not_in_the_file_is_reported_and_acted_on_only_if_told() -> None:
    expired, ended = row_of(3), row_of(4)
    there = [
        (row_of(1), record_of()),
        (row_of(2), record_of()),
        (expired, record_of(valid_until=NOW - DAY)),
        (ended, record_of(status=Status.REVOKED, kind=EventKind.REVOKE, sequence=2)),
        (row_of(5), record_of(issuer=OTHER_PARTY)),
    ]
    state = state_of(there)
    plan = draw([row_of(1)], state, shelf_of(row_of(1), row_of(2))).plan
    assert [(one.tin, one.entry) for one in plan.missing] == [(row_of(2).tin.text, entry_of_row(row_of(2)))]
    assert (plan.changes, plan.unchanged, plan.undocumented) == ((), 1, 0)
    acted = draw([row_of(1)], state, rules=Rules(missing=EventKind.WITHDRAW)).plan
    (change,) = acted.changes
    assert (change.line, change.tin, change.ends, acted.missing) == (0, "", True, ())
    assert (change.events[0].record.status, change.events[0].record.since) == (Status.WITHDRAWN, NOW)
    assert not any(change.events[0].document)


def test_a_corrected_name_is_an_amendment_with_another_document() -> None:
    corrected = replace(row_of(1), document={**row_of(1).document, "name": "Corrected"})
    drawn = draw([corrected], state_of([(row_of(1), record_of())]), shelf_of(row_of(1)))
    (change,) = drawn.plan.changes
    assert (change.columns, change.events[0].record.kind) == (("name",), EventKind.AMEND)
    assert drawn.documents[0].salt != b"\x77" * 32
    undocumented = draw([corrected], state_of([(row_of(1), record_of())])).plan
    assert (undocumented.changes, undocumented.undocumented) == ((), 1)


def test_new_rows_that_the_ledger_would_refuse_are_all_named() -> None:
    rows = [row_of(1), *(row_of(n, valid_until=FIRST) for n in range(2, 40))]
    with pytest.raises(RowRefused) as refused:
        draw(rows, state_of())
    told = str(refused.value)
    assert refused.value.where == "line 3"
    assert ("line 4: " in told, "line 22: " in told, "line 23: " in told, "and 18 more lines" in told) == (
        True, True, False, True,
    )  # fmt: skip


def test_a_change_that_the_ledger_would_refuse_is_a_doubt() -> None:
    barred = record_of(
        status=Status.REVOKED, kind=EventKind.REVOKE, sequence=2, since=FIRST + DAY, hold_until=NOW + 9 * DAY
    )
    plan = draw(
        [row_of(1, valid_from=FIRST + 2 * DAY, status_since=FIRST + 2 * DAY)], state_of([(row_of(1), barred)])
    ).plan
    assert (plan.changes, [doubt.line for doubt in plan.doubts], plan.unchanged) == ((), [2], 0)
    assert "BARRED" in plan.doubts[0].reason


def test_a_grant_of_a_day_to_come_ends_the_plan_before_that_day() -> None:
    plan = draw([row_of(1, valid_from=NOW + DAY, status_since=NOW + DAY)], state_of(), lifetime_s=7 * DAY).plan
    assert plan.deadline == NOW + DAY - 1
    assert draw([row_of(1)], state_of(), lifetime_s=7 * DAY).plan.deadline == NOW + 7 * DAY


# ---- the safety valve ----


def many(living: int, ended: int, changed: int) -> Plan:
    rows = [row_of(n) for n in range(1, living + 1)]
    state = state_of([(row, record_of()) for row in rows])
    for place in range(ended):
        rows[place] = replace(rows[place], status=Status.REVOKED, status_since=FIRST + DAY)
    for place in range(ended, ended + changed):
        rows[place] = replace(rows[place], roles=1)
    return draw(rows, state).plan


@pytest.mark.parametrize(
    ("living", "ended", "changed"), [(100, 2, 0), (100, 0, 30), (100, 2, 28), (3, 1, 0), (1, 1, 0)]
)
def test_what_a_month_usually_brings_passes(living: int, ended: int, changed: int) -> None:
    assert allow(many(living, ended, changed), {}, {}).allowed == {}


def test_more_is_refused_unless_the_number_is_named() -> None:
    plan = many(100, 3, 0)
    with pytest.raises(TooManyChanges) as refused:
        allow(plan, {}, {})
    facts = refused.value.facts()
    assert (facts["name"], facts["found"], facts["certificates"], facts["limit"]) == ("ends", 3, 100, 2)
    with pytest.raises(TooManyChanges, match="allow ends=3"):
        allow(plan, {"ends": 2, "changes": 99}, {})
    allowed = allow(plan, {"ends": 3}, {})
    assert allowed.allowed == {"ends": 3}
    require_allowed(allowed, 100)
    with pytest.raises(TooManyChanges):
        require_allowed(plan, 100)
    with pytest.raises(TooManyChanges, match="would change, more than 30"):
        allow(many(100, 0, 31), {}, {})


def test_a_plan_is_judged_by_what_is_proven_and_not_by_its_own_words() -> None:
    plan = many(100, 3, 0)
    with pytest.raises(TooManyChanges) as refused:
        require_allowed(replace(plan, living=10_000_000), 100)
    assert (refused.value.found, refused.value.certificates, refused.value.limit) == (3, 100, 2)
    require_allowed(plan, 200)
    for number in (2, 4):
        with pytest.raises(UnsoundPlan) as unsound:
            require_allowed(replace(plan, allowed={"ends": number}), 100)
        assert str(unsound.value).startswith(f"what was allowed of the plan: {number} would end by its own words, 3 by")


def test_a_party_can_have_other_limits_and_the_plan_says_that_it_used_them() -> None:
    plan = many(100, 3, 0)
    assert allow(plan, {}, {"ends": 3}).allowed == {"ends": 3}
    with pytest.raises(TooManyChanges):
        allow(many(100, 2, 0), {}, {"ends": 1})
    assert find_limit(100, "ends", {"ends": 50}) == 50


def test_new_certificates_do_not_count() -> None:
    assert (
        allow(draw([row_of(n) for n in range(1, 50)], state_of([(row_of(1), record_of())])).plan, {}, {}).allowed == {}
    )


def test_what_is_allowed_is_read_strictly() -> None:
    assert read_allowed(["ends=12", "changes=0"]) == {"ends": 12, "changes": 0}
    for text in ("ends", "ends=", "ends=-1", "all=3", "ends=1e3", "ends=12345678", "ends=\u0663"):
        with pytest.raises(MalformedText):
            read_allowed([text])


# ---- plans from elsewhere ----


def test_a_plan_from_elsewhere_must_name_the_trader_of_each_entry() -> None:
    plan, state = full_plan(), state_of()
    require_sound([], plan, state, time=NOW)
    first, *others = plan.changes
    with pytest.raises(UnsoundPlan, match="line 2, BY100000007 of the plan: its entry is not that of BY100000007"):
        require_sound([replace(first, tin="BY100000007"), *others], plan, state, time=NOW)
    (unnamed, named) = plan.missing
    forged = replace(plan, missing=(unnamed, replace(named, tin="BY100000009")))
    with pytest.raises(UnsoundPlan, match=r"missing\[1\] of the plan: its entry is not that of BY100000009"):
        require_sound([], forged, state, time=NOW)


def test_a_plan_from_elsewhere_must_keep_the_rules_of_certificates() -> None:
    plan, state = planned(), state_of()
    require_sound(plan.changes, plan, state, time=NOW)
    (change, *_) = plan.changes
    (event,) = change.events
    for altered in (
        {"sequence": 2},
        {"issuer": OTHER_PARTY},
        {"kind": EventKind.RESTORE},
        {"valid_until": FIRST},
        {"since": NOW + DAY},
    ):
        forged = replace(change, events=(replace(event, record=replace(event.record, **altered)),))
        with pytest.raises(UnsoundPlan) as refused:
            require_sound([forged], plan, state, time=NOW)
        assert refused.value.where == "line 2, BY100000001"
    assert plan.issuer == BY


def test_a_plan_makes_only_events_that_a_file_can_mean() -> None:
    """The ledger takes a reassessment from an operator. A file cannot mean one; a plan that undoes a thief's acts may make one."""
    state = state_of([(row_of(1), record_of())])
    plan = draw([row_of(1, roles=1)], state).plan
    (change,) = plan.changes
    (event,) = change.events
    moved = record_of(kind=EventKind.REASSESS, sequence=2, recorded_at=0, review_day=NOW // DAY + 30)
    require_transition(record_of(), moved, in_use=True, time=NOW)
    with pytest.raises(UnsoundPlan, match="another sequence, issuer or kind than a plan makes"):
        require_sound([replace(change, events=(replace(event, record=moved),))], plan, state, time=NOW)
    undoing = replace(plan, file=NO_FILE)
    require_sound([replace(change, events=(replace(event, record=moved),))], undoing, state, time=NOW)
