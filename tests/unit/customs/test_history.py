from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.acts import (
    NOBODY,
    Candidate,
    Envelope,
    Freeze,
    PartyAct,
    ReplacementAct,
    Resolution,
    Succession,
    WithholdingAct,
)
from aeo_ledger.customs.arrangement import Pair
from aeo_ledger.customs.history import PairHistory, PartyHistory, SoughtHistories, StandingHistory
from aeo_ledger.customs.party import DAY_S, Membership
from aeo_ledger.customs.replay import (
    Completion,
    Founding,
    number_in_party,
    numbers_in_pair,
    replay_network,
    replay_pair,
    replay_party,
)
from aeo_ledger.customs.vocabulary import (
    EventKind,
    LaneActKind,
    LaneState,
    PartyActKind,
    PartyKind,
    PartyState,
    ReplacementActKind,
    ResolutionAct,
    Status,
)
from aeo_ledger.errors.customs import RefusedByLedger
from support.months import (
    APR,
    ENTRY,
    FEB,
    GRANTED,
    JAN,
    JUN,
    MAR,
    MAY,
    SUSPENDED,
    conclusion,
    lane_act,
    recognition,
    standing,
)
from support.sealed_world import BY, BY_TRADER, CN, EAEU, EU, entry_of, members_of, party

FOR_EVER = 1 << 32
K = EventKind

ANNULLED = standing(GRANTED, (K.ANNUL, MAR, {}))
BACKDATED = standing(GRANTED, (K.SUSPEND, MAR, {"since": FEB}))
REGRANTED = standing(GRANTED, (K.REVOKE, FEB, {}), (K.GRANT, APR, {}), (K.ANNUL, MAY, {}))
QUASHED = standing(GRANTED, (K.REVOKE, FEB, {}), (K.RESTORE, APR, {"since": FEB, "roles": 3}))
IMPORTED = standing((K.GRANT, MAR, {"since": JAN}), (K.SUSPEND, MAR, {"since": FEB}))


@pytest.mark.parametrize(
    ("history", "time", "known", "status"),
    [
        # an annulment found in March changes what was effective in January, not what was known then
        (ANNULLED, JAN, FOR_EVER, Status.ANNULLED),
        (ANNULLED, JAN, MAR, Status.ANNULLED),
        (ANNULLED, JAN, MAR - 1, Status.ACTIVE),
        (ANNULLED, MAY, MAR - 1, Status.ACTIVE),
        (ANNULLED, JAN - 1, FOR_EVER, Status.ACTIVE),  # not yet effective, as its dates say
        # suspended and reinstated
        (SUSPENDED, MAR - 1, FOR_EVER, Status.ACTIVE),
        (SUSPENDED, MAR, FOR_EVER, Status.SUSPENDED),
        (SUSPENDED, APR - 1, FOR_EVER, Status.SUSPENDED),
        (SUSPENDED, APR, FOR_EVER, Status.ACTIVE),
        (SUSPENDED, APR, APR - 1, Status.SUSPENDED),
        (SUSPENDED, APR, MAR - 1, Status.ACTIVE),
        # a suspension that is recorded later than it holds
        (BACKDATED, FEB, FOR_EVER, Status.SUSPENDED),
        (BACKDATED, FEB - 1, FOR_EVER, Status.ACTIVE),
        (BACKDATED, FEB, MAR - 1, Status.ACTIVE),
        # a second certificate, annulled, leaves the first one as it was
        (REGRANTED, JAN, FOR_EVER, Status.ACTIVE),
        (REGRANTED, MAR, FOR_EVER, Status.REVOKED),
        (REGRANTED, APR, FOR_EVER, Status.ANNULLED),
        (REGRANTED, APR, APR, Status.ACTIVE),
        # a court quashed the revocation, as if it had not been
        (QUASHED, MAR, FOR_EVER, Status.ACTIVE),
        (QUASHED, MAR, MAR, Status.REVOKED),
        # a register's first import tells what held before it was recorded
        (IMPORTED, JAN, FOR_EVER, Status.ACTIVE),
        (IMPORTED, FEB, FOR_EVER, Status.SUSPENDED),
    ],
)
def test_a_status_holds_from_its_since_and_is_known_from_its_recording(
    history: StandingHistory, time: int, known: int, status: Status
) -> None:
    found = history.at(time, known)
    assert found is not None
    assert found.status is status


