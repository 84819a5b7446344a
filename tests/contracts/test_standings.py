"""Status events: the table of transitions, what each event may change, and when a status, a bar and a validity may begin and end."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.lifecycle import LONGEST_BAR
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import STATUS_EVENTS
from aeo_ledger.customs.vocabulary import TERMINAL, Capacity, EventKind, PartyActKind, ReasonClass, RegisterMode, Status
from support.drafts import ENTRY, change, entry_of, event, grant, party_act, publication, supersede
from support.world import DAY, FIRST, OUTSIDER, SECOND, THIRD, UNION, World, authority, found, operator

GRANT, AMEND, REASSESS, SUSPEND, REINSTATE, REVOKE, WITHDRAW, ANNUL, RESTORE, TRANSFER = EventKind
BY = operator(FIRST)
ENDS = {REVOKE: Status.REVOKED, WITHDRAW: Status.WITHDRAWN, ANNUL: Status.ANNULLED}


@pytest.fixture
def world() -> World:
    return found()


@cache
def prepared() -> World:
    """A certificate granted thirty days ago."""
    world = found()
    world.do(publication(world, grant(world)), BY)
    world.wait(30 * DAY)
    return world


@pytest.fixture
def granted() -> World:
    return prepared().fork()


def record(world: World) -> Record:
    return world.standings[ENTRY].record


def do(world: World, kind: EventKind, **members: Any) -> None:
    """Publish one event, signed as its kind needs."""
    if kind is GRANT:
        world.do(publication(world, grant(world, **members)), BY)
    elif kind is RESTORE:
        act = publication(world, change(world, kind, **members), capacity=Capacity.AUTHORITY)
        world.do(act, authority(FIRST))
    else:
        world.do(publication(world, change(world, kind, **members)), BY)


def refuses(world: World, kind: EventKind, **members: Any) -> Refusal:
    if kind is GRANT:
        return world.refuses(publication(world, grant(world, **members)), BY)
    drafted = change(world, kind, **members)
    if kind is RESTORE:
        return world.refuses(publication(world, drafted, capacity=Capacity.AUTHORITY), authority(FIRST))
    return world.refuses(publication(world, drafted), BY)


def bring(world: World, status: Status) -> None:
    """Bring a granted certificate to a status."""
    kinds = {Status.SUSPENDED: SUSPEND, **{reached: kind for kind, reached in ENDS.items()}}
    if status in kinds:
        do(world, kinds[status])


# ---- the table


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.NONE])
@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind is not TRANSFER])
def test_each_event_starts_from_the_statuses_of_its_row_only(granted: World, kind: EventKind, status: Status) -> None:
    bring(granted, status)
    granted.wait(DAY)
    if status in STATUS_EVENTS[kind].leaves:
        do(granted, kind)
        assert record(granted).status in (STATUS_EVENTS[kind].reaches or {status})
    else:
        assert refuses(granted, kind) is Refusal.WRONG_TRANSITION


@pytest.mark.parametrize("kind", [AMEND, REASSESS, SUSPEND, REINSTATE, REVOKE, WITHDRAW, ANNUL, RESTORE])
def test_without_a_standing_there_is_only_a_grant(world: World, kind: EventKind) -> None:
    capacity = Capacity.AUTHORITY if kind is RESTORE else Capacity.OPERATORS
    signer = authority(FIRST) if kind is RESTORE else BY
    for status in STATUS_EVENTS[kind].reaches or Status:
        blank = replace(grant(world).record, kind=kind, status=status)
        act = publication(world, event(ENTRY, blank), capacity=capacity)
        assert world.refuses(act, signer) is Refusal.WRONG_TRANSITION


@pytest.mark.parametrize("status", [0, Status.ACTIVE])
def test_nothing_is_transferred_where_there_is_no_standing(world: World, status: int) -> None:
    """A record of no status would bar every grant under its entry."""
    entry = entry_of(UNION)
    record = replace(grant(world, entry, issuer=SECOND).record, kind=TRANSFER, status=status)
    act = publication(
        world, event(entry, record), register=UNION, issuer=SECOND, former=THIRD, capacity=Capacity.TRANSFER
    )
    for signers in ((operator(SECOND), authority(UNION)), (operator(SECOND), operator(THIRD))):
        assert world.refuses(act, *signers) is not None


@pytest.mark.parametrize("kind", [SUSPEND, REINSTATE, REVOKE, WITHDRAW, ANNUL, RESTORE])
def test_an_event_leads_to_the_status_of_its_row_and_to_no_other(granted: World, kind: EventKind) -> None:
    if kind in {REINSTATE, RESTORE}:
        bring(granted, Status.SUSPENDED if kind is REINSTATE else Status.REVOKED)
    for status in {*range(16)} - STATUS_EVENTS[kind].reaches:
        assert refuses(granted, kind, status=status) is Refusal.WRONG_TRANSITION


@pytest.mark.parametrize("kind", [0, 11, 12, 13, 14, 15])
def test_an_unknown_event_is_refused(granted: World, kind: int) -> None:
    drafted = event(ENTRY, replace(record(granted), kind=kind, sequence=2, recorded_at=0))
    assert granted.refuses(publication(granted, drafted), BY) is Refusal.WRONG_CAPACITY


@pytest.mark.parametrize("status", [0, 2, 3, 4, 5, 6, 15])
def test_a_grant_leads_to_active_and_to_nothing_else(world: World, status: int) -> None:
    assert refuses(world, GRANT, status=status) is Refusal.WRONG_TRANSITION


FIELDS = {
    "reason": ReasonClass.APPEAL,
    "roles": 0b111,
    "valid_until": 2_000_000_000,
    "valid_from": 1_750_000_001,
    "review_day": 20_000,
    "recorded_at": 7,
}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("kind", [AMEND, REASSESS, SUSPEND, REINSTATE, REVOKE, WITHDRAW, ANNUL, RESTORE])
def test_an_event_changes_the_fields_of_its_row_only(granted: World, kind: EventKind, field: str) -> None:
    if kind in {REINSTATE, RESTORE}:
        bring(granted, Status.SUSPENDED if kind is REINSTATE else Status.REVOKED)
    if field in STATUS_EVENTS[kind].changes:
        do(granted, kind, **{field: FIELDS[field]})
    else:
        assert refuses(granted, kind, **{field: FIELDS[field]}) is Refusal.FIELD_CHANGED


@pytest.mark.parametrize("kind", [AMEND, REASSESS])
def test_amending_and_reassessing_leave_status_dates_and_bar(granted: World, kind: EventKind) -> None:
    assert refuses(granted, kind, status=Status.SUSPENDED) is Refusal.WRONG_TRANSITION
    assert refuses(granted, kind, since=granted.now) is Refusal.FIELD_CHANGED
    assert refuses(granted, kind, hold_until=granted.now) is Refusal.FIELD_CHANGED


def test_a_grant_is_signed_with_recorded_at_0(world: World) -> None:
    assert refuses(world, GRANT, recorded_at=1) is Refusal.FIELD_CHANGED


# ---- sequence, entry, issuer


def test_a_sequence_is_exactly_the_next(granted: World) -> None:
    for sequence in (0, 1, 3, 2**32 - 1):
        assert refuses(granted, SUSPEND, sequence=sequence) is Refusal.WRONG_SEQUENCE
    assert granted.refuses(publication(granted, grant(granted, entry_of(FIRST, 0, 2), sequence=2)), BY) is (
        Refusal.WRONG_SEQUENCE
    )


def test_an_entry_lies_in_the_register_of_its_publication(world: World) -> None:
    act = publication(world, grant(world, entry_of(SECOND)))
    assert world.refuses(act, BY) is Refusal.WRONG_REGISTER


@pytest.mark.parametrize("certificate_type", [3, 15, *range(16, 28), *range(32, 40), 255])
def test_a_grant_needs_a_type_in_use_and_none_is_above_15(world: World, certificate_type: int) -> None:
    """The answer of `Consortium` holds kinds of event and a code above the types. No type may be read from there."""
    act = publication(world, grant(world, entry_of(FIRST, certificate_type)))
    assert world.refuses(act, BY) is Refusal.TYPE_NOT_IN_USE


def test_all_sixteen_types_may_be_in_use(world: World) -> None:
    every = party_act(world, FIRST, PartyActKind.SET_REGISTER, detail=Register(mode=RegisterMode.OPEN, types=0xFFFF))
    world.do(every, authority(FIRST))
    world.do(publication(world, *(grant(world, entry_of(FIRST, kind)) for kind in range(16))), BY)
    act = publication(world, grant(world, entry_of(FIRST, 16)))
    assert world.refuses(act, BY) is Refusal.TYPE_NOT_IN_USE


def test_a_grant_names_the_issuer_that_publishes_it(world: World) -> None:
    for issuer in (0, SECOND, UNION, 0xFFFF):
        assert refuses(world, GRANT, issuer=issuer) is Refusal.WRONG_ISSUER


def test_only_the_issuer_changes_its_standing(world: World) -> None:
    entry = entry_of(UNION)
    union = {"register": UNION, "issuer": THIRD}
    world.do(publication(world, grant(world, entry, issuer=THIRD), **union), operator(THIRD))
    other = publication(world, change(world, SUSPEND, entry), register=UNION, issuer=UNION)
    assert world.refuses(other, operator(UNION)) is Refusal.WRONG_ISSUER
    other = publication(world, change(world, SUSPEND, entry, issuer=UNION), register=UNION, issuer=UNION)
    assert world.refuses(other, operator(UNION)) is Refusal.WRONG_ISSUER
    posing = publication(world, change(world, SUSPEND, entry), **union)
    assert world.refuses(posing, operator(UNION)) is Refusal.SURPLUS_SIGNATURE
    world.do(posing, operator(THIRD))


# ---- grants


def test_since_is_valid_from_unless_that_is_in_the_future(world: World) -> None:
    past = {"valid_from": world.now - 9 * DAY}
    assert refuses(world, GRANT, **past, since=world.now) is Refusal.WRONG_SINCE
    do(world, GRANT, **past)


def test_a_grant_alone_is_dated_in_the_future(world: World) -> None:
    ahead = {"valid_from": world.now + 9 * DAY}
    assert refuses(world, GRANT, **ahead, since=world.now + 1) is Refusal.WRONG_SINCE
    do(world, GRANT, **ahead, since=world.now)
    do(world, REVOKE)
    assert refuses(world, RESTORE, valid_from=world.now + DAY) is Refusal.WRONG_VALIDITY
    do(world, RESTORE, valid_from=world.now + 9 * DAY)


@pytest.mark.parametrize("members", [{"valid_from": 0}, {"valid_until": 1}, {"valid_from": 9, "valid_until": 9}])
def test_a_validity_begins_and_ends_after_that(world: World, members: dict[str, int]) -> None:
    assert refuses(world, GRANT, **members) is Refusal.WRONG_VALIDITY


@pytest.mark.parametrize("roles", [0, 1 << 15, 0xFFFF])
def test_roles_are_not_empty_and_all_known(granted: World, roles: int) -> None:
    assert refuses(granted, AMEND, roles=roles) is Refusal.WRONG_ROLES
    do(granted, WITHDRAW)
    assert refuses(granted, RESTORE, roles=roles) is Refusal.WRONG_ROLES
    assert refuses(granted, GRANT, roles=roles) is Refusal.WRONG_ROLES


@pytest.mark.parametrize("roles", [1, 1 << 14, 0x7FFF])
def test_every_role_is_known(granted: World, roles: int) -> None:
    do(granted, AMEND, roles=roles)
    assert record(granted).roles == roles


def test_a_grant_sets_no_bar(world: World) -> None:
    assert refuses(world, GRANT, hold_until=world.now) is Refusal.WRONG_HOLD


@pytest.mark.parametrize("kind", ENDS)
def test_a_new_grant_waits_for_the_bar(granted: World, kind: EventKind) -> None:
    bar = 0 if kind is WITHDRAW else granted.now + 10 * DAY
    do(granted, kind, hold_until=bar)
    if bar:
        assert refuses(granted, GRANT) is Refusal.BARRED
        assert refuses(granted, GRANT, valid_from=bar, since=granted.now) is Refusal.BARRED
        granted.wait(10 * DAY)
        assert refuses(granted, GRANT, valid_from=bar - 1) is Refusal.BARRED
    do(granted, GRANT)
    assert record(granted).sequence == 3


def test_a_new_grant_does_not_reach_behind_the_end_of_the_old(granted: World) -> None:
    do(granted, WITHDRAW)
    assert refuses(granted, GRANT, valid_from=granted.now - 1) is Refusal.WRONG_SINCE
    assert refuses(granted, GRANT, valid_from=granted.now + DAY, since=granted.now - 1) is Refusal.WRONG_SINCE


# ---- status since


@pytest.mark.parametrize("kind", [SUSPEND, REVOKE, WITHDRAW])
def test_a_status_begins_not_in_the_future_and_not_before_the_stored_one(granted: World, kind: EventKind) -> None:
    for since in (granted.now + 1, record(granted).since - 1):
        assert refuses(granted, kind, since=since) is Refusal.WRONG_SINCE
    do(granted, kind, since=record(granted).since)


def test_a_reinstatement_and_a_restoration_begin_not_before_the_stored_status(granted: World) -> None:
    do(granted, SUSPEND)
    assert refuses(granted, REINSTATE, since=granted.now - 1) is Refusal.WRONG_SINCE
    do(granted, REVOKE)
    assert refuses(granted, RESTORE, since=granted.now - 1) is Refusal.WRONG_SINCE


def test_annulment_acts_from_the_first_day(granted: World) -> None:
    begun = record(granted).valid_from
    do(granted, SUSPEND)
    for since in (granted.now, begun + 1, begun - 1):
        assert refuses(granted, ANNUL, since=since) is Refusal.WRONG_SINCE
    do(granted, ANNUL, since=begun)
    do(granted, RESTORE, since=begun)


def test_annulment_of_what_has_not_begun_keeps_the_stored_since(world: World) -> None:
    do(world, GRANT, valid_from=world.now + 9 * DAY, since=world.now - DAY)
    assert refuses(world, ANNUL, since=world.now) is Refusal.WRONG_SINCE
    do(world, ANNUL, since=world.now - DAY)


def test_annulment_in_the_very_second_in_which_the_certificate_begins_acts_from_it(world: World) -> None:
    begins = world.now + 9 * DAY
    do(world, GRANT, valid_from=begins, since=world.now - DAY)
    world.wait(9 * DAY)
    assert refuses(world, ANNUL, since=record(world).since) is Refusal.WRONG_SINCE
    do(world, ANNUL, since=begins)


# ---- planned end and bar


def test_a_suspension_s_planned_end_comes_after_its_beginning(granted: World) -> None:
    for hold in (granted.now, 1):
        assert refuses(granted, SUSPEND, hold_until=hold) is Refusal.WRONG_HOLD
    do(granted, SUSPEND, hold_until=granted.now + 1)


def test_a_suspension_stays_after_its_planned_end(granted: World) -> None:
    do(granted, SUSPEND, hold_until=granted.now + 1)
    granted.wait(DAY)
    assert record(granted).status is Status.SUSPENDED
    assert refuses(granted, REINSTATE, hold_until=1) is Refusal.WRONG_HOLD
    do(granted, REINSTATE)


@pytest.mark.parametrize("kind", [REVOKE, ANNUL])
def test_a_bar_lasts_at_most_five_years_from_recording(granted: World, kind: EventKind) -> None:
    assert refuses(granted, kind, hold_until=granted.now + LONGEST_BAR + 1) is Refusal.WRONG_HOLD
    do(granted, kind, hold_until=granted.now + LONGEST_BAR)


def test_a_withdrawal_sets_no_bar(granted: World) -> None:
    assert refuses(granted, WITHDRAW, hold_until=granted.now + DAY) is Refusal.WRONG_HOLD


def test_annulment_never_shortens_a_bar_but_may_a_planned_end(granted: World) -> None:
    do(granted, SUSPEND, hold_until=granted.now + 9 * DAY)
    do(granted, REVOKE, hold_until=granted.now + 5 * DAY)
    assert refuses(granted, ANNUL, hold_until=granted.now + 5 * DAY - 1) is Refusal.WRONG_HOLD
    do(granted, ANNUL, hold_until=granted.now + 5 * DAY)


def test_annulment_of_a_suspended_certificate_may_set_a_bar_before_the_planned_end(granted: World) -> None:
    do(granted, SUSPEND, hold_until=granted.now + 9 * DAY)
    do(granted, ANNUL, hold_until=granted.now + DAY)


def test_annulment_may_keep_a_bar_of_five_years_or_lengthen_it_so_far(granted: World) -> None:
    do(granted, REVOKE, hold_until=granted.now + LONGEST_BAR)
    granted.wait(DAY)
    assert refuses(granted, ANNUL, hold_until=granted.now + LONGEST_BAR + 1) is Refusal.WRONG_HOLD
    do(granted, ANNUL, hold_until=granted.now + LONGEST_BAR)


# ---- restoration


@pytest.mark.parametrize("kind", ENDS)
def test_the_authority_restores_whatever_the_bar(granted: World, kind: EventKind) -> None:
    do(granted, kind, hold_until=0 if kind is WITHDRAW else granted.now + DAY)
    drafted = change(granted, RESTORE)
    assert granted.refuses(publication(granted, drafted), BY) is Refusal.WRONG_CAPACITY
    authority_act = publication(granted, drafted, capacity=Capacity.AUTHORITY)
    assert granted.refuses(authority_act, BY) is Refusal.SURPLUS_SIGNATURE
    assert granted.refuses(authority_act, authority(SECOND)) is Refusal.SURPLUS_SIGNATURE
    assert granted.refuses(authority_act) is Refusal.TOO_FEW_SIGNATURES
    do(granted, RESTORE)


def test_a_restoration_may_lead_back_to_a_suspension_with_its_planned_end(granted: World) -> None:
    do(granted, REVOKE)
    assert refuses(granted, RESTORE, hold_until=granted.now + DAY) is Refusal.WRONG_HOLD
    suspended = {"status": Status.SUSPENDED}
    assert refuses(granted, RESTORE, **suspended, hold_until=granted.now) is Refusal.WRONG_HOLD
    assert refuses(granted, RESTORE, status=Status.REVOKED) is Refusal.WRONG_TRANSITION
    do(granted, RESTORE, **suspended, hold_until=granted.now + DAY)


@pytest.mark.parametrize("kind", [GRANT, SUSPEND, REVOKE])
def test_the_authority_does_nothing_else(granted: World, kind: EventKind) -> None:
    drafted = grant(granted, entry_of(FIRST, 0, 2)) if kind is GRANT else change(granted, kind)
    act = publication(granted, drafted, capacity=Capacity.AUTHORITY)
    assert granted.refuses(act, authority(FIRST)) is Refusal.WRONG_CAPACITY


def test_terminal_statuses_are_left_by_grant_and_restore_only() -> None:
    leaving = {kind for kind, row in STATUS_EVENTS.items() if row.leaves & TERMINAL and row.reaches - TERMINAL}
    assert leaving == {GRANT, RESTORE}


def test_a_superseded_ledger_only_restricts_and_restores(granted: World) -> None:
    do(granted, REASSESS, review_day=1)
    supersede(granted)
    for kind in (AMEND, REASSESS):
        assert refuses(granted, kind) is Refusal.SUPERSEDED
    do(granted, SUSPEND)
    assert refuses(granted, REINSTATE) is Refusal.SUPERSEDED
    do(granted, REVOKE)
    do(granted, RESTORE)
    do(granted, WITHDRAW)
    do(granted, ANNUL)
    assert refuses(granted, GRANT) is Refusal.SUPERSEDED
    assert granted.refuses(publication(granted, grant(granted, entry_of(FIRST, 0, 7))), OUTSIDER) is (
        Refusal.SURPLUS_SIGNATURE
    )
