from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.history import (
    HistoryTable,
    PartyHistory,
    StandingHistory,
)
from aeo_ledger.customs.replay import replay_pair
from aeo_ledger.customs.vocabulary import (
    LaneActKind,
    Reason,
    Status,
)
from aeo_ledger.errors.customs import HistoryNeeded, NothingRecorded
from aeo_ledger.protocol.entries import entries_of
from support.months import APR, ENTRY, FEB, JAN, MAR, MAY, SUSPENDED, conclusion, lane_act, recognition
from support.sealed_world import BY, BY_TRADER, CN, CustomsFacts, inquire, lane


def test_with_history_a_past_is_decided_and_without_it_is_not() -> None:
    """Suspended in March and reinstated in April; the edge suspended from February to March."""
    word = SUSPENDED.records[-1]
    world = (
        CustomsFacts()
        .recognise(CN, BY, lane(in_force_from=JAN, changed_at=MAR, changes=2, roles=1))
        .grant(BY_TRADER, BY, 2)
    )
    world.parties = {number: replace(kept, changed_at=1) for number, kept in world.parties.items()}
    world.records[ENTRY] = word
    pair = replay_pair(
        CN,
        BY,
        [
            (JAN, conclusion(recognition(1, types=0xFFFF))),
            (FEB, lane_act(1, LaneActKind.SUSPEND)),
            (MAR, lane_act(2, LaneActKind.RESUME)),
        ],
    )
    table = HistoryTable(standings={ENTRY: SUSPENDED}, parties={}, pairs={(CN, BY): pair})

    def ask(time: int, known: int | None = None, histories: HistoryTable = table) -> tuple[Reason, ...]:
        asked = inquire(BY_TRADER, CN, time=time, known=known, role=0)
        found = decide(asked, world, entries_of(BY_TRADER), histories)
        assert (found.time, found.known) == (time, known)
        return () if found.recognised else found.reasons

    assert ask(JAN) == ask(APR) == ()
    assert ask(JAN - 1) == (Reason.NOT_YET_EFFECTIVE, Reason.ARRANGEMENT_NOT_IN_FORCE)
    assert ask(FEB) == ask(MAR - 1) == (Reason.ARRANGEMENT_SUSPENDED,)
    assert ask(MAR) == (Reason.SUSPENDED,)
    assert ask(APR, APR - 1) == (Reason.SUSPENDED,)
    assert ask(APR, MAR - 1) == (Reason.ARRANGEMENT_SUSPENDED,)
    assert ask(APR, FEB - 1) == ()
    assert ask(APR, JAN - 1) == (Reason.NO_CERTIFICATE, Reason.NO_ARRANGEMENT)
    for known in (None, MAR - 1):
        with pytest.raises(HistoryNeeded) as refusal:
            ask(JAN, known, HistoryTable(standings={}, parties={}, pairs={(CN, BY): pair}))
        assert refusal.value.what == f"standing 0x{ENTRY.hex()}"
    with pytest.raises(HistoryNeeded) as refusal:
        ask(JAN, None, HistoryTable(standings={ENTRY: SUSPENDED}, parties={}, pairs={}))
    assert refusal.value.what == f"lane 0 of {CN} to {BY}"


def test_a_later_first_record_was_not_known_and_this_needs_no_history() -> None:
    world = CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2)
    recorded = world.records[ENTRY].recorded_at
    concluded = world.lanes[CN, BY][0].changed_at

    def ask(known: int) -> tuple[Reason, ...]:
        found = decide(inquire(BY_TRADER, CN, known=known), world, entries_of(BY_TRADER))
        return () if found.recognised else found.reasons

    assert ask(recorded) == ()
    assert ask(recorded - 1) == (Reason.NO_CERTIFICATE,)
    assert ask(concluded - 1) == (Reason.NO_CERTIFICATE, Reason.NO_ARRANGEMENT)


def test_a_time_before_a_changed_party_s_first_record_is_refused_and_its_history_tells_the_beginning() -> None:
    """The party's word was last changed in March; its history begins in January."""
    world = CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2)
    first = replace(world.parties[CN], changed_at=JAN)
    world.parties[CN] = replace(first, changed_at=MAR, changes=1)
    history = PartyHistory(number=CN, states=((JAN, first), (MAR, world.parties[CN])))
    table = HistoryTable(standings={}, parties={CN: history}, pairs={})
    with pytest.raises(NothingRecorded) as refusal:
        decide(inquire(BY_TRADER, CN, known=JAN - 1), world, entries_of(BY_TRADER), table)
    assert refusal.value.facts() == {"party": "CN", "known_at": JAN - 1, "begins_at": JAN}
    with pytest.raises(HistoryNeeded) as needed:
        decide(inquire(BY_TRADER, CN, known=JAN - 1), world, entries_of(BY_TRADER))
    assert needed.value.what == f"party {CN}"


def test_a_word_recorded_later_does_not_show_what_was_known() -> None:
    """A revocation refuses a later time, but not as known before its recording."""
    world = CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2)
    old = world.records[ENTRY]
    word = replace(old, status=Status.REVOKED, since=old.since, recorded_at=old.recorded_at + 50, sequence=2)
    world.records[ENTRY] = word
    asked = inquire(BY_TRADER, CN, time=word.recorded_at - 1)
    assert decide(asked, world, entries_of(BY_TRADER)).reasons == (Reason.REVOKED,)
    with pytest.raises(HistoryNeeded):
        decide(replace(asked, known=word.recorded_at - 1), world, entries_of(BY_TRADER))
    history = StandingHistory(entry=ENTRY, records=(old, word))
    table = HistoryTable(standings={ENTRY: history}, parties={}, pairs={})
    assert decide(replace(asked, known=word.recorded_at - 1), world, entries_of(BY_TRADER), table).recognised


def test_an_old_time_asked_of_a_reused_lane_is_decided_by_the_old_arrangement() -> None:
    """The new arrangement is dated back and covers the type. The old one, which was in force then, did not."""
    world = CustomsFacts().recognise(CN, BY, lane(in_force_from=JAN, changed_at=MAY, changes=3, generation=1, roles=1))
    world.grant(BY_TRADER, BY, 2, valid_from=JAN, since=JAN, recorded_at=JAN, roles=1)
    world.parties = {number: replace(kept, changed_at=1) for number, kept in world.parties.items()}
    ended: list[tuple[int, Any]] = [
        (JAN, conclusion(recognition(1, types=1))),
        (MAR, lane_act(1, LaneActKind.END, until=MAR)),
    ]
    pair = replay_pair(CN, BY, [*ended, (MAY, conclusion(recognition(2, types=0xFFFF)))])
    table = HistoryTable(standings={}, parties={}, pairs={(CN, BY): pair})

    def ask(time: int, known: int | None = None) -> tuple[Reason, ...]:
        asked = inquire(BY_TRADER, CN, time=time, known=known, role=0)
        return decide(asked, world, entries_of(BY_TRADER), table).reasons

    assert ask(FEB) == (Reason.TYPE_OUT_OF_SCOPE,)
    assert ask(MAR) == ask(MAY - 1) == ask(MAY, MAY - 1) == (Reason.ARRANGEMENT_ENDED, Reason.TYPE_OUT_OF_SCOPE)
    assert ask(MAY) == ()