def test_before_anything_was_recorded_nothing_was_known() -> None:
    assert ANNULLED.at(MAY, JAN - 1) is None
    assert IMPORTED.at(JAN, MAR - 1) is None
    assert IMPORTED.at(JAN, MAR) is not None


def test_roles_and_dates_are_the_grants_and_an_amendments_from_its_recording_on() -> None:
    history = standing(
        (K.GRANT, JAN, {"roles": 1}),
        (K.AMEND, FEB, {"roles": 3, "valid_until": JUN}),
        (K.SUSPEND, MAR, {"roles": 3, "since": JAN}),
        (K.REASSESS, APR, {"review_day": 7}),
    )

    def told(time: int, known: int = FOR_EVER) -> tuple[int, int, int]:
        found = history.at(time, known)
        assert found is not None
        return found.roles, found.valid_until, found.review_day

    assert told(FEB - 1) == (1, 0, 0)
    assert told(FEB) == (3, JUN, 0)
    assert told(FEB, FEB - 1) == (1, 0, 0)
    assert told(MAR) == (3, JUN, 0)
    assert told(APR) == (3, JUN, 7)
    assert told(APR, MAR) == (3, JUN, 0)


def test_a_restorations_roles_hold_from_its_since_and_a_grant_to_come_changes_nothing_before() -> None:
    found = QUASHED.at(FEB, FOR_EVER)
    assert found is not None
    assert found.roles == 3
    later = standing(GRANTED, (K.WITHDRAW, FEB, {}), (K.GRANT, MAR, {"valid_from": MAY, "roles": 9}))
    for time, roles, starts in ((FEB, 1, JAN), (MAR, 9, MAY)):
        found = later.at(time, FOR_EVER)
        assert found is not None
        assert (found.roles, found.valid_from) == (roles, starts)


def test_a_transfer_changes_the_issuer_from_its_recording_on() -> None:
    history = standing(GRANTED, (K.TRANSFER, MAR, {"issuer": CN}), (K.SUSPEND, APR, {"issuer": CN, "since": FEB}))
    for time, issuer in ((FEB, BY), (MAR - 1, BY), (MAR, CN), (MAY, CN)):
        found = history.at(time, FOR_EVER)
        assert found is not None
        assert found.issuer == issuer


# ---- pairs


def withholding(serial: int, *, withheld: bool, entry: bytes = ENTRY) -> WithholdingAct:
    return WithholdingAct(recogniser=CN, serial=serial, deadline=0, entry=entry, withheld=withheld)


def edge() -> PairHistory:
    return replay_pair(
        CN,
        BY,
        [
            (FEB, conclusion(recognition(1))),
            (MAR, lane_act(1, LaneActKind.SUSPEND)),
            (APR, lane_act(2, LaneActKind.RESUME)),
            (MAY, conclusion(recognition(2, types=7), amends=True)),
            (JUN, lane_act(2, LaneActKind.END, until=JUN + 50)),
        ],
    )


@pytest.mark.parametrize(
    ("time", "known", "state", "types", "until"),
    [
        (JAN, FOR_EVER, LaneState.OPEN, 1, 0),  # a conclusion says itself from when it counts
        (JAN, FEB, LaneState.OPEN, 1, 0),
        (MAR - 1, FOR_EVER, LaneState.OPEN, 1, 0),
        (MAR, FOR_EVER, LaneState.SUSPENDED, 1, 0),
        (APR - 1, FOR_EVER, LaneState.SUSPENDED, 1, 0),
        (APR, FOR_EVER, LaneState.OPEN, 1, 0),
        (MAY, FOR_EVER, LaneState.OPEN, 7, 0),
        (MAY, APR, LaneState.OPEN, 1, 0),
        (JUN, MAR, LaneState.SUSPENDED, 1, 0),
        (JUN, FOR_EVER, LaneState.OPEN, 7, JUN + 50),
    ],
)
def test_an_edge_is_what_its_last_act_by_then_made_it(
    time: int, known: int, state: LaneState, types: int, until: int
) -> None:
    found = edge().lane_at(0, time, known)
    assert found is not None
    assert (found.state, found.types, found.until) == (state, types, until)


def test_an_edge_was_not_known_before_it_was_concluded() -> None:
    assert edge().lane_at(0, JUN, FEB - 1) is None


