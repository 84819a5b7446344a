from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.acts import (
    NOBODY,
    Amendment,
    Candidate,
    Conclusion,
    Envelope,
    LaneAct,
    PartyAct,
    Recognition,
    Resolution,
    WithholdingAct,
)
from aeo_ledger.customs.history import (
    Completion,
    Founding,
    PairHistory,
    StandingHistory,
    last_pair,
    replay_pair,
    replay_party,
    serials_in,
)
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import (
    EventKind,
    LaneActKind,
    LaneState,
    PartyActKind,
    PartyKind,
    PartyState,
    ResolutionAct,
    Status,
)
from aeo_ledger.errors import RefusedByLedger
from support.sealed_world import BY, BY_TRADER, CN, EAEU, entry_of, party

JAN, FEB, MAR, APR, MAY, JUN = range(100, 700, 100)
FOR_EVER = 1 << 32
K = EventKind
STATUS = {
    K.GRANT: Status.ACTIVE,
    K.SUSPEND: Status.SUSPENDED,
    K.REINSTATE: Status.ACTIVE,
    K.REVOKE: Status.REVOKED,
    K.WITHDRAW: Status.WITHDRAWN,
    K.ANNUL: Status.ANNULLED,
    K.RESTORE: Status.ACTIVE,
}
ENTRY = entry_of(BY_TRADER, BY, 2)


def standing(*events: tuple[EventKind, int, dict[str, Any]]) -> StandingHistory:
    """Tell a standing's events: kind, recorded at, and what else it sets; a status holds from then unless it says since."""
    records: list[Record] = []
    for kind, at, altered in events:
        new = Record(status=Status.ACTIVE, kind=K.GRANT, issuer=BY, roles=1, sequence=0, since=at, valid_from=at)
        old = records[-1] if records else new
        new = replace(old, kind=kind, sequence=old.sequence + 1, recorded_at=at)
        if kind in STATUS:
            since = records[-1].valid_from if kind is K.ANNUL else at
            new = replace(new, status=STATUS[kind], since=since)
        if kind is K.GRANT:
            new = replace(new, valid_from=altered.get("since", at))
        records.append(replace(new, **altered))
    return StandingHistory(entry=ENTRY, records=tuple(records))


GRANTED: tuple[EventKind, int, dict[str, Any]] = (K.GRANT, JAN, {})
ANNULLED = standing(GRANTED, (K.ANNUL, MAR, {}))
SUSPENDED = standing(GRANTED, (K.SUSPEND, MAR, {}), (K.REINSTATE, APR, {}))
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


def conclusion(*recognitions: Recognition, amends: bool = False) -> Conclusion:
    kind = Amendment if amends else Conclusion
    parties = frozenset({BY, CN})
    return kind(deadline=0, arrangement="CN-BY", text=b"t", signatories=parties, recognitions=recognitions)


def recognition(serial: int, lane: int = 0, **altered: Any) -> Recognition:
    proper = {"types": 1, "roles": 1, "directions": 1, "benefits": 1, "in_force_from": JAN, "until": 0}
    return Recognition(recogniser=CN, register=BY, lane=lane, serial=serial, **{**proper, **altered})


def lane_act(serial: int, act: LaneActKind, until: int = 0) -> LaneAct:
    return LaneAct(party=CN, recogniser=CN, register=BY, lane=0, serial=serial, deadline=0, act=act, until=until)


def withholding(serial: int, *, withheld: bool) -> WithholdingAct:
    return WithholdingAct(recogniser=CN, serial=serial, deadline=0, entry=ENTRY, withheld=withheld)


