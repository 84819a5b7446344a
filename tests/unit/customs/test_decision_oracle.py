"""The decision against a second reading of its rules in random worlds, and past times against what was true then."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import pytest

from aeo_ledger.customs.arrangement import Lane, Register, Withholding
from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.inquiry import Inquiry
from aeo_ledger.customs.party import DAY_S, Membership
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import Direction, LaneState, PartyState, Reason, RegisterMode, Role, Status
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.protocol.entries import entries_of
from support.sealed_world import (
    BY,
    CN,
    DE,
    DE_TRADER,
    EAEU,
    EU,
    KZ,
    NOW,
    PL,
    UNIONS_OF,
    World,
    entry_of,
    inquire,
    lane,
    members_of,
    party,
    record,
)  # fmt: skip

PARTIES = (EU, EAEU, BY, CN, DE, PL, KZ)
TODAY = NOW // DAY_S
"""A day that has begun; the next one has not."""


def random_world(dice: Random) -> World:
    """Few parties, few types, everything often wrong: most questions reach deep."""

    def often(right: object, *wrong: object, chance: float = 0.87) -> object:
        return right if dice.random() < chance else dice.choice(wrong)

    def bits(width: int) -> int:
        return dice.randrange(1, 1 << width)

    world = World(registers={})
    for n in PARTIES:
        unions = often(UNIONS_OF.get(n, ()), (EU, EAEU), (EAEU, 0, EU), ())
        places = members_of(*(Membership(union=u, leaves=often(0, TODAY, TODAY + 1, TODAY - 9)) for u in unions))  # type: ignore[attr-defined]
        state = often(PartyState.ACTIVE, PartyState.EXPELLED, PartyState.SUSPENDED, chance=0.95)
        keeps = n in {EU, DE} or dice.random() < 0.5
        world.parties[n] = party(
            n,
            memberships=places,
            state=state,
            suspended_until=NOW + 5,
            keeps_register=keeps,
            opened=dice.random() < 0.5,
        )
        if dice.random() < 0.85:
            world.registers[n] = Register(mode=RegisterMode.OPEN, types=bits(3))
    for r, q in product((EU, EAEU, PL), (EU, DE, EAEU)):
        if dice.random() < 0.5:
            continue
        world.lanes[r, q] = [
            lane(
                state=often(LaneState.OPEN, LaneState.SUSPENDED),
                types=often(0b111, 1, 2, 6),
                roles=often(1 << Role.EXPORTER, 1),
                directions=often(0b111, 0b110),
                benefits=bits(8),
                in_force_from=often(NOW - 5, NOW, 0, NOW + 1),
                until=often(0, NOW, NOW + 1),
            )
            for _ in range(dice.choice((0, 1, 1, 2)))
        ]
    for q, t in product((EU, DE, EAEU), range(3)):
        entry = entry_of(DE_TRADER, q, t)
        if dice.random() < 0.7:
            world.records[entry] = record(
                int(often(DE, q, BY)),  # type: ignore[call-overload]
                status=often(Status.ACTIVE, *list(Status)[2:]),
                valid_from=often(NOW, NOW + 1),
                since=NOW - 5,
                valid_until=often(0, NOW, NOW + 1),
                roles=often(1 << Role.EXPORTER, 1),
            )
        for r in (EU, EAEU, PL):
            if dice.random() < 0.15:
                withheld = dice.random() < 0.7
                serial = dice.choice((1, 3)) if withheld else 2
                world.withholdings[r, entry] = Withholding(withheld=withheld, changed_at=NOW, serial=serial)
    return world


def random_inquiry(dice: Random) -> Inquiry:
    return inquire(
        DE_TRADER,
        PL,
        party=dice.choice((DE, DE, DE, EU, BY, None)),
        register_named=dice.random() < 0.2,
        types=dice.choice((None, None, None, {DE: 1, EU: 0}, dict.fromkeys(PARTIES, 2))),
    )


def read_rules(world: World, asked: Inquiry) -> tuple[set[Reason], int, bytes | None]:
    """Read the rules once more: all reasons of a no, or benefits and entry of a yes."""
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


THEN = NOW - 100


def grow_old(world: World, dice: Random) -> World:
    """Alter facts after `THEN` as the ledger would, and return the world as it *was* then, as known now."""
    truth = World(
        parties=dict(world.parties),
        registers=dict(world.registers),
        lanes={pair: list(lanes) for pair, lanes in world.lanes.items()},
        withholdings=dict(world.withholdings),
        records=dict(world.records),
    )
    for entry, old in world.records.items():
        if dice.random() < 0.6:
            continue
        changed = {"sequence": old.sequence + 1, "recorded_at": NOW - 10}
        if dice.random() < 0.3:
            world.records[entry] = replace(old, roles=1 << Role.EXPORTER, valid_until=0, **changed)
            continue
        since = max(old.since, dice.choice((THEN - 1, THEN, THEN + 1)))
        new = replace(old, status=dice.choice(list(Status)[1:]), since=since, **changed)
        world.records[entry] = new
        if since <= THEN:
            truth.records[entry] = replace(new, sequence=1)
    _alter_lanes(world, dice)
    _alter_parties(world, dice)
    _alter_withholdings(world, dice)
    return truth


def _alter_lanes(world: World, dice: Random) -> None:
    """Suspend, end or widen lanes; of one that has ended, let another arrangement take it, dated back."""
    for lanes in world.lanes.values():
        for place, old in enumerate(lanes):
            if dice.random() < 0.25:
                altered: dict[str, Any] = {"state": dice.choice(list(LaneState)), "until": dice.choice((0, NOW))}
                if 0 < old.until <= NOW - 10:
                    altered = {"generation": 1, "until": 0, "in_force_from": THEN - 9, "state": LaneState.OPEN}
                lanes[place] = replace(old, types=0b111, **altered, changed_at=NOW - 10, changes=1)


def _alter_parties(world: World, dice: Random) -> None:
    """Let parties join unions, be expelled, be given a register or lose one."""
    for number, old in world.parties.items():
        if dice.random() < 0.1:
            altered: dict[str, Any] = dice.choice(
                (
                    {"memberships": members_of(EU, EAEU)},
                    {"state": PartyState.EXPELLED},
                    {"keeps_register": True},
                    {"keeps_register": False, "opened": True},
                )
            )
            world.parties[number] = replace(old, **altered, changed_at=NOW - 10, changes=1)


def _alter_withholdings(world: World, dice: Random) -> None:
    """Withhold benefits for the first time, grant them again, withhold them again."""
    for place, was in list(world.withholdings.items()):
        if dice.random() < 0.3:
            altered = replace(was, withheld=not was.withheld, changed_at=NOW - 10, serial=was.serial + 1)
            world.withholdings[place] = altered
    for owner, register in world.lanes:
        place = owner, entry_of(DE_TRADER, register, dice.randrange(3))
        if place not in world.withholdings and dice.random() < 0.2:
            world.withholdings[place] = Withholding(withheld=True, changed_at=NOW - 10, serial=1)


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
