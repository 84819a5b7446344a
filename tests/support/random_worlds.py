"""Random worlds of facts and questions about them: small, and biased so that most questions reach deep."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

from aeo_ledger.customs.arrangement import Register, Withholding
from aeo_ledger.customs.inquiry import Inquiry
from aeo_ledger.customs.party import DAY_S, Membership
from aeo_ledger.customs.vocabulary import LaneState, PartyState, RegisterMode, Role, Status
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
    CustomsFacts,
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


def random_world(dice: Random) -> CustomsFacts:
    """Make a world with few parties and types and many faults, so that most questions need many rules."""

    def often(right: Any, *wrong: Any, chance: float = 0.87) -> Any:
        return right if dice.random() < chance else dice.choice(wrong)

    def bits(width: int) -> int:
        return dice.randrange(1, 1 << width)

    world = CustomsFacts(registers={})
    for n in PARTIES:
        unions = often(UNIONS_OF.get(n, ()), (EU, EAEU), (EAEU, 0, EU), ())
        places = members_of(*(Membership(union=u, leaves=often(0, TODAY, TODAY + 1, TODAY - 9)) for u in unions))
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
                int(often(DE, q, BY)),
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


THEN = NOW - 100


def grow_old(world: CustomsFacts, dice: Random) -> CustomsFacts:
    """Alter facts after `THEN` as the ledger would, and return the world as it *was* then, as known now."""
    truth = CustomsFacts(
        parties=dict(world.parties),
        registers=dict(world.registers),
        lanes={pair: list(lanes) for pair, lanes in world.lanes.items()},
        withholdings=dict(world.withholdings),
        records=dict(world.records),
    )
    for entry, old in world.records.items():
        if dice.random() < 0.6:
            continue
        changed: dict[str, Any] = {"sequence": old.sequence + 1, "recorded_at": NOW - 10}
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


def _alter_lanes(world: CustomsFacts, dice: Random) -> None:
    """Suspend, end or widen lanes. Let another arrangement reuse an ended lane, dated back."""
    for lanes in world.lanes.values():
        for place, old in enumerate(lanes):
            if dice.random() < 0.25:
                altered: dict[str, Any] = {"state": dice.choice(list(LaneState)), "until": dice.choice((0, NOW))}
                if 0 < old.until <= NOW - 10:
                    altered = {"generation": 1, "until": 0, "in_force_from": THEN - 9, "state": LaneState.OPEN}
                lanes[place] = replace(old, types=0b111, **altered, changed_at=NOW - 10, changes=1)


def _alter_parties(world: CustomsFacts, dice: Random) -> None:
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


def _alter_withholdings(world: CustomsFacts, dice: Random) -> None:
    """Withhold benefits for the first time, grant them again, withhold them again."""
    for place, was in list(world.withholdings.items()):
        if dice.random() < 0.3:
            altered = replace(was, withheld=not was.withheld, changed_at=NOW - 10, serial=was.serial + 1)
            world.withholdings[place] = altered
    for owner, register in world.lanes:
        place = owner, entry_of(DE_TRADER, register, dice.randrange(3))
        if place not in world.withholdings and dice.random() < 0.2:
            world.withholdings[place] = Withholding(withheld=True, changed_at=NOW - 10, serial=1)