def test_an_old_question_is_never_answered_from_the_arrangement_that_took_an_ended_lane() -> None:
    """The new one is dated back to January. If it counted before its own conclusion, it would hide the old one's scope."""
    history = replay_pair(
        CN,
        BY,
        [
            (FEB, conclusion(recognition(1, types=1))),
            (MAR, lane_act(1, LaneActKind.SUSPEND)),
            (APR, lane_act(1, LaneActKind.END, until=APR)),
            (MAY, conclusion(recognition(2, types=7, in_force_from=JAN))),
            (JUN, lane_act(2, LaneActKind.SUSPEND, generation=1)),
        ],
    )

    def told(time: int, known: int = FOR_EVER) -> Any:
        found = history.lane_at(0, time, known)
        return found and (found.generation, found.types, found.state, found.until)

    assert told(JAN) == told(FEB) == (0, 1, LaneState.OPEN, 0)
    assert told(MAR) == (0, 1, LaneState.SUSPENDED, 0)
    assert told(APR) == told(MAY - 1) == told(JUN, MAY - 1) == (0, 1, LaneState.SUSPENDED, APR)
    assert told(MAY) == told(JUN, MAY) == (1, 7, LaneState.OPEN, 0)
    assert told(JUN) == (1, 7, LaneState.SUSPENDED, 0)
    assert told(JUN, FEB - 1) is None
    (lane,) = history.lanes
    assert [word.changes for _, word in lane] == [0, 1, 2, 3, 4]
    assert history.pair == Pair(lanes=1, amendments=2, lane_acts=2)


def test_an_act_that_names_a_pair_twice_counts_twice() -> None:
    twice = conclusion(recognition(1), recognition(2, lane=1), replace(recognition(1), register=CN))
    assert [number.number for number in numbers_in_pair(twice, (CN, BY))] == [1, 2]
    assert numbers_in_pair(twice, (BY, CN)) == []
    assert replay_pair(CN, BY, [(FEB, twice)]).pair == Pair(lanes=2, amendments=2)


def test_each_kind_of_act_on_a_pair_has_a_counter_of_its_own() -> None:
    pair, other = (CN, BY), entry_of(BY_TRADER, BY, 1)
    kinds = {
        numbers_in_pair(step, pair)[0].counter
        for step in (
            conclusion(recognition(1)),
            lane_act(1, LaneActKind.SUSPEND),
            withholding(1, withheld=True),
            withholding(1, withheld=True, entry=other),
        )
    }
    assert len(kinds) == 4
    (ends,) = numbers_in_pair(lane_act(1, LaneActKind.END, until=JUN), pair)
    (amends,) = numbers_in_pair(conclusion(recognition(2), amends=True), pair)
    assert (ends.counter, ends.names_last, amends.names_last) == (amends.counter, True, False)
    for step in (lane_act(1, LaneActKind.SUSPEND), withholding(1, withheld=True)):
        assert numbers_in_pair(step, (BY, CN)) == []


def test_benefits_are_withheld_from_the_recording_and_not_before() -> None:
    steps = [
        (FEB, withholding(1, withheld=True)),
        (APR, withholding(2, withheld=False)),
        (MAY, withholding(3, withheld=True)),
    ]
    history = replay_pair(CN, BY, steps)
    assert history.withholding_at(ENTRY, FEB - 1, FOR_EVER) is None
    assert history.withholding_at(bytes(32), FEB, FOR_EVER) is None
    for time, known, withheld, serial in (
        (FEB, MAY, True, 1),
        (APR, MAY, False, 2),
        (JUN, APR, False, 2),
        (JUN, JUN, True, 3),
    ):
        found = history.withholding_at(ENTRY, time, known)
        assert found is not None
        assert (found.withheld, found.serial) == (withheld, serial)
    assert history.pair == Pair(withheld=2)


@pytest.mark.parametrize(
    "steps",
    [
        [(FEB, lane_act(1, LaneActKind.SUSPEND))],
        [(FEB, conclusion(recognition(1, lane=1)))],
        [(FEB, conclusion(recognition(1), amends=True))],
        [(FEB, conclusion(recognition(1))), (MAR, lane_act(1, LaneActKind.SUSPEND, generation=1))],
    ],
)
def test_an_act_on_a_lane_that_is_not_there_is_no_history(steps: Any) -> None:
    with pytest.raises(ValueError, match="lane"):
        replay_pair(CN, BY, steps)


