"""The decision against a second reading of its rules in random worlds, and past times against what was true then."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.inquiry import Inquiry
from aeo_ledger.customs.party import DAY_S
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import Direction, LaneState, PartyState, Reason, Status
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.protocol.entries import entries_of
from support.random_worlds import THEN, grow_old, random_inquiry, random_world
from support.sealed_world import DE_TRADER, CustomsFacts, entry_of


def read_rules(world: CustomsFacts, asked: Inquiry) -> tuple[set[Reason], int, bytes | None]:
    """Apply the rules a second time: give all reasons of a no, or benefits and entry of a yes."""
    t, role = asked.time, 1 << asked.role
    expelled = {n for n, p in world.parties.items() if p.state is PartyState.EXPELLED}

    def unions_of(n: int) -> set[int]:
        places = world.parties[n].memberships
        return {m.union for m in places if m.union and (m.leaves == 0 or t < m.leaves * DAY_S)}

    unions = unions_of(asked.recogniser)
    places = set()
    if asked.party is not None:
        places = {asked.party} | (set() if asked.register_named else unions_of(asked.party))
    kept = {q for q in places if world.parties[q].keeps_register}
    places = {q for q in places if q in kept or world.parties[q].opened}
    types = {
        q: {
            n
            for n in range(16)
            if world.registers[q].types >> n & 1 and (asked.types is None or asked.types.get(q) == n)
        }
        for q in places
        if q in world.registers
    }
    lanes = [(o, q, x) for q in places for o in {asked.recogniser, *unions} for x in world.lanes.get((o, q), ())]
    standings = {
        (q, n): (entry_of(DE_TRADER, q, n), world.records[entry_of(DE_TRADER, q, n)])
        for q in types
        for n in types[q]
        if entry_of(DE_TRADER, q, n) in world.records
    }

    def of_standing(q: int, x: Record) -> set[Reason]:
        names = {Status.SUSPENDED: 4, Status.REVOKED: 2, Status.WITHDRAWN: 3, Status.ANNULLED: 1}
        member = x.issuer == q or q in unions_of(x.issuer)
        return (
            ({Reason(names[x.status])} if x.status in names else set())
            | ({Reason.NOT_YET_EFFECTIVE} if t < x.valid_from else set())
            | ({Reason.EXPIRED} if 0 < x.valid_until <= t else set())
            | ({Reason.ROLE} if not x.roles & role else set())
            | ({Reason.PARTY_GONE} if {q, x.issuer} & expelled or not member or q not in kept else set())
        )

    def of_lane(o: int, q: int, x: Lane) -> set[Reason]:
        return (
            ({Reason.ARRANGEMENT_SUSPENDED} if x.state is LaneState.SUSPENDED else set())
            | ({Reason.ARRANGEMENT_NOT_IN_FORCE} if not 0 < x.in_force_from <= t else set())
            | ({Reason.ARRANGEMENT_ENDED} if 0 < x.until <= t else set())
            | ({Reason.ROLE} if not x.roles & role else set())
            | ({Reason.DIRECTION} if not x.directions & (1 << Direction.IMPORT) else set())
            | ({Reason.PARTY_GONE} if {o, q, asked.recogniser} & expelled else set())
        )

    def of_both(o: int, entry: bytes, n: int, x: Lane) -> set[Reason]:
        by = [world.withholdings.get((who, entry)) for who in (o, asked.recogniser)]
        return ({Reason.BENEFITS_WITHHELD} if any(w is not None and w.withheld for w in by) else set()) | (
            {Reason.TYPE_OUT_OF_SCOPE} if not x.types >> n & 1 else set()
        )

    for (q, n), (entry, x) in sorted(standings.items()):
        fitting = [y for o, p, y in lanes if p == q and not of_lane(o, q, y) | of_both(o, entry, n, y)]
        if fitting and not of_standing(q, x):
            benefits = 0
            for y in fitting:
                benefits |= y.benefits
            return set(), benefits, entry
    reasons = set()
    for (q, _), (_, x) in standings.items():
        reasons |= of_standing(q, x)
    for o, q, y in lanes:
        reasons |= of_lane(o, q, y)
    for (q, n), (entry, _) in standings.items():
        reasons |= set().union(*(of_both(o, entry, n, y) for o, p, y in lanes if p == q))
        if lanes and q not in {p for _, p, _ in lanes}:
            reasons.add(Reason.TYPE_OUT_OF_SCOPE)
    reasons |= set() if standings else {Reason.NO_CERTIFICATE}
    reasons |= set() if lanes else {Reason.NO_ARRANGEMENT}
    return reasons, 0, None


@pytest.mark.parametrize("seed", range(8))
def test_the_decision_agrees_with_a_second_reading_of_the_rules(seed: int) -> None:
    dice = Random(seed)  # noqa: S311
    recognised = 0
    for _ in range(400):
        world, asked = random_world(dice), random_inquiry(dice)
        decision = decide(asked, world, entries_of(DE_TRADER))
        reasons, benefits, entry = read_rules(world, asked)
        assert decision.reasons == tuple(sorted(reasons))
        assert sum(1 << benefit for benefit in decision.benefits) == benefits
        assert (decision.standing.entry if decision.standing else None) == entry
        assert decision.recognised == (entry is not None) == (not decision.reasons)
        recognised += decision.recognised
    assert recognised > 15


@pytest.mark.parametrize("seed", range(8))
def test_what_is_decided_for_a_past_time_is_what_was_true_then(seed: int) -> None:
    dice = Random(seed)  # noqa: S311
    decided = unknown = recognised = 0
    for _ in range(400):
        world = random_world(dice)
        for entry, old in world.records.items():
            starts = dice.choice((THEN - 50, THEN - 50, THEN + 1))
            world.records[entry] = replace(old, valid_from=starts, since=THEN - 50, recorded_at=THEN - 50)
        for lanes in world.lanes.values():
            lanes[:] = [
                replace(
                    x,
                    in_force_from=dice.choice((THEN - 9, THEN - 9, THEN - 9, 0)),
                    until=dice.choice((*[x.until] * 5, THEN - 3, THEN + 5)),
                )
                for x in lanes
            ]
        for place, word in world.withholdings.items():
            world.withholdings[place] = replace(word, changed_at=THEN - 9)
        truth = grow_old(world, dice)
        asked = replace(random_inquiry(dice), time=THEN)
        was = decide(asked, truth, entries_of(DE_TRADER))
        try:
            found = decide(asked, world, entries_of(DE_TRADER))
        except HistoryNeeded:
            unknown += 1
            continue
        decided += 1
        recognised += found.recognised
        assert found.recognised == was.recognised
        assert found.benefits == was.benefits
        assert (found.standing and found.standing.entry) == (was.standing and was.standing.entry)
        assert found.recognised or found.reasons
        if found.registers == was.registers:  # a register that is kept only since is searched too
            assert set(found.reasons) - {Reason.NO_CERTIFICATE, Reason.NO_ARRANGEMENT} <= set(was.reasons)
    assert decided > 50
    assert unknown > 50
    assert recognised > 2