def edge() -> PairHistory:
    return replay_pair(
        CN,
        BY,
        [
            (FEB, conclusion(recognition(1))),
            (MAR, lane_act(2, LaneActKind.SUSPEND)),
            (APR, lane_act(3, LaneActKind.RESUME)),
            (MAY, conclusion(recognition(4, types=7), amends=True)),
            (JUN, lane_act(5, LaneActKind.END, until=JUN + 50)),
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


def test_an_act_that_names_a_pair_twice_counts_twice() -> None:
    twice = conclusion(recognition(1), recognition(2, lane=1), replace(recognition(1), register=CN))
    assert serials_in(twice, (CN, BY)) == [1, 2]
    assert serials_in(twice, (BY, CN)) == []
    history = replay_pair(CN, BY, [(FEB, twice)])
    assert (len(history.lanes), history.serial) == (2, 2)


def test_benefits_are_withheld_from_the_recording_and_not_before() -> None:
    steps = [
        (FEB, withholding(1, withheld=True)),
        (APR, withholding(2, withheld=False)),
        (MAY, withholding(3, withheld=True)),
    ]
    history = replay_pair(CN, BY, steps)
    assert history.withholding_at(ENTRY, FEB - 1, FOR_EVER) is None
    assert history.withholding_at(bytes(32), FEB, FOR_EVER) is None
    for time, known, withheld, changes in (
        (FEB, MAY, True, 0),
        (APR, MAY, False, 1),
        (JUN, APR, False, 1),
        (JUN, JUN, True, 2),
    ):
        found = history.withholding_at(ENTRY, time, known)
        assert found is not None
        assert (found.withheld, found.changes) == (withheld, changes)
    assert (last_pair(history).withheld, last_pair(history).serial) == (2, 3)


@pytest.mark.parametrize(
    "steps",
    [
        [(FEB, lane_act(1, LaneActKind.SUSPEND))],
        [(FEB, conclusion(recognition(1, lane=1)))],
        [(FEB, conclusion(recognition(1), amends=True))],
    ],
)
def test_an_act_on_a_lane_that_is_not_there_is_no_history(steps: Any) -> None:
    with pytest.raises(ValueError, match="lane"):
        replay_pair(CN, BY, steps)


def test_a_lane_is_not_resumed_that_was_not_suspended() -> None:
    with pytest.raises(RefusedByLedger):
        replay_pair(CN, BY, [(FEB, conclusion(recognition(1))), (MAR, lane_act(2, LaneActKind.RESUME))])


# ---- parties


def resolution(act: ResolutionAct, **members: Any) -> Resolution:
    return Resolution(number=1, deadline=0, act=act, party=BY, **members)


def party_act(serial: int, act: PartyActKind, detail: int = 0) -> PartyAct:
    return PartyAct(party=BY, serial=serial, deadline=0, act=act, detail=detail)


def test_a_party_is_replayed_act_by_act() -> None:
    founder = party(BY, unions=(0, 0, 0, 0), changed_at=JAN)
    envelope = Envelope(register=BY, serial=5, deadline=0, recipient=CN, epoch=0, sealed=b"")
    history = replay_party(
        BY,
        [
            (JAN, Founding(party=founder, authority=NOBODY)),
            (FEB, party_act(1, PartyActKind.JOIN_UNION, EAEU)),
            (MAR, resolution(ResolutionAct.SUSPEND, amount=MAY)),
            (APR, party_act(2, PartyActKind.ADD_OPERATOR)),
            (APR, party_act(3, PartyActKind.SET_THRESHOLD, 2)),
            (APR, party_act(4, PartyActKind.LEAVE_UNION, EAEU)),
            (MAY, envelope),
            (MAY, resolution(ResolutionAct.REPLACE_AUTHORITY)),
            (JUN, Completion(key=NOBODY)),
            (JUN, party_act(6, PartyActKind.RETIRE_OPERATOR)),
            (JUN + 1, resolution(ResolutionAct.EXPEL)),
        ],
    )

    def told(time: int, known: int = FOR_EVER) -> Any:
        found = history.at(time, known)
        return found and (found.state, found.unions[0], found.serial, found.operators)

    assert told(JAN - 1) == told(JAN) == (PartyState.ACTIVE, 0, 0, 1)
    assert told(JAN, JAN - 1) is None
    assert told(FEB) == (PartyState.ACTIVE, EAEU, 1, 1)
    assert told(MAR) == (PartyState.SUSPENDED, EAEU, 1, 1)
    assert told(APR) == (PartyState.SUSPENDED, 0, 4, 2)
    assert told(APR, MAR - 1) == (PartyState.ACTIVE, EAEU, 1, 1)
    assert told(JUN) == (PartyState.SUSPENDED, 0, 6, 1)
    assert told(JUN + 1) == (PartyState.EXPELLED, 0, 6, 1)
    assert [history.threshold(at) for at in (JAN - 1, JAN, APR, APR + 1)] == [1, 1, 1, 2]


def test_a_party_begins_once_and_with_its_beginning() -> None:
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