def test_a_lane_is_not_resumed_that_was_not_suspended() -> None:
    with pytest.raises(RefusedByLedger):
        replay_pair(CN, BY, [(FEB, conclusion(recognition(1))), (MAR, lane_act(1, LaneActKind.RESUME))])


# ---- parties

D = DAY_S
NEW = b"\x0e" * 20
DELAY = 14 * D


def resolution(act: ResolutionAct, **members: Any) -> Resolution:
    return Resolution(**{"number": 1, "deadline": 0, "act": act, "party": BY, **members})


def party_act(act: PartyActKind, detail: int = 0, **members: Any) -> PartyAct:
    return PartyAct(**{"party": BY, "serial": 1, "deadline": 0, "act": act, "detail": detail, **members})


def against(act: ReplacementActKind, key: bytes = NEW) -> ReplacementAct:
    return ReplacementAct(party=BY, key=key, deadline=0, act=act)


def replay(*steps: tuple[int, Any], **founder: Any) -> PartyHistory:
    """Replay a founding on the first day and the acts after it."""
    began = party(BY, **{"memberships": members_of(), "changed_at": D, "opened": False, **founder})
    return replay_party(BY, [(D, Founding(party=began, authority=NOBODY)), *steps], delay=lambda: DELAY)


def last(history: PartyHistory) -> Any:
    return history.states[-1][1]


def test_a_party_is_replayed_act_by_act() -> None:
    history = replay(
        (2 * D, party_act(PartyActKind.JOIN_UNION, EAEU)),
        (3 * D, resolution(ResolutionAct.SUSPEND, amount=9 * D)),
        (4 * D, party_act(PartyActKind.ADD_OPERATOR)),
        (4 * D, party_act(PartyActKind.SET_THRESHOLD, 2)),
        (4 * D, party_act(PartyActKind.LEAVE_UNION, EAEU)),
        (5 * D, Envelope(register=BY, serial=1, deadline=0, recipient=CN, epoch=0, sealed=b"")),
        (6 * D, resolution(ResolutionAct.EXPEL)),
    )

    def told(time: int, known: int = FOR_EVER) -> Any:
        found = history.at(time, known)
        return found and (found.state, found.unions_at(time), found.changes)

    assert told(D - 1) == told(D) == (PartyState.ACTIVE, (), 0)
    assert told(D, D - 1) is None
    assert told(2 * D) == (PartyState.ACTIVE, (EAEU,), 1)
    assert told(3 * D) == (PartyState.SUSPENDED, (EAEU,), 2)
    assert told(4 * D) == told(6 * D - 1) == (PartyState.SUSPENDED, (), 3)
    assert told(4 * D, 3 * D - 1) == (PartyState.ACTIVE, (EAEU,), 1)
    assert told(6 * D) == (PartyState.EXPELLED, (), 4)
    assert [[was.threshold for was in history.during(at)] for at in (D - 1, D, 4 * D, 4 * D + 1)] == [
        [],
        [1],
        [1, 1, 2, 2],
        [2],
    ]


def test_a_notice_counts_from_its_day_and_a_revoked_one_never() -> None:
    leaves = party_act(PartyActKind.LEAVE_UNION, EAEU, effective=9 * D)
    history = replay((2 * D, leaves), memberships=members_of(EAEU))
    assert last(history).memberships == members_of(Membership(union=EAEU, leaves=9))
    told = [history.at(time, FOR_EVER).unions_at(time) for time in (2 * D, 9 * D - 1, 9 * D)]  # type: ignore[union-attr]
    assert told == [(EAEU,), (EAEU,), ()]
    revoked = replay(
        (2 * D, leaves), (3 * D, party_act(PartyActKind.REVOKE_LEAVING, EAEU)), memberships=members_of(EAEU)
    )
    assert last(revoked).memberships == members_of(EAEU)
    assert (last(revoked).changed_at, last(revoked).changes) == (3 * D, 2)


def test_a_union_s_ejection_changes_the_member_and_not_the_union() -> None:
    ejects = PartyAct(party=EU, serial=4, deadline=0, act=PartyActKind.EJECT_MEMBER, detail=BY, effective=9 * D)
    stays = replace(ejects, act=PartyActKind.REVOKE_EJECTION, effective=0, serial=6)
    member = replay((2 * D, ejects), memberships=members_of(EU))
    assert last(member).memberships == members_of(Membership(union=EU, leaves=9, ejected=True))
    assert last(replay((2 * D, ejects), (3 * D, stays), memberships=members_of(EU))).memberships == members_of(EU)
    began = party(EU, changed_at=D)
    union = replay_party(EU, [(D, Founding(party=began, authority=NOBODY)), (2 * D, ejects)])
    assert last(union) == began
    with pytest.raises(RefusedByLedger):  # who gave the notice revokes it
        replay((2 * D, ejects), (3 * D, party_act(PartyActKind.REVOKE_LEAVING, EU)), memberships=members_of(EU))
    with pytest.raises(RefusedByLedger):
        replay((2 * D, ejects))


def test_keys_thresholds_and_the_register_are_in_the_word() -> None:
    history = replay(
        (2 * D, party_act(PartyActKind.ADD_AUTHORITY_KEY)),
        (2 * D, party_act(PartyActKind.ADD_AUTHORITY_KEY)),
        (3 * D, party_act(PartyActKind.SET_AUTHORITY_THRESHOLD, 2)),
        (4 * D, party_act(PartyActKind.RETIRE_AUTHORITY_KEY)),
        (4 * D, party_act(PartyActKind.ROTATE_AUTHORITY, 7)),
        (5 * D, party_act(PartyActKind.SET_REGISTER, 0x101)),
        (5 * D, party_act(PartyActKind.SET_CARD, 0x101)),
    )
    word = last(history)
    assert (word.authority_keys, word.authority_threshold, word.opened, word.changes) == (2, 2, True, 0)
    assert [was.authority_threshold for was in history.during(3 * D)] == [1, 2]


def test_a_freeze_names_the_count_of_lifts() -> None:
    def freeze(lifts: int) -> Freeze:
        return Freeze(party=BY, lifts=lifts, deadline=0)

    lift = party_act(PartyActKind.UNFREEZE)
    history = replay((2 * D, freeze(0)), (3 * D, lift), (4 * D, freeze(1)))
    assert [was.frozen for _, was in history.states] == [False, True, False, True]
    assert last(history).changed_at == D
    for steps in (
        [(2 * D, freeze(1))],
        [(2 * D, freeze(0)), (3 * D, freeze(0))],
        [(2 * D, freeze(0)), (3 * D, lift), (4 * D, freeze(0))],
    ):
        with pytest.raises(ValueError, match="lifts"):
            replay(*steps)


def test_a_completed_replacement_begins_an_epoch_and_withdraws_the_old_keys_notices() -> None:
    begun = 3 * D
    done = begun + DELAY
    history = replay(
        (2 * D, Freeze(party=BY, lifts=0, deadline=0)),
        (2 * D, party_act(PartyActKind.LEAVE_UNION, EAEU, effective=90 * D)),
        (begun, resolution(ResolutionAct.REPLACE_AUTHORITY, key=NEW)),
        (done, Completion(key=NEW)),
        (done + 1, Freeze(party=BY, lifts=1, deadline=0)),
        memberships=members_of(EAEU),
        threshold=3,
        authority_keys=4,
        authority_threshold=2,
    )
    word = history.states[-2][1]
    assert (word.epoch, word.threshold, word.authority_keys, word.authority_threshold) == (1, 1, 1, 1)
    assert (word.frozen, word.memberships) == (False, members_of(EAEU))
    assert last(history).frozen


def test_a_replacement_that_began_under_a_suspension_holds_the_party_suspended() -> None:
    suspended = (2 * D, resolution(ResolutionAct.SUSPEND, amount=9 * D))
    begun = (3 * D, resolution(ResolutionAct.REPLACE_AUTHORITY, key=NEW))
    objected = (4 * D, against(ReplacementActKind.OBJECT))

    def until(*steps: tuple[int, Any]) -> int:
        return int(last(replay(suspended, *steps)).suspended_until)

    assert until() == 9 * D
    assert until(begun) == (3 + 14 + 30) * D
    assert until(begun, objected) == (3 + 90 + 30) * D
    for over in (
        (5 * D, against(ReplacementActKind.STOP)),
        (5 * D, resolution(ResolutionAct.CANCEL_REPLACEMENT)),
        (93 * D, Completion(key=NEW)),
    ):
        assert until(begun, objected, over) == 9 * D
    longer = (5 * D, resolution(ResolutionAct.SUSPEND, amount=200 * D))
    assert until(begun, longer) == 200 * D
    free = replay((3 * D, resolution(ResolutionAct.REPLACE_AUTHORITY, key=NEW)), (4 * D, objected[1]))
    assert last(free).state is PartyState.ACTIVE
    for steps in (
        [(4 * D, against(ReplacementActKind.OBJECT))],
        [begun, (4 * D, against(ReplacementActKind.STOP, NOBODY))],
        [begun, (20 * D, Completion(key=NOBODY))],
        [begun, (5 * D, resolution(ResolutionAct.REINSTATE)), (20 * D, Completion(key=NEW))],
    ):
        with pytest.raises(ValueError, match="no such replacement"):
            replay(suspended, *steps)


def test_a_party_begins_once_with_a_founding_or_an_admission() -> None:
    admitted = resolution(
        ResolutionAct.ADMIT,
        detail=Candidate(code="BY", kind=PartyKind.ADMINISTRATION, seat=True, keeps_register=True),
    )
    assert replay_party(BY, [(FEB, admitted)]).at(JAN, FOR_EVER) is not None
    for steps in (
        [(FEB, admitted), (MAR, admitted)],
        [(FEB, Completion(key=NOBODY))],
        [(FEB, resolution(ResolutionAct.ADMIT))],
    ):
        with pytest.raises(ValueError, match=r"begins once|no candidate"):
            replay_party(BY, steps)


def test_resolutions_and_acts_are_numbered_by_their_subject() -> None:
    def counted(step: Any) -> Any:
        number = number_in_party(step, BY)
        return number and (number.counter, number.number, number.skips)

    assert counted(resolution(ResolutionAct.EXPEL, number=3)) == ("resolutions", 3, False)
    assert counted(resolution(ResolutionAct.SEAT_VALIDATOR, number=8)) == ("validators", 8, True)
    assert counted(party_act(PartyActKind.SET_CARD, 1, serial=5)) == (("serial", BY), 5, False)
    ejects = PartyAct(party=EU, serial=4, deadline=0, act=PartyActKind.EJECT_MEMBER, detail=BY)
    assert counted(ejects) == (("serial", EU), 4, True)
    assert counted(Completion(key=NEW)) is counted(Freeze(party=BY, lifts=0, deadline=0)) is None


# ---- the network


def successor(number: int) -> Succession:
    addresses = dict.fromkeys(("consortium", "governance", "registers"), NEW)
    codes = {f"{name}_code": bytes(32) for name in addresses}
    return Succession(number=number, deadline=0, effective=JUN, chain=7, **addresses, **codes)


def test_a_successor_is_named_and_cancelled_and_another_named() -> None:
    cancelled = resolution(ResolutionAct.CANCEL_SUCCESSION, party=0)
    history = replay_network([(JAN, successor(1)), (FEB, cancelled), (MAR, successor(3))])
    assert [named and named.number for _, named in history.successions] == [1, None, 3]
    for steps in ([(JAN, cancelled)], [(JAN, successor(1)), (FEB, successor(2))]):
        with pytest.raises(ValueError, match="named once"):
            replay_network(steps)


def test_at_a_seam_a_succession_is_carried_out_and_the_next_ledger_names_its_own() -> None:
    cancelled = resolution(ResolutionAct.CANCEL_SUCCESSION, party=0)
    steps: list[tuple[int, Any]] = [(JAN, successor(1)), (MAR, successor(2)), (APR, cancelled)]
    history = replay_network(steps, seams=[FEB, MAY])
    told = [(time, named and named.number) for time, named in history.successions]
    assert told == [(JAN, 1), (FEB, None), (MAR, 2), (APR, None)]
    assert replay_network(steps[:1], seams=[FEB]).successions[-1] == (FEB, None)
    with pytest.raises(ValueError, match="named once"):
        replay_network(steps, seams=[MAY])
    with pytest.raises(ValueError, match="named once"):  # what was carried out cannot be cancelled
        replay_network([steps[0], steps[2]], seams=[FEB])


def test_histories_that_are_not_at_hand_are_noted_once_each_in_the_order_in_which_they_were_asked_for() -> None:
    sought, entry, alias = SoughtHistories(), b"\1" * 32, b"\2" * 32
    for _ in range(2):
        assert sought.pair(2, 1) is None
        assert sought.standing(entry) is None
        assert sought.party(1) is None
        assert sought.alias(2, alias) is None
    assert list(sought.missed) == [(2, 1), entry, 1, (2, alias)]
